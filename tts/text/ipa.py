"""IPA as people write it to IPA as voices read it, and the phonemes that stand in a text: [[təmˈeɪɾoʊ]]."""

import re
import unicodedata
from collections.abc import Collection

from tts.errors import TextError
from tts.text.symbols import BEGIN, END, LETTERS, PADDING, PUNCTUATION, SymbolTable

__all__ = [
    "INLINE",
    "VOWELS",
    "begins_with_vowel",
    "check_inline",
    "lacking",
    "masked",
    "phonemes_among",
    "tidy_ipa",
    "with_s",
]

INLINE = re.compile(r"\[\[([^\[\]\n]*+)\]\]")
"""Phonemes between double brackets, which are spoken as they are."""

VOWELS = "aeiouyæøœɐɑɒɔɘəɚɛɜɝɞɤɨɪɯɵɶʉʊʌʏᵻ"

_MAX_INLINE = 200

# A voice knows one sign for a sound, and no signs for what it cannot hear: ties, and limits of syllables.
_PLAIN = str.maketrans(
    {"g": "ɡ", "'": "ˈ", ":": "ː", ".": "", "\u0361": "", "\u035c": "", "ʧ": "tʃ", "ʤ": "dʒ"}
    | {"ɝ": "ɜː", "ɫ": "l", "/": ""}
)
# Dictionaries put the mark of stress before the syllable, voices hear it before the vowel.
_STRESS = re.compile(f"([ˈˌ])([^{VOWELS}ˈˌ\\s]+)(?=[{VOWELS}])")

_SILENT = frozenset((*PUNCTUATION, *LETTERS, PADDING, BEGIN, END, " "))


def tidy_ipa(written: str, language: str = "") -> str:
    """IPA in the signs of voices: "təˈmeɪ.t͡ʃoʊ" is "təmˈeɪtʃoʊ".

    Args:
        written: one or more words of IPA.
        language: of the voice; in English, "r" is the "ɹ" that it must mean.
    """
    plain = unicodedata.normalize("NFD", written).replace("c\u0327", "ç").translate(_PLAIN)
    if language.startswith("en"):
        plain = plain.replace("r", "ɹ")
    return _STRESS.sub(r"\2\1", " ".join(plain.split()))


def with_s(phonemes: str) -> str:
    """Phonemes with the s of a plural or a possessive: "kˈæts", "dˈɑːɡz", "hˈɔːɹsᵻz"."""
    if phonemes.endswith(("s", "z", "ʃ", "ʒ")):
        return f"{phonemes}ᵻz"
    return phonemes + ("s" if phonemes.endswith(("p", "t", "k", "f", "θ")) else "z")


def begins_with_vowel(phonemes: str) -> bool:
    """Whether the first sound of a word is a vowel."""
    return phonemes.lstrip("ˈˌ").startswith(tuple(VOWELS))


def phonemes_among(symbols: SymbolTable) -> frozenset[str]:
    """The symbols of a voice that are phonemes; none where it reads letters."""
    return frozenset(symbols.symbols) - _SILENT


def lacking(phonemes: str, known: Collection[str] | None) -> list[str]:
    """The signs of tidy IPA that a voice has no symbol for, each named; `known` is None for any voice."""
    strange = [s for s in dict.fromkeys(phonemes) if not (s == " " or _is_known(s, known))]
    return [f"{s!r} (U+{ord(s):04X})" for s in strange]


def _is_known(symbol: str, known: Collection[str] | None) -> bool:
    if known is not None:
        return symbol in known
    return (symbol.isalpha() and not symbol.isupper()) or bool(unicodedata.combining(symbol))


def check_inline(text: str, known: Collection[str] | None, language: str = "") -> None:
    """Refuses brackets that are not closed, and signs between them that are no phonemes of the voice.

    Raises:
        TextError: for the first of them, with its position in the text.
    """
    place = text.find("[[")
    while place >= 0:
        match = INLINE.match(text, place)
        if match is None:
            if text.startswith("[[[", place):  # a bracket, and then two
                place += 1
                continue
            raise TextError(
                f"character {place + 1}: the phonemes after [[ are not closed by ]]",
                hint="write [[təmˈeɪɾoʊ]], on one line, or a space between the two brackets",
            )
        _check(match, known, language)
        place = text.find("[[", match.end())


def _check(match: re.Match[str], known: Collection[str] | None, language: str) -> None:
    where = f"character {match.start() + 1}"
    if not any(map(str.isalpha, match[1])):
        raise TextError(f"{where}: no phonemes in {match.group()}", hint="write [[təmˈeɪɾoʊ]]")
    if len(match[1]) > _MAX_INLINE:
        raise TextError(
            f"{where}: {len(match[1])} characters of phonemes between brackets",
            hint=f"write at most {_MAX_INLINE}, and another pair of brackets for the rest",
        )
    for offset, character in enumerate(match[1]):
        if strange := lacking(tidy_ipa(character, language), known):
            raise TextError(
                f"character {match.start(1) + offset + 1}: no phoneme of the voice: {strange[0]} "
                f"in {match.group()}",
                hint="`tts phonemize` shows the phonemes of words; between [[ and ]] there are only those",
            )


def masked(text: str) -> str:
    """A text of the same length whose inline phonemes are one long name each."""
    return INLINE.sub(lambda match: "X" * len(match.group()), text) if "[[" in text else text
