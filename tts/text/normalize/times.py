"""Times of day."""

import re

from tts.text.normalize.numbers import cardinal
from tts.text.normalize.rule import Rule, full_stop

__all__ = ["RULES"]

_HALF = r"(?: ?(?P<half>[ap])(?:\.? ?m\b\.?|m\b))"


def _time(match: re.Match[str]) -> str:
    hour, minute, half = int(match.group("hour")), int(match.group("minute")), match.group("half")
    spoken = [cardinal(hour)]
    if minute:
        spoken.append(f"{'oh ' if minute < 10 else ''}{cardinal(minute)}")
    elif hour in (0, *range(13, 25)):
        spoken.append("hundred")
    elif not half:
        spoken.append("o'clock")
    if match.group("second"):
        spoken.append(f"and {cardinal(int(match.group('second')))} seconds")
    return " ".join(spoken) + _half(match)


def _hour(match: re.Match[str]) -> str:
    return cardinal(int(match.group("hour"))) + _half(match)


def _half(match: re.Match[str]) -> str:
    """ " a m" or " p m"; a full stop that also ends the text stays."""
    half = match.group("half")
    if not half:
        return ""
    return f" {half.lower()} m{full_stop(match) if match.group().endswith('.') else ''}"


RULES = (
    Rule(
        "clock",
        re.compile(
            r"(?<![\w:.,])(?P<hour>[01]?[0-9]|2[0-4]):(?P<minute>[0-5][0-9])"
            rf"(?::(?P<second>[0-5][0-9]))?(?![0-9:]|[.,][0-9])(?:{_HALF}(?!\w)|(?!\w))",
            re.IGNORECASE,
        ),
        _time,
    ),
    Rule(
        "hour",
        re.compile(rf"(?<![\w:.,/$£€-])(?P<hour>1[0-2]|0?[1-9]){_HALF}(?!\w)", re.IGNORECASE),
        _hour,
    ),
    Rule(
        "ratio",
        re.compile(r"(?<=[0-9]):(?=[0-9])"),
        lambda match: " to ",
    ),
    Rule("colon", re.compile(r"(?<=[^\W_]):(?=[^\W_])"), lambda match: " "),
)
