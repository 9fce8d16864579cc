"""Masks mean valid, and means leave out what is not."""

import pytest
import torch

from tts.nn.masks import length_mask, masked_mean


@pytest.mark.parametrize(
    ("lengths", "size", "expected"),
    [
        ([0, 1, 3], 3, [[0, 0, 0], [1, 0, 0], [1, 1, 1]]),
        ([2], 4, [[1, 1, 0, 0]]),
        ([5], 2, [[1, 1]]),
        ([], 2, []),
    ],
)
def test_length_mask(lengths, size, expected):
    mask = length_mask(torch.tensor(lengths, dtype=torch.int64), size)
    assert mask.dtype == torch.bool
    assert mask.shape == (len(lengths), size)
    assert mask.int().tolist() == expected


def test_masked_mean_equals_the_mean_of_what_is_left():
    torch.manual_seed(0)
    values = torch.randn(3, 4, 5)
    mask = torch.rand(3, 4, 5) > 0.5
    torch.testing.assert_close(masked_mean(values, mask), values[mask].mean())


@pytest.mark.parametrize("shape", [(3, 4, 1), (3, 1, 1), (1, 4, 5), (1, 1, 1)])
def test_masked_mean_broadcasts_its_mask(shape):
    torch.manual_seed(1)
    values = torch.randn(3, 4, 5)
    mask = torch.rand(shape) > 0.3
    mask.view(-1)[0] = True
    torch.testing.assert_close(masked_mean(values, mask), values[mask.expand(3, 4, 5)].mean())


def test_masked_mean_of_nothing_is_zero_with_zero_gradient():
    values = torch.randn(2, 3, requires_grad=True)
    mean = masked_mean(values, torch.zeros(2, 3, dtype=torch.bool))
    mean.backward()
    assert mean.item() == 0.0
    assert not values.grad.any()


def test_what_is_masked_has_no_gradient():
    values = torch.randn(2, 3, requires_grad=True)
    mask = torch.tensor([[True, False, True], [False, False, True]])
    masked_mean(values, mask).backward()
    torch.testing.assert_close(values.grad, mask / 3.0)
