"""Common abbreviations: titles, places, months, Latin, initials, Roman numerals after a name."""

import re

from tts.text.normalize.numbers import cardinal, ordinal
from tts.text.normalize.rule import Rule, full_stop, words

__all__ = ["ABBREVIATIONS", "AFTER_NAME", "BEFORE_NUMBER", "DATES", "RULES", "TITLES"]

# Followed by a name: a full stop after one of these does not end a sentence.
TITLES: dict[str, str] = {
    "Mr": "Mister", "Mrs": "Missus", "Ms": "Mizz", "Dr": "Doctor", "St": "Saint",
    "Prof": "Professor", "Rev": "Reverend", "Hon": "Honorable", "Gen": "General",
    "Col": "Colonel", "Capt": "Captain", "Lt": "Lieutenant", "Sgt": "Sergeant", "Maj": "Major",
    "Cmdr": "Commander", "Adm": "Admiral", "Cpl": "Corporal", "Pvt": "Private", "Gov": "Governor",
    "Sen": "Senator", "Rep": "Representative", "Pres": "President", "Supt": "Superintendent",
    "Messrs": "Messers", "Mme": "Madame", "Mlle": "Mademoiselle", "Mt": "Mount", "Ft": "Fort",
    "Fr": "Father",
}  # fmt: skip

# Titles also where no name follows (Mr. and Mrs.), and those that often go without a full stop.
_ALWAYS_TITLES = ("Mr", "Mrs", "Ms", "Messrs", "Prof", "Capt", "Sgt", "Lt", "Mme", "Mlle", "Maj")
_BARE_TITLES = ("Mr", "Mrs", "Ms", "Messrs", "Dr", "Prof", "St")

# After a name, where the title would be something else.
AFTER_NAME: dict[str, str] = {
    "St": "Street", "Dr": "Drive", "Ave": "Avenue", "Blvd": "Boulevard", "Rd": "Road",
    "Ln": "Lane", "Hwy": "Highway", "Pkwy": "Parkway", "Sq": "Square", "Ct": "Court",
}  # fmt: skip

# Read as one word or phrase wherever they stand.
ABBREVIATIONS: dict[str, str] = {
    "Jr": "Junior", "Sr": "Senior", "Esq": "Esquire", "Inc": "Incorporated", "Ltd": "Limited",
    "Corp": "Corporation", "Co": "Company", "Bros": "Brothers", "Dept": "Department",
    "Univ": "University", "Apt": "Apartment", "Assn": "Association", "Ave": "Avenue",
    "Blvd": "Boulevard", "Rd": "Road", "Hwy": "Highway", "approx": "approximately",
    "etc": "et cetera", "vs": "versus", "viz": "namely", "cf": "compare",
    "e.g": "for example", "i.e": "that is", "a.k.a": "also known as", "et al": "et al",
    "Ph.D": "P H D", "a.m": "a m", "p.m": "p m", "ca": "circa", "ibid": "ibid",
}  # fmt: skip

# These begin a sentence with a capital, and may stand in capitals.
_LOWER = tuple(short for short in ABBREVIATIONS if short.islower())

# Before a number only, since most are words or names elsewhere.
BEFORE_NUMBER: dict[str, str] = {
    "No": "Number", "no": "number", "Nos": "Numbers", "nos": "numbers", "Vol": "Volume",
    "vol": "volume", "Fig": "Figure", "fig": "figure", "Figs": "Figures", "Ch": "Chapter",
    "ch": "chapter", "Sec": "Section", "sec": "section", "p": "page", "pp": "pages",
    "Art": "Article", "Eq": "Equation", "c": "circa", "est": "established",
}  # fmt: skip

DATES: dict[str, str] = {
    "Jan": "January", "Feb": "February", "Mar": "March", "Apr": "April", "Jun": "June",
    "Jul": "July", "Aug": "August", "Sept": "September", "Sep": "September", "Oct": "October",
    "Nov": "November", "Dec": "December", "Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday",
    "Wed": "Wednesday", "Thu": "Thursday", "Thurs": "Thursday", "Fri": "Friday",
    "Sat": "Saturday", "Sun": "Sunday",
}  # fmt: skip

_RULERS = words(
    "King", "Queen", "Pope", "Emperor", "Louis", "Henry", "Edward", "Charles", "James", "George",
    "William", "Richard", "Elizabeth", "Napoleon", "Philip", "Francis", "Pius", "John Paul",
    "Benedict", "Leo", "Gregory", "Nicholas", "Alexander", "Frederick", "Ferdinand", "Victoria",
)  # fmt: skip
_HEADINGS = words(
    "Chapter", "Part", "Volume", "Book", "Act", "Scene", "Section", "Article", "Phase", "Type",
    "Class", "Level", "World War", "Title", "Appendix", "Type", "Super Bowl",
)  # fmt: skip
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def _title(match: re.Match[str]) -> str:
    return TITLES[match.group(1)]


def _street(match: re.Match[str]) -> str:
    return f"{match.group('name')} {AFTER_NAME[match.group('kind')]}{full_stop(match)}"


def _abbreviation(match: re.Match[str]) -> str:
    short = match.group(1)
    return ABBREVIATIONS[short if short in ABBREVIATIONS else short.lower()] + full_stop(match)


def _before_number(match: re.Match[str]) -> str:
    return f"{BEFORE_NUMBER[match.group(1)]} "


def _date(match: re.Match[str]) -> str:
    return DATES[match.group(1)]


def _days(match: re.Match[str]) -> str:
    stop = full_stop(match) if match.group(3) else ""
    return f"{DATES[match.group(1)]} to {DATES[match.group(2)]}{stop}"


def _initials(match: re.Match[str]) -> str:
    return " ".join(filter(str.isalnum, match.group())) + full_stop(match)


def _roman(match: re.Match[str]) -> str:
    value = _value(match.group("roman"))
    if match.group("ruler"):
        return f"{match.group('ruler')} the {ordinal(value)}"
    return f"{match.group('heading')} {cardinal(value)}"


def _value(roman: str) -> int:
    """A letter before a greater one counts negatively."""
    values = [_ROMAN[letter] for letter in roman]
    return sum(-value if value < max(values[i:]) else value for i, value in enumerate(values))


RULES = (
    Rule(
        "days",
        re.compile(rf"\b({words(*DATES)})\.?[-–]({words(*DATES)})\b(\.?)"),
        _days,
    ),
    # Main St., 5th Ave.; but not Bury St. Edmunds.
    Rule(
        "street",
        re.compile(
            r"\b(?P<name>[A-Z][a-z]{1,20}|[0-9]{1,3}(?:st|nd|rd|th)) "
            rf"(?P<kind>{words(*AFTER_NAME)})\.(?! ?[A-Z])"
        ),
        _street,
    ),
    Rule("title", re.compile(rf"\b({words(*_ALWAYS_TITLES)})\."), _title),
    Rule("title before", re.compile(rf"\b({words(*TITLES)})\.(?= ?[A-Z\"'])"), _title),
    Rule("title bare", re.compile(rf"\b({words(*_BARE_TITLES)})(?= [A-Z][a-z])"), _title),
    Rule(
        "before number",
        re.compile(rf"(?<![\w.])({words(*BEFORE_NUMBER)})\. ?(?=[A-Z]?[0-9]|[IVX]{{1,4}}\b)"),
        _before_number,
    ),
    Rule("date", re.compile(rf"\b({words(*DATES)})\.(?=,? ?\w|,)"), _date),
    Rule(
        "abbreviation",
        re.compile(
            rf"(?<![\w.])({words(*ABBREVIATIONS, *map(str.capitalize, _LOWER), *map(str.upper, _LOWER))})"
            r"\.(?!\w)"
        ),
        _abbreviation,
    ),
    Rule("initials", re.compile(r"(?<![\w.])(?:[A-Za-z]\.){2,8}(?!\w)"), _initials),
    Rule(
        "initial",
        re.compile(r"(?<![\w.])([A-Z])\.(?= (?:[A-Z]\.|[A-Z][a-z]))"),
        lambda match: match.group(1),
    ),
    Rule("world war", re.compile(r"\bWW(?=I{1,2}\b)"), lambda match: "World War "),
    Rule(
        "roman",
        re.compile(
            rf"\b(?:(?P<ruler>{_RULERS})|(?P<heading>{_HEADINGS})) "
            r"(?P<roman>(?:X{1,3}|XL|L)?(?:IX|IV|V?I{1,3}|V)|X{1,3}|XL)\b(?!['.]\w)"
        ),
        _roman,
    ),
    # Rocky III; single letters, IV and VI are more often something else.
    Rule(
        "roman alone",
        re.compile(
            r"(?<=[a-z] )(?P<roman>X{0,2}(?:I{2,3}|VI{2,3})|X{1,2}(?:IX|IV|VI?|I))\b(?!['.]\w)"
        ),
        lambda match: cardinal(_value(match.group("roman"))),
    ),
)
