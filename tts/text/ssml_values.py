"""The values of SSML's attributes. Each function raises ValueError, saying what would do."""

import math
import re

from tts.config import nearest
from tts.text.pauses import PauseName

__all__ = ["gain_of", "pause_of", "rate_of", "seconds_of"]

_STRENGTHS: dict[str, PauseName | float] = {
    "none": 0.0,
    "x-weak": "clause",
    "weak": "clause",
    "medium": "sentence",
    "strong": "paragraph",
    "x-strong": "paragraph",
}
_RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.5}
_VOLUMES_DB = {
    "x-soft": -12.0,
    "soft": -6.0,
    "medium": 0.0,
    "default": 0.0,
    "loud": 4.0,
    "x-loud": 8.0,
}

_MAX_BREAK_S = 10.0
_MAX_GAIN_DB, _MIN_GAIN_DB = 12.0, -40.0


def seconds_of(value: str) -> float:
    """ "500ms" or "1.5s", of a `<break>`."""
    match = re.fullmatch(r"\+?([0-9]{1,9}(?:\.[0-9]{1,9})?|\.[0-9]{1,9})(ms|s)", value.strip())
    if match is None:
        raise ValueError(f"{value!r} is no time; write 500ms or 1.5s")
    seconds = float(match[1]) / (1000 if match[2] == "ms" else 1)
    if seconds > _MAX_BREAK_S:
        raise ValueError(f"{value!r} is more than {_MAX_BREAK_S:g} seconds")
    return seconds


def pause_of(strength: str) -> PauseName | float:
    """The pause of a strength: one that the voice has, or none."""
    return _STRENGTHS[_known(strength, _STRENGTHS)]


def rate_of(value: str, current: float = 1.0) -> float:
    """How many times as fast as the voice: "slow", "80%" or "1.2"; "+10%" is of the current rate."""
    value = value.strip()
    match = re.fullmatch(r"([+-]?)([0-9]{1,4}(?:\.[0-9]{1,9})?)(%?)", value)
    if match is None:
        return _RATES[_known(value, _RATES, "80%, +10%")]
    sign, number, percent = match.groups()
    if sign and not percent:
        raise ValueError(f"{value!r} is no rate; write 80% or +10%")
    rate = float(number) / (100 if percent else 1)
    if sign:
        rate = current * (1 + rate if sign == "+" else 1 - rate)
    if not 0.5 <= rate <= 2.0:
        raise ValueError(
            f"{value!r} is out of range: the rate would be {rate:.0%}, not 50% to 200%"
        )
    return rate


def gain_of(value: str, current: float = 1.0) -> float:
    """How many times as loud as the voice: "soft" or "silent"; "+6dB" is of the current volume."""
    value = value.strip()
    if value == "silent":
        return 0.0
    match = re.fullmatch(r"([+-]?[0-9]{1,4}(?:\.[0-9]{1,9})?)dB", value)
    if match is None:
        return _gain(_VOLUMES_DB[_known(value, {**_VOLUMES_DB, "silent": 0.0}, "+6dB")])
    gain = current * _gain(float(match[1]))
    if current and not _gain(_MIN_GAIN_DB) <= gain <= _gain(_MAX_GAIN_DB):
        raise ValueError(
            f"{value!r} is out of range; choose from {_MIN_GAIN_DB:g}dB to +{_MAX_GAIN_DB:g}dB"
        )
    return gain


def _gain(level_db: float) -> float:
    return math.exp(min(level_db, 100.0) * math.log(10) / 20)


def _known(
    value: str, choices: dict[str, PauseName | float] | dict[str, float], more: str = ""
) -> str:
    if value in choices:
        return value
    others = f", or {more}" if more else ""
    raise ValueError(
        f"{value!r} is not known{nearest(value, choices)}; choose from {', '.join(choices)}{others}"
    )
