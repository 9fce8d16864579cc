"""Spoken English words to IPA, without eSpeak NG: `EnglishPhonemizer`."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from tts.text.english.weak import JOINED, WEAK
from tts.text.english.words import LETTER_NAMES, PREFIXES, built_in_words, spelled_out
from tts.text.ipa import begins_with_vowel
from tts.text.symbols import PUNCTUATION

__all__ = ["EnglishPhonemizer"]

_MARKS = re.escape("".join(PUNCTUATION))
_TOKEN = re.compile(rf"\s+|[{_MARKS}]+|[^\s{_MARKS}]+")
_ENDS_CLAUSE = re.compile("[.,;:!?—…]")  # quotes and brackets do not
_FOREIGN = re.compile(rf"[^A-Za-z0-9'\s{_MARKS}-]+")
# In a token: a digit, an initialism, or a word; what is between them is not heard.
_PART = re.compile(r"\d|[A-Z]{2,}(?=(?:'?s)?(?![A-Za-z]))|[A-Za-z']+")
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O"}
    | {
        "đ": "d",
        "Đ": "D",
        "ð": "th",
        "Ð": "Th",
        "þ": "th",
        "Þ": "Th",
        "ħ": "h",
        "Ħ": "H",
        "ß": "ss",
    }
    | {"ł": "l", "Ł": "L", "ı": "i", "ŋ": "ng", "Ŋ": "Ng", "ŧ": "t", "Ŧ": "T", "ĸ": "k", "ſ": "s"}
    | {"ĳ": "ij", "Ĳ": "Ij", "ŀ": "l", "Ŀ": "L", "ŉ": "n", "Μ": "mu ", "μ": "mu ", "µ": "mu "}
)
_TO_BE = JOINED["to", "be"]


class _Token(NamedTuple):
    """What is written without spaces and marks, and how it is spoken by itself.

    Args:
        word: in lower case; empty where it is a letter that is named, which no neighbour changes.
        ipa: its sound.
        goes_on: whether a token follows in the same clause.
        is_next: whether it follows after spaces alone.
    """

    word: str
    ipa: str
    goes_on: bool
    is_next: bool


class EnglishPhonemizer:
    """Turns spoken words of US English into IPA, with stress and punctuation kept in place.

    The symbols and the conventions are those that `EspeakPhonemizer` has for en-us, which voices are trained
    on; it needs nothing that is not in this package. Nothing is kept between calls but what `functools`
    caches of what never changes: any number of threads may use it.
    """

    def __call__(self, text: str) -> str:
        """The phonemes of one sentence of spoken words, on one line."""
        parts = _TOKEN.findall(_plain(text))
        places = [
            i
            for i, part in enumerate(parts)
            if not part[0].isspace() and part[0] not in PUNCTUATION
        ]
        ends = [*places[1:], len(parts)]
        tokens = [_read(parts, start, end) for start, end in zip(places, ends, strict=False)]
        k = 0
        while k < len(tokens):
            place = places[k]
            n, parts[place] = _say(tokens[k : k + 3])
            if n == 2:  # two words became one
                parts[place + 1 : places[k + 1] + 1] = [""] * (places[k + 1] - place)
            k += n
        return " ".join("".join(parts).split())


def _plain(text: str) -> str:
    """Text in the letters A to Z; digits and marks stay, all else is no sound of English."""
    text = unicodedata.normalize("NFD", text.translate(_PLAIN))
    return _FOREIGN.sub(" ", "".join(char for char in text if not unicodedata.combining(char)))


# -- tokens by themselves -----------------------------------------------------------------------------


def _read(parts: Sequence[str], place: int, end: int) -> _Token:
    """The token at a place by itself; the next one is at `end`, if there is one."""
    written, between = parts[place], "".join(parts[place + 1 : end])
    goes_on = end < len(parts) and not _ENDS_CLAUSE.search(between)
    is_next = end < len(parts) and between.isspace()
    if len(written) == 1 and written.isalpha() and not _is_word(parts, place):
        return _Token("", LETTER_NAMES[written.lower()], goes_on, is_next)
    word = written.lower()
    return _Token(word, WEAK[word][0] if word in WEAK else _compound(written), goes_on, is_next)


def _is_word(parts: Sequence[str], place: int) -> bool:
    """Whether a letter is the article or the pronoun: "a man", "I went", but "a m", "the A team", "J A".

    The normaliser leaves letters that are named in capitals; a sentence may begin with an article in one.
    """
    written = parts[place]
    before = parts[place - 2] if place > 1 and parts[place - 1][0].isspace() else ""
    after = parts[place + 2] if place + 2 < len(parts) and parts[place + 1][0].isspace() else ""
    if written == "I":
        return not (len(before) == 1 and before.isupper() and before not in "AI")
    if written == "a":
        return after != "m" and place + 1 < len(parts)
    if written == "A":
        is_initial = len(after) == 1 and after.isupper() and after not in "AI"
        return place + 1 < len(parts) and not is_initial and (not before or after.isupper())
    return False


def _compound(written: str) -> str:
    """The IPA of a token, all its parts as one: "well-known", "FBI's", "B2"."""
    words = _PART.findall(written)
    ipa = ""
    for i, part in enumerate(words):
        said = _part(part, is_first=i == 0, is_last=i + 1 == len(words))
        ipa = _linked(ipa, said) + said
    return ipa


def _part(part: str, *, is_first: bool, is_last: bool) -> str:
    word = part.lower()
    if part.isdigit():
        return built_in_words()(_DIGITS[int(part)])
    if part.isupper() and len(part) > 1 and "'" not in part:
        return spelled_out(word)
    if word in ("s", "'s") and not is_first:
        return "z"
    if len(word) == 1:
        return LETTER_NAMES.get(word, "")
    if word in WEAK and not is_first and not is_last:
        return WEAK[word][0]  # mother-in-law
    if word in PREFIXES and is_first and not is_last:
        return PREFIXES[word]
    return built_in_words()(word.strip("'")) if word.strip("'") else ""


# -- tokens beside each other -------------------------------------------------------------------------


def _say(tokens: Sequence[_Token]) -> tuple[int, str]:
    """The first of up to three tokens, as it is said before the others; or the first two, if they are one.

    Returns:
        how many are said, and their IPA.
    """
    token = tokens[0]
    following = tokens[1] if token.goes_on else None
    if following and token.is_next:
        joined = JOINED.get((token.word, following.word))
        beyond = tokens[2] if following.goes_on else None
        if joined and (joined != _TO_BE or beyond):
            return 2, _linked_to(joined.replace("*", _the(beyond)), beyond)
    is_before_vowel = following is not None and begins_with_vowel(following.ipa)
    match token.word:
        case "the":
            return 1, f"ð{_the(following)}"
        case "to" if is_before_vowel:
            return 1, "tʊ"
        case "it" | "at" if is_before_vowel:
            return 1, token.ipa.replace("t", "ɾ")
    ipa = WEAK[token.word][1] if token.word in WEAK and not following else token.ipa
    return 1, _linked_to(ipa, following)


def _the(following: _Token | None) -> str:
    """The vowel of "the" before a word."""
    return "ɪ" if following and begins_with_vowel(following.ipa) else "ə"


def _linked_to(ipa: str, following: _Token | None) -> str:
    return _linked(ipa, following.ipa) if following else ipa


def _linked(ipa: str, after: str) -> str:
    """A final r is heard as a consonant too when a vowel follows: "other", "other arts"."""
    return f"{ipa}ɹ" if ipa.endswith(("ɚ", "ɜː")) and begins_with_vowel(after) else ipa
