"""Numbers: cardinals, ordinals, decimals, fractions, negatives, ranges."""

import re

from tts.text.normalize.rule import Rule

__all__ = ["NUMBER", "RULES", "cardinal", "digits", "number", "ordinal"]

NUMBER = r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+"
"""A number that `number` can read; it must not be followed by a digit."""

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

# Longer numbers are read digit by digit: nobody hears the difference between septillions.
_MAX_DIGITS = 18
_MAX_PLAIN_DIGITS = 9

_FRACTIONS = {
    2: "half", 3: "third", 4: "quarter", 5: "fifth", 6: "sixth", 7: "seventh", 8: "eighth",
    9: "ninth", 10: "tenth", 12: "twelfth", 16: "sixteenth", 20: "twentieth", 32: "thirty second",
    50: "fiftieth", 64: "sixty fourth", 100: "hundredth", 1000: "thousandth",
}  # fmt: skip

# Fractions that are no fractions.
_SET_PHRASES = {"24/7": "twenty four seven", "9/11": "nine eleven", "50/50": "fifty fifty"}


def cardinal(value: int) -> str:
    """123 as "one hundred twenty three"."""
    from num2words import num2words

    return _plain(num2words(value, lang="en"))


def ordinal(value: int) -> str:
    """21 as "twenty first"."""
    from num2words import num2words

    return _plain(num2words(value, lang="en", to="ordinal"))


def digits(text: str) -> str:
    """The digits of a text one by one, and nothing else of it."""
    return " ".join(_DIGITS[int(character)] for character in text if character in "0123456789")


def number(text: str) -> str:
    """A number such as 1,234.50 or 007 in words; decimals are read digit by digit."""
    whole, point, decimals = text.partition(".")
    spoken = integer(whole) if whole else ""
    return f"{spoken} point {digits(decimals)}".strip() if point else spoken


def integer(text: str) -> str:
    """A whole number in words: digit by digit when it is a code (007) or very long."""
    plain = text.replace(",", "")
    if len(plain) > 1 and plain[0] == "0":
        return digits(plain)
    if len(plain) > _MAX_DIGITS:
        return digits(plain)
    if plain == text and len(plain) > _MAX_PLAIN_DIGITS and not plain.endswith("000"):
        return digits(plain)
    return cardinal(int(plain))


def _plain(text: str) -> str:
    return text.replace(",", "").replace("-", " ").replace(" and ", " ")


def _fraction(match: re.Match[str]) -> str:
    whole, top, bottom = match.group("whole"), match.group("top"), match.group("bottom")
    phrase = _SET_PHRASES.get(f"{top}/{bottom}")
    if phrase and not whole:
        return phrase
    name = _FRACTIONS.get(int(bottom))
    if name is None or (int(top) % int(bottom) == 0 and not whole):
        spoken = f"{number(top)} over {number(bottom)}"  # also what is no fraction, 10/5
    elif int(top) == 1:
        spoken = f"one {name}"
    else:
        spoken = f"{cardinal(int(top))} {'halves' if name == 'half' else name + 's'}"
    return f"{number(whole)} and {spoken}" if whole else spoken


def _ordinal(match: re.Match[str]) -> str:
    plain = match.group(1).replace(",", "")
    if len(plain) > _MAX_DIGITS:
        return f" {digits(plain)} "
    return f" {ordinal(int(plain))} "


def _power(match: re.Match[str]) -> str:
    exponent = match.group(1).replace("^", "")
    if exponent in ("2", "3"):
        return " squared " if exponent == "2" else " cubed "
    sign = "minus " if exponent.startswith("-") else ""
    return f" to the power of {sign}{number(exponent.lstrip('-'))} "


def _number(match: re.Match[str]) -> str:
    """A number; "52s" becomes "fifty twos"."""
    spoken, plural = number(match.group(1)), match.group(2) or ""
    return f" {spoken}{'es' if plural == 's' and spoken.endswith('x') else plural} "


# The bounds {0,18} keep a text of a million digits linear.
RULES = (
    Rule(
        "ordinal",
        re.compile(
            r"(?<![\w.,])([0-9]{1,3}(?:,[0-9]{3}){1,5}|[0-9]{1,18})(?:st|nd|rd|th)\b", re.IGNORECASE
        ),
        _ordinal,
    ),
    Rule(
        "fraction",
        re.compile(
            r"(?<![\w.,/])(?:(?P<whole>[0-9]{1,9})[ -]+)?(?P<top>[0-9]{1,4}) ?[/⁄] ?"
            r"(?P<bottom>[0-9]{1,4})(?![\w/]|[.,][0-9])"
        ),
        _fraction,
    ),
    Rule("range", re.compile(r"(?<=[0-9])(?:[-–]| [-–] )(?=[0-9])"), lambda match: " to "),
    Rule(
        "power", re.compile(r"(?:(?<=[0-9)])|(?<=\b[A-Za-z]))\^ ?(\^?-?[0-9^]{1,6})(?!\w)"), _power
    ),
    Rule("number", re.compile(rf"({NUMBER})(?![0-9])('?s\b)?"), _number),
)
