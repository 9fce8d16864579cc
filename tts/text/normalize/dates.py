"""Dates: by words and by numbers, in the order of the variety."""

import re
from collections.abc import Mapping

from tts.text.normalize.numbers import ordinal
from tts.text.normalize.rule import DIGITS, Pattern, Rule, words
from tts.text.normalize.variety import Variety
from tts.text.normalize.years import year

__all__ = ["RULES", "spoken_date"]

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

_SHORT_MONTHS = {month[:3]: month for month in _MONTHS} | {"Sept": "September"}


def spoken_date(parts: Mapping[str, str], variety: Variety) -> str:
    """A date by its parts: "d" and "y" in digits, "m" in digits or by its name; empty when it is none."""
    day, month, value = parts.get("d"), parts.get("m"), parts.get("y")
    if month is not None:
        by_name = _SHORT_MONTHS.get(month.capitalize(), month.capitalize())
        by_number = dict(enumerate(_MONTHS, start=1)).get(int(month)) if month.isdecimal() else None
        month = by_number or (by_name if by_name in _MONTHS else None)
        if month is None:
            return ""
    if day is not None and not (day.isdecimal() and 1 <= int(day) <= 31):
        return ""
    if value is not None and not (value.isdecimal() and len(value) <= 4 and int(value)):
        return ""
    spoken = f"the {ordinal(int(day))}" if day else month or ""
    if day and month:
        spoken = _day_of(int(day), month, variety)
    if value is None:
        return spoken
    number = int(value)
    if len(value) <= 2 and spoken:
        number = _in_full(number)
    comma = ", " if day else " " if month else ""
    return f"{spoken}{comma}{year(number, variety)}"


def _day_of(day: int, month: str, variety: Variety) -> str:
    """ "April third", or "the third of April"."""
    return f"the {ordinal(day)} of {month}" if variety.day_first else f"{month} {ordinal(day)}"


def _in_full(value: int) -> int:
    """The year that two digits mean; others are themselves."""
    return value if value > 99 else value + (2000 if value < 50 else 1900)


def _month(name: str) -> str:
    name = name.rstrip(".")
    return _SHORT_MONTHS.get(name.capitalize(), name)


def _days(match: re.Match[str], joint: str) -> str:
    """ "fifth", or "fifth to seventh"."""
    first, last = ordinal(int(match.group("day"))), match.group("last")
    return f"{first}{joint}{ordinal(int(last))}" if last else first


def _with_year(spoken: str, match: re.Match[str], variety: Variety) -> str:
    value = match.group("year")
    return f"{spoken}, {year(int(value), variety)}" if value else spoken


def _month_day(match: re.Match[str], variety: Variety) -> str:
    the = "the " if variety.day_first else ""
    spoken = f"{_month(match.group('month'))} {the}{_days(match, f' to {the}')}"
    return _with_year(spoken, match, variety)


def _day_month(match: re.Match[str], variety: Variety) -> str:
    the = match.group("the") or ("" if match.groupdict().get("of") else "the ")
    spoken = f"{the}{_days(match, ' to the ')} of {_month(match.group('month'))}"
    return _with_year(spoken, match, variety)


def _numeric(match: re.Match[str], variety: Variety) -> str:
    month = _MONTHS[int(match.group("month")) - 1]
    return _with_year(_day_of(int(match.group("day")), month, variety), match, variety)


def _slashed(match: re.Match[str], variety: Variety) -> str:
    """Two numbers and a year; the order that is no date tells that it is the other."""
    first, second = int(match.group("first")), int(match.group("second"))
    is_day_first = variety.day_first
    if max(first, second) > 12:
        is_day_first = first > 12
    day, month = (first, second) if is_day_first else (second, first)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match.group()
    value = _in_full(int(match.group("year")))
    return f"{_day_of(day, _MONTHS[month - 1], variety)}, {year(value, variety)}"


def _dotted(match: re.Match[str], variety: Variety) -> str:
    month = _MONTHS[int(match.group("month")) - 1]
    return _with_year(f"the {ordinal(int(match.group('day')))} of {month}", match, variety)


def _weekday(match: re.Match[str], variety: Variety) -> str:
    first, second = int(match.group("first")), int(match.group("second"))
    day, month = (first, second) if variety.day_first else (second, first)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match.group()
    return f"{match.group('weekday')}{_day_of(day, _MONTHS[month - 1], variety)}"


_MONTH = rf"(?P<month>{words(*_MONTHS)}\b|{words(*_SHORT_MONTHS)}\b\.?)"
_DAY = r"(?P<day>0?[1-9]|[12][0-9]|3[01])"
_LAST = r"(?: ?(?:[-–]| to ) ?(?P<last>0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)?)?"
_YEAR = r"(?P<year>1[0-9]{3}|20[0-9]{2})(?![\w-]|[.,:][0-9])"
_WEEKDAY = (
    r"(?P<weekday>\b(?:Mon|Tue|Tues|Wed|Thu|Thurs|Fri|Sat|Sun)(?:day|sday|nesday|rsday|urday)?,? )"
)
_SLASH = frozenset("/")
_WHICH_FIRST = "the month first, or the day"

RULES = (
    Rule(
        "date month first",
        Pattern(rf"\b{_MONTH} {_DAY}(?:st|nd|rd|th)?{_LAST}(?![\w:%/]|[.,][0-9])(?:,? {_YEAR})?"),
        _month_day,
        needs=DIGITS,
    ),
    Rule(
        "date day first",
        Pattern(
            rf"(?<![\w.,:$£€/-])(?P<the>[Tt]he )?{_DAY}(?:st|nd|rd|th)?{_LAST}[ -]"
            rf"(?P<of>of )?{_MONTH}(?![\w-]|-[^0-9])"
            rf"(?:(?:,? ){_YEAR})?"
        ),
        _day_month,
        needs=DIGITS,
    ),
    Rule(
        "date with dashes",
        Pattern(rf"(?<![\w.,:$£€/-])(?P<the>(?!))?{_DAY}(?P<last>(?!))?-{_MONTH}-{_YEAR}"),
        _day_month,
        needs=DIGITS,
    ),
    Rule(
        "iso date",
        Pattern(
            r"(?<![\w.,/-])(?P<year>1[0-9]{3}|20[0-9]{2})(?P<mark>[-/])(?P<month>0[1-9]|1[0-2])(?P=mark)"
            r"(?P<day>0[1-9]|[12][0-9]|3[01])(?![\w-])"
        ),
        _numeric,
        needs=DIGITS,
    ),
    Rule(
        "date",
        Pattern(
            r"(?<![\w.,/-])(?:(?P<first>1[3-9]|2[0-9]|3[01])(?P<mark>[/-])(?P<second>0?[1-9]|1[0-2])(?P=mark)"
            r"(?P<year>1[0-9]{3}|20[0-9]{2}))(?![\w/-]|[.,][0-9])"
        ),
        _slashed,
        needs=DIGITS,
    ),
    Rule(
        "numeric date",
        Pattern(
            r"(?<![\w.,/-])(?P<first>0?[1-9]|[12][0-9]|3[01])(?P<mark>[/-])(?P<second>0?[1-9]|[12][0-9]|3[01])"
            r"(?P=mark)(?P<year>1[0-9]{3}|20[0-9]{2}|(?<=/)[0-9]{2})(?![\w/-]|[.,][0-9])"
        ),
        _slashed,
        needs=DIGITS,
        unsure=_WHICH_FIRST,
    ),
    Rule(
        "dotted date",
        Pattern(
            r"(?<![\w.,/-])(?P<day>0?[1-9]|[12][0-9]|3[01])\.(?P<month>0?[1-9]|1[0-2])\."
            r"(?P<year>1[0-9]{3}|20[0-9]{2})(?![\w/-]|[.,][0-9])"
        ),
        _dotted,
        needs=DIGITS,
    ),
    Rule(
        "weekday and date",
        Pattern(rf"{_WEEKDAY}(?P<first>[0-9]{{1,2}})/(?P<second>[0-9]{{1,2}})(?![\w/]|[.,][0-9])"),
        _weekday,
        needs=_SLASH,
        unsure=_WHICH_FIRST,
    ),
    # Jan 2024, where no full stop tells that it is short.
    Rule(
        "month and year",
        Pattern(
            rf"\b(?P<month>{words(*(m for m in _SHORT_MONTHS if m != 'May'))})(?= (?:1[0-9]{{3}}"
            rf"|20[0-9]{{2}})\b)"
        ),
        lambda match, variety: _month(match.group("month")),
        needs=DIGITS,
    ),
)
