"""Words of a sentence that are said otherwise than the phonemizer would: where they are in what it says."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from tts.text.ipa import INLINE, begins_with_vowel
from tts.text.normalize import INLINE_RULE
from tts.text.words import MARKS, Phonemize, aligned_runs

__all__ = ["Override", "replaced_words", "say"]

# What inline phonemes are to the phonemizer: its neighbours hear whether a vowel follows.
_BEFORE_VOWEL, _BEFORE_CONSONANT = "Anna", "Bob"


class Override(NamedTuple):
    """What is said of words first to last - 1 in the place of what the phonemizer would.

    Args:
        phonemes: how they are said; empty where they are respelled, and where that is not sure.
        respelled: the spoken words that are read in their place.
        rule: what `--explain` calls it.
        unsure: what else may be meant.
        sounds: all that the phonemizer may say for it, where that is known.
    """

    first: int
    last: int
    phonemes: str
    respelled: str
    rule: str
    unsure: str = ""
    sounds: frozenset[str] = frozenset()


_Placed = tuple[int, int, Override]
_Spot = tuple[int, int, str, str]


def say(words: Sequence[str], overrides: Sequence[Override], phonemize: Phonemize) -> str:
    """The phonemes of a sentence.

    Args:
        words: with their punctuation.
        overrides: in order; each has phonemes or is respelled.
        phonemize: what says all the others, each in its context.
    """
    said, placed = replaced_words(words, overrides)
    tokens = phonemize(" ".join(said)).split()
    known = _by_sound(said, placed, tokens)
    spots = [
        known.get(i) or _spot(said, first, last, tokens, phonemize)
        for i, (first, last, _) in enumerate(placed)
    ]
    if any(one[1] > other[0] for one, other in itertools.pairwise(spots)):
        # Two of them are joined by the phonemizer.
        return _in_pieces(said, placed, phonemize)
    for (start, end, left, right), (_, _, override) in reversed(
        list(zip(spots, placed, strict=True))
    ):
        new = [phonemize(left), override.phonemes, phonemize(right)]
        tokens[start:end] = _with_marks(" ".join(filter(None, new)), tokens[start:end])
    return " ".join(tokens)


def _in_pieces(said: Sequence[str], placed: Sequence[_Placed], phonemize: Phonemize) -> str:
    """The phonemes of what is between the words that are replaced, each piece alone."""
    tokens: list[str] = []
    done = 0
    for first, last, override in placed:
        tokens += phonemize(" ".join(said[done:first])).split()
        tokens += _with_marks(override.phonemes, said[first:last])
        done = last
    return " ".join([*tokens, *phonemize(" ".join(said[done:])).split()])


def replaced_words(
    words: Sequence[str], overrides: Sequence[Override]
) -> tuple[list[str], list[_Placed]]:
    """The words that the phonemizer is given, and where in them phonemes are to be replaced."""
    said: list[str] = []
    placed: list[_Placed] = []
    done = 0
    for override in overrides:
        said += words[done : override.first]
        inside = words[override.first : override.last]
        done = override.last
        if override.respelled:
            said += _with_marks(override.respelled, inside)
            continue
        if override.rule == INLINE_RULE:
            name = _BEFORE_VOWEL if begins_with_vowel(override.phonemes) else _BEFORE_CONSONANT
            inside = [INLINE.sub(name, word) for word in inside]
        placed.append((len(said), len(said) + len(inside), override))
        said += inside
    return [*said, *words[done:]], placed


def _with_marks(new: str, old: Sequence[str]) -> list[str]:
    """New words, or tokens, with the marks around the old ones."""
    whole = " ".join(old)
    lead = whole[: len(whole) - len(whole.lstrip(MARKS))]
    tail = whole[len(whole.rstrip(MARKS)) :]
    return f"{lead}{new}{tail}".split()


def _by_sound(
    said: Sequence[str], placed: Sequence[_Placed], tokens: Sequence[str]
) -> dict[int, _Spot]:
    """Where those words are whose sound is known: as many tokens sound like it as there are such words."""
    spots: dict[int, _Spot] = {}
    bare_tokens = [token.strip(MARKS) for token in tokens]
    for word in {said[first].strip(MARKS).lower() for first, _, o in placed if o.sounds}:
        these = [
            (i, o)
            for i, (first, _, o) in enumerate(placed)
            if o.sounds and said[first].strip(MARKS).lower() == word
        ]
        places = [i for i, token in enumerate(bare_tokens) if token in these[0][1].sounds]
        n = sum(other.strip(MARKS).lower() == word for other in said)
        if len(places) == n == len(these):
            spots |= {i: (p, p + 1, "", "") for (i, _), p in zip(these, places, strict=True)}
    return spots


def _spot(
    words: Sequence[str],
    first: int,
    last: int,
    tokens: Sequence[str],
    phonemize: Phonemize,
) -> _Spot:
    """Where the tokens of words first to last - 1 are, and the words that are joined to them."""
    parts = (words[:first], words[first:last], words[last:])
    before, inside, after = (len(phonemize(" ".join(part)).split()) for part in parts)
    if before + inside + after == len(tokens):
        return before, before + inside, "", ""
    start = place = 0
    found: list[tuple[int, int, int, int]] = []
    for run, sounds in aligned_runs(" ".join(words), phonemize):
        if place < last and place + len(run) > first:
            found.append((start, start + len(sounds), place, place + len(run)))
        start += len(sounds)
        place += len(run)
    left = " ".join(words[found[0][2] : first])
    right = " ".join(words[last : found[-1][3]])
    return found[0][0], found[-1][1], left, right
