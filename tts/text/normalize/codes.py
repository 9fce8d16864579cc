"""Digits that count nothing: telephone numbers, versions, addresses, serial numbers; and the minus sign."""

import re

from tts.text.normalize.numbers import digits, number, paired
from tts.text.normalize.rule import DIGITS, Pattern, Rule, after
from tts.text.normalize.variety import Variety
from tts.text.normalize.years import year

__all__ = ["LAST_RULES", "RULES"]


def _phone(match: re.Match[str], variety: Variety) -> str:
    written = match.group().replace("(0)", "")
    spoken = ", ".join(digits(group, variety.oh) for group in re.findall("[0-9]+", written))
    return f"plus {spoken}" if written.startswith("+") and variety.has_and else spoken


def _vanity(match: re.Match[str], variety: Variety) -> str:
    """1-800-FLOWERS."""
    hundreds = match.group("hundreds")
    return f"one, {number(hundreds)}, {match.group('word').lower().replace('-', ' ')}"


def _emergency(match: re.Match[str], variety: Variety) -> str:
    return digits(match.group(), variety.oh)


def _extension(match: re.Match[str], variety: Variety) -> str:
    return f"extension {digits(match.group(1), variety.oh)}"


def _ip_address(match: re.Match[str], variety: Variety) -> str:
    return " dot ".join(digits(part) for part in match.group().split("."))


def _dotted(match: re.Match[str], variety: Variety) -> str:
    return _points(match.group(), variety)


def _version(match: re.Match[str], variety: Variety) -> str:
    return f"version {_points(match.group('parts'), variety)}"


def _points(parts: str, variety: Variety) -> str:
    return " point ".join(number(part, variety) for part in parts.split("."))


def _code(match: re.Match[str], variety: Variety) -> str:
    """A380 as "A three eighty", R101 as "R one oh one", C2766 digit by digit."""
    code = match.group()
    if re.fullmatch("19[0-9]{2}|20[0-9]{2}", code):  # FY2023
        return f" {year(int(code), variety)} "
    return f" {_named(code)} "


def _named(value: str) -> str:
    """The digits of a name: in pairs, or one by one where there are many."""
    return digits(value) if len(value) > 3 or value[0] == "0" else paired(value)


def _hexadecimal(match: re.Match[str], variety: Variety) -> str:
    prefix = "zero x" if match.group(1) == "0x" else "U plus"
    return f" {prefix} {' '.join(_spelt(match.group(2)))} "


def _spelt(text: str) -> list[str]:
    """Each letter and digit of a code."""
    return [digits(character) or character.upper() for character in text]


def _colour(match: re.Match[str], variety: Variety) -> str:
    code = match.group(1)
    if not (any(map(str.isdigit, code)) and any(map(str.isalpha, code))):
        return match.group()
    return f"hash {' '.join(_spelt(code))}"


def _postcode(match: re.Match[str], variety: Variety) -> str:
    """SW1A 1AA, as it is dictated."""
    return ", ".join(" ".join(_spelt(part)) for part in match.groups())


def _serial(match: re.Match[str], variety: Variety) -> str:
    """ABC-123, B-52."""
    letters, value = match.groups()
    return f"{letters} {_named(value)}"


_CALL = after(
    3, "call", "Call", "called", "dial", "Dial", "dialled", "dialed", "ring", "Ring", "calling"
)
_NAMED_VERSIONS = r"(?<=\bPython )|(?<=\b[vV]ersion )|(?<=\brelease )|(?<=\bAndroid )|(?<=\biOS )"

RULES = (
    Rule(
        "phone in letters",
        Pattern(
            r"(?<![\w-])1-(?P<hundreds>8[0-9]{2}|900)-(?P<word>[A-Z]{2,12}(?:-[A-Z]{2,12})?)(?![\w-])"
        ),
        _vanity,
        needs=DIGITS,
    ),
    Rule(
        "phone",
        Pattern(
            r"(?<![\w.,])(?:\+?[0-9]{1,3}[-. ])?(?:\([0-9]{3}\) ?|[0-9]{3}[-. ])[0-9]{3}[-. ][0-9]{4}"
            r"(?![\w-]|[.,][0-9])|(?<![\w.,$£€-])[0-9]{3}-[0-9]{4}(?![\w-]|[.,][0-9])"
            r"|\+(?=(?:[- ()]{0,3}[0-9]){8})[0-9]{1,3}(?: ?\(0\))?(?:[- ]?[0-9]{1,4}){2,5}(?![\w-])"
            r"|(?<![\w.,$£€-])(?<![0-9] )\(?0[0-9]{2,4}\)?[- ][0-9]{3,4}(?:[- ]?[0-9]{3,4}){0,2}"
            r"(?![\w-]|[.,][0-9])"
            r"|(?<![\w.,$£€-])0[0-9]{4} [0-9]{6}(?![\w-]|[.,][0-9])"
        ),
        _phone,
        needs=DIGITS,
    ),
    Rule(
        "emergency",
        Pattern(rf"(?:911|999|112|101|111|411)(?![\w-]|\.[0-9]){_CALL}"),
        _emergency,
        needs=DIGITS,
    ),
    Rule(
        "postal code",
        Pattern(
            r"[0-9]{5}(?![\w-])" + after(5, "zip code", "ZIP code", "zip code is", "ZIP code is")
        ),
        _emergency,
        needs=DIGITS,
    ),
    Rule(
        "flight",
        Pattern(r"[0-9]{3}(?![\w-]|[.,][0-9])" + after(3, "Flight", "flight")),
        lambda match, variety: paired(match.group()),
        needs=DIGITS,
    ),
    Rule("extension", Pattern(r"\b[Ee]xt\.? ?([0-9]{2,5})(?!\w)"), _extension, needs=DIGITS),
    Rule(
        "ip address",
        Pattern(
            r"(?<![\w.,])(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(?!\w|[.,][0-9])"
        ),
        _ip_address,
        needs=DIGITS,
    ),
    Rule(
        "version",
        Pattern(r"(?<![\w.])[vV]\.? ?(?P<parts>[0-9]{1,4}(?:\.[0-9]{1,4}){0,4})(?![0-9]|\.[0-9])"),
        _version,
        needs=frozenset("vV"),
    ),
    Rule(
        "dotted",
        Pattern(
            r"(?<![\w.,])(?!(?:[012]?[0-9]|3[01])\.(?:0?[1-9]|1[0-2])\.(?:1[0-9]{3}|20[0-9]{2})(?![0-9]))"
            r"[0-9]{1,4}(?:\.[0-9]{1,4}){2,5}(?!\w|[.,][0-9])"
            rf"|(?=[0-9])(?:{_NAMED_VERSIONS})[0-9]{{1,2}}\.[0-9]{{2}}(?![\w]|[.,][0-9])"
        ),
        _dotted,
        needs=DIGITS,
    ),
    Rule("hexadecimal", Pattern(r"\b(0x|U\+)([0-9A-Fa-f]{1,16})\b"), _hexadecimal, needs=DIGITS),
    Rule("colour", Pattern(r"(?<![\w&#])#([0-9A-Fa-f]{6})(?!\w)"), _colour, needs=frozenset("#")),
    Rule(
        "postcode",
        Pattern(r"\b([A-Z]{1,2}[0-9][0-9A-Z]?) ([0-9][A-Z]{2})\b"),
        _postcode,
        needs=DIGITS,
    ),
    Rule(
        "serial",
        Pattern(r"(?<![\w-])([A-Z]{1,5})-([0-9]{1,6})(?![\w-]|[.,][0-9])"),
        _serial,
        needs=frozenset("-"),
    ),
    Rule("about", Pattern(r"~ ?(?=[0-9$£€])"), " about ", needs=frozenset("~")),
    Rule(
        "minus",
        Pattern(r"(?<![\w)%.])[-−–](?=(?:[.$£€]|US\$)?[0-9])(?<![0-9] .)|−"),
        " minus ",
        needs=frozenset("-−–"),
    ),
)

LAST_RULES = (
    Rule("code", Pattern(r"(?<=[A-Za-z])[0-9]{3,}(?![0-9]|[.,][0-9])"), _code, needs=DIGITS),
)
