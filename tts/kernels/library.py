"""Finds and loads the shared library of the compiled kernels (`wavenet.h` and `affine.h` are its interface).

It lies beside this file in an installed package. In a checkout, `cmake -S . -B build && cmake --build build`
leaves it in `build/`. `SAYWAVE_LIBRARY` names another file, `SAYWAVE_KERNEL_ISA` another instruction set
than the best that the processor has, and `SAYWAVE_KERNEL_PRECISION` another precision than the default.
"""

import ctypes
import functools
import os
import sys
from collections.abc import Iterator
from ctypes import POINTER, Structure, c_char_p, c_float, c_int32, c_int64, c_void_p
from pathlib import Path

from tts.config import nearest
from tts.errors import KernelError

__all__ = ["PRECISIONS", "WaveNetConfig", "chosen_isa", "chosen_precision", "isas", "library"]

ABI = 3
"""The number of the interface that this file was written for: SAYWAVE_ABI in wavenet.h."""

PRECISIONS = ("float32", "bf16", "int8")
"""What weights and the inputs of products may be rounded to, in the order of `saywave_precision`."""

DEFAULT_PRECISION = "int8"
"""The fastest that costs the shipped voice less than 1 % of the likelihood of held-out speech, which
`bench/precision.py` measures; docs/benchmarks.md has the figures."""


class WaveNetConfig(Structure):
    """`saywave_wavenet_config`."""

    _fields_ = (
        ("precision", c_int32),
        ("n_bands", c_int32),
        ("likelihood", c_int32),
        ("n_components", c_int32),
        ("n_layers", c_int32),
        ("kernel", c_int32),
        ("residual_dim", c_int32),
        ("skip_dim", c_int32),
        ("head_dim", c_int32),
        ("dilations", POINTER(c_int32)),
    )


@functools.cache
def library() -> ctypes.CDLL:
    """The library, loaded once. Raises KernelError when there is none that loads."""
    path = _find()
    try:
        loaded = ctypes.CDLL(str(path))
        abi = int(loaded.saywave_abi())
    except (OSError, AttributeError) as error:
        raise KernelError(
            f"the compiled kernel {path} cannot be loaded: {error}", hint=_BUILD_HINT
        ) from None
    if abi != ABI:
        raise KernelError(
            f"the compiled kernel {path} has interface {abi}, where {ABI} is needed",
            hint=_BUILD_HINT,
        )
    _declare(loaded)
    return loaded


def isas() -> tuple[str, ...]:
    """The instruction sets that this processor can run, best first."""
    names = (library().saywave_isa(index) for index in range(8))
    return tuple(name.decode() for name in names if name is not None)


def chosen_isa() -> str:
    """The best instruction set, or the one in SAYWAVE_KERNEL_ISA; KernelError if that cannot run."""
    choices = isas()
    name = os.environ.get("SAYWAVE_KERNEL_ISA") or choices[0]
    if name not in choices:
        raise KernelError(
            f"SAYWAVE_KERNEL_ISA is {name!r}, which this processor cannot run{nearest(name, choices)}",
            hint=f"choose one of: {', '.join(choices)}",
        )
    return name


def chosen_precision() -> str:
    """The default precision, or the one in SAYWAVE_KERNEL_PRECISION."""
    return checked_precision(
        os.environ.get("SAYWAVE_KERNEL_PRECISION") or DEFAULT_PRECISION, "SAYWAVE_KERNEL_PRECISION"
    )


def checked_precision(name: str, source: str = "precision") -> str:
    """The name of a precision; KernelError if it is none."""
    if name not in PRECISIONS:
        raise KernelError(
            f"{source} is {name!r}, which the kernel does not know{nearest(name, PRECISIONS)}",
            hint=f"choose one of: {', '.join(PRECISIONS)}",
        )
    return name


def check(reason: bytes | None) -> None:
    """Raises KernelError for the reason that a function of the library refused with; None is no reason."""
    if reason is not None:
        raise KernelError(f"the compiled kernel refuses: {reason.decode()}")


_BUILD_HINT = (
    "install saywave with pip on a machine with a C compiler, or, in a checkout, run "
    "`cmake -S . -B build && cmake --build build`"
)


def _find() -> Path:
    name = os.environ.get("SAYWAVE_LIBRARY")
    if name:
        return Path(name)
    candidates = list(_candidates())
    for path in candidates:
        if path.is_file():
            return path
    raise KernelError(
        f"there is no compiled kernel: {candidates[0]} does not exist", hint=_BUILD_HINT
    )


def _candidates() -> Iterator[Path]:
    name = "libsaywave_kernels.so"  # on macOS too: CMake calls it a module
    # An editable install has two folders for this package, the sources' and the built files'.
    package = sys.modules[__package__ or __name__.rpartition(".")[0]]
    for folder in package.__path__:
        yield Path(folder) / name
    yield Path(__file__).resolve().parents[2] / "build" / name


def _declare(loaded: ctypes.CDLL) -> None:
    """Tells ctypes the types of wavenet.h; a `const char *` result is None or the reason of a refusal."""
    streams = POINTER(c_void_p)
    loaded.saywave_isa.argtypes = (c_int32,)
    loaded.saywave_isa.restype = c_char_p
    loaded.saywave_read.argtypes = (c_char_p, c_void_p, c_int64, c_int64)
    loaded.saywave_read.restype = c_char_p
    loaded.saywave_affine_create.argtypes = (
        *(c_char_p, c_int64, c_int64),
        *(c_void_p, c_void_p, POINTER(c_void_p)),
    )
    loaded.saywave_affine_create.restype = c_char_p
    loaded.saywave_affine_destroy.argtypes = (c_void_p,)
    loaded.saywave_affine_destroy.restype = None
    loaded.saywave_affine_apply.argtypes = (c_void_p, c_int64, c_void_p, c_void_p)
    loaded.saywave_affine_apply.restype = c_char_p
    loaded.saywave_wavenet_create.argtypes = (
        POINTER(WaveNetConfig),
        c_void_p,
        c_int64,
        c_char_p,
        POINTER(c_void_p),
    )
    loaded.saywave_wavenet_create.restype = c_char_p
    loaded.saywave_wavenet_destroy.argtypes = (c_void_p,)
    loaded.saywave_wavenet_destroy.restype = None
    loaded.saywave_wavenet_step_bytes.argtypes = (c_void_p,)
    loaded.saywave_wavenet_step_bytes.restype = c_int64
    loaded.saywave_wavenet_state_size.argtypes = (c_void_p,)
    loaded.saywave_wavenet_state_size.restype = c_int64
    loaded.saywave_wavenet_state_init.argtypes = (c_void_p, c_void_p)
    loaded.saywave_wavenet_state_init.restype = c_char_p
    loaded.saywave_wavenet_run.argtypes = (
        *(c_void_p, c_int64, streams, streams, c_int64, c_int64, streams),
        *(c_float, streams),
    )
    loaded.saywave_wavenet_run.restype = c_char_p
    loaded.saywave_wavenet_force.argtypes = (
        *(c_void_p, c_void_p, c_void_p, c_int64, c_int64),
        *(c_void_p, c_void_p),
    )
    loaded.saywave_wavenet_force.restype = c_char_p
