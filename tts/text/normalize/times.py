"""Times of day, their ranges, and durations."""

import re

from tts.text.normalize.numbers import cardinal, two_digits
from tts.text.normalize.rule import DIGITS, Pattern, Rule, full_stop
from tts.text.normalize.variety import Variety

__all__ = ["RATIO_RULES", "RULES"]

_HALF = r"(?: ?(?P<half>[ap])(?:\.? ?m\b\.?|m\b))"


def _hour_minute(hour: int, minute: int, half: str | None) -> str:
    spoken = cardinal(hour)
    if minute:
        return f"{spoken} {two_digits(minute)}"
    if hour in (0, *range(13, 25)):
        return f"{spoken} hundred"
    return spoken if half else f"{spoken} o'clock"


def _time(match: re.Match[str], variety: Variety) -> str:
    hour, minute = int(match.group("hour")), int(match.group("minute"))
    spoken = _hour_minute(hour, minute, match.group("half"))
    if match.groupdict().get("second"):
        second = int(match.group("second"))
        spoken += f" and {cardinal(second)} second{'s' * (second != 1)}"
    zone = " UTC" if match.group().endswith("Z") else ""
    return spoken + _half(match) + zone


def _hour(match: re.Match[str], variety: Variety) -> str:
    return cardinal(int(match.group("hour"))) + _half(match)


def _range(match: re.Match[str], variety: Variety) -> str:
    """9:30-5 p.m., 9-11 am: both ends are times, whatever half only the last one tells."""
    first = _clock(match.group("first"), match.group("half_first"))
    last = _clock(match.group("last"), match.group("half") or None)
    if match.group("half_first"):
        first += f" {match.group('half_first').lower()} m"
    return f"{first} to {last}{_half(match)}"


def _clock(written: str, half: str | None) -> str:
    hour, _, minute = written.replace(".", ":").partition(":")
    return _hour_minute(int(hour), int(minute), half or "a") if minute else cardinal(int(hour))


def _half(match: re.Match[str]) -> str:
    """ " a m" or " p m"; a full stop that also ends the text stays."""
    half = match.group("half")
    if not half:
        return ""
    return f" {half.lower()} m{full_stop(match) if match.group().endswith('.') else ''}"


def _military(match: re.Match[str], variety: Variety) -> str:
    hour, minute = int(match.group("hour")), int(match.group("minute"))
    return f"{two_digits(hour)} {two_digits(minute) if minute else 'hundred'}"


_LENGTHS = {"h": "hour", "m": "minute", "min": "minute", "s": "second", "sec": "second"}


def _duration(match: re.Match[str], variety: Variety) -> str:
    """2h30m, 1h 5m 10s."""
    parts = re.findall("([0-9]+) ?([a-z]+)", match.group())
    return " ".join(
        f"{cardinal(int(n))} {_LENGTHS[unit]}{'s' * (int(n) != 1)}" for n, unit in parts
    )


RULES = (
    Rule("timestamp", Pattern(r"(?<=[0-9])T(?=[0-2][0-9]:[0-5][0-9])"), ", ", needs=frozenset("T")),
    Rule(
        "duration",
        Pattern(
            r"(?<![\w.,:/])[0-9]{1,3} ?h ?[0-9]{1,2} ?m(?:in)?(?: ?[0-9]{1,2} ?s(?:ec)?)?(?!\w)"
            r"|(?<![\w.,:/])[0-9]{1,3} ?m ?[0-9]{1,2} ?s(?!\w)"
        ),
        _duration,
        needs=DIGITS,
    ),
    Rule(
        "time range",
        Pattern(
            r"(?<![\w:.,/$£€-])(?P<first>(?:1[0-2]|0?[1-9])(?:[:.][0-5][0-9])?)"
            r"(?: ?(?P<half_first>[ap])\.?m\.?)? ?[-–] ?"
            rf"(?P<last>(?:1[0-2]|0?[1-9])(?:[:.][0-5][0-9])?){_HALF}(?!\w)",
            re.IGNORECASE,
        ),
        _range,
        needs=DIGITS,
    ),
    Rule(
        "clock range",
        Pattern(
            r"(?<![\w:.,/$£€-])(?P<first>(?:[01]?[0-9]|2[0-4]):[0-5][0-9])(?P<half_first>(?!))?[-–]"
            r"(?P<last>(?:[01]?[0-9]|2[0-4]):[0-5][0-9])(?P<half>(?!))?(?![\w:])"
        ),
        _range,
        needs=frozenset(":"),
    ),
    Rule(
        "clock",
        Pattern(
            r"(?<![\w:.,])(?P<hour>[01]?[0-9]|2[0-4]):(?P<minute>[0-5][0-9])"
            rf"(?::(?P<second>[0-5][0-9]))?(?![0-9:]|[.,][0-9])(?:{_HALF}(?!\w)|(?!\w)|Z\b)",
            re.IGNORECASE,
        ),
        _time,
        needs=frozenset(":"),
    ),
    # 3.30pm, as British papers write it
    Rule(
        "dotted clock",
        Pattern(
            rf"(?<![\w:.,/$£€-])(?P<hour>1[0-2]|0?[1-9])\.(?P<minute>[0-5][0-9]){_HALF}(?!\w)",
            re.IGNORECASE,
        ),
        _time,
        needs=DIGITS,
    ),
    Rule(
        "hour",
        Pattern(rf"(?<![\w:.,/$£€-])(?P<hour>1[0-2]|0?[1-9]){_HALF}(?!\w)", re.IGNORECASE),
        _hour,
        needs=DIGITS,
    ),
    Rule(
        "hours",
        Pattern(
            r"(?<![\w:.,/$£€-])(?P<hour>[01][0-9]|2[0-4])(?P<minute>[0-5][0-9])(?= ?(?:hours|hrs|h)\b)"
        ),
        _military,
        needs=DIGITS,
    ),
)

RATIO_RULES = (
    Rule(
        "ratio",
        Pattern(r"(?<=[0-9]) ?:(?=[0-9])|(?<=[0-9]) : (?=[0-9])"),
        " to ",
        needs=frozenset(":"),
    ),
    Rule("colon", Pattern(r"(?<=[^\W_]):(?=[^\W_])"), " ", needs=frozenset(":")),
)
