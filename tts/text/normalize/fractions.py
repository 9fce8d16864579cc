"""Fractions and mixed fractions."""

import re

from tts.text.normalize.numbers import cardinal, number
from tts.text.normalize.rule import Pattern, Rule
from tts.text.normalize.units import unit_name
from tts.text.normalize.variety import Variety

__all__ = ["RULES", "spoken_fraction"]

_NAMES = {
    2: "half", 3: "third", 4: "quarter", 5: "fifth", 6: "sixth", 7: "seventh", 8: "eighth",
    9: "ninth", 10: "tenth", 12: "twelfth", 16: "sixteenth", 20: "twentieth", 32: "thirty second",
    50: "fiftieth", 64: "sixty fourth", 100: "hundredth", 1000: "thousandth",
}  # fmt: skip

# Fractions that are no fractions.
_SET_PHRASES = {
    "24/7": "twenty four seven", "9/11": "nine eleven", "7/7": "seven seven",
    "50/50": "fifty fifty", "20/20": "twenty twenty",
}  # fmt: skip

_TOP = r"(?<![\w.,/])(?:(?P<whole>[0-9]{1,9})[ -]+)?(?P<top>[0-9]{1,4}) ?[/⁄] ?"
_SLASHES = frozenset("/⁄")


def _fraction(match: re.Match[str], variety: Variety) -> str:
    whole, top, bottom = match.groupdict().get("whole"), match.group("top"), match.group("bottom")
    phrase = _SET_PHRASES.get(f"{top}/{bottom}")
    if phrase:
        return f"{number(whole, variety)} {phrase}" if whole else phrase
    unit = match.groupdict().get("unit")
    name = f" {unit_name(unit, many=bool(whole), variety=variety)}" if unit else ""
    return spoken_fraction(whole, top, bottom, variety) + name


def spoken_fraction(whole: str | None, top: str, bottom: str, variety: Variety) -> str:
    """3/4 as "three quarters", 1 3/4 as "one and three quarters", 10/5 as "ten over five"."""
    name = _NAMES.get(int(bottom))
    if name is None or (int(top) % int(bottom) == 0 and not whole):
        spoken = f"{number(top, variety)} over {number(bottom, variety)}"
    elif int(top) == 1:
        spoken = f"one {name}"
    else:
        spoken = f"{cardinal(int(top), variety)} {'halves' if name == 'half' else name + 's'}"
    return f"{number(whole, variety)} and {spoken}" if whole else spoken


def _rating(match: re.Match[str], variety: Variety) -> str:
    return f"{number(match.group('top'), variety)} out of {number(match.group('bottom'), variety)}"


_BOTTOM = r"(?P<bottom>[0-9]{1,4})(?:ths|rds|nds|th|rd|nd)?(?![\w/]|[.,][0-9])"
_MEASURED = (
    r"(?: ?(?P<unit>tsp|tbsp|mi|lb|oz|km|kg|cm|mm|gal|qt|ft)\b(?:\.(?= [a-z]))?"
    r"|(?= ?(?:of|cups?|inch|inches|in|miles?|teaspoons?|tablespoons?|pounds?|lbs|ounces?|pints?"
    r"|an|full|empty|hours?|yards?|majority)\b|-))"
)

RULES = (
    Rule("fraction of", Pattern(_TOP + _BOTTOM + _MEASURED), _fraction, needs=_SLASHES),
    Rule(
        "rating",
        Pattern(
            r"(?<![\w.,/])(?<![0-9] )(?P<top>[0-9]{1,2}(?:\.[0-9])?)/(?P<bottom>10|5(?= stars))"
            r"(?![\w/]|[.,][0-9])"
        ),
        _rating,
        needs=_SLASHES,
        unsure="a rating, or tenths",
    ),
    Rule(
        "fraction or date",
        Pattern(
            r"(?<![\w.,/])(?<![0-9][ -])(?P<top>[1-9]|1[0-2])/(?P<bottom>[1-9]|[12][0-9]|3[01])"
            r"(?![\w/]|[.,][0-9])"
        ),
        _fraction,
        needs=_SLASHES,
        unsure="a fraction, or a day and a month",
    ),
    Rule("fraction", Pattern(_TOP + _BOTTOM), _fraction, needs=_SLASHES),
)
