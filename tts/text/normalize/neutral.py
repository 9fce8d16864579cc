"""What holds in any language: clean letters, digits and signs; numbers and words are left to eSpeak NG."""

import unicodedata

from tts.text.normalize.money import SIGNS as CURRENCY_SIGNS
from tts.text.normalize.rule import Pattern, Rule
from tts.text.normalize.signs import LAYOUT_RULES, SPOKEN

__all__ = ["RULES", "SIGNS", "letter"]

SIGNS = frozenset(SPOKEN) | CURRENCY_SIGNS
"""What eSpeak NG has a name for in some languages: it is asked whether it has in the one that is spoken."""

# The marks of one language that another has for something else, or not at all.
_OF_LANGUAGE: dict[str, dict[str, str]] = {
    "el": {";": "?", "·": ";"},
    "grc": {";": "?", "·": ";"},
    "ca": {"·": "·"},  # col·lecció
}

# Ideographs have a reading in Chinese only: eSpeak NG says of others that they are "Chinese letters".
_CHINESE = frozenset({"cmn", "yue", "hak"})

# Full-width forms, ligatures, presentation forms of Arabic, circled and mathematical letters: written
# otherwise, read alike. Elsewhere the decomposition would take letters of Thai and others apart.
_FORMS = (
    (0xFB00, 0xFDFF),
    (0xFE70, 0xFEFE),
    (0xFF01, 0xFFEE),
    (0x2460, 0x24FF),
    (0x1D400, 0x1D7FF),
)

RULES: tuple[Rule, ...] = (
    # A sign before a number is a minus, which eSpeak NG reads.
    Rule(
        "no dash",
        Pattern(r"(?<!\w)[-–](?![0-9])|[-–](?!\w)"),
        " ",
        needs=frozenset("-–"),
    ),
    *(rule for rule in LAYOUT_RULES if rule.name != "no dash"),
)


def letter(character: str, language: str) -> str | None:
    """What a character becomes in a language that is not English, or None when it is no letter there.

    Digits, marks and signs are the same in all.
    """
    own = _OF_LANGUAGE.get(language.partition("-")[0], {}).get(character)
    if own is not None:
        return own
    if character in "\u200c\u200d":  # a joiner is heard in Persian, and in scripts of India
        return character
    if any(first <= ord(character) <= last for first, last in _FORMS):
        plain = unicodedata.normalize("NFKC", character)
        return plain if all(unicodedata.category(part)[0] in "LMNZ" for part in plain) else None
    category = unicodedata.category(character)
    if "\ufe00" <= character <= "\ufe0f":  # a selector of a glyph's form
        return ""
    if category[0] == "L" and unicodedata.name(character, "").startswith("CJK "):
        return character if language.partition("-")[0] in _CHINESE else None
    return character if category[0] in "LM" else None
