"""Figures of alignments that are made for them: diagonals, blurs, leaps and falls."""

import numpy as np
import pytest
import torch

from tts.acoustic import AcousticOutput
from tts.acoustic.alignment import alignment_figures, alignment_of, alignment_path

STEP_S = 0.05


def along(path: list[int], n_tokens: int) -> np.ndarray:
    """All attention on one token a step."""
    return np.eye(n_tokens)[path]


DIAGONAL = list(range(20))


def test_a_sharp_diagonal():
    figures = alignment_figures(along(DIAGONAL, 20), STEP_S)
    assert (figures.diagonality, figures.focus, figures.coverage) == (1.0, 1.0, 1.0)
    assert not figures.skips
    assert not figures.repeats


def test_uniform_attention_is_no_diagonal():
    figures = alignment_figures(np.full((60, 20), 1 / 20), STEP_S)
    # the mean of equation 8 of Tachibana et al. over the unit square, by a Monte Carlo sum
    rng = np.random.default_rng(0)
    difference = rng.random(200_000) - rng.random(200_000)
    expected = np.exp(-(difference**2) / (2 * 0.2**2)).mean()
    assert figures.diagonality == pytest.approx(expected, abs=0.02)
    assert figures.focus == pytest.approx(1 / 20)
    assert figures.coverage == pytest.approx(1.0)


def test_diagonality_by_the_formula():
    rng = np.random.default_rng(1)
    weights = rng.random((7, 5))
    weights /= weights.sum(axis=1, keepdims=True)
    expected = np.mean(
        [
            sum(weights[t, n] * np.exp(-((n / 4 - t / 6) ** 2) / 0.08) for n in range(5))
            for t in range(7)
        ]
    )
    assert alignment_figures(weights, STEP_S).diagonality == pytest.approx(expected)


def test_attention_that_stays_away_covers_little():
    figures = alignment_figures(along([0] * 20, 20), STEP_S)
    assert figures.coverage == pytest.approx(1 / 20)
    assert figures.diagonality < 0.5


@pytest.mark.parametrize(
    ("path", "skips", "repeats"),
    [
        (DIAGONAL[:5] + DIAGONAL[9:], True, False),
        (DIAGONAL[:5] + DIAGONAL[8:], False, False),
        (DIAGONAL[:10] + DIAGONAL[5:], False, True),
        (DIAGONAL[:10] + DIAGONAL[7:], False, False),
        ([*DIAGONAL, *DIAGONAL], False, True),
        ([3] * 10, False, False),
    ],
)
def test_leaps_and_falls(path, skips, repeats):
    figures = alignment_figures(along(path, 20), STEP_S)
    assert (figures.skips, figures.repeats) == (skips, repeats)


@pytest.mark.parametrize(
    ("n_rest", "wander", "rests"), [(21, 0, True), (20, 0, False), (21, 1, True), (21, 2, False)]
)
def test_a_long_rest(n_rest, wander, rests):
    path = DIAGONAL[:8] + [10 + wander * (i % 2) for i in range(n_rest)] + DIAGONAL[13:]
    assert alignment_figures(along(path, 20), STEP_S).rests == rests


def test_short_steps_are_looked_at_together():
    path = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert not alignment_figures(along(path, 20), 0.05).skips
    assert alignment_figures(along(path, 20), 0.01).skips  # nine tokens in a tenth of a second


def test_one_step_and_one_token():
    figures = alignment_figures(np.ones((1, 1)), STEP_S)
    assert (figures.diagonality, figures.focus, figures.coverage) == (1.0, 1.0, 1.0)
    assert not figures.skips


def test_the_path_is_the_mean_position():
    weights = np.array([[0.5, 0.5, 0.0], [0.0, 0.2, 0.2]])
    assert alignment_path(weights) == pytest.approx([0.5, 1.5])


def test_padding_is_left_out():
    output = AcousticOutput(
        mel=torch.zeros(2, 3, 8),
        lengths=torch.tensor([8, 4]),
        alignment=torch.arange(2 * 4 * 5).reshape(2, 4, 5).float(),
        finished=torch.tensor([True, True]),
        frames_per_step=2,
    )
    expected = output.alignment[1, :2, :3].numpy()
    np.testing.assert_array_equal(alignment_of(output, 1, 3), expected)
    np.testing.assert_array_equal(alignment_of(output), output.alignment[0].numpy())


@pytest.mark.parametrize(("n_frames", "n_steps"), [(4, 2), (5, 3), (6, 3)])
def test_a_step_of_which_some_frames_are_said_counts(n_frames, n_steps):
    """True frames, with which a model is teacher-forced, need not end with a whole step."""
    output = AcousticOutput(
        mel=torch.zeros(1, 3, 8),
        lengths=torch.tensor([n_frames]),
        alignment=torch.rand(1, 4, 5),
        finished=torch.tensor([True]),
        frames_per_step=2,
    )
    assert alignment_of(output, 0, 5).shape == (n_steps, 5)
