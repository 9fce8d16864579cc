"""A voice: exact, complete, level, and never silent about what went wrong."""

import dataclasses
import itertools
import json
import re
import shutil
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

import tts
import tts.audio.postfilter
import tts.vocoder.griffin_lim
import tts.voice
from tts.acoustic.speech import Spoken
from tts.audio import loudness_lufs
from tts.audio.mel import MelConfig
from tts.checkpoint import load_voice_config, save_voice_config
from tts.errors import (
    CheckpointError,
    ConfigError,
    SynthesisError,
    TextError,
    UnfinishedWarning,
    UnspeakableWarning,
)
from tts.text import SymbolTable, TextFrontEnd
from tts.vocoder.compiled import CompiledWaveNet
from tts.vocoder.griffin_lim import GriffinLim
from tts.vocoder.postfiltered import Postfiltered
from tts.voice import (
    SynthesisOptions,
    Voice,
    VoiceConfig,
    load_voice,
    utterance_seed,
)

pytestmark = pytest.mark.filterwarnings("ignore::tts.errors.SlowVocoderWarning")

TEXT = "Good morning. It rains."


class ToyAcoustic:
    """Ten frames a token, each holding a hundredth of the token's id; it can be told to fail."""

    retakes = ()

    def __init__(self, n_symbols: int) -> None:
        self.n_symbols = n_symbols
        self.mel_config = MelConfig(
            sample_rate=8000, n_fft=256, hop=16, n_mels=4, fmin_hz=0.0, fmax_hz=4000.0
        )
        self.calls: list[dict[str, Any]] = []
        self.finished, self.value = True, 0.0

    def speak(self, tokens: np.ndarray, *, seed: int = 0, speaker: int | None = None) -> Spoken:
        self.calls.append({"ids": tokens.tolist(), "seed": seed, "speaker": speaker})
        row = np.repeat(tokens.astype(np.float32) / 100 + np.float32(self.value), 10)
        return Spoken(
            mel=np.tile(row, (4, 1)),
            alignment=np.zeros((len(row), len(tokens)), dtype=np.float32),
            finished=self.finished,
            frames_per_step=1,
        )


class ToyVocoder:
    """A click train whose height is the mel's, in two chunks."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def stream(
        self,
        mel: np.ndarray,
        *,
        seed: int = 0,
        temperature: float = 1.0,
        speaker: int | None = None,
    ) -> Iterator[np.ndarray]:
        self.calls.append({"seed": seed, "temperature": temperature, "speaker": speaker})
        samples = np.repeat(mel[0] / 2, 16)
        samples = samples * np.tile(np.array([1.0, -1.0], dtype=np.float32), len(samples) // 2)
        yield from np.split(samples, 2)


@pytest.fixture
def toy(tiny_voice: Voice) -> Voice:
    """A voice of toys, with the real front end."""
    config = VoiceConfig(
        name="toy", language="en-us", description="", licence="", temperature=0.8, level_lufs=-25.0
    )
    acoustic: Any = ToyAcoustic(len(tiny_voice.front_end.symbols))
    return Voice(config, tiny_voice.front_end, acoustic, ToyVocoder())


# -- what is spoken -----------------------------------------------------------------------------------


def test_a_voice_of_the_built_in_phonemizer_needs_no_other(
    tiny_voice_folder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(tiny_voice_folder, tmp_path / "voice")
    config = dataclasses.replace(load_voice_config(folder), phonemizer="builtin")
    save_voice_config(folder, config)
    code = (
        "import sys, warnings, tts\n"
        "warnings.simplefilter('ignore')\n"
        "sys.modules.update(phonemizer=None, espeakng_loader=None)\n"
        f"load, by_default = tts.load_voice, {str(tiny_voice_folder)!r}\n"
        f"assert len(load({str(folder)!r}).synthesize('Yes, and no.').samples)\n"
        "assert len(load(by_default, phonemizer='builtin').synthesize('No.').samples)\n"
        "try: load(by_default).synthesize('No.')\n"
        "except tts.PhonemizerError as error: print(error.hint)\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    assert "--phonemizer builtin" in done.stdout


def test_the_seed_decides(tiny_voice: Voice) -> None:
    first = tiny_voice.synthesize(TEXT, seed=7)
    again = tiny_voice.synthesize(TEXT, seed=7)
    other = tiny_voice.synthesize(TEXT, seed=8)
    assert first.samples.dtype == np.float32
    assert first.samples.ndim == 1
    assert first.sample_rate == tiny_voice.sample_rate
    assert np.array_equal(first.samples, again.samples)
    n_both = min(len(first.samples), len(other.samples))
    assert not np.array_equal(first.samples[:n_both], other.samples[:n_both])


def streamed(voice: Voice, text: str) -> np.ndarray:
    return np.concatenate([piece.samples for piece in voice.stream(text)])


def test_an_utterance_does_not_depend_on_its_neighbours(tiny_voice: Voice) -> None:
    alone = streamed(tiny_voice, "Good morning.")
    both = streamed(tiny_voice, "Good morning. It rains, and then it stops.")
    assert len(both) > len(alone)
    np.testing.assert_array_equal(both[: len(alone)], alone)


def test_nothing_is_lost_between_utterances(toy: Voice) -> None:
    sentences = [f"Number {i} came first, and the others followed it slowly." for i in range(12)]
    audio = toy.synthesize("\n\n".join(sentences))
    symbols = toy.front_end.symbols
    acoustic: Any = toy.acoustic
    spoken = [symbols.decode(call["ids"]) for call in acoustic.calls]
    expected = [utterance.phonemes for s in sentences for utterance in toy.front_end.utterances(s)]
    assert spoken == expected
    pauses_s = sum(u.pause_s for u in toy.front_end.utterances("\n\n".join(sentences)))
    n_frames = sum(10 * len(call["ids"]) for call in acoustic.calls)
    assert len(audio.samples) == n_frames * 16 + round(pauses_s * 8000)


def test_the_pieces_of_a_stream_are_the_whole(toy: Voice) -> None:
    whole = toy.synthesize(TEXT).samples
    assert len(list(toy.stream(TEXT))) == 4
    joined = streamed(toy, TEXT)
    ratio = joined[np.abs(whole) > 1e-3] / whole[np.abs(whole) > 1e-3]
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-3)


def test_options_reach_the_models(toy: Voice) -> None:
    acoustic: Any = toy.acoustic
    vocoder: Any = toy.vocoder
    slow = toy.synthesize(TEXT, speed=0.5, seed=3)
    seeds = [utterance_seed(3, 0), utterance_seed(3, 1)]
    assert len(set(seeds)) == 2
    assert [call["seed"] for call in acoustic.calls] == seeds
    assert [call["seed"] for call in vocoder.calls] == seeds
    assert [call["temperature"] for call in vocoder.calls] == [0.8, 0.8]
    fast = toy.synthesize(TEXT, speed=2.0)
    assert len(slow.samples) == 4 * len(fast.samples)


def test_speech_is_level_and_never_clips(toy: Voice, tiny_voice: Voice) -> None:
    audio = toy.synthesize(TEXT)
    assert loudness_lufs(audio.samples, audio.sample_rate) == pytest.approx(-25.0, abs=0.01)
    for voice in (toy, tiny_voice):
        for samples in (voice.synthesize(TEXT).samples, streamed(voice, TEXT)):
            assert 0.01 < np.abs(samples).max() <= 0.9501
            assert abs(samples[0]) < 1e-3  # no click


def test_threads_may_share_a_voice(tiny_voice: Voice) -> None:
    alone = [tiny_voice.synthesize(TEXT, seed=seed).samples for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        together = pool.map(lambda seed: tiny_voice.synthesize(TEXT, seed=seed).samples, range(4))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


# -- in threads ---------------------------------------------------------------------------------------

LONG = "\n\n".join(f"Number {i} came first. Why not? It was so slow, all day." for i in range(6))


def speakers_at_work() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("speak")]


@pytest.mark.filterwarnings("ignore::tts.errors.UnfinishedWarning")
def test_threads_change_no_sample(tiny_voice: Voice) -> None:
    """Nor where a stream is cut, nor what progress is told."""
    voice, text, heard = tiny_voice, "One. Two. Three. Go on! Why? No.", []
    for n in (1, 2, 4):
        shares: list[float] = []
        whole = voice.synthesize(text, seed=5, speed=1.5, threads=n, progress=shares.append)
        pieces = [piece.samples for piece in voice.stream(text, seed=5, threads=n)]
        heard.append([whole.samples, np.array(shares), *pieces])
    assert len(heard[0]) >= 2 + 6
    for other in heard[1:]:
        assert len(other) == len(heard[0])
        assert all(map(np.array_equal, heard[0], other))


@pytest.mark.filterwarnings("ignore::tts.errors.UnfinishedWarning")
def test_the_postfilter_works_in_the_thread_of_the_caller(
    tiny_voice: Voice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And so does all of the first utterance; the same samples as in one thread."""
    at_work: set[tuple[str, str]] = set()
    mel_config = tiny_voice.acoustic.mel_config
    drawing = tiny_voice.vocoder
    assert isinstance(drawing, CompiledWaveNet)
    voice = Voice(
        tiny_voice.config,
        tiny_voice.front_end,
        tiny_voice.acoustic,
        Postfiltered(drawing, mel_config, 2.0),
    )

    def spy(owner: Any, name: str) -> None:
        function = getattr(owner, name)

        def call(*args: Any, **options: Any) -> Any:
            at_work.add((name, threading.current_thread().name))
            return function(*args, **options)

        monkeypatch.setattr(owner, name, call)

    alone = voice.synthesize("Yes. No.", threads=1)
    spy(CompiledWaveNet, "_conditions")
    spy(tts.audio.postfilter, "postfilter")
    together = voice.synthesize("Yes. No.", threads=2)
    assert np.array_equal(alone.samples, together.samples)
    assert at_work == {
        ("_conditions", "MainThread"),
        ("_conditions", "speak_0"),
        ("postfilter", "MainThread"),
    }


def test_warnings_and_errors_keep_their_order_in_threads(toy: Voice) -> None:
    """They are the caller's, and come after all that was spoken before them."""
    acoustic: Any = toy.acoustic
    acoustic.finished = False
    say = acoustic.speak

    def speak(tokens: np.ndarray, **options: Any) -> Spoken:
        spoken = say(tokens, **options)
        is_tenth = options["seed"] == utterance_seed(0, 10)
        return dataclasses.replace(spoken, mel=spoken.mel * np.nan) if is_tenth else spoken

    acoustic.speak = speak
    utterances = [utterance.text for utterance in toy.front_end.utterances(LONG)]
    for n in (1, 2, 4):
        counts: list[int] = []
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            pieces = (len(warned) for _ in toy.stream(LONG, threads=n))
            with pytest.raises(SynthesisError, match=re.escape(repr(utterances[10]))):
                counts.extend(pieces)
        assert counts == [i // 2 + 1 for i in range(20)]
        assert [str(warning.message) for warning in warned] == [
            f"cut short, the model lost its way: {text!r}" for text in utterances[:10]
        ]
        assert not speakers_at_work()


def test_a_text_that_goes_wrong_is_spoken_up_to_there(toy: Voice) -> None:
    """The front end reads ahead; what it refuses is raised where it would have been read."""

    def utterances(text: str, *, strict: bool, pauses: None) -> Iterator[Any]:
        yield from itertools.islice(good, 3)
        raise TextError("a phoneme")

    for n in (1, 2, 4):
        good = toy.front_end.utterances(LONG)
        front_end: Any = SimpleNamespace(
            symbols=toy.front_end.symbols,
            symbols_of=toy.front_end.symbols_of,
            strange_in=toy.front_end.strange_in,
            utterances=utterances,
        )
        voice = Voice(toy.config, front_end, toy.acoustic, toy.vocoder)
        heard = []
        with pytest.raises(TextError, match="a phoneme"):
            heard.extend(iter(voice.stream(LONG, threads=n)))
        assert len(heard) == 6
        assert not speakers_at_work()


@pytest.mark.parametrize("n", [1, 2, 4])
def test_who_listens_no_more_ends_the_threads(toy: Voice, n: int) -> None:
    whole = toy.synthesize(LONG, threads=1)
    cut = toy.synthesize(LONG, threads=n, progress=lambda share: share < 0.3)
    assert 0.2 < len(cut.samples) / len(whole.samples) < 0.4
    assert not speakers_at_work()

    stream: Any = toy.stream(LONG, threads=n)
    for _ in range(5):
        next(stream)
    assert len(speakers_at_work()) <= n
    stream.close()
    assert not speakers_at_work()

    def refuse(share: float) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        toy.synthesize(LONG, threads=n, progress=refuse)
    assert not speakers_at_work()  # while the error, and with it the frame, is still there
    assert caught.value is not None


@pytest.mark.parametrize("n", [2, 4])
def test_a_slow_listener_is_waited_for(toy: Voice, n: int) -> None:
    """No more than two utterances a thread are spoken ahead."""
    acoustic: Any = toy.acoustic
    stream = toy.stream("Yes, it is so. " * 100, threads=n)
    assert not acoustic.calls
    next(stream)
    for _ in range(6):  # three utterances
        next(stream)
    time.sleep(0.2)  # were there no limit, all would be spoken by now
    assert 4 <= len(acoustic.calls) <= 4 + 2 * n


@pytest.mark.filterwarnings("ignore::tts.errors.UnfinishedWarning")
def test_a_voice_of_pytorch_speaks_in_one_thread_unless_told(
    toy: Voice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tts.voice.voice.default_threads", lambda: 3)
    threads: list[str] = []

    class Network(torch.nn.Module):
        def stream(self, mel: np.ndarray, **_: Any) -> Iterator[np.ndarray]:
            threads.append(threading.current_thread().name)
            return iter([mel[0].repeat(16)])

    network: Any = Network()
    vocoders = network, Postfiltered(network, toy.acoustic.mel_config, 1.0)
    for vocoder in vocoders:
        voice = Voice(toy.config, toy.front_end, toy.acoustic, vocoder)
        voice.synthesize("Yes. No.")
        voice.synthesize("Yes. No.", threads=2)
        assert threads == ["MainThread", "MainThread", "MainThread", "speak_0"]
        threads.clear()


def test_threads_out_of_range(toy: Voice) -> None:
    with pytest.raises(ConfigError, match="threads 0 is out of range") as caught:
        toy.stream("Hi.", threads=0)
    assert caught.value.hint == "choose 1 or more threads"


def test_the_state_of_pytorch_is_left_alone(tiny_voice_folder: Path) -> None:
    before = (torch.get_num_threads(), torch.is_grad_enabled(), torch.get_default_dtype())
    random = torch.get_rng_state()
    load_voice(tiny_voice_folder).synthesize("Yes.")
    assert before == (torch.get_num_threads(), torch.is_grad_enabled(), torch.get_default_dtype())
    assert torch.equal(torch.get_rng_state(), random)


def test_progress_rises_to_one(toy: Voice) -> None:
    shares: list[float] = []
    toy.synthesize(TEXT, progress=shares.append)  # returns None, which does not cancel
    assert shares == sorted(shares)
    assert len(shares) == 4
    assert 0.0 < shares[0] < shares[-1] == 1.0


def test_progress_cancels(toy: Voice) -> None:
    whole = toy.synthesize(TEXT).samples
    cut = toy.synthesize(TEXT, progress=lambda share: False).samples
    assert 0 < len(cut) < len(whole) / 2
    assert len(list(toy.stream(TEXT, progress=lambda share: share < 0.5))) == 2


@pytest.mark.filterwarnings("ignore::tts.errors.UnfinishedWarning")
def test_a_voice_of_letters_needs_no_phonemizer(
    tiny_reader_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tts.text.phonemes.EspeakPhonemizer.__call__", None)
    voice = load_voice(tiny_reader_folder)
    assert [u.phonemes for u in voice.front_end.utterances("$2. Why?")] == [
        "^TWO DOLLARS.$",
        "^WHY?$",
    ]
    assert len(voice.synthesize("$2. Why?").samples) > 0


# -- who speaks ---------------------------------------------------------------------------------------


def several(toy: Voice, speakers: tuple[str, ...], vocoder_speakers: tuple[str, ...]) -> Voice:
    return Voice(
        toy.config,
        toy.front_end,
        toy.acoustic,
        toy.vocoder,
        speakers=speakers,
        vocoder_speakers=vocoder_speakers,
    )


def ids_of(part: Any) -> list[int | None]:
    ids = [call["speaker"] for call in part.calls]
    part.calls.clear()
    return ids


@pytest.mark.parametrize("verb", ["synthesize", "stream"])
def test_the_speaker_reaches_both_models(toy: Voice, verb: str) -> None:
    voice = several(toy, ("anna", "bert", "cleo"), ("cleo", "anna", "bert"))
    assert voice.speakers == ("anna", "bert", "cleo")
    for speaker, acoustic_id, vocoder_id in (("bert", 1, 2), ("cleo", 2, 0), (None, 0, 1)):
        said = getattr(voice, verb)("Good morning.", speaker=speaker)
        assert verb == "synthesize" or len(list(said)) == 2
        assert ids_of(voice.acoustic) == [acoustic_id]
        assert ids_of(voice.vocoder) == [vocoder_id]


def test_a_vocoder_of_one_serves_any_speaker(toy: Voice) -> None:
    voice = several(toy, ("anna", "bert"), ())
    voice.synthesize("Good morning.", speaker="bert")
    assert (ids_of(voice.acoustic), ids_of(voice.vocoder)) == ([1], [None])


def test_the_only_speaker_is_called_as_the_voice_is(toy: Voice) -> None:
    assert toy.speakers == ("toy",)
    toy.synthesize("Good morning.", speaker="toy")
    assert (ids_of(toy.acoustic), ids_of(toy.vocoder)) == ([None], [None])


@pytest.mark.parametrize("verb", ["synthesize", "stream"])
def test_an_unknown_speaker(toy: Voice, verb: str) -> None:
    with pytest.raises(ConfigError, match=r"the voice 'toy' has no speaker 'anna'$") as alone:
        getattr(toy, verb)("Hi.", speaker="anna")
    assert alone.value.hint == "its speaker: toy"
    voice = several(toy, ("anna", "bert"), ())
    with pytest.raises(ConfigError, match="no speaker 'ana'; did you mean 'anna'") as caught:
        getattr(voice, verb)("Hi.", speaker="ana")
    assert caught.value.hint == "its speakers: anna, bert"


@pytest.mark.parametrize("speakers", [(), ("anna", "cleo"), ("anna", "bert", "cleo")])
def test_speakers_that_differ_are_refused(toy: Voice, speakers: tuple[str, ...]) -> None:
    with pytest.raises(CheckpointError, match=r"disagree on the speakers: .*, and anna, bert"):
        several(toy, speakers, ("anna", "bert"))


# -- what goes wrong ----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", " \n", "...", "?!", "ѣ"])
@pytest.mark.parametrize("verb", ["synthesize", "stream"])
def test_nothing_to_speak(tiny_voice: Voice, verb: str, text: str) -> None:
    with pytest.raises(TextError, match="nothing to speak"):
        getattr(tiny_voice, verb)(text)  # a stream says so at once


def test_unspeakable_characters_warn_or_are_refused(tiny_voice: Voice) -> None:
    with pytest.warns(
        UnspeakableWarning, match=r"U\+0463 CYRILLIC SMALL LETTER YAT at character 4"
    ):
        tiny_voice.synthesize("Hi ѣ.")
    with pytest.raises(TextError, match="CYRILLIC SMALL LETTER YAT"):
        tiny_voice.synthesize("Hi ѣ.", strict=True)


@pytest.mark.parametrize("speed", [0.49, 2.01, 0.0, -1.0, float("nan"), float("inf")])
def test_speed_out_of_range(tiny_voice: Voice, speed: float) -> None:
    with pytest.raises(ConfigError, match=r"speed .* is out of range") as caught:
        tiny_voice.synthesize("Hi.", speed=speed)
    assert caught.value.hint == "choose a speed from 0.5 to 2.0"


def test_negative_seed() -> None:
    with pytest.raises(ConfigError, match="seed -1 is negative"):
        SynthesisOptions(seed=-1)


def test_an_unfinished_utterance_is_named(toy: Voice) -> None:
    acoustic: Any = toy.acoustic
    acoustic.finished = False
    with pytest.warns(UnfinishedWarning) as warned:
        toy.synthesize(TEXT)
    assert [str(warning.message) for warning in warned] == [
        "cut short, the model lost its way: 'Good morning.'",
        "cut short, the model lost its way: 'It rains.'",
    ]


def test_a_model_that_fails_is_an_error(toy: Voice, monkeypatch: pytest.MonkeyPatch) -> None:
    acoustic: Any = toy.acoustic
    acoustic.value = float("inf")
    with pytest.raises(SynthesisError, match=r"acoustic model of 'toy'.*'Good morning.'"):
        toy.synthesize(TEXT)
    acoustic.value = 0.0
    monkeypatch.setattr(ToyVocoder, "stream", lambda self, mel, **_: iter([mel[0] * np.nan]))
    with pytest.raises(SynthesisError, match=r"vocoder of 'toy' failed on 'Good morning.'"):
        toy.synthesize(TEXT)


def test_symbols_that_differ_are_refused(tiny_voice: Voice) -> None:
    front_end = TextFrontEnd(SymbolTable(("_", "^", "$", "a")))
    with pytest.raises(CheckpointError, match="the front end has 4 symbols"):
        Voice(tiny_voice.config, front_end, tiny_voice.acoustic, tiny_voice.vocoder)


def test_the_tiny_voice_speaks_without_warnings_of_libraries(tiny_voice: Voice) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tiny_voice.synthesize("Yes.")


def test_griffin_lim_reads_the_linear_spectrogram_where_there_is_one(
    toy: Voice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the speed that is asked for, up to the length; a trained vocoder reads the mel all the same."""
    acoustic: Any = toy.acoustic
    mel = acoustic.mel_config
    say = acoustic.speak

    def linear_of(n_frames: int) -> np.ndarray:
        return np.random.default_rng(0).normal(size=(mel.n_bins, n_frames)).astype(np.float32)

    def speak(*args: Any, **options: Any) -> Any:
        spoken = say(*args, **options)
        return dataclasses.replace(spoken, linear=linear_of(spoken.mel.shape[1]))

    monkeypatch.setattr(acoustic, "speak", speak)
    griffin_lim = Voice(toy.config, toy.front_end, acoustic, GriffinLim(mel))
    heard: list[np.ndarray] = []
    invert = tts.vocoder.griffin_lim.griffin_lim_linear

    def listen(linear: np.ndarray, *args: Any, **options: Any) -> np.ndarray:
        heard.append(linear)
        return invert(linear, *args, **options)

    monkeypatch.setattr("tts.vocoder.griffin_lim.griffin_lim_linear", listen)
    griffin_lim.synthesize("Good morning.")
    griffin_lim.synthesize("Good morning.", speed=2.0)
    n_frames = 10 * len(next(iter(toy.front_end.utterances("Good morning."))).ids)
    assert [linear.shape for linear in heard] == [(129, n_frames), (129, n_frames // 2)]
    np.testing.assert_allclose(heard[0], linear_of(n_frames), atol=1e-5)
    toy.synthesize("Good morning.")
    assert len(heard) == 2


def test_sharpening_scales_how_far_a_band_swings(toy: Voice) -> None:
    heard: list[np.ndarray] = []
    vocoder: Any = toy.vocoder
    stream = vocoder.stream
    vocoder.stream = lambda mel, **options: (heard.append(mel), stream(mel, **options))[1]
    plain = Voice(toy.config, toy.front_end, toy.acoustic, vocoder)
    sharp_config = dataclasses.replace(toy.config, sharpening=1.3)
    sharp = Voice(sharp_config, toy.front_end, toy.acoustic, vocoder)
    plain.synthesize("Good morning.")
    sharp.synthesize("Good morning.")
    np.testing.assert_allclose(heard[1].mean(axis=1), heard[0].mean(axis=1), rtol=1e-5)
    np.testing.assert_allclose(heard[1].std(axis=1), 1.3 * heard[0].std(axis=1), rtol=1e-5)


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
def test_what_is_written_is_what_is_synthesized(
    tiny_voice: Voice, tmp_path: Path, name: str
) -> None:
    shares: list[float] = []
    options = {"speed": 1.2, "seed": 5}
    audio = tiny_voice.synthesize(TEXT, **options)
    audio.save(tmp_path / f"whole-{name}")
    seconds = tiny_voice.write(TEXT, tmp_path / name, **options, threads=2, progress=shares.append)
    assert seconds == audio.duration_s
    assert shares[-1] == 1.0
    assert (tmp_path / name).read_bytes() == (tmp_path / f"whole-{name}").read_bytes()


def test_speech_says_how_it_was_made(tiny_voice: Voice, toy: Voice) -> None:
    tags = tiny_voice.synthesize("Yes.", seed=9, speed=1.5).tags
    assert tags["artist"] == "tiny"
    assert tags["software"] == f"saywave {tts.__version__}"
    assert json.loads(tags["comment"]) == {
        "voice": "tiny",
        "speaker": "tiny",
        "language": "en-us",
        "seed": 9,
        "speed": 1.5,
        "saywave": tts.__version__,
        "kernel": "int8",
    }
    assert all(part.tags == tags for part in tiny_voice.stream("Yes.", seed=9, speed=1.5))


def test_a_text_that_cannot_be_spoken_leaves_no_file(tiny_voice: Voice, tmp_path: Path) -> None:
    with pytest.raises(TextError):
        tiny_voice.write("...", tmp_path / "a.wav")
    assert not list(tmp_path.iterdir())
