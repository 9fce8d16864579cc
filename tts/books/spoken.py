"""Chapters to one FLAC file each, in a folder that knows what is done.

`chapters.json` beside them holds, for each file, its own sum and that of all that decides what is in it: the
text, the voice, the options, the version. A chapter whose two sums still hold is kept; another is made anew.
So a book that was interrupted goes on, and one that was changed is mended where it was changed.
"""

import contextlib
import dataclasses
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tts.books.book import Book, Chapter
from tts.errors import AudioError
from tts.files import whole_file
from tts.voice import SynthesisOptions, Voice, speech_tags

__all__ = ["SpokenChapter", "remove_chapters", "speak_chapters"]

STATE_FILE = "chapters.json"

_FORMAT = 1
_MAX_NAME = 60
_STRANGE = re.compile(r"[^\w \-.,;()'’&!]+")

ChapterProgress = Callable[[int, float], object]


@dataclass(frozen=True, kw_only=True, slots=True)
class SpokenChapter:
    """A chapter that is in a file.

    Attributes:
        title: its title.
        path: its file.
        duration_s: its length.
        kept: whether it was there already.
    """

    title: str
    path: Path
    duration_s: float
    kept: bool


def speak_chapters(
    voice: Voice,
    book: Book,
    folder: Path,
    *,
    options: SynthesisOptions,
    digest: str,
    progress: ChapterProgress | None = None,
) -> tuple[SpokenChapter, ...]:
    """Speaks each chapter of a book into a file of its own; those that are there already are kept.

    Each is spoken as if it was alone: the seed, the loudness and the file do not depend on the others.

    Args:
        voice: who speaks.
        book: what.
        folder: where to; it is made if it is not there. The files of chapters that the book no longer has, as
            its state lists them, are removed.
        options: of speech.
        digest: tells the voice from any other, as `voice_digest` does.
        progress: called with the number of the chapter, from 0, and the share of it that is done.

    Returns:
        The chapters, in order.

    Raises:
        TTSError: when one cannot be spoken or written; those before it stay.
    """
    _make(folder)
    before = _load_state(folder)
    state: dict[str, dict[str, Any]] = {}
    spoken = []
    for index, chapter in enumerate(book.chapters):
        tags = _tags(book, index)
        path = folder / _file_name(index, len(book.chapters), chapter)
        key = _key(chapter, tags, speech_tags(voice, options), options, digest)
        known = before.get(path.name, {})
        kept = known.get("key") == key and known.get("sha256") == _sum_of(path)
        if kept:
            duration_s = float(known["duration_s"])
        else:
            for part in folder.glob(
                f".{_escaped(path.name)}.*.part"
            ):  # of a process that was killed
                part.unlink(missing_ok=True)
            duration_s = voice.write(
                chapter.text,
                path,
                **dataclasses.asdict(options),
                progress=_of_chapter(progress, index),
                tags=tags,
            )
        state[path.name] = {"key": key, "sha256": _sum_of(path), "duration_s": duration_s}
        _save_state(folder, {**before, **state})
        spoken.append(
            SpokenChapter(title=chapter.title, path=path, duration_s=duration_s, kept=kept)
        )
    for name in set(before) - set(state):
        if _sum_of(folder / name) == before[name].get("sha256"):
            (folder / name).unlink()
    _save_state(folder, state)
    return tuple(spoken)


def remove_chapters(folder: Path, chapters: Sequence[SpokenChapter]) -> None:
    """Removes the files of chapters, and their folder unless it holds anything else."""
    for path in (*(chapter.path for chapter in chapters), folder / STATE_FILE):
        path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()


def _of_chapter(progress: ChapterProgress | None, index: int) -> Callable[[float], object] | None:
    return None if progress is None else lambda share: progress(index, share)


def _tags(book: Book, index: int) -> dict[str, str]:
    title = book.chapters[index].title
    return {"title": title, "album": book.title, "tracknumber": str(index + 1)}


def _key(
    chapter: Chapter,
    tags: Mapping[str, str],
    made_by: Mapping[str, str],
    options: SynthesisOptions,
    digest: str,
) -> str:
    """The sum of all that decides what is in the file of a chapter; threads do not."""
    chosen = dataclasses.asdict(options) | {"threads": None}
    parts = [_FORMAT, chapter.text, tags, made_by, chosen, digest]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _file_name(index: int, n_chapters: int, chapter: Chapter) -> str:
    """Such as "07 The Sea.flac": in order, and possible on any system."""
    number = str(index + 1).zfill(max(2, len(str(n_chapters))))
    title = _STRANGE.sub(" ", chapter.title.replace(":", " -"))
    title = " ".join(title.split())[:_MAX_NAME].strip(" .")
    return f"{number} {title}".strip() + ".flac"


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AudioError(
            f"{folder}: the folder cannot be made: {error.strerror}", hint="choose another place"
        ) from None


def _load_state(folder: Path) -> dict[str, dict[str, Any]]:
    """What is done; nothing if there is no state, or none that is understood."""
    try:
        values = json.loads((folder / STATE_FILE).read_text("utf-8"))
        chapters = values["chapters"] if values["format"] == _FORMAT else {}
        return {
            name: dict(known)
            for name, known in chapters.items()
            if Path(name).name == name and isinstance(known["duration_s"], float)
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _save_state(folder: Path, chapters: Mapping[str, Mapping[str, Any]]) -> None:
    path = folder / STATE_FILE
    values = {"format": _FORMAT, "chapters": chapters}
    try:
        with whole_file(path) as part:
            part.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise AudioError(f"{path}: cannot be written: {error.strerror}") from None


def _sum_of(path: Path) -> str | None:
    """The sum of a file, None if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _escaped(name: str) -> str:
    """A name for `glob`."""
    return re.sub(r"([*?\[])", r"[\1]", name)
