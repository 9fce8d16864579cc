"""Readers of corpora: a folder of recordings and what is said in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tts.errors import CorpusError

__all__ = ["Clip", "raise_problems", "read_corpora", "read_ljspeech"]

_EXTENSIONS = (".wav", ".flac")
_NAMED = 10
_MAX_ID_BYTES = 200  # file systems take 255, of which suffixes need some


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording.

    Attributes:
        id: its name, unique in the corpus.
        text: what is said, as it is to be read by a text front end.
        audio_path: the sound file.
        speaker: who says it.
        where: the file and line that list it, for messages.
    """

    id: str
    text: str
    audio_path: Path
    speaker: str
    where: str


def read_ljspeech(folder: Path) -> list[Clip]:
    """The clips of a corpus in LJSpeech's layout, in the order of its metadata.

    `metadata.csv` holds lines `id|text|normalised text|speaker` in UTF-8 without any quoting. The third
    column is preferred to the second; it and the fourth may be missing or empty. Where there is no
    fourth, the speaker is named as the folder is. The sound of a clip is `wavs/ID.wav` or `wavs/ID.flac`.

    Raises:
        CorpusError: naming every file and line that is missing, malformed or there twice.
    """
    metadata = folder / "metadata.csv"
    if not folder.is_dir():
        raise CorpusError(f"{folder}: no such folder", hint="give the folder of a corpus")
    try:
        content = metadata.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CorpusError(
            f"{metadata}: cannot be read: {error.strerror}",
            hint="a corpus is a folder with metadata.csv and wavs/, laid out like LJSpeech",
        ) from None
    except UnicodeDecodeError as error:
        n_lines = error.object[: error.start].count(b"\n")
        raise CorpusError(
            f"{metadata}, line {n_lines + 1}: is not UTF-8", hint="convert it: iconv -t UTF-8"
        ) from None

    clips: list[Clip] = []
    problems: list[CorpusError] = []
    line_of: dict[str, int] = {}
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{metadata}, line {number}"
        clip = _parse(line, where, folder)
        if isinstance(clip, CorpusError):
            problems.append(clip)
        elif clip.id in line_of:
            problems.append(
                CorpusError(
                    f"{where}: the id {clip.id!r} is there twice, first in line {line_of[clip.id]}",
                    hint="give each recording an id of its own",
                )
            )
        elif not clip.audio_path.is_file():
            problems.append(
                CorpusError(
                    f"{where}: the audio of {clip.id!r} is missing: {folder / 'wavs' / clip.id}.wav "
                    "(or .flac)",
                    hint="add the sound file, or remove the line",
                )
            )
        else:
            clips.append(clip)
        if not isinstance(clip, CorpusError):
            line_of.setdefault(clip.id, number)
    raise_problems(problems, folder)
    if not clips:
        raise CorpusError(f"{metadata}: holds no clip", hint="write one line a clip: id|text")
    return clips


def read_corpora(folders: Sequence[Path]) -> list[Clip]:
    """The clips of several corpora, one after the other.

    Raises:
        CorpusError: as `read_ljspeech`, and naming every id that two corpora share.
    """
    clips = [clip for folder in folders for clip in read_ljspeech(folder)]
    first: dict[str, Clip] = {}
    problems = [
        CorpusError(
            f"{clip.where}: the id {clip.id!r} is there twice, first in {first[clip.id].where}",
            hint="rename the clips of one corpus, for instance by a prefix",
        )
        for clip in clips
        if first.setdefault(clip.id, clip) is not clip
    ]
    raise_problems(problems, " and ".join(map(str, folders)))
    return clips


def raise_problems(problems: Sequence[CorpusError], what: Path | str) -> None:
    """Raises one error for all the problems of a corpus; nothing happens when there are none."""
    if not problems:
        return
    if len(problems) == 1:
        raise problems[0]
    lines = [f"{what}: {len(problems)} problems"]
    lines += [f"  {problem}" for problem in problems[:_NAMED]]
    if len(problems) > _NAMED:
        lines.append(f"  ... and {len(problems) - _NAMED} more")
    hints = dict.fromkeys(problem.hint for problem in problems if problem.hint)
    raise CorpusError("\n".join(lines), hint="; ".join(hints))


def _parse(line: str, where: str, folder: Path) -> Clip | CorpusError:
    """One line of the metadata, or what is wrong with it."""
    hint = "write it as id|text, id|text|normalised text or id|text|normalised text|speaker"
    columns = [column.strip() for column in line.split("|")]
    if not 2 <= len(columns) <= 4:
        return CorpusError(
            f"{where}: {len(columns)} column{'s' * (len(columns) > 1)} where 2 to 4 are expected",
            hint=hint,
        )
    name, written, normalised, speaker = (*columns, "", "")[:4]
    if not name or name in (".", "..") or "/" in name or "\\" in name or "\0" in name:
        return CorpusError(f"{where}: the id {name!r} cannot be the name of a file", hint=hint)
    if len(name.encode()) > _MAX_ID_BYTES:
        return CorpusError(
            f"{where}: the id {name[:40] + '...'!r} is longer than {_MAX_ID_BYTES} bytes",
            hint=f"{hint}: the id comes first",
        )
    text = normalised or written
    if not text:
        return CorpusError(f"{where}: the text of {name!r} is empty", hint=hint)
    paths = [folder / "wavs" / f"{name}{extension}" for extension in _EXTENSIONS]
    path = next((path for path in paths if path.is_file()), paths[0])
    return Clip(name, text, path, speaker or folder.resolve().name, where)
