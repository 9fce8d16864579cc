"""Mu-law against the formula of ITU-T G.711, for arrays and tensors."""

import math

import numpy as np
import pytest
import torch

from tts.audio.companding import mu_law_decode, mu_law_encode

CLASSES = [2, 16, 256, 1024]


def slow_encode(x: float, n_classes: int) -> float:
    """The class before rounding, by the formula in double precision."""
    mu = n_classes - 1
    x = min(max(x, -1.0), 1.0)
    compressed = math.copysign(math.log(1 + mu * abs(x)) / math.log(1 + mu), x)
    return (compressed + 1) / 2 * mu


def slow_decode(level: int, n_classes: int) -> float:
    mu = n_classes - 1
    y = 2 * level / mu - 1
    return math.copysign(((1 + mu) ** abs(y) - 1) / mu, y)


@pytest.mark.parametrize("n_classes", CLASSES)
def test_encode_follows_the_formula(n_classes):
    values = np.random.default_rng(0).uniform(-1.1, 1.1, 2000).astype(np.float32)
    classes = mu_law_encode(values, n_classes)
    assert classes.dtype == np.int64
    exact = np.array([slow_encode(float(x), n_classes) for x in values])
    # Half a level, and float32's rounding of a level.
    assert np.abs(classes - exact).max() <= 0.5 + 1e-6 * n_classes
    sure = np.abs(exact - np.floor(exact) - 0.5) > 1e-6 * n_classes
    np.testing.assert_array_equal(classes[sure], np.floor(exact + 0.5)[sure])


@pytest.mark.parametrize("n_classes", CLASSES)
def test_decode_follows_the_formula(n_classes):
    levels = np.arange(n_classes)
    values = mu_law_decode(levels, n_classes)
    assert values.dtype == np.float32
    expected = [slow_decode(int(level), n_classes) for level in levels]
    np.testing.assert_allclose(values, expected, rtol=2e-5, atol=1e-7)


@pytest.mark.parametrize("n_classes", CLASSES)
def test_the_ends_are_exact(n_classes):
    ends = np.array([-1.0, 1.0], dtype=np.float32)
    assert mu_law_encode(ends, n_classes).tolist() == [0, n_classes - 1]
    np.testing.assert_allclose(
        mu_law_decode(np.array([0, n_classes - 1]), n_classes), ends, rtol=1e-6
    )
    beyond = np.array([-7.0, -np.inf, 1.5, np.inf], dtype=np.float32)
    assert mu_law_encode(beyond, n_classes).tolist() == [0, 0, n_classes - 1, n_classes - 1]


@pytest.mark.parametrize("n_classes", CLASSES)
def test_every_class_comes_back(n_classes):
    classes = np.arange(n_classes)
    np.testing.assert_array_equal(
        mu_law_encode(mu_law_decode(classes, n_classes), n_classes), classes
    )
    tensor = torch.arange(n_classes)
    assert torch.equal(mu_law_encode(mu_law_decode(tensor, n_classes), n_classes), tensor)


@pytest.mark.parametrize("n_classes", CLASSES)
def test_both_ways_are_monotone(n_classes):
    values = np.linspace(-1, 1, 5001, dtype=np.float32)
    assert (np.diff(mu_law_encode(values, n_classes)) >= 0).all()
    assert (np.diff(mu_law_decode(np.arange(n_classes), n_classes)) > 0).all()


def test_round_trip_error_is_small_where_sounds_are_soft():
    """Half a level of 256: at most (1 + mu |x|) ln(1 + mu) / mu^2 away, by the slope of the curve."""
    values = np.random.default_rng(1).uniform(-1, 1, 5000).astype(np.float32)
    values[:1000] *= 0.01
    again = mu_law_decode(mu_law_encode(values))
    # The slope is taken at the far end of the step, hence 3 % more.
    bound = (1 + 255 * np.abs(values)) * math.log(256) / 255**2 * 1.03 + 1e-6
    assert (np.abs(again - values) <= bound).all()


def test_zero_is_a_step_above_the_middle():
    """256 levels divide [-1, 1] evenly with both ends, so that none of them is zero."""
    assert mu_law_encode(np.zeros(1, dtype=np.float32)).tolist() == [128]
    assert abs(float(mu_law_decode(np.array([128]))[0])) < 1e-4


@pytest.mark.parametrize("n_classes", CLASSES)
def test_numpy_equals_torch(n_classes):
    values = np.random.default_rng(2).uniform(-1.2, 1.2, (50, 40)).astype(np.float32)
    ours = mu_law_encode(values, n_classes)
    theirs = mu_law_encode(torch.from_numpy(values), n_classes)
    assert theirs.dtype == torch.int64
    assert ours.shape == tuple(theirs.shape) == values.shape
    exact = np.array([slow_encode(float(x), n_classes) for x in values.ravel()]).reshape(ours.shape)
    sure = (
        np.abs(exact - np.floor(exact) - 0.5) > 1e-6 * n_classes
    )  # not on the edge of two classes
    assert sure.mean() > 0.99
    np.testing.assert_array_equal(ours[sure], theirs.numpy()[sure])
    classes = np.arange(n_classes)
    decoded = mu_law_decode(torch.from_numpy(classes), n_classes)
    assert decoded.dtype == torch.float32
    np.testing.assert_allclose(decoded.numpy(), mu_law_decode(classes, n_classes), rtol=1e-5)
