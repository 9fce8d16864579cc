"""Sound in memory (`Audio`) and sound files: read, written whole or not at all, and as bytes."""

import base64
import io
import os
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from tts.errors import AudioError
from tts.files import whole_file

__all__ = [
    "FORMATS",
    "Audio",
    "AudioMark",
    "check_output",
    "check_place",
    "read_wav",
    "wav_bytes",
    "wav_stream",
    "write_blocks",
    "write_wav",
]

FloatArray = npt.NDArray[np.float32]

FORMATS: dict[str, str] = {".wav": "WAV", ".flac": "FLAC"}
"""The suffixes that can be written, and libsndfile's names for them; samples are 16-bit PCM."""

_MAX_WAV_BYTES = 2**32 - 2**20  # its sizes have 32 bits, and some room is left for the tags


class AudioMark(NamedTuple):
    """A place in a sound that has a name."""

    name: str
    sample: int


@dataclass(frozen=True, eq=False, slots=True)
class Audio:
    """A sound.

    Args:
        samples: float32 in [-1, 1]. Shape: (S,).
        sample_rate: samples a second.
        tags: what a file of it says of where it comes from, as `write_wav` has them.
        marks: the places that a document of SSML names, in order.
    """

    samples: FloatArray
    sample_rate: int
    tags: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[AudioMark, ...] = ()

    @property
    def duration_s(self) -> float:
        """Its length in seconds."""
        return len(self.samples) / self.sample_rate

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes a WAV or FLAC file, by the suffix of `path`, in 16-bit PCM.

        Raises:
            AudioError: for another suffix, or when the file cannot be written; nothing is left then.
        """
        write_wav(path, self.samples, self.sample_rate, tags=self.tags)

    def __repr__(self) -> str:
        return f"Audio({self.duration_s:.2f} s, {self.sample_rate} Hz)"

    def _repr_html_(self) -> str:
        """A player, for notebooks."""
        content = wav_bytes(self.samples, self.sample_rate, tags=self.tags)
        encoded = base64.b64encode(content).decode("ascii")
        return f'<audio controls src="data:audio/wav;base64,{encoded}"></audio>'


def read_wav(path: str | os.PathLike[str]) -> tuple[FloatArray, int]:
    """Any sound file that libsndfile reads, its channels mixed to one.

    Returns:
        The samples, float32, Shape: (S,), and the sample rate.

    Raises:
        AudioError: when it cannot be read or holds no samples.
    """
    import soundfile

    try:
        with Path(path).open(
            "rb"
        ) as file:  # Python says better than libsndfile why it cannot be opened
            samples, sample_rate = soundfile.read(file, dtype="float32", always_2d=True)
    except OSError as error:
        raise AudioError(f"{path}: cannot be read: {error.strerror or error}") from None
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"{path}: {_broken(Path(path), error.error_string)}", hint="give a WAV or FLAC file"
        ) from None
    if not len(samples):
        raise AudioError(f"{path}: holds no samples", hint="record it again")
    return np.ascontiguousarray(samples.mean(axis=1)), int(sample_rate)


def _broken(path: Path, reason: str) -> str:
    """What is wrong with a file that libsndfile refuses for some reason."""
    with path.open("rb") as file:
        start = file.read(12)
    if not start:
        return "is empty"
    is_sound = start[:4] in (b"fLaC", b"OggS") or (start[:4] == b"RIFF" and start[8:] == b"WAVE")
    return f"{'is corrupt' if is_sound else 'is not a sound file'}: {reason}"


def check_output(path: str | os.PathLike[str]) -> None:
    """Refuses a path that `write_wav` could not write, before anything is computed for it.

    Raises:
        AudioError: for an unknown suffix, a missing folder, or one that cannot be written to.
    """
    path = Path(path)
    _format_of(path)
    check_place(path)


def check_place(path: Path) -> None:
    """Refuses a path where no file of any kind could be written. Raises AudioError."""
    folder = path.parent
    try:
        is_there, is_folder = folder.is_dir(), path.is_dir()
    except OSError as error:  # a name too long, or a folder that may not be looked into
        raise AudioError(
            f"{path}: cannot be written: {error.strerror}", hint="choose another place"
        ) from None
    if not is_there:
        raise AudioError(
            f"{path}: the folder {str(folder)!r} does not exist", hint=f"mkdir -p {folder}"
        )
    if is_folder:
        raise AudioError(f"{path}: is a folder", hint="give the name of a file")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise AudioError(
            f"{path}: the folder {str(folder)!r} cannot be written to", hint="choose another folder"
        )


def write_wav(
    path: str | os.PathLike[str],
    samples: FloatArray,
    sample_rate: int,
    *,
    tags: Mapping[str, str] | None = None,
) -> None:
    """Writes a WAV or FLAC file, by the suffix of `path`, in 16-bit PCM; values beyond 1 are clipped.

    The file appears under its name only when it is whole.

    Args:
        path: where to.
        samples: Shape: (S,).
        sample_rate: samples a second.
        tags: metadata under libsndfile's names, such as title, artist, comment and software: LIST/INFO in
            WAV, Vorbis comments in FLAC. Nothing else is added, no date: the same sound is the same bytes.

    Raises:
        AudioError: when it cannot be written; nothing is left then.
    """
    path = Path(path)
    check_output(path)
    content = _encode(samples, sample_rate, _format_of(path), tags or {})
    try:
        with whole_file(path) as part:
            part.write_bytes(content)
    except OSError as error:
        raise AudioError(
            f"{path}: cannot be written: {error.strerror or error}", hint="choose another place"
        ) from None


def wav_bytes(
    samples: FloatArray, sample_rate: int, *, tags: Mapping[str, str] | None = None
) -> bytes:
    """The bytes of a 16-bit WAV file, with the tags of `write_wav`. Shape: samples (S,)."""
    return _encode(samples, sample_rate, "WAV", tags or {})


def wav_stream(sample_rate: int, blocks: Iterable[FloatArray]) -> Iterator[bytes]:
    """A 16-bit WAV file that is sent while it is made, and whose header says that its length is unknown.

    Args:
        sample_rate: samples a second.
        blocks: the sound. Shape: (S,) in all.
    """
    shape = struct.pack("<HHIIHH", 1, 1, sample_rate, 2 * sample_rate, 2, 16)
    unknown = b"\xff\xff\xff\xff"
    yield b"RIFF%bWAVEfmt \x10\0\0\0%bdata%b" % (unknown, shape, unknown)
    for block in blocks:
        levels = np.floor(block * np.float32(32768.0))  # as libsndfile rounds
        yield np.clip(levels, -32768.0, 32767.0).astype("<i2").tobytes()


def write_blocks(
    path: Path,
    blocks: Iterable[FloatArray],
    sample_rate: int,
    *,
    tags: Mapping[str, str],
    kind: str | None = None,
) -> None:
    """Writes a sound that comes in blocks, with one in memory; its bytes are those that `write_wav` writes.

    Args:
        path: where to, at once; see `whole_file`.
        blocks: the sound. Shape: (S,) in all.
        sample_rate: samples a second.
        tags: the same.
        kind: a name whose suffix says which format, in the place of that of `path`.

    Raises:
        AudioError: when it is no sound, or too long for its format.
        OSError: when it cannot be written.
    """
    with path.open("wb+") as file:  # Python says better than libsndfile why it cannot be opened
        _write(file.fileno(), blocks, sample_rate, _format_of(Path(kind) if kind else path), tags)


def _encode(
    samples: FloatArray, sample_rate: int, file_format: str, tags: Mapping[str, str]
) -> bytes:
    buffer = io.BytesIO()
    _write(buffer, [samples], sample_rate, file_format, tags)
    return buffer.getvalue()


def _write(
    file: BinaryIO | int,
    blocks: Iterable[FloatArray],
    sample_rate: int,
    file_format: str,
    tags: Mapping[str, str],
) -> None:
    import soundfile

    n_written = 0
    try:
        with soundfile.SoundFile(
            file, "w", sample_rate, 1, "PCM_16", format=file_format, closefd=False
        ) as sound:
            for name, text in tags.items():
                if text:  # libsndfile refuses an empty one
                    setattr(sound, name, text)
            for block in blocks:
                if not np.isfinite(block).all():
                    raise AudioError("the sound holds NaN or infinity")
                n_written += len(block)
                if file_format == "WAV" and 2 * n_written > _MAX_WAV_BYTES:
                    raise AudioError(
                        "the sound is too long for a WAV file", hint="write FLAC: -o book.flac"
                    )
                sound.write(block)
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"the sound cannot be encoded: {error.error_string}",
            hint="is there room on the disk?" if isinstance(file, int) else "",
        ) from None


def _format_of(path: Path) -> str:
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        suffix = repr(path.suffix) if path.suffix else "no suffix"
        raise AudioError(
            f"{path}: {suffix} is not a format that can be written",
            hint=f"use one of: {', '.join(FORMATS)}",
        ) from None
