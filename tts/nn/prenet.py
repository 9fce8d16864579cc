"""The pre-net: a bottleneck for past frames whose dropout never rests."""

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Prenet"]


class Prenet(nn.Module):
    """Two layers with dropout, in training and in speech alike (Shen et al. 2018, section 2.2).

    Without it, frames copy the frame before and the text is not read. What is dropped in speech is drawn
    beforehand from a seed (`draw`), for the steps and not for the items: one that speaks in a batch hears
    the same draws as alone.
    """

    def __init__(
        self, in_dim: int, dim: int, dropout: float, *, out_dim: int | None = None
    ) -> None:
        super().__init__()
        out_dim = out_dim or dim
        assert out_dim <= dim, "the draws of the second layer are the first of a row of `dim`"
        self.first, self.second = nn.Linear(in_dim, dim), nn.Linear(dim, out_dim)
        self.dim, self.dropout = dim, dropout

    def draw(self, n_steps: int, seed: int, device: torch.device) -> Tensor:
        """What is kept in each step; more steps go on where fewer end. Shape: (T', 2, dim) bool."""
        generator = torch.Generator().manual_seed(seed)
        kept = torch.rand(n_steps, 2, self.dim, generator=generator) >= self.dropout
        return kept.to(device)

    def forward(self, frames: Tensor, kept: Tensor | None) -> Tensor:
        """Shape: (B, T', in), (T', 2, dim) from `draw`, or None to draw anew -> (B, T', out_dim)."""
        hidden = self._drop(torch.relu(self.first(frames)), kept, 0)
        return self._drop(torch.relu(self.second(hidden)), kept, 1)

    def _drop(self, x: Tensor, kept: Tensor | None, layer: int) -> Tensor:
        if kept is None:
            return functional.dropout(x, self.dropout)
        return x * kept[:, layer, : x.shape[2]] / (1.0 - self.dropout)
