"""Distances from a recording, on sounds whose distances are known."""

import librosa
import numpy as np
import pytest

from tts.audio.wav import Audio
from tts.evaluate.acoustics import (
    Features,
    comparison,
    features_of,
    log_f0,
    mel_cepstra,
    pitch_figures,
)

RATE = 22050


def hum(f0_hz: float | np.ndarray, seconds: float = 1.0) -> np.ndarray:
    """A voiced sound: harmonics that fall by 1 / k. Shape: (S,)."""
    f0 = np.broadcast_to(f0_hz, round(seconds * RATE))
    phase = 2 * np.pi * np.cumsum(f0) / RATE
    return (0.2 * sum(np.sin(k * phase) / k for k in range(1, 9))).astype(np.float32)


def noise(seconds: float = 1.0, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, round(seconds * RATE)).astype(np.float32)


def test_cepstra_are_the_cosine_series() -> None:
    bands = (np.arange(80) + 0.5) / 80
    given = np.random.default_rng(0).normal(0, 0.2, (13, 5))
    cosines = np.cos(np.pi * np.arange(1, 14)[:, None] * bands)
    log_mel = -3.0 + cosines.T @ given
    np.testing.assert_allclose(mel_cepstra(log_mel.astype(np.float32)), given, atol=1e-5)


def test_the_distortion_is_the_difference_of_smooth_spectra_in_decibels() -> None:
    """Two log spectra that differ by one cosine: the distortion is its root mean square in dB."""
    bands = (np.arange(80) + 0.5) / 80
    flat = np.full((80, 4), -3.0, np.float32)
    other = flat + 0.3 * np.cos(2 * np.pi * bands)[:, None].astype(np.float32)
    pitch = np.full(4, np.nan, np.float32)
    figures = comparison(
        Features(mel_cepstra(flat), pitch, 1.0), Features(mel_cepstra(other), pitch, 2.0)
    )
    rms_db = np.sqrt(np.mean(np.square(20 * np.log10(np.exp(other - flat)))))
    assert figures["mcd"].total == pytest.approx(rms_db, rel=1e-4)
    assert figures["voicing_error"].total == 0
    assert figures["duration_ratio"].total == 0.5
    assert "f0_error" not in figures


def test_digital_silence_is_not_infinitely_far() -> None:
    log_mel = np.zeros((80, 2), np.float32)
    log_mel[40:] = -11.5
    floored = np.where(log_mel < -6.9, np.float32(-60 * np.log(10) / 20), log_mel)
    np.testing.assert_allclose(mel_cepstra(log_mel), mel_cepstra(floored), atol=1e-5)


def test_a_sound_is_itself() -> None:
    features = features_of(Audio(hum(180.0), RATE))
    figures = comparison(features, features)
    assert figures["mcd"].total == 0
    assert figures["f0_error"].total == 0
    assert figures["voicing_error"].total == 0
    assert figures["duration_ratio"].total == 1


def test_level_and_outer_silence_change_little() -> None:
    sound = np.concatenate([hum(180.0, 0.4), noise(0.2), hum(180.0, 0.4)])
    quiet = np.pad(0.3 * sound, (6000, 3000))
    figures = comparison(features_of(Audio(quiet, RATE)), features_of(Audio(sound, RATE)))
    assert figures["mcd"].total < 1.0
    assert figures["duration_ratio"].total == pytest.approx(1.0, abs=0.05)


def test_f0_error_is_the_interval() -> None:
    """A semitone up is ln 2 / 12."""
    ours, theirs = (features_of(Audio(hum(f0), RATE)) for f0 in (180.0 * 2 ** (1 / 12), 180.0))
    assert comparison(ours, theirs)["f0_error"].total == pytest.approx(np.log(2) / 12, abs=0.006)


def test_f0_is_that_of_a_glide_at_the_frame() -> None:
    f0 = np.geomspace(140.0, 280.0, RATE)
    found = log_f0(hum(f0), RATE)
    centres = (np.arange(len(found)) + 0.5) * 256
    expected = np.log(np.interp(centres, np.arange(RATE), f0))
    inner = slice(6, -6)
    np.testing.assert_allclose(found[inner], expected[inner], atol=0.012)
    spread = pitch_figures(features_of(Audio(hum(f0), RATE)))["f0_spread"].total
    assert spread == pytest.approx(np.log(2) / np.sqrt(12), abs=0.01)  # of a uniform distribution


def test_noise_is_unvoiced() -> None:
    figures = comparison(features_of(Audio(noise(), RATE)), features_of(Audio(hum(180.0), RATE)))
    assert (
        figures["voicing_error"].total / figures["voicing_error"].weight > 0.6
    )  # pYIN hears some pitch in noise
    silence = features_of(Audio(np.zeros(RATE, np.float32), RATE))
    assert pitch_figures(silence) == {}


def test_warping_follows_another_pace() -> None:
    """The same three sounds, some held longer: the path of librosa finds them all."""
    parts = hum(150.0), noise(seed=1), hum(220.0)
    slow = np.concatenate(
        [part[: round(RATE * s)] for part, s in zip(parts, (0.5, 0.3, 0.6), strict=True)]
    )
    fast = np.concatenate(
        [part[: round(RATE * s)] for part, s in zip(parts, (0.3, 0.3, 0.3), strict=True)]
    )
    figures = comparison(features_of(Audio(slow, RATE)), features_of(Audio(fast, RATE)))
    assert figures["duration_ratio"].total == pytest.approx(1.4 / 0.9, rel=0.05)
    assert figures["mcd"].total < 2.0
    assert figures["f0_error"].total < 0.03


def test_another_rate_is_brought_to_that_of_the_ruler() -> None:
    sound = hum(180.0)
    other = librosa.resample(sound, orig_sr=RATE, target_sr=44100)
    figures = comparison(features_of(Audio(other, 44100)), features_of(Audio(sound, RATE)))
    assert figures["mcd"].total < 0.5
    assert figures["f0_error"].total < 0.01
