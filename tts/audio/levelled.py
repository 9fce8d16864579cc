"""A sound that is written while it is made, and brought to its level when all of it is known.

What comes is put aside on the disk as it is; then its loudness is measured, and it is written under one gain.
So memory holds a block of it at a time, however long it is, and the file is the one that `normalise_loudness`
and `write_wav` would write of the whole.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from tts.audio.loudness import loudness_gain
from tts.audio.wav import check_output, write_blocks
from tts.errors import AudioError
from tts.files import whole_file

__all__ = ["write_levelled"]

FloatArray = npt.NDArray[np.float32]

_BLOCK = 2**16
_ITEM_BYTES = 4


def write_levelled(
    path: str | os.PathLike[str],
    pieces: Iterable[FloatArray],
    sample_rate: int,
    target_lufs: float,
    *,
    peak: float = 0.95,
    tags: Mapping[str, str],
) -> int:
    """Writes a sound that comes in pieces to a WAV or FLAC file, as loud as wanted.

    Args:
        path: where to; the file appears when it is whole.
        pieces: the sound at any level. Shape: (S,) in all.
        sample_rate: samples a second.
        target_lufs: the loudness wanted, and
        peak: the largest magnitude allowed, as `normalise_loudness` has them.
        tags: as `write_wav` has them.

    Returns:
        How many samples were written.

    Raises:
        AudioError: when it cannot be written; nothing is left then.
    """
    path = Path(path)
    check_output(path)
    try:
        with whole_file(path) as part, _aside(part) as file:
            for piece in pieces:
                file.write(np.ascontiguousarray(piece, dtype=np.float32).tobytes())
            file.flush()
            sound = _Stored(file)
            gain = loudness_gain(sound, sample_rate, target_lufs, peak=peak)
            blocks = (block * gain for block in sound.blocks())
            write_blocks(part, blocks, sample_rate, tags=tags, kind=path.name)
            return len(sound)
    except OSError as error:
        raise AudioError(
            f"{path}: cannot be written: {error.strerror or error}", hint="choose another place"
        ) from None


def _aside(part: Path) -> BinaryIO:
    """A file beside `part` that has no name any more, and so vanishes however this ends."""
    import tempfile

    return tempfile.TemporaryFile(dir=part.parent)


class _Stored:
    """Samples in a file, of which a slice is in memory. Shape: (S,)."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._n = os.fstat(file.fileno()).st_size // _ITEM_BYTES

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, place: slice) -> FloatArray:
        start, stop, _ = place.indices(self._n)
        self._file.seek(start * _ITEM_BYTES)
        return np.frombuffer(self._file.read(max(0, stop - start) * _ITEM_BYTES), np.float32)

    def blocks(self) -> Iterator[FloatArray]:
        """All of it, a block at a time."""
        for start in range(0, self._n, _BLOCK):
            yield self[start : start + _BLOCK]
