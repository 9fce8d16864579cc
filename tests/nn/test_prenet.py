"""The pre-net's dropout: always on, from a seed in speech, from PyTorch's generator in training."""

import pytest
import torch

from tts.nn.prenet import Prenet


def prenet(dropout: float = 0.5) -> Prenet:
    torch.manual_seed(0)
    return Prenet(3, 8, dropout)


CPU = torch.device("cpu")


def test_it_is_two_layers_with_dropout():
    net, frames = prenet(0.25), torch.randn(2, 5, 3)
    kept = net.draw(5, 7, CPU)
    assert kept.shape == (5, 2, 8)
    assert kept.dtype == torch.bool
    out = net(frames, kept)
    for b in range(2):
        for t in range(5):
            first = torch.relu(net.first(frames[b, t])) * kept[t, 0] / 0.75
            expected = torch.relu(net.second(first)) * kept[t, 1] / 0.75
            torch.testing.assert_close(out[b, t], expected)


def test_a_draw_is_a_function_of_the_seed_and_the_step():
    net = prenet()
    before = torch.get_rng_state()
    long = net.draw(500, 3, CPU)
    assert torch.equal(torch.get_rng_state(), before)
    for n_steps in (1, 2, 37):
        assert torch.equal(net.draw(n_steps, 3, CPU), long[:n_steps])
    assert not torch.equal(net.draw(500, 4, CPU), long)
    assert long.float().mean().item() == pytest.approx(0.5, abs=0.03)
    assert prenet(0.0).draw(9, 0, CPU).all()


def test_without_a_draw_every_call_and_item_differs():
    """In eval mode as well: whoever wants the same twice gives a draw."""
    net, frames = prenet().eval(), torch.ones(2, 5, 3)
    torch.manual_seed(1)
    once = net(frames, None)
    assert not torch.equal(net(frames, None), once)
    assert not torch.equal(once[0], once[1])
    torch.manual_seed(1)
    assert torch.equal(net(frames, None), once)


def test_the_second_layer_may_be_narrower():
    torch.manual_seed(0)
    net, frames = Prenet(3, 8, 0.5, out_dim=5), torch.randn(2, 4, 3)
    kept = net.draw(4, 7, CPU)
    assert torch.equal(kept, prenet().draw(4, 7, CPU))
    first = torch.relu(net.first(frames)) * kept[:, 0] / 0.5
    expected = torch.relu(net.second(first)) * kept[:, 1, :5] / 0.5
    assert expected.shape == (2, 4, 5)
    torch.testing.assert_close(net(frames, kept), expected)
    with pytest.raises(AssertionError, match="draws"):
        Prenet(3, 5, 0.5, out_dim=8)
