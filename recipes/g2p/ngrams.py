"""A joint n-gram model of aligned pieces, smoothed and pruned, as arrays.

Bisani and Ney 2008, "Joint-sequence models for grapheme-to-phoneme conversion"; the smoothing is modified
Kneser-Ney (Chen and Goodman 1999), the pruning that of weighted differences (Seymore and Rosenfeld 1996).
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Level", "count_ngrams", "estimate", "prune"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass
class Level:
    """All n-grams of one length, sorted by their first n - 1 pieces, then by their last one.

    Args:
        parent: which n-gram of the level below its first n - 1 pieces are. Shape: (N,).
        suffix: which one its last n - 1 pieces are. Shape: (N,).
        label: its last piece. Shape: (N,).
        count: how often it occurs; below the highest level, after how many pieces, unless it begins a word.
        p: the probability of its last piece after the others.
        backoff: what is left, after it, for pieces that were not seen there.
        kept: whether it is in the model.
    """

    parent: Ints
    suffix: Ints
    label: Ints
    count: Floats
    p: Floats
    backoff: Floats
    kept: npt.NDArray[np.bool_]


def count_ngrams(
    words: Sequence[Sequence[int]], n_labels: int, order: int, start: int
) -> list[Level]:
    """The n-grams of all words, each of which begins with `start`; levels from 1 to `order`."""
    stream = np.concatenate([np.asarray(word, dtype=np.int64) for word in words])
    position = np.concatenate([np.arange(len(word)) for word in words])
    ids = np.zeros(len(stream), dtype=np.int64)  # the id of the n-gram that ends here
    levels: list[Level] = []
    raw: list[Ints] = []
    for n in range(1, order + 1):
        ends = position >= n - 1
        where = np.flatnonzero(ends)
        parents = ids[where - 1] if n > 1 else np.zeros(len(where), dtype=np.int64)
        keys, inverse, counts = np.unique(
            parents * n_labels + stream[where], return_inverse=True, return_counts=True
        )
        suffix = np.zeros(len(keys), dtype=np.int64)
        suffix[inverse] = ids[where]
        ids = np.zeros(len(stream), dtype=np.int64)
        ids[where] = inverse
        n_found = len(keys)
        empty = np.zeros(n_found)
        levels.append(
            Level(
                keys // n_labels,
                suffix,
                keys % n_labels,
                empty,
                empty.copy(),
                empty.copy(),
                np.ones(n_found, dtype=bool),
            )
        )
        raw.append(counts)
    begins = [levels[0].label == start]
    for below, level in itertools.pairwise(levels):
        begins.append(begins[-1][level.parent])
        # After how many different pieces a shorter n-gram occurs; one that begins a word has none before it.
        followed = np.bincount(level.suffix, minlength=len(below.label))
        below.count = np.where(begins[-2], raw[len(begins) - 2], followed).astype(float)
    levels[-1].count = raw[-1].astype(float)
    levels[0].count[levels[0].label == start] = 0.0
    return levels


def estimate(levels: Sequence[Level]) -> None:
    """Fills in the probabilities: interpolated, modified Kneser-Ney."""
    n_labels = len(levels[0].label)
    for n, level in enumerate(levels):
        n_contexts = len(levels[n - 1].label) if n else 1
        seen = [np.sum(level.count == k) for k in (1, 2, 3, 4)]
        y = seen[0] / max(seen[0] + 2 * seen[1], 1)
        discounts = np.array(
            [0.0] + [max(0.0, k - (k + 1) * y * seen[k] / max(seen[k - 1], 1)) for k in (1, 2, 3)]
        )
        cut = discounts[np.minimum(level.count, 3).astype(int)]
        total = np.bincount(level.parent, level.count, n_contexts)
        left = np.bincount(level.parent, cut, n_contexts)
        total[total == 0.0] = 1.0
        lower = levels[n - 1].p[level.suffix] if n else np.full(len(level.label), 1.0 / n_labels)
        gamma = left / total
        level.p = (level.count - cut) / total[level.parent] + gamma[level.parent] * lower
        if n:
            levels[n - 1].backoff = gamma


def prune(levels: Sequence[Level], threshold: float) -> None:
    """Drops what the level below says nearly as well, and makes what is left sum to one again."""
    whole = [level.p.copy() for level in levels]
    for n in range(len(levels) - 1, 0, -1):
        level = levels[n]
        lower = levels[n - 1].backoff[level.parent] * whole[n - 1][level.suffix]
        gain = level.count * (np.log(level.p) - np.log(np.maximum(lower, 1e-12)))
        level.kept = gain > threshold
        if n + 1 < len(levels):
            above = levels[n + 1]
            level.kept[above.parent[above.kept]] = True
    effective = levels[0].p.copy()
    for n in range(1, len(levels)):
        level, below = levels[n], levels[n - 1]
        n_contexts = len(below.label)
        kept = level.kept
        said = np.bincount(level.parent[kept], level.p[kept], n_contexts)
        lower = np.bincount(level.parent[kept], effective[level.suffix[kept]], n_contexts)
        below.backoff = np.clip((1.0 - said), 1e-9, None) / np.clip(1.0 - lower, 1e-9, None)
        effective = np.where(kept, level.p, below.backoff[level.parent] * effective[level.suffix])
    levels[-1].backoff = np.ones(len(levels[-1].label))
