"""Readers of corpora: a folder of recordings and what is said in them."""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tts.data.findings import Finding, raise_errors

__all__ = ["Clip", "find_clips", "read_corpora", "read_ljspeech"]

_EXTENSIONS = (".wav", ".flac")
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
    return read_corpora([folder])


def read_corpora(folders: Sequence[Path]) -> list[Clip]:
    """The clips of several corpora, one after the other.

    Raises:
        CorpusError: as `read_ljspeech`, and naming every id that two corpora share.
    """
    clips, findings = find_clips(folders)
    raise_errors(findings, folders)
    return clips


def find_clips(folders: Sequence[Path]) -> tuple[list[Clip], list[Finding]]:
    """The clips of corpora, one after the other, and all that is wrong with their metadata.

    A clip whose sound is missing is among the clips, so that its text can be looked at as well.
    """
    clips: dict[str, Clip] = {}
    findings: list[Finding] = []
    for folder in folders:
        more, wrong = _read(folder)
        findings += wrong
        for clip in more:
            first = clips.setdefault(clip.id, clip)
            if first is not clip:
                before = first.where.removeprefix(f"{folder / 'metadata.csv'}, ")
                message = f"{clip.where}: the id {clip.id!r} is there twice, first in {before}"
                hint = (
                    "give each recording an id of its own"
                    if before != first.where
                    else "rename the clips of one corpus, for instance by a prefix"
                )
                findings.append(_error("duplicate id", message, hint, clip.id))
    return list(clips.values()), findings


def _read(folder: Path) -> tuple[list[Clip], list[Finding]]:
    metadata = folder / "metadata.csv"
    if not folder.is_dir():
        return [], [_error("folder", f"{folder}: no such folder", "give the folder of a corpus")]
    try:
        lines, findings = _lines(metadata)
    except OSError as error:
        message = f"{metadata}: cannot be read: {error.strerror}"
        hint = "a corpus is a folder with metadata.csv and wavs/, laid out like LJSpeech"
        return [], [_error("folder", message, hint)]
    clips: list[Clip] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        clip = _parse(line, f"{metadata}, line {number}", folder)
        if isinstance(clip, Finding):
            findings.append(clip)
            continue
        clips.append(clip)
        if not clip.audio_path.is_file():
            path = f"{folder / 'wavs' / clip.id}.wav (or .flac)"
            message = f"{clip.where}: the audio of {clip.id!r} is missing: {path}"
            hint = "add the sound file, or remove the line"
            findings.append(_error("missing", message, hint, clip.id))
    if not clips and not findings:
        hint = "write one line a clip: id|text"
        findings.append(_error("metadata", f"{metadata}: holds no clip", hint))
    return clips, findings


def _lines(metadata: Path) -> tuple[list[str], list[Finding]]:
    """The lines of the metadata, read as well as they can be, and where they are not UTF-8."""
    content = metadata.read_bytes()
    if encoding := _utf16(content):
        text = content.decode(encoding, errors="replace").removeprefix("\ufeff")
        hint = f"convert it: iconv -f {encoding} -t UTF-8 {metadata.name} > new.csv"
        return text.split("\n"), [_error("encoding", f"{metadata}: is UTF-16, not UTF-8", hint)]
    lines, findings = [], []
    for number, line in enumerate(content.removeprefix(codecs.BOM_UTF8).split(b"\n"), start=1):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeDecodeError as error:
            lines.append(line.decode("cp1252", errors="replace"))
            guess = lines[-1][max(0, error.start - 10) : error.start + 10].strip()
            message = f"{metadata}, line {number}: is not UTF-8; in Latin-1 it reads {guess!r}"
            hint = f"convert it: iconv -f LATIN1 -t UTF-8 {metadata.name} > new.csv"
            findings.append(_error("encoding", message, hint))
    return lines, findings


def _utf16(content: bytes) -> str:
    """The name of the encoding, by its mark or by the zeros beside its first letter; or empty."""
    if content.startswith(codecs.BOM_UTF16_LE) or (content[1:2] == b"\0" and content[:1] != b"\0"):
        return "UTF-16LE"
    return "UTF-16BE" if content.startswith((codecs.BOM_UTF16_BE, b"\0")) else ""


def _parse(line: str, where: str, folder: Path) -> Clip | Finding:
    """One line of the metadata, or what is wrong with it."""
    hint = "write it as id|text, id|text|normalised text or id|text|normalised text|speaker"
    columns = [column.strip() for column in line.split("|")]
    if not 2 <= len(columns) <= 4:
        n = f"{len(columns)} column{'s' * (len(columns) > 1)}"
        return _error("metadata", f"{where}: {n} where 2 to 4 are expected", hint)
    name, written, normalised, speaker = (*columns, "", "")[:4]
    if not name or name in (".", "..") or "/" in name or "\\" in name or "\0" in name:
        message = f"{where}: the id {name!r} cannot be the name of a file"
        return _error("metadata", message, hint)
    if len(name.encode()) > _MAX_ID_BYTES:
        message = f"{where}: the id {name[:40] + '...'!r} is longer than {_MAX_ID_BYTES} bytes"
        return _error("metadata", message, f"{hint}: the id comes first")
    text = normalised or written
    if not text:
        return _error("metadata", f"{where}: the text of {name!r} is empty", hint, name)
    paths = [folder / "wavs" / f"{name}{extension}" for extension in _EXTENSIONS]
    path = next((path for path in paths if path.is_file()), paths[0])
    return Clip(name, text, path, speaker or folder.resolve().name, where)


def _error(cause: str, message: str, hint: str, clip: str = "") -> Finding:
    return Finding(severity="error", cause=cause, message=message, hint=hint, clip=clip)
