"""Years and decades."""

import re

from tts.text.normalize.numbers import cardinal, two_digits
from tts.text.normalize.rule import DIGITS, Pattern, Rule, after
from tts.text.normalize.variety import AMERICAN, Variety

__all__ = ["RULES", "year"]

_TENS = {
    "1": "tens", "2": "twenties", "3": "thirties", "4": "forties", "5": "fifties", "6": "sixties",
    "7": "seventies", "8": "eighties", "9": "nineties",
}  # fmt: skip

_UNSURE = "a year, or a number"


def year(value: int, variety: Variety = AMERICAN) -> str:
    """1999 as "nineteen ninety nine", 1905 as "nineteen oh five", 2005 as "two thousand five"."""
    century, rest = divmod(value, 100)
    if not century or (century % 10 == 0 and rest < 10 and century != 10):
        return cardinal(value, variety)
    if rest == 0:
        return cardinal(value) if century == 10 else f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {two_digits(rest)}"


def _decade(match: re.Match[str], variety: Variety) -> str:
    century, ten = match.group("century"), match.group("ten")
    if ten == "0":
        if not century:
            return match.group()
        if int(century) % 10 == 0:
            return f" {cardinal(int(century) * 100)}s "
        return f" {cardinal(int(century))} hundreds "
    return f" {cardinal(int(century))} {_TENS[ten]} " if century else f" {_TENS[ten]} "


def _years(match: re.Match[str], variety: Variety) -> str:
    first, last = match.group(1), match.group(2)
    spoken = year(int(last), variety) if len(last) == 4 else two_digits(int(last))
    return f" {year(int(first), variety)} to {spoken} "


def _slashed(match: re.Match[str], variety: Variety) -> str:
    return f" {year(int(match.group(1)), variety)} {two_digits(int(match.group(2)))} "


def _year(match: re.Match[str], variety: Variety) -> str:
    return f" {year(int(match.group()), variety)} "


# What stands before a year.
_NOT_AFTER = "".join(rf"(?<!\b{word} )" for word in ("in", "of", "since", "by"))
_SURE = after(
    4,
    "in", "In", "since", "Since", "until", "till", "before", "after", "year", "circa", "early",
    "late", "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December", "A D", "AD", "summer", "winter", "spring", "autumn", "fall",
)  # fmt: skip
# In 1,900 and "in 1900 people" are no years; "of them" tells it too.
_NO_YEAR = r"(?![\w:/%°]|[.,][0-9])"
_COUNTED = (
    r"(?:people|men|women|children|of (?:them|these|those)|miles|kilometers|feet|dollars|pounds"
    r"|times|years)"
)
_NUMBERED = rf"(?! {_COUNTED}\b)"

RULES = (
    Rule(
        "decade",
        Pattern(r"(?<![\w.,])(?:(?P<century>1[0-9]|20)|'?)(?P<ten>[0-9])0'?s\b"),
        _decade,
        needs=DIGITS,
    ),
    Rule(
        "years",
        Pattern(
            r"(?<![\w.,$£€-])(1[1-9][0-9]{2}|20[0-9]{2}) ?[-–] ?"
            r"([0-9]{2}|1[0-9]{3}|20[0-9]{2})(?![\w-]|[.,][0-9])"
        ),
        _years,
        needs=DIGITS,
    ),
    Rule(
        "season",
        Pattern(r"(?<![\w.,$£€-])(1[89][0-9]{2}|20[0-9]{2})/([0-9]{2})(?![\w/-]|[.,][0-9])"),
        _slashed,
        needs=DIGITS,
    ),
    Rule(
        "short year",
        Pattern(r"(?<!\w)'([0-9]{2})(?![\w'])"),
        lambda match, variety: f" {two_digits(int(match.group(1)))} ",
        needs=DIGITS,
    ),
    Rule(
        "anno Domini",
        Pattern(r"(?=[1-9])(?:(?<=\bA D )|(?<=\bAD ))[1-9][0-9]{2}(?![\w]|[.,][0-9])"),
        _year,
        needs=DIGITS,
    ),
    Rule(
        "before Christ",
        Pattern(r"(?<![\w.,])([1-9][0-9]{2,3})(?= ?(?:B\.? ?C\b|C\.? ?E\b|A\.? ?D\b|BCE\b))"),
        lambda match, variety: f" {year(int(match.group(1)))} ",
        needs=DIGITS,
    ),
    # 1308 prisoners: "thirteen oh eight" would be a year.
    Rule(
        "count",
        Pattern(
            rf"(?<![\w.,:/]){_NOT_AFTER}(1[1-9]0[1-9])"
            r"(?= [a-z]{2,20}s\b)(?! (?:was|is|has|does|as|its|this|thus|always|perhaps)\b)"
        ),
        lambda match, variety: f" {cardinal(int(match.group()), variety)} ",
        needs=DIGITS,
        unsure=_UNSURE,
    ),
    Rule(
        "count of people",
        Pattern(rf"(?<![\w.,:/]){_NOT_AFTER}(?:1[1-9][0-9]{{2}}|20[0-9]{{2}})(?= {_COUNTED}\b)"),
        lambda match, variety: f" {cardinal(int(match.group()), variety)} ",
        needs=DIGITS,
        unsure=_UNSURE,
    ),
    Rule(
        "year",
        Pattern(rf"(?:1[0-9]{{3}}|20[0-9]{{2}}){_NUMBERED}{_NO_YEAR}{_SURE}"),
        _year,
        needs=DIGITS,
    ),
    Rule(
        "year or number",
        Pattern(rf"(?<![\w.,:/])(?:1[1-9][0-9]{{2}}|20[0-9]{{2}}){_NO_YEAR}"),
        _year,
        needs=DIGITS,
        unsure=_UNSURE,
    ),
)
