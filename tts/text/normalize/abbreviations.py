"""Common abbreviations: titles, places, months, Latin, initials, Roman numerals after a name."""

import re

from tts.text.normalize.numbers import cardinal, ordinal
from tts.text.normalize.rule import Rule, words

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
    "est": "established", "etc": "et cetera", "vs": "versus", "viz": "namely", "cf": "compare",
    "e.g": "for example", "i.e": "that is", "a.k.a": "also known as", "et al": "et al",
    "Ph.D": "P H D", "a.m": "a m", "p.m": "p m", "ca": "circa", "ibid": "ibid",
}  # fmt: skip

# Before a number only, since most are words or names elsewhere.
BEFORE_NUMBER: dict[str, str] = {
    "No": "Number", "no": "number", "Nos": "Numbers", "nos": "numbers", "Vol": "Volume",
    "vol": "volume", "Fig": "Figure", "fig": "figure", "Figs": "Figures", "Ch": "Chapter",
    "ch": "chapter", "Sec": "Section", "sec": "section", "p": "page", "pp": "pages",
    "Art": "Article", "Eq": "Equation", "c": "circa",
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


def _stop(match: re.Match[str]) -> str:
    """A full stop when the one that was swallowed also ended the text."""
    return "" if match.string[match.end() :].strip("\"') ") else "."


def _from(table: dict[str, str]) -> "re.Match[str] | object":
    return table


def _title(match: re.Match[str]) -> str:
    return TITLES[match.group(1)]


def _street(match: re.Match[str]) -> str:
    return AFTER_NAME[match.group(1)] + _stop(match)


def _abbreviation(match: re.Match[str]) -> str:
    short = match.group(1)
    spoken = (
        ABBREVIATIONS.get(short) or ABBREVIATIONS.get(short.lower()) or ABBREVIATIONS[short.title()]
    )
    return spoken + _stop(match)


def _number_sign(match: re.Match[str]) -> str:
    return f"{BEFORE_NUMBER[match.group(1)]} "


def _date(match: re.Match[str]) -> str:
    return DATES[match.group(1)]


def _initials(match: re.Match[str]) -> str:
    letters = " ".join(c for c in match.group() if c.isalnum())
    return letters + _stop(match)


def _roman(match: re.Match[str]) -> str:
    values = [_ROMAN[letter] for letter in match.group("roman")]
    total = sum(-value if value < max(values[i:]) else value for i, value in enumerate(values))
    if match.group("ruler"):
        return f"{match.group('ruler')} the {ordinal(total)}"
    return f"{match.group('heading')} {cardinal(total)}"


RULES = (
    Rule(
        "roman",
        re.compile(
            rf"\b(?:(?P<ruler>{_RULERS})|(?P<heading>{_HEADINGS})) "
            r"(?P<roman>(?:X{1,3}|XL|L)?(?:IX|IV|V?I{1,3}|V)|X{1,3}|XL)\b(?!['.]\w)"
        ),
        _roman,
    ),
    Rule(
        "street",
        re.compile(
            rf"(?<=[a-z0-9] )({words(*AFTER_NAME)})\.(?=$|[\s,;:!?)\"'])(?! [A-Z][a-z]+ [a-z])"
        ),
        _street,
    ),
    Rule("title", re.compile(rf"\b({words(*TITLES)})\.(?=[ ]?[A-Z\"'])"), _title),
    Rule(
        "number sign",
        re.compile(rf"(?<![\w.])({words(*BEFORE_NUMBER)})\. ?(?=[0-9])"),
        _number_sign,
    ),
    Rule("date", re.compile(rf"\b({words(*DATES)})\.(?=,? ?\w)"), _date),
    Rule(
        "abbreviation",
        re.compile(rf"(?<![\w.])({words(*ABBREVIATIONS)})\.(?!\w)", re.I),
        _abbreviation,
    ),
    Rule("initials", re.compile(r"(?<![\w.])(?:[A-Za-z]\.){2,8}(?!\w)"), _initials),
    Rule(
        "initial",
        re.compile(r"(?<![\w.])([A-Z])\.(?= (?:[A-Z]\.|[A-Z][a-z]))"),
        lambda m: m.group(1),
    ),
)
