"""Text as it is written to words as they are spoken, in US or UK English, each traced to what it speaks.

The text is cleaned of unusual characters (`characters.py`), then an ordered table of rules turns each class
of written form into words. A rule replaces what its pattern finds; the order is what keeps "3:05 p.m." from
being read as an abbreviation or two numbers. Each class lives in its own module, beside its tables.
`held.py` keeps inline phonemes from all of them. Where the varieties of English differ, `variety.py` tells
how. Other languages have the few rules of `neutral.py`, and eSpeak NG reads their numbers. `traced.py`
carries the origin of each character along.
"""

from tts.text.languages import is_english
from tts.text.normalize import (
    abbreviations,
    codes,
    dates,
    fractions,
    initialisms,
    money,
    neutral,
    numbers,
    roman,
    signs,
    times,
    titles,
    units,
    web,
    years,
)
from tts.text.normalize.characters import clean, is_speakable, sayable
from tts.text.normalize.held import INLINE_RULE, LEXICON_RULE, Written, release
from tts.text.normalize.neutral import SIGNS
from tts.text.normalize.rule import Rule, features
from tts.text.normalize.traced import Origin, SpokenSpan, Traced
from tts.text.normalize.variety import variety_of

__all__ = [
    "INLINE_RULE",
    "LEXICON_RULE",
    "RULES",
    "SIGNS",
    "Origin",
    "Rule",
    "SpokenSpan",
    "Traced",
    "Written",
    "clean",
    "is_speakable",
    "normalize",
    "sayable",
    "trace",
    "variety_of",
]

RULES: tuple[Rule, ...] = (
    *web.RULES,
    *signs.RULES,
    *codes.RULES,
    *times.RULES,
    *titles.RULES,
    *abbreviations.RULES,
    *roman.RULES,
    *initialisms.RULES,
    *dates.RULES,
    *years.RULES,
    *fractions.RULES,
    *money.RULES,
    *units.RULES,
    *codes.LAST_RULES,
    *numbers.RULES,
    *times.RATIO_RULES,
    *numbers.LAST_RULES,
    *signs.LAST_RULES,
)


def normalize(text: str, language: str = "en-us") -> str:
    """The spoken words of a text, with the punctuation that is heard; raises on no text.

    Characters that cannot be spoken are left out: `is_speakable` tells which.

    Args:
        text: any text.
        language: a language code of eSpeak NG: British conventions for en-gb, American ones for the other
            kinds of English, and for other languages only what holds in all of them.
    """
    return trace(text, language).text


def trace(text: str, language: str = "en-us", written: Written | None = None) -> Traced:
    """The spoken words of a text, as `normalize` has them, and where each character of them comes from.

    Args:
        text: any text. Inline phonemes, [[təmˈeɪɾoʊ]], stay as they are, each word in brackets of its own.
        language: a language code of eSpeak NG.
        written: forms that are looked up before any rule.
    """
    variety = variety_of(language)
    traced = clean(text, language, written)
    there, seen = features(traced.text), traced.text
    for rule in RULES if is_english(language) else neutral.RULES:
        if traced.text is not seen:
            there, seen = features(traced.text), traced.text
        if not rule.needs or not there.isdisjoint(rule.needs):
            traced = rule.apply(traced, variety)
    return release(traced.squeezed(), text, written)
