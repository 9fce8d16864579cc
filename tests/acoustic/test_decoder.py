"""What the two Tacotrons have in common: where an utterance ends, the seed, true frames and their own."""

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from tts.acoustic.base import AcousticBatch, AcousticModel, AcousticOutput
from tts.acoustic.decoder import DecoderOutput
from tts.acoustic.tacotron import Tacotron, TacotronConfig
from tts.acoustic.tacotron2 import Tacotron2, Tacotron2Config
from tts.audio.mel import MelConfig

MEL = MelConfig(sample_rate=64, n_fft=16, hop=8, n_mels=5, fmax_hz=32.0)  # 8 frames a second
R = 2  # frames a step
N_TOKENS, PACE, REST = 6, 1.5, 2  # steps a token; half a second is 4 frames, 2 steps
LIMIT = math.ceil(2 * PACE * N_TOKENS) + 2 * REST
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Kind:
    """A model, its sizes, and what comes after its decoder: the spectrograms of an output by name."""

    build: Callable[..., AcousticModel]
    config: Any
    finish: Callable[[Any, Tensor, Tensor], dict[str, Tensor]]
    encoder_dim: int


def finish_tacotron(model: Tacotron, mel: Tensor, lengths: Tensor) -> dict[str, Tensor]:
    return {"mel": mel, "linear": model.postnet(mel, lengths)}


def finish_tacotron2(model: Tacotron2, mel: Tensor, lengths: Tensor) -> dict[str, Tensor]:
    return {"mel": model.postnet(mel, torch.arange(mel.shape[1]) < lengths[:, None])}


TACOTRON = TacotronConfig(
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
    reduction=R,
)
TACOTRON2 = Tacotron2Config(
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
    reduction=R,
)
KINDS = {
    "tacotron": Kind(Tacotron, TACOTRON, finish_tacotron, 2 * TACOTRON.encoder_dim),
    "tacotron2": Kind(Tacotron2, TACOTRON2, finish_tacotron2, 2 * TACOTRON2.encoder_lstm_dim),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def model(kind: Kind) -> Any:
    torch.manual_seed(0)
    model = kind.build(kind.config, MEL, 11).eval()
    model.calibrate([(N_TOKENS, int(N_TOKENS * PACE * R))])
    assert model.steps_per_token.item() == PACE
    return model


def speak(model: Any, lengths: Sequence[int] = (N_TOKENS,), **options: Any) -> AcousticOutput:
    tokens = torch.arange(max(lengths)).expand(len(lengths), -1)
    return model.infer(tokens, torch.tensor(lengths), **options)


def spectrograms(output: AcousticOutput) -> dict[str, Tensor]:
    """Those that the model predicts, by name."""
    both = {"mel": output.mel, "linear": output.linear}
    return {name: value for name, value in both.items() if value is not None}


# -- where an utterance ends -------------------------------------------------------------------------


def script(
    monkeypatch: pytest.MonkeyPatch,
    model: Any,
    places: Sequence[Sequence[int]],
    stop: Sequence[Sequence[int]],
    batch_tokens: int = N_TOKENS,
) -> list[int]:
    """Has the decoder attend to `places[item][step]` and raise its flag in the steps `stop[item]`.

    The last place is kept. Returns the steps taken, filled as it goes.
    """
    taken: list[int] = []

    def step(state: Any, memory: Any, kept: Tensor) -> tuple[DecoderOutput, Any]:
        t = len(taken)
        taken.append(t)
        weights = torch.zeros(len(places), 1, batch_tokens)
        for item, path in enumerate(places):
            weights[item, 0, path[min(t, len(path) - 1)]] = 1.0
        flags = torch.tensor([[4.0 if t in steps else -4.0] for steps in stop])
        mel = torch.full((len(places), R, MEL.n_mels), float(t))
        return DecoderOutput(mel, flags, weights), state

    monkeypatch.setattr(model.decoder, "step", step)
    return taken


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
    assert output.lengths.tolist() == [n_steps * R]
    assert len(taken) == n_steps, "it decodes no longer than it must"
    assert output.mel.shape == (1, MEL.n_mels, n_steps * R)
    expected = [places[min(t, len(places) - 1)] for t in range(n_steps)]
    assert output.alignment[0].argmax(dim=-1).tolist() == expected
    assert output.frames_per_step == R


def test_a_batch_goes_on_until_every_item_has_ended(monkeypatch, model):
    places = [[0, 1, 2, 3, 4], [0, 1], [0, 1, 2, 3]]
    taken = script(monkeypatch, model, places, [ALWAYS, ALWAYS, []])
    output = speak(model, (6, 3, 5))
    assert output.finished.tolist() == [True, True, True]
    assert output.lengths.tolist() == [5 * R, 2 * R, (3 + REST + 1) * R]
    assert len(taken) == 3 + REST + 1
    for item, length in enumerate(output.lengths.tolist()):
        for spectrogram in spectrograms(output).values():
            assert (spectrogram[item, :, length:] == MEL.silence).all()
            assert (spectrogram[item, :, :length] != MEL.silence).all()


def test_one_that_never_ends_does_not_spoil_the_others(monkeypatch, model):
    script(monkeypatch, model, [[0], [0, 1, END]], [ALWAYS, ALWAYS])
    output = speak(model, (N_TOKENS, N_TOKENS))
    assert output.finished.tolist() == [False, True]
    assert output.lengths.tolist() == [LIMIT * R, 3 * R]


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
    assert output.lengths.tolist() == [2 * LIMIT * R]


def test_speed_reads_every_spectrogram_faster_or_slower(model):
    plain, slow = speak(model, seed=3), speak(model, seed=3, speed=0.5)
    assert slow.lengths.tolist() == [2 * int(plain.lengths[0])]
    for name, spectrogram in spectrograms(slow).items():
        before = spectrograms(plain)[name]
        expected = functional.interpolate(before, size=slow.mel.shape[2], mode="linear")
        torch.testing.assert_close(spectrogram, expected)


# -- the seed ----------------------------------------------------------------------------------------


def test_the_seed_varies_what_is_spoken(model):
    first, other = speak(model, seed=1), speak(model, seed=2)
    again = speak(model, seed=1)
    for name, spectrogram in spectrograms(first).items():
        assert torch.equal(spectrograms(again)[name], spectrogram)
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
        for name, spectrogram in spectrograms(together).items():
            torch.testing.assert_close(spectrogram[i, :, :n], spectrograms(alone)[name][0])


def test_true_frames_are_followed_with_the_draws_of_seed_0(model, monkeypatch):
    """What a vocoder is trained on is what it will hear; in training each pass draws anew."""
    torch.manual_seed(2)
    batch = AcousticBatch(
        tokens=torch.randint(0, 11, (2, 5)),
        token_lengths=torch.tensor([5, 3]),
        mel=torch.randn(2, MEL.n_mels, 9),
        mel_lengths=torch.tensor([9, 6]),
        linear=torch.randn(2, MEL.n_bins, 9),
    )
    seeds: list[int] = []
    draw = model.decoder.prenet.draw

    def record(n_steps: int, seed: int, device: torch.device) -> Tensor:
        seeds.append(seed)
        return draw(n_steps, seed, device)

    monkeypatch.setattr(model.decoder.prenet, "draw", record)
    assert torch.equal(model.teacher_forced(batch).mel, model.teacher_forced(batch).mel)
    assert torch.equal(model.loss(batch)["mel"], model.loss(batch)["mel"])
    assert seeds == [0, 0, 0, 0]
    model.train()
    model.loss(batch)
    assert seeds == [0, 0, 0, 0]


def test_infer_is_not_for_a_model_in_training_mode(model):
    model.train()
    with pytest.raises(AssertionError, match="eval"):
        speak(model)


# -- true frames and its own -------------------------------------------------------------------------


def test_true_frames_stand_one_step_later(model):
    """The decoder hears the last frame of the step before, zeros in the first, never its own step's."""
    memory = model.encode(torch.randint(0, 11, (2, 4)), torch.tensor([4, 3]))
    frames = torch.randn(2, 5, MEL.n_mels)
    before = torch.cat([torch.zeros(2, 1, MEL.n_mels), frames[:, :-1]], dim=1)
    expected = model.decoder(before, memory, model.decoder.prenet.draw(5, 0, CPU))
    followed = model.decoder.follow(frames, memory)
    for name in ("mel", "stop", "alignment"):
        assert torch.equal(getattr(followed, name), getattr(expected, name))


def test_free_running_equals_the_parallel_pass_over_its_own_frames(kind, model, monkeypatch):
    made: list[DecoderOutput] = []
    step = model.decoder.step

    def record(*arguments: Any) -> tuple[DecoderOutput, Any]:
        output, state = step(*arguments)
        made.append(output)
        return output, state

    monkeypatch.setattr(model.decoder, "step", record)
    tokens, lengths = torch.randint(0, 11, (2, 5)), torch.tensor([5, 3])
    output = model.infer(tokens, lengths, seed=4)
    with torch.no_grad():
        last = torch.stack([o.mel[:, -1] for o in made], dim=1)
        before = functional.pad(last, (0, 0, 1, 0))[:, :-1]
        kept = model.decoder.prenet.draw(len(made), 4, CPU)
        whole = model.decoder(before, model.encode(tokens, lengths), kept)
        finished = kind.finish(model, whole.mel, output.lengths)
    close = {"rtol": 1e-5, "atol": 5e-6}
    torch.testing.assert_close(torch.cat([o.mel for o in made], dim=1), whole.mel, **close)
    torch.testing.assert_close(torch.cat([o.stop for o in made], dim=1), whole.stop, **close)
    torch.testing.assert_close(output.alignment, whole.alignment, **close)
    assert finished.keys() == spectrograms(output).keys()
    for name, expected in finished.items():
        for i, length in enumerate(output.lengths):
            ours = spectrograms(output)[name][i, :, :length]
            torch.testing.assert_close(ours, expected[i, :length].T, **close)


# -- speakers ----------------------------------------------------------------------------------------


def test_the_voice_is_heard_at_every_token(kind):
    """Softsign of a projection of the embedding, added to the encoded text: there alone."""
    torch.manual_seed(0)
    config = dataclasses.replace(kind.config, n_speakers=3, speaker_dim=2)
    model: Any = kind.build(config, MEL, 11).eval()
    tokens, lengths = torch.zeros(2, 4).long(), torch.tensor([4, 4])
    memory = model.encode(tokens, lengths, torch.tensor([2, 0]))
    assert memory.values.shape == (2, 4, kind.encoder_dim)
    weights = model.state_dict()
    project = weights["speaker.project.weight"], weights["speaker.project.bias"]
    added = [functional.linear(weights["speakers.weight"][i], *project) for i in (2, 0)]
    unspoken = memory.values - torch.stack([a / (1 + a.abs()) for a in added])[:, None]
    torch.testing.assert_close(unspoken[0], unspoken[1])  # the same text
    model.state_dict()["speaker.project.weight"].zero_()
    model.state_dict()["speaker.project.bias"].zero_()
    silent = model.encode(tokens, lengths, torch.tensor([2, 0]))
    torch.testing.assert_close(silent.values, unspoken)
