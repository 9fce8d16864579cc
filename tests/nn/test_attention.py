"""Positional encodings and the guide against their formulas, attention against torch's own."""

import math

import pytest
import torch
from torch.nn import functional

from tts.nn.attention import (
    AdditiveAttention,
    DotProductAttention,
    guided_attention_loss,
    positional_encoding,
)


@pytest.mark.parametrize("dim", [2, 6, 64])
def test_positional_encoding_follows_the_formula(dim):
    positions = torch.tensor([[0.0, 1.0, 2.5], [0.37, 40.0, 99.9]])
    encoded = positional_encoding(positions, dim)
    assert encoded.shape == (2, 3, dim)
    for b in range(2):
        for i in range(3):
            p = positions[b, i].item()
            for channel in range(dim):
                angle = p / 10000 ** (2 * (channel // 2) / dim)
                expected = math.cos(angle) if channel % 2 else math.sin(angle)
                assert encoded[b, i, channel].item() == pytest.approx(expected, abs=2e-5)


def test_positional_encoding_takes_whole_positions():
    whole = positional_encoding(torch.arange(5), 8)
    torch.testing.assert_close(whole, positional_encoding(torch.arange(5.0), 8))


def build(query_dim: int = 6, key_dim: int = 8, dim: int = 4, dropout: float = 0.0):
    torch.manual_seed(0)
    return DotProductAttention(query_dim, key_dim, dim, dropout).double()


def inputs(n_steps: int = 5, n_tokens: int = 7):
    torch.manual_seed(1)
    x = torch.randn(2, n_steps, 6, dtype=torch.float64)
    positions = torch.arange(n_steps, dtype=torch.float64).expand(2, -1) * 1.3
    encoded = torch.randn(2, n_tokens, 8, dtype=torch.float64)
    key_positions = torch.arange(n_tokens, dtype=torch.float64).expand(2, -1) * 0.7
    return x, positions, encoded, key_positions


MASKS = {
    "all": torch.ones(2, 5, 7, dtype=torch.bool),
    "lengths": torch.tensor([[True] * 7, [True] * 3 + [False] * 4])[:, None],
    "window": (torch.arange(7) - torch.arange(5)[:, None]).abs().le(1).expand(2, 5, 7),
    "single": torch.eye(7, dtype=torch.bool)[:5].expand(2, 5, 7),
}


@pytest.mark.parametrize("mask", MASKS.values(), ids=list(MASKS))
def test_attention_equals_that_of_torch(mask):
    attention = build()
    x, positions, encoded, key_positions = inputs()
    keys = attention.project_keys(encoded, key_positions)
    values = attention.value(encoded)
    context, weights = attention(x, positions, keys, values, mask)
    assert keys.shape == values.shape == (2, 7, 4)
    torch.testing.assert_close(
        keys,
        functional.linear(
            encoded + positional_encoding(key_positions, 8),
            attention.key.weight,
            attention.key.bias,
        ),
    )
    queries = functional.linear(
        x + positional_encoding(positions, 6), attention.query.weight, attention.query.bias
    )
    read = functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
    torch.testing.assert_close(context, attention.out(read), rtol=1e-5, atol=1e-6)
    # The weights themselves: what is read when each token's value is a unit vector.
    identity = torch.eye(7, dtype=torch.float64).expand(2, 7, 7)
    expected = functional.scaled_dot_product_attention(queries, keys, identity, attn_mask=mask)
    torch.testing.assert_close(weights.double(), expected, rtol=1e-5, atol=1e-6)
    assert weights.masked_select(~mask.expand_as(weights)).eq(0).all()
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones_like(weights[..., 0]))


def test_the_softmax_keeps_float32_under_autocast():
    attention = build().float()
    x, positions, encoded, key_positions = (value.float() for value in inputs())
    with torch.autocast("cpu", torch.bfloat16):
        keys = attention.project_keys(encoded, key_positions)
        context, weights = attention(x, positions, keys, attention.value(encoded), MASKS["all"])
    assert weights.dtype == torch.float32
    assert context.dtype == torch.bfloat16
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(2, 5))


def test_dropout_only_in_training_and_never_in_the_weights_given_back():
    attention = build(dropout=0.5)
    x, positions, encoded, key_positions = inputs()
    keys, values = attention.project_keys(encoded, key_positions), attention.value(encoded)
    arguments = (x, positions, keys, values, MASKS["all"])
    torch.manual_seed(2)
    trained, trained_weights = attention(*arguments)
    attention.eval()
    context, weights = attention(*arguments)
    again, _ = attention(*arguments)
    assert torch.equal(context, again)
    assert not torch.allclose(trained, context)
    assert torch.equal(trained_weights, weights)


def test_equal_sizes_start_on_the_diagonal():
    """With one projection for both, a query meets the key of its own position (section 3.6)."""
    torch.manual_seed(3)
    attention = DotProductAttention(32, 32, 32, 0.0)
    assert torch.equal(attention.key.weight, attention.query.weight)
    assert torch.equal(attention.key.bias, attention.query.bias)
    n = 12
    positions = torch.arange(n, dtype=torch.float32)[None]
    keys = attention.project_keys(torch.zeros(1, n, 32), positions)
    _, weights = attention(
        torch.zeros(1, n, 32), positions, keys, keys, torch.ones(1, 1, n, dtype=torch.bool)
    )
    assert weights[0].argmax(dim=-1).tolist() == list(range(n))


def test_rate_moves_the_diagonal():
    """Keys at j * rate are met by the steps at that place."""
    torch.manual_seed(4)
    attention = DotProductAttention(32, 32, 32, 0.0)
    keys = attention.project_keys(torch.zeros(1, 6, 32), torch.arange(6.0)[None] * 3.0)
    _, weights = attention(
        torch.zeros(1, 16, 32),
        torch.arange(16.0)[None],
        keys,
        keys,
        torch.ones(1, 1, 6, dtype=torch.bool),
    )
    assert weights[0].argmax(dim=-1)[::3].tolist() == list(range(6))


def test_guided_attention_follows_the_formula():
    """W[t, n] = 1 - exp(-(n / N - t / T)^2 / 2 g^2), in the mean over valid steps and blocks."""
    torch.manual_seed(5)
    n_tokens, n_steps = [6, 4], [9, 5]
    blocks = [torch.softmax(torch.randn(2, 9, 6), dim=-1) for _ in range(3)]
    for block in blocks:
        block[1, :, 4:] = 0.0
    terms = [
        sum(
            block[i, t, n].item()
            * (1 - math.exp(-((n / n_tokens[i] - t / n_steps[i]) ** 2) / 2 / 0.25**2))
            for n in range(n_tokens[i])
        )
        for block in blocks
        for i in range(2)
        for t in range(n_steps[i])
    ]
    ours = guided_attention_loss(blocks, torch.tensor(n_tokens), torch.tensor(n_steps), 0.25)
    assert ours.item() == pytest.approx(sum(terms) / len(terms), rel=1e-5)


def test_additive_attention_follows_the_formula():
    """e_j = v . tanh(W s + V h_j + b), a softmax over the tokens, the mean of the values under it."""
    torch.manual_seed(0)
    attention = AdditiveAttention(3, 5, 4)
    query, values = torch.randn(2, 3), torch.randn(2, 6, 5)
    lengths = (6, 4)
    mask = torch.arange(6) < torch.tensor(lengths)[:, None]
    context, weights = attention(query, attention.key(values), values, mask)
    assert context.shape == (2, 5)
    assert weights.shape == (2, 6)
    v = attention.score.weight[0]
    for b, length in enumerate(lengths):
        asked = attention.query.weight @ query[b] + attention.key.bias
        scores = [
            v @ torch.tanh(asked + attention.key.weight @ values[b, j]) for j in range(length)
        ]
        expected = torch.softmax(torch.stack(scores), dim=0)
        torch.testing.assert_close(weights[b, :length], expected)
        assert not weights[b, length:].any()
        torch.testing.assert_close(context[b], expected @ values[b, :length])
