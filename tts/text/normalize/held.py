"""What no rule may touch: phonemes that stand in the text, and entries of a lexicon that are no plain words.

Under the rules each is a name, which keeps its origin; afterwards it is what it stands for.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from tts.text.ipa import INLINE
from tts.text.normalize.traced import Traced

__all__ = ["INLINE_RULE", "LEXICON_RULE", "Written", "hold", "release"]

INLINE_RULE = "inline phonemes"
LEXICON_RULE = "lexicon"

# A name reads on as most words that need their phonemes: "Dr. Name" is a doctor, "Name IV" the fourth.
_NAME = "Name"
_HELD = re.compile(_NAME)
_OPENS = frozenset(" \t\n\"'“‘(")
_CLOSES = frozenset(" \t\n\"'”’.,;:!?)…-–—")


@dataclass(frozen=True)
class Written:
    """Forms that are looked up as they are written, before any rule.

    Args:
        pattern: what finds them.
        spoken: the spoken words of what it found.
    """

    pattern: re.Pattern[str]
    spoken: Callable[[str], str]


def hold(traced: Traced, written: Written | None) -> Traced:
    """A text with names for what is held."""
    if "[[" in traced.text:
        traced = traced.replaced(INLINE, _apart, INLINE_RULE)
    if written is not None:
        traced = traced.replaced(
            written.pattern, lambda match: _NAME if match.group() else "", LEXICON_RULE
        )
    return traced


def release(traced: Traced, text: str, written: Written | None) -> Traced:
    """A text with what is held in place of the names.

    Args:
        traced: what the rules made of it.
        text: the original.
        written: as `hold` had it.
    """
    if not any(place.rule in (INLINE_RULE, LEXICON_RULE) for place in traced.origins):
        return traced

    def said(match: re.Match[str]) -> str:
        place = traced.origins[match.start()]
        held = text[place.start : place.end]
        if place.rule == INLINE_RULE:
            return " ".join(f"[[{word}]]" for word in held[2:-2].split())
        if place.rule == LEXICON_RULE and written is not None:
            return written.spoken(unicodedata.normalize("NFC", held))
        return match.group()

    released = traced.replaced(_HELD, said, "released")
    named = [
        place._replace(rule=INLINE_RULE if text.startswith("[[", place.start) else LEXICON_RULE)
        if place.rule == "released"
        else place
        for place in released.origins
    ]
    return Traced(released.text, named)


def _apart(match: re.Match[str]) -> str:
    """A name that stands apart from the letters and signs beside it, which rules would read with it."""
    text, start, end = match.string, match.start(), match.end()
    before = "" if start == 0 or text[start - 1] in _OPENS else " "
    after = "" if end == len(text) or text[end] in _CLOSES else " "
    return f"{before}{_NAME}{after}"
