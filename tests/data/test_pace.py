"""The line through seconds and phonemes."""

import numpy as np
import pytest

from tts.data.pace import fit_pace, robust_scale


def clips(n: int, seed: int = 0) -> list[tuple[int, float]]:
    rng = np.random.default_rng(seed)
    phonemes = rng.integers(20, 150, n)
    seconds = (0.2 + 0.05 * phonemes) * np.exp(0.08 * rng.standard_normal(n))
    return list(zip(phonemes.tolist(), seconds.tolist(), strict=True))


def test_the_line_is_found_again():
    pace = fit_pace(clips(400))
    assert pace.start_s == pytest.approx(0.2, abs=0.15)
    assert pace.phoneme_s == pytest.approx(0.05, rel=0.05)
    assert pace.spread == pytest.approx(0.08, rel=0.15)
    assert pace.expected_s(100) == pytest.approx(5.2, rel=0.03)
    assert pace.deviation(100, 5.2 * np.exp(0.4)) == pytest.approx(5.0, rel=0.2)
    assert pace.deviation(100, 5.2 * np.exp(-0.4)) == pytest.approx(-5.0, rel=0.2)


def test_wrong_clips_do_not_bend_it():
    good = clips(200)
    bad = [(n, 0.2 * s) for n, s in good[:50]]
    pace, bent = fit_pace(good), fit_pace(bad + good[50:])
    assert bent.expected_s(100) == pytest.approx(pace.expected_s(100), rel=0.12)
    assert min(bent.deviation(n, s) for n, s in bad) < -4
    least_squares = np.polyfit(*np.array(bad + good[50:]).T, 1)
    assert np.polyval(least_squares, 100) < 0.9 * bent.expected_s(100)


def test_a_large_corpus_is_thinned_out():
    assert fit_pace(clips(5000)).phoneme_s == pytest.approx(0.05, rel=0.03)


def test_too_few_clips_tell_nothing():
    assert fit_pace([]) is None
    assert fit_pace(clips(7)) is None
    assert fit_pace([(10, 1.0)] * 20) is None
    assert fit_pace([(10 + i, 1.0 + 0.1 * i) for i in range(8)]).spread == 0.05


def test_robust_scale():
    values = np.random.default_rng(0).standard_normal(4000)
    assert robust_scale(values) == pytest.approx(1.0, abs=0.05)
    values[:100] = 1e6
    assert robust_scale(values) == pytest.approx(1.0, abs=0.08)
