"""Masks: bool, and True means valid, everywhere."""

import torch
from torch import Tensor

__all__ = ["length_mask", "masked_mean"]


def length_mask(lengths: Tensor, size: int) -> Tensor:
    """True where a position lies within its item's length. Shape: (B,) -> (B, size)."""
    return torch.arange(size, device=lengths.device) < lengths[:, None]


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """The mean of `values` where `mask`, which broadcasts to them, is True."""
    weights = mask.expand_as(values).to(values.dtype)
    return (values * weights).sum() / weights.sum().clamp(min=1.0)
