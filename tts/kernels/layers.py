"""Layers of networks at inference, for what runs once a frame: compiled, or in numpy without a kernel."""

import ctypes
import weakref

import numpy as np

from tts.errors import KernelError
from tts.kernels.library import check, chosen_isa, library
from tts.kernels.weights import Affine, FloatArray

__all__ = ["Linear", "convolve"]


class Linear:
    """The map x -> W x + b, ready to be used.

    It is the work of one thread, and gives the same bits on any number of cores, which numpy's BLAS does not.
    Any number of threads may use it at once.

    Args:
        affine: its weights, which are copied.
        isa: the instruction set; see `WaveNetKernel`.
    """

    def __init__(self, affine: Affine, isa: str | None = None) -> None:
        weight, bias = (np.ascontiguousarray(part, dtype=np.float32) for part in affine)
        self.n_out, self.n_in = weight.shape
        self._plain: Affine | None = None
        try:
            self._library = library()
        except KernelError:  # of which the vocoder warns
            self._plain = Affine(weight.copy(), bias.copy())
            return
        self._packed = ctypes.c_void_p()
        check(
            self._library.saywave_affine_create(
                (chosen_isa() if isa is None else isa).encode(),
                self.n_in,
                self.n_out,
                weight.ctypes.data,
                bias.ctypes.data,
                ctypes.byref(self._packed),
            )
        )
        weakref.finalize(self, self._library.saywave_affine_destroy, self._packed)

    def __call__(self, x: FloatArray) -> FloatArray:
        """Shape: (..., n_in) -> (..., n_out)."""
        if x.shape[-1] != self.n_in:
            raise ValueError(f"the rows of an input {x.shape} are not {self.n_in} long")
        if self._plain is not None:
            return x @ self._plain.weight.T + self._plain.bias
        rows = np.ascontiguousarray(x, dtype=np.float32)
        y = np.empty((*x.shape[:-1], self.n_out), dtype=np.float32)
        n_rows = rows.size // self.n_in
        check(
            self._library.saywave_affine_apply(
                self._packed, n_rows, rows.ctypes.data, y.ctypes.data
            )
        )
        return y


def convolve(linear: Linear, x: FloatArray) -> FloatArray:
    """A convolution over time, each frame in the middle of its taps, as `tts.nn.conv` has it.

    Shape: (T, in) -> (T, out), by a map of K * in channels with an odd K.
    """
    n_taps = linear.n_in // x.shape[1]
    padded = np.pad(x, ((n_taps // 2, n_taps // 2), (0, 0)))
    taps = np.lib.stride_tricks.sliding_window_view(padded, n_taps, axis=0)  # (T, in, K)
    return linear(taps.swapaxes(1, 2).reshape(len(x), -1))
