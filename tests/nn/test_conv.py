"""The convolution against torch's own, and its cached step against the whole."""

import pytest
import torch
from torch.nn import functional

from tts.nn.conv import Conv

SIZES = [(1, 1), (2, 1), (2, 4), (3, 1), (3, 2), (5, 3), (7, 1)]


def conv(kernel: int, dilation: int, *, causal: bool, dims: tuple[int, int] = (3, 4)) -> Conv:
    torch.manual_seed(kernel * 100 + dilation)
    layer = Conv(*dims, kernel, dilation, causal=causal).double()
    torch.nn.init.normal_(layer.bias)
    return layer


def reference(layer: Conv, x_btc: torch.Tensor) -> torch.Tensor:
    """`torch.nn.functional.conv1d` with the same taps, oldest first."""
    weight = layer.weight.view(-1, layer.kernel, layer.in_dim).permute(0, 2, 1)
    span = (layer.kernel - 1) * layer.dilation
    left = span if layer.causal else span // 2
    padded = functional.pad(x_btc.transpose(1, 2), (left, span - left))
    out = functional.conv1d(padded, weight, layer.bias, dilation=layer.dilation)
    return out.transpose(1, 2)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize(("kernel", "dilation"), SIZES)
@pytest.mark.parametrize("n_frames", [1, 2, 11])
def test_forward_equals_conv1d(kernel, dilation, causal, n_frames):
    if not causal and kernel % 2 == 0 and dilation > 1:
        return
    layer = conv(kernel, dilation, causal=causal)
    x = torch.randn(2, n_frames, 3, dtype=torch.float64)
    out = layer(x)
    assert out.shape == (2, n_frames, 4)
    torch.testing.assert_close(out, reference(layer, x))
    assert layer.span == (kernel - 1) * dilation


@pytest.mark.parametrize(("kernel", "dilation"), SIZES)
def test_gradients_equal_those_of_conv1d(kernel, dilation):
    layer = conv(kernel, dilation, causal=True)
    x = torch.randn(2, 9, 3, dtype=torch.float64, requires_grad=True)
    inputs = (x, layer.weight, layer.bias)
    ours = torch.autograd.grad(layer(x).square().sum(), inputs)
    theirs = torch.autograd.grad(reference(layer, x).square().sum(), inputs)
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize(("kernel", "dilation"), SIZES)
def test_steps_equal_the_whole(kernel, dilation):
    layer = conv(kernel, dilation, causal=True)
    n_frames = 3 * layer.span + 4  # the ring turns more than twice
    x = torch.randn(2, n_frames, 3, dtype=torch.float64)
    ring = layer.initial_state(2, x)
    assert ring.shape == (2, layer.span, 3)
    assert ring.dtype == x.dtype
    assert not ring.any()
    with torch.no_grad():
        steps = [layer.step(x[:, t], ring, t) for t in range(n_frames)]
    assert steps[0].shape == (2, 4)
    torch.testing.assert_close(torch.stack(steps, dim=1), layer(x))


def test_a_step_touches_one_slot_only():
    layer = conv(3, 2, causal=True)
    ring = torch.arange(24, dtype=torch.float64).view(2, 4, 3)
    before = ring.clone()
    x = torch.full((2, 3), 99.0, dtype=torch.float64)
    with torch.no_grad():
        layer.step(x, ring, 6)
    assert torch.equal(ring[:, 2], x)
    assert torch.equal(ring[:, [0, 1, 3]], before[:, [0, 1, 3]])


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize(("kernel", "dilation"), [(1, 1), (3, 1), (3, 4), (5, 2)])
def test_an_output_sees_its_taps_and_nothing_else(kernel, dilation, causal):
    """Exactly which inputs have a gradient: none of the future when causal."""
    layer = conv(kernel, dilation, causal=causal)
    n_frames, t = 40, 20
    x = torch.randn(1, n_frames, 3, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(layer(x)[0, t].sum(), x)
    seen = set(gradient[0].abs().sum(dim=-1).nonzero().flatten().tolist())
    newest = 0 if causal else (kernel - 1) // 2 * dilation
    assert seen == {t + newest - k * dilation for k in range(kernel)}


@pytest.mark.parametrize("kernel", [2, 4])
def test_a_dilated_centred_kernel_is_odd(kernel):
    with pytest.raises(ValueError, match=f"odd kernel, not {kernel}"):
        Conv(1, 1, kernel, 2, causal=False)


@pytest.mark.parametrize(("kernel", "before", "after"), [(2, 0, 1), (4, 1, 2), (5, 2, 2)])
def test_what_a_centred_kernel_sees(kernel, before, after):
    """An impulse in frame 6 is heard in the frames that have it in their sight."""
    impulse = torch.zeros(1, 13, 3, dtype=torch.float64)
    impulse[0, 6] = 1.0
    layer = conv(kernel, 1, causal=False)
    heard = (layer(impulse) - layer.bias).abs().sum(dim=-1)[0] > 1e-9
    assert heard.nonzero().flatten().tolist() == list(range(6 - after, 6 + before + 1))


def test_initial_scale():
    """Unit variance in, unit variance out, and no bias."""
    torch.manual_seed(0)
    layer = Conv(64, 128, 5, causal=True)
    out = layer(torch.randn(4, 200, 64))[:, 4:]
    assert out.std().item() == pytest.approx(1.0, rel=0.05)
    assert not layer.bias.any()


def test_a_bias_is_optional():
    layer = Conv(3, 4, 3, causal=True, bias=False).double()
    x = torch.randn(2, 5, 3, dtype=torch.float64)
    assert layer.bias is None
    torch.testing.assert_close(layer(x), reference(layer, x))
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
