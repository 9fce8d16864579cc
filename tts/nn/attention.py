"""Positional encodings with a rate, and the dot-product attention that reads them."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["DotProductAttention", "positional_encoding"]


def positional_encoding(positions: Tensor, dim: int) -> Tensor:
    """Sines and cosines of each position (Ping et al. 2018, Deep Voice 3, section 3.6).

    Channel 2k is sin(p / 10000^(2k / dim)), channel 2k + 1 the cosine. A position may be a fraction: the
    paper's rate w_s is already multiplied in.

    Shape: (...) -> (..., dim).
    """
    frequencies = torch.exp(
        torch.arange(0, dim, 2, device=positions.device) * (-math.log(10000.0) / dim)
    )
    angles = positions.unsqueeze(-1) * frequencies
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


class DotProductAttention(nn.Module):
    """One attention block of Deep Voice 3 (section 3.6, figure 3).

    Keys and queries carry positional encodings and start from the same projection, so that the attention
    is diagonal before the first training step.
    """

    def __init__(self, query_dim: int, key_dim: int, dim: int, dropout: float) -> None:
        super().__init__()
        self.dim, self.query_dim, self.key_dim = dim, query_dim, key_dim
        self.query = nn.Linear(query_dim, dim)
        self.key = nn.Linear(key_dim, dim)
        self.value = nn.Linear(key_dim, dim)
        self.out = nn.Linear(dim, query_dim)
        self.dropout = dropout
        nn.init.orthogonal_(self.query.weight, gain=1.5)
        if query_dim == key_dim:
            self.key.load_state_dict(self.query.state_dict())

    def project_keys(self, keys: Tensor, positions: Tensor) -> Tensor:
        """Shape: keys (B, L, key_dim), positions (B, L) -> (B, L, dim)."""
        return self.key(keys + positional_encoding(positions, self.key_dim))

    def forward(
        self, x_btc: Tensor, positions: Tensor, keys: Tensor, values: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """What each decoder step reads, and where.

        Args:
            x_btc: decoder activations. Shape: (B, T, query_dim).
            positions: of the decoder steps. Shape: (B, T).
            keys: from `project_keys`. Shape: (B, L, dim).
            values: from `value`. Shape: (B, L, dim).
            mask: True where a step may look. Shape: (B, T or 1, L).

        Returns:
            The context, shape (B, T, query_dim), and the weights, shape (B, T, L).
        """
        queries = self.query(x_btc + positional_encoding(positions, self.query_dim))
        scores = (queries @ keys.transpose(1, 2)).float() / math.sqrt(self.dim)
        weights = torch.softmax(scores.masked_fill(~mask, -1e9), dim=-1)
        kept = functional.dropout(weights, self.dropout, self.training).to(values.dtype)
        return self.out(kept @ values), weights
