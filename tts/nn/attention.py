"""Dot-product attention with positions, additive attention without, and a guide for any attention."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from tts.nn.masks import length_mask, masked_mean

__all__ = [
    "AdditiveAttention",
    "DotProductAttention",
    "guided_attention_loss",
    "positional_encoding",
]


def guided_attention_loss(
    alignments: Sequence[Tensor], token_lengths: Tensor, step_lengths: Tensor, width: float
) -> Tensor:
    """Mean attention far from the diagonal (Tachibana et al. 2018, arXiv 1710.08969, section 4.1).

    W[t, n] = 1 - exp(-(n / N - t / T)^2 / 2 g^2).

    Args:
        alignments: weights of each attention block. Shape: (B, T, L) each.
        token_lengths: N of each item. Shape: (B,).
        step_lengths: T of each item. Shape: (B,).
        width: g, the tolerated distance from the diagonal as a share of the utterance.

    Returns:
        The mean over the valid steps and the blocks. Shape: ().
    """
    n_steps, n_tokens = alignments[0].shape[1:]
    device = token_lengths.device
    n = torch.arange(n_tokens, device=device)[None, None] / token_lengths[:, None, None]
    t = torch.arange(n_steps, device=device)[None, :, None] / step_lengths[:, None, None]
    far = 1.0 - torch.exp(-((n - t) ** 2) / (2.0 * width**2))
    spread = torch.stack([(weights * far).sum(dim=-1) for weights in alignments])
    return masked_mean(spread, length_mask(step_lengths, n_steps)[None])


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


class AdditiveAttention(nn.Module):
    """Attention by content alone, for one decoder step (Bahdanau et al. 2014, arXiv 1409.0473).

    e_j = v . tanh(W s + V h_j + b).
    """

    def __init__(self, query_dim: int, memory_dim: int, dim: int) -> None:
        super().__init__()
        self.query = nn.Linear(query_dim, dim, bias=False)
        self.key = nn.Linear(memory_dim, dim)
        self.score = nn.Linear(dim, 1, bias=False)

    def forward(
        self, query: Tensor, keys: Tensor, values: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """What is read, and where.

        Args:
            query: the state of the decoder. Shape: (B, query_dim).
            keys: from `key`, the same in all steps. Shape: (B, L, dim).
            values: Shape: (B, L, memory_dim).
            mask: True where a token is. Shape: (B, L).

        Returns:
            The context, shape (B, memory_dim), and the weights, shape (B, L).
        """
        scores = self.score(torch.tanh(keys + self.query(query)[:, None])).squeeze(-1)
        weights = torch.softmax(scores.float().masked_fill(~mask, -1e9), dim=-1)
        return torch.bmm(weights[:, None].to(values.dtype), values)[:, 0], weights
