"""Deep Voice 3: where an utterance ends, the window of the attention, the losses, the config."""

import dataclasses
import math
from collections.abc import Sequence

import pytest
import torch
from torch.nn import functional

from tts.acoustic.base import AcousticBatch, AcousticOutput
from tts.acoustic.deepvoice3 import DecoderOutput, DeepVoice3, DeepVoice3Config
from tts.audio.mel import MelConfig

MEL = MelConfig(sample_rate=64, n_fft=16, hop=8, n_mels=5, fmax_hz=32.0)  # 8 frames a second
TINY = DeepVoice3Config(
    embedding_dim=8,
    encoder_dim=6,
    encoder_layers=1,
    prenet_dim=6,
    decoder_dim=8,
    decoder_layers=3,
    attention_layers=(0, 2),
    attention_dim=8,
    converter_dim=6,
    converter_layers=1,
    kernel=3,
    encoder_kernel=3,
    reduction=2,
    guided_attention=0.7,
    guided_width=0.2,
    window_back=1,
    window_ahead=3,
)
N_TOKENS = 6
REST = 2  # steps: half a second of 8 frames a second is 4 frames, 2 steps
RATE = 1.5  # steps a token
LIMIT = math.ceil(2 * RATE * N_TOKENS) + 2 * REST


@pytest.fixture
def model() -> DeepVoice3:
    torch.manual_seed(0)
    model = DeepVoice3(TINY, MEL, 11).eval()
    model.calibrate([(N_TOKENS, int(N_TOKENS * RATE * TINY.reduction))])
    assert model.steps_per_token.item() == RATE
    return model


def script(
    monkeypatch: pytest.MonkeyPatch,
    model: DeepVoice3,
    places: Sequence[Sequence[int]],
    done: Sequence[Sequence[int]],
    batch_tokens: int = N_TOKENS,
) -> list[torch.Tensor]:
    """Has the decoder attend to `places[item][step]` and raise its flag in the steps `done[item]`.

    The last place is kept. Returns the windows that each step was given, filled as it goes.
    """
    windows: list[torch.Tensor] = []

    def step(state, memory, window):
        t = len(windows)
        windows.append(window)
        weights = torch.zeros(len(places), 1, batch_tokens)
        for item, path in enumerate(places):
            weights[item, 0, path[min(t, len(path) - 1)]] = 1.0
        flags = torch.tensor([[4.0 if t in steps else -4.0] for steps in done])
        mel = torch.full((len(places), TINY.reduction, MEL.n_mels), float(t))
        hidden = torch.zeros(len(places), 1, TINY.decoder_dim)
        return DecoderOutput(mel, flags, hidden, [weights, weights])

    monkeypatch.setattr(model.decoder, "step", step)
    return windows


def speak(model: DeepVoice3, lengths: Sequence[int] = (N_TOKENS,), **options) -> AcousticOutput:
    tokens = torch.arange(max(lengths)).expand(len(lengths), -1)
    return model.infer(tokens, torch.tensor(lengths), **options)


ALWAYS = range(1000)
END = N_TOKENS - 2  # the last sound or mark; then comes the end symbol

ENDS = [
    # attention,                 done flag in steps, length in steps, finished
    ("done without attention at the end does not stop", [0], ALWAYS, LIMIT, False),
    ("one token before the end is not the end", [END - 1], ALWAYS, LIMIT, False),
    ("done at the last sound stops at once", [0, 1, 2, END], ALWAYS, 4, True),
    ("done at the end symbol stops at once", [0, 1, 2, END + 1], ALWAYS, 4, True),
    ("done before the end counts for nothing", [0, 1, 2, END], [0, 1, 2], 3 + REST + 1, True),
    ("done comes while resting", [0, 1, END], [3], 4, True),
    ("done in the last step of the rest", [0, 1, END], [4], 5, True),
    ("resting at the end stops", [0, 2, END], [], 2 + REST + 1, True),
    ("resting from the last sound to the symbol", [0, END, END + 1], [], 1 + REST + 1, True),
    ("resting elsewhere does not stop", [0, 1, 2], [], LIMIT, False),
    ("looking back does not undo the end", [0, END, 1], [], 1 + REST + 1, True),
    ("looking back keeps the end for the flag", [0, END, 1], [2], 3, True),
    ("ends at the very limit", [0] * (LIMIT - 1) + [END], [LIMIT - 1], LIMIT, True),
]


@pytest.mark.parametrize(("places", "done", "n_steps", "finished"), [e[1:] for e in ENDS],
                         ids=[e[0] for e in ENDS])  # fmt: skip
def test_where_it_ends(monkeypatch, model, places, done, n_steps, finished):
    windows = script(monkeypatch, model, [places], [done])
    output = speak(model)
    assert output.finished.tolist() == [finished]
    assert output.lengths.tolist() == [n_steps * TINY.reduction]
    assert len(windows) == n_steps, "it decodes no longer than it must"
    assert output.mel.shape == (1, MEL.n_mels, n_steps * TINY.reduction)
    expected = [places[min(t, len(places) - 1)] for t in range(n_steps)]
    assert output.alignment[0].argmax(dim=-1).tolist() == expected
    assert output.frames_per_step == TINY.reduction


def test_a_batch_goes_on_until_every_item_has_ended(monkeypatch, model):
    lengths = (6, 3, 5)
    places = [[0, 1, 2, 3, 4], [0, 1], [0, 1, 2, 3]]
    windows = script(monkeypatch, model, places, [ALWAYS, ALWAYS, []])
    output = speak(model, lengths)
    assert output.finished.tolist() == [True, True, True]
    assert output.lengths.tolist() == [5 * 2, 2 * 2, (3 + REST + 1) * 2]
    assert len(windows) == 3 + REST + 1
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


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_speed_moves_the_limit(monkeypatch, model, speed):
    script(monkeypatch, model, [[0]], [[]])
    expected = math.ceil(2 * RATE / speed * N_TOKENS) + 2 * REST
    assert speak(model, speed=speed).lengths.tolist() == [expected * TINY.reduction]


def test_the_limit_of_an_item_is_its_own(monkeypatch, model):
    script(monkeypatch, model, [[0], [0]], [[], []])
    together = speak(model, (N_TOKENS, 2 + 1))
    script(monkeypatch, model, [[0]], [[]], batch_tokens=3)
    assert together.lengths[1] == speak(model, (3,)).lengths[0]


def test_infer_is_not_for_a_model_in_training_mode(model):
    """Dropout and jitter would make it random."""
    model.train()
    with pytest.raises(AssertionError, match="eval"):
        speak(model)


def test_the_window_follows_the_attention(monkeypatch, model):
    """One token back and three ahead of the furthest place so far, never into the padding."""
    windows = script(monkeypatch, model, [[0, 2, 1, 4], [0, 1, 2, 2]], [[], []], batch_tokens=9)
    speak(model, (9, 4))
    for t, place in enumerate([0, 0, 2, 2, 4]):
        assert windows[t].shape == (2, 1, 9)
        assert windows[t].dtype == torch.bool
        seen = windows[t][0, 0].nonzero().flatten().tolist()
        assert seen == list(range(max(0, place - 1), min(9, place + 4)))
    for t, place in enumerate([0, 0, 1, 2, 2]):
        seen = windows[t][1, 0].nonzero().flatten().tolist()
        assert seen == list(range(max(0, place - 1), min(4, place + 4)))


def test_free_running_equals_the_parallel_pass_over_its_own_frames(monkeypatch):
    """With a window as wide as the text, `infer` is `decoder` on the frames that it made itself."""
    torch.manual_seed(1)
    config = dataclasses.replace(TINY, window_back=99, window_ahead=99)
    model = DeepVoice3(config, MEL, 11).eval()
    model.calibrate([(5, 20)])
    made: list[DecoderOutput] = []
    step = model.decoder.step

    def record(*arguments):
        made.append(step(*arguments))
        return made[-1]

    monkeypatch.setattr(model.decoder, "step", record)
    tokens, lengths = torch.randint(0, 11, (2, 5)), torch.tensor([5, 3])
    output = model.infer(tokens, lengths)
    with torch.no_grad():
        memory = model.encode(tokens, lengths, torch.tensor([2.0, 2.0]))
        frames = torch.stack([o.mel.flatten(1) for o in made], dim=1)
        whole = model.decoder(functional.pad(frames, (0, 0, 1, 0))[:, :-1], memory)
        valid = torch.arange(output.mel.shape[2]) < output.lengths[:, None]
        mel, _ = model.converter(whole.hidden, whole.mel, valid, None)
    close = {"rtol": 1e-5, "atol": 5e-6}
    torch.testing.assert_close(torch.cat([o.mel for o in made], dim=1), whole.mel, **close)
    torch.testing.assert_close(torch.cat([o.done for o in made], dim=1), whole.done, **close)
    torch.testing.assert_close(torch.cat([o.hidden for o in made], dim=1), whole.hidden, **close)
    for i, weights in enumerate(whole.alignments):
        stepped = torch.cat([o.alignments[i] for o in made], dim=1)
        torch.testing.assert_close(stepped, weights, **close)
    torch.testing.assert_close(output.alignment, torch.stack(whole.alignments).mean(dim=0), **close)
    for i, length in enumerate(output.lengths):
        torch.testing.assert_close(output.mel[i, :, :length], mel[i, :length].T, **close)


# -- losses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("named", "limited"), [(None, [0, 1]), ((2,), [1]), ((0,), [0])])
def test_the_window_limits_the_layers_that_are_named(monkeypatch, named, limited):
    """Blocks 0 and 1 follow layers 0 and 2. The place is where the limited ones look."""
    torch.manual_seed(0)
    model = DeepVoice3(
        dataclasses.replace(TINY, windowed_layers=named, window_ahead=0), MEL, 11
    ).eval()
    memory = model.encode(torch.randint(0, 11, (1, 9)), torch.tensor([9]), torch.tensor([1.0]))
    window = model._window(torch.tensor([4]), memory.mask)
    output = model.decoder.step(model.decoder.initial_state(memory), memory, window)
    for block, weights in enumerate(output.alignments):
        seen = weights[0, 0].nonzero().flatten().tolist()
        assert seen == ([3, 4] if block in limited else list(range(9)))
    mean = sum(output.alignments[block] for block in limited)
    assert model.decoder.place(output).tolist() == [int(mean[0, 0].argmax())]


def test_the_linear_loss_follows_its_definition():
    torch.manual_seed(0)
    model = DeepVoice3(dataclasses.replace(TINY, linear=True), MEL, 11).eval()
    assert model.predicts_linear
    batch = AcousticBatch(
        tokens=torch.randint(0, 11, (2, 5)),
        token_lengths=torch.tensor([5, 3]),
        mel=torch.randn(2, MEL.n_mels, 9),
        mel_lengths=torch.tensor([9, 6]),
        linear=torch.randn(2, MEL.n_bins, 9),
    )
    parts, linear = model.loss(batch), model.teacher_forced(batch).linear
    errors = [
        (linear[i, :, :n] - batch.linear[i, :, :n]).abs().flatten() for i, n in ((0, 9), (1, 6))
    ]
    assert parts["linear"].item() == pytest.approx(torch.cat(errors).mean().item(), rel=1e-4)
    total = sum(parts[name] for name in ("mel", "decoder_mel", "done", "linear"))
    torch.testing.assert_close(parts["loss"], total + 0.7 * parts["attention"])


def test_speakers_learn_a_pace_of_their_own():
    """From the mean of the corpus to what each one's utterances say, by the loss of the pace alone."""
    torch.manual_seed(0)
    model = DeepVoice3(dataclasses.replace(TINY, n_speakers=2), MEL, 11).eval()
    model.calibrate([(5, 30)])
    assert model.rate_of(torch.tensor([0, 1]), 2).tolist() == [3.0, 3.0]
    batch = AcousticBatch(
        tokens=torch.randint(0, 11, (2, 5)),
        token_lengths=torch.tensor([5, 5]),
        mel=torch.randn(2, MEL.n_mels, 40),
        mel_lengths=torch.tensor([20, 40]),  # 2 and 4 steps a token
        speakers=torch.tensor([0, 1]),
    )
    before = model.loss(batch)["pace"]
    assert before.item() == pytest.approx((math.log(3 / 2) + math.log(4 / 3)) / 2, rel=1e-4)
    learns = [*model.speakers.parameters(), *model.speaker_pace.parameters()]
    optimizer = torch.optim.Adam(learns, lr=0.02)
    for _ in range(60):
        optimizer.zero_grad()
        rate = model.rate_of(batch.speakers, 2)
        (rate.log() - torch.tensor([2.0, 4.0]).log()).abs().mean().backward()
        optimizer.step()
    assert model.rate_of(batch.speakers, 2).tolist() == pytest.approx([2.0, 4.0], rel=0.05)


def test_the_speaker_is_heard_at_every_site():
    """Silencing any one site changes what is said: embeddings, keys, pre-net and every convolution."""
    torch.manual_seed(0)
    model = DeepVoice3(dataclasses.replace(TINY, n_speakers=2), MEL, 11).eval()
    batch = AcousticBatch(
        tokens=torch.randint(0, 11, (1, 5)),
        token_lengths=torch.tensor([5]),
        mel=torch.randn(1, MEL.n_mels, 8),
        mel_lengths=torch.tensor([8]),
        speakers=torch.tensor([1]),
    )
    sites = [name for name, part in model.named_modules() if type(part).__name__ == "SpeakerBias"]
    assert len(sites) == 2 + 1 + TINY.encoder_layers + TINY.decoder_layers + TINY.converter_layers
    said = model.teacher_forced(batch).mel
    for name in sites:
        project = model.get_submodule(name).project
        kept = project.weight.data.clone(), project.bias.data.clone()
        project.weight.data.zero_(), project.bias.data.zero_()
        assert not torch.equal(model.teacher_forced(batch).mel, said), name
        project.weight.data, project.bias.data = kept


def test_losses_follow_their_definitions(model):
    """Each part again with loops over items, steps and tokens."""
    torch.manual_seed(2)
    r, lengths, token_lengths = TINY.reduction, [9, 6], [5, 3]
    batch = AcousticBatch(
        tokens=torch.randint(0, 11, (2, 5)),
        token_lengths=torch.tensor(token_lengths),
        mel=torch.randn(2, MEL.n_mels, 9),
        mel_lengths=torch.tensor(lengths),
    )
    with torch.no_grad():
        parts = model.loss(batch)
        frames = functional.pad(batch.mel, (0, 1), value=MEL.silence).transpose(1, 2)
        before = functional.pad(frames.reshape(2, 5, -1), (0, 0, 1, 0))[:, :-1]
        rate = torch.tensor([5 / 5, 3 / 3])
        memory = model.encode(batch.tokens, batch.token_lengths, rate)
        decoded = model.decoder(before, memory)
    mel = model.teacher_forced(batch).mel
    errors, decoder_errors, done, spread = [], [], [], []
    for i in range(2):
        n_steps = math.ceil(lengths[i] / r)
        for t in range(lengths[i]):
            errors.append((mel[i, :, t] - batch.mel[i, :, t]).abs())
            decoder_errors.append((decoded.mel[i, t] - batch.mel[i, :, t]).abs())
        for t in range(n_steps):
            sign = 1 if t == n_steps - 1 else -1
            done.append(math.log1p(math.exp(-sign * decoded.done[i, t].item())))
            place = [n / token_lengths[i] - t / n_steps for n in range(token_lengths[i])]
            far = [1 - math.exp(-(d**2) / 2 / 0.2**2) for d in place]
            spread.extend(
                sum(w * f for w, f in zip(weights[i, t].tolist(), far, strict=False))
                for weights in decoded.alignments
            )
    expected = {
        "mel": torch.stack(errors).mean().item(),
        "decoder_mel": torch.stack(decoder_errors).mean().item(),
        "done": sum(done) / len(done),
        "attention": sum(spread) / len(spread),
    }
    assert parts.keys() == {"loss", *expected}
    for name, value in expected.items():
        assert parts[name].item() == pytest.approx(value, rel=1e-4), name
    total = sum(expected.values()) - 0.3 * expected["attention"]  # whose weight is 0.7
    assert parts["loss"].item() == pytest.approx(total, rel=1e-4)


def test_guided_attention_is_weighted(model):
    torch.manual_seed(3)
    batch = AcousticBatch(
        tokens=torch.randint(0, 11, (1, 4)),
        token_lengths=torch.tensor([4]),
        mel=torch.randn(1, MEL.n_mels, 6),
        mel_lengths=torch.tensor([6]),
    )
    parts = model.loss(batch)
    model.config = dataclasses.replace(TINY, guided_attention=2.7)
    weighted = model.loss(batch)
    torch.testing.assert_close(weighted["loss"] - parts["loss"], 2 * parts["attention"])


def test_dropout_acts_in_training(model):
    batch = AcousticBatch(
        tokens=torch.zeros(1, 4, dtype=torch.int64),
        token_lengths=torch.tensor([4]),
        mel=torch.ones(1, MEL.n_mels, 6),
        mel_lengths=torch.tensor([6]),
    )
    assert torch.equal(model.loss(batch)["mel"], model.loss(batch)["mel"])
    model.train()
    assert not torch.equal(model.loss(batch)["mel"], model.loss(batch)["mel"])


def test_keys_are_displaced_in_training_only():
    """By a slow wave of at most twice `position_jitter`; without jitter nothing is random."""
    tokens, lengths, rate = torch.zeros(9, 40).long(), torch.full((9,), 40), torch.full((9,), 2.0)
    positions = 2.0 * torch.arange(40.0).expand(9, -1)
    for jitter in (0.0, 1.5):
        torch.manual_seed(0)
        config = dataclasses.replace(TINY, position_jitter=jitter, dropout=0.0)
        model = DeepVoice3(config, MEL, 11).eval()
        with torch.no_grad():
            still = model.encode(tokens, lengths, rate).keys[0]
            assert torch.equal(still, model.encode(tokens, lengths, rate).keys[0])
            trained = model.train().encode(tokens, lengths, rate).keys[0]
            wave = model._displacement(positions)
        assert torch.equal(trained, still) == (jitter == 0.0)
        assert wave.shape == positions.shape
        assert wave.abs().max() <= 2 * jitter
        # Neighbours, two steps apart, move nearly together: the wave's period is 15 steps or more.
        slope = 2 * jitter * 2 * math.pi / 15
        assert wave.diff(dim=1).abs().max() <= 2 * slope + 1e-6
    assert wave.std(dim=0).min() > 0.1, "each item has a wave of its own"


def test_calibrate_measures_the_mean_rate(model):
    model.calibrate([(10, 60), (30, 100)])
    assert model.steps_per_token.item() == 160 / 2 / 40
    model.calibrate(iter([(4, 8)]))
    assert model.steps_per_token.item() == 1.0


# -- config ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"attention_layers": ()}, "attention_layers"),
        ({"attention_layers": (3,)}, "attention_layers"),
        ({"attention_layers": (-1,)}, "attention_layers"),
        ({"kernel": 4}, "^kernel must be odd"),
        ({"encoder_kernel": 2}, "encoder_kernel must be odd"),
        ({"prenet_dropout": 1.0}, "prenet_dropout must be from 0 to below 1"),
        ({"dropout": -0.1}, "^dropout must be from 0 to below 1"),
        ({"window_ahead": -1}, "window_ahead must not be negative"),
        ({"guided_attention": -1.0}, "guided_attention must not be negative"),
        ({"reduction": 0}, "reduction must be positive"),
        ({"n_speakers": 0}, "n_speakers must be positive"),
        ({"scheduled_sampling": 1.5}, "scheduled_sampling"),
        ({"position_jitter": -1.0}, "position_jitter must not be negative"),
        ({"windowed_layers": ()}, "windowed_layers"),
        ({"windowed_layers": (1,)}, "windowed_layers"),
    ],
)
def test_unfit_configs_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(TINY, **changes)


@pytest.mark.parametrize("field", ["embedding_dim", "decoder_dim"])
def test_odd_sizes_of_positions_are_refused(field):
    with pytest.raises(ValueError, match=f"{field} must be even"):
        dataclasses.replace(TINY, **{field: 7})


@pytest.mark.parametrize(
    "changes",
    [{"embedding_dim": 0}, {"converter_dim": -1}, {"dropout": 1.5}, {"guided_width": 0.0},
     {"window_back": -1}],
    ids=str,
)  # fmt: skip
def test_senseless_sizes_are_refused(changes):
    with pytest.raises(ValueError, match="must"):
        dataclasses.replace(TINY, **changes)
