"""The postfilter against a slow reference of its formula, and on noise between harmonics."""

import librosa
import numpy as np
import pytest

from tts.audio.mel import MelConfig, mel_spectrogram
from tts.audio.postfilter import postfilter, postfilter_of

DEFAULT = MelConfig()
TINY = MelConfig(sample_rate=8000, n_fft=256, hop=64, n_mels=10, fmax_hz=4000.0)


def harmonics(config: MelConfig, n_frames: int = 40, f0_hz: float = 200.0) -> np.ndarray:
    t = np.arange(n_frames * config.hop) / config.sample_rate
    waves = [np.sin(2 * np.pi * f0_hz * k * t) / k for k in range(1, 12)]
    return (0.1 * np.sum(waves, axis=0)).astype(np.float32)


def noisy(clean: np.ndarray, level: float = 0.02) -> np.ndarray:
    return clean + level * np.random.default_rng(0).standard_normal(len(clean)).astype(np.float32)


def test_equals_its_formula_bin_by_bin():
    sound = noisy(harmonics(TINY))
    mel = mel_spectrogram(0.7 * harmonics(TINY), TINY)
    margin = (TINY.n_fft - TINY.hop) // 2
    padded = np.pad(sound, margin, mode="reflect")
    spectrum = librosa.stft(padded, n_fft=TINY.n_fft, hop_length=TINY.hop, center=False)
    filters = librosa.filters.mel(sr=8000, n_fft=256, n_mels=10, fmin=0.0, fmax=4000.0)
    wanted = np.exp(mel * TINY.log_std + TINY.log_mean)
    half = round(880 / 2 * TINY.n_fft / TINY.sample_rate)
    made = np.zeros_like(spectrum)
    for t in range(spectrum.shape[1]):
        magnitude = np.pad(np.abs(spectrum[:, t]) + 1e-7, half, mode="edge")
        weights = np.ones(TINY.n_fft // 2 + 1)
        for k in range(len(weights)):
            mean = np.sqrt(np.mean(magnitude[k : k + 2 * half + 1] ** 2))
            weights[k] = (magnitude[k + half] / mean) ** 1.5
        for k in range(len(weights)):
            shares = filters[:, k] / max(filters[:, k].sum(), 1e-7)
            levels = filters @ (magnitude[half:-half] * weights)
            gains = np.clip(wanted[:, t] / np.maximum(levels, TINY.floor), 0.03, 4.0)
            made[k, t] = spectrum[k, t] * weights[k] * (shares @ gains)
    expected = librosa.istft(
        made, n_fft=TINY.n_fft, hop_length=TINY.hop, center=False, length=len(padded)
    )
    filtered = postfilter(sound, mel, TINY, contrast=2.5)
    assert filtered.dtype == np.float32
    assert filtered.shape == sound.shape
    np.testing.assert_allclose(filtered, expected[margin : margin + len(sound)], atol=1e-5)


def test_what_agrees_with_its_mel_stays():
    """But for the lowest and the highest bin, which no mel filter covers."""
    sound = noisy(harmonics(DEFAULT))
    filtered = postfilter(sound, mel_spectrogram(sound, DEFAULT), DEFAULT, contrast=1.0)
    inner = slice(DEFAULT.n_fft, -DEFAULT.n_fft)
    np.testing.assert_allclose(filtered[inner], sound[inner], atol=0.003)


@pytest.mark.parametrize("contrast", [1.0, 2.5])
def test_bands_come_to_the_level_of_the_mel(contrast):
    clean = harmonics(DEFAULT)
    mel = mel_spectrogram(clean, DEFAULT)
    before = np.abs(mel_spectrogram(0.5 * noisy(clean), DEFAULT) - mel).mean()
    filtered = postfilter(0.5 * noisy(clean), mel, DEFAULT, contrast)
    assert np.abs(mel_spectrogram(filtered, DEFAULT) - mel).mean() < before / 2


def test_contrast_takes_away_noise_between_harmonics():
    """Below 2 kHz, where there are harmonics: the share of energy half-way between them."""
    clean = harmonics(DEFAULT)
    mel = mel_spectrogram(clean, DEFAULT)

    def between(sound: np.ndarray) -> float:
        power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
        hz = np.fft.rfftfreq(len(sound), 1 / DEFAULT.sample_rate)
        valley = np.abs(hz % 200.0 - 100.0) < 40.0
        low = hz < 2000.0
        return float(power[valley & low].sum() / power[low].sum())

    sounds = [postfilter(noisy(clean), mel, DEFAULT, contrast) for contrast in (1.0, 1.5, 2.5)]
    shares = [between(sound) for sound in (noisy(clean), *sounds)]
    assert sorted(shares, reverse=True) == shares
    assert shares[-1] < shares[0] / 4


def test_what_lies_beyond_the_mel_is_heard_at_the_level_of_its_outermost_bands():
    """A mel of 500 to 6000 Hz says nothing of the rest, which is no reason to take that away."""
    config = MelConfig(fmin_hz=500.0, fmax_hz=6000.0)
    noise = 0.1 * np.random.default_rng(0).standard_normal(60 * config.hop).astype(np.float32)
    mel = mel_spectrogram(0.5 * noise, config)
    filtered = postfilter(noise, mel, config, contrast=1.0)
    hz = np.fft.rfftfreq(len(noise), 1 / config.sample_rate)
    before, after = (np.abs(np.fft.rfft(sound)) for sound in (noise, filtered))
    for low, high in ((50, 400), (450, 550), (1000, 5000), (5900, 6100), (6200, 10900)):
        part = (low < hz) & (hz < high)
        ratio = np.sqrt(np.square(after[part]).sum() / np.square(before[part]).sum())
        assert ratio == pytest.approx(0.5, rel=0.1), (low, high)


@pytest.mark.parametrize("n_frames", [1, 2, 5])
def test_silence_and_short_sounds(n_frames):
    sound = np.zeros(n_frames * DEFAULT.hop, dtype=np.float32)
    mel = mel_spectrogram(sound, DEFAULT)
    np.testing.assert_array_equal(postfilter(sound, mel, DEFAULT, 2.5), sound)


@pytest.mark.parametrize("config", [TINY, DEFAULT, MelConfig(n_fft=1200, hop=300)])
@pytest.mark.parametrize("n_frames", [1, 3, 9, 60])
@pytest.mark.parametrize("n_chunk", [37, 256, 4000, 10**6])
def test_chunks_are_filtered_as_the_whole(config, n_frames, n_chunk):
    rng = np.random.default_rng(0)
    sound = rng.normal(scale=0.1, size=n_frames * config.hop).astype(np.float32)
    mel = mel_spectrogram(0.5 * sound, config)
    chunks = [sound[i : i + n_chunk] for i in range(0, len(sound), n_chunk)]
    parts = list(postfilter_of(chunks, mel, config, 2.0))
    whole = postfilter(sound, mel, config, 2.0)
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=2e-6)
    if n_frames == 60 and n_chunk < 4000:
        assert len(parts) > 2


def test_a_sound_that_is_left_is_filtered_as_far_as_it_is_known():
    sound = np.random.default_rng(0).normal(scale=0.1, size=60 * TINY.hop).astype(np.float32)
    mel = mel_spectrogram(sound, TINY)
    parts = list(postfilter_of([sound[: 20 * TINY.hop]], mel, TINY, 2.0))
    known = postfilter(sound, mel, TINY, 2.0)[: sum(map(len, parts))]
    assert len(known) == 16 * TINY.hop
    np.testing.assert_allclose(np.concatenate(parts), known, atol=2e-6)
