"""The gated convolution against torch's own layers by the drawing of its paper."""

import pytest
import torch
from torch.nn import functional

from tts.nn.gated_conv import GatedConv

DIM, KERNEL = 5, 3


def build(*, causal: bool = False, dropout: float = 0.0, speaker_dim: int | None = None):
    torch.manual_seed(0)
    layer = GatedConv(DIM, KERNEL, causal=causal, dropout=dropout, speaker_dim=speaker_dim)
    torch.nn.init.normal_(layer.conv.bias)
    return layer


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("speaker_dim", [None, 4])
def test_it_follows_the_drawing(causal, speaker_dim):
    """Figure 2 of the paper with `conv1d`, and the speaker's softsign of section 3.1."""
    layer, x = build(causal=causal, speaker_dim=speaker_dim), torch.randn(2, 7, DIM)
    speaker = None if speaker_dim is None else torch.randn(2, speaker_dim)
    weight = layer.conv.weight.view(2 * DIM, KERNEL, DIM).permute(0, 2, 1)
    pad = (KERNEL - 1, 0) if causal else (1, 1)
    both = functional.conv1d(functional.pad(x.transpose(1, 2), pad), weight, layer.conv.bias)
    value, gate = both[:, :DIM].transpose(1, 2), both[:, DIM:].transpose(1, 2)
    if speaker is not None:
        projected = speaker @ layer.speaker.project.weight.T + layer.speaker.project.bias
        value = value + (projected / (1 + projected.abs()))[:, None]
    expected = (x + value * torch.sigmoid(gate)) * 0.5**0.5
    torch.testing.assert_close(layer(x, speaker), expected)


def test_steps_equal_the_parallel_pass():
    layer, x, speaker = build(causal=True, speaker_dim=4), torch.randn(2, 7, DIM), torch.randn(2, 4)
    ring = layer.conv.initial_state(2, x)
    stepped = [layer.step(x[:, t], ring, t, speaker) for t in range(7)]
    torch.testing.assert_close(torch.stack(stepped, dim=1), layer(x, speaker))


def test_dropout_is_for_training():
    layer, x = build(dropout=0.5), torch.randn(2, 7, DIM)
    assert not torch.equal(layer(x, None), layer(x, None))
    layer.eval()
    assert torch.equal(layer(x, None), build()(x, None))


def test_variance_is_kept():
    """On noise, at the start: what the gate halves, the scale of the weights makes up for."""
    torch.manual_seed(0)
    layer = GatedConv(64, 5, causal=False, dropout=0.0, speaker_dim=None)
    x = torch.randn(4, 200, 64)
    assert layer(x, None).var().item() == pytest.approx(1.0, abs=0.25)
