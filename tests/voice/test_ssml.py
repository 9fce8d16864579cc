"""SSML aloud: silences to the sample, rate, volume, and where the marks are."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.voice.test_voice import ToyAcoustic, ToyVocoder
from tts.acoustic.speech import Spoken
from tts.audio import Audio
from tts.errors import ConfigError, LexiconError, TextError
from tts.text import Pauses
from tts.voice import Voice, VoiceConfig

pytestmark = pytest.mark.filterwarnings("ignore::tts.errors.SlowVocoderWarning")


class Attentive(ToyAcoustic):
    """Attends to each token for ten frames, all of the same height."""

    def speak(self, tokens: np.ndarray, *, seed: int = 0, speaker: int | None = None) -> Spoken:
        spoken = super().speak(tokens, seed=seed, speaker=speaker)
        alignment = np.repeat(np.eye(len(tokens), dtype=np.float32), 10, axis=0)
        mel = np.full_like(spoken.mel, 0.5)
        return dataclasses.replace(spoken, mel=mel, alignment=alignment)


@pytest.fixture
def voice(tiny_voice: Voice) -> Voice:
    config = VoiceConfig(name="toy", language="en-us", description="", licence="")
    acoustic: Any = Attentive(len(tiny_voice.front_end.symbols))
    return Voice(config, tiny_voice.front_end, acoustic, ToyVocoder())


def joined(voice: Voice, text: str, **options: Any) -> Audio:
    """A stream as one sound."""
    pieces = list(voice.stream(text, **options))
    n, marks = 0, []
    for piece in pieces:
        assert all(0 <= mark.sample <= len(piece.samples) for mark in piece.marks)
        marks += [mark._replace(sample=n + mark.sample) for mark in piece.marks]
        n += len(piece.samples)
    samples = np.concatenate([piece.samples for piece in pieces])
    return Audio(samples, pieces[0].sample_rate, marks=tuple(marks))


def test_the_lexicon_of_a_document(
    voice: Voice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("names.txt").write_text("bee = /ˈæpl/\n", encoding="utf-8")
    said = "<speak><lexicon uri='names.txt'/>A bee.</speak>"
    words = voice.synthesize(said, ssml=True).words
    sounds = [(w.spoken, "".join(p.symbols for p in w.phonemes)) for w in words]
    assert sounds == [("A", "ɐ"), ("bee", "ˈæpl")]
    assert (
        voice.synthesize("<speak>A bee.</speak>", ssml=True).words[1].phonemes[-1].symbols == "ˈiː"
    )
    with pytest.raises(LexiconError, match=r"none\.txt: cannot be read"):
        voice.synthesize(said.replace("names", "none"), ssml=True)


@pytest.mark.parametrize("verb", ["synthesize", "stream"])
def test_silences_and_marks(voice: Voice, verb: str) -> None:
    source = (
        "<speak><break time='1s'/><mark name='a'/>Big <mark name='b'/>cat.<mark name='c'/>"
        "<break time='500ms'/><mark name='d'/><prosody rate='200%'>Big cat.</prosody>"
        "<mark name='e'/><break time='250ms'/><mark name='f'/></speak>"
    )
    one = next(iter(voice.front_end.utterances("Big cat.")))
    n_sound = len(one.ids) * 10 * 16  # ten frames a token
    before_cat = one.phonemes.index(" ") + 1
    speak = voice.synthesize if verb == "synthesize" else lambda *a, **k: joined(voice, *a, **k)
    audio = speak(source, ssml=True)
    assert audio.marks == (
        ("a", 8000),
        ("b", 8000 + before_cat * 160),
        ("c", 8000 + n_sound),
        ("d", 8000 + n_sound + 4000),
        ("e", 8000 + n_sound + 4000 + n_sound // 2),
        ("f", 8000 + n_sound + 4000 + n_sound // 2 + 2000),
    )
    assert len(audio.samples) == audio.marks[-1].sample
    assert not audio.samples[:8000].any()
    assert not audio.samples[-2000:].any()
    assert voice.synthesize("Big cat.").marks == ()


def test_volume_is_within_the_sound(voice: Voice) -> None:
    source = "<speak>Big cat.<prosody volume='-6dB'>Big cat.</prosody></speak>"
    for audio in (voice.synthesize(source, ssml=True), joined(voice, source, ssml=True)):
        n = len(next(iter(voice.front_end.utterances("Big cat."))).ids) * 160
        first, last = audio.samples[:n], audio.samples[-n:]
        ratio_db = 20 * np.log10(np.sqrt((last**2).mean() / (first**2).mean()))
        assert ratio_db == pytest.approx(-6.0, abs=0.01)


def test_pauses_are_settings_and_options(voice: Voice) -> None:
    n = len(voice.synthesize("One. Two.", pauses={"sentence": 0.0}).samples)
    assert len(voice.synthesize("One. Two.").samples) == n + round(0.3 * 8000)
    assert len(voice.synthesize("One. Two.", pauses={"sentence": 2}).samples) == n + 16000
    assert len(joined(voice, "One.\n\nTwo.", pauses={"paragraph": 1.0}).samples) == n + 8000
    slow = voice.front_end.__class__(voice.front_end.symbols, pauses=Pauses(sentence=1.5))
    other = Voice(voice.config, slow, voice.acoustic, voice.vocoder)
    assert len(other.synthesize("One. Two.").samples) == n + 12000


@pytest.mark.parametrize(
    ("pauses", "message"),
    [
        ({"sentense": 1.0}, "unknown pause 'sentense'; did you mean 'sentence'"),
        ({"clause": -0.1}, "the pause clause must be from 0 to 10 seconds"),
        ({"paragraph": float("nan")}, "the pause paragraph must be from 0 to 10 seconds"),
    ],
)
@pytest.mark.parametrize("verb", ["synthesize", "stream"])
def test_pauses_out_of_range(voice: Voice, verb: str, pauses: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        getattr(voice, verb)("Hi.", pauses=pauses)


@pytest.mark.parametrize("verb", ["synthesize", "stream"])
def test_what_is_wrong_with_a_document_is_raised_at_once(voice: Voice, verb: str) -> None:
    with pytest.raises(TextError, match="line 1, column 8: the element <b> is not supported"):
        getattr(voice, verb)("<speak><b>a</b></speak>", ssml=True)
    with pytest.raises(TextError, match="nothing to speak"):
        getattr(voice, verb)("<speak><break time='1s'/></speak>", ssml=True)
