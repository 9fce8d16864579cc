"""Percentages and units of measurement after a number."""

import re

from tts.text.normalize.numbers import NUMBER, number
from tts.text.normalize.rule import Rule, words

__all__ = ["RULES"]

# unit: one, many
_UNITS: dict[str, tuple[str, str]] = {
    "%": ("percent", "percent"),
    "km": ("kilometer", "kilometers"),
    "cm": ("centimeter", "centimeters"),
    "mm": ("millimeter", "millimeters"),
    "μm": ("micrometer", "micrometers"),
    "nm": ("nanometer", "nanometers"),
    "m": ("meter", "meters"),
    "mi": ("mile", "miles"),
    "yd": ("yard", "yards"),
    "ft": ("foot", "feet"),
    "km/h": ("kilometer per hour", "kilometers per hour"),
    "kph": ("kilometer per hour", "kilometers per hour"),
    "mph": ("mile per hour", "miles per hour"),
    "m/s²": ("meter per second squared", "meters per second squared"),
    "m/s": ("meter per second", "meters per second"),
    "kg": ("kilogram", "kilograms"),
    "g": ("gram", "grams"),
    "mg": ("milligram", "milligrams"),
    "μg": ("microgram", "micrograms"),
    "lb": ("pound", "pounds"),
    "lbs": ("pound", "pounds"),
    "oz": ("ounce", "ounces"),
    "l": ("liter", "liters"),
    "L": ("liter", "liters"),
    "ml": ("milliliter", "milliliters"),
    "mL": ("milliliter", "milliliters"),
    "ms": ("millisecond", "milliseconds"),
    "sec": ("second", "seconds"),
    "secs": ("second", "seconds"),
    "min": ("minute", "minutes"),
    "mins": ("minute", "minutes"),
    "h": ("hour", "hours"),
    "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"),
    "Hz": ("hertz", "hertz"),
    "kHz": ("kilohertz", "kilohertz"),
    "MHz": ("megahertz", "megahertz"),
    "GHz": ("gigahertz", "gigahertz"),
    "KB": ("kilobyte", "kilobytes"),
    "kB": ("kilobyte", "kilobytes"),
    "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"),
    "kW": ("kilowatt", "kilowatts"),
    "MW": ("megawatt", "megawatts"),
    "kWh": ("kilowatt hour", "kilowatt hours"),
    "mV": ("millivolt", "millivolts"),
    "dB": ("decibel", "decibels"),
    "°": ("degree", "degrees"),
    "°C": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
}

_PER = {"s": "second", "min": "minute", "h": "hour", "hour": "hour", "day": "day", "d": "day",
        "week": "week", "month": "month", "year": "year", "person": "person", "l": "liter"}  # fmt: skip
_POWERS = {"": "", "²": "square ", "³": "cubic "}


def _measure(match: re.Match[str]) -> str:
    value, unit, power = match.group("value"), match.group("unit"), match.group("power")
    name = _UNITS[unit.replace("° ", "°")][0 if value == "1" else 1]
    last = match.group("last")
    spoken = f"{number(value)} to {number(last)}" if last else number(value)
    per = f" per {_PER[match.group('per')]}" if match.group("per") else ""
    return f" {spoken} {_POWERS[power]}{name}{per} "


RULES = (
    Rule("about", re.compile(r"~ ?(?=[0-9])"), lambda match: " about "),
    Rule("millions", re.compile(r"(?<=[0-9])M(?!\w)"), lambda match: " million "),
    Rule(
        "feet and inches",
        re.compile(r"(?<![\w.,])([0-9]{1,2})' ?([0-9]{1,2})(?:\"|'')(?!\w)"),
        lambda match: f" {number(match.group(1))} feet {number(match.group(2))} inches ",
    ),
    Rule(
        "unit",
        re.compile(
            rf"(?<![\w.,])(?P<value>{NUMBER})(?![0-9])(?: ?[-–] ?(?P<last>{NUMBER})(?![0-9]))?"
            rf"[ -]?(?P<unit>{words(*_UNITS, '° C', '° F')})(?P<power>[²³]?)"
            rf"(?:/(?P<per>{words(*_PER)}))?(?![\w'])(?:\.(?= [a-z]))?"
        ),
        _measure,
    ),
)
