"""Times of speech as files: JSON, subtitles (SubRip and WebVTT), and Praat's TextGrid.

Subtitles have a cue for each sentence; one that takes longer is cut between words. JSON and TextGrid have all
there is.
"""

import dataclasses
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tts.errors import ConfigError
from tts.files import whole_file
from tts.voice.timing import SentenceTime, Speech, WordTime

__all__ = ["TIMINGS_FORMATS", "check_timings", "timings_text", "write_timings"]

_CUE_CHARS = 84  # two lines of 42, as broadcasters have it


class _Cue(NamedTuple):
    start_s: float
    end_s: float
    text: str


def write_timings(path: str | os.PathLike[str], speech: Speech) -> None:
    """Writes the times of speech by the suffix of `path`; the file is there whole or not at all.

    Raises:
        ConfigError: for another suffix, or a missing folder.
        OSError: when it cannot be written.
    """
    check_timings(path)
    with whole_file(Path(path)) as part:
        part.write_text(timings_text(speech, Path(path).suffix), encoding="utf-8")


def check_timings(path: str | os.PathLike[str]) -> None:
    """Refuses a path that `write_timings` could not write. Raises ConfigError."""
    path = Path(path)
    if path.suffix not in TIMINGS_FORMATS:
        suffix = repr(path.suffix) if path.suffix else "no suffix"
        raise ConfigError(
            f"{path}: {suffix} is not a format of times",
            hint=f"use one of: {', '.join(TIMINGS_FORMATS)}",
        )
    if not path.parent.is_dir():
        raise ConfigError(
            f"{path}: the folder {str(path.parent)!r} does not exist",
            hint=f"mkdir -p {path.parent}",
        )


def timings_text(speech: Speech, suffix: str) -> str:
    """The times of speech in the format of a suffix, one of `TIMINGS_FORMATS`."""
    return TIMINGS_FORMATS[suffix](speech)


def _json(speech: Speech) -> str:
    values = {
        "format": 1,
        "duration_s": speech.duration_s,
        "sentences": [dataclasses.asdict(sentence) for sentence in speech.sentences],
    }
    return json.dumps(values, ensure_ascii=False, indent=1) + "\n"


def _srt(speech: Speech) -> str:
    cues = enumerate(_cues(speech), start=1)
    return "\n".join(
        f"{n}\n{_clock(cue.start_s, ',')} --> {_clock(cue.end_s, ',')}\n{cue.text}\n"
        for n, cue in cues
    )


def _vtt(speech: Speech) -> str:
    escapes = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
    cues = (
        f"\n{_clock(cue.start_s, '.')} --> {_clock(cue.end_s, '.')}\n{cue.text.translate(escapes)}\n"
        for cue in _cues(speech)
    )
    return "WEBVTT\n" + "".join(cues)


def _cues(speech: Speech) -> Iterator[_Cue]:
    for sentence in speech.sentences:
        words = sentence.words
        if not words:
            yield _Cue(sentence.start_s, sentence.end_s, _one_line(sentence.text))
            continue
        first = start = 0
        for last in range(len(words)):
            is_last = last + 1 == len(words)
            if not is_last and words[last + 1].start < words[last].end:
                continue  # they share their characters
            end = len(sentence.text)
            if not is_last:
                end = _break_between(sentence, words[last], words[last + 1])
            if is_last or words[last + 1].end - sentence.start - start > _CUE_CHARS:
                text = _one_line(sentence.text[start:end])
                yield _Cue(words[first].start_s, words[last].end_s, text)
                first, start = last + 1, end


def _break_between(sentence: SentenceTime, before: WordTime, after: WordTime) -> int:
    """Where a line may break between two words: at the blank, so that quotes stay with their words."""
    gap = slice(before.end - sentence.start, after.start - sentence.start)
    blank = re.search(r"\s", sentence.text[gap])
    return gap.start + blank.start() if blank else gap.stop


def _one_line(text: str) -> str:
    """Without line breaks; an arrow would end the text of a cue."""
    return " ".join(text.split()).replace("-->", "->")


def _clock(seconds: float, mark: str) -> str:
    minutes, ms = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{ms // 1000:02d}{mark}{ms % 1000:03d}"


def _textgrid(speech: Speech) -> str:
    """Praat's long text format: interval tiers cover all the time, silence is an empty interval."""
    end_s = max([speech.duration_s, *(sentence.end_s for sentence in speech.sentences)])
    tiers = {
        "sentences": [_Cue(s.start_s, s.end_s, _one_line(s.text)) for s in speech.sentences],
        "words": [_Cue(w.start_s, w.end_s, w.spoken) for w in speech.words],
        "phonemes": [_Cue(p.start_s, p.end_s, p.symbols) for p in speech.phonemes],
    }
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', ""]
    lines += [
        "xmin = 0",
        f"xmax = {end_s:.6f}",
        "tiers? <exists>",
        f"size = {len(tiers)}",
        "item []:",
    ]
    for n, (name, cues) in enumerate(tiers.items(), start=1):
        intervals = _covering(cues, end_s)
        lines += [f"    item [{n}]:", '        class = "IntervalTier"', f'        name = "{name}"']
        lines += ["        xmin = 0", f"        xmax = {end_s:.6f}"]
        lines += [f"        intervals: size = {len(intervals)}"]
        for i, cue in enumerate(intervals, start=1):
            lines += [f"        intervals [{i}]:"]
            lines += [
                f"            xmin = {cue.start_s:.6f}",
                f"            xmax = {cue.end_s:.6f}",
            ]
            lines += [f'            text = "{cue.text.replace(chr(34), chr(34) * 2)}"']
    return "\n".join(lines) + "\n"


def _covering(cues: Sequence[_Cue], end_s: float) -> list[_Cue]:
    """The cues that take time, and empty ones between them, in microseconds that meet."""
    covering: list[_Cue] = []
    place = 0.0
    for cue in cues:
        start, end = round(cue.start_s, 6), round(cue.end_s, 6)
        if end <= max(start, place):
            continue
        if start > place:
            covering.append(_Cue(place, start, ""))
        covering.append(_Cue(max(start, place), end, cue.text))
        place = end
    if round(end_s, 6) > place:
        covering.append(_Cue(place, end_s, ""))
    return covering


TIMINGS_FORMATS: dict[str, Callable[[Speech], str]] = {
    ".json": _json,
    ".srt": _srt,
    ".vtt": _vtt,
    ".TextGrid": _textgrid,
}
"""The suffixes that can be written, and what writes them."""
