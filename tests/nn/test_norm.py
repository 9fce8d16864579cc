"""Batch normalisation with a mask against torch's own over the rows that are left."""

import pytest
import torch
from torch.nn import functional

from tts.nn.norm import MaskedBatchNorm, NormalisedConv

LENGTHS = torch.tensor([7, 3, 5])
MASK = torch.arange(7) < LENGTHS[:, None]


def pair(dim: int = 4) -> tuple[MaskedBatchNorm, torch.nn.BatchNorm1d]:
    torch.manual_seed(0)
    ours, theirs = MaskedBatchNorm(dim), torch.nn.BatchNorm1d(dim)
    torch.nn.init.normal_(ours.weight)
    torch.nn.init.normal_(ours.bias)
    theirs.load_state_dict(ours.state_dict(), strict=False)
    return ours, theirs


def test_training_and_running_statistics_equal_those_of_torch():
    ours, theirs = pair()
    for step in range(3):
        torch.manual_seed(step)
        x = (3.0 + 2.0 * torch.randn(3, 7, 4)).requires_grad_()
        out = ours(x, MASK)
        rows = x.detach()[MASK].requires_grad_()
        expected = theirs(rows)
        torch.testing.assert_close(out[MASK], expected, rtol=1e-4, atol=1e-5)
        (out[MASK] ** 3).sum().backward()
        (expected**3).sum().backward()
        torch.testing.assert_close(x.grad[MASK], rows.grad, rtol=1e-3, atol=1e-4)
        assert not x.grad[~MASK].any()
    torch.testing.assert_close(ours.running_mean, theirs.running_mean)
    torch.testing.assert_close(ours.running_var, theirs.running_var)
    torch.testing.assert_close(ours.weight.grad, theirs.weight.grad, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(ours.bias.grad, theirs.bias.grad, rtol=1e-3, atol=1e-3)
    ours.eval(), theirs.eval()
    x = torch.randn(3, 7, 4)
    torch.testing.assert_close(ours(x, MASK)[MASK], theirs(x[MASK]))


@pytest.mark.parametrize("training", [True, False])
def test_padding_changes_nothing(training):
    torch.manual_seed(1)
    conv = NormalisedConv(4, 5, 3).train(training)
    x = torch.randn(3, 7, 4)
    noisy = torch.where(MASK[..., None], x, 9.0)
    longer = functional.pad(x, (0, 0, 0, 6), value=9.0)
    out = conv(x, MASK)[MASK]
    torch.testing.assert_close(conv(noisy, MASK)[MASK], out)
    torch.testing.assert_close(conv(longer, functional.pad(MASK, (0, 6)))[:, :7][MASK], out)


def test_a_single_position_has_no_variance():
    norm = MaskedBatchNorm(2)
    out = norm(torch.full((1, 3, 2), 5.0), torch.tensor([[True, False, False]]))
    torch.testing.assert_close(out[0, 0], torch.zeros(2))
    assert torch.isfinite(norm.running_var).all()


def test_normalised_conv_is_a_convolution_without_bias_then_a_norm():
    torch.manual_seed(2)
    conv = NormalisedConv(4, 5, 3).eval()
    x = torch.randn(2, 6, 4)
    weight = conv.conv.weight.view(5, 3, 4).transpose(1, 2)
    expected = functional.conv1d(x.transpose(1, 2), weight, padding=1).transpose(1, 2)
    mask = torch.ones(2, 6, dtype=torch.bool)
    torch.testing.assert_close(conv(x, mask), expected / (1 + 1e-5) ** 0.5)
    assert conv.conv.bias is None
    assert not any("conv.bias" in name for name, _ in conv.named_parameters())


def test_statistics_are_float32_under_autocast():
    norm = MaskedBatchNorm(4)
    x = (100.0 + torch.randn(3, 7, 4)).bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        out = norm(x, MASK)
    assert out.dtype == torch.bfloat16
    rows = x[MASK].float()
    torch.testing.assert_close(norm.running_mean, 0.1 * rows.mean(dim=0))
    torch.testing.assert_close(norm.running_var, 0.9 + 0.1 * rows.var(dim=0))
