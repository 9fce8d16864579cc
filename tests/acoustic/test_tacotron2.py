"""Tacotron 2: the size of the paper, where an utterance ends, the seed, the losses, the config."""

import dataclasses
import math
from collections.abc import Sequence

import pytest
import torch
from torch.nn import functional

from tts.acoustic.base import AcousticBatch, AcousticOutput
from tts.acoustic.tacotron2 import DecoderOutput, Tacotron2, Tacotron2Config
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
N_TOKENS = 6
REST = 2  # steps: half a second of 8 frames a second is 4 frames, 2 steps
PACE = 1.5  # steps a token
LIMIT = math.ceil(2 * PACE * N_TOKENS) + 2 * REST


@pytest.fixture
def model() -> Tacotron2:
    torch.manual_seed(0)
    model = Tacotron2(TINY, MEL, 11).eval()
    model.calibrate([(N_TOKENS, int(N_TOKENS * PACE * TINY.reduction))])
    assert model.steps_per_token.item() == PACE
    return model


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


# -- where an utterance ends -------------------------------------------------------------------------


def script(
    monkeypatch: pytest.MonkeyPatch,
    model: Tacotron2,
    places: Sequence[Sequence[int]],
    stop: Sequence[Sequence[int]],
    batch_tokens: int = N_TOKENS,
) -> list[int]:
    """Has the decoder attend to `places[item][step]` and raise its flag in the steps `stop[item]`.

    The last place is kept. Returns the steps taken, filled as it goes.
    """
    taken: list[int] = []

    def step(state, memory, kept):
        t = len(taken)
        taken.append(t)
        weights = torch.zeros(len(places), 1, batch_tokens)
        for item, path in enumerate(places):
            weights[item, 0, path[min(t, len(path) - 1)]] = 1.0
        flags = torch.tensor([[4.0 if t in steps else -4.0] for steps in stop])
        mel = torch.full((len(places), TINY.reduction, MEL.n_mels), float(t))
        return DecoderOutput(mel, flags, weights), state

    monkeypatch.setattr(model.decoder, "step", step)
    return taken


def speak(model: Tacotron2, lengths: Sequence[int] = (N_TOKENS,), **options) -> AcousticOutput:
    tokens = torch.arange(max(lengths)).expand(len(lengths), -1)
    return model.infer(tokens, torch.tensor(lengths), **options)


ALWAYS = range(1000)
END = N_TOKENS - 2  # the last sound or mark; then comes the end symbol

ENDS = [
    # attention,                 stop flag in steps, length in steps, finished
    ("stop without attention at the end does not stop", [0], ALWAYS, LIMIT, False),
    ("one token before the end is not the end", [END - 1], ALWAYS, LIMIT, False),
    ("stop at the last sound stops at once", [0, 1, 2, END], ALWAYS, 4, True),
    ("stop at the end symbol stops at once", [0, 1, 2, END + 1], ALWAYS, 4, True),
    ("stop before the end counts for nothing", [0, 1, 2, END], [0, 1, 2], 3 + REST + 1, True),
    ("stop comes while resting", [0, 1, END], [3], 4, True),
    ("resting at the end stops", [0, 2, END], [], 2 + REST + 1, True),
    ("resting from the last sound to the symbol", [0, END, END + 1], [], 1 + REST + 1, True),
    ("resting elsewhere does not stop", [0, 1, 2], [], LIMIT, False),
    ("a glance at the end is no rest", [0, END, 1, 1, 1, 1, END], [], 6 + REST + 1, True),
    ("a glance at the end is enough for the flag", [0, END, 1], [2], 3, True),
    ("ends at the very limit", [0] * (LIMIT - 1) + [END], [LIMIT - 1], LIMIT, True),
]


@pytest.mark.parametrize(("places", "stop", "n_steps", "finished"), [e[1:] for e in ENDS],
                         ids=[e[0] for e in ENDS])  # fmt: skip
def test_where_it_ends(monkeypatch, model, places, stop, n_steps, finished):
    taken = script(monkeypatch, model, [places], [stop])
    output = speak(model)
    assert output.finished.tolist() == [finished]
    assert output.lengths.tolist() == [n_steps * TINY.reduction]
    assert len(taken) == n_steps
    assert output.mel.shape == (1, MEL.n_mels, n_steps * TINY.reduction)
    expected = [places[min(t, len(places) - 1)] for t in range(n_steps)]
    assert output.alignment[0].argmax(dim=-1).tolist() == expected
    assert output.frames_per_step == TINY.reduction


def test_a_batch_goes_on_until_every_item_has_ended(monkeypatch, model):
    places = [[0, 1, 2, 3, 4], [0, 1], [0, 1, 2, 3]]
    taken = script(monkeypatch, model, places, [ALWAYS, ALWAYS, []])
    output = speak(model, (6, 3, 5))
    assert output.finished.tolist() == [True, True, True]
    assert output.lengths.tolist() == [5 * 2, 2 * 2, (3 + REST + 1) * 2]
    assert len(taken) == 3 + REST + 1
    for item, length in enumerate(output.lengths.tolist()):
        assert (output.mel[item, :, length:] == MEL.silence).all()
        assert (output.mel[item, :, :length] != MEL.silence).all()


def test_one_that_never_ends_does_not_spoil_the_others(monkeypatch, model):
    script(monkeypatch, model, [[0], [0, 1, END]], [ALWAYS, ALWAYS])
    output = speak(model, (N_TOKENS, N_TOKENS))
    assert output.finished.tolist() == [False, True]
    assert output.lengths.tolist() == [LIMIT * 2, 3 * 2]


@pytest.mark.parametrize("n_tokens", [1, 2])
def test_texts_of_hardly_any_tokens_end(monkeypatch, model, n_tokens):
    script(monkeypatch, model, [[0]], [[1]], batch_tokens=n_tokens)
    output = speak(model, (n_tokens,))
    assert (output.finished.tolist(), output.lengths.tolist()) == ([True], [4])


def test_the_limit_of_an_item_is_its_own(monkeypatch, model):
    script(monkeypatch, model, [[0], [0]], [[], []])
    together = speak(model, (N_TOKENS, 3))
    script(monkeypatch, model, [[0]], [[]], batch_tokens=3)
    assert together.lengths[1] == speak(model, (3,)).lengths[0]


def test_what_failed_is_cut_at_any_speed(monkeypatch, model):
    script(monkeypatch, model, [[0]], [[]])
    output = speak(model, speed=0.5)
    assert output.finished.tolist() == [False]
    assert output.lengths.tolist() == [2 * LIMIT * TINY.reduction]


# -- the seed ----------------------------------------------------------------------------------------


def test_the_seed_varies_what_is_spoken(model):
    first, other = speak(model, seed=1), speak(model, seed=2)
    assert torch.equal(speak(model, seed=1).mel, first.mel)
    assert not torch.equal(first.mel[..., :2], other.mel[..., :2])
    model.decoder.prenet.dropout = 0.0
    assert torch.equal(speak(model, seed=1).mel, speak(model, seed=2).mel)


def test_an_item_hears_the_same_draws_in_any_company(model):
    """Even where each is cut by its own limit."""
    lengths = (N_TOKENS, 4, 5)
    together = speak(model, lengths, seed=9)
    for i, length in enumerate(lengths):
        alone = speak(model, (length,), seed=9)
        n = int(alone.lengths[0])
        assert together.lengths[i] == n
        torch.testing.assert_close(together.mel[i, :, :n], alone.mel[0])


def test_teacher_forced_hears_the_draws_of_seed_0(model, monkeypatch):
    """What a vocoder is trained on is what it will hear."""
    batch = batch_of([9, 6], [5, 3])
    seeds: list[int] = []
    draw = model.decoder.prenet.draw

    def record(n_steps, seed, device):
        seeds.append(seed)
        return draw(n_steps, seed, device)

    monkeypatch.setattr(model.decoder.prenet, "draw", record)
    assert torch.equal(model.teacher_forced(batch).mel, model.teacher_forced(batch).mel)
    assert seeds == [0, 0]


def test_infer_is_not_for_a_model_in_training_mode(model):
    model.train()
    with pytest.raises(AssertionError, match="eval"):
        speak(model)


def test_free_running_equals_the_parallel_pass_over_its_own_frames(model, monkeypatch):
    made: list[DecoderOutput] = []
    step = model.decoder.step

    def record(*arguments):
        output, state = step(*arguments)
        made.append(output)
        return output, state

    monkeypatch.setattr(model.decoder, "step", record)
    tokens, lengths = torch.randint(0, 11, (2, 5)), torch.tensor([5, 3])
    output = model.infer(tokens, lengths, seed=4)
    with torch.no_grad():
        last = torch.stack([o.mel[:, -1] for o in made], dim=1)
        kept = model.decoder.prenet.draw(len(made), 4, torch.device("cpu"))
        before = functional.pad(last, (0, 0, 1, 0))[:, :-1]
        whole = model.decoder(before, model.encode(tokens, lengths), kept)
        valid = torch.arange(output.mel.shape[2]) < output.lengths[:, None]
        mel = model.postnet(whole.mel, valid)
    close = {"rtol": 1e-5, "atol": 5e-6}
    torch.testing.assert_close(torch.cat([o.mel for o in made], dim=1), whole.mel, **close)
    torch.testing.assert_close(torch.cat([o.stop for o in made], dim=1), whole.stop, **close)
    torch.testing.assert_close(output.alignment, whole.alignment, **close)
    for i, length in enumerate(output.lengths):
        torch.testing.assert_close(output.mel[i, :, :length], mel[i, :length].T, **close)


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


def test_the_voice_joins_every_token():
    torch.manual_seed(0)
    config = dataclasses.replace(TINY, n_speakers=3, speaker_dim=2)
    model = Tacotron2(config, MEL, 11).eval()
    memory = model.encode(torch.zeros(2, 4).long(), torch.tensor([4, 4]), torch.tensor([2, 0]))
    assert memory.values.shape == (2, 4, 2 * TINY.encoder_lstm_dim + 2)
    for item, speaker in enumerate((2, 0)):
        expected = model.speakers.weight[speaker].expand(4, -1)
        assert torch.equal(memory.values[item, :, -2:], expected)


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
