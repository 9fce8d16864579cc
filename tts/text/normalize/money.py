"""Amounts of money."""

import re

from tts.text.normalize.numbers import NUMBER, cardinal, number
from tts.text.normalize.rule import Rule, words

__all__ = ["RULES"]

# sign: one, many, one hundredth, many hundredths
_CURRENCIES: dict[str, tuple[str, str, str, str]] = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "US$": ("U S dollar", "U S dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "", ""),
    "₹": ("rupee", "rupees", "paisa", "paise"),
    "₩": ("won", "won", "", ""),
    "₽": ("ruble", "rubles", "kopek", "kopeks"),
    "₿": ("bitcoin", "bitcoins", "", ""),
    "USD": ("U S dollar", "U S dollars", "cent", "cents"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "GBP": ("pound", "pounds", "penny", "pence"),
    "JPY": ("yen", "yen", "", ""),
}

_SCALES: dict[str, str] = {
    "k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million",
    "bn": "billion", "b": "billion", "B": "billion", "tn": "trillion", "T": "trillion",
    "hundred": "hundred", "thousand": "thousand", "million": "million", "billion": "billion",
    "trillion": "trillion",
}  # fmt: skip

_SCALE = rf"(?:[ -]?(?P<scale>{words(*_SCALES)})\b)?"


def _amount(match: re.Match[str]) -> str:
    one, many, cent, cents = _CURRENCIES[match.group("sign")]
    amount, scale = match.group("amount"), match.group("scale")
    last = match.groupdict().get("last")
    if last or scale:
        first = f"{number(amount)} to {number(last)}" if last else number(amount)
        return f" {first} {_SCALES[scale] + ' ' if scale else ''}{many} "
    whole, _, decimals = amount.partition(".")
    if len(decimals) != 2 or not cent:
        return f" {number(amount)} {one if amount == '1' else many} "
    spoken = []
    if whole.strip("0,"):
        spoken.append(f"{number(whole)} {one if whole == '1' else many}")
    if int(decimals):
        spoken.append(f"{cardinal(int(decimals))} {cent if int(decimals) == 1 else cents}")
    return f" {' and '.join(spoken)} " if spoken else f" zero {many} "


def _cents(match: re.Match[str]) -> str:
    return f" {number(match.group(1))} {'cent' if match.group(1) == '1' else 'cents'} "


_LAST = rf"(?:[-–][$£€¥]?(?P<last>{NUMBER})(?![0-9]))?"
_SIGN = words(*(sign for sign in _CURRENCIES if not sign.isalpha()))
_CODE = words(*_CURRENCIES)

RULES = (
    Rule(
        "money",
        re.compile(rf"(?<![0-9])(?P<sign>{_SIGN}) ?(?P<amount>{NUMBER})(?![0-9]){_LAST}{_SCALE}"),
        _amount,
    ),
    Rule(
        "money after",
        re.compile(rf"(?<![\w.,])(?P<amount>{NUMBER})(?![0-9]){_SCALE} ?(?P<sign>{_CODE})(?!\w)"),
        _amount,
    ),
    Rule("cents", re.compile(rf"(?<![\w.,])({NUMBER}) ?¢"), _cents),
    Rule(
        "currency",
        re.compile("[$£€¥₹₩₽₿]"),
        lambda match: f" {_CURRENCIES[match.group()][1]} ",
    ),
)
