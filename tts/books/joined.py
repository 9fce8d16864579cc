"""Chapters in files of their own, as one file with marks: FLAC, or M4B by ffmpeg.

FLAC keeps them as Vorbis comments, CHAPTER001=00:00:00.000 and CHAPTER001NAME=..., which players that know
chapters read. M4B has chapters of its own; ffmpeg encodes it and is told them in its metadata format.
"""

import contextlib
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tts.audio.wav import write_blocks
from tts.books.book import Book
from tts.books.spoken import SpokenChapter
from tts.errors import AudioError
from tts.files import whole_file

__all__ = ["find_ffmpeg", "write_flac_book", "write_m4b"]

_PAUSE_S = 1.5  # between two chapters
_BLOCK = 2**16
_COMMENT_BLOCK, _LAST = 4, 0x80
_BIT_RATE = "64k"  # mono speech at 22 kHz is transparent


def find_ffmpeg() -> str:
    """The path of ffmpeg. Raises AudioError when it is not installed."""
    found = shutil.which("ffmpeg")
    if found is None:
        raise AudioError(
            "ffmpeg, which writes M4B, is not installed",
            hint="install it (apt install ffmpeg, brew install ffmpeg), or write FLAC: -o book.flac",
        )
    return found


def write_flac_book(
    path: Path, book: Book, chapters: Sequence[SpokenChapter], tags: Mapping[str, str]
) -> float:
    """Writes chapters as one FLAC file with chapter marks.

    Args:
        path: where to; the file appears when it is whole.
        book: whose title is told, else the name of the file.
        chapters: their files, all at one sample rate.
        tags: as `write_wav` has them.

    Returns:
        Its length in seconds.

    Raises:
        AudioError: when it cannot be written.
    """
    starts, rate = _starts(chapters)
    comments = []
    for number, (chapter, start) in enumerate(zip(chapters, starts, strict=False), start=1):
        comments.append(f"CHAPTER{number:03}={_clock(start / rate)}")
        comments.append(f"CHAPTER{number:03}NAME={chapter.title or f'Chapter {number}'}")
    try:
        with whole_file(path) as part, tempfile.NamedTemporaryFile(dir=path.parent) as plain:
            tags = {**tags, "title": book.title or path.stem}
            write_blocks(Path(plain.name), _sound(chapters, rate), rate, tags=tags, kind=path.name)
            _add_comments(Path(plain.name), part, comments)
    except OSError as error:
        raise _unwritten(path, error) from None
    return starts[-1] / rate


def write_m4b(
    path: Path, book: Book, chapters: Sequence[SpokenChapter], tags: Mapping[str, str]
) -> float:
    """Writes chapters as one M4B file (AAC) with chapter marks, by ffmpeg; see `write_flac_book`.

    Raises:
        AudioError: when ffmpeg is missing or fails, or the file cannot be written.
    """
    starts, rate = _starts(chapters)
    try:
        with whole_file(path) as part, tempfile.TemporaryDirectory(prefix="book-") as folder:
            metadata, said = Path(folder) / "metadata", Path(folder) / "errors"
            metadata.write_text(_ffmetadata(path.stem, book, chapters, starts, rate, tags), "utf-8")
            command = _ffmpeg_command(find_ffmpeg(), metadata, part, rate)
            with said.open("wb") as errors:
                process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=errors)
                try:
                    _feed(process, _sound(chapters, rate))
                    code = process.wait()
                finally:
                    process.kill()  # which does nothing to one that has ended
                    process.wait()
            if code:
                lines = said.read_text("utf-8", "replace").strip().splitlines() or [
                    f"exit code {code}"
                ]
                raise AudioError(
                    f"{path}: ffmpeg could not write it: {lines[-1]}",
                    hint="write FLAC: -o book.flac",
                )
    except OSError as error:
        raise _unwritten(path, error) from None
    return starts[-1] / rate


def _feed(process: "subprocess.Popen[bytes]", blocks: Iterator[npt.NDArray[Any]]) -> None:
    """Gives a process its samples; one that has ended before them says itself why."""
    assert process.stdin is not None, "it was started with a pipe"
    with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
        for block in blocks:
            pipe.write(block.astype("<i2").tobytes())


def _ffmpeg_command(ffmpeg: str, metadata: Path, path: Path, rate: int) -> list[str]:
    """How ffmpeg makes M4B of samples on its standard input: the same bytes each time, and no date."""
    sound = ["-f", "s16le", "-ar", str(rate), "-ac", "1", "-i", "pipe:0"]
    marks = ["-f", "ffmetadata", "-i", str(metadata), "-map", "0:a", "-map_metadata", "1"]
    codec = ["-map_chapters", "1", "-c:a", "aac", "-b:a", _BIT_RATE]
    exact = ["-fflags", "+bitexact", "-flags:a", "+bitexact", "-movflags", "+faststart"]
    start = [ffmpeg, "-nostdin", "-hide_banner", "-v", "error", "-y"]
    return [*start, *sound, *marks, *codec, *exact, "-f", "ipod", str(path)]


def _ffmetadata(
    name: str,
    book: Book,
    chapters: Sequence[SpokenChapter],
    starts: Sequence[int],
    rate: int,
    tags: Mapping[str, str],
) -> str:
    """Titles and chapters in the metadata format of ffmpeg; `name` is that of a book without a title."""
    title = book.title or name
    values = {
        "title": title,
        "album": title,
        "artist": book.author or tags.get("artist", ""),
        "composer": tags.get("artist", ""),  # where audiobooks name who reads
        "comment": tags.get("comment", ""),
        "genre": "Audiobook",
    }
    lines = [";FFMETADATA1", *(f"{key}={_escaped(text)}" for key, text in values.items() if text)]
    for number, chapter in enumerate(chapters, start=1):
        title = _escaped(chapter.title or f"Chapter {number}")
        lines += ["[CHAPTER]", f"TIMEBASE=1/{rate}", f"START={starts[number - 1]}"]
        lines += [f"END={starts[number]}", f"title={title}"]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in "=;#\\\n" else c for c in text)


def _starts(chapters: Sequence[SpokenChapter]) -> tuple[list[int], int]:
    """Where each chapter begins and the last one ends, in samples, and the sample rate."""
    import soundfile

    starts, rate = [0], 0
    for number, chapter in enumerate(chapters, start=1):
        info = soundfile.info(str(chapter.path))
        rate = info.samplerate
        n_pause = round(_PAUSE_S * rate) if number < len(chapters) else 0
        starts.append(starts[-1] + info.frames + n_pause)
    return starts, rate


def _sound(chapters: Sequence[SpokenChapter], rate: int) -> Iterator[npt.NDArray[Any]]:
    """The 16-bit samples of all chapters, with pauses between them, a block at a time."""
    import soundfile

    for number, chapter in enumerate(chapters, start=1):
        yield from soundfile.blocks(str(chapter.path), _BLOCK, dtype="int16")
        if number < len(chapters):
            yield np.zeros(round(_PAUSE_S * rate), np.int16)


def _add_comments(source: Path, target: Path, comments: Sequence[str]) -> None:
    """Copies a FLAC file with more Vorbis comments (RFC 9639, sections 8 and 8.6).

    A block of metadata is a byte that says its kind and whether it is the last, 24 bits of its size, and its
    content. In that of comments the vendor, the number of comments, and the comments follow each other, with
    little-endian sizes.
    """
    with source.open("rb") as old, target.open("wb") as new:
        new.write(old.read(4))
        is_last = False
        while not is_last:
            kind, *size = old.read(4)
            content = old.read(int.from_bytes(bytes(size), "big"))
            is_last = bool(kind & _LAST)
            if kind & ~_LAST == _COMMENT_BLOCK:
                content = _with_comments(content, comments)
            new.write(bytes([kind]) + len(content).to_bytes(3, "big") + content)
        shutil.copyfileobj(old, new, 2**20)


def _with_comments(content: bytes, comments: Sequence[str]) -> bytes:
    """A block of comments with more of them at its end."""
    place = 4 + struct.unpack_from("<I", content)[0]
    count = struct.unpack_from("<I", content, place)[0]
    encoded = [comment.encode() for comment in comments]
    more = b"".join(struct.pack("<I", len(comment)) + comment for comment in encoded)
    total = struct.pack("<I", count + len(comments))
    return content[:place] + total + content[place + 4 :] + more


def _clock(seconds: float) -> str:
    """Such as 01:02:03.456."""
    thousandths = round(seconds * 1000)
    minutes, thousandths = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{thousandths / 1000:06.3f}"


def _unwritten(path: Path, error: OSError) -> AudioError:
    return AudioError(
        f"{path}: cannot be written: {error.strerror or error}", hint="choose another place"
    )
