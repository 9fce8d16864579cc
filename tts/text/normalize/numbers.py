"""Numbers: cardinals, ordinals, decimals, digit strings, ranges, powers."""

import functools
import re

from tts.text.normalize.rule import DIGITS, Pattern, Rule
from tts.text.normalize.variety import AMERICAN, Variety

__all__ = [
    "LAST_RULES",
    "NUMBER",
    "RULES",
    "cardinal",
    "counted",
    "digits",
    "number",
    "ordinal",
    "paired",
    "two_digits",
]

NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
"""A number that `number` can read; it must not be followed by a digit."""

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

# Longer numbers are read digit by digit: nobody hears the difference between septillions.
_MAX_DIGITS = 18
_MAX_PLAIN_DIGITS = 9


@functools.lru_cache(maxsize=4096)
def cardinal(value: int, variety: Variety = AMERICAN) -> str:
    """123 as "one hundred twenty three", or "one hundred and twenty three"."""
    from num2words import num2words

    return _plain(num2words(value, lang="en"), variety)


@functools.lru_cache(maxsize=4096)
def ordinal(value: int, variety: Variety = AMERICAN) -> str:
    """21 as "twenty first"."""
    from num2words import num2words

    return _plain(num2words(value, lang="en", to="ordinal"), variety)


def digits(text: str, zero: str = "zero") -> str:
    """The digits of a text one by one, and nothing else of it."""
    names = (zero, *_DIGITS[1:])
    return " ".join(names[int(character)] for character in text if character in DIGITS)


def number(text: str, variety: Variety = AMERICAN) -> str:
    """A number such as 1,234.50 or 007 in words; decimals are read digit by digit."""
    whole, point, decimals = text.partition(".")
    if not point:
        return integer(whole, variety)
    before = variety.nought if whole == "0" else integer(whole, variety) if whole else ""
    return f"{before} point {digits(decimals, variety.nought)}".strip()


def counted(text: str, one: str, many: str, variety: Variety = AMERICAN) -> str:
    """A number and what it counts: "one foot", "two feet"."""
    return f"{number(text, variety)} {one if text == '1' else many}"


def integer(text: str, variety: Variety = AMERICAN) -> str:
    """A whole number in words: digit by digit when it is a code (007) or very long."""
    plain = text.replace(",", "")
    if len(plain) > 1 and plain[0] == "0":
        return digits(plain)
    if len(plain) > _MAX_DIGITS:
        return digits(plain)
    if plain == text and len(plain) > _MAX_PLAIN_DIGITS and not plain.endswith("000"):
        return digits(plain)
    return cardinal(int(plain), variety)


def paired(text: str, variety: Variety = AMERICAN) -> str:
    """Three or four digits as names of things have them: 380 "three eighty", 1080 "ten eighty"."""
    if not re.fullmatch("[1-9][0-9]{2,3}", text) or text.endswith("00"):
        return number(text, variety)
    high, low = divmod(int(text), 100)
    return f"{cardinal(high)} {two_digits(low)}"


def two_digits(value: int) -> str:
    """The end of a year, or minutes: 05 as "oh five", 15 as "fifteen"."""
    return f"{'oh ' if value < 10 else ''}{cardinal(value)}"


def _plain(text: str, variety: Variety) -> str:
    text = text.replace(",", "").replace("-", " ")
    return text if variety.has_and else text.replace(" and ", " ")


def _ordinal(match: re.Match[str], variety: Variety) -> str:
    plain = match.group(1).replace(",", "")
    if len(plain) > _MAX_DIGITS:
        return f" {digits(plain)} "
    return f" {ordinal(int(plain), variety)} "


def power(exponent: str, variety: Variety) -> str:
    """What stands after a base: "squared", "to the power of minus nine"."""
    exponent = exponent.replace("^", "").replace("−", "-")
    if exponent in ("2", "3"):
        return "squared" if exponent == "2" else "cubed"
    sign = "minus " if exponent.startswith("-") else ""
    exponent = exponent.lstrip("-+")
    value = number(exponent, variety) if exponent[:1].isdigit() else exponent
    return f"to the power of {sign}{value}"


def _power(match: re.Match[str], variety: Variety) -> str:
    return f" {power(match.group(1), variety)} "


def _scientific(match: re.Match[str], variety: Variety) -> str:
    exponent = match.group("exponent").replace("+", "")
    sign = "minus " if exponent.startswith("-") else ""
    spoken = number(match.group("value"), variety)
    return f" {spoken} times ten to the power of {sign}{number(exponent.lstrip('-'), variety)} "


def _number(match: re.Match[str], variety: Variety) -> str:
    """A number; "52s" becomes "fifty twos"."""
    spoken, plural = number(match.group(1), variety), match.group(2) or ""
    return f" {spoken}{'es' if plural == 's' and spoken.endswith('x') else plural} "


# The bounds {0,18} keep a text of a million digits linear.
RULES = (
    # 1 000 000, as the SI brochure writes it; one group alone is two numbers more often than not.
    Rule(
        "digit groups",
        Pattern(
            r"(?<![\w.,+-])(?<!\d )[1-9][0-9]{0,2}(?: [0-9]{3}){2,5}(?![\w-]| ?[0-9]|[.,][0-9])"
        ),
        lambda match, variety: f" {number(match.group().replace(' ', ''), variety)} ",
        needs=DIGITS,
        unsure="one number, or several",
    ),
    Rule(
        "scientific",
        Pattern(
            r"(?<![\w.,])(?P<value>[0-9]{1,9}(?:\.[0-9]{1,18})?)[eE](?P<exponent>[+-]?[0-9]{1,3})(?!\w)"
        ),
        _scientific,
        needs=DIGITS,
    ),
    Rule(
        "ordinal",
        Pattern(
            r"(?<![\w.,])([0-9]{1,3}(?:,[0-9]{3}){1,5}|[0-9]{1,18})(?:st|nd|rd|th)\b", re.IGNORECASE
        ),
        _ordinal,
        needs=DIGITS,
    ),
)

LAST_RULES = (
    Rule("range", Pattern(r"(?<=[0-9])(?:[-–]| [-–] )(?=[0-9])"), " to ", needs=DIGITS),
    Rule(
        "power",
        Pattern(r"(?:(?<=[0-9)])|(?<=\b[A-Za-z]))\^ ?(\^?[-−+]?(?:[0-9^]{1,6}|[a-z]))(?!\w)"),
        _power,
        needs=frozenset("^"),
    ),
    Rule("number", Pattern(rf"({NUMBER})(?![0-9])('?s\b)?"), _number, needs=DIGITS),
)
