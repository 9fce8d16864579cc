"""CBHG: a bank of convolutions, highway layers and a recurrent layer each way (Wang et al. 2017, Tacotron).

    x -- bank: K convolutions, of 1 to K taps, side by side -- max-pooling -- two projections --(+ x)
                                     GRU both ways -- highway layers -- (linear, where sizes differ) --'

Section 3.1 and figure 2 of arXiv 1703.10135. Padding is masked in every part, so that it never moves what
is valid.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from tts.nn.norm import NormalisedConv
from tts.nn.recurrent import BidirectionalGRU

__all__ = ["CBHG", "Highway"]


class Highway(nn.Module):
    """y = T(x) relu(H x) + (1 - T(x)) x, with T(x) = sigmoid(G x) (Srivastava et al. 2015, 1505.00387)."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.hidden, self.gate = nn.Linear(dim, dim), nn.Linear(dim, dim)
        # At first most passes by unchanged, as its paper has it.
        nn.init.constant_(self.gate.bias, -1.0)

    def forward(self, x: Tensor) -> Tensor:
        """Shape: (..., dim) -> (..., dim)."""
        # Where autocast rounds the products, x may still be float32, and `lerp` wants one type.
        hidden, gate = torch.relu(self.hidden(x)), torch.sigmoid(self.gate(x))
        return torch.lerp(x, hidden.to(x.dtype), gate.to(x.dtype))


class CBHG(nn.Module):
    """The module of the drawing.

    Args:
        in_dim: input channels.
        dim: channels of each convolution of the bank, of the highway layers, and of the GRU each way.
        bank: K, the number of convolutions in the bank.
        projection_dim: channels of the first projection; the second has `in_dim`, to be added to the input.
        highway_layers: number of highway layers.
    """

    def __init__(
        self, in_dim: int, dim: int, *, bank: int, projection_dim: int, highway_layers: int
    ) -> None:
        super().__init__()
        self.bank = nn.ModuleList(NormalisedConv(in_dim, dim, k + 1) for k in range(bank))
        self.first = NormalisedConv(bank * dim, projection_dim, 3)
        self.second = NormalisedConv(projection_dim, in_dim, 3)
        self.fit = nn.Linear(in_dim, dim, bias=False) if in_dim != dim else None
        self.highways = nn.ModuleList(Highway(dim) for _ in range(highway_layers))
        self.gru = BidirectionalGRU(dim, dim)

    def forward(self, x_btc: Tensor, lengths: Tensor, mask: Tensor) -> Tensor:
        """Shape: (B, T, in_dim), (B,), (B, T) -> (B, T, 2 * dim), zeros beyond each length."""
        x = torch.cat([torch.relu(conv(x_btc, mask)) for conv in self.bank], dim=-1)
        x = torch.relu(self.first(_max_of_two(x), mask))
        x = self.second(x, mask) + x_btc
        if self.fit is not None:
            x = self.fit(x)
        for highway in self.highways:
            x = highway(x)
        return self.gru(x, lengths)


def _max_of_two(x_btc: Tensor) -> Tensor:
    """Max-pooling of width 2 and stride 1: each frame and the one before. Shape: (B, T, C) -> the same.

    The paper does not say which neighbour it takes; from the one before, padding cannot enter.
    """
    before = functional.pad(x_btc, (0, 0, 1, 0), value=-torch.inf)[:, :-1]
    return torch.maximum(before, x_btc)
