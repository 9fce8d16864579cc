"""Digits that count nothing: telephone numbers, versions, serial numbers; and the minus sign."""

import re

from tts.text.normalize.dates import year
from tts.text.normalize.numbers import cardinal, digits, number
from tts.text.normalize.rule import Rule

__all__ = ["LAST_RULES", "RULES"]


def _phone(match: re.Match[str]) -> str:
    return ", ".join(map(digits, re.findall("[0-9]+", match.group())))


def _dotted(match: re.Match[str]) -> str:
    return " point ".join(map(number, match.group().split(".")))


def _code(match: re.Match[str]) -> str:
    """A380 as "A three eighty", R101 as "R one oh one", C2766 digit by digit."""
    code = match.group()
    if re.fullmatch("19[0-9]{2}|20[0-9]{2}", code):  # FY2023
        return f" {year(int(code))} "
    if len(code) > 3 or code[0] == "0":
        return f" {digits(code)} "
    if code.endswith("00"):
        return f" {cardinal(int(code))} "
    return f" {digits(code[0])} {'oh ' if code[1] == '0' else ''}{cardinal(int(code[1:]))} "


RULES = (
    Rule(
        "phone",
        re.compile(
            r"(?<![\w.,])(?:\+?[0-9]{1,3}[-. ])?(?:\([0-9]{3}\) ?|[0-9]{3}[-.])[0-9]{3}[-. ][0-9]{4}"
            r"(?![\w-]|[.,][0-9])|(?<![\w.,$£€-])[0-9]{3}-[0-9]{4}(?![\w-]|[.,][0-9])"
            r"|\+[0-9]{1,3}(?:[- ][0-9]{2,4}){2,5}(?![\w-])"
        ),
        _phone,
    ),
    Rule(
        "dotted",
        re.compile(r"(?<![\w.,])[0-9]{1,4}(?:\.[0-9]{1,4}){2,5}(?!\w|[.,][0-9])"),
        _dotted,
    ),
    Rule("minus", re.compile(r"(?<![\w)])[-−–](?=[.$£€]?[0-9])|−"), lambda match: " minus "),
)

LAST_RULES = (Rule("code", re.compile(r"(?<=[A-Za-z])[0-9]{3,}(?![0-9]|[.,][0-9])"), _code),)
