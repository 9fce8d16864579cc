"""Attention by location against the equations of the papers, in loops, and its prior against scipy."""

import math

import pytest
import torch
from scipy.stats import betabinom
from torch import Tensor

from tts.nn.location_attention import (
    DynamicConvolutionAttention,
    LocationSensitiveAttention,
    beta_binomial,
)

QUERY, MEMORY, DIM, FILTERS, KERNEL = 6, 7, 4, 3, 5
LENGTHS = (9, 4)
MASK = torch.arange(max(LENGTHS)) < torch.tensor(LENGTHS)[:, None]


def location() -> LocationSensitiveAttention:
    torch.manual_seed(0)
    return LocationSensitiveAttention(QUERY, MEMORY, DIM, FILTERS, KERNEL)


def dynamic() -> DynamicConvolutionAttention:
    torch.manual_seed(0)
    return DynamicConvolutionAttention(QUERY, DIM, FILTERS, KERNEL, 4, 0.3, 0.8)


def inputs(n_steps: int = 4) -> tuple[Tensor, Tensor]:
    torch.manual_seed(1)
    return torch.randn(n_steps, 2, QUERY), 2.0 * torch.randn(2, max(LENGTHS), MEMORY)


def softmax(scores: list[float]) -> list[float]:
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    return [power / sum(powers) for power in powers]


def filtered(past: list[float], filters: Tensor, j: int) -> Tensor:
    """Each filter (F, K), centred on place j of past weights."""
    out = torch.zeros(len(filters), dtype=torch.float64)
    for k in range(KERNEL):
        place = j + k - KERNEL // 2
        if 0 <= place < len(past):
            out += past[place] * filters[:, k].double()
    return out


@torch.no_grad()
def test_location_sensitive_attention_follows_its_equation():
    """e_j = v . tanh(W s + V h_j + U f_j + b), f = F * the sum of the weights so far."""
    attention = location()
    queries, values = inputs()
    w, v = attention.query.weight.double(), attention.key.weight.double()
    u, b = attention.location.weight.double(), attention.key.bias.double()
    score = attention.score.weight[0].double()
    memory = attention.read(values, MASK)
    past = attention.initial_past(MASK)
    assert not past.any()
    sums = [[0.0] * max(LENGTHS) for _ in LENGTHS]
    for query in queries:
        weights, past = attention(query, past, memory)
        assert weights.shape == past.shape == (2, max(LENGTHS))
        for i, length in enumerate(LENGTHS):
            scores = []
            for j in range(length):
                f = filtered(sums[i], attention.filters.weight, j)
                inner = w @ query[i].double() + v @ values[i, j].double() + u @ f + b
                scores.append(float(score @ torch.tanh(inner)))
            expected = softmax(scores) + [0.0] * (max(LENGTHS) - length)
            sums[i] = [a + e for a, e in zip(sums[i], expected, strict=True)]
            assert weights[i].tolist() == pytest.approx(expected, abs=1e-5)
            assert past[i].tolist() == pytest.approx(sums[i], abs=1e-5)
            assert not weights[i, length:].any()


@torch.no_grad()
def test_dynamic_convolution_attention_follows_its_equation():
    """e_j = v . tanh(U f_j + T g_j + b) + log(P * a)_j; the weights a before start on the first token."""
    attention = dynamic()
    queries, values = inputs()
    u, t = attention.static.weight.double(), attention.dynamic.weight.double()
    b, score = attention.dynamic.bias.double(), attention.score.weight[0].double()
    prior = betabinom.pmf(range(4), 3, 0.3, 0.8)
    memory = attention.read(values, MASK)
    past = attention.initial_past(MASK)
    before = [[1.0] + [0.0] * (max(LENGTHS) - 1) for _ in LENGTHS]
    assert past.tolist() == before
    for query in queries:
        weights, past = attention(query, past, memory)
        assert torch.equal(weights, past)
        for i, length in enumerate(LENGTHS):
            made = attention.dynamic_filters.weight @ torch.tanh(attention.query(query[i]))
            filters = made.view(FILTERS, KERNEL)
            scores = []
            for j in range(length):
                f = filtered(before[i], attention.static_filters.weight, j)
                g = filtered(before[i], filters, j)
                forward = sum(prior[k] * before[i][j - k] for k in range(min(4, j + 1)))
                inner = torch.tanh(u @ f + t @ g + b)
                scores.append(float(score @ inner) + math.log(max(forward, 1e-6)))
            expected = softmax(scores) + [0.0] * (max(LENGTHS) - length)
            before[i] = expected
            assert weights[i].tolist() == pytest.approx(expected, abs=1e-5)
            assert not weights[i, length:].any()


@pytest.mark.parametrize(
    ("n", "alpha", "beta"), [(10, 0.1, 0.9), (3, 2.0, 0.5), (1, 1, 1), (0, 1, 2)]
)
def test_beta_binomial_equals_that_of_scipy(n, alpha, beta):
    ours = beta_binomial(n, alpha, beta)
    assert ours.dtype == torch.float32
    assert ours.tolist() == pytest.approx(betabinom.pmf(range(n + 1), n, alpha, beta), rel=1e-5)


@torch.no_grad()
def test_dynamic_convolution_goes_forward_only_unless_it_must():
    """The prior of the paper: never back, a token a step in the mean, before anything was learned."""
    torch.manual_seed(0)
    attention = DynamicConvolutionAttention(QUERY, DIM, 8, 21, 11, 0.1, 0.9)
    mask = torch.ones(1, 60, dtype=torch.bool)
    memory = attention.read(torch.zeros(1, 60, MEMORY), mask)
    past = torch.zeros(1, 60)
    past[0, 20] = 1.0
    weights, _ = attention(torch.zeros(1, QUERY), past, memory)
    assert weights[0, :20].sum() + weights[0, 31:].sum() < 1e-3
    assert (weights[0] * torch.arange(60)).sum().item() == pytest.approx(21.0, abs=0.5)


@pytest.mark.parametrize("make", [location, dynamic])
def test_padding_and_company_change_nothing(make):
    attention = make()
    queries, values = inputs()
    memory = attention.read(values, MASK)
    n = LENGTHS[1]
    alone = attention.read(values[1:, :n], MASK[1:, :n])
    past, own_past = attention.initial_past(MASK), attention.initial_past(MASK[1:, :n])
    for query in queries:
        weights, past = attention(query, past, memory)
        own, own_past = attention(query[1:], own_past, alone)
        torch.testing.assert_close(weights[1:, :n], own)
        torch.testing.assert_close(weights.sum(dim=-1), torch.ones(2))


@pytest.mark.parametrize("make", [location, dynamic])
def test_the_softmax_keeps_float32_under_autocast(make):
    attention = make()
    queries, values = inputs()
    with torch.autocast("cpu", torch.bfloat16):
        memory = attention.read(values, MASK)
        weights, past = attention(queries[0], attention.initial_past(MASK), memory)
    assert weights.dtype == past.dtype == torch.float32
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(2))


@pytest.mark.parametrize("make", [location, dynamic])
def test_gradients_stay_finite_when_all_weight_is_on_one_token(make):
    attention = make()
    queries, values = inputs()
    past = torch.zeros(2, max(LENGTHS))
    past[:, 0] = 1.0
    past.requires_grad_()
    weights, _ = attention(1e3 * queries[0], past, attention.read(values, MASK))
    weights[:, 1].sum().backward()
    assert torch.isfinite(past.grad).all()
    assert all(torch.isfinite(p.grad).all() for p in attention.parameters() if p.grad is not None)
