"""What a normalisation rule is."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tts.text.normalize.traced import Traced
from tts.text.normalize.variety import Variety

__all__ = ["DIGITS", "Rule", "full_stop", "words"]

DIGITS = frozenset("0123456789")

_NOTHING_MORE = re.compile(r"[\"') ]*$")


@dataclass(frozen=True)
class Rule:
    """Everything that `pattern` finds is replaced by `spoken`, or by what it makes of the match.

    `spoken` must not raise, whatever the text. Patterns must take linear time on any text, so they look
    only at a bounded stretch around what they replace; they never match nothing.

    Args:
        name: what `tts normalize --explain` calls it; unique.
        pattern: what it reads.
        spoken: the words; it leaves a match alone by giving it back.
        needs: it can only match a text that holds one of these; that is quicker to see.
        unsure: when the rule guesses, what else it may mean.
    """

    name: str
    pattern: re.Pattern[str]
    spoken: Callable[[re.Match[str], Variety], str] | str
    needs: frozenset[str] = frozenset()
    unsure: str = ""

    def apply(self, traced: Traced, variety: Variety) -> Traced:
        """The text with every match replaced."""
        spoken = self.spoken
        if isinstance(spoken, str):
            constant = spoken
            return traced.replaced(self.pattern, lambda match: constant, self.name, self.unsure)
        speak = spoken
        return traced.replaced(
            self.pattern, lambda match: speak(match, variety), self.name, self.unsure
        )


def words(*choices: str) -> str:
    """A regular expression for any of these words, the longest first."""
    return "(?:" + "|".join(map(re.escape, sorted(choices, key=len, reverse=True))) + ")"


def full_stop(match: re.Match[str]) -> str:
    """A full stop when the one that an abbreviation swallowed also ended the text, else nothing."""
    return "." if _NOTHING_MORE.match(match.string, match.end()) else ""
