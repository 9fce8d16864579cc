"""Figures of sentences become one, with an interval."""

import numpy as np
import pytest
from scipy import stats

from tts.evaluate.measures import MEASURES, Estimate, Ratio, estimate, measure_of


def test_a_rate_is_one_of_all_words() -> None:
    assert estimate([Ratio(1, 2), Ratio(0, 8)]).value == pytest.approx(0.1)


def test_the_interval_is_that_of_scipy() -> None:
    rng = np.random.default_rng(1)
    lengths = rng.integers(5, 15, 40)
    errors = rng.binomial(lengths, 0.2)
    ours = estimate([Ratio(*pair) for pair in zip(errors, lengths, strict=True)])
    theirs = stats.bootstrap(
        (errors, lengths),
        lambda e, n, axis: e.sum(axis=axis) / n.sum(axis=axis),
        paired=True,
        vectorized=True,
        method="percentile",
        rng=np.random.default_rng(2),
    ).confidence_interval
    assert ours.n == 40
    assert ours.value == pytest.approx(errors.sum() / lengths.sum())
    assert ours.low == pytest.approx(theirs.low, abs=0.01)
    assert ours.high == pytest.approx(theirs.high, abs=0.01)


def test_the_seed_decides_the_interval() -> None:
    ratios = [Ratio(value) for value in np.random.default_rng(0).normal(size=20)]
    assert estimate(ratios, seed=3) == estimate(ratios, seed=3)
    assert estimate(ratios, seed=3) != estimate(ratios, seed=4)


def test_sentences_without_weight_are_not_counted() -> None:
    assert estimate([Ratio(0, 0), Ratio(3, 6)]) == Estimate(0.5, 0.5, 0.5, 1)
    with pytest.raises(ValueError, match="no sentence"):
        estimate([Ratio(0, 0)])


def test_measures_read_well() -> None:
    assert measure_of("wer").text_of(Estimate(0.0412, 0.015, 0.0734, 30)) == "4.1 % [1.5 %, 7.3 %]"
    assert measure_of("distillmos").text_of(Estimate(4.139, 4.0, 4.25, 30)) == "4.14 [4.00, 4.25]"
    assert measure_of("memory").text_of(Estimate(343.6, 343.6, 343.6, 1)) == "344"
    keys = [measure.key for measure in MEASURES]
    assert len(set(keys)) == len(keys)
    assert all(measure.note.endswith(".") for measure in MEASURES)
