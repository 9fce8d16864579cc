"""A text in segments: what is read in one way, with its place in the source."""

import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tts.text.normalize import SpokenSpan
from tts.text.pauses import PauseName

__all__ = ["Document", "Run", "Segment"]


class Run(NamedTuple):
    """Where a part of a segment's text is from: from `at` on, up to the next run, `source[start:end]`.

    It is the source itself, unless a rule is named that wrote it, or it is of another length.
    """

    at: int
    start: int
    end: int
    rule: str = ""


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A stretch of text that is read in one way.

    Args:
        text: what is read, by the rules for written text.
        runs: where it is from, in order; none where it is the whole source.
        language: the language code of eSpeak NG; None is that of the voice.
        rate: how many times as fast as the voice speaks.
        gain: how many times as loud.
        pause: what follows if nothing else is said; None goes on at once.
        breaks: the silences that are asked for after it, by name or in seconds, instead of `pause`.
        marks: names, and before which character of the text each stands.
    """

    text: str
    runs: tuple[Run, ...] = ()
    language: str | None = None
    rate: float = 1.0
    gain: float = 1.0
    pause: PauseName | None = None
    breaks: tuple[PauseName | float, ...] = ()
    marks: tuple[tuple[str, int], ...] = ()

    def place(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the source that `text[start:end]`, which is not empty, speaks for."""
        if not self.runs:
            return start, end
        return self._at(start)[0], self._at(end - 1)[1]

    def _at(self, index: int) -> tuple[int, int]:
        """The stretch of the source that one character speaks for."""
        i = bisect.bisect_right(self.runs, index, key=lambda run: run.at) - 1
        run = self.runs[i]
        n_chars = (self.runs[i + 1].at if i + 1 < len(self.runs) else len(self.text)) - run.at
        if run.rule or run.end - run.start != n_chars:
            return run.start, run.end
        start = run.start + index - run.at
        return start, start + 1

    def placed(self, spans: Iterable[SpokenSpan]) -> Iterator[SpokenSpan]:
        """Spans of the text as spans of the source; those that speak for the same stretch are one."""
        if not self.runs:
            yield from spans
            return
        last: SpokenSpan | None = None
        for span in spans:
            start, end = self.place(span.start, span.end)
            rules = (*self._rules(span.start, span.end), *span.rules)
            placed = SpokenSpan(start, end, span.spoken, rules, span.unsure)
            if last is not None and start < last.end:
                placed = SpokenSpan(
                    last.start,
                    max(end, last.end),
                    f"{last.spoken} {span.spoken}",
                    tuple(dict.fromkeys((*last.rules, *rules))),
                    tuple(dict.fromkeys((*last.unsure, *span.unsure))),
                )
            elif last is not None:
                yield last
            last = placed
        if last is not None:
            yield last

    def _rules(self, start: int, end: int) -> tuple[str, ...]:
        """The names of what wrote `text[start:end]`, other than the writer of the source."""
        first = bisect.bisect_right(self.runs, start, key=lambda run: run.at) - 1
        past = bisect.bisect_left(self.runs, end, key=lambda run: run.at)
        rules = (run.rule for run in self.runs[first:past])
        return tuple(dict.fromkeys(filter(None, rules)))


@dataclass(frozen=True, kw_only=True)
class Document:
    """A text that is to be spoken.

    Args:
        source: as it was written; all positions are in it.
        segments: what is read of it, in order.
        lexicons: files that say how its words are pronounced.
    """

    source: str
    segments: tuple[Segment, ...]
    lexicons: tuple[Path, ...] = ()

    @classmethod
    def of(cls, text: str) -> "Document":
        """A plain text."""
        return cls(source=text, segments=(Segment(text=text),))
