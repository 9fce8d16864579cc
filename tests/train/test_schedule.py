"""The learning rate and the decay of the average, by value."""

import pytest

from tts.train.recipe import TrainConfig
from tts.train.schedule import averaging_decay, learning_rate


def config(**changes) -> TrainConfig:
    values = {"steps": 1000, "learning_rate": 2.0, "warmup_steps": 100, "decay_steps": 400}
    return TrainConfig(**(values | changes))


@pytest.mark.parametrize(
    ("step", "rate"),
    [
        (0, 0.02),
        (49, 1.0),
        (99, 2.0),
        (100, 2.0),
        (600, 2.0),
        (700, 2 * 0.8535534),  # (1 + cos(pi / 4)) / 2
        (800, 1.0),
        (900, 2 * 0.1464466),
        (1000, 0.0),
        (5000, 0.0),
    ],
)
def test_learning_rate(step, rate):
    assert learning_rate(config(), step) == pytest.approx(rate, abs=1e-6)


def test_without_warm_up_or_decay():
    constant = config(warmup_steps=0, decay_steps=0)
    assert {learning_rate(constant, step) for step in (0, 1, 500, 999)} == {2.0}


@pytest.mark.parametrize(
    ("step", "decay"), [(0, 0.1), (1, 2 / 11), (90, 0.91), (8990, 0.999), (10**6, 0.999)]
)
def test_averaging_decay(step, decay):
    assert averaging_decay(config(ema_decay=0.999), step) == pytest.approx(decay)
