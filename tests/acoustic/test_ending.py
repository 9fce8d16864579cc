"""The flag of the end in training; where speech ends is tested with the models that watch for it."""

import math

import pytest
import torch

from tts.acoustic.ending import ending_loss


def test_the_flag_is_up_in_the_last_step_of_an_item():
    """The mean of -log of the chance of what is true, by loops over items and steps."""
    torch.manual_seed(0)
    flags, lengths = torch.randn(3, 5), [5, 1, 3]
    losses = []
    for i, length in enumerate(lengths):
        for t in range(length):
            up = 1 / (1 + math.exp(-flags[i, t].item()))
            losses.append(-math.log(up if t == length - 1 else 1 - up))
    expected = sum(losses) / len(losses)
    assert ending_loss(flags, torch.tensor(lengths)).item() == pytest.approx(expected, rel=1e-5)


def test_rounded_flags_have_an_exact_loss():
    flags = torch.randn(2, 4).bfloat16()
    loss = ending_loss(flags, torch.tensor([4, 2]))
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, ending_loss(flags.float(), torch.tensor([4, 2])))
