"""What the decoders of the Tacotrons have in common: each step hears the last frame of the step before.

true frames, all at once    `forward` over them, for training
its own frames              `step` after `step`, until every item of the batch has ended
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from tts.acoustic.ending import Ending
from tts.nn.prenet import Prenet

__all__ = ["AutoregressiveDecoder", "DecoderOutput"]

Memory = TypeVar("Memory")
State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class DecoderOutput:
    """What the decoder says of T' steps."""

    mel: Tensor  # (B, T' * r, M)
    stop: Tensor  # logits, (B, T')
    alignment: Tensor  # (B, T', L)


class AutoregressiveDecoder(nn.Module, ABC, Generic[Memory, State]):
    """From the frame before to the next `reduction` frames, reading the encoded text, a `Memory`."""

    prenet: Prenet

    @abstractmethod
    def forward(self, frames: Tensor, memory: Memory, kept: Tensor | None) -> DecoderOutput:
        """All steps.

        Args:
            frames: the frame before each step. Shape: (B, T', M).
            memory: the encoded text.
            kept: what the pre-net keeps, from its `draw`; None draws anew. Shape: (T', 2, prenet_dim).
        """

    @abstractmethod
    def initial_state(self, memory: Memory) -> State:
        """The state before the first step."""

    @abstractmethod
    def step(self, state: State, memory: Memory, kept: Tensor) -> tuple[DecoderOutput, State]:
        """The next step alone, and the state after it. Shape: kept (2, prenet_dim)."""

    def follow(self, frames: Tensor, memory: Memory) -> DecoderOutput:
        """All steps from true frames; in eval mode the pre-net's draws are those of seed 0.

        Args:
            frames: the last frame of each step. Shape: (B, T', M).
            memory: the encoded text.
        """
        before = functional.pad(frames, (0, 0, 1, 0))[:, :-1]
        kept = None if self.training else self.prenet.draw(before.shape[1], 0, before.device)
        return self(before, memory, kept)

    def speak(self, memory: Memory, ending: Ending, seed: int) -> DecoderOutput:
        """Steps from its own frames until all is over; the seed decides what the pre-net drops."""
        state = self.initial_state(memory)
        kept = self.prenet.draw(ending.limit, seed, ending.step_lengths.device)
        outputs: list[DecoderOutput] = []
        while not ending.all_over:
            output, state = self.step(state, memory, kept[len(outputs)])
            outputs.append(output)
            ending.watch(output.alignment[:, 0].argmax(dim=-1), output.stop[:, 0] > 0)
        return DecoderOutput(
            mel=torch.cat([output.mel for output in outputs], dim=1),
            stop=torch.cat([output.stop for output in outputs], dim=1),
            alignment=torch.cat([output.alignment for output in outputs], dim=1),
        )
