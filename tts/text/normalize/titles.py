"""Titles of persons, and what the same letters stand for after a name: Dr. Smith, Elm Dr."""

import re

from tts.text.normalize.rule import DOT_BEFORE, Pattern, Rule, full_stop, words
from tts.text.normalize.variety import Variety

__all__ = ["AFTER_NAME", "RULES", "TITLES"]

# Followed by a name: a full stop after one of these does not end a sentence.
TITLES: dict[str, str] = {
    "Mr": "Mister", "Mrs": "Missus", "Ms": "Mizz", "Dr": "Doctor", "St": "Saint",
    "Prof": "Professor", "Rev": "Reverend", "Hon": "Honorable", "Gen": "General",
    "Col": "Colonel", "Capt": "Captain", "Lt": "Lieutenant", "Sgt": "Sergeant", "Maj": "Major",
    "Cmdr": "Commander", "Adm": "Admiral", "Cpl": "Corporal", "Pvt": "Private", "Gov": "Governor",
    "Sen": "Senator", "Rep": "Representative", "Pres": "President", "Supt": "Superintendent",
    "Messrs": "Messers", "Mme": "Madame", "Mlle": "Mademoiselle", "Mt": "Mount", "Ft": "Fort",
    "Fr": "Father", "Brig": "Brigadier", "Insp": "Inspector", "Cdr": "Commander",
}  # fmt: skip

# Titles also where no name follows (Mr. and Mrs.), and those that often go without a full stop.
_ALWAYS = ("Mr", "Mrs", "Ms", "Messrs", "Prof", "Capt", "Sgt", "Lt", "Mme", "Mlle", "Maj")
_BARE = ("Mr", "Mrs", "Ms", "Messrs", "Dr", "Prof", "St", "Mt", "Lt", "Sgt", "Capt", "Rev")

# After a name, where the title would be something else.
AFTER_NAME: dict[str, str] = {
    "St": "Street", "Dr": "Drive", "Ave": "Avenue", "Blvd": "Boulevard", "Rd": "Road",
    "Ln": "Lane", "Hwy": "Highway", "Pkwy": "Parkway", "Sq": "Square", "Ct": "Court",
    "Pl": "Place", "Ter": "Terrace", "Cres": "Crescent",
}  # fmt: skip

_DOT = frozenset(".")


def _title(match: re.Match[str], variety: Variety) -> str:
    return variety.spelt(TITLES[match.group(1)])


def _street(match: re.Match[str], variety: Variety) -> str:
    return f"{match.group('name')} {AFTER_NAME[match.group('kind')]}{full_stop(match)}"


def _bare_street(match: re.Match[str], variety: Variety) -> str:
    before = match.string[max(0, match.start() - _LONGEST) : match.start()]
    return AFTER_NAME[match.group("kind")] if _STREET_NAME.search(before) else match.group()


def _saint(match: re.Match[str], variety: Variety) -> str:
    """After a word in small letters; a preposition before it leaves no doubt, so another rule reads it."""
    before = match.string[max(0, match.start() - _LONGEST) : match.start()]
    return "Saint" if _NO_STREET.search(before) else match.group()


_NO_STREET = re.compile(r"(?<!\bthe)(?<!\bof)(?<!\bin)(?<!\bat)(?<!\bto)(?<=[a-z]) $")

# What tells a street: a number, an ordinal or a preposition before its name.
_STREET_NAME = re.compile(
    r"(?:[0-9]{1,5} |\b(?:on|at|of|to|from|down|along|off) )(?:[A-Z][a-z]{1,20} ){0,2}[A-Z][a-z]{1,20} $"
    r"|\b[0-9]{1,3}(?:st|nd|rd|th) $"
)
_LONGEST = 80

RULES = (
    # Main St., 5th Ave.; but not Bury St. Edmunds.
    Rule(
        "street",
        Pattern(
            r"\b(?P<name>[JS]r\.|[A-Z][a-z]{1,20}|[0-9]{1,3}(?:st|nd|rd|th)) "
            rf"(?P<kind>{words(*AFTER_NAME)})\.(?! ?[A-Z])"
        ),
        _street,
        needs=_DOT,
    ),
    # On Main St. The end; 12 Elm Dr Apt 4. A capital follows, so the name may go on: Bury St Edmunds.
    Rule(
        "street before a capital",
        Pattern(
            rf"(?P<kind>{words(*AFTER_NAME)})\b\.?(?= (?:Apt|Suite|Ste|Unit|Floor"
            rf"|The|It|He|She|They|We|NW|NE|SW|SE|[NSEW]\b)|$|[,;:!?)]| [a-z0-9]|\.$)"
        ),
        _bare_street,
        unsure="a street, or a title",
    ),
    Rule("title", Pattern(rf"\b({words(*_ALWAYS)})\."), _title, needs=_DOT),
    Rule(
        "saint",
        Pattern(r"\bSt\b\.?(?= [A-Z])"),
        _saint,
        needs=frozenset("S"),
        unsure="Saint, or Street",
    ),
    Rule(
        "title before", Pattern(rf"\b({words(*TITLES)})\.(?= ?[A-Z\"'])"), _title, needs=DOT_BEFORE
    ),
    Rule(
        "title bare",
        Pattern(rf"\b({words(*_BARE)})(?= [A-Z][a-z])"),
        _title,
        needs=frozenset(title[0] for title in _BARE),
    ),
)
