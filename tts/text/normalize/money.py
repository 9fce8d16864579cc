"""Amounts of money."""

import re

from tts.text.normalize.numbers import NUMBER, cardinal, counted, number
from tts.text.normalize.rule import DIGITS, Pattern, Rule, words
from tts.text.normalize.variety import Variety

__all__ = ["RULES", "SIGNS"]

# sign: one, many, one hundredth, many hundredths
_CURRENCIES: dict[str, tuple[str, str, str, str]] = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "US$": ("U S dollar", "U S dollars", "cent", "cents"),
    "C$": ("Canadian dollar", "Canadian dollars", "cent", "cents"),
    "CA$": ("Canadian dollar", "Canadian dollars", "cent", "cents"),
    "A$": ("Australian dollar", "Australian dollars", "cent", "cents"),
    "AU$": ("Australian dollar", "Australian dollars", "cent", "cents"),
    "NZ$": ("New Zealand dollar", "New Zealand dollars", "cent", "cents"),
    "HK$": ("Hong Kong dollar", "Hong Kong dollars", "cent", "cents"),
    "S$": ("Singapore dollar", "Singapore dollars", "cent", "cents"),
    "R$": ("real", "reais", "centavo", "centavos"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "", ""),
    "₹": ("rupee", "rupees", "paisa", "paise"),
    "₩": ("won", "won", "", ""),
    "₽": ("ruble", "rubles", "kopek", "kopeks"),
    "₿": ("bitcoin", "bitcoins", "", ""),
    "₺": ("lira", "lira", "kurus", "kurus"),
    "₪": ("shekel", "shekels", "agora", "agorot"),
    "₴": ("hryvnia", "hryvnias", "kopiyka", "kopiykas"),
    "₦": ("naira", "naira", "kobo", "kobo"),
    "₫": ("dong", "dong", "", ""),
    "฿": ("baht", "baht", "satang", "satang"),
    "USD": ("U S dollar", "U S dollars", "cent", "cents"),
    "CAD": ("Canadian dollar", "Canadian dollars", "cent", "cents"),
    "AUD": ("Australian dollar", "Australian dollars", "cent", "cents"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "GBP": ("pound", "pounds", "penny", "pence"),
    "JPY": ("yen", "yen", "", ""),
    "CHF": ("Swiss franc", "Swiss francs", "centime", "centimes"),
    "INR": ("rupee", "rupees", "paisa", "paise"),
    "CNY": ("yuan", "yuan", "", ""),
    "RMB": ("yuan", "yuan", "", ""),
    "SEK": ("Swedish krona", "Swedish kronor", "öre", "öre"),
    "NOK": ("Norwegian krone", "Norwegian kroner", "øre", "øre"),
    "DKK": ("Danish krone", "Danish kroner", "øre", "øre"),
}

SIGNS = frozenset(sign for sign in _CURRENCIES if len(sign) == 1)

_SCALES: dict[str, str] = {
    "k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million", "MM": "million",
    "mm": "million", "mil": "million",
    "bn": "billion", "b": "billion", "B": "billion", "tn": "trillion", "T": "trillion", "trn": "trillion",
    "hundred": "hundred", "thousand": "thousand", "million": "million", "billion": "billion",
    "trillion": "trillion", "bil": "billion",
}  # fmt: skip

_PER = {
    "hr": "hour", "h": "hour", "hour": "hour", "day": "day", "wk": "week", "week": "week", "mo": "month",
    "month": "month", "yr": "year", "year": "year", "lb": "pound", "kg": "kilogram", "oz": "ounce",
    "person": "person", "night": "night", "gal": "gallon", "mile": "mile", "barrel": "barrel",
}  # fmt: skip

_SCALE = rf"(?:[ -]?(?P<scale>{words(*_SCALES)})\b)?"


def _amount(match: re.Match[str], variety: Variety) -> str:
    one, many, cent, cents = _CURRENCIES[match.group("sign")]
    amount, scale = match.group("amount"), match.group("scale")
    last = match.groupdict().get("last")
    per = match.groupdict().get("per")
    tail = f" per {_PER[per]} " if per else " "
    if match.groupdict().get("attribute") is not None:  # a $5 bill
        many = one
    if last or scale:
        first = (
            f"{number(amount, variety)} to {number(last, variety)}"
            if last
            else number(amount, variety)
        )
        return variety.spelt(f" {first} {_SCALES[scale] + ' ' if scale else ''}{many}{tail}")
    whole, _, decimals = amount.partition(".")
    if len(decimals) != 2 or not cent:
        return variety.spelt(f" {counted(amount, one, many, variety)}{tail}")
    spoken = []
    if whole.strip("0,"):
        spoken.append(counted(whole, one, many, variety))
    if int(decimals):
        spoken.append(f"{cardinal(int(decimals))} {cent if int(decimals) == 1 else cents}")
        if variety.has_and and many == "pounds" and len(spoken) > 1 and int(decimals) > 9:
            return f" {spoken[0]} {cardinal(int(decimals))}{tail}"  # three pounds fifty
    return variety.spelt(f" {' and '.join(spoken) or f'zero {many}'}{tail}")


def _cents(match: re.Match[str], variety: Variety) -> str:
    one, many = ("penny", "pence") if match.group(2) == "p" else ("cent", "cents")
    return f" {counted(match.group(1), one, many, variety)} "


def _rupees(match: re.Match[str], variety: Variety) -> str:
    return f" {counted(match.group(1), 'rupee', 'rupees', variety)} "


_LAST = rf"(?: ?[-–] ?[$£€¥]?(?P<last>{NUMBER})(?![0-9]))?"
_SIGN = words(*(sign for sign in _CURRENCIES if not sign.isalpha()))
_CODE = words(*_CURRENCIES)
_CODES = words(*(sign for sign in _CURRENCIES if sign.isalpha()))
# "a $5 bill": one thing, whose price stands before its name.
_ARTICLE = r"(?P<attribute>(?<=\b[Aa] )|(?<=\b[Aa]n )|(?<=\b[Oo]ne )|(?<=\b[Tt]he ))"
_NO_NOUN = words(
    "a", "an", "and", "are", "at", "each", "for", "from", "he", "I", "in", "is", "it", "more", "of", "on",
    "or", "per", "she", "that", "they", "to", "was", "we", "were", "which", "you",
)  # fmt: skip

RULES = (
    Rule(
        "price of a thing",
        Pattern(
            rf"{_ARTICLE}(?P<sign>{_SIGN}) ?(?P<amount>{NUMBER})(?![0-9]){_SCALE}"
            rf"(?=-[A-Za-z]| (?!{_NO_NOUN}\b|{words(*_SCALES)}\b)[A-Za-z])"
        ),
        _amount,
        needs=SIGNS,
    ),
    Rule(
        "money",
        Pattern(
            rf"(?<![0-9])(?P<sign>{_SIGN}) ?(?P<amount>{NUMBER})(?![0-9]){_LAST}{_SCALE}"
            rf"(?:/(?P<per>{words(*_PER)})\b)?"
        ),
        _amount,
        needs=SIGNS,
    ),
    Rule(
        "money after",
        Pattern(rf"(?<![\w.,])(?P<amount>{NUMBER})(?![0-9]){_SCALE} ?(?P<sign>{_CODE})(?!\w)"),
        _amount,
        needs=DIGITS,
    ),
    Rule(
        "money by code",
        Pattern(rf"\b(?P<sign>{_CODES}) ?(?P<amount>{NUMBER})(?![0-9]){_SCALE}"),
        _amount,
        needs=DIGITS,
    ),
    Rule("cents", Pattern(rf"(?<![\w.,])({NUMBER}) ?(¢)"), _cents, needs=frozenset("¢")),
    Rule("pence", Pattern(r"(?<![\w.,])([0-9]{1,3})(p)(?!\w)"), _cents, needs=DIGITS),
    Rule("rupees", Pattern(rf"\bRs\.? ?({NUMBER})(?![0-9])"), _rupees, needs=DIGITS),
    Rule(
        "currency",
        Pattern(f"[{re.escape(''.join(sorted(SIGNS)))}]"),
        lambda match, variety: f" {_CURRENCIES[match.group()][1]} ",
        needs=SIGNS,
    ),
)
