"""The mel spectrogram: what it is (`MelConfig`), from samples, and back by Griffin-Lim; the linear one too.

Frame `t` is centred on sample `(t + 1/2) * hop`, so `T` frames stand for exactly `T * hop` samples.

What speaking needs of this is written with numpy alone, and held against librosa by the tests: importing
librosa and scipy takes longer than speaking a sentence. Griffin-Lim is librosa's.
"""

import dataclasses
import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tts.errors import MelMismatchError

__all__ = [
    "MelConfig",
    "check_same_mel",
    "griffin_lim",
    "griffin_lim_linear",
    "inverse_stft",
    "linear_spectrogram",
    "magnitudes",
    "mel_filters",
    "mel_spectrogram",
    "stft",
]

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class MelConfig:
    """What a mel spectrogram is: the one owner of sample rate, hop and bands.

    Value of a cell: `(ln(max(magnitude, floor)) - log_mean) / log_std`, where `magnitude` is the sum of
    the STFT magnitudes (Hann window of `n_fft`) under a Slaney mel filter.
    """

    sample_rate: int = 22050
    n_fft: int = 1024
    hop: int = 256
    n_mels: int = 80
    fmin_hz: float = 0.0
    fmax_hz: float = 11025.0
    floor: float = 1e-5
    log_mean: float = -5.0
    log_std: float = 2.0

    def __post_init__(self) -> None:
        if min(self.sample_rate, self.n_fft, self.hop, self.n_mels) < 1:
            raise ValueError("sample_rate, n_fft, hop and n_mels must be positive")
        if (self.n_fft - self.hop) % 2 or self.n_fft < self.hop:
            raise ValueError("n_fft - hop must be even and not negative")
        if not 0 <= self.fmin_hz < self.fmax_hz <= self.sample_rate / 2:
            raise ValueError("0 <= fmin_hz < fmax_hz <= sample_rate / 2 must hold")
        if self.floor <= 0 or self.log_std <= 0:
            raise ValueError("floor and log_std must be positive")

    @property
    def frames_per_second(self) -> float:
        """Mel frames a second of sound."""
        return self.sample_rate / self.hop

    @property
    def n_bins(self) -> int:
        """Frequencies of the linear spectrogram."""
        return self.n_fft // 2 + 1

    @property
    def silence(self) -> float:
        """The value of a cell without any energy."""
        return float((np.log(self.floor) - self.log_mean) / self.log_std)


def check_same_mel(ours: MelConfig, theirs: MelConfig, what: str) -> None:
    """Raises MelMismatchError naming the first field in which two parts (`what`) differ."""
    for field in dataclasses.fields(MelConfig):
        a, b = getattr(ours, field.name), getattr(theirs, field.name)
        if a != b:
            raise MelMismatchError(
                f"{what} disagree on the mel spectrogram: {field.name} is {a} here and {b} there",
                hint="pair parts that were trained on the same mel, or train one of them again",
            )


def mel_spectrogram(samples: FloatArray, config: MelConfig) -> FloatArray:
    """The normalised log-mel spectrogram of a sound.

    Args:
        samples: Shape: (S,), float32 in [-1, 1]; a tail shorter than a hop is completed with zeros.
        config: what the spectrogram is.

    Returns:
        Shape: (M, T) with T = ceil(S / hop).
    """
    return _normalised(mel_filters(config) @ _stft_magnitudes(samples, config), config)


def linear_spectrogram(samples: FloatArray, config: MelConfig) -> FloatArray:
    """The normalised log magnitudes of the very STFT frames that the mel is made of.

    Magnitudes are scaled by `n_fft / sample_rate`, what the weights of a mel filter sum up to: a flat
    spectrum has the same value in both spectrograms, and so have the floor and silence.

    Args:
        samples: as `mel_spectrogram` takes them.
        config: the mel whose frames and normalisation it shares.

    Returns:
        Shape: (n_fft / 2 + 1, T).
    """
    return _normalised(_stft_magnitudes(samples, config) * _linear_scale(config), config)


def _linear_scale(config: MelConfig) -> np.float32:
    return np.float32(config.n_fft / config.sample_rate)


def _normalised(magnitude: FloatArray, config: MelConfig) -> FloatArray:
    log_magnitude = np.log(np.maximum(magnitude, config.floor))
    return ((log_magnitude - config.log_mean) / config.log_std).astype(np.float32)


def magnitudes(spectrogram: FloatArray, config: MelConfig) -> FloatArray:
    """The magnitudes that a normalised mel or linear spectrogram stands for. Shape: (..., T) -> the same."""
    return np.exp(spectrogram * config.log_std + config.log_mean)


def _stft_magnitudes(samples: FloatArray, config: MelConfig) -> FloatArray:
    """Shape: (S,) -> (n_fft / 2 + 1, ceil(S / hop))."""
    magnitude: FloatArray = np.abs(stft(samples, config))
    return magnitude


def stft(samples: FloatArray, config: MelConfig) -> npt.NDArray[np.complex64]:
    """The frames that every spectrogram is made of, Hann windows of `n_fft`.

    Shape: (S,) -> (n_fft / 2 + 1, T) with T = ceil(S / hop).
    """
    n_frames = max(1, -(-len(samples) // config.hop))
    missing = n_frames * config.hop - len(samples)
    padded = np.pad(samples, (0, missing)) if missing else samples
    # Reflected edges keep the onset of a clip from looking like a click.
    mode = "reflect" if len(padded) > _margin(config) else "constant"
    padded = np.pad(padded, _margin(config), mode=mode)  # type: ignore[call-overload]
    frames = np.lib.stride_tricks.sliding_window_view(padded, config.n_fft)[:: config.hop]
    return np.fft.rfft(frames * _hann(config.n_fft)).astype(np.complex64).T


def inverse_stft(spectrum: npt.NDArray[np.complex64], config: MelConfig) -> FloatArray:
    """The samples of STFT frames, as near as any can be. Shape: (n_fft / 2 + 1, T) -> (T * hop,)."""
    n_samples, margin = spectrum.shape[1] * config.hop, _margin(config)
    window = _hann(config.n_fft)
    frames = np.fft.irfft(spectrum.T, config.n_fft) * window
    weights = np.broadcast_to(np.square(window), frames.shape)
    tiny = np.finfo(np.float32).tiny
    samples = _overlap_add(frames, config.hop) / np.maximum(_overlap_add(weights, config.hop), tiny)
    return samples[margin : margin + n_samples].astype(np.float32)


def _overlap_add(frames: npt.NDArray[np.float64], hop: int) -> npt.NDArray[np.float64]:
    """The sum of frames that begin a hop apart. Shape: (T, n_fft) -> at least ((T - 1) * hop + n_fft,)."""
    n_frames, n_fft = frames.shape
    n_hops = -(-n_fft // hop)
    missing = n_hops * hop - n_fft
    parts = np.pad(frames, ((0, 0), (0, missing))) if missing else frames
    parts = parts.reshape(n_frames, n_hops, hop)
    total = np.zeros((n_frames + n_hops - 1, hop))
    for i in range(n_hops):
        total[i : i + n_frames] += parts[:, i]
    return total.reshape(-1)


@functools.cache
def _hann(n: int) -> npt.NDArray[np.float64]:
    """The periodic Hann window. Shape: (n,)."""
    window: npt.NDArray[np.float64] = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(n) / n)
    return window


def _margin(config: MelConfig) -> int:
    """How far the window of a frame reaches beyond its hop, on either side."""
    return (config.n_fft - config.hop) // 2


def griffin_lim(
    mel: FloatArray, config: MelConfig, *, n_iterations: int = 60, seed: int = 0
) -> FloatArray:
    """Samples whose mel spectrogram is close to `mel`: the vocoder that always works.

    The mel bands are inverted by non-negative least squares, the phases by fast Griffin-Lim (Perraudin
    et al. 2013, momentum 0.99).

    Args:
        mel: Shape: (M, T), normalised as `config` says.
        config: what the spectrogram is.
        n_iterations: rounds of phase estimation.
        seed: decides the phases that it starts from.

    Returns:
        Shape: (T * hop,), float32.
    """
    import librosa

    magnitude = librosa.util.nnls(mel_filters(config), magnitudes(mel, config))
    return _with_phases(magnitude, config, n_iterations, seed)


def griffin_lim_linear(
    linear: FloatArray,
    config: MelConfig,
    *,
    power: float = 1.2,
    n_iterations: int = 60,
    seed: int = 0,
) -> FloatArray:
    """Samples whose linear spectrogram is close to `linear`: nothing has to be guessed but the phases.

    Args:
        linear: Shape: (n_fft / 2 + 1, T), normalised as `linear_spectrogram` says.
        config: what the spectrogram is.
        power: what magnitudes are raised to first, relative to the loudest, which stays as it is. Above 1
            it takes away noise between the harmonics of a prediction (Wang et al. 2017, Tacotron, section
            3.4, has 1.2); at 1 a true spectrogram is inverted best.
        n_iterations: rounds of phase estimation.
        seed: decides the phases that it starts from.

    Returns:
        Shape: (T * hop,), float32.
    """
    magnitude = magnitudes(linear, config) / _linear_scale(config)
    loudest = magnitude.max()
    return _with_phases(loudest * (magnitude / loudest) ** power, config, n_iterations, seed)


def _with_phases(
    magnitude: FloatArray, config: MelConfig, n_iterations: int, seed: int
) -> FloatArray:
    """Samples with these STFT magnitudes. Shape: (n_fft / 2 + 1, T) -> (T * hop,)."""
    import librosa

    n_samples = magnitude.shape[1] * config.hop
    margin = _margin(config)
    samples = librosa.griffinlim(
        magnitude,
        n_iter=n_iterations,
        hop_length=config.hop,
        n_fft=config.n_fft,
        center=False,
        random_state=seed,
        length=n_samples + 2 * margin,
    )
    return np.ascontiguousarray(samples[margin : margin + n_samples], dtype=np.float32)


@functools.cache
def mel_filters(config: MelConfig) -> FloatArray:
    """The filters of the mel bands: triangles of area 1 that overlap by half (Slaney 1998).

    Shape: (M, n_fft / 2 + 1), not to be written to.
    """
    lowest, highest = _mel_of_hz(np.array([config.fmin_hz, config.fmax_hz]))
    corners = _hz_of_mel(np.linspace(lowest, highest, config.n_mels + 2))[:, None]
    low, centre, high = corners[:-2], corners[1:-1], corners[2:]
    bins = np.arange(config.n_bins) * config.sample_rate / config.n_fft
    triangles = np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre))
    filters = (np.maximum(triangles, 0.0) * 2.0 / (high - low)).astype(np.float32)
    filters.flags.writeable = False
    return filters


# Slaney's scale: 15 mel per kHz up to 1 kHz, from there on logarithmic, 27 mel for a factor of 6.4.
_KNEE_HZ, _MEL_PER_HZ = 1000.0, 0.015
_KNEE_MEL, _MEL_PER_NAT = _KNEE_HZ * _MEL_PER_HZ, 27.0 / np.log(6.4)


def _mel_of_hz(hz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    above = _KNEE_MEL + _MEL_PER_NAT * np.log(np.maximum(hz, _KNEE_HZ) / _KNEE_HZ)
    return np.where(hz < _KNEE_HZ, hz * _MEL_PER_HZ, above)


def _hz_of_mel(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    above = _KNEE_HZ * np.exp(np.maximum(mel - _KNEE_MEL, 0.0) / _MEL_PER_NAT)
    return np.where(mel < _KNEE_MEL, mel / _MEL_PER_HZ, above)
