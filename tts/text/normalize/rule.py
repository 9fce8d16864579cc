"""What a normalisation rule is."""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

from tts.text.normalize.traced import Traced
from tts.text.normalize.variety import Variety

__all__ = [
    "DIGITS",
    "DOT_BEFORE",
    "DOT_INSIDE",
    "TWO_CAPITALS",
    "Pattern",
    "Rule",
    "after",
    "features",
    "full_stop",
    "words",
]

DIGITS = frozenset("0123456789")
TWO_CAPITALS = frozenset({"AB"})
DOT_INSIDE = frozenset({"a.b"})
DOT_BEFORE = frozenset({"a. b"})
"""What `Rule.needs` may name besides characters: see `features`."""

_TWO_CAPITALS = re.compile("[A-Z]{2}")
_DOT_INSIDE = re.compile(r"\.\w")
_DOT_BEFORE = re.compile(r"\. ?[\w\"']")

_NOTHING_MORE = re.compile(r"[\"') ]*$")


class Pattern:
    """A regular expression that is compiled when it is first used: there are many of them."""

    def __init__(self, text: str, flags: int = 0) -> None:
        self.text = text
        self.flags = flags

    @functools.cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.text, self.flags)


@dataclass(frozen=True)
class Rule:
    """Everything that `pattern` finds is replaced by `spoken`, or by what it makes of the match.

    `spoken` must not raise, whatever the text. Patterns must take linear time on any text, so they look
    only at a bounded stretch around what they replace; they never match nothing. A look at the next character
    goes before look-behinds of words, which are slow and tried at each.

    Args:
        name: what `tts normalize --explain` calls it; unique.
        pattern: what it reads.
        spoken: the words; it leaves a match alone by giving it back.
        needs: it can only match a text with one of these `features`; that is quicker to see.
        unsure: when the rule guesses, what else it may mean.
    """

    name: str
    pattern: Pattern
    spoken: Callable[[re.Match[str], Variety], str] | str
    needs: frozenset[str] = frozenset()
    unsure: str = ""

    def apply(self, traced: Traced, variety: Variety) -> Traced:
        """The text with every match replaced."""
        spoken = self.spoken
        if isinstance(spoken, str):
            constant = spoken
            return traced.replaced(
                self.pattern.compiled, lambda match: constant, self.name, self.unsure
            )
        speak = spoken
        return traced.replaced(
            self.pattern.compiled, lambda match: speak(match, variety), self.name, self.unsure
        )


def features(text: str) -> frozenset[str]:
    """The characters of a text, and names of what else rules need: capitals side by side, dots inside it."""
    found = set(text)
    if _TWO_CAPITALS.search(text):
        found.add("AB")
    if "." in found:
        if _DOT_INSIDE.search(text):
            found.add("a.b")
        if _DOT_BEFORE.search(text):
            found.add("a. b")
    return frozenset(found)


def after(n: int, *choices: str) -> str:
    """A regular expression for one of these words before the last n characters, for the end of a pattern.

    There it is tried where the pattern found something, and not at each character of the text.
    """
    return "(?:" + "|".join(rf"(?<=\b{word} .{{{n}}})" for word in choices) + ")"


def words(*choices: str) -> str:
    """A regular expression for any of these words, the longest first."""
    return "(?:" + "|".join(map(re.escape, sorted(choices, key=len, reverse=True))) + ")"


def full_stop(match: re.Match[str]) -> str:
    """A full stop when the one that an abbreviation swallowed also ended the text, else nothing."""
    return "." if _NOTHING_MORE.match(match.string, match.end()) else ""
