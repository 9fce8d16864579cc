"""The arrays of one clip, in one file.

In safetensors, whose header is JSON. NumPy reads the headers of its own files with `ast`, which in Python
3.11 fails now and then when two threads do so at once (CPython issue 106905), and threads make the batches.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from tts.files import whole_file

__all__ = ["read_array", "read_shape", "write_arrays"]


def write_arrays(path: Path, **arrays: npt.NDArray[Any]) -> None:
    """Writes named arrays, whole or not at all.

    Raises:
        OSError: when there is no room, or no right to write.
    """
    with whole_file(path) as part:
        part.write_bytes(save({name: np.ascontiguousarray(a) for name, a in arrays.items()}))


def read_array(path: Path, name: str) -> npt.NDArray[Any]:
    """One array of a file; the others are not read.

    Raises:
        OSError: when there is no such file.
        ValueError: when it is cut off, or something else, or has no array of this name.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            array: npt.NDArray[Any] = file.get_tensor(name)
    except SafetensorError as error:
        raise ValueError(str(error)) from None
    return array


def read_shape(path: Path, name: str) -> tuple[int, ...]:
    """The shape of one array, without reading it.

    Raises:
        OSError, ValueError: as `read_array` does.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            return tuple(file.get_slice(name).get_shape())
    except SafetensorError as error:
        raise ValueError(str(error)) from None
