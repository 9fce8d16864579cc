"""Letters and phonemes of a lexicon, aligned: what every letter, or two, is said as.

Expectation maximisation over all alignments of short pieces (Bisani and Ney 2008, "Joint-sequence models for
grapheme-to-phoneme conversion", section 3; Jiampojamarn et al. 2007), then the best alignment of each word.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeAlias

Piece: TypeAlias = tuple[str, str]
"""Letters, and their phonemes with spaces between."""

Entry: TypeAlias = tuple[str, tuple[str, ...]]

# How many letters and how many phonemes may stand for each other: "e" is silent, "x" is two, "ph" is one.
_SIZES = ((1, 1), (1, 0), (1, 2), (2, 1))
_FLOOR = 1e-7


def learn_pieces(entries: Sequence[Entry], n_iterations: int) -> dict[Piece, float]:
    """The probability of each piece, learnt from words whose alignments are not known."""
    pieces = dict.fromkeys((piece for entry in entries for _, _, piece in _edges(*entry)), 1.0)
    for piece in pieces:  # a silent letter explains everything at first, and nothing in the end
        pieces[piece] = 1.0 if piece[1] else 0.1
    for _ in range(n_iterations):
        counts: Counter[Piece] = Counter()
        for entry in entries:
            _expect(entry, pieces, counts)
        total = sum(counts.values())
        pieces = {piece: count / total for piece, count in counts.items()}
    return pieces


def align(entry: Entry, pieces: dict[Piece, float]) -> list[Piece] | None:
    """The best alignment of a word, None when it has none."""
    word, phonemes = entry
    n, m = len(word), len(phonemes)
    pairs = [" ".join(phonemes[j : j + 2]) for j in range(m)]
    best: list[list[tuple[float, int, int, Piece] | None]] = [
        [None] * (m + 1) for _ in range(n + 1)
    ]
    best[0][0] = (1.0, 0, 0, ("", ""))
    for i in range(n):
        for j in range(max(0, m - 2 * (n - i)), min(2 * i, m) + 1):
            here = best[i][j]
            if here is None:
                continue
            steps = [(i + 1, j, (word[i], ""))]
            if j < m:
                steps.append((i + 1, j + 1, (word[i], phonemes[j])))
                if i + 1 < n:
                    steps.append((i + 2, j + 1, (word[i : i + 2], phonemes[j])))
            if j + 1 < m:
                steps.append((i + 1, j + 2, (word[i], pairs[j])))
            for to_i, to_j, piece in steps:
                score = here[0] * max(pieces.get(piece, 0.0), _FLOOR)
                known = best[to_i][to_j]
                if known is None or score > known[0]:
                    best[to_i][to_j] = (score, i, j, piece)
    path: list[Piece] = []
    i, j = n, m
    while (i, j) != (0, 0):
        step = best[i][j]
        if step is None:
            return None
        _, i, j, piece = step
        path.append(piece)
    return path[::-1]


def _edges(
    word: str, phonemes: Sequence[str]
) -> Iterable[tuple[tuple[int, int], tuple[int, int], Piece]]:
    """Every piece that may begin at every place that can be reached and left, the places in order."""
    for i in range(len(word)):
        first = max(0, len(phonemes) - 2 * (len(word) - i))
        for j in range(first, min(2 * i, len(phonemes)) + 1):
            for n_letters, n_phonemes in _SIZES:
                end = (i + n_letters, j + n_phonemes)
                if end[0] <= len(word) and end[1] <= len(phonemes):
                    yield (i, j), end, (word[i : end[0]], " ".join(phonemes[j : end[1]]))


def _expect(entry: Entry, pieces: dict[Piece, float], counts: Counter[Piece]) -> None:
    """Adds how often each piece is expected in a word: the forward and the backward pass."""
    word, phonemes = entry
    edges = list(_edges(word, phonemes))
    forward = {(0, 0): 1.0}
    for start, end, piece in edges:
        if start in forward:
            forward[end] = forward.get(end, 0.0) + forward[start] * pieces.get(piece, 0.0)
    whole = forward.get((len(word), len(phonemes)), 0.0)
    if whole <= 0.0:
        return
    backward = {(len(word), len(phonemes)): 1.0}
    for start, end, piece in reversed(edges):
        if start in forward and end in backward:
            share = pieces.get(piece, 0.0) * backward[end]
            backward[start] = backward.get(start, 0.0) + share
            counts[piece] += forward[start] * share / whole
