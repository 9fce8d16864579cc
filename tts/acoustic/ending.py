"""Where the utterances of a batch end, for models that speak step by step."""

import torch
from torch import Tensor
from torch.nn import functional

from tts.nn.masks import length_mask, masked_mean

__all__ = ["Ending", "ending_loss"]


class Ending:
    """Watches the steps of a batch, which goes on until its last item has ended.

    An item ends by itself where its attention has been at the last tokens and the model says that it is
    done, or where the attention has rested there. The limit on its length, twice of what is expected and
    then some, only stops what failed.

    Args:
        token_lengths: Shape: (B,).
        steps_per_token: the expected pace. Shape: () or (B,).
        rest: steps of rest at the last tokens that are no speech any more.

    Attributes:
        finished: whether an item has ended by itself. Shape: (B,) bool.
        step_lengths: the steps of each item; until it has ended, its limit. Shape: (B,).
    """

    def __init__(self, token_lengths: Tensor, steps_per_token: Tensor, rest: int) -> None:
        self._token_lengths, self._rest, self._n_steps = token_lengths, rest, 0
        self._limits = (2.0 * steps_per_token * token_lengths).ceil().long() + 2 * rest
        self._arrived = torch.zeros_like(token_lengths, dtype=torch.bool)
        self._rested = torch.zeros_like(token_lengths)
        self.finished = torch.zeros_like(self._arrived)
        self.step_lengths = self._limits

    @property
    def limit(self) -> int:
        """The most steps that there can be."""
        return int(self._limits.max())

    @property
    def all_over(self) -> bool:
        """Whether no item needs another step."""
        return bool((self.finished | (self._limits <= self._n_steps)).all())

    def watch(self, position: Tensor, done: Tensor) -> None:
        """Takes note of a step.

        Args:
            position: the token that each item looked at. Shape: (B,).
            done: whether the model says that it is done. Shape: (B,) bool.
        """
        self._n_steps += 1
        # The last sound or mark, and the end symbol.
        at_end = position >= self._token_lengths - 2
        self._arrived = self._arrived | at_end
        self._rested = torch.where(at_end, self._rested + 1, 0)
        over = (self._arrived & done) | (self._rested > self._rest)
        ends = over & ~self.finished & (self._n_steps <= self._limits)
        self.step_lengths = torch.where(ends, self._n_steps, self.step_lengths)
        self.finished = self.finished | ends


def ending_loss(flags: Tensor, step_lengths: Tensor) -> Tensor:
    """Cross-entropy of the flag that says "done", which is up in the last step of an item alone.

    Args:
        flags: logits. Shape: (B, T').
        step_lengths: the steps of each item. Shape: (B,).

    Returns:
        The mean over the valid steps. Shape: ().
    """
    n_steps = flags.shape[1]
    last = torch.arange(n_steps, device=flags.device) == step_lengths[:, None] - 1
    entropy = functional.binary_cross_entropy_with_logits(
        flags.float(), last.float(), reduction="none"
    )
    return masked_mean(entropy, length_mask(step_lengths, n_steps))
