"""Words in letters, and words in phonemes beside their letters (Deep Voice 3, section 3.2)."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from tts.text.normalize import SpokenSpan
from tts.text.symbols import LETTERS, PUNCTUATION

__all__ = [
    "MARKS",
    "Phonemize",
    "Word",
    "aligned_runs",
    "aligned_words",
    "owners",
    "runs_of",
    "spell",
]

MARKS = "".join(PUNCTUATION)
"""What is stripped of a word to look at it: the punctuation, as one string."""

# Letters that are no A to Z with an accent; the only sign that the normaliser leaves to eSpeak NG.
_PLAIN = str.maketrans(
    {"Æ": "AE", "Œ": "OE", "Ø": "O", "Đ": "D", "Ð": "D", "Þ": "TH", "Ħ": "H", "Ł": "L"}
    | {"Ŋ": "NG", "Ŧ": "T", "ĸ": "K", "\u0132": "IJ", "\u013f": "L", "\u02bc": ""}
    | {"\N{GREEK CAPITAL LETTER MU}": "MU"}
)
_STRANGE = re.compile(f"[^{re.escape(''.join((*LETTERS, *PUNCTUATION)))}]+|(?<![A-Z])'(?![A-Z])")

Phonemize = Callable[[str], str]


class Word(NamedTuple):
    """A word as a model reads it, and, where the model reads both, in letters.

    It is several words where eSpeak NG joins them: "of the" is "ʌvðə".
    """

    symbols: str
    letters: str = ""


def spell(spoken: str) -> str:
    """Spoken words in upper-case letters, without accents, their punctuation in place."""
    upper = unicodedata.normalize("NFD", spoken.upper()).translate(_PLAIN)
    plain = "".join(character for character in upper if not unicodedata.combining(character))
    return " ".join(_STRANGE.sub(" ", plain).split())


def aligned_words(spoken: str, phonemize: Phonemize) -> list[Word]:
    """The words of a sentence in phonemes, each with its letters.

    Their phonemes, joined by spaces, are those of the sentence; so are their letters.
    """
    runs = aligned_runs(spoken, phonemize)
    return [Word(" ".join(tokens), spell(" ".join(words))) for words, tokens in runs]


def aligned_runs(spoken: str, phonemize: Phonemize) -> list[tuple[Sequence[str], Sequence[str]]]:
    """Pairs of runs of spoken words and of their phonemes, as short as can be told."""
    return runs_of(spoken.split(), phonemize(spoken).split(), phonemize)


def runs_of(
    words: Sequence[str], tokens: Sequence[str], phonemize: Phonemize
) -> list[tuple[Sequence[str], Sequence[str]]]:
    """Pairs of runs of words and of phonemes that belong together, as short as can be told.

    eSpeak NG gives one token a word, but joins some. Where a sentence is cut between two words that it would
    not have joined, the two sides have as many tokens alone as together: so the sentence is cut, near its
    middle first, until the counts agree.
    """
    if len(words) == len(tokens) and all(map(_same_marks, words, tokens)):
        return [([word], [token]) for word, token in zip(words, tokens, strict=True)]
    cuts = sorted(range(1, len(words)), key=lambda cut: abs(2 * cut - len(words)))
    for cut in cuts if len(tokens) > 1 else ():
        before, after = words[:cut], words[cut:]
        n = _n_tokens(before, phonemize)
        if not 0 < n < len(tokens) or n + _n_tokens(after, phonemize) != len(tokens):
            continue
        if _same_marks(" ".join(before), " ".join(tokens[:n])):
            return [
                *runs_of(before, tokens[:n], phonemize),
                *runs_of(after, tokens[n:], phonemize),
            ]
    return [(words, tokens)]


def owners(words: Iterable[str], spans: Sequence[SpokenSpan]) -> list[int | None]:
    """The place of the span of each word, or part of one; None for a mark that stands alone between two."""
    places: list[int | None] = []
    place, left = -1, ""
    for word in words:
        bare = word.strip(MARKS)
        if _is_heard(bare):
            if not _is_heard(left):
                place += 1
                left = spans[place].spoken
            left = left[left.index(bare) + len(bare) :]
            places.append(place)
        else:
            places.append(place if _is_heard(left) else None)
    return places


def _is_heard(spoken: str) -> bool:
    return any(map(str.isalnum, spoken))


def _n_tokens(words: Sequence[str], phonemize: Phonemize) -> int:
    return len(phonemize(" ".join(words)).split())


def _same_marks(words: str, phonemes: str) -> bool:
    """Whether words and phonemes hold the same punctuation."""
    return _marks(spell(words)) == _marks(phonemes)


def _marks(text: str) -> list[str]:
    return [character for character in text if character in PUNCTUATION]
