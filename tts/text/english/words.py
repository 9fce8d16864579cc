"""The pronunciation of a single English word: the lexicon, the forms of its words, letters to sound.

Compounds and most prefixes and suffixes are left to the letters: on held-out words the model reads them
better than rules do.
"""

import functools
import re
from collections.abc import Callable, Iterator
from typing import Protocol

from tts.text.english.letters import built_in_letters
from tts.text.english.lexicon import built_in_lexicon
from tts.text.ipa import VOWELS, begins_with_vowel, with_s

__all__ = ["LETTER_NAMES", "PREFIXES", "WordReader", "built_in_words", "spelled_out"]

# fmt: off
LETTER_NAMES = {
    "a": "ˈeɪ", "b": "bˈiː", "c": "sˈiː", "d": "dˈiː", "e": "ˈiː", "f": "ˈɛf", "g": "dʒˈiː", "h": "ˈeɪtʃ",
    "i": "ˈaɪ", "j": "dʒˈeɪ", "k": "kˈeɪ", "l": "ˈɛl", "m": "ˈɛm", "n": "ˈɛn", "o": "ˈoʊ", "p": "pˈiː",
    "q": "kjˈuː", "r": "ˈɑːɹ", "s": "ˈɛs", "t": "tˈiː", "u": "jˈuː", "v": "vˈiː", "w": "dˈʌbəljˌuː",
    "x": "ˈɛks", "y": "wˈaɪ", "z": "zˈiː",
}

PREFIXES = {
    "anti": "ˌænti", "counter": "kˌaʊntɚ", "dis": "dɪs", "inter": "ˌɪntɚ", "micro": "mˌaɪkɹoʊ", "mis": "mɪs",
    "multi": "mˌʌlti", "non": "nˌɑːn", "out": "ˌaʊt", "over": "ˌoʊvɚ", "pre": "pɹˌiː", "re": "ɹˌiː",
    "semi": "sˌɛmi", "sub": "sˌʌb", "super": "sˌuːpɚ", "un": "ʌn", "under": "ˌʌndɚ",
}
_SUFFIXES = {"ness": "nəs", "less": "ləs", "ship": "ʃˌɪp", "ing": "ɪŋ", "ings": "ɪŋz"}
# fmt: on

_CONTRACTED = {"s": "z", "d": "d", "ll": "əl", "ve": "əv", "re": "ɚ", "m": "m", "t": "t", "n": "ən"}

_FLAPPABLE = re.compile(f"(?<=[{VOWELS}ːɹ])t$")
_SPELT_VOWEL = re.compile("[aeiouy]")
_SHORTEST_BASE = 4
_SHORTEST_STEM = 3
_LONGEST_WORD = 40


class Pronunciations(Protocol):
    """Words with their IPA: a `Lexicon`, or a dictionary."""

    def get(self, word: str, /) -> str | None:
        """The IPA of a word in lower case, None when it is not there."""
        ...


class WordReader:
    """Reads a word of the letters a to z and apostrophes, whatever it is.

    Args:
        lexicon: known words.
        letters: the IPA of a word that is neither known nor made of known ones.
    """

    def __init__(self, lexicon: Pronunciations, letters: Callable[[str], str]) -> None:
        self._lexicon = lexicon
        self._letters = letters

    def __call__(self, word: str) -> str:
        """The IPA of a word in lower case; every letter of it is in some way spoken."""
        if known := self.known(word):
            return known
        if "'" in word:
            bare, *endings = filter(None, word.split("'"))
            return self(bare) + "".join(_CONTRACTED.get(end) or self(end) for end in endings)
        if not _SPELT_VOWEL.search(word):
            return spelled_out(word)
        # Long words do not exist; what looks like one is read in pieces, for time and memory.
        pieces = [word[i : i + _LONGEST_WORD] for i in range(0, len(word), _LONGEST_WORD)]
        return "".join(map(self._letters, pieces)) or spelled_out(word)

    def known(self, word: str) -> str | None:
        """The IPA of a word that the lexicon has or that is made of some that it has."""
        return self._lexicon.get(word) or self.derived(word)

    def derived(self, word: str) -> str | None:
        """The IPA of an inflected or derived word; the lexicon's own is not asked for."""
        for form in (self._possessive, self._plural, self._past, self._adverb, self._suffixed):
            if ipa := form(word):
                return ipa
        return None

    def _possessive(self, word: str) -> str | None:
        if word.endswith("'s"):
            return _with_s(self.known(word[:-2]))
        return self.known(word[:-1]) if word.endswith("s'") else None

    def _plural(self, word: str) -> str | None:
        if not word.endswith("s") or word.endswith(("ss", "'s")) or len(word) < _SHORTEST_BASE:
            return None
        if word.endswith("ies") and (base := self.known(f"{word[:-3]}y")):
            return _with_s(base)
        if base := self.known(word[:-1]):
            return _with_s(base)
        base = (
            self.known(word[:-2])
            if word.endswith(("ses", "zes", "xes", "shes", "ches", "oes"))
            else None
        )
        return _with_s(base)

    def _past(self, word: str) -> str | None:
        if not word.endswith("ed") or len(word) <= _SHORTEST_BASE:
            return None
        if word.endswith("ied") and (base := self.known(f"{word[:-3]}y")):
            return f"{base}d"
        for base in self._bases(word[:-2]):
            if base.endswith(("t", "d")):
                return _FLAPPABLE.sub("ɾ", base) + "ᵻd"
            return base + ("t" if base.endswith(("p", "k", "f", "θ", "s", "ʃ")) else "d")
        return None

    def _adverb(self, word: str) -> str | None:
        if not word.endswith("ly") or len(word) <= _SHORTEST_BASE:
            return None
        if word.endswith("ily") and (base := self.known(f"{word[:-3]}y")):
            return f"{base.removesuffix('i')}ɪli"
        if word.endswith("ally") and (base := self.known(word[:-4])) and base.endswith("k"):
            return f"{base}li"
        if base := self.known(word[:-2]):
            return f"{base.removesuffix('l')}li"
        base = self.known(f"{word[:-1]}e") if word.endswith("bly") else None
        return f"{base.removesuffix('əl')}li" if base else None

    def _suffixed(self, word: str) -> str | None:
        for suffix, ipa in _SUFFIXES.items():
            if not word.endswith(suffix) or len(word) < len(suffix) + _SHORTEST_STEM:
                continue
            stem = word.removesuffix(suffix)
            if not begins_with_vowel(ipa):
                if base := self.known(stem):
                    return base + ipa
                continue
            for base in self._bases(stem):
                linked = f"{base}ɹ" if base.endswith(("ɚ", "ɜː")) else _FLAPPABLE.sub("ɾ", base)
                return linked + ipa
        return None

    def _bases(self, stem: str) -> Iterator[str]:
        """What a word may be made of whose ending begins with a vowel: bake-d, walk-ed, run(n)-ing."""
        spellings = [f"{stem}e", stem]
        if stem.endswith(("w", "x", "y", "ck", "ll", "ss", "sh", "er", "en", "on", "el", "t", "p")):
            spellings.reverse()
        if len(stem) > _SHORTEST_STEM and stem[-1] == stem[-2]:
            spellings.insert(1 if stem[-1] in "lsfz" else 0, stem[:-1])
        for spelling in spellings:
            if base := self._lexicon.get(spelling):
                yield base


def _with_s(base: str | None) -> str | None:
    return None if base is None else with_s(base)


def spelled_out(word: str) -> str:
    """The names of letters as one word, the main stress on the last: "ˌɛfbˌiːˈaɪ"."""
    names = [LETTER_NAMES[letter] for letter in word if letter in LETTER_NAMES]
    return "".join([*(name.replace("ˈ", "ˌ") for name in names[:-1]), *names[-1:]])


@functools.cache
def built_in_words() -> Callable[[str], str]:
    """The reader of what is shipped; it remembers what it read, since texts repeat their words."""

    def letters(word: str) -> str:
        return built_in_letters()(word)

    return functools.lru_cache(maxsize=4096)(WordReader(built_in_lexicon(), letters))
