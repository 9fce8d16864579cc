"""Sound in memory (`Audio`) and sound files: read, written whole or not at all, and as bytes."""

import base64
import io
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tts.errors import AudioError
from tts.files import whole_file

__all__ = ["FORMATS", "Audio", "check_output", "read_wav", "wav_bytes", "write_wav"]

FloatArray = npt.NDArray[np.float32]

FORMATS: dict[str, str] = {".wav": "WAV", ".flac": "FLAC"}
"""The suffixes that can be written, and libsndfile's names for them; samples are 16-bit PCM."""


@dataclass(frozen=True, eq=False, slots=True)
class Audio:
    """A sound.

    Args:
        samples: float32 in [-1, 1]. Shape: (S,).
        sample_rate: samples a second.
    """

    samples: FloatArray
    sample_rate: int

    @property
    def duration_s(self) -> float:
        """Its length in seconds."""
        return len(self.samples) / self.sample_rate

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes a WAV or FLAC file, by the suffix of `path`, in 16-bit PCM.

        Raises:
            AudioError: for another suffix, or when the file cannot be written; nothing is left then.
        """
        write_wav(path, self.samples, self.sample_rate)

    def __repr__(self) -> str:
        return f"Audio({self.duration_s:.2f} s, {self.sample_rate} Hz)"

    def _repr_html_(self) -> str:
        """A player, for notebooks."""
        encoded = base64.b64encode(wav_bytes(self.samples, self.sample_rate)).decode("ascii")
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


def write_wav(path: str | os.PathLike[str], samples: FloatArray, sample_rate: int) -> None:
    """Writes a WAV or FLAC file, by the suffix of `path`, in 16-bit PCM; values beyond 1 are clipped.

    The file appears under its name only when it is whole.

    Args:
        path: where to.
        samples: Shape: (S,).
        sample_rate: samples a second.

    Raises:
        AudioError: when it cannot be written; nothing is left then.
    """
    path = Path(path)
    check_output(path)
    content = _encode(samples, sample_rate, _format_of(path))
    try:
        with whole_file(path) as part:
            part.write_bytes(content)
    except OSError as error:
        raise AudioError(
            f"{path}: cannot be written: {error.strerror or error}", hint="choose another place"
        ) from None


def wav_bytes(samples: FloatArray, sample_rate: int) -> bytes:
    """The bytes of a 16-bit WAV file. Shape: samples (S,)."""
    return _encode(samples, sample_rate, "WAV")


def _encode(samples: FloatArray, sample_rate: int, file_format: str) -> bytes:
    import soundfile

    if not np.isfinite(samples).all():
        raise AudioError("the sound holds NaN or infinity")
    buffer = io.BytesIO()
    try:
        soundfile.write(buffer, samples, sample_rate, format=file_format, subtype="PCM_16")
    except soundfile.LibsndfileError as error:
        raise AudioError(f"the sound cannot be encoded: {error.error_string}") from None
    return buffer.getvalue()


def _format_of(path: Path) -> str:
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        suffix = repr(path.suffix) if path.suffix else "no suffix"
        raise AudioError(
            f"{path}: {suffix} is not a format that can be written",
            hint=f"use one of: {', '.join(FORMATS)}",
        ) from None
