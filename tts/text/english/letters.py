"""Letters to sound: the pronunciation of a word that no lexicon has, by a joint n-gram model.

A word is a sequence of pieces, each of one or two letters and what they are said as: "ph|f o|ˈoʊ n|n e|". The
model (Bisani and Ney 2008, "Joint-sequence models for grapheme-to-phoneme conversion") gives the probability
of a piece beside those that are known; the most probable sequence that spells the word, and has one main
stress, is searched for. It goes from the last letter to the first: endings decide where the stress is, and so
how vowels are said. `recipes/g2p` trains it.
"""

import functools
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

__all__ = ["NATS_PER_LEVEL", "LettersToSound", "built_in_letters"]

NATS_PER_LEVEL = 1 / 16
"""The logarithms of the model are stored as negative multiples of this, in a byte."""

_MODEL = Path(__file__).parent / "letters.npz"
_LONGEST_PIECE = 2
_STRESS = "ˈ"

# What the search keeps at each place.
_WIDTH = 8
_BEAM = round(6 / NATS_PER_LEVEL)


class _Path(NamedTuple):
    """A way to a place in the word; its contexts are those that the model knows there, the longest first."""

    cost: int
    contexts: tuple[int, ...]
    is_stressed: bool
    said: str


class _Step(NamedTuple):
    """A path and the next piece of it; they are compared by their cost."""

    cost: int
    label: int
    path: _Path


class LettersToSound:
    """The most probable pronunciation of words of the letters a to z.

    N-grams are the nodes of a tree, numbered level by level; the children of a node are the n-grams that go
    on from it, sorted by their last piece.

    Args:
        tensors: of the model.
            pieces: every piece as letters and sounds with a tab between, the letters from the last to the
                first, sorted, joined by line ends, in UTF-8; two more, the last, are where the search begins
                and ends. Shape: (bytes,), uint8.
            labels: the last piece of each n-gram. Shape: (N,), uint16.
            costs: what it costs after the others. Shape: (N,), uint8.
            children: where the children of each n-gram begin, but for the longest. Shape: (M + 1,), uint32.
            backoffs: what it costs to leave it for a shorter context. Shape: (M,), uint8.
    """

    def __init__(self, tensors: Mapping[str, Any]) -> None:
        pieces = [line.split("\t") for line in tensors["pieces"].tobytes().decode().split("\n")]
        self._sounds = [sound for _, sound in pieces]
        self._labels = memoryview(tensors["labels"])
        self._costs = memoryview(tensors["costs"])
        self._children = memoryview(tensors["children"])
        self._backoffs = memoryview(tensors["backoffs"])
        self._begin, self._end = len(pieces) - 2, len(pieces) - 1
        self._ranges: dict[str, tuple[int, int]] = {}
        for label, (letters, _) in enumerate(pieces[: self._begin]):
            first, _ = self._ranges.get(letters, (label, label))
            self._ranges[letters] = (first, label + 1)

    def __call__(self, word: str) -> str:
        """The IPA of a word; a letter that the model does not know is silent."""
        word = "".join(letter for letter in reversed(word) if letter in self._ranges)
        beams: list[list[_Step]] = [[] for _ in range(len(word) + 1)]
        beams[0].append(_Step(0, self._begin, _Path(0, (), False, "")))
        for place, beam in enumerate(beams[:-1]):
            for path in self._best(beam):
                for n in range(1, _LONGEST_PIECE + 1):
                    labels = self._ranges.get(word[place : place + n])
                    if labels and place + n <= len(word):
                        beams[place + n] += self._steps(path, *labels)
        ends = [
            step
            for path in self._best(beams[-1])
            for step in self._steps(path, self._end, self._end + 1)
        ]
        # A word without a vowel has no stress either.
        stressed = [step for step in ends if step.path.is_stressed]
        return min(stressed or ends).path.said

    def _best(self, beam: list[_Step]) -> Iterator[_Path]:
        """The best paths to a place, each of another state."""
        known: set[tuple[tuple[int, ...], bool]] = set()
        beam.sort()
        for cost, label, path in beam:
            if len(known) == _WIDTH or cost > beam[0].cost + _BEAM:
                return
            sound = self._sounds[label]
            is_stressed = path.is_stressed or _STRESS in sound
            contexts = self._after(path.contexts, label)
            if (contexts, is_stressed) not in known:
                known.add((contexts, is_stressed))
                yield _Path(cost, contexts, is_stressed, sound + path.said)

    def _steps(self, path: _Path, first: int, last: int) -> list[_Step]:
        """A path with each piece from `first` to before `last` that is likely enough after it."""
        labels, costs = self._labels, self._costs
        found: dict[int, int] = {}
        left, limit = 0, 255 + _BEAM
        for context in (*path.contexts, -1):
            node, end = self._range(context)
            node = bisect_left(labels, first, node, end)
            while node < end and (label := labels[node]) < last:
                if label not in found and left + costs[node] <= limit:
                    found[label] = left + costs[node]
                node += 1
            if context >= 0:
                left += self._backoffs[context]
                if found:
                    limit = min(found.values()) + _BEAM
                if left > limit:
                    break
        return [
            _Step(path.cost + cost, label, path)
            for label, cost in found.items()
            if not (path.is_stressed and _STRESS in self._sounds[label])
        ]

    def _after(self, contexts: tuple[int, ...], label: int) -> tuple[int, ...]:
        """The contexts after one more piece; one that nothing goes on from is none."""
        labels, children, n_contexts = self._labels, self._children, len(self._backoffs)
        after = []
        for context in (*contexts, -1):
            start, end = self._range(context)
            node = bisect_left(labels, label, start, end)
            if (
                node < min(end, n_contexts)
                and labels[node] == label
                and children[node] < children[node + 1]
            ):
                after.append(node)
        return tuple(after)

    def _range(self, context: int) -> tuple[int, int]:
        """The children of a context; -1 is the empty one."""
        if context < 0:
            return 0, self._children[0]
        return self._children[context], self._children[context + 1]


@functools.cache
def built_in_letters() -> LettersToSound:
    """The model that is shipped, loaded when it is first asked for."""
    with np.load(_MODEL, allow_pickle=False) as tensors:
        return LettersToSound(dict(tensors))
