"""The compiled WaveNet for numpy: `wavenet.c`, whose specification is `reference.py`."""

import ctypes
import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tts.errors import KernelError
from tts.kernels.library import (
    PRECISIONS,
    WaveNetConfig,
    check,
    checked_precision,
    chosen_isa,
    chosen_precision,
    library,
)
from tts.kernels.weights import FloatArray, WaveNetWeights

__all__ = ["KernelState", "WaveNetKernel"]

_LIKELIHOODS = ("mulaw", "logistic_mixture", "gaussian")  # enum saywave_likelihood
_ALIGNMENT = 64


class KernelState:
    """All that one stream carries from call to call. It fits the kernel that made it, on any thread."""

    def __init__(self, n_bytes: int) -> None:
        room = np.zeros(n_bytes + _ALIGNMENT, dtype=np.uint8)
        start = -room.ctypes.data % _ALIGNMENT
        self.buffer = room[start : start + n_bytes]

    def copy(self) -> "KernelState":
        """A stream that goes on from here by itself."""
        twin = KernelState(self.buffer.nbytes)
        twin.buffer[:] = self.buffer
        return twin


class WaveNetKernel:
    """A WaveNet without its conditioner, compiled. It is immutable: threads may share it.

    Args:
        weights: copied, and packed for the processor.
        isa: the instruction set, one of `tts.kernels.isas()`; by default `SAYWAVE_KERNEL_ISA`, else the best.
        precision: of the weights, one of `tts.kernels.PRECISIONS`; by default `SAYWAVE_KERNEL_PRECISION`,
            else int8.

    Raises:
        KernelError: when the library cannot be loaded, or refuses the sizes.
    """

    def __init__(
        self, weights: WaveNetWeights, isa: str | None = None, precision: str | None = None
    ) -> None:
        self._library = library()
        self.isa = chosen_isa() if isa is None else isa
        self.precision = chosen_precision() if precision is None else checked_precision(precision)
        self.n_bands, self.n_layers = weights.n_bands, len(weights.layers)
        self.residual_dim = weights.residual_dim
        self.n_params, self.n_uniforms = weights.n_params, weights.n_uniforms
        self._is_softmax = weights.likelihood == "mulaw"
        flat = _flatten(weights)
        model = ctypes.c_void_p()
        check(
            self._library.saywave_wavenet_create(
                _config(weights, self.precision),
                flat.ctypes.data,
                flat.size,
                self.isa.encode(),
                ctypes.byref(model),
            )
        )
        self._model = model
        weakref.finalize(self, self._library.saywave_wavenet_destroy, model)

    @property
    def step_bytes(self) -> int:
        """Bytes of weights that a step of one stream reads; the bandwidth of the cache limits its speed."""
        return int(self._library.saywave_wavenet_step_bytes(self._model))

    def initial_state(self) -> KernelState:
        """The state before the first step: silence."""
        state = KernelState(self._library.saywave_wavenet_state_size(self._model))
        check(self._library.saywave_wavenet_state_init(self._model, state.buffer.ctypes.data))
        return state

    def run(
        self,
        state: KernelState,
        conditions: npt.NDArray[Any],
        uniforms: npt.NDArray[Any],
        temperature: float = 1.0,
    ) -> FloatArray:
        """Draws as many steps as there are uniforms; `state` moves on in place.

        However a stream is cut into calls, the samples are the same bits. Each call must hold whole
        conditions: step i is conditioned on `conditions[i // hold]`, with hold = S' / n_conditions.

        Shape: conditions (n_conditions, n_layers, 2 * residual), uniforms (S', n_bands, n_uniforms)
            -> (S', n_bands).

        Raises:
            KernelError: for a temperature that the likelihood cannot be drawn at.
        """
        return self.run_batch([state], [conditions], [uniforms], temperature)[0]

    def run_batch(
        self,
        states: Sequence[KernelState],
        conditions: Sequence[npt.NDArray[Any]],
        uniforms: Sequence[npt.NDArray[Any]],
        temperature: float = 1.0,
    ) -> FloatArray:
        """`run` for several streams, each as long as the others; 2, 4 and 8 of them share each weight read.

        Each stream's samples are the same bits as if it ran alone.

        Shape: B of each of what `run` takes -> (B, S', n_bands).
        """
        if not (temperature > 0.0 or (temperature == 0.0 and not self._is_softmax)):
            raise KernelError(
                f"cannot draw at temperature {temperature}", hint="choose one above 0"
            )
        draws = [_rows(rows, (self.n_bands, self.n_uniforms), "uniforms") for rows in uniforms]
        n_steps = len(draws[0]) if draws else 0
        if any(len(rows) != n_steps for rows in draws):
            raise ValueError("streams of a batch must have as many uniforms each")
        pairs = [self._conditions(rows, n_steps) for rows in conditions]
        if not len(states) == len(pairs) == len(draws):
            raise ValueError(
                f"{len(states)} states, {len(pairs)} conditions and {len(draws)} uniforms"
            )
        if len({hold for _, hold in pairs}) > 1:
            raise ValueError("streams of a batch must have as many conditions each")
        drawn = np.empty((len(draws), n_steps, self.n_bands), dtype=np.float32)
        if not drawn.size:
            return drawn
        check(
            self._library.saywave_wavenet_run(
                self._model,
                len(states),
                _pointers([self._address(state) for state in states]),
                _pointers([rows.ctypes.data for rows, _ in pairs]),
                n_steps,
                pairs[0][1],
                _pointers([rows.ctypes.data for rows in draws]),
                temperature,
                _pointers([rows.ctypes.data for rows in drawn]),
            )
        )
        return drawn

    def teacher_forced(
        self, state: KernelState, conditions: npt.NDArray[Any], bands: npt.NDArray[Any]
    ) -> FloatArray:
        """The params of the steps of a given stream; `state` moves on in place, as if they were drawn.

        Shape: conditions (n_conditions, n_layers, 2 * residual), bands (S', n_bands)
            -> (S', n_bands, n_params).
        """
        bands = _rows(bands, (self.n_bands,), "bands")
        conditions, hold = self._conditions(conditions, len(bands))
        params = np.empty((len(bands), self.n_bands, self.n_params), dtype=np.float32)
        check(
            self._library.saywave_wavenet_force(
                self._model,
                self._address(state),
                conditions.ctypes.data,
                len(bands),
                hold,
                bands.ctypes.data,
                params.ctypes.data,
            )
        )
        return params

    def _conditions(self, conditions: npt.NDArray[Any], n_steps: int) -> tuple[FloatArray, int]:
        """The conditions as C reads them, and for how many steps each holds."""
        rows = _rows(conditions, (self.n_layers, 2 * self.residual_dim), "conditions")
        if n_steps == 0:
            return rows, 1
        if len(rows) == 0 or n_steps % len(rows):
            raise ValueError(f"{n_steps} steps are no multiple of {len(rows)} conditions")
        return rows, n_steps // len(rows)

    def _address(self, state: KernelState) -> int:
        n_bytes = self._library.saywave_wavenet_state_size(self._model)
        if state.buffer.nbytes != n_bytes:
            raise ValueError("the state is that of another model")
        return int(state.buffer.ctypes.data)


def _rows(values: npt.NDArray[Any], shape: tuple[int, ...], name: str) -> FloatArray:
    """`values` as C reads them: rows of `shape`, contiguous float32."""
    if values.shape[1:] != shape:
        raise ValueError(f"{name} have shape {values.shape}, not (n, {', '.join(map(str, shape))})")
    return np.ascontiguousarray(values, dtype=np.float32)


def _pointers(addresses: Sequence[int]) -> "ctypes.Array[ctypes.c_void_p]":
    """An array for C of where the streams' values lie."""
    return (ctypes.c_void_p * len(addresses))(*addresses)


def _flatten(weights: WaveNetWeights) -> FloatArray:
    """The weights in the order of wavenet.h."""
    layers = [affine for layer in weights.layers for affine in layer]
    affines = [weights.front, *layers, weights.head, weights.out]
    return np.concatenate(
        [np.asarray(part, dtype=np.float32).reshape(-1) for affine in affines for part in affine]
    )


def _config(weights: WaveNetWeights, precision: str) -> WaveNetConfig:
    return WaveNetConfig(
        precision=PRECISIONS.index(precision),
        n_bands=weights.n_bands,
        likelihood=_LIKELIHOODS.index(weights.likelihood),
        n_components=weights.n_components,
        n_layers=len(weights.layers),
        kernel=weights.kernel,
        residual_dim=weights.residual_dim,
        skip_dim=weights.skip_dim,
        head_dim=weights.head_dim,
        dilations=(ctypes.c_int32 * len(weights.dilations))(*weights.dilations),
    )
