"""ARPAbet to the IPA that voices are trained on: the conventions of eSpeak NG for en-us, as rules.

CMUdict has one reduced vowel where eSpeak NG has four, which the spelling tells apart: "above" is "ɐbˈʌv",
"roses" "ɹˈoʊzᵻz", "rapid" "ɹˈæpɪd". So the rules read phonemes with the letters that they were aligned to.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Phone", "phones_of", "to_ipa"]

# fmt: off
_CONSONANTS = {
    "B": "b", "CH": "tʃ", "D": "d", "DH": "ð", "F": "f", "G": "ɡ", "HH": "h", "JH": "dʒ", "K": "k", "L": "l",
    "M": "m", "N": "n", "NG": "ŋ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "V": "v",
    "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
}
_FULL = {
    "AA": "ɑː", "AE": "æ", "AH": "ʌ", "AO": "ɔː", "AW": "aʊ", "AY": "aɪ", "EH": "ɛ", "ER": "ɜː", "EY": "eɪ",
    "IH": "ɪ", "IY": "iː", "OW": "oʊ", "OY": "ɔɪ", "UH": "ʊ", "UW": "uː",
}
_BEFORE_R = {"IY": "ɪ", "UW": "ʊ", "OW": "ɔː", "EY": "ɛ", "AH": "ɜː"}
# fmt: on

_MARKS = {"1": "ˈ", "2": "ˌ"}
_ITY = re.compile(r"i(t(y|ies)$|t(y|ies)'|bl[ey]|[fzm][aioy])")
_BROAD = re.compile("au|aw|oa|ough|all(?!o)")
_LATIN = re.compile("(be|de|re|se|pre)(?!n)")
_SYLLABIC = re.compile(r"t+(e|o|ai)n")


class Phone(NamedTuple):
    """A phoneme of ARPAbet, the letters that it is written with, and where in the word they begin."""

    name: str
    stress: str
    letters: str
    place: int

    @property
    def is_vowel(self) -> bool:
        """Whether it is one: vowels carry a stress, if only 0."""
        return self.stress != ""

    @property
    def is_weak(self) -> bool:
        """Whether it is an unstressed vowel."""
        return self.stress == "0"


_EDGE = Phone("#", "", "", 0)


def phones_of(pieces: Sequence[tuple[str, Sequence[str]]]) -> list[Phone]:
    """The phonemes of an aligned word."""
    phones, place = [], 0
    for letters, names in pieces:
        for name in names:
            stress = name[-1] if name[-1].isdigit() else ""
            phones.append(Phone(name.removesuffix(stress), stress, letters, place))
        place += len(letters)
    if phones and phones[-1].name == "IY" and phones[-1].stress == "2":
        phones[-1] = phones[-1]._replace(stress="0")  # company: what ends so has no stress there
    return phones


def to_ipa(word: str, phones: Sequence[Phone]) -> list[str]:
    """The IPA of each phoneme of a word, some of them empty."""
    return [
        _vowel(word, phones, i) if phone.is_vowel else _consonant(word, phones, i)
        for i, phone in enumerate(phones)
    ]


def _at(phones: Sequence[Phone], i: int) -> Phone:
    return phones[i] if 0 <= i < len(phones) else _EDGE


# -- consonants ---------------------------------------------------------------------------------------


def _consonant(word: str, phones: Sequence[Phone], i: int) -> str:
    name, letters = phones[i].name, phones[i].letters
    before, after = _at(phones, i - 1), _at(phones, i + 1)
    match name:
        case "T" if _is_syllabic(word, phones, i + 1):
            return "ʔ"
        case "T" if _is_flapped(phones, i) and not _is_tive(word, phones, i):
            return "ɾ"
        case "N" if i > 0 and _is_syllabic(word, phones, i - 1):
            return "n\N{COMBINING VERTICAL LINE BELOW}"
        case "N" if after.name in ("K", "G"):
            return "ŋ"
        case "Y" if "i" in letters and after.is_weak and after.name in ("AH", "ER"):
            return "i"  # million, senior
        case "W" if "w" not in letters and before.is_weak and before.letters == "u":
            return ""  # actual
        case "R" if before.name in ("AY", "AW"):
            return "ɚɹ" if after.is_vowel else "ɚ"  # environment, iron
        case "R" if before.name in ("UH", "UW") and after.is_vowel:
            return "ɹɹ"  # during
    return _CONSONANTS[name]


def _is_flapped(phones: Sequence[Phone], i: int) -> bool:
    """Whether a t is that of "city" and "party"."""
    before, after = _at(phones, i - 1), _at(phones, i + 1)
    return (
        (before.is_vowel or before.name == "R")
        and after.is_weak
        and not (after.name == "AH" and _at(phones, i + 2).name == "N")
    )


def _is_tive(word: str, phones: Sequence[Phone], i: int) -> bool:
    """Whether a t is that of "negative" and "positive", which is no flap, and whose i is not quite weak."""
    return _at(phones, i - 1).is_weak and word.startswith("tive", phones[i].place)


def _is_syllabic(word: str, phones: Sequence[Phone], i: int) -> bool:
    """Whether a vowel goes into the n after it, as in button, eaten, certain."""
    vowel, t = _at(phones, i), _at(phones, i - 1)
    if (vowel.name, vowel.stress, t.name, _at(phones, i + 1).name) != ("AH", "0", "T", "N"):
        return False
    is_after_vowel = _at(phones, i - 2).is_vowel and not _at(phones, i + 2).is_vowel
    return is_after_vowel and _SYLLABIC.match(word, t.place) is not None


# -- vowels -------------------------------------------------------------------------------------------


def _vowel(word: str, phones: Sequence[Phone], i: int) -> str:
    name, stress, letters, place = phones[i]
    after = _at(phones, i + 1)
    if stress == "0":
        return _unstressed(word, phones, i)
    mark = _MARKS[stress]
    if stress == "2" and _distance(phones, i) == 1:
        mark = ""  # beside the main stress nothing else is heard as one
    if name == "ER":
        return f"{mark}ɜːɹ" if after.is_vowel else f"{mark}ɜː"
    if after.name == "R":
        if name == "EH" and re.match("arr|ara[cmgpt]", word[place:]):
            return f"{mark}æ"  # narrow, character
        return mark + _BEFORE_R.get(name, _FULL[name])
    if name == "IY" and (after.name, after.stress) == ("AH", "0") and letters == "e":
        return f"{mark}i"  # idea
    if name == "AO" or (name == "AA" and _BROAD.match(word, place)):
        return mark + _open(word, phones, i)
    if name == "AA" and letters == "a" and after.name in ("N", "L"):
        return f"{mark}ɔ" if word[place - 1 : place] in ("w", "u") else f"{mark}ɑː"
    return mark + _FULL[name]


def _open(word: str, phones: Sequence[Phone], i: int) -> str:
    """The vowel of "long", "office", "law"."""
    letters, place = phones[i].letters, phones[i].place
    after, second = _at(phones, i + 1), _at(phones, i + 2)
    match letters:
        case "o":
            is_open = after.name in ("G", "K", "T", "D") or (after.name == "F" and second.is_vowel)
            return "ɑː" if is_open else "ɔ" if after.name != "#" else "ɔː"
        case "a" if after.name == "N" or (after.name == "L" and place > 0):
            return "ɔ"
        case "au" if after.name == "L":
            return "ɔ"
    return "ɔː"


def _distance(phones: Sequence[Phone], i: int) -> int:
    """How many syllables a vowel is away from the main stress; 0 when there is none."""
    vowels = [k for k, phone in enumerate(phones) if phone.is_vowel]
    main = [n for n, k in enumerate(vowels) if phones[k].stress == "1"]
    return min((abs(vowels.index(i) - n) for n in main), default=0)


def _is_first(phones: Sequence[Phone], i: int) -> bool:
    return not any(phone.is_vowel for phone in phones[:i])


def _unstressed(word: str, phones: Sequence[Phone], i: int) -> str:
    name, _, letters, place = phones[i]
    after = _at(phones, i + 1)
    match name:
        case "ER" if after.is_vowel:
            return "ᵻɹ" if letters == "ir" else "ɚɹ"  # direct, murderer
        case "ER":
            return "ɚ"
        case "AH":
            return _schwa(word, phones, i)
        case "IH":
            return _short_i(word, phones, i)
        case "IY":
            return _long_i(word, phones, i)
        case "AE" if i == 0:
            # In a closed syllable it stays: activity, but ability.
            second = _at(phones, 2)
            is_closed = not after.is_vowel and not second.is_vowel and second.name not in "RLWMV"
            return "æ" if is_closed and word[1:2] != word[2:3] else "ɐ"
        case "AO" if after.name != "R":
            return _open(word, phones, i)
        case "OW" if word.startswith("pro") and place == 2:
            return "ə"
    return _BEFORE_R.get(name, _FULL[name]) if after.name == "R" else _FULL[name]


def _long_i(word: str, phones: Sequence[Phone], i: int) -> str:
    """The weak vowel of "happy", "create", "react", "industrial"."""
    letters, place, after = phones[i].letters, phones[i].place, _at(phones, i + 1)
    if after.is_vowel:
        if letters == "y" or (after.name == "AH" and after.is_weak):
            return "ɪ" if re.match("i(al|at|en|ab)", word[place:]) else "i"
        return "iː" if after.name == "EY" and letters == "e" else "ɪ"
    if after.name == "#":
        return "i"
    if letters == "e" and _is_first(phones, i):
        return "ᵻ"
    return "ɪ" if letters in ("i", "y") else "i"


def _schwa(word: str, phones: Sequence[Phone], i: int) -> str:
    letters, place = phones[i].letters, phones[i].place
    before, after, second = _at(phones, i - 1), _at(phones, i + 1), _at(phones, i + 2)
    rest = word[place:]
    if _is_syllabic(word, phones, i):
        return ""  # the n carries the syllable
    match letters[:1]:
        case "a" if letters == "ai" and after.name == "N":
            return "ɪ"  # captain
        case "a" if _is_first(phones, i) and after.name != "#" and before.name != "M":
            return "ɐ"
        case "a" if re.match("age", rest):
            return "ɪ"
        case "e" if rest in ("es", "e's") or (rest == "ed" and before.name in ("T", "D")):
            return "ᵻ"
        case "e" if rest in ("ed", "est"):
            return "ɪ"  # hundred, greatest
        case "e" if i == 0:
            return _short_i(word, phones, i)
        case "e" if _is_first(phones, i) and _LATIN.match(word):
            return "ᵻ"
        case "e" if rest in ("et", "ets"):
            return "ɪ"
        case "e" if not before.is_vowel and after.name in ("K", "P") and second.is_vowel:
            return "ɪ"  # execute
        case "i" if re.match("ibilit|i[aou]", rest):
            return "ə"  # possibility, commission
        case "i" | "y":
            return "ɪ" if before.is_vowel else _short_i(word, phones, i) if letters in "iy" else "ə"
        case "u" if i == 0 and after.name in ("N", "P"):
            return "ʌ"
        case "u" if after.name == "W" or after.is_vowel:
            return "uː"
        case "u" if before.name == "Y" or (before.name in ("CH", "JH") and second.is_vowel):
            return "uː" if after.name in ("N", "F", "K") else "ʊ"
    return "ə"


def _short_i(word: str, phones: Sequence[Phone], i: int) -> str:
    letters, place, before = phones[i].letters, phones[i].place, _at(phones, i - 1)
    rest = word[place:]
    if before.name == "T" and _is_tive(word, phones, i - 1):
        return "ˌɪ"
    if letters[:1] == "i":
        return "ᵻ" if _ITY.match(rest) or rest.startswith("itive") else "ɪ"
    if letters[:1] == "e":
        if i == 0:
            if re.match("e(ff|s|[cmn][aeiou])", rest):
                return "ɪ"
            return "ɛ" if re.match("e(x|[^aeiou]{2})", rest) else "ᵻ"
        if rest in ("es", "ed", "edly", "edness") or _is_first(phones, i):
            is_lax = re.match("eca[um]|eg[aiu]", rest) or word.startswith("pre")
            return "ɪ" if is_lax or (rest == "ed" and before.name not in ("T", "D")) else "ᵻ"
        if rest in ("en", "er"):
            return "ə"
    return "ᵻ" if rest in ("s", "'s") and before.name != "#" else "ɪ"
