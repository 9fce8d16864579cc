"""Mel spectrograms against a slow reference written from the formulas, and against librosa."""

import dataclasses
import math

import librosa
import numpy as np
import pytest
import scipy.signal

from tts.audio.mel import (
    MelConfig,
    check_same_mel,
    griffin_lim,
    griffin_lim_linear,
    inverse_stft,
    linear_spectrogram,
    mel_filters,
    mel_spectrogram,
    stft,
)
from tts.errors import MelMismatchError

TINY = MelConfig(
    sample_rate=4000,
    n_fft=128,
    hop=32,
    n_mels=12,
    fmin_hz=50.0,
    fmax_hz=1900.0,
    floor=1e-4,
    log_mean=-3.0,
    log_std=1.5,
)
DEFAULT = MelConfig()


def noise(n_samples: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, n_samples).astype(np.float32)


def speechlike(n_samples: int, config: MelConfig) -> np.ndarray:
    """Harmonics of a gliding pitch under a slow envelope."""
    t = np.arange(n_samples) / config.sample_rate
    phase = 2 * np.pi * np.cumsum(110 + 30 * np.sin(2 * np.pi * 1.5 * t)) / config.sample_rate
    sound = sum(np.sin(k * phase) / k for k in range(1, 12))
    return (0.1 * sound * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t))).astype(np.float32)


# -- the reference: every formula written out, in float64 and with loops -------------------------------


def hz_to_slaney(hz: float) -> float:
    return hz / (200 / 3) if hz < 1000 else 15 + 27 * math.log(hz / 1000) / math.log(6.4)


def slaney_to_hz(mel: float) -> float:
    return mel * 200 / 3 if mel < 15 else 1000 * math.exp((mel - 15) * math.log(6.4) / 27)


def slow_filters(config: MelConfig) -> np.ndarray:
    """Triangles between neighbouring edges, each of unit area in Hz (Slaney's Auditory Toolbox)."""
    low, high = hz_to_slaney(config.fmin_hz), hz_to_slaney(config.fmax_hz)
    edges = [
        slaney_to_hz(low + (high - low) * i / (config.n_mels + 1)) for i in range(config.n_mels + 2)
    ]
    filters = np.zeros((config.n_mels, config.n_fft // 2 + 1))
    for m in range(config.n_mels):
        left, centre, right = edges[m : m + 3]
        for k in range(config.n_fft // 2 + 1):
            hz = k * config.sample_rate / config.n_fft
            height = min((hz - left) / (centre - left), (right - hz) / (right - centre))
            filters[m, k] = max(0.0, height) * 2 / (right - left)
    return filters


def slow_mel(samples: np.ndarray, config: MelConfig) -> np.ndarray:
    n_frames = max(1, math.ceil(len(samples) / config.hop))
    whole = np.zeros(n_frames * config.hop)
    whole[: len(samples)] = samples
    margin = (config.n_fft - config.hop) // 2
    # Mirrored about the first and the last sample, where there are enough of them.
    if len(whole) > margin:
        before, after = whole[margin:0:-1], whole[-2 : -margin - 2 : -1]
    else:
        before = after = np.zeros(margin)
    padded = np.concatenate([before, whole, after])
    n = np.arange(config.n_fft)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * n / config.n_fft)
    k = np.arange(config.n_fft // 2 + 1)
    dft = np.exp(-2j * np.pi * np.outer(k, n) / config.n_fft)
    filters = slow_filters(config)
    mel = np.zeros((config.n_mels, n_frames))
    for t in range(n_frames):
        frame = padded[t * config.hop : t * config.hop + config.n_fft] * window
        energy = filters @ np.abs(dft @ frame)
        mel[:, t] = (np.log(np.maximum(energy, config.floor)) - config.log_mean) / config.log_std
    return mel


# -- the spectrogram --------------------------------------------------------------------------------


@pytest.mark.parametrize("n_samples", [1, 31, 32, 33, 48, 49, 64, 100, 999, 1024])
def test_mel_equals_the_slow_reference(n_samples):
    samples = noise(n_samples)
    mel = mel_spectrogram(samples, TINY)
    assert mel.dtype == np.float32
    assert mel.shape == (TINY.n_mels, math.ceil(n_samples / TINY.hop))
    np.testing.assert_allclose(mel, slow_mel(samples, TINY), atol=2e-4)


def test_default_mel_equals_the_slow_reference():
    samples = speechlike(3000, DEFAULT)
    np.testing.assert_allclose(
        mel_spectrogram(samples, DEFAULT), slow_mel(samples, DEFAULT), atol=2e-4
    )


@pytest.mark.parametrize("config", [TINY, DEFAULT])
def test_mel_equals_librosa(config):
    samples = speechlike(20 * config.hop, config)
    padded = np.pad(samples, (config.n_fft - config.hop) // 2, mode="reflect")
    energy = librosa.feature.melspectrogram(
        y=padded,
        sr=config.sample_rate,
        n_fft=config.n_fft,
        hop_length=config.hop,
        center=False,
        power=1,
        n_mels=config.n_mels,
        fmin=config.fmin_hz,
        fmax=config.fmax_hz,
    )
    expected = (np.log(np.maximum(energy, config.floor)) - config.log_mean) / config.log_std
    np.testing.assert_allclose(mel_spectrogram(samples, config), expected, atol=1e-5)


@pytest.mark.parametrize(
    "config",
    [
        TINY,
        DEFAULT,
        MelConfig(sample_rate=48000, n_fft=2048, hop=512, n_mels=128, fmin_hz=20.0, fmax_hz=2e4),
        MelConfig(sample_rate=16000, n_fft=400, hop=160, n_mels=40, fmin_hz=125.0, fmax_hz=7600.0),
        MelConfig(sample_rate=8000, n_fft=256, hop=64, n_mels=4, fmin_hz=0.0, fmax_hz=900.0),
    ],
)
def test_filters_and_frames_are_those_of_librosa(config):
    filters = librosa.filters.mel(
        sr=config.sample_rate,
        n_fft=config.n_fft,
        n_mels=config.n_mels,
        fmin=config.fmin_hz,
        fmax=config.fmax_hz,
        dtype=np.float64,
    )
    assert mel_filters(config).dtype == np.float32
    np.testing.assert_allclose(mel_filters(config), filters, rtol=1e-5, atol=1e-9)
    with pytest.raises(ValueError, match="read-only"):
        mel_filters(config)[0, 0] = 1.0

    sizes = {"n_fft": config.n_fft, "hop_length": config.hop, "center": False}
    margin = (config.n_fft - config.hop) // 2
    samples = speechlike(20 * config.hop, config)
    spectrum = stft(samples, config)
    assert spectrum.dtype == np.complex64
    expected = librosa.stft(np.pad(samples, margin, mode="reflect"), **sizes)
    np.testing.assert_allclose(spectrum, expected, atol=1e-5)

    changed = (spectrum * np.linspace(0.1, 1.0, spectrum.shape[1])).astype(np.complex64)
    made = inverse_stft(changed, config)
    assert (made.dtype, made.shape) == (np.float32, samples.shape)
    expected = librosa.istft(changed, **sizes, length=len(samples) + 2 * margin)
    np.testing.assert_allclose(made, expected[margin : margin + len(samples)], atol=1e-5)


def test_magnitudes_are_those_of_scipy():
    """One band as wide as the spectrum, undone: the sum over bins as scipy's STFT gives it."""
    samples = noise(640)
    padded = np.pad(samples, 48, mode="reflect")
    window = scipy.signal.get_window("hann", TINY.n_fft)
    _, _, stft = scipy.signal.stft(
        padded,
        window=window,
        nperseg=TINY.n_fft,
        noverlap=TINY.n_fft - TINY.hop,
        boundary=None,
        padded=False,
    )
    energy = slow_filters(TINY) @ (np.abs(stft) * window.sum())  # scipy divides by the window's sum
    mel = mel_spectrogram(samples, TINY)
    np.testing.assert_allclose(
        np.exp(mel * TINY.log_std + TINY.log_mean), np.maximum(energy, TINY.floor), rtol=5e-4
    )


@pytest.mark.parametrize("frame", [0, 1, 2, 7, 18, 19])
def test_an_impulse_in_the_middle_of_a_hop_peaks_in_its_frame(frame):
    samples = np.zeros(20 * TINY.hop, dtype=np.float32)
    samples[frame * TINY.hop + TINY.hop // 2] = 1.0
    energy = np.exp(mel_spectrogram(samples, TINY) * TINY.log_std).sum(axis=0)
    assert energy.argmax() == frame
    if 2 <= frame <= 17:  # further in, where no mirror image disturbs it, the neighbours are alike
        assert energy[frame - 1] == pytest.approx(energy[frame + 1], rel=1e-3)


@pytest.mark.parametrize("config", [TINY, DEFAULT])
def test_silence(config):
    mel = mel_spectrogram(np.zeros(5 * config.hop, dtype=np.float32), config)
    assert config.silence == pytest.approx(
        (math.log(config.floor) - config.log_mean) / config.log_std
    )
    np.testing.assert_allclose(mel, config.silence, atol=1e-6)
    assert mel_spectrogram(np.zeros(0, dtype=np.float32), config).shape == (config.n_mels, 1)


def test_a_tail_is_completed_with_zeros():
    samples = noise(100)
    np.testing.assert_array_equal(
        mel_spectrogram(samples, TINY), mel_spectrogram(np.pad(samples, (0, 28)), TINY)
    )


def test_frames_per_second():
    assert MelConfig().frames_per_second == 22050 / 256
    assert TINY.frames_per_second == 125.0


# -- the linear spectrogram --------------------------------------------------------------------------


@pytest.mark.parametrize("config", [TINY, DEFAULT])
@pytest.mark.parametrize("n_samples", [2100, 20 * 256])
def test_linear_equals_librosa(config, n_samples):
    samples = speechlike(n_samples, config)
    whole = np.pad(samples, (0, -n_samples % config.hop))
    padded = np.pad(whole, (config.n_fft - config.hop) // 2, mode="reflect")
    magnitude, _ = librosa.magphase(
        librosa.stft(padded, n_fft=config.n_fft, hop_length=config.hop, center=False)
    )
    scaled = np.maximum(magnitude * config.n_fft / config.sample_rate, config.floor)
    linear = linear_spectrogram(samples, config)
    assert linear.dtype == np.float32
    assert linear.shape == (config.n_bins, len(whole) // config.hop)
    assert config.n_bins == config.n_fft // 2 + 1
    np.testing.assert_allclose(
        linear, (np.log(scaled) - config.log_mean) / config.log_std, atol=1e-5
    )


@pytest.mark.parametrize("config", [TINY, DEFAULT])
def test_a_flat_spectrum_has_one_value_in_both_spectrograms(config):
    """An impulse alone in a frame, under bands wide enough that their weights are well sampled."""
    impulse = np.zeros(20 * config.hop, dtype=np.float32)
    impulse[10 * config.hop] = 1.0
    mel = mel_spectrogram(impulse, config)[-1, 10]
    assert linear_spectrogram(impulse, config)[:, 10].mean() == pytest.approx(mel, abs=0.02)
    silence = np.zeros(5 * config.hop, dtype=np.float32)
    np.testing.assert_allclose(linear_spectrogram(silence, config), config.silence, atol=1e-6)


# -- Griffin-Lim -------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_frames", [1, 2, 5, 40])
def test_griffin_lim_gives_a_hop_for_each_frame(n_frames):
    mel = mel_spectrogram(speechlike(n_frames * TINY.hop, TINY), TINY)
    samples = griffin_lim(mel, TINY, n_iterations=3)
    assert samples.shape == (n_frames * TINY.hop,)
    assert samples.dtype == np.float32
    assert np.isfinite(samples).all()


def test_griffin_lim_comes_close_to_the_mel():
    """Mean error below 0.2 of a normalised cell (0.4 nepers of magnitude), and 60 rounds beat one."""
    samples = speechlike(60 * DEFAULT.hop, DEFAULT)
    mel = mel_spectrogram(samples, DEFAULT)

    def error(n_iterations: int) -> float:
        again = griffin_lim(mel, DEFAULT, n_iterations=n_iterations)
        loud = mel > mel.max() - 2.0  # within 4 nepers of the loudest cell
        return float(np.abs(mel_spectrogram(again, DEFAULT) - mel)[loud].mean())

    assert error(30) < 0.2
    assert error(30) < error(1)


def test_griffin_lim_is_decided_by_its_seed():
    mel = mel_spectrogram(speechlike(20 * TINY.hop, TINY), TINY)
    first = griffin_lim(mel, TINY, n_iterations=2, seed=1)
    np.testing.assert_array_equal(first, griffin_lim(mel, TINY, n_iterations=2, seed=1))
    assert np.abs(first - griffin_lim(mel, TINY, n_iterations=2, seed=2)).max() > 1e-3


@pytest.mark.parametrize("n_frames", [1, 2, 5, 40])
def test_griffin_lim_from_linear_gives_a_hop_for_each_frame(n_frames):
    linear = linear_spectrogram(speechlike(n_frames * TINY.hop, TINY), TINY)
    first = griffin_lim_linear(linear, TINY, n_iterations=3, seed=1)
    assert first.shape == (n_frames * TINY.hop,)
    assert first.dtype == np.float32
    assert np.isfinite(first).all()
    np.testing.assert_array_equal(first, griffin_lim_linear(linear, TINY, n_iterations=3, seed=1))


def test_griffin_lim_from_linear_is_closer_to_the_truth():
    """Than from the mel, by the error of STFT magnitudes relative to their norm, at the true level."""
    samples = speechlike(60 * DEFAULT.hop, DEFAULT)

    def magnitudes(sound: np.ndarray) -> np.ndarray:
        return np.abs(librosa.stft(sound, n_fft=DEFAULT.n_fft, hop_length=DEFAULT.hop))

    def error(sound: np.ndarray) -> float:
        true = magnitudes(samples)
        return float(np.linalg.norm(magnitudes(sound) - true) / np.linalg.norm(true))

    linear = linear_spectrogram(samples, DEFAULT)
    from_linear = error(griffin_lim_linear(linear, DEFAULT, power=1.0, n_iterations=30))
    from_mel = error(griffin_lim(mel_spectrogram(samples, DEFAULT), DEFAULT, n_iterations=30))
    assert from_linear < 0.1
    assert from_linear < from_mel / 2


def test_raised_magnitudes_deepen_what_lies_between_the_harmonics():
    linear = linear_spectrogram(speechlike(60 * DEFAULT.hop, DEFAULT), DEFAULT)

    def contrast(power: float) -> float:
        sound = griffin_lim_linear(linear, DEFAULT, power=power, n_iterations=30)
        inner = linear_spectrogram(sound, DEFAULT)[:100, 5:-5]  # harmonics lie below 2.2 kHz
        return float((inner.max(axis=0) - np.median(inner, axis=0)).mean())

    assert contrast(1.2) > 1.05 * contrast(1.0)


# -- the config --------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(MelConfig)])
def test_check_same_mel_names_the_field(field):
    value = getattr(TINY, field)
    other = dataclasses.replace(TINY, **{field: value * 2 if field == "floor" else value + 2})
    check_same_mel(TINY, dataclasses.replace(TINY), "they")
    with pytest.raises(MelMismatchError) as caught:
        check_same_mel(TINY, other, "the model and the vocoder")
    assert str(caught.value) == (
        f"the model and the vocoder disagree on the mel spectrogram: {field} is {value} here and "
        f"{getattr(other, field)} there"
    )
    assert caught.value.hint


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sample_rate": 0}, "must be positive"),
        ({"n_fft": 0}, "must be positive"),
        ({"hop": 0}, "must be positive"),
        ({"n_mels": 0}, "must be positive"),
        ({"hop": 33}, "must be even"),
        ({"hop": 130}, "not negative"),
        ({"fmin_hz": -1.0}, "fmin_hz < fmax_hz"),
        ({"fmin_hz": 1900.0}, "fmin_hz < fmax_hz"),
        ({"fmax_hz": 2000.5}, "fmin_hz < fmax_hz"),
        ({"fmax_hz": math.nan}, "fmin_hz < fmax_hz"),
        ({"floor": 0.0}, "floor and log_std"),
        ({"log_std": 0.0}, "floor and log_std"),
        ({"log_std": -1.0}, "floor and log_std"),
    ],
)
def test_unfit_configs_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(TINY, **changes)
