"""Text as it is written to words as they are spoken, in US English.

The text is cleaned of unusual characters (`characters.py`), then an ordered table of rules turns each class
of written form into words. A rule replaces what its pattern finds; the order is what keeps "3:05 p.m." from
being read as an abbreviation or two numbers. Each class lives in its own module, beside its tables.
"""

from tts.text.normalize import abbreviations, codes, dates, money, numbers, signs, times, units
from tts.text.normalize.characters import clean, is_speakable, sayable
from tts.text.normalize.rule import Rule

__all__ = ["RULES", "Rule", "clean", "is_speakable", "normalize", "sayable"]

RULES: tuple[Rule, ...] = (
    *signs.RULES,
    *codes.RULES,
    *times.RULES,
    *abbreviations.RULES,
    *dates.RULES,
    *money.RULES,
    *units.RULES,
    *codes.LAST_RULES,
    *numbers.RULES,
    *signs.LAST_RULES,
)


def normalize(text: str) -> str:
    """The spoken words of a text, with the punctuation that is heard; raises on no text.

    Characters that cannot be spoken are left out: `is_speakable` tells which.
    """
    text = clean(text)
    for rule in RULES:
        text = rule.apply(text)
    return " ".join(text.split())
