"""Speed of models that keep their own pace; the contract compares mel and attention with numpy."""

import torch

from tts.acoustic.base import AcousticOutput
from tts.acoustic.pace import at_speed


def spoken() -> AcousticOutput:
    torch.manual_seed(0)
    return AcousticOutput(
        mel=torch.randn(2, 3, 12),
        lengths=torch.tensor([12, 4]),
        alignment=torch.softmax(torch.randn(2, 6, 5), dim=-1),
        finished=torch.tensor([True, False]),
        frames_per_step=2,
        linear=torch.randn(2, 9, 12),
    )


def test_speed_one_is_what_was_spoken():
    output = spoken()
    assert at_speed(output, 1.0, -3.0) is output


def test_twice_as_fast_is_the_mean_of_neighbours():
    output, fast = spoken(), at_speed(spoken(), 2.0, -3.0)
    assert fast.lengths.tolist() == [6, 2]
    assert fast.lengths.dtype == torch.int64
    assert fast.frames_per_step == 2
    assert torch.equal(fast.finished, output.finished)
    for ours, before in ((fast.mel, output.mel), (fast.linear, output.linear)):
        halves = (before[..., ::2] + before[..., 1::2]) / 2
        torch.testing.assert_close(ours[0], halves[0])
        torch.testing.assert_close(ours[1, :, :2], halves[1, :, :2])
        assert (ours[1, :, 2:] == -3.0).all()
    weights = (output.alignment[:, ::2] + output.alignment[:, 1::2]) / 2
    torch.testing.assert_close(fast.alignment[0], weights[0])
    torch.testing.assert_close(fast.alignment[1], weights[1, :1].expand(3, -1))


def test_nothing_becomes_shorter_than_a_step():
    fast = at_speed(spoken(), 100.0, 0.0)
    assert fast.lengths.tolist() == [2, 2]
    assert fast.alignment.shape == (2, 1, 5)


def test_what_is_not_predicted_is_not_made_up():
    output = AcousticOutput(
        mel=torch.randn(1, 3, 4),
        lengths=torch.tensor([4]),
        alignment=torch.ones(1, 4, 1),
        finished=torch.tensor([True]),
        frames_per_step=1,
    )
    assert at_speed(output, 0.5, 0.0).linear is None
