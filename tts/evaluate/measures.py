"""The measures there are, and how the figures of sentences become one with an interval.

A figure of one sentence is a `Ratio`, a total and its weight: errors and words, or a score and 1. The figure
of a system is the sum of the totals over the sum of the weights, so that a rate is one of all words and not
the mean of the rates of sentences.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

__all__ = ["MEASURES", "Estimate", "Figures", "Measure", "Ratio", "estimate", "measure_of"]

_DRAWS = 1000


class Ratio(NamedTuple):
    """A figure of one sentence: its total, and the weight that it is to be divided by."""

    total: float
    weight: float = 1.0


Figures = dict[str, Ratio]
"""What is measured of one sentence, by the keys of the measures."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure of a system.

    Attributes:
        value: over all sentences.
        low, high: what 95 % of bootstrap draws of the sentences lie between.
        n: sentences it was measured on.
    """

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the table.

    Attributes:
        key: its name for machines.
        label: its name for people.
        style: how its value is formatted: "percent", or a format of Python.
        better: in which direction, if either.
        note: what it is, in one sentence.
    """

    key: str
    label: str
    style: str
    better: Literal["lower", "higher", ""]
    note: str

    def text(self, value: float) -> str:
        """A value as people read it."""
        return (
            f"{value:.1%}".replace("%", " %")
            if self.style == "percent"
            else f"{value:{self.style}}"
        )

    def text_of(self, estimate: Estimate) -> str:
        """A figure with its interval, which a single measurement has not."""
        if estimate.n == 1:
            return self.text(estimate.value)
        return (
            f"{self.text(estimate.value)} [{self.text(estimate.low)}, {self.text(estimate.high)}]"
        )


MEASURES: tuple[Measure, ...] = (
    Measure("wer", "word error rate", "percent", "lower", "Words that the recogniser hears wrong."),
    Measure("cer", "character error rate", "percent", "lower", "The same for letters."),
    Measure(
        "heard_failure",
        "skip, repeat or babble heard",
        "percent",
        "lower",
        "Sentences in which the recogniser misses three words in a row, hears three too many, or five wrong.",
    ),
    Measure(
        "attention_skip",
        "attention skips",
        "percent",
        "lower",
        "Sentences in which the attention jumps over more than four symbols.",
    ),
    Measure(
        "attention_repeat",
        "attention repeats",
        "percent",
        "lower",
        "Sentences in which the attention falls back by more than three symbols.",
    ),
    Measure(
        "attention_endless",
        "attention endless",
        "percent",
        "lower",
        "Sentences that the model did not end by itself, or in which the attention rests for over a second.",
    ),
    Measure(
        "distillmos",
        "predicted opinion score (DistillMOS)",
        ".2f",
        "higher",
        "Predicted mean opinion score, 1 to 5.",
    ),
    Measure(
        "dnsmos",
        "DNSMOS, overall (an alarm only)",
        ".2f",
        "",
        "Predicted quality, 1 to 5, made for noise suppression: a fall is an alarm for artefacts, but it "
        "ranks a clean vocoder above a person.",
    ),
    Measure(
        "mcd",
        "mel-cepstral distortion, dB",
        ".2f",
        "lower",
        "Distance of the mel cepstra 1 to 13 from the recording's, after time warping.",
    ),
    Measure(
        "f0_error",
        "log-F0 error",
        ".3f",
        "lower",
        "Root mean square distance of ln F0 from the recording's where both are voiced, after time warping.",
    ),
    Measure(
        "f0_spread",
        "spread of log F0",
        ".3f",
        "",
        "Standard deviation of ln F0 over the voiced frames of a sentence: low is monotonous.",
    ),
    Measure(
        "voicing_error",
        "voicing error",
        "percent",
        "lower",
        "Frames that are voiced in one and not in the recording, or the other way, after time warping.",
    ),
    Measure(
        "duration_ratio",
        "duration ratio",
        ".2f",
        "",
        "Length over that of the recording, both without silence at their ends.",
    ),
    Measure(
        "speaker_similarity",
        "speaker similarity (Resemblyzer)",
        ".3f",
        "higher",
        "Cosine between the embedding of a sentence and that of other recordings of the speaker.",
    ),
    Measure("loudness", "loudness, LUFS", ".1f", "", "Integrated loudness by ITU-R BS.1770-4."),
    Measure("clipping", "clipped samples", "percent", "lower", "Samples at full scale."),
    Measure(
        "real_time_factor",
        "real-time factor",
        ".3f",
        "lower",
        "Seconds of computing a second of sound, on this machine as busy as it was.",
    ),
    Measure(
        "memory",
        "memory, MB",
        ".0f",
        "lower",
        "Peak resident memory of a process of its own that speaks the longest sentence.",
    ),
)
"""In the order of the table."""


def measure_of(key: str) -> Measure:
    """The measure of a key, which must be one of them."""
    return next(measure for measure in MEASURES if measure.key == key)


def estimate(ratios: Sequence[Ratio], seed: int = 0) -> Estimate:
    """The figure of a system from those of its sentences, with a 95 % bootstrap interval.

    Sentences are drawn with replacement, 1,000 times; the interval is that of the percentiles 2.5 and 97.5
    (Efron 1979). Sentences without weight say nothing and are not counted.
    """
    known = np.array([ratio for ratio in ratios if ratio.weight > 0], dtype=np.float64)
    if not len(known):
        raise ValueError("no sentence has a weight")
    drawn = np.random.default_rng(seed).integers(0, len(known), (_DRAWS, len(known)))
    sums = known[drawn].sum(axis=1)
    low, high = np.percentile(sums[:, 0] / sums[:, 1], [2.5, 97.5])
    total, weight = known.sum(axis=0)
    return Estimate(float(total / weight), float(low), float(high), len(known))
