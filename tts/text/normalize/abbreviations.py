"""Common abbreviations: places, months, Latin, initials."""

import re

from tts.text.normalize.rule import DOT_BEFORE, DOT_INSIDE, Pattern, Rule, full_stop, words
from tts.text.normalize.variety import Variety

__all__ = ["ABBREVIATIONS", "BEFORE_NUMBER", "DATES", "RULES"]

# Read as one word or phrase wherever they stand.
ABBREVIATIONS: dict[str, str] = {
    "Jr": "Junior", "Sr": "Senior", "Esq": "Esquire", "Inc": "Incorporated", "Ltd": "Limited",
    "Corp": "Corporation", "Co": "Company", "Bros": "Brothers", "Dept": "Department",
    "dept": "department", "Univ": "University", "Apt": "Apartment", "apt": "apartment",
    "Assn": "Association", "Ave": "Avenue", "Govt": "Government", "govt": "government",
    "Blvd": "Boulevard", "Rd": "Road", "Hwy": "Highway", "approx": "approximately",
    "etc": "et cetera", "vs": "versus", "viz": "namely", "cf": "compare",
    "e.g": "for example", "i.e": "that is", "a.k.a": "also known as", "et al": "et al",
    "Ph.D": "P H D", "a.m": "a m", "p.m": "p m", "ca": "circa", "ibid": "ibid",
    "max": "maximum", "p.a": "per annum", "misc": "miscellaneous", "intl": "international",
    "Intl": "International",
    "Mfg": "Manufacturing", "Ste": "Suite", "Bldg": "Building", "Tel": "Telephone", "tel": "telephone",
    "Mgmt": "Management", "avg": "average", "incl": "including", "excl": "excluding",
    "esp": "especially", "temp": "temperature", "Assoc": "Associates", "Rt. Hon": "Right Honorable",
}  # fmt: skip

# These begin a sentence with a capital, and may stand in capitals.
_LOWER = tuple(short for short in ABBREVIATIONS if short.islower())

# Short for the same without their full stops.
_BARE: dict[str, str] = {
    "etc": "et cetera", "vs": "versus", "eg": "for example", "ie": "that is", "aka": "also known as",
    "Ltd": "Limited", "Inc": "Incorporated", "approx": "approximately", "Jr": "Junior",
    "Blvd": "Boulevard", "Ave": "Avenue", "PhD": "P H D", "PhDs": "PHDs", "MSc": "M S C",
    "BSc": "B S C", "Rd": "Road",
    "c/o": "care of", "b/w": "between", "govt": "government", "dept": "department", "Bros": "Brothers",
}  # fmt: skip

# Before a number only, since most are words or names elsewhere.
BEFORE_NUMBER: dict[str, str] = {
    "No": "Number", "no": "number", "Nos": "Numbers", "nos": "numbers", "Vol": "Volume",
    "vol": "volume", "Fig": "Figure", "fig": "figure", "Figs": "Figures", "figs": "figures", "Ch": "Chapter",
    "ch": "chapter", "Sec": "Section", "sec": "section", "p": "page", "pp": "pages",
    "Art": "Article", "Eq": "Equation", "c": "circa", "est": "established", "Rte": "Route", "Pt": "Part",
    "chap": "chapter", "Chap": "Chapter", "para": "paragraph", "ver": "version", "ed": "edition", "b": "born",
    "d": "died", "min": "minimum", "Rm": "Room",
}  # fmt: skip

DATES: dict[str, str] = {
    "Jan": "January", "Feb": "February", "Mar": "March", "Apr": "April", "Jun": "June",
    "Jul": "July", "Aug": "August", "Sept": "September", "Sep": "September", "Oct": "October",
    "Nov": "November", "Dec": "December", "Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday",
    "Wed": "Wednesday", "Thu": "Thursday", "Thurs": "Thursday", "Fri": "Friday",
    "Sat": "Saturday", "Sun": "Sunday",
}  # fmt: skip

_DOT = frozenset(".")


def _abbreviation(match: re.Match[str], variety: Variety) -> str:
    short = match.group(1)
    spoken = ABBREVIATIONS[short if short in ABBREVIATIONS else short.lower()]
    return variety.spelt(spoken) + full_stop(match)


def _before_number(match: re.Match[str], variety: Variety) -> str:
    return f"{BEFORE_NUMBER[match.group(1)]} "


def _date(match: re.Match[str], variety: Variety) -> str:
    return DATES[match.group(1)]


def _days(match: re.Match[str], variety: Variety) -> str:
    stop = full_stop(match) if match.group(4) else ""
    joint = "and" if match.group("and") else "to"
    return f"{DATES[match.group(1)]} {joint} {DATES[match.group(3)]}{stop}"


def _initials(match: re.Match[str], variety: Variety) -> str:
    return " ".join(filter(str.isalnum, match.group())) + full_stop(match)


RULES = (
    Rule(
        "days",
        Pattern(rf"\b({words(*DATES)})\.?(?:[-–]| ?(?P<and>&) ?)({words(*DATES)})\b(\.?)"),
        _days,
        needs=frozenset("-–&"),
    ),
    Rule(
        "before number",
        Pattern(
            rf"(?<![\w.])({words(*BEFORE_NUMBER)})\. ?(?=[A-Z]?[0-9]|[IVX]{{1,4}}\b|[ivx]{{1,5}}\b)"
        ),
        _before_number,
        needs=DOT_BEFORE,
    ),
    Rule("date short", Pattern(rf"\b({words(*DATES)})\.(?=,? ?\w|,)"), _date, needs=_DOT),
    Rule(
        "abbreviation",
        Pattern(
            rf"(?<![\w.])({words(*ABBREVIATIONS, *map(str.capitalize, _LOWER), *map(str.upper, _LOWER))})"
            r"\.(?!\w)"
        ),
        _abbreviation,
        needs=_DOT,
    ),
    Rule(
        "abbreviation bare",
        Pattern(rf"(?<![\w./@-])(?<!\bslash )({words(*_BARE)})(?![\w'/@-])"),
        lambda match, variety: _BARE[match.group(1)],
    ),
    Rule(
        "initials",
        Pattern(r"(?<![\w.])(?:[A-Za-z]\.){2,8}(?!\w)"),
        _initials,
        needs=DOT_INSIDE,
    ),
    Rule(
        "initial",
        Pattern(r"(?<![\w.])([A-Z])\.(?= (?:[A-Z]\.|[A-Z][a-z]))"),
        lambda match, variety: match.group(1),
        needs=DOT_BEFORE,
    ),
)
