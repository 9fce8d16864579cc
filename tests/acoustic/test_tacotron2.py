"""Tacotron 2: the size of the paper, its layers, the losses, the config. See also test_decoder.py."""

import dataclasses
import math
from collections.abc import Sequence

import pytest
import torch
from torch.nn import functional

from tts.acoustic.base import AcousticBatch
from tts.acoustic.tacotron2 import Tacotron2, Tacotron2Config
from tts.audio.mel import MelConfig

MEL = MelConfig(sample_rate=64, n_fft=16, hop=8, n_mels=5, fmax_hz=32.0)  # 8 frames a second
TINY = Tacotron2Config(
    embedding_dim=6,
    encoder_layers=1,
    encoder_kernel=3,
    encoder_lstm_dim=4,
    attention_dim=5,
    attention_filters=3,
    attention_kernel=3,
    prenet_dim=6,
    decoder_dim=7,
    postnet_dim=6,
    postnet_layers=2,
    postnet_kernel=3,
    reduction=2,
    guided_attention=0.7,
    guided_width=0.2,
)


@pytest.fixture
def model() -> Tacotron2:
    torch.manual_seed(0)
    return Tacotron2(TINY, MEL, 11).eval()


def batch_of(lengths: Sequence[int], token_lengths: Sequence[int]) -> AcousticBatch:
    torch.manual_seed(2)
    return AcousticBatch(
        tokens=torch.randint(0, 11, (len(lengths), max(token_lengths))),
        token_lengths=torch.tensor(token_lengths),
        mel=torch.randn(len(lengths), MEL.n_mels, max(lengths)),
        mel_lengths=torch.tensor(lengths),
    )


# -- the size of the paper ---------------------------------------------------------------------------


def test_the_defaults_are_a_model_of_28_million_weights():
    """As the implementations of the paper have: 28.2 million with 148 characters."""
    with torch.device("meta"):
        model = Tacotron2(Tacotron2Config(), MelConfig(), 148)
    n_weights = {name: sum(p.numel() for p in part.parameters()) for name, part in
                 [("all", model), ("encoder", model.encoder), ("postnet", model.postnet)]}  # fmt: skip
    # 3 convolutions of 512 x 512 x 5 and their norms; an LSTM of 256 units each way with two biases.
    encoder = 148 * 512 + 3 * (512 * 512 * 5 + 2 * 512) + 2 * 4 * 256 * (512 + 256 + 2)
    postnet = 2 * 80 * 512 * 5 + 3 * 512 * 512 * 5 + 2 * (4 * 512 + 80)
    assert n_weights["encoder"] == encoder
    assert n_weights["postnet"] == postnet
    assert n_weights["all"] == pytest.approx(28.2e6, rel=0.005)


# -- the network -------------------------------------------------------------------------------------


def test_the_encoder_equals_each_text_alone(model):
    tokens, lengths = torch.randint(0, 11, (3, 7)), torch.tensor([4, 7, 1])
    mask = torch.arange(7) < lengths[:, None]
    out = model.encoder(tokens, lengths, mask)
    for i, length in enumerate(lengths.tolist()):
        own = tokens[i : i + 1, :length]
        expected = model.encoder(own, lengths[i : i + 1], mask[i : i + 1, :length])
        torch.testing.assert_close(out[i, :length], expected[0])
        assert not out[i, length:].any()


def test_in_training_padding_moves_no_statistic():
    """The running mean and variance of every norm, whatever the padding."""
    states = []
    for extra in (0, 6):
        torch.manual_seed(0)
        config = dataclasses.replace(TINY, dropout=0.0, prenet_dropout=0.0, zoneout=0.0)
        model, batch = Tacotron2(config, MEL, 11).train(), batch_of([9, 6], [5, 3])
        padded = dataclasses.replace(
            batch,
            tokens=functional.pad(batch.tokens, (0, extra), value=7),
            mel=functional.pad(batch.mel, (0, extra), value=5.0),
        )
        model.loss(padded)
        states.append(model.state_dict())
    moved = [name for name in states[0] if "running" in name]
    assert len(moved) == 2 * (TINY.encoder_layers + TINY.postnet_layers)
    for name in moved:
        torch.testing.assert_close(states[0][name], states[1][name], msg=name)


@pytest.mark.parametrize("attention", ["location", "dynamic_convolution"])
def test_mixed_precision_keeps_the_recurrence_and_the_losses_in_float32(attention):
    torch.manual_seed(0)
    model = Tacotron2(dataclasses.replace(TINY, attention=attention), MEL, 11).eval()
    batch = batch_of([9, 6], [5, 3])
    exact = model.loss(batch)
    with torch.autocast("cpu", torch.bfloat16):
        parts = model.loss(batch)
        forced = model.teacher_forced(batch)
    parts["loss"].backward()
    for name, value in parts.items():
        assert value.dtype == torch.float32, name
        assert value.item() == pytest.approx(exact[name].item(), rel=0.05), name
    assert forced.mel.dtype == forced.alignment.dtype == torch.float32
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())


@pytest.mark.parametrize("part", ["dropout", "prenet_dropout", "zoneout"])
def test_what_is_random_in_training(part):
    """Each on its own; with all of them at zero nothing is."""
    still = dataclasses.replace(TINY, dropout=0.0, prenet_dropout=0.0, zoneout=0.0)
    for config, random in ((still, False), (dataclasses.replace(still, **{part: 0.5}), True)):
        torch.manual_seed(0)
        model, batch = Tacotron2(config, MEL, 11).train(), batch_of([9, 6], [5, 3])
        assert torch.equal(model.loss(batch)["mel"], model.loss(batch)["mel"]) != random


# -- losses ------------------------------------------------------------------------------------------


def test_losses_follow_their_definitions(model):
    """Each part again with loops over items, steps and tokens."""
    r, lengths, token_lengths = TINY.reduction, [9, 6], [5, 3]
    batch = batch_of(lengths, token_lengths)
    with torch.no_grad():
        parts = model.loss(batch)
        frames = functional.pad(batch.mel, (0, 1), value=MEL.silence).transpose(1, 2)
        before = functional.pad(frames[:, 1::2], (0, 0, 1, 0))[:, :-1]  # the last of each 2 frames
        memory = model.encode(batch.tokens, batch.token_lengths)
        kept = model.decoder.prenet.draw(5, 0, torch.device("cpu"))
        decoded = model.decoder(before, memory, kept)
    mel = model.teacher_forced(batch).mel
    errors, decoder_errors, stop, spread = [], [], [], []
    for i in range(2):
        n_steps = math.ceil(lengths[i] / r)
        for t in range(lengths[i]):
            errors.append((mel[i, :, t] - batch.mel[i, :, t]) ** 2)
            decoder_errors.append((decoded.mel[i, t] - batch.mel[i, :, t]) ** 2)
        for t in range(n_steps):
            sign = 1 if t == n_steps - 1 else -1
            stop.append(math.log1p(math.exp(-sign * decoded.stop[i, t].item())))
            place = [n / token_lengths[i] - t / n_steps for n in range(token_lengths[i])]
            far = [1 - math.exp(-(d**2) / 2 / 0.2**2) for d in place]
            weights = decoded.alignment[i, t].tolist()
            spread.append(sum(w * f for w, f in zip(weights, far, strict=False)))
    expected = {
        "mel": torch.stack(errors).mean().item(),
        "decoder_mel": torch.stack(decoder_errors).mean().item(),
        "stop": sum(stop) / len(stop),
        "attention": sum(spread) / len(spread),
    }
    assert parts.keys() == {"loss", *expected}
    for name, value in expected.items():
        assert parts[name].item() == pytest.approx(value, rel=1e-4), name
    total = sum(expected.values()) - 0.3 * expected["attention"]  # whose weight is 0.7
    assert parts["loss"].item() == pytest.approx(total, rel=1e-4)


def test_guided_attention_is_weighted(model):
    batch = batch_of([6], [4])
    parts = model.loss(batch)
    model.config = dataclasses.replace(TINY, guided_attention=2.7)
    torch.testing.assert_close(model.loss(batch)["loss"] - parts["loss"], 2 * parts["attention"])


# -- config ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"encoder_kernel": 4}, "encoder_kernel must be odd"),
        ({"attention_kernel": 30}, "attention_kernel must be odd"),
        ({"postnet_kernel": 2}, "postnet_kernel must be odd"),
        ({"reduction": 0}, "reduction must be positive"),
        ({"prior_alpha": 0.0}, "prior_alpha must be positive"),
        ({"n_speakers": 0}, "n_speakers must be positive"),
        ({"zoneout": 1.0}, "zoneout must be from 0 to below 1"),
        ({"prenet_dropout": -0.1}, "prenet_dropout must be from 0 to below 1"),
        ({"dropout": 1.5}, "dropout must be from 0 to below 1"),
        ({"guided_attention": -1.0}, "guided_attention must not be negative"),
        ({"guided_width": 0.0}, "guided_width must be positive"),
    ],
)
def test_unfit_configs_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(TINY, **changes)
