"""The convolution block of Deep Voice 3 (Ping et al. 2018, arXiv 1710.07654), in which a speaker is heard."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from tts.nn.conv import Conv
from tts.nn.speaker import SpeakerBias

__all__ = ["GatedConv"]


class GatedConv(nn.Module):
    """Figure 2: dropout, convolution, gated linear unit, residual path.

    y = (x + (V x + s) sigmoid(G x)) sqrt(1/2), with s what the speaker adds.

    Args:
        dim: channels in and out.
        kernel: taps.
        causal: whether an output sees no later input.
        dropout: of the input, while training.
        speaker_dim: as `SpeakerBias` has it.
    """

    def __init__(
        self, dim: int, kernel: int, *, causal: bool, dropout: float, speaker_dim: int | None
    ) -> None:
        super().__init__()
        self.dropout = dropout
        self.conv = Conv(dim, 2 * dim, kernel, causal=causal)
        # A sigmoid near one half halves the signal: twice the usual scale keeps its variance.
        nn.init.normal_(self.conv.weight, std=2.0 / math.sqrt(kernel * dim))
        self.speaker = SpeakerBias(dim, speaker_dim)

    def forward(self, x_btc: Tensor, speaker: Tensor | None) -> Tensor:
        """Shape: (B, T, dim), (B, speaker_dim) -> (B, T, dim)."""
        gated = self.conv(functional.dropout(x_btc, self.dropout, self.training))
        return self._gate(x_btc, gated, speaker)

    def step(self, x_bc: Tensor, ring: Tensor, t: int, speaker: Tensor | None) -> Tensor:
        """One frame of `forward`. Shape: (B, dim) -> (B, dim)."""
        return self._gate(x_bc, self.conv.step(x_bc, ring, t), speaker)

    def _gate(self, x: Tensor, gated: Tensor, speaker: Tensor | None) -> Tensor:
        value, gate = gated.chunk(2, dim=-1)
        value = self.speaker(value, speaker)
        return (x + value * torch.sigmoid(gate)) * math.sqrt(0.5)
