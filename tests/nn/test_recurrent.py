"""LSTMs and GRUs against torch's own: zoneout by its definition, packing against each item alone."""

import pytest
import torch

from tts.nn.recurrent import BidirectionalGRU, BidirectionalLSTM, ZoneoutLSTMCell


def cell(zoneout: float) -> ZoneoutLSTMCell:
    torch.manual_seed(0)
    return ZoneoutLSTMCell(3, 200, zoneout)


def run(zoneout: float, *, training: bool):
    layer = cell(zoneout).train(training)
    x, state = torch.randn(5, 3), (torch.randn(5, 200), torch.randn(5, 200))
    return layer(x, state), layer.cell(x, state), state


@pytest.mark.parametrize("training", [True, False])
def test_without_zoneout_it_is_an_lstm(training):
    ours, theirs, _ = run(0.0, training=training)
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_in_training_units_keep_their_value_or_move():
    ours, theirs, before = run(0.3, training=True)
    kept = [a == b for a, b in zip(ours, before, strict=True)]
    for new, moved, stayed in zip(ours, theirs, kept, strict=True):
        assert torch.equal(new[~stayed], moved[~stayed])
        assert stayed.float().mean().item() == pytest.approx(0.3, abs=0.06)
    assert not torch.equal(*kept), "h and c are drawn apart"


def test_in_speech_they_move_by_the_expectation():
    """s = z s(before) + (1 - z) s(now)."""
    ours, theirs, before = run(0.3, training=False)
    for new, moved, old in zip(ours, theirs, before, strict=True):
        torch.testing.assert_close(new, 0.3 * old + 0.7 * moved)


def test_it_starts_from_zeros():
    h, c = cell(0.1).initial_state(4)
    assert h.shape == c.shape == (4, 200)
    assert not h.any()
    assert not c.any()


@pytest.mark.parametrize(("make", "part"), [(BidirectionalLSTM, "lstm"), (BidirectionalGRU, "gru")])
def test_a_packed_layer_equals_each_item_alone(make, part):
    torch.manual_seed(1)
    layer = make(3, 4)
    x, lengths = torch.randn(4, 7, 3), torch.tensor([5, 7, 1, 3])
    out = layer(x, lengths)
    assert out.shape == (4, 7, 8)
    for i, length in enumerate(lengths.tolist()):
        expected, _ = getattr(layer, part)(x[i : i + 1, :length])
        torch.testing.assert_close(out[i, :length], expected[0])
        assert not out[i, length:].any()


@pytest.mark.parametrize("make", [BidirectionalLSTM, BidirectionalGRU])
def test_they_compute_in_float32_under_autocast(make):
    torch.manual_seed(2)
    layer, x, lengths = make(3, 4), torch.randn(2, 5, 3), torch.tensor([5, 4])
    expected = layer(x, lengths)
    with torch.autocast("cpu", torch.bfloat16):
        out = layer(x, lengths)
    assert torch.equal(out, expected)


@pytest.mark.parametrize("zoneout", [0.0, 0.3])
def test_the_steps_of_a_pass_have_the_gradients_of_single_ones(zoneout):
    """Of every weight and input, with steps that the loss does not see, and twice in a row."""
    layer, n_steps = cell(zoneout).double(), 6
    x = torch.randn(n_steps, 4, 3, dtype=torch.float64, requires_grad=True)

    def gradients(collected):
        torch.manual_seed(3)  # of what zoneout keeps
        step, state, heard = layer.over_steps() if collected else layer, layer.initial_state(4), []
        for x_bc in x:
            state = step(x_bc, state)
            heard.append(state[0])
        loss = (torch.stack(heard[:-1]) ** 2).sum() + state[1][:2].sum()
        return [loss, *torch.autograd.grad(loss, [x, *layer.parameters()])]

    expected = gradients(collected=False)
    for _ in range(2):
        for ours, theirs in zip(gradients(collected=True), expected, strict=True):
            torch.testing.assert_close(ours, theirs)


def test_without_gradients_the_steps_of_a_pass_are_single_ones():
    layer = cell(0.1)
    with torch.no_grad():
        assert layer.over_steps() is layer
