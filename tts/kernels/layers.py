"""Layers of networks at inference, in numpy: what runs once a frame, and so needs no kernel."""

import numpy as np

from tts.kernels.weights import Affine, FloatArray

__all__ = ["apply", "convolve"]


def apply(affine: Affine, x: FloatArray) -> FloatArray:
    """W x + b of each row. Shape: (..., in) -> (..., out)."""
    return x @ affine.weight.T + affine.bias


def convolve(affine: Affine, x: FloatArray) -> FloatArray:
    """A convolution over time, each frame in the middle of its taps, as `tts.nn.conv` has it.

    Shape: weight (out, K * in) with an odd K, (T, in) -> (T, out).
    """
    n_taps = affine.weight.shape[1] // x.shape[1]
    padded = np.pad(x, ((n_taps // 2, n_taps // 2), (0, 0)))
    taps = np.lib.stride_tricks.sliding_window_view(padded, n_taps, axis=0)  # (T, in, K)
    return apply(affine, taps.swapaxes(1, 2).reshape(len(x), -1))
