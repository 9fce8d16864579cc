"""How long speech takes for its phonemes, by a line through all clips that a few wrong ones cannot bend."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Pace", "fit_pace", "robust_scale"]

_MIN_CLIPS = 8
_MAX_CLIPS = 1000  # of a large corpus, evenly spread ones tell enough
_MIN_SPREAD = 0.05  # clips of one length would make anything an outlier
_NORMAL = 1.4826  # the standard deviation of a normal distribution over its median deviation


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """The line `seconds = start_s + phoneme_s * phonemes`, and how far clips lie from it.

    Attributes:
        start_s: where the line begins.
        phoneme_s: seconds for each phoneme.
        spread: the standard deviation of the logarithm of a clip's length over the line's, outliers aside.
    """

    start_s: float
    phoneme_s: float
    spread: float

    def expected_s(self, n_phonemes: int) -> float:
        """The length of speech that so many phonemes let expect."""
        return max(self.start_s + self.phoneme_s * n_phonemes, 0.05)

    def deviation(self, n_phonemes: int, seconds: float) -> float:
        """How many standard deviations a clip is too long, or, negative, too short."""
        return math.log(max(seconds, 0.01) / self.expected_s(n_phonemes)) / self.spread


def fit_pace(clips: Sequence[tuple[int, float]]) -> Pace | None:
    """Fits Siegel's line (1982, "Robust regression using repeated medians"): half may be wrong.

    Args:
        clips: phonemes and seconds of speech of each clip.

    Returns:
        None when there are too few clips, or all have the same number of phonemes.
    """
    from scipy.stats import siegelslopes

    step = -(-len(clips) // _MAX_CLIPS) or 1
    pairs = np.array(clips[::step], dtype=np.float64).reshape(-1, 2)
    if len(pairs) < _MIN_CLIPS or np.ptp(pairs[:, 0]) == 0:
        return None
    slope, start = siegelslopes(pairs[:, 1], pairs[:, 0])
    line = Pace(start_s=float(start), phoneme_s=float(slope), spread=1.0)
    ratios = [math.log(max(s, 0.01) / line.expected_s(int(n))) for n, s in pairs]
    spread = max(robust_scale(np.array(ratios)), _MIN_SPREAD)
    return Pace(start_s=line.start_s, phoneme_s=line.phoneme_s, spread=spread)


def robust_scale(values: npt.NDArray[np.float64]) -> float:
    """The standard deviation, by the median of the deviations from the median: outliers do not count."""
    return float(_NORMAL * np.median(np.abs(values - np.median(values))))
