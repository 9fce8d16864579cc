"""Loudness against the standard's own numbers and against pyloudnorm."""

import math

import numpy as np
import pyloudnorm
import pytest
from scipy.signal import sosfilt

from tts.audio.loudness import (
    _k_impulse,
    _k_weighting,
    loudness_lufs,
    mel_loudness_lufs,
    normalise_loudness,
)
from tts.audio.mel import MelConfig, mel_spectrogram


def _speechlike(
    sample_rate: int, seconds: float = 5.0
) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    """Noise in bursts of different levels, with pauses."""
    random = np.random.default_rng(0)
    n = int(seconds * sample_rate)
    level = 10.0 ** random.uniform(-3.5, -1.0, size=int(seconds * 4) + 1)
    return (random.normal(size=n) * np.repeat(level, sample_rate // 4 + 1)[:n]).astype(np.float32)


def test_the_filters_are_those_of_the_standard() -> None:
    """BS.1770-4, tables 1 and 2: 48 kHz."""
    shelf, high_pass = _k_weighting(48000)
    b = [1.53512485958697, -2.69169618940638, 1.19839281085285]
    np.testing.assert_allclose(shelf, [*b, 1.0, -1.69065929318241, 0.73248077421585], atol=1e-13)
    a = [1.0, -1.99004745483398, 0.99007225036621]
    np.testing.assert_allclose(high_pass, [1.0, -2.0, 1.0, *a], atol=1e-13)


@pytest.mark.parametrize("sample_rate", [8000, 22050, 48000])
def test_the_impulse_response_is_that_of_the_recursive_filters(sample_rate: int) -> None:
    response = _k_impulse(sample_rate)
    impulse = np.zeros(2 * len(response))
    impulse[0] = 1.0
    expected = sosfilt(_k_weighting(sample_rate), impulse)
    np.testing.assert_allclose(response, expected[: len(response)], atol=1e-12)
    assert np.abs(expected[len(response) :]).max() < 1e-12


@pytest.mark.parametrize("sample_rate", [8000, 16000, 22050, 44100, 48000])
def test_a_full_sine_is_minus_three(sample_rate: int) -> None:
    """BS.1770-4, annex 1: 0 dBFS, 997 Hz, one front channel: -3.01 LKFS."""
    sine = np.sin(2 * np.pi * 997 * np.arange(3 * sample_rate) / sample_rate).astype(np.float32)
    assert loudness_lufs(sine, sample_rate) == pytest.approx(-3.01, abs=0.04)


@pytest.mark.parametrize("sample_rate", [8000, 22050, 48000])
def test_it_agrees_with_pyloudnorm(sample_rate: int) -> None:
    samples = _speechlike(sample_rate)
    theirs = pyloudnorm.Meter(sample_rate, filter_class="DeMan").integrated_loudness(samples)
    assert loudness_lufs(samples, sample_rate) == pytest.approx(theirs, abs=0.02)


def test_long_sounds_are_filtered_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = _speechlike(22050)
    whole = loudness_lufs(samples, 22050)
    monkeypatch.setattr("tts.audio.loudness._PIECE", 5000)
    assert loudness_lufs(samples, 22050) == pytest.approx(whole, abs=1e-9)


def test_short_clips_have_a_loudness() -> None:
    sine = np.sin(2 * np.pi * 997 * np.arange(22050) / 22050).astype(np.float32)
    for n in (441, 4000, 8819):
        assert loudness_lufs(sine[:n], 22050) == pytest.approx(-3.0, abs=0.3)


@pytest.mark.parametrize("level", [0.01, 0.1, 0.5])
def test_a_mel_tells_about_the_loudness(level: float) -> None:
    """Of noise, the mean power of whose bins is 4 / pi of the squared mean: 1.05 LU more."""
    config = MelConfig()
    noise = level * np.random.default_rng(0).normal(size=4 * config.sample_rate)
    noise[config.sample_rate : 2 * config.sample_rate] *= 1e-4  # a pause, which does not count
    samples = noise.astype(np.float32)
    found = mel_loudness_lufs(mel_spectrogram(samples, config), config)
    assert found == pytest.approx(loudness_lufs(samples, config.sample_rate), abs=0.3)


def test_a_mel_of_silence_has_no_loudness() -> None:
    config = MelConfig()
    for n_frames in (1, 5, 200):
        mel = np.full((config.n_mels, n_frames), config.silence, dtype=np.float32)
        assert mel_loudness_lufs(mel, config) == -math.inf


def test_silence_has_none_and_stays() -> None:
    for silence in (np.zeros(0), np.zeros(100), np.zeros(22050), np.full(22050, 1e-6)):
        samples = silence.astype(np.float32)
        assert loudness_lufs(samples, 22050) == -math.inf
        assert np.array_equal(normalise_loudness(samples, 22050, -20.0), samples)


def test_it_is_brought_to_the_level() -> None:
    samples = _speechlike(22050) * np.float32(0.1)
    level = normalise_loudness(samples, 22050, -23.0)
    assert level.dtype == np.float32
    assert loudness_lufs(level, 22050) == pytest.approx(-23.0, abs=1e-3)
    np.testing.assert_allclose(level * (samples[5] / level[5]), samples, atol=1e-6)


def test_a_peak_limits_the_gain() -> None:
    samples = np.zeros(22050, dtype=np.float32)
    samples[::500] = 0.3
    level = normalise_loudness(samples, 22050, -10.0, peak=0.95)
    assert np.abs(level).max() == pytest.approx(0.95, abs=1e-6)
