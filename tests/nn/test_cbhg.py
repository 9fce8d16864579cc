"""CBHG against torch's own layers, item by item: padding is nowhere to be seen."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from tts.nn.cbhg import CBHG, Highway

LENGTHS = torch.tensor([7, 9, 1, 4])
MASK = torch.arange(9) < LENGTHS[:, None]
IN = 5


def build(dim: int = 6, bank: int = 4, seed: int = 0) -> CBHG:
    torch.manual_seed(seed)
    module = CBHG(IN, dim, bank=bank, projection_dim=8, highway_layers=2)
    for name, value in module.state_dict().items():  # nothing is at its first value
        if "running_var" in name or "norm.weight" in name:
            value.uniform_(0.5, 2.0)
        elif "running_mean" in name or "norm.bias" in name:
            value.normal_()
    return module.eval()


def normalised_conv(layer: nn.Module, x_bct: Tensor) -> Tensor:
    """`nn.Conv1d` with the padding of "same", and `nn.BatchNorm1d` in eval mode."""
    kernel, in_dim = layer.conv.kernel, layer.conv.in_dim
    weight = layer.conv.weight.view(-1, kernel, in_dim).permute(0, 2, 1)
    theirs = nn.Conv1d(in_dim, len(weight), kernel, padding="same", bias=False)
    theirs.weight.data = weight
    norm = nn.BatchNorm1d(len(weight)).eval()
    norm.load_state_dict(layer.norm.state_dict(), strict=False)
    return norm(theirs(x_bct))


def reference(module: CBHG, x_btc: Tensor) -> Tensor:
    """One item without padding, channels first, every layer torch's own."""
    x = x_btc.transpose(1, 2)
    y = torch.cat([torch.relu(normalised_conv(conv, x)) for conv in module.bank], dim=1)
    y = nn.MaxPool1d(2, stride=1, padding=1)(y)[:, :, : x.shape[2]]
    y = normalised_conv(module.second, torch.relu(normalised_conv(module.first, y)))
    y = (y + x).transpose(1, 2)
    if module.fit is not None:
        y = functional.linear(y, module.fit.weight)
    for highway in module.highways:
        gate = torch.sigmoid(functional.linear(y, highway.gate.weight, highway.gate.bias))
        hidden = torch.relu(functional.linear(y, highway.hidden.weight, highway.hidden.bias))
        y = gate * hidden + (1 - gate) * y
    return module.gru.gru(y)[0]


@pytest.mark.parametrize(("dim", "bank"), [(6, 4), (IN, 3), (4, 1)])
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_it_equals_the_layers_of_torch_on_each_item_alone(dim, bank):
    module = build(dim, bank)
    assert (module.fit is None) == (dim == IN)
    x = torch.where(MASK[..., None], torch.randn(4, 9, IN), 7.0)
    out = module(x, LENGTHS, MASK)
    assert out.shape == (4, 9, 2 * dim)
    for i, length in enumerate(LENGTHS.tolist()):
        expected = reference(module, x[i : i + 1, :length])
        torch.testing.assert_close(out[i, :length], expected[0], rtol=1e-4, atol=1e-5)
        assert not out[i, length:].any()


def test_padding_changes_neither_training_nor_its_statistics():
    x = torch.randn(4, 9, IN)
    outs, states, gradients = [], [], []
    for extra, fill in ((0, 0.0), (0, 5.0), (6, -3.0)):
        module = build().train()
        padded = functional.pad(torch.where(MASK[..., None], x, fill), (0, 0, 0, extra), value=fill)
        out = module(padded, LENGTHS, functional.pad(MASK, (0, extra)))[:, :9]
        out.square().sum().backward()
        outs.append(out)
        states.append(module.state_dict())
        gradients.append({name: p.grad for name, p in module.named_parameters()})
    for other in (1, 2):
        torch.testing.assert_close(outs[other], outs[0])
        for name, value in states[0].items():
            torch.testing.assert_close(states[other][name], value, msg=name)
        for name, value in gradients[0].items():
            assert value.any(), name
            torch.testing.assert_close(
                gradients[other][name], value, rtol=1e-3, atol=1e-4, msg=name
            )


def test_a_highway_lets_most_pass_at_first():
    torch.manual_seed(0)
    highway = Highway(200)
    x = torch.zeros(3, 200)
    gate = torch.sigmoid(highway.gate(x))
    torch.testing.assert_close(
        gate, torch.full_like(gate, torch.sigmoid(torch.tensor(-1.0)).item()), rtol=0.1, atol=0.03
    )
    torch.testing.assert_close(highway(x), gate * torch.relu(highway.hidden(x)))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("in_dim", [5, 4])  # as wide as the highways, or brought to their width
def test_mixed_precision_is_nearly_the_same(dtype, in_dim):
    torch.manual_seed(0)
    module = CBHG(in_dim, 5, bank=3, projection_dim=6, highway_layers=2).eval()
    x, lengths = torch.randn(2, 7, in_dim), torch.tensor([7, 4])
    mask = torch.arange(7) < lengths[:, None]
    with torch.no_grad():
        exact = module(x, lengths, mask)
        with torch.autocast("cpu", dtype):
            rounded = module(x, lengths, mask)
    assert rounded.dtype == torch.float32
    torch.testing.assert_close(rounded, exact, rtol=0.05, atol=0.05)
