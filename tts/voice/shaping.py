"""What a voice changes of the mel that it speaks, and of the sound."""

import numpy as np
import numpy.typing as npt

__all__ = ["at_speed", "faded", "sharpened"]

FloatArray = npt.NDArray[np.float32]


def sharpened(mel: FloatArray, factor: float) -> FloatArray:
    """Each band swings `factor` times as far about its mean over the utterance. Shape: (M, T)."""
    mean = mel.mean(axis=1, keepdims=True)
    return mean + np.float32(factor) * (mel - mean)


def at_speed(mel: FloatArray, speed: float) -> FloatArray:
    """The mel read `speed` times as fast, at the same pitch. Shape: (M, T) -> (M, T / speed).

    `AcousticModel.infer` takes a speed too. A model of one speaker hears in it a hint at best, so its own
    pace is kept, and the frames are interpolated.
    """
    if speed == 1.0:
        return mel
    n_frames = mel.shape[1]
    n_read = max(1, round(n_frames / speed))
    # Frames stand for spans of time: what lies in their middles is interpolated.
    places = np.clip((np.arange(n_read) + 0.5) * (n_frames / n_read) - 0.5, 0.0, n_frames - 1.0)
    before = places.astype(np.int64)
    after = np.minimum(before + 1, n_frames - 1)
    share = (places - before).astype(np.float32)
    return mel[:, before] * (np.float32(1.0) - share) + mel[:, after] * share


def faded(samples: FloatArray, n_fade: int) -> FloatArray:
    """Raises the first samples from zero, and lowers the last ones to it."""
    n_fade = min(n_fade, len(samples) // 2)
    ramp = np.linspace(0.0, 1.0, n_fade, endpoint=False, dtype=np.float32)
    gain = np.ones(len(samples), dtype=np.float32)
    gain[:n_fade] = ramp
    gain[len(samples) - n_fade :] = ramp[::-1]
    return samples * gain
