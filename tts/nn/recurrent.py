"""Recurrent layers. They compute in float32: over hundreds of steps, rounding to bfloat16 adds up."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

__all__ = [
    "BidirectionalGRU",
    "BidirectionalLSTM",
    "LSTMState",
    "ZoneoutLSTMCell",
    "full_precision",
]

LSTMState = tuple[Tensor, Tensor]
"""The output h and the cell c of an LSTM. Shape: (B, dim) each."""


def full_precision(like: Tensor) -> torch.autocast:
    """A context in which no autocast rounds what is computed on the device of `like`."""
    return torch.autocast(like.device.type, enabled=False)


class BidirectionalLSTM(nn.Module):
    """An LSTM each way over sequences of different lengths; padding neither enters nor leaves it."""

    def __init__(self, in_dim: int, dim: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(in_dim, dim, batch_first=True, bidirectional=True)

    def forward(self, x_btc: Tensor, lengths: Tensor) -> Tensor:
        """Shape: (B, T, in), (B,) -> (B, T, 2 * dim), zeros beyond each length."""
        return _over_lengths(self.lstm, x_btc, lengths)


class BidirectionalGRU(nn.Module):
    """A GRU each way over sequences of different lengths; padding neither enters nor leaves it."""

    def __init__(self, in_dim: int, dim: int) -> None:
        super().__init__()
        self.gru = nn.GRU(in_dim, dim, batch_first=True, bidirectional=True)

    def forward(self, x_btc: Tensor, lengths: Tensor) -> Tensor:
        """Shape: (B, T, in), (B,) -> (B, T, 2 * dim), zeros beyond each length."""
        return _over_lengths(self.gru, x_btc, lengths)


def _over_lengths(layer: nn.LSTM | nn.GRU, x_btc: Tensor, lengths: Tensor) -> Tensor:
    with full_precision(x_btc):
        packed = pack_padded_sequence(
            x_btc.float(), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        out, _ = pad_packed_sequence(
            layer(packed)[0], batch_first=True, total_length=x_btc.shape[1]
        )
    return out


class ZoneoutLSTMCell(nn.Module):
    """One step of an LSTM, some of whose units keep their value (Krueger et al. 2016, arXiv 1606.01305).

    With probability `zoneout`, each unit of h and of c stays what it was; in eval mode both move by the
    expectation of that.
    """

    def __init__(self, in_dim: int, dim: int, zoneout: float) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(in_dim, dim)
        self.zoneout = zoneout

    def initial_state(self, batch: int) -> LSTMState:
        """Zeros. Shape: (B, dim) each."""
        zeros = self.cell.weight_hh.new_zeros(batch, self.cell.hidden_size)
        return zeros, zeros

    def forward(self, x_bc: Tensor, state: LSTMState) -> LSTMState:
        """Shape: (B, in) and the state before -> the state after."""
        h, c = self.cell(x_bc, state)
        return self._zone_out(state[0], h), self._zone_out(state[1], c)

    def over_steps(self) -> Callable[[Tensor, LSTMState], LSTMState]:
        """`forward` for the steps of one pass, in which the gradient of the weights is one product.

        Step by step it would be as many products and sums, each of the size of the weights: most of the time
        of a pass over hundreds of steps with few items.
        """
        if not torch.is_grad_enabled() or torch.compiler.is_compiling():
            return self
        cell = self.cell
        weight = torch.cat([cell.weight_ih, cell.weight_hh], dim=1)
        bias = cell.bias_ih + cell.bias_hh
        pairs: list[tuple[Tensor, Tensor]] = []
        collected = _Collected.apply(weight, pairs)  # type: ignore[no-untyped-call]

        def step(x_bc: Tensor, state: LSTMState) -> LSTMState:
            inputs = torch.cat([x_bc, state[0]], dim=1)
            product = _Product.apply(inputs, weight.detach(), collected, pairs)  # type: ignore[no-untyped-call]
            let_in, forget, new, let_out = (product + bias).chunk(4, dim=1)
            c = forget.sigmoid() * state[1] + let_in.sigmoid() * new.tanh()
            h = let_out.sigmoid() * c.tanh()
            return self._zone_out(state[0], h), self._zone_out(state[1], c)

        return step

    def _zone_out(self, before: Tensor, after: Tensor) -> Tensor:
        if not self.zoneout:
            return after
        if self.training:
            return torch.where(torch.rand_like(after) < self.zoneout, before, after)
        return torch.lerp(after, before, self.zoneout)


class _Product(torch.autograd.Function):
    """x W^T, which leaves the gradient of W to `_Collected`."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        collected: Tensor,
        pairs: list[tuple[Tensor, Tensor]],
    ) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.pairs = pairs
        return x @ weight.T

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, Tensor, None]:
        x, weight = ctx.saved_tensors
        ctx.pairs.append((x, gradients[0]))
        # Nothing for `collected`: it only waits until every product has been here.
        return gradients[0] @ weight, None, gradients[0].new_zeros(()), None


class _Collected(torch.autograd.Function):
    """The weight of all `_Product`s of a pass, whose gradient is made of what they met."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, pairs: list[tuple[Tensor, Tensor]]) -> Tensor:
        ctx.pairs = pairs
        return weight.new_zeros(())

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        inputs, outputs = zip(*ctx.pairs, strict=True)
        ctx.pairs.clear()
        return torch.cat(outputs).T @ torch.cat(inputs), None
