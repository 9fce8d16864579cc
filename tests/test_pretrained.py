"""The voices that ship, as they are installed."""

import numpy as np
import pytest

from tts import load_voice
from tts.audio.mel import mel_spectrogram
from tts.checkpoint import check_sums, load_acoustic
from tts.text.symbols import ENGLISH_IPA
from tts.vocoder.compiled import CompiledWaveNet
from tts.vocoder.postfiltered import Postfiltered
from tts.voice import find_voice, list_voices

SENTENCE = "The birch canoe slid on the smooth planks."


@pytest.fixture(scope="module", params=sorted(list_voices()))
def folder(request):
    return find_voice(request.param)


def test_there_is_a_default_voice():
    assert "kathleen" in list_voices()


def test_it_is_complete_and_small(folder):
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    parts = {
        f"{part}/{name}"
        for part in ("acoustic", "vocoder")
        for name in ("config.json", "model.safetensors")
    }
    assert files == parts | {"voice.json", "MODEL_CARD.md", "SHA256SUMS"}
    assert sum(path.stat().st_size for path in folder.rglob("*.safetensors")) < 40e6


def test_it_is_as_its_sums_say(folder):
    assert check_sums(folder) == 6  # the error says how to renew them after a change


def test_its_symbols_are_those_of_the_front_end(folder):
    symbols = load_acoustic(folder / "acoustic").symbols.symbols
    assert symbols == ENGLISH_IPA[: len(symbols)]  # a list only ever grows at its end


def test_it_speaks(folder):
    voice = load_voice(folder)
    assert isinstance(voice.vocoder, Postfiltered)
    assert isinstance(voice.vocoder.vocoder, CompiledWaveNet)
    audio = voice.synthesize(SENTENCE)
    assert audio.samples.dtype == np.float32
    assert 1.5 < audio.duration_s < 5.0
    assert 0.05 < np.abs(audio.samples).max() <= 0.951
    # Speech has loud and quiet frames; a hum or a hiss has not.
    energy = mel_spectrogram(audio.samples, voice.acoustic.mel_config).mean(axis=0)
    assert np.percentile(energy, 90) - np.percentile(energy, 5) > 1.0


def test_the_seed_decides(folder):
    voice = load_voice(folder)
    first, again, other = (voice.synthesize("Hello.", seed=seed).samples for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert len(first) != len(other) or np.abs(first - other).max() > 0


def test_speed_is_what_it_says(folder):
    voice = load_voice(folder)
    slow, fast = (voice.synthesize(SENTENCE, speed=speed).duration_s for speed in (0.8, 1.25))
    assert slow / fast == pytest.approx(1.25 / 0.8, rel=0.02)
