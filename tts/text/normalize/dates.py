"""Years, decades and dates."""

import re

from tts.text.normalize.numbers import cardinal, ordinal
from tts.text.normalize.rule import Rule, words

__all__ = ["RULES", "year"]

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

_SHORT_MONTHS = {month[:3]: month for month in _MONTHS} | {"Sept": "September"}

_TENS = {
    "1": "tens", "2": "twenties", "3": "thirties", "4": "forties", "5": "fifties", "6": "sixties",
    "7": "seventies", "8": "eighties", "9": "nineties",
}  # fmt: skip


def year(value: int) -> str:
    """1999 as "nineteen ninety nine", 1905 as "nineteen oh five", 2005 as "two thousand five"."""
    century, rest = divmod(value, 100)
    if not century or (century % 10 == 0 and rest < 10):
        return cardinal(value)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def _decade(match: re.Match[str]) -> str:
    century, ten = match.group("century"), match.group("ten")
    if ten == "0":
        if not century:
            return match.group()
        if int(century) % 10 == 0:
            return f" {cardinal(int(century) * 100)}s "
        return f" {cardinal(int(century))} hundreds "
    return f" {cardinal(int(century))} {_TENS[ten]} " if century else f" {_TENS[ten]} "


def _month(name: str) -> str:
    return _SHORT_MONTHS.get(name.rstrip("."), name)


def _month_day(match: re.Match[str]) -> str:
    spoken = f"{_month(match.group('month'))} {ordinal(int(match.group('day')))}"
    return f"{spoken}, {year(int(match.group('year')))}" if match.group("year") else spoken


def _day_month(match: re.Match[str]) -> str:
    the = match.group("the") or "the "
    spoken = f"{the}{ordinal(int(match.group('day')))} of {_month(match.group('month'))}"
    return f"{spoken}, {year(int(match.group('year')))}" if match.group("year") else spoken


def _numeric(match: re.Match[str]) -> str:
    month = _MONTHS[int(match.group("month")) - 1]
    return f"{month} {ordinal(int(match.group('day')))}, {year(int(match.group('year')))}"


def _years(match: re.Match[str]) -> str:
    first, last = match.group(1), match.group(2)
    return f" {year(int(first))} to {year(int(last)) if len(last) == 4 else _short(last)} "


def _short(digits: str) -> str:
    """The last two digits of a year."""
    return f"{'oh ' if digits[0] == '0' else ''}{cardinal(int(digits))}"


_MONTH = rf"(?P<month>{words(*_MONTHS)}\b|{words(*_SHORT_MONTHS)}\b\.?)"
_DAY = r"(?P<day>0?[1-9]|[12][0-9]|3[01])"
_YEAR = r"(?P<year>1[0-9]{3}|20[0-9]{2})(?![\w-]|[.,:][0-9])"
_NUMERIC_MONTH = r"(?P<month>0?[1-9]|1[0-2])"

RULES = (
    Rule(
        "month day",
        re.compile(rf"\b{_MONTH} {_DAY}(?:st|nd|rd|th)?(?![\w:%/]|[.,][0-9])(?:,? {_YEAR})?"),
        _month_day,
    ),
    Rule(
        "day month",
        re.compile(
            rf"(?<![\w.,:$£€/-])(?P<the>[Tt]he )?{_DAY}(?:st|nd|rd|th)? (?:of )?{_MONTH}(?![\w-])"
            rf"(?:,? {_YEAR})?"
        ),
        _day_month,
    ),
    Rule(
        "numeric date",
        re.compile(rf"(?<![\w.,/-]){_NUMERIC_MONTH}/{_DAY}/{_YEAR}(?!/)"),
        _numeric,
    ),
    Rule(
        "iso date",
        re.compile(
            r"(?<![\w.,/-])(?P<year>1[0-9]{3}|20[0-9]{2})-(?P<month>0[1-9]|1[0-2])-"
            r"(?P<day>0[1-9]|[12][0-9]|3[01])(?![\w-])"
        ),
        _numeric,
    ),
    Rule(
        "decade",
        re.compile(r"(?<![\w.,])(?:(?P<century>1[0-9]|20)|'?)(?P<ten>[0-9])0'?s\b"),
        _decade,
    ),
    Rule(
        "years",
        re.compile(
            r"(?<![\w.,$£€-])(1[1-9][0-9]{2}|20[0-9]{2}) ?[-–/] ?"
            r"([0-9]{2}|1[0-9]{3}|20[0-9]{2})(?![\w-]|[.,][0-9])"
        ),
        _years,
    ),
    Rule(
        "short year",
        re.compile(r"(?<!\w)'([0-9]{2})(?![\w'])"),
        lambda match: f" {_short(match.group(1))} ",
    ),
    Rule(
        "before Christ",
        re.compile(r"(?<![\w.,])([1-9][0-9]{2,3})(?= ?(?:B\.? ?C\b|C\.? ?E\b|A\.? ?D\b))"),
        lambda match: f" {year(int(match.group()))} ",
    ),
    # 1308 prisoners: "thirteen oh eight" would be a year.
    Rule(
        "count",
        re.compile(
            r"(?<![\w.,:/])(?<!\bin )(?<!\bof )(?<!\bsince )(?<!\bby )(1[1-9]0[1-9])"
            r"(?= [a-z]{2,20}s\b)(?! (?:was|is|has|does|as|its|this|thus|always|perhaps)\b)"
        ),
        lambda match: f" {cardinal(int(match.group()))} ",
    ),
    Rule(
        "year",
        re.compile(r"(?<![\w.,:/])(?:1[1-9][0-9]{2}|20[0-9]{2})(?![\w:/%°]|[.,][0-9])"),
        lambda match: f" {year(int(match.group()))} ",
    ),
)
