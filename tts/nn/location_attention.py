"""Additive attention that knows where it has looked, one decoder step at a time.

Both kinds filter a row of weights of the past with filters of K taps, so a token is seen through the window
of K weights around it. Filters and what projects them to the hidden units are one product each, (K, dim),
which is computed once for a text where it is the same in every step.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = [
    "AttentionMemory",
    "DynamicConvolutionAttention",
    "LocationSensitiveAttention",
    "beta_binomial",
]

_PRIOR_FLOOR = 1e-6  # of a prior, so that its logarithm and the gradient of that stay finite


@dataclass(frozen=True, slots=True)
class AttentionMemory:
    """The encoded text as every step reads it."""

    values: Tensor  # (B, L, memory_dim)
    mask: Tensor  # (B, L)
    kernel: Tensor  # from a window of past weights to hidden units, (K, dim)
    keys: Tensor  # what every step adds to the hidden units, (B, L, dim) or (dim,)


class LocationSensitiveAttention(nn.Module):
    """Attention of Tacotron 2 (Shen et al. 2018, section 2.2, after Chorowski et al. 2015).

    e_j = v . tanh(W s + V h_j + U f_j + b), where f = F * (the sum of the weights of all steps before).
    """

    def __init__(
        self, query_dim: int, memory_dim: int, dim: int, n_filters: int, kernel: int
    ) -> None:
        super().__init__()
        self.query = nn.Linear(query_dim, dim, bias=False)
        self.key = nn.Linear(memory_dim, dim)
        self.filters = nn.Linear(kernel, n_filters, bias=False)
        self.location = nn.Linear(n_filters, dim, bias=False)
        self.score = nn.Linear(dim, 1, bias=False)

    def read(self, values: Tensor, mask: Tensor) -> AttentionMemory:
        """What of a text is the same in all steps. Shape: (B, L, memory_dim), (B, L)."""
        kernel = (self.location.weight @ self.filters.weight).T
        return AttentionMemory(values, mask, kernel, self.key(values))

    def initial_past(self, mask: Tensor) -> Tensor:
        """Nothing was looked at yet. Shape: (B, L)."""
        return torch.zeros_like(mask, dtype=torch.float32)

    def forward(
        self, query: Tensor, past: Tensor, memory: AttentionMemory
    ) -> tuple[Tensor, Tensor]:
        """The weights of a step and the past of the next: the sum of all weights so far.

        Shape: query (B, query_dim), past (B, L) -> (B, L) each.
        """
        located = _windows(past, len(memory.kernel)) @ memory.kernel
        hidden = torch.tanh(memory.keys + located + self.query(query)[:, None])
        weights = _softmax(self.score(hidden).squeeze(-1), memory.mask)
        return weights, past + weights


class DynamicConvolutionAttention(nn.Module):
    """Attention by location alone (Battenberg et al. 2020, arXiv 1910.10288).

    e_j = v . tanh(U f_j + T g_j + b) + p_j, where f, g and p come from the weights of the step before by
    static filters, by filters that the query makes, and as the logarithm of a fixed prior: a beta-binomial
    distribution over how many tokens a step goes forward.
    """

    prior: Tensor

    def __init__(
        self,
        query_dim: int,
        dim: int,
        n_filters: int,
        kernel: int,
        prior_length: int,
        prior_alpha: float,
        prior_beta: float,
    ) -> None:
        super().__init__()
        self.n_filters, self.kernel = n_filters, kernel
        self.static_filters = nn.Linear(kernel, n_filters, bias=False)
        self.static = nn.Linear(n_filters, dim, bias=False)
        self.query = nn.Linear(query_dim, dim)
        self.dynamic_filters = nn.Linear(dim, kernel * n_filters, bias=False)
        self.dynamic = nn.Linear(n_filters, dim)
        self.score = nn.Linear(dim, 1, bias=False)
        prior = beta_binomial(prior_length - 1, prior_alpha, prior_beta)
        self.register_buffer("prior", prior, persistent=False)

    def read(self, values: Tensor, mask: Tensor) -> AttentionMemory:
        """What of a text is the same in all steps. Shape: (B, L, memory_dim), (B, L)."""
        kernel = (self.static.weight @ self.static_filters.weight).T
        return AttentionMemory(values, mask, kernel, self.dynamic.bias)

    def initial_past(self, mask: Tensor) -> Tensor:
        """The first token was looked at. Shape: (B, L)."""
        past = torch.zeros_like(mask, dtype=torch.float32)
        past[:, 0] = 1.0
        return past

    def forward(
        self, query: Tensor, past: Tensor, memory: AttentionMemory
    ) -> tuple[Tensor, Tensor]:
        """The weights of a step and the past of the next, which are the same.

        Shape: query (B, query_dim), past (B, L) -> (B, L) each.
        """
        filters = self.dynamic_filters(torch.tanh(self.query(query)))
        kernel = memory.kernel + self.dynamic.weight.matmul(
            filters.view(-1, self.n_filters, self.kernel)
        ).transpose(1, 2)
        hidden = torch.tanh(memory.keys + _windows(past, self.kernel) @ kernel)
        scores = self.score(hidden).squeeze(-1) + self._log_prior(past)
        weights = _softmax(scores, memory.mask)
        return weights, weights

    def _log_prior(self, past: Tensor) -> Tensor:
        """log of sum_k P(k) past[j - k]. Shape: (B, L) -> the same."""
        before = functional.pad(past, (len(self.prior) - 1, 0)).unfold(1, len(self.prior), 1)
        return (before @ self.prior.flip(0)).clamp(min=_PRIOR_FLOOR).log()


def beta_binomial(n: int, alpha: float, beta: float) -> Tensor:
    """P(k) = C(n, k) B(k + alpha, n - k + beta) / B(alpha, beta) for k from 0 to n. Shape: (n + 1,)."""

    def log_beta(a: float, b: float) -> float:
        return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)

    logs = [log_beta(k + alpha, n - k + beta) - log_beta(alpha, beta) for k in range(n + 1)]
    return torch.tensor([math.comb(n, k) * math.exp(log) for k, log in enumerate(logs)])


def _windows(past: Tensor, kernel: int) -> Tensor:
    """The weights around each token, zeros outside. Shape: (B, L) -> (B, L, K)."""
    return functional.pad(past, (kernel // 2, kernel // 2)).unfold(1, kernel, 1)


def _softmax(scores: Tensor, mask: Tensor) -> Tensor:
    return torch.softmax(scores.float().masked_fill(~mask, -1e9), dim=-1)
