"""A bad utterance is decoded again: with a tighter window, with another seed, then in two and in four pieces.

The first attempt that is good is spoken; where none is, the one with the fewest findings, the earliest of
equals. All of this is done on the alignment, before the vocoder makes the first sample.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tts.acoustic.speech import Retake, SpeaksTokens, Spoken
from tts.text.symbols import PUNCTUATION
from tts.voice.audit import AuditLimits, attention_figures, attention_findings
from tts.voice.report import Attempt

__all__ = ["Decoded", "decode", "in_pieces"]

Tokens = npt.NDArray[np.int64]
Pieces = Sequence[
    tuple[int, int]
]  # of an utterance, [start, end) each, without the space between two

_N_PIECES = (2, 4)


@dataclass(frozen=True, eq=False, slots=True)
class Decoded:
    """An utterance as it is to be heard, before the vocoder.

    Attributes:
        spoken: the attempt that was kept.
        attempts: all of them.
        kept: the index of that one.
    """

    spoken: Spoken
    attempts: tuple[Attempt, ...]
    kept: int


def decode(
    model: SpeaksTokens,
    tokens: Tokens,
    symbols: str,
    *,
    seed: int,
    speaker: int | None,
    limits: AuditLimits,
) -> Decoded:
    """Speaks an utterance until it is good, or everything was tried.

    Args:
        model: the acoustic model.
        tokens: Shape: (L,).
        symbols: what they stand for, one for a token.
        seed: of the first attempt; others of that kind draw from it.
        speaker: the id of who speaks, in a model of several.
        limits: what is good.
    """
    takes: list[Spoken] = []
    attempts: list[Attempt] = []
    for retake, seed_of_it, pieces in _ladder(model, symbols, seed):
        speak = functools.partial(model.speak, seed=seed_of_it, speaker=speaker)
        if retake is not None:
            speak = functools.partial(speak, retake=retake)
        spoken = speak(tokens) if len(pieces) == 1 else in_pieces(speak, tokens, pieces)
        step_s = spoken.frames_per_step / model.mel_config.frames_per_second
        attempts.append(
            Attempt(
                retake=retake,
                n_pieces=len(pieces),
                seed=seed_of_it,
                attention=attention_figures(spoken, symbols, step_s),
                findings=attention_findings(spoken, symbols, step_s, limits),
            )
        )
        takes.append(spoken)
        if not attempts[-1].findings:
            break
    kept = min(range(len(takes)), key=lambda i: len(attempts[i].findings))
    return Decoded(takes[kept], tuple(attempts), kept)


def _ladder(
    model: SpeaksTokens, symbols: str, seed: int
) -> Iterator[tuple[Retake | None, int, Pieces]]:
    """The attempts in their order: how each differs, its seed, and its pieces."""
    whole = ((1, len(symbols) - 1),)
    yield None, seed, whole
    for retake in model.retakes:
        yield retake, _another(seed) if retake == "seed" else seed, whole
    n_before = 1
    for n in _N_PIECES:
        pieces = _cut(symbols, n)
        if len(pieces) > n_before:
            yield next(iter(model.retakes), None), seed, pieces
        n_before = len(pieces)


def _another(seed: int) -> int:
    """Another seed, which the first one decides."""
    return int(np.random.SeedSequence((seed, 1)).generate_state(1)[0])


def _cut(symbols: str, n: int) -> Pieces:
    """Up to `n` pieces of about one length, cut between words, where there is a mark if one is near."""
    piece = (len(symbols) - 2) / n
    spaces = [i for i, symbol in enumerate(symbols) if symbol == " "]

    def cost(space: int, ideal: float) -> float:
        bonus = piece / 4 if symbols[space - 1] in PUNCTUATION else 0.0
        return abs(space - ideal) - bonus

    ideals = [1 + piece * i for i in range(1, n)]
    cuts = sorted({min(spaces, key=lambda s: cost(s, ideal)) for ideal in ideals if spaces})
    starts, ends = [1, *(cut + 1 for cut in cuts)], [*cuts, len(symbols) - 1]
    return tuple(zip(starts, ends, strict=True))


def in_pieces(speak: Callable[[Tokens], Spoken], tokens: Tokens, pieces: Pieces) -> Spoken:
    """Speaks an utterance piece by piece, each from its beginning to its end, and joins them.

    In the alignment, the beginning and the end of a piece inside count as the space beside it.

    Args:
        speak: speaks tokens.
        tokens: of the whole, from the symbol of the beginning to that of the end. Shape: (L,).
        pieces: where each begins and ends, in order, with a space between two.
    """
    takes = [speak(np.concatenate([tokens[:1], tokens[a:b], tokens[-1:]])) for a, b in pieces]
    alignment = np.zeros((sum(len(t.alignment) for t in takes), len(tokens)), dtype=np.float32)
    row = 0
    for (start, end), take in zip(pieces, takes, strict=True):
        alignment[row : row + len(take.alignment), start - 1 : end + 1] = take.alignment
        row += len(take.alignment)
    linear = [take.linear for take in takes if take.linear is not None]
    return Spoken(
        mel=np.concatenate([take.mel for take in takes], axis=1),
        alignment=alignment,
        finished=all(take.finished for take in takes),
        frames_per_step=takes[0].frames_per_step,
        linear=np.concatenate(linear, axis=1) if linear else None,
    )
