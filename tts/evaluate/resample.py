"""Sounds at the rate and the level that a ruler is made for."""

import numpy as np
import numpy.typing as npt

from tts.audio.loudness import normalise_loudness
from tts.audio.wav import Audio

__all__ = ["at_16_khz", "at_rate", "levelled"]

FloatArray = npt.NDArray[np.float32]

_LUFS = -23.0
_PEAK = 0.99


def levelled(audio: Audio) -> Audio:
    """The sound at -23 LUFS, so that no ruler takes the louder for the better one."""
    samples = normalise_loudness(audio.samples, audio.sample_rate, _LUFS, peak=_PEAK)
    return Audio(samples, audio.sample_rate)


def at_rate(audio: Audio, sample_rate: int) -> FloatArray:
    """The samples at another rate, within [-1, 1]. Shape: (S,)."""
    import librosa

    samples = librosa.resample(audio.samples, orig_sr=audio.sample_rate, target_sr=sample_rate)
    return np.clip(samples, -1.0, 1.0).astype(np.float32)


def at_16_khz(audio: Audio) -> FloatArray:
    """The samples at the rate of recognisers and predictors. Shape: (S,)."""
    return at_rate(audio, 16000)
