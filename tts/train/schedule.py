"""What changes while a run goes on, as functions of the step (counted from 0)."""

import math
from dataclasses import dataclass

from tts.train.recipe import TrainConfig

__all__ = ["Plateau", "averaging_decay", "learning_rate"]


def learning_rate(config: TrainConfig, step: int) -> float:
    """Warm-up, a plateau, and a cosine to zero over the last `decay_steps`.

        rate |    ___________
             |   /           \\
             |  /             `-.
             |_/_________________`--_  step
              warm-up        decay
    """
    warm_up = min(1.0, (step + 1) / config.warmup_steps) if config.warmup_steps else 1.0
    left = (config.steps - step) / config.decay_steps if config.decay_steps else 1.0
    decay = 0.5 - 0.5 * math.cos(math.pi * min(1.0, max(0.0, left)))
    return config.learning_rate * warm_up * decay


def averaging_decay(config: TrainConfig, step: int) -> float:
    """How much of the averaged weights a step keeps: little at first, so that they leave the start soon."""
    return min(config.ema_decay, (1 + step) / (10 + step))


@dataclass(frozen=True, slots=True)
class Plateau:
    """Whether the validation loss still falls.

    Attributes:
        lowest: the lowest so far; None before the first.
        step: when that was.
        n_since: validations since.
    """

    lowest: float | None = None
    step: int = 0
    n_since: int = 0

    def __str__(self) -> str:
        return (
            f"the validation loss was lowest at step {self.step}, {self.lowest:.4f}, "
            f"{self.n_since} validations ago"
        )

    def after(self, step: int, loss: float) -> "Plateau":
        """The same with one more validation; a loss that is not a number is no new lowest."""
        if loss < (math.inf if self.lowest is None else self.lowest):
            return Plateau(loss, step)
        return Plateau(self.lowest, self.step, self.n_since + 1)
