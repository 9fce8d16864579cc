"""The one convolution that owns all padding, in channels-last layout `(B, T, C)`.

    same:    output t sees   t - (K-1)/2 * d ... t ... t + (K-1)/2 * d     (zeros outside; with an even
                             number of taps, which no dilation goes with, one more of those after t)
    causal:  output t sees   t - (K-1) * d   ... t - d, t                  (zeros before the start)

Each is one matrix product over the concatenated taps, oldest first: what processors do best, and the same
product that a cached step computes for one t.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Conv"]


class Conv(nn.Module):
    """A dilated convolution over time.

    Args:
        in_dim: input channels.
        out_dim: output channels.
        kernel: number of taps; odd when dilated and not causal.
        dilation: distance between taps in frames.
        causal: whether an output sees no later input.
        bias: whether a bias is added; before a normalisation it would do nothing.
    """

    def __init__(
        self,
        in_dim: int,
        out_dim: int,
        kernel: int = 1,
        dilation: int = 1,
        *,
        causal: bool,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if not causal and dilation > 1 and kernel % 2 == 0:
            raise ValueError(f"a dilated non-causal convolution needs an odd kernel, not {kernel}")
        self.kernel, self.dilation, self.causal = kernel, dilation, causal
        self.in_dim = in_dim
        # (out, K * in): tap k of the kernel is weight[:, k * in : (k + 1) * in], the last is the newest.
        self.weight = nn.Parameter(torch.empty(out_dim, kernel * in_dim))
        self.bias = nn.Parameter(torch.zeros(out_dim)) if bias else None
        nn.init.normal_(self.weight, std=1.0 / math.sqrt(kernel * in_dim))

    @property
    def span(self) -> int:
        """How many frames lie between the oldest and the newest tap."""
        return (self.kernel - 1) * self.dilation

    def forward(self, x_btc: Tensor) -> Tensor:
        """Shape: (B, T, in) -> (B, T, out)."""
        if self.kernel > 1:
            left = self.span if self.causal else self.span // 2
            padded = functional.pad(x_btc, (0, 0, left, self.span - left))
            n_frames = x_btc.shape[1]
            taps = [
                padded[:, k * self.dilation : k * self.dilation + n_frames]
                for k in range(self.kernel)
            ]
            x_btc = torch.cat(taps, dim=-1)
        return functional.linear(x_btc, self.weight, self.bias)

    def initial_state(self, batch: int, like: Tensor) -> Tensor:
        """The ring of past inputs before the first step, all zeros. Shape: (B, span, in)."""
        return like.new_zeros(batch, self.span, self.in_dim)

    def step(self, x_bc: Tensor, ring: Tensor, t: int) -> Tensor:
        """One causal output: equals `forward` at frame `t`, given the ring after frames 0 to t - 1.

        The ring is overwritten in place: input `t` goes to slot `t % span`, whose old content, the input
        `t - span`, is the oldest tap. Nothing is shifted.

        Shape: (B, in), (B, span, in) -> (B, out).
        """
        if self.kernel > 1:
            past = [
                ring[:, (t - k * self.dilation) % self.span] for k in range(self.kernel - 1, 0, -1)
            ]
            taps = torch.cat([*past, x_bc], dim=-1)
            ring[:, t % self.span] = x_bc
            x_bc = taps
        return functional.linear(x_bc, self.weight, self.bias)
