"""What a voice changes of the mel that it speaks, and of the sound."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["at_speed", "faded", "sharpened"]

FloatArray = npt.NDArray[np.float32]


def sharpened(mel: "Tensor", factor: float) -> "Tensor":
    """Each band swings `factor` times as far about its mean over the utterance. Shape: (B, M, T)."""
    mean = mel.mean(dim=2, keepdim=True)
    return mean + factor * (mel - mean)


def at_speed(mel: "Tensor", speed: float) -> "Tensor":
    """The mel read `speed` times as fast, at the same pitch. Shape: (B, M, T) -> (B, M, T / speed).

    `AcousticModel.infer` takes a speed too. A model of one speaker hears in it a hint at best, so its own
    pace is kept, and the frames are interpolated.
    """
    if speed == 1.0:
        return mel
    from torch.nn.functional import interpolate

    return interpolate(mel, size=max(1, round(mel.shape[2] / speed)), mode="linear")


def faded(samples: FloatArray, n_fade: int) -> FloatArray:
    """Raises the first samples from zero, and lowers the last ones to it."""
    n_fade = min(n_fade, len(samples) // 2)
    ramp = np.linspace(0.0, 1.0, n_fade, endpoint=False, dtype=np.float32)
    gain = np.ones(len(samples), dtype=np.float32)
    gain[:n_fade] = ramp
    gain[len(samples) - n_fade :] = ramp[::-1]
    return samples * gain
