"""Tacotron: the size of the paper, its layers, the losses, the config. See also test_decoder.py."""

import dataclasses
import math
from collections.abc import Sequence

import pytest
import torch
from torch.nn import functional

from tts.acoustic.base import AcousticBatch
from tts.acoustic.tacotron import Tacotron, TacotronConfig
from tts.audio.mel import MelConfig

MEL = MelConfig(sample_rate=64, n_fft=16, hop=8, n_mels=5, fmax_hz=32.0)  # 8 frames a second
TINY = TacotronConfig(
    embedding_dim=6,
    prenet_dim=7,
    prenet_out_dim=5,
    encoder_bank=3,
    encoder_dim=4,
    highway_layers=1,
    attention_dim=6,
    decoder_dim=8,
    postnet_bank=2,
    postnet_dim=4,
    postnet_projection_dim=6,
    guided_attention=0.7,
    guided_width=0.2,
)
CPU = torch.device("cpu")


@pytest.fixture
def model() -> Tacotron:
    torch.manual_seed(0)
    return Tacotron(TINY, MEL, 11).eval()


def batch_of(lengths: Sequence[int], token_lengths: Sequence[int]) -> AcousticBatch:
    torch.manual_seed(2)
    return AcousticBatch(
        tokens=torch.randint(0, 11, (len(lengths), max(token_lengths))),
        token_lengths=torch.tensor(token_lengths),
        mel=torch.randn(len(lengths), MEL.n_mels, max(lengths)),
        mel_lengths=torch.tensor(lengths),
        linear=torch.randn(len(lengths), MEL.n_bins, max(lengths)),
    )


def test_the_defaults_are_the_sizes_of_the_paper():
    """Table 1 written out: weights of convolutions with their norms, highway layers, GRUs with two biases."""

    def cbhg(in_dim: int, bank: int, projections: tuple[int, int]) -> int:
        first, second = projections
        convs = sum(in_dim * 128 * k + 2 * 128 for k in range(1, bank + 1))
        convs += 3 * bank * 128 * first + 2 * first + 3 * first * second + 2 * second
        fit = 0 if second == 128 else second * 128
        return convs + fit + 4 * 2 * (128 * 128 + 128) + 2 * gru(128, 128)

    def gru(in_dim: int, dim: int) -> int:
        return 3 * dim * (in_dim + dim + 2)

    with torch.device("meta"):
        model = Tacotron(TacotronConfig(), MelConfig(), 148)
    prenet = 256 * 256 + 256 + 256 * 128 + 128
    frame_prenet = 80 * 256 + 256 + 256 * 128 + 128
    attention = gru(128 + 256, 256) + 256 * 256 + 256 * 256 + 256 + 256
    decoder = frame_prenet + attention + 512 * 256 + 256 + 2 * gru(256, 256)
    decoder += 256 * 2 * 80 + 2 * 80 + 256 + 1
    expected = {
        "encoder": 148 * 256 + prenet + cbhg(128, 16, (128, 128)),
        "decoder": decoder,
        "postnet": cbhg(80, 8, (256, 80)) + 256 * 513 + 513,
    }
    for name, n_weights in expected.items():
        assert sum(p.numel() for p in getattr(model, name).parameters()) == n_weights, name
    assert sum(p.numel() for p in model.parameters()) == sum(expected.values())


# -- the network -------------------------------------------------------------------------------------


def test_the_encoder_equals_each_text_alone(model):
    tokens, lengths = torch.randint(0, 11, (3, 7)), torch.tensor([4, 7, 1])
    out = model.encoder(tokens, lengths)
    for i, length in enumerate(lengths.tolist()):
        expected = model.encoder(tokens[i : i + 1, :length], lengths[i : i + 1])
        torch.testing.assert_close(out[i, :length], expected[0])
        assert not out[i, length:].any()


def test_the_decoder_equals_the_cells_of_the_paper(model):
    """Section 3.3 in loops: attention GRU, attention, GRUs with residual paths, r frames a step."""
    memory = model.encode(torch.randint(0, 11, (1, 4)), torch.tensor([4]))
    frames, decoder = torch.randn(1, 5, MEL.n_mels), model.decoder
    kept = decoder.prenet.draw(5, 0, CPU)
    output = decoder(frames, memory, kept)
    asked, context = torch.zeros(1, 6), torch.zeros(1, 8)
    states = [torch.zeros(1, 8), torch.zeros(1, 8)]
    for t in range(5):
        x = decoder.prenet(frames[:, t : t + 1], kept[t : t + 1])[:, 0]
        asked = decoder.attention_gru(torch.cat([x, context], dim=1), asked)
        context, weights = decoder.attention(asked, memory.keys, memory.values, memory.mask)
        y = decoder.enter(torch.cat([asked, context], dim=1))
        for i, layer in enumerate(decoder.layers):
            cell = torch.nn.GRUCell(8, 8)
            own = {name.removesuffix("_l0"): value for name, value in layer.state_dict().items()}
            cell.load_state_dict(own)
            states[i] = cell(y, states[i])
            y = y + states[i]
        said = decoder.mel(y).view(TINY.reduction, MEL.n_mels)
        close = {"rtol": 1e-4, "atol": 1e-5}
        torch.testing.assert_close(output.mel[0, 2 * t : 2 * t + 2], said, **close)
        torch.testing.assert_close(output.stop[0, t], decoder.stop(y)[0, 0], **close)
        torch.testing.assert_close(output.alignment[:, t], weights, **close)


def test_in_training_padding_moves_no_statistic():
    states = []
    for extra in (0, 6):
        torch.manual_seed(0)
        config = dataclasses.replace(TINY, prenet_dropout=0.0)
        model, batch = Tacotron(config, MEL, 11).train(), batch_of([9, 6], [5, 3])
        padded = dataclasses.replace(
            batch,
            tokens=functional.pad(batch.tokens, (0, extra), value=7),
            mel=functional.pad(batch.mel, (0, extra), value=5.0),
            linear=functional.pad(batch.linear, (0, extra), value=5.0),
        )
        model.loss(padded)
        states.append(model.state_dict())
    moved = [name for name in states[0] if "running" in name]
    assert len(moved) == 2 * (TINY.encoder_bank + 2 + TINY.postnet_bank + 2)
    for name in moved:
        torch.testing.assert_close(states[0][name], states[1][name], msg=name)


def test_dropout_in_training_is_that_of_the_pre_nets():
    for dropout, random in ((0.0, False), (0.5, True)):
        torch.manual_seed(0)
        model = Tacotron(dataclasses.replace(TINY, prenet_dropout=dropout), MEL, 11).train()
        batch = batch_of([9, 6], [5, 3])
        assert torch.equal(model.loss(batch)["mel"], model.loss(batch)["mel"]) != random


def test_mixed_precision_keeps_the_recurrence_and_the_losses_in_float32(model):
    batch = batch_of([9, 6], [5, 3])
    exact = model.loss(batch)
    with torch.autocast("cpu", torch.bfloat16):
        parts = model.loss(batch)
        forced = model.teacher_forced(batch)
    parts["loss"].backward()
    for name, value in parts.items():
        assert value.dtype == torch.float32, name
        assert value.item() == pytest.approx(exact[name].item(), rel=0.05), name
    for name in ("mel", "linear", "alignment"):
        assert getattr(forced, name).dtype == torch.float32, name
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())


# -- losses ------------------------------------------------------------------------------------------


def test_losses_follow_their_definitions(model):
    """Each part again with loops over items, steps and tokens."""
    lengths, token_lengths = [9, 6], [5, 3]
    batch = batch_of(lengths, token_lengths)
    with torch.no_grad():
        parts = model.loss(batch)
        frames = functional.pad(batch.mel, (0, 1), value=MEL.silence).transpose(1, 2)
        before = functional.pad(frames[:, 1::2], (0, 0, 1, 0))[:, :-1]  # the last of each 2 frames
        kept = model.decoder.prenet.draw(5, 0, CPU)
        decoded = model.decoder(before, model.encode(batch.tokens, batch.token_lengths), kept)
    forced = model.teacher_forced(batch)
    errors: dict[str, list[torch.Tensor]] = {"mel": [], "linear": []}
    stop, spread = [], []
    for i in range(2):
        n_steps = math.ceil(lengths[i] / 2)
        for t in range(lengths[i]):
            errors["mel"].append((forced.mel[i, :, t] - batch.mel[i, :, t]).abs())
            errors["linear"].append((forced.linear[i, :, t] - batch.linear[i, :, t]).abs())
        for t in range(n_steps):
            sign = 1 if t == n_steps - 1 else -1
            stop.append(math.log1p(math.exp(-sign * decoded.stop[i, t].item())))
            place = [n / token_lengths[i] - t / n_steps for n in range(token_lengths[i])]
            far = [1 - math.exp(-(d**2) / 2 / 0.2**2) for d in place]
            weights = decoded.alignment[i, t].tolist()
            spread.append(sum(w * f for w, f in zip(weights, far, strict=False)))
    expected = {name: torch.stack(values).mean().item() for name, values in errors.items()}
    expected |= {"stop": sum(stop) / len(stop), "attention": sum(spread) / len(spread)}
    assert parts.keys() == {"loss", *expected}
    for name, value in expected.items():
        assert parts[name].item() == pytest.approx(value, rel=1e-4), name
    total = sum(expected.values()) - 0.3 * expected["attention"]  # whose weight is 0.7
    assert parts["loss"].item() == pytest.approx(total, rel=1e-4)


def test_the_linear_spectrogram_has_to_be_there(model):
    assert model.predicts_linear
    with pytest.raises(AssertionError, match="predicts_linear"):
        model.loss(dataclasses.replace(batch_of([6], [4]), linear=None))


# -- config ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"encoder_bank": 0}, "encoder_bank must be positive"),
        ({"reduction": 0}, "reduction must be positive"),
        ({"n_speakers": 0}, "n_speakers must be positive"),
        ({"prenet_out_dim": 8}, "prenet_out_dim must not exceed prenet_dim"),
        ({"prenet_dropout": 1.0}, "prenet_dropout must be from 0 to below 1"),
        ({"guided_attention": -1.0}, "guided_attention must not be negative"),
        ({"guided_width": 0.0}, "guided_width must be positive"),
    ],
)
def test_unfit_configs_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(TINY, **changes)
