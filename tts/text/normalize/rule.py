"""What a normalisation rule is."""

import re
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Rule", "full_stop", "words"]

_NOTHING_MORE = re.compile(r"[\"') ]*$")


@dataclass(frozen=True)
class Rule:
    """Everything that `pattern` finds is replaced by what `spoken` makes of the match.

    `spoken` must not raise, whatever the text. Patterns must take linear time on any text, so they look
    only at a bounded stretch around what they replace.
    """

    name: str
    pattern: re.Pattern[str]
    spoken: Callable[[re.Match[str]], str]

    def apply(self, text: str) -> str:
        """The text with every match replaced."""
        return self.pattern.sub(self.spoken, text)


def words(*choices: str) -> str:
    """A regular expression for any of these words, the longest first."""
    return "(?:" + "|".join(map(re.escape, sorted(choices, key=len, reverse=True))) + ")"


def full_stop(match: re.Match[str]) -> str:
    """A full stop when the one that an abbreviation swallowed also ended the text, else nothing."""
    return "." if _NOTHING_MORE.match(match.string, match.end()) else ""
