"""Names for places in speech: which symbol of an utterance each stands before."""

import bisect
from collections import deque
from typing import NamedTuple

from tts.text.normalize import Traced
from tts.text.sentences import Span
from tts.text.words import Phonemize, aligned_runs

__all__ = ["Mark", "marks_in"]


class Mark(NamedTuple):
    """A name for a place in speech.

    Args:
        name: what the document calls it.
        token: which id of its utterance it stands before; the number of ids is where the sound of the
            utterance ends, and one more where the pause after it does.
    """

    name: str
    token: int


def marks_in(
    marks: deque[tuple[str, int]],
    piece: Span,
    traced: Traced,
    symbols: str,
    phonemize: Phonemize | None,
) -> tuple[Mark, ...]:
    """Takes the marks that stand before the end of a piece.

    Args:
        marks: names and places in the text, in order.
        piece: a piece of the text.
        traced: the words that it is spoken in.
        symbols: those words as the model reads them, from "^" to "$".
        phonemize: phonemes of words; None where letters are read, a word in symbols for each word.
    """
    found: list[Mark] = []
    while marks and marks[0][1] < piece.end:
        name, place = marks.popleft()
        n_words = _n_words_before(traced, place - piece.start)
        found.append(Mark(name, _token(n_words, traced.text, symbols, phonemize)))
    return tuple(found)


def _n_words_before(traced: Traced, place: int) -> int:
    """How many spoken words are of what is written before a place, none of the word that it stands in."""
    n_chars = bisect.bisect_left(traced.origins, place, key=lambda origin: origin.start)
    before, after = traced.text[:n_chars], traced.text[n_chars:]
    is_inside = bool(before[-1:].strip() and after[:1].strip())
    return len(before.split()) - is_inside


def _token(n_words: int, spoken: str, symbols: str, phonemize: Phonemize | None) -> int:
    """The place in the symbols where a word begins, or the words that are joined with it."""
    if n_words == 0:
        return 0
    n_tokens = n_words
    if phonemize is not None:
        n_tokens = done = 0
        for words, tokens in aligned_runs(spoken, phonemize):
            if done + len(words) > n_words:
                break
            done += len(words)
            n_tokens += len(tokens)
    place = 0
    for _ in range(n_tokens):
        place = symbols.find(" ", place) + 1
        if place == 0:
            return len(symbols)
    return place
