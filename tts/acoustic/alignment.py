"""What an attention says in figures: whether it follows the text, is sure of itself, skips or falls back.

An alignment holds a weight for each decoder step and token. Shape: (T', L), the valid steps of one utterance.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from tts.acoustic.base import AcousticOutput


__all__ = ["AlignmentFigures", "alignment_figures", "alignment_of", "alignment_path"]

FloatArray = npt.NDArray[np.floating]

_WIDTH = 0.2  # g of Tachibana et al. 2018 (arXiv 1710.08969), equation 8
_SKIPPED_TOKENS = 4.0
_SKIPPED_IN_S = 0.05  # four phonemes in it would be 80 a second; hurried speech has 25
_REPEATED_TOKENS = 3.0
_RESTED_TOKENS, _RESTED_S = 2.0, 1.0  # no pause within a sentence is that long


@dataclass(frozen=True, kw_only=True, slots=True)
class AlignmentFigures:
    """An alignment in figures.

    Attributes:
        diagonality: the share of attention near the diagonal, as guided attention weighs it: 1 on it.
        focus: the mean of each step's largest weight: how sure it is of its token.
        coverage: the share of the tokens that were looked at, each by as much as one whole step.
        skips: whether it moves on by more than four tokens within 50 ms, or one step that is longer.
        repeats: whether it falls back by more than three tokens behind where it has been.
        rests: whether it stays within two tokens for more than a second.
    """

    diagonality: float
    focus: float
    coverage: float
    skips: bool
    repeats: bool
    rests: bool


def alignment_of(
    output: "AcousticOutput", item: int = 0, n_tokens: int | None = None
) -> npt.NDArray[np.float32]:
    """The alignment of one item of a batch, without padding. Shape: (T', n_tokens).

    Args:
        output: what a model says of a batch.
        item: which item.
        n_tokens: its tokens; None where it has no padding.
    """
    n_steps = max(1, -(-int(output.lengths[item]) // output.frames_per_step))
    weights = output.alignment[item, :n_steps, :n_tokens].float()
    return weights.numpy(force=True)


def alignment_figures(alignment: FloatArray, step_s: float) -> AlignmentFigures:
    """The figures of an alignment whose decoder steps are `step_s` seconds long. Shape: (T', L)."""
    n_steps, n_tokens = alignment.shape
    time = np.arange(n_steps)[:, None] / max(n_steps - 1, 1)
    place = np.arange(n_tokens) / max(n_tokens - 1, 1)
    near = np.exp(-np.square(place - time) / (2.0 * _WIDTH**2))
    path = alignment_path(alignment)
    apart = max(1, round(_SKIPPED_IN_S / step_s))
    return AlignmentFigures(
        diagonality=float((alignment * near).sum(axis=1).mean()),
        focus=float(alignment.max(axis=1).mean()),
        coverage=float(np.minimum(alignment.sum(axis=0), 1.0).mean()),
        skips=bool((path[apart:] - path[:-apart] > _SKIPPED_TOKENS).any()),
        repeats=bool((np.maximum.accumulate(path) - path > _REPEATED_TOKENS).any()),
        rests=_rests(path, max(1, round(_RESTED_S / step_s)) + 1),
    )


def _rests(path: FloatArray, n: int) -> bool:
    """Whether any `n` steps in a row stay within two tokens."""
    if len(path) < n:
        return False
    windows = np.lib.stride_tricks.sliding_window_view(path, n)
    return bool((windows.max(axis=1) - windows.min(axis=1) < _RESTED_TOKENS).any())


def alignment_path(alignment: FloatArray) -> FloatArray:
    """Where each step looks: the mean position under its weights. Shape: (T', L) -> (T',)."""
    places = np.arange(alignment.shape[1])
    path: FloatArray = alignment @ places / np.maximum(alignment.sum(axis=1), 1e-8)
    return path
