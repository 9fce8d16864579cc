"""How the attention of an acoustic model fails: it skips, repeats, or never ends."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tts.acoustic.base import AcousticOutput
from tts.evaluate.measures import Figures, Ratio

__all__ = ["alignment_of", "attention_figures", "attention_path", "endless", "repeats", "skips"]

FloatArray = npt.NDArray[np.float32]

_SKIP_SYMBOLS = 4.0
_SKIP_S = 0.05  # four symbols in it would be 80 a second; hurried speech has 25
_REPEAT_SYMBOLS = 3.0
_REST_S = 1.0  # no pause within a sentence is that long
_REST_SYMBOLS = 2.0


def attention_figures(outputs: Sequence[AcousticOutput], frames_per_second: float) -> Figures:
    """Whether any of the utterances of a sentence skips, repeats or is endless."""
    paths = [attention_path(output) for output in outputs]
    steps = [output.frames_per_step / frames_per_second for output in outputs]
    both = list(zip(paths, steps, strict=True))
    unfinished = any(not bool(output.finished[0]) for output in outputs)
    return {
        "attention_skip": Ratio(float(any(skips(path, step) for path, step in both))),
        "attention_repeat": Ratio(float(any(repeats(path) for path in paths))),
        "attention_endless": Ratio(
            float(unfinished or any(endless(path, step) for path, step in both))
        ),
    }


def attention_path(output: AcousticOutput) -> FloatArray:
    """Where each decoder step looks: the mean position under its attention. Shape: (steps,)."""
    weights = alignment_of(output)
    positions = np.arange(weights.shape[1], dtype=np.float32)
    return weights @ positions / np.maximum(weights.sum(axis=1), 1e-8)


def alignment_of(output: AcousticOutput) -> FloatArray:
    """The attention of the first item's valid steps. Shape: (steps, L)."""
    n_steps = max(1, int(output.lengths[0]) // output.frames_per_step)
    weights: FloatArray = output.alignment[0, :n_steps].float().numpy(force=True)
    return weights


def skips(path: FloatArray, step_s: float) -> bool:
    """Whether it moves on by more than four symbols within 50 ms, or within one step that is longer."""
    n = max(1, round(_SKIP_S / step_s))
    return bool((path[n:] - path[:-n] > _SKIP_SYMBOLS).any())


def repeats(path: FloatArray) -> bool:
    """Whether it falls back by more than three symbols behind where it has been."""
    return bool((np.maximum.accumulate(path) - path > _REPEAT_SYMBOLS).any())


def endless(path: FloatArray, step_s: float) -> bool:
    """Whether it stays within two symbols for more than a second."""
    n = max(1, round(_REST_S / step_s)) + 1
    if len(path) < n:
        return False
    windows = np.lib.stride_tricks.sliding_window_view(path, n)
    return bool((windows.max(axis=1) - windows.min(axis=1) < _REST_SYMBOLS).any())
