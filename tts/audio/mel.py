"""The mel spectrogram: what it is (`MelConfig`), from samples, and back by Griffin-Lim.

Frame `t` is centred on sample `(t + 1/2) * hop`, so `T` frames stand for exactly `T * hop` samples.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tts.errors import MelMismatchError

__all__ = ["MelConfig", "check_same_mel", "griffin_lim", "mel_spectrogram"]

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
    import librosa

    n_frames = max(1, -(-len(samples) // config.hop))
    margin = (config.n_fft - config.hop) // 2
    padded = np.pad(samples, (0, n_frames * config.hop - len(samples)))
    # Reflected edges keep the onset of a clip from looking like a click.
    mode = "reflect" if len(padded) > margin else "constant"
    padded = np.pad(padded, margin, mode=mode)  # type: ignore[call-overload]
    magnitude = np.abs(
        librosa.stft(padded, n_fft=config.n_fft, hop_length=config.hop, center=False)
    )
    mel = _mel_filters(config) @ magnitude
    log_mel = np.log(np.maximum(mel, config.floor))
    return ((log_mel - config.log_mean) / config.log_std).astype(np.float32)


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

    n_samples = mel.shape[1] * config.hop
    magnitude = np.exp(mel * config.log_std + config.log_mean)
    linear = librosa.util.nnls(_mel_filters(config), magnitude)
    margin = (config.n_fft - config.hop) // 2
    samples = librosa.griffinlim(
        linear,
        n_iter=n_iterations,
        hop_length=config.hop,
        n_fft=config.n_fft,
        center=False,
        random_state=seed,
        length=n_samples + 2 * margin,
    )
    return np.ascontiguousarray(samples[margin : margin + n_samples], dtype=np.float32)


def _mel_filters(config: MelConfig) -> FloatArray:
    import librosa

    filters: FloatArray = librosa.filters.mel(
        sr=config.sample_rate,
        n_fft=config.n_fft,
        n_mels=config.n_mels,
        fmin=config.fmin_hz,
        fmax=config.fmax_hz,
        dtype=np.float32,
    )
    return filters
