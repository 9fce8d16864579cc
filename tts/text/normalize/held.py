"""What no rule may touch: phonemes that stand in the text, and entries of a lexicon that are no plain words.

Under the rules each is a name, which keeps its origin; afterwards it is what it stands for.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence

from tts.text.ipa import INLINE
from tts.text.normalize.traced import Traced

__all__ = ["INLINE_RULE", "LEXICON_RULE", "Written", "hold", "release"]

INLINE_RULE = "inline phonemes"
LEXICON_RULE = "lexicon"

# A name reads on as most words that need their phonemes: "Dr. Name" is a doctor, "Name IV" the fourth.
_NAME = "Name"
_FEW = 8
_CHUNK = r"[^\W_]+"
# A hyphen would be read with what follows; so would what stands at the brackets without a space.
_INLINE = INLINE.pattern + r"(?:-(?=\w))?"
_OPENS = r"\s[\"'“‘(]*$"
_CLOSES = r"$|\s|'s\b|[\"'”’).,;:!?…—]+(?:\s|$)"


class Written:
    """Forms that are looked up as they are written, before any rule.

    A form without capitals is found in any case. There may be very many: a text is searched for those alone
    whose first letters or digits it has.

    Args:
        forms: as they are written.
        spoken: the spoken words of what was found.
    """

    def __init__(self, forms: Sequence[str], spoken: Callable[[str], str]) -> None:
        self.spoken = spoken
        self._by_start: dict[str, list[str]] = {}
        for form in forms:
            self._by_start.setdefault(re.findall(_CHUNK, form.lower())[0], []).append(form)

    def pattern(self, text: str) -> re.Pattern[str] | None:
        """What finds the forms that may be in a text, the longest first."""
        starts = self._by_start.keys() & set(re.findall(_CHUNK, text.lower()))
        forms = [form for start in sorted(starts) for form in self._by_start[start]]
        if not forms:
            return None
        forms.sort(key=len, reverse=True)
        choices = [
            re.escape(form) if form != form.lower() else f"(?i:{re.escape(form)})" for form in forms
        ]
        return re.compile(rf"(?<![\w$€£¥])(?:{'|'.join(choices)})(?![\w$€£¥])")


def hold(traced: Traced, written: Written | None) -> Traced:
    """A text with names for what is held."""
    if "[[" in traced.text:
        traced = traced.replaced(re.compile(_INLINE), _apart, INLINE_RULE)
    pattern = written.pattern(traced.text) if written is not None else None
    if pattern is not None:
        traced = traced.replaced(pattern, lambda match: _NAME, LEXICON_RULE)
    return traced


def release(traced: Traced, text: str, written: Written | None) -> Traced:
    """A text with what is held in place of the names.

    Args:
        traced: what the rules made of it.
        text: the original.
        written: as `hold` had it.
    """
    if _NAME not in traced.text:
        return traced

    def said(match: re.Match[str]) -> str:
        place = traced.origins[match.start()]
        held = text[place.start : place.end]
        if place.rule == INLINE_RULE:
            return " ".join(f"[[{word}]]" for word in held[2 : held.index("]]")].split())
        if place.rule == LEXICON_RULE and written is not None:
            return written.spoken(unicodedata.normalize("NFC", held))
        return match.group()

    released = traced.replaced(re.compile(_NAME), said, "released")
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
    lead = " " * (start < _FEW) + text[max(0, start - _FEW) : start]
    before = "" if re.search(_OPENS, lead) else " "
    after = "" if text[end - 1] != "-" and re.match(_CLOSES, text[end : end + _FEW]) else " "
    return f"{before}{_NAME}{after}"
