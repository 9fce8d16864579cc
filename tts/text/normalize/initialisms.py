"""Words in capitals: acronyms and shouted words are words, initialisms stay what is said letter by letter."""

import re

from tts.text.normalize.rule import TWO_CAPITALS, Pattern, Rule, words
from tts.text.normalize.variety import Variety

__all__ = ["RULES"]

# Said as a word.
_ACRONYMS: dict[str, str] = {
    "NASA": "Nasa", "NATO": "Nato", "UNESCO": "Unesco", "UNICEF": "Unicef", "OPEC": "Opec", "AIDS": "Aids",
    "SCUBA": "scuba", "LASER": "laser", "RADAR": "radar", "SONAR": "sonar", "FIFA": "Fifa", "UEFA": "Uefa",
    "NAFTA": "Nafta", "ASEAN": "Asean", "OSHA": "Osha", "FEMA": "Fema", "POTUS": "Potus", "SCOTUS": "Scotus",
    "SWAT": "Swat", "NIMBY": "nimby", "PIN": "pin", "ZIP": "zip", "JSON": "Jason",
    "YAML": "yammel", "RAM": "ram", "ROM": "rom",
    "LAN": "lan", "SIM": "sim",
    "GIF": "gif", "JPEG": "jay peg", "CAPTCHA": "captcha", "COVID": "Covid", "SARS": "Sars", "MERS": "Mers",
    "NAND": "nand", "ASCII": "askey", "BASIC": "basic", "FORTRAN": "Fortran", "COBOL": "Cobol",
    "YOLO": "yolo",
    "TASER": "taser", "BAFTA": "Bafta", "OFSTED": "Ofsted", "QUANGO": "quango", "TESSA": "Tessa",
    "NASDAQ": "Nasdaq", "DARPA": "Darpa", "NORAD": "Norad", "INTERPOL": "Interpol",
    "LIDAR": "lidar", "FOMO": "fomo", "SATNAV": "satnav",
}  # fmt: skip

# Said by letters although they look like words, so that they are written apart.
_LETTERS = frozenset((
    "AWS", "ISO", "USA", "UAE", "UN", "EU", "UK", "US", "IT", "AI", "API", "CEO", "CIA", "IRA", "NBA", "WHO",
    "ATM", "IBM", "IRS", "IOU", "IQ", "ID", "AA", "AC", "DC", "OS", "IOC", "IMF", "ETA", "EPA",
    "ADHD", "ASAP",
    "UFO", "UCLA", "UNLV", "ESPN", "AOL", "ABC", "NBC", "CBS", "BBC", "FBI", "NSA", "DIY",
    "FAQ", "OEM", "MIT",
    "IEEE", "SUV", "RAF", "VAT", "USB", "URL", "UI", "UX", "ER", "ICU", "EKG", "UV", "USSR", "AM", "PM",
    "BC", "AD", "CE", "ECG", "ICE", "EMI", "ITV", "OECD", "ECB", "AFL", "NFL", "MLB", "NHL", "ROI", "IPO",
    "ESP", "DOA", "POW", "MIA", "AKA", "TBA", "FYI", "OMG", "LOL", "EOF", "GUI", "CLI", "PRS", "OW", "SAC",
    "UTC", "ISBN", "IPA", "AGM", "EST", "GPA", "SAT", "ACT", "DOB", "RIP", "SOS", "VIP", "UPS", "ERA", "RBI",
))  # fmt: skip
_APART = frozenset(("AWS", "ISO", "IOU", "IEEE", "SAT", "ACT", "ASAP", "DOA", "MIA", "ETA"))

# Short words that are written in capitals for weight.
_SHORT_WORDS = frozenset((
    "THE", "AND", "NOT", "ALL", "YOU", "NOW", "CAN", "FOR", "BUT", "ARE", "WAS", "HAS", "HAD",
    "HIS", "HER", "SHE",
    "OUR", "OUT", "OFF", "NEW", "OLD", "ONE", "TWO", "TEN", "SIX", "YES", "GET", "GOT", "GO",
    "NO", "ON", "OF",
    "TO", "BE", "BY", "DO", "IF", "IN", "IS", "MY", "OR", "SO", "UP", "WE", "HE", "ME", "AT",
    "AS", "AN", "DAY",
    "WAY", "MAN", "MEN", "SAY", "SEE", "USE", "WHY", "HOW", "LET", "PUT", "END", "TOO", "ANY",
    "BAD", "BIG", "BUY",
    "CAR", "CUT", "DID", "DOG", "CAT", "EAT", "EYE", "FAR", "FEW", "FUN", "GOD", "HIM", "HIT",
    "HOT", "JOB", "KEY",
    "LAW", "LIE", "LOT", "LOW", "MOM", "DAD", "OWN", "PAY", "RED", "RUN", "SET", "SIR", "SIT",
    "SON", "SUN", "TAX",
    "TOP", "TRY", "WAR", "WIN", "WON", "YET", "OH", "AH", "HEY", "WOW", "HA", "BOO", "BOX",
    "BOY", "SALE", "OPEN",
    "ASK", "AGO", "AIR", "ADD", "ITS", "MAY", "NOR", "BED", "MIX", "NET", "SKY", "EXIT", "HELP", "FREE", "AM",
))  # fmt: skip
# Initialisms that are words when everything around them is in capitals.
_EITHER = frozenset((
    "IT", "US", "WHO", "AM", "PM", "AD", "ID", "ACT", "SAT", "ICE", "AIDS", "ERA", "RIP",
    "PIN", "AN", "ARE", "SO", "OW",
))  # fmt: skip
_ALWAYS_LETTERS = _LETTERS - _EITHER
_ALWAYS_WORDS = _SHORT_WORDS - _EITHER
# What no English word holds: five consonants in a row, a start or an end that cannot be said.
_UNPRONOUNCEABLE = re.compile(
    r"^[^AEIOUY]*$|[^AEIOUY]{5}|^(?:[BCDFGJKLMNPQRTVWXZ][BCDFGJKMNPQTVXZ]|S[BDFGJRVXZ]|[^AEIOUSTC]{3})(?<!^KN)(?<!^GN)(?<!^PN)(?<!^MN)"
    r"|Q(?!U)|[^AEIOUYLRSTNDM]{4}$|[JVQ]$|[BDFGKPT][BDFGKMNPV]$"
)
_NEAR = 60


def _acronym(match: re.Match[str], variety: Variety) -> str:
    return _ACRONYMS[match.group(1)]


def _apart(match: re.Match[str], variety: Variety) -> str:
    return " ".join(match.group())


def _is_shouted(match: re.Match[str]) -> bool:
    """Whether the words around are in capitals as well."""
    before = match.string[max(0, match.start() - _NEAR) : match.start()]
    after = match.string[match.end() : match.end() + _NEAR]
    near = re.findall(r"[A-Za-z']{2,}", f"{before} . {after}")
    shouted = [word for word in near if word.isupper() and word not in _ALWAYS_LETTERS]
    return len(shouted) > 0 and 2 * len(shouted) >= len(near)


def _word(match: re.Match[str], variety: Variety) -> str:
    """A word in capitals in lower case; letters stay."""
    word = match.group()
    stem, _, rest = word.partition("'")
    if rest in ("T", "RE", "LL", "VE", "M", "D"):
        return word.lower()
    if stem in _ALWAYS_WORDS:
        return word.lower()
    if _is_shouted(match):
        is_letters = stem in _ALWAYS_LETTERS or _UNPRONOUNCEABLE.search(stem)
        return word if is_letters else word.lower()
    return word


def _guess(match: re.Match[str], variety: Variety) -> str:
    """A longer word that can be said, and is no initialism that we know."""
    word = match.group()
    stem = word.partition("'")[0]
    if stem in _LETTERS or _UNPRONOUNCEABLE.search(stem):
        return word
    return word.lower()


RULES = (
    Rule(
        "acronym",
        Pattern(rf"(?<![\w'-])({words(*_ACRONYMS)})(?![\w])(?!-[A-Z])"),
        _acronym,
        needs=TWO_CAPITALS,
    ),
    Rule(
        "shouted word",
        Pattern(r"(?<![\w&.])[A-Z]{2,30}(?:'[A-Z]{1,2})?(?![\w&])(?!\.\w)"),
        _word,
        needs=TWO_CAPITALS,
    ),
    Rule(
        "word in capitals",
        Pattern(r"(?<![\w&./-])[A-Z]{4,30}(?:'[A-Z]{1,2})?(?![\w&/])(?!-?[0-9]|\.\w)"),
        _guess,
        needs=TWO_CAPITALS,
        unsure="a word, or letters",
    ),
    Rule(
        "initialism",
        Pattern(rf"(?<![\w'-]){words(*sorted(_APART))}(?![\w'-])"),
        _apart,
        needs=TWO_CAPITALS,
    ),
)
