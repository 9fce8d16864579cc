"""Roman numerals, where they are numerals: after rulers and headings, and where no word looks like them."""

import re

from tts.text.normalize.numbers import cardinal, ordinal
from tts.text.normalize.rule import Pattern, Rule, words
from tts.text.normalize.variety import Variety
from tts.text.normalize.years import year

__all__ = ["RULES"]

_RULERS = words(
    "King", "Queen", "Pope", "Emperor", "Louis", "Henry", "Edward", "Charles", "James", "George",
    "William", "Richard", "Elizabeth", "Napoleon", "Philip", "Francis", "Pius", "John Paul",
    "Benedict", "Leo", "Gregory", "Nicholas", "Alexander", "Frederick", "Ferdinand", "Victoria",
    "Ramses", "Ptolemy", "Innocent", "Clement", "Mary", "Catherine", "Wilhelm", "Gustav", "Christian",
    "Ivan", "Peter", "Leopold", "Urban", "Boniface", "Sixtus", "Haakon", "Juan Carlos", "Margrethe",
)  # fmt: skip
_HEADINGS = words(
    "Chapter", "Part", "Volume", "Book", "Act", "Scene", "Section", "Article", "Phase", "Type",
    "Class", "Level", "World War", "Title", "Appendix", "Super Bowl", "Stage", "Grade", "Figure", "Table",
    "Division", "Amendment", "Schedule", "Star Wars Episode", "Episode", "Unit", "Lesson",
    "Apollo", "Page", "Pages", "Canto", "Psalm", "Year", "Group", "Tier",
)  # fmt: skip
_SMALL_HEADINGS = words(
    "chapter", "part", "volume", "book", "act", "scene", "section", "article", "phase", "type",
    "stage", "page", "pages", "appendix", "figure", "table", "verse", "note", "number", "line",
    "Number", "Numbers",
)  # fmt: skip
_SMALL = "(?:x{0,3}(?:ix|iv|vi{0,3}|i{1,3})|x{1,3})"
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_CAPITALS = frozenset("IVXLMDC")
_NO_WORD = r"(?!'(?!s\b)\w|\.\w)"


def _heading(match: re.Match[str], variety: Variety) -> str:
    value = _value(match.group("roman"))
    if match.group("ruler"):
        return f"{match.group('ruler')} the {ordinal(value, variety)}"
    return f"{match.group('heading')} {cardinal(value, variety)}"


def _small(match: re.Match[str], variety: Variety) -> str:
    spoken = cardinal(_value(match.group("roman").upper()), variety)
    if last := match.groupdict().get("last"):
        spoken += f" to {cardinal(_value(last.upper()), variety)}"
    return f"{match.group('heading')} {spoken}"


def _value(roman: str) -> int:
    """A letter before a greater one counts negatively."""
    values = [_VALUES[letter] for letter in roman]
    return sum(-value if value < max(values[i:]) else value for i, value in enumerate(values))


def _century(match: re.Match[str], variety: Variety) -> str:
    return ordinal(_value(match.group("roman")), variety)


RULES = (
    Rule("world war", Pattern(r"\bWW(?=I{1,2}\b)"), "World War ", needs=frozenset("W")),
    Rule(
        "roman",
        Pattern(
            rf"\b(?:(?P<ruler>{_RULERS})|(?P<heading>{_HEADINGS})) "
            rf"(?P<roman>(?:X{{1,3}}|XL|L)?(?:IX|IV|V?I{{1,3}}|V)|X{{1,3}}|XL|L?X{{0,3}}"
            rf"(?<=[LX]))\b{_NO_WORD}(?<! [L])"
        ),
        _heading,
        needs=_CAPITALS,
    ),
    # "volume I brought": a single capital after a small letter is a word.
    Rule(
        "roman after a word",
        Pattern(
            rf"\b(?P<heading>{_SMALL_HEADINGS}) (?P<roman>(?:X{{1,3}}|XL|L)?(?:IX|IV|V?I{{1,3}}"
            rf"|V)(?<=[A-Z]{{2}}))\b{_NO_WORD}"
        ),
        _small,
        needs=_CAPITALS,
    ),
    Rule(
        "roman small",
        Pattern(
            rf"\b(?P<heading>{_HEADINGS}|{_SMALL_HEADINGS}) (?P<roman>{_SMALL})(?:(?:[-–]| — )"
            rf"(?P<last>{_SMALL}))?\b{_NO_WORD}"
        ),
        _small,
        needs=frozenset("ivx"),
    ),
    Rule(
        "roman century",
        Pattern(
            r"\b(?P<roman>X{0,2}(?:IX|IV|V?I{1,3}|V)|X{1,2})(?= (?:century|centuries|Olympiad|Corps)\b)"
        ),
        _century,
        needs=_CAPITALS,
    ),
    # MCMXCIX: at least four letters of a year; MIX, DIM and CIVIC are words.
    Rule(
        "roman year",
        Pattern(
            r"\b(?P<roman>MC?[DM]{0,2}C{0,3}(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3}))\b(?<=\b[MDCLXVI]{4})|"
            r"\b(?P<long>M(?:CM|D?C{0,3}|M)(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3}))\b(?<=[MDCLXVI]{4})"
        ),
        lambda match, variety: year(_value(match.group()), variety),
        needs=frozenset("M"),
        unsure="a Roman numeral, or a word",
    ),
    # Rocky III; single letters, IV and VI are more often something else.
    Rule(
        "roman alone",
        Pattern(
            rf"(?<=[a-z] )(?P<roman>X{{0,2}}(?:I{{2,3}}|VI{{2,3}})|X{{1,2}}(?:IX|IV|VI?|I))\b{_NO_WORD}"
        ),
        lambda match, variety: cardinal(_value(match.group("roman")), variety),
        needs=_CAPITALS,
        unsure="a Roman numeral, or letters",
    ),
)
