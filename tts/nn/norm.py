"""Batch normalisation that padding cannot touch, channels last."""

import torch
from torch import Tensor, nn

from tts.nn.conv import Conv

__all__ = ["MaskedBatchNorm", "NormalisedConv"]


class MaskedBatchNorm(nn.Module):
    """`nn.BatchNorm1d` over the valid positions alone (Ioffe and Szegedy 2015, arXiv 1502.03167).

    Statistics and result are float32 inside, whatever the precision outside.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, dim: int, momentum: float = 0.1, eps: float = 1e-5) -> None:
        super().__init__()
        self.momentum, self.eps = momentum, eps
        self.weight = nn.Parameter(torch.ones(dim))
        self.bias = nn.Parameter(torch.zeros(dim))
        self.register_buffer("running_mean", torch.zeros(dim))
        self.register_buffer("running_var", torch.ones(dim))

    def forward(self, x_btc: Tensor, mask: Tensor) -> Tensor:
        """Shape: (B, T, C), (B, T) -> (B, T, C)."""
        x = x_btc.float()
        mean, var = (
            self._measure(x, mask) if self.training else (self.running_mean, self.running_var)
        )
        scale = self.weight * torch.rsqrt(var + self.eps)
        return ((x - mean) * scale + self.bias).to(x_btc.dtype)

    def _measure(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance of the batch, which the running ones follow. Shape: (C,) each."""
        weights = mask[..., None].to(x.dtype)
        n = weights.sum().clamp(min=1.0)
        mean = (x * weights).sum(dim=(0, 1)) / n
        var = ((x - mean).square() * weights).sum(dim=(0, 1)) / n
        with torch.no_grad():
            unbiased = var * n / (n - 1.0).clamp(min=1.0)
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(unbiased, self.momentum)
        return mean, var


class NormalisedConv(nn.Module):
    """A convolution that sees both ways, and batch normalisation; padding counts as zeros."""

    def __init__(self, in_dim: int, out_dim: int, kernel: int) -> None:
        super().__init__()
        self.conv = Conv(in_dim, out_dim, kernel, causal=False, bias=False)
        self.norm = MaskedBatchNorm(out_dim)

    def forward(self, x_btc: Tensor, mask: Tensor) -> Tensor:
        """Shape: (B, T, in), (B, T) -> (B, T, out)."""
        return self.norm(self.conv(x_btc.masked_fill(~mask[..., None], 0.0)), mask)
