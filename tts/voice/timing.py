"""When each sentence, word and phoneme is spoken, from the attention.

A token's share of the attention, summed over the decoder steps, is the time that it takes:

    start of token j = sum over steps t, tokens i < j of alignment[t, i] * seconds of a step

which is monotone and adds up to the length of the utterance, whatever the attention does, and is finer than a
decoder step, because the attention passes from a token to the next one gradually. It is a little behind the
sound, and between words it is no sound's: four constants make up for that.
"""

import dataclasses
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from tts.audio.wav import Audio
from tts.text.frontend import Utterance
from tts.text.normalize import SpokenSpan
from tts.text.symbols import MODIFIERS, PUNCTUATION
from tts.text.words import Phonemize, owners, runs_of
from tts.voice.audit import is_sounded
from tts.voice.report import Report

__all__ = [
    "PhonemeTime",
    "SentenceTime",
    "Speech",
    "WordTime",
    "begun",
    "sentence_time",
    "token_edges",
]

_STRESS = ("ˈ", "ˌ")

# Measured against a forced aligner (`bench/timings.py`) on the voice that ships.
_LATE_STEPS = 0.65  # by which the attention is behind the sound that it makes
_MEETING = 0.6  # of the time at a space is the word's before it
_DECAY_S = 0.09  # in which a sound before a pause dies away
_ONSET_S = 0.04  # by which the attention is ahead after a pause


@dataclass(frozen=True, slots=True)
class PhonemeTime:
    """A sound, with its marks of stress and length, or a letter of a voice that reads those.

    Attributes:
        symbols: what it is.
        start_s, end_s: when.
    """

    symbols: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class WordTime:
    """A spoken word.

    Attributes:
        spoken: the word as it is said, without punctuation.
        text: the characters that it speaks; several words may share them ("$3").
        start, end: where those are in the whole text.
        start_s, end_s: when it is spoken.
        phonemes: its sounds.
    """

    spoken: str
    text: str
    start: int
    end: int
    start_s: float
    end_s: float
    phonemes: tuple[PhonemeTime, ...] = ()


@dataclass(frozen=True, slots=True)
class SentenceTime:
    """A sentence, or a piece of one that is too long to be spoken in one go.

    Attributes:
        text: the slice of the text that it speaks.
        start, end: where that is in the whole text.
        start_s, end_s: when it is spoken, without the pause after it.
        words: its words.
    """

    text: str
    start: int
    end: int
    start_s: float
    end_s: float
    words: tuple[WordTime, ...] = ()

    def later(self, by_s: float) -> "SentenceTime":
        """The same, spoken later."""

        def moved(item: Any, **changed: Any) -> Any:
            return dataclasses.replace(
                item, start_s=item.start_s + by_s, end_s=item.end_s + by_s, **changed
            )

        words = tuple(
            moved(word, phonemes=tuple(moved(sound) for sound in word.phonemes))
            for word in self.words
        )
        return moved(self, words=words)


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Speech(Audio):
    """A sound that was spoken: what is said when, and whether it is good.

    Attributes:
        sentences: with their words and phonemes; of a piece of a stream, the words that begin in it.
        report: of each utterance; of a piece of a stream, of the one that ends with it.
    """

    sentences: tuple[SentenceTime, ...] = ()
    report: Report = field(default_factory=Report)

    @property
    def words(self) -> tuple[WordTime, ...]:
        """All words in order."""
        return tuple(word for sentence in self.sentences for word in sentence.words)

    @property
    def phonemes(self) -> tuple[PhonemeTime, ...]:
        """All sounds in order."""
        return tuple(sound for word in self.words for sound in word.phonemes)


def token_edges(alignment: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Where each token begins, and where the last one ends, as shares of the utterance, from 0 to 1.

    A model that tells no attention is taken to give each token as much time.

    Args:
        alignment: Shape: (T', L).

    Returns:
        Shape: (L + 1,).
    """
    weights = alignment.astype(np.float64) if alignment.any() else np.ones(alignment.shape)
    steps = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-8)
    edges = np.concatenate([[0.0], np.cumsum(steps.sum(axis=0))])
    edges[1:-1] = np.maximum(edges[1:-1] - _LATE_STEPS, 0.0)
    return edges / edges[-1]


def begun(sentence: SentenceTime, from_s: float, to_s: float) -> tuple[SentenceTime, ...]:
    """A sentence with the words that begin in a stretch of time; nothing where neither it nor they do."""
    words = tuple(word for word in sentence.words if from_s <= word.start_s < to_s)
    if words or from_s <= sentence.start_s < to_s:
        return (dataclasses.replace(sentence, words=words),)
    return ()


def sentence_time(
    utterance: Utterance,
    edges_s: npt.NDArray[np.float64],
    phonemize: Phonemize,
    speed: float = 1.0,
) -> SentenceTime:
    """The times of an utterance that begins at 0.

    Args:
        utterance: what is spoken.
        edges_s: the edges of its tokens. Shape: (L + 1,).
        phonemize: phonemes of words, to tell which belong to which where they are joined.
        speed: at which it is spoken.
    """
    symbols, sounded = utterance.phonemes, is_sounded(utterance.phonemes)
    found = []
    for spoken, owner, first, last in _words(utterance, sounded, phonemize):
        sounds = _sounds(symbols, sounded, first, last, edges_s)
        if sounds:
            found.append((spoken, owner, sounds))
    _meet([sounds for _, _, sounds in found], symbols, edges_s, speed)
    words = []
    for spoken, owner, sounds in found:
        start, end = (owner.start, owner.end) if owner else (utterance.start, utterance.end)
        text = utterance.text[start - utterance.start : end - utterance.start]
        times = sounds[0].start_s, sounds[-1].end_s
        words.append(WordTime(spoken, text, start, end, *times, tuple(sounds)))
    return SentenceTime(
        utterance.text, utterance.start, utterance.end, 0.0, float(edges_s[-1]), tuple(words)
    )


def _meet(
    words: Sequence[list[PhonemeTime]],
    symbols: str,
    edges_s: npt.NDArray[np.float64],
    speed: float,
) -> None:
    """Deals out, in place, what the attention gives to the spaces and marks between words.

    A space alone is no silence: the words meet in it. At a mark there is a pause, which begins when the sound
    before it has died away, and ends a little after the attention has moved on to the sound after it.
    """
    for before, after in itertools.pairwise(words):
        end_s, start_s = before[-1].end_s, after[0].start_s
        gap = symbols[np.searchsorted(edges_s, end_s) : np.searchsorted(edges_s, start_s)]
        if set(gap) & set(PUNCTUATION):
            end_s = min(end_s + _DECAY_S / speed, start_s)
            start_s += min(_ONSET_S / speed, (after[0].end_s - start_s) / 2)
        else:
            end_s = start_s = end_s + _MEETING * (start_s - end_s)
        before[-1] = dataclasses.replace(before[-1], end_s=end_s)
        after[0] = dataclasses.replace(after[0], start_s=start_s)
    if words:
        end_s = min(words[-1][-1].end_s + _DECAY_S / speed, float(edges_s[-1]))
        words[-1][-1] = dataclasses.replace(words[-1][-1], end_s=end_s)


_Range: TypeAlias = tuple[str, SpokenSpan | None, int, int]


def _words(
    utterance: Utterance, sounded: npt.NDArray[np.bool_], phonemize: Phonemize
) -> list[_Range]:
    """Each spoken word, the characters that it speaks, and its tokens: first, and one past the last."""
    spoken, symbols = utterance.spoken.split(), utterance.phonemes[1:-1]
    places = owners(spoken, utterance.spans) if utterance.spans else [None] * len(spoken)
    found: list[_Range] = []
    place, token = 0, 1
    for run, tokens in runs_of(spoken, symbols.split(), phonemize):
        end = token + len(" ".join(tokens))
        heard = [i for i, word in enumerate(run) if any(map(str.isalnum, word))]
        weights = [1] * len(heard)
        if len(heard) > 1:  # joined in speech ("of the"): each has as much of it as it has alone
            weights = [int(is_sounded(phonemize(run[i])).sum()) for i in heard]
        edges = _shared(token, end, sounded, weights)
        for n, i in enumerate(heard):
            word = re.sub(r"^\W+|\W+$", "", run[i])
            owner = places[place + i]
            span = None if owner is None else utterance.spans[owner]
            found.append((word, span, edges[n], edges[n + 1]))
        place, token = place + len(run), end + 1
    return found


def _shared(
    first: int, last: int, sounded: npt.NDArray[np.bool_], weights: Sequence[int]
) -> list[int]:
    """Edges between the shares of some tokens, whose sounds are dealt out by weight."""
    sounds = first + np.flatnonzero(sounded[first:last])
    share = np.cumsum(weights)[:-1] / max(1, sum(weights)) * len(sounds)
    inner = [int(sounds[min(round(n), len(sounds) - 1)]) if len(sounds) else last for n in share]
    # A mark of stress stands before its sound.
    inner = [i - 1 if i > first and not sounded[i - 1] else i for i in inner]
    return [first, *inner, last]


def _sounds(
    symbols: str,
    sounded: npt.NDArray[np.bool_],
    first: int,
    last: int,
    edges_s: npt.NDArray[np.float64],
) -> list[PhonemeTime]:
    """The sounds among some tokens: stress goes with the sound after it, what modifies one with that."""
    sounds: list[PhonemeTime] = []
    start = first
    for token in range(first, last):
        if sounded[token]:
            end = token + 1
            while end < last and symbols[end] in MODIFIERS and symbols[end] not in _STRESS:
                end += 1
            begin = token - 1 if token > start and symbols[token - 1] in _STRESS else token
            times = float(edges_s[begin]), float(edges_s[end])
            sounds.append(PhonemeTime(symbols[begin:end], *times))
            start = end
    return sounds
