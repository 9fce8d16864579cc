"""What a voice changes of the mel that it speaks, and of the sound."""

import numpy as np
import numpy.typing as npt

__all__ = ["at_speed", "faded", "limited", "sharpened"]

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


def faded(samples: FloatArray, start: int, total: int, n_fade: int) -> FloatArray:
    """Part of a sound, which rises from zero at its beginning and falls to zero at its end.

    Args:
        samples: the part. Shape: (S,).
        start: where in the sound it begins.
        total: samples of the whole sound.
        n_fade: over how many of them it rises and falls, at most half of it.
    """
    n_fade = min(n_fade, total // 2)
    if n_fade == 0:
        return samples
    place = np.arange(start, start + len(samples))
    nearer_end = np.minimum(place, total - 1 - place)
    return samples * np.minimum(nearer_end / np.float32(n_fade), 1.0).astype(np.float32)


def limited(samples: FloatArray, peak: float) -> FloatArray:
    """Samples bent to stay below a peak; those below nine tenths of it are as they were.

    Each by itself, so that a sound in chunks is bent as the whole is.
    """
    knee = np.float32(0.9 * peak)
    room = np.float32(peak) - knee
    over = np.maximum(np.abs(samples) - knee, 0.0)
    if not over.any():
        return samples
    bent = np.minimum(np.abs(samples), knee) + room * np.tanh(over / room)
    return np.copysign(bent, samples).astype(np.float32)
