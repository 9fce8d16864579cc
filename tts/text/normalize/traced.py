"""Text that knows where it comes from: each character carries the stretch of the original it speaks for."""

import functools
import operator
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Origin", "SpokenSpan", "Traced"]

_WORD = re.compile(r"\S+")
_SHORT = 4096  # the origins of shorter texts are made once
_HEARD = re.compile(r"[^\W_]")
_SPACES = re.compile(r"\s+")
_RULE = operator.attrgetter("rule")


class Origin(NamedTuple):
    """Where a character comes from: `original[start:end]`, by the named rule; as it was written, by none."""

    start: int
    end: int
    rule: str = ""
    unsure: str = ""


class SpokenSpan(NamedTuple):
    """Words that are spoken for one stretch of the original, which no other span speaks for.

    Args:
        start: the first character of the stretch in the original.
        end: one past its last character.
        spoken: its words with the punctuation at them.
        rules: the names of the rules that wrote them, in order; none where it is read as it is written.
        unsure: the other readings that it may have, where a rule had to guess.
    """

    start: int
    end: int
    spoken: str
    rules: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


@dataclass(frozen=True)
class Traced:
    """A text and the origin of each of its characters; `len(origins) == len(text)`.

    The starts of the origins never decrease, nor do their ends.
    """

    text: str
    origins: Sequence[Origin]

    @classmethod
    def of(cls, text: str) -> "Traced":
        """A text that is its own origin."""
        n = len(text)
        return cls(text, _places(_SHORT)[:n] if n <= _SHORT else _places.__wrapped__(n))

    def replaced(
        self,
        pattern: re.Pattern[str],
        said: Callable[[re.Match[str]], str],
        rule: str = "",
        unsure: str = "",
    ) -> "Traced":
        """What `pattern.sub(said, text)` gives, the new characters with the origin of what they replace.

        Words that a replacement begins or ends with as it found them keep their own.
        """
        texts: list[str] = []
        origins: list[Origin] = []
        done = 0
        for match in pattern.finditer(self.text):
            old, new = match.group(), said(match)
            if new == old:
                continue
            lead, tail = _kept(old, new)
            start, end = match.start() + lead, match.end() - tail
            new = new[lead : len(new) - tail]
            texts += (self.text[done:start], new)
            origins += self.origins[done:start]
            # What is put between kept words speaks for all of them.
            first, last = (start, end) if start < end else match.span()
            place = Origin(self.origins[first].start, self.origins[last - 1].end, rule, unsure)
            origins += [place] * len(new)
            done = end
        if not texts:
            return self
        return Traced("".join((*texts, self.text[done:])), (*origins, *self.origins[done:]))

    def rewritten(self, text: str) -> "Traced":
        """The same origins for a text of the same length."""
        assert len(text) == len(self.text)
        return Traced(text, self.origins)

    def squeezed(self) -> "Traced":
        """`" ".join(text.split())`."""
        text = self.text
        if text == (plain := " ".join(text.split())):
            return self
        start = len(text) - len(text.lstrip())
        inner = Traced(text[start : len(text.rstrip())], self.origins[start : len(text.rstrip())])
        squeezed = inner.replaced(_SPACES, lambda match: " ")
        assert squeezed.text == plain
        return squeezed

    def spans(self, offset: int = 0) -> Iterator[SpokenSpan]:
        """The spans in order; every word that is heard is in one of them.

        Args:
            offset: where the original begins in the whole text.
        """
        group: list[tuple[int, int]] = []
        start = end = 0
        for match in _WORD.finditer(self.text):
            if not _HEARD.search(match.group()):
                continue
            first, last = self.origins[match.start()].start, self.origins[match.end() - 1].end
            if group and first >= end:
                yield self._span(group, start + offset, end + offset)
                group = []
            start, end = (start if group else first), last
            group.append(match.span())
        if group:
            yield self._span(group, start + offset, end + offset)

    def _span(self, group: list[tuple[int, int]], start: int, end: int) -> SpokenSpan:
        """One span of the words at these places of the text."""
        whole = slice(group[0][0], group[-1][1])
        spoken = self.text[whole]
        if not any(map(_RULE, self.origins[whole])):
            return SpokenSpan(start, end, spoken)
        places = [
            place
            for first, last in group
            for place, character in zip(
                self.origins[first:last], self.text[first:last], strict=True
            )
            if character.isalnum()
        ]
        rules = tuple(dict.fromkeys(place.rule for place in places))
        unsure = tuple(dict.fromkeys(place.unsure for place in places))
        return SpokenSpan(
            start, end, spoken, tuple(filter(None, rules)), tuple(filter(None, unsure))
        )


@functools.lru_cache(maxsize=1)
def _places(n: int) -> tuple[Origin, ...]:
    """The origins of the first n characters of any text that is as it was written."""
    return tuple(Origin(i, i + 1) for i in range(n))


def _kept(old: str, new: str) -> tuple[int, int]:
    """How many characters of whole words two texts share at their beginning and at their end."""
    if " " not in old:
        return 0, 0
    lead = _shared(old, new)
    return lead, _shared(old[lead:][::-1], new[lead:][::-1])


def _shared(a: str, b: str) -> int:
    """How many characters of whole words two texts share at their beginning."""
    shared = 0
    for i, (one, other) in enumerate(zip(a, b, strict=False), start=1):
        if one != other:
            break
        shared = i if one == " " else shared
    return shared
