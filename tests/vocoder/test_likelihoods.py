"""Likelihoods against scipy.stats: densities, draws, and what happens at the extremes."""

import math

import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch

from tts.audio.companding import mu_law_decode, mu_law_encode
from tts.errors import ConfigError
from tts.vocoder.likelihoods import (
    LIKELIHOODS,
    MAX_UNIFORM,
    MIN_LOG_SCALE,
    MIN_UNIFORM,
    Gaussian,
    LogisticMixture,
    MuLawSoftmax,
    build_likelihood,
)

K = 3
NAMES = list(LIKELIHOODS)

LOGITS = [0.3, -1.0, 1.2]
MEANS = [-0.8, 0.1, 1.1]
LOG_SCALES = [-1.5, -0.3, -2.0]
MIXTURE = torch.tensor(LOGITS + MEANS + LOG_SCALES)
NORMAL = torch.tensor([0.4, -0.7])


def mixture_cdf(x: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    weights = scipy.special.softmax(LOGITS)
    return sum(
        w * scipy.stats.logistic.cdf(x, m, temperature * math.exp(s))
        for w, m, s in zip(weights, MEANS, LOG_SCALES, strict=True)
    )


def normal_cdf(x: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    return scipy.stats.norm.cdf(x, 0.4, temperature * math.exp(-0.7))


def random_params(name: str, *shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(*shape, build_likelihood(name, K).n_params, generator=generator)


# -- densities ---------------------------------------------------------------------------------------


def test_mixture_nll_equals_scipy():
    params = random_params("logistic_mixture", 4, 5)
    target = torch.linspace(-3, 3, 20).view(4, 5)
    nll = LogisticMixture(K).nll(params, target)
    assert nll.shape == (4, 5)
    logits, means, log_scales = params.double().chunk(3, dim=-1)
    density = scipy.stats.logistic.logpdf(target.numpy()[..., None], means, log_scales.exp())
    expected = -scipy.special.logsumexp(torch.log_softmax(logits, -1).numpy() + density, axis=-1)
    np.testing.assert_allclose(nll.numpy(), expected, rtol=1e-5, atol=1e-5)


def test_gaussian_nll_equals_scipy():
    params = random_params("gaussian", 4, 5)
    target = torch.linspace(-3, 3, 20).view(4, 5)
    nll = Gaussian().nll(params, target)
    assert nll.shape == (4, 5)
    expected = -scipy.stats.norm.logpdf(target, params[..., 0], params[..., 1].double().exp())
    np.testing.assert_allclose(nll.numpy(), expected, rtol=1e-5, atol=1e-5)


def test_mulaw_nll_equals_scipy():
    params = random_params("mulaw", 4, 5)
    target = torch.linspace(-1, 1, 20).view(4, 5)
    nll = MuLawSoftmax().nll(params, target)
    assert nll.shape == (4, 5)
    classes = mu_law_encode(target.numpy())
    for index in np.ndindex(4, 5):
        probabilities = scipy.special.softmax(params[index].double().numpy())
        expected = -scipy.stats.rv_discrete(values=(np.arange(256), probabilities)).logpmf(
            classes[index]
        )
        assert nll[index].item() == pytest.approx(expected, rel=1e-5)


def test_narrow_scales_are_held_at_the_limit():
    target = torch.linspace(-0.02, 0.02, 9)
    scale = math.exp(MIN_LOG_SCALE)
    params = torch.tensor([0.001, -50.0]).expand(9, 2)
    expected = -scipy.stats.norm.logpdf(target, 0.001, scale)
    np.testing.assert_allclose(Gaussian().nll(params, target), expected, rtol=1e-4)
    params = torch.tensor([0.0, 0.001, -50.0]).expand(9, 3)
    expected = -scipy.stats.logistic.logpdf(target, 0.001, scale)
    np.testing.assert_allclose(LogisticMixture(1).nll(params, target), expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("likelihood", "params"), [(LogisticMixture(K), MIXTURE), (Gaussian(), NORMAL)]
)
def test_densities_integrate_to_one(likelihood, params):
    x = torch.linspace(-30, 30, 60001, dtype=torch.float64)
    density = torch.exp(-likelihood.nll(params.expand(len(x), -1), x)).double()
    assert torch.trapezoid(density, x).item() == pytest.approx(1.0, abs=1e-5)


def test_classes_add_up_to_one():
    params = random_params("mulaw", 1).expand(256, -1)
    levels = mu_law_decode(torch.arange(256))
    assert torch.exp(-MuLawSoftmax().nll(params, levels)).sum().item() == pytest.approx(1.0)


# -- draws -------------------------------------------------------------------------------------------


def stratified(n_uniforms: int, n: int) -> torch.Tensor:
    """The middles of n equal cells, or of n x n, which a function of uniforms turns into quantiles."""
    middles = (torch.arange(n) + 0.5) / n
    return torch.cartesian_prod(*[middles] * n_uniforms).view(-1, n_uniforms)


@pytest.mark.parametrize("temperature", [1.0, 0.6])
@pytest.mark.parametrize(
    ("likelihood", "params", "cdf"),
    [(LogisticMixture(K), MIXTURE, mixture_cdf), (Gaussian(), NORMAL, normal_cdf)],
)
def test_draws_follow_their_distribution(likelihood, params, cdf, temperature):
    """200 x 200 stratified uniforms: no quantile is off by more than a row of cells."""
    uniforms = stratified(2, 200)
    drawn = likelihood.sample(params.expand(len(uniforms), -1), uniforms, temperature)
    assert drawn.shape == (len(uniforms),)
    statistic = scipy.stats.kstest(drawn.numpy(), lambda x: cdf(x, temperature)).statistic
    assert statistic < 1.2 / 200


@pytest.mark.parametrize("temperature", [1.0, 0.6])
def test_classes_are_drawn_as_often_as_probable(temperature):
    n, params = 20000, 2 * random_params("mulaw", 1)[0]
    drawn = MuLawSoftmax().sample(params.expand(n, -1), stratified(1, n), temperature)
    counts = np.bincount(mu_law_encode(drawn.numpy()), minlength=256)
    expected = scipy.special.softmax(params.double().numpy() / temperature) * n
    assert np.abs(counts - expected).max() <= 1.5  # each end of an interval may cost one


@pytest.mark.parametrize("name", NAMES)
def test_draws_agree_with_the_likelihood(name):
    """What is drawn has the mean surprise that the density itself has: its entropy, by quadrature."""
    likelihood = build_likelihood(name, K)
    params = {"logistic_mixture": MIXTURE, "gaussian": NORMAL}.get(name, random_params(name, 1)[0])
    uniforms = stratified(likelihood.n_uniforms, 200 if likelihood.n_uniforms == 2 else 20000)
    many = params.expand(len(uniforms), -1)
    surprise = likelihood.nll(many, likelihood.sample(many, uniforms)).mean().item()
    if name == "mulaw":
        entropy = scipy.stats.entropy(scipy.special.softmax(params.double().numpy()))
    else:
        x = torch.linspace(-30, 30, 60001, dtype=torch.float64)
        nll = likelihood.nll(params.expand(len(x), -1), x).double()
        entropy = torch.trapezoid(torch.exp(-nll) * nll, x).item()
    assert surprise == pytest.approx(entropy, abs=0.01)


def test_mixture_draws_by_hand():
    """x = m + s ln(u / (1 - u)) of the component in whose share of [0, 1) the first uniform lies."""
    weights = scipy.special.softmax(LOGITS)
    edges = np.concatenate([[0], weights.cumsum()])
    for k in range(K):
        for share in (0.01, 0.5, 0.99):
            u = edges[k] + share * weights[k]
            drawn = LogisticMixture(K).sample(MIXTURE, torch.tensor([u, 0.8]).float(), 0.5)
            expected = scipy.stats.logistic.ppf(0.8, MEANS[k], 0.5 * math.exp(LOG_SCALES[k]))
            assert drawn.item() == pytest.approx(expected, rel=1e-4)


def test_gaussian_draws_by_hand():
    uniforms = torch.tensor([[0.3, 0.0], [0.3, 0.25], [0.3, 0.5], [0.9, 0.125]])
    drawn = Gaussian().sample(NORMAL.expand(4, -1), uniforms, 2.0)
    radius = [math.sqrt(-2 * math.log(u)) for u in (0.3, 0.3, 0.3, 0.9)]
    cosine = [1.0, 0.0, -1.0, math.sqrt(0.5)]
    expected = [0.4 + 2 * math.exp(-0.7) * r * c for r, c in zip(radius, cosine, strict=True)]
    np.testing.assert_allclose(drawn.numpy(), expected, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_less_temperature_is_less_spread(name):
    likelihood = build_likelihood(name, K)
    params = random_params(name, 1)
    if name == "logistic_mixture":
        params[:, K : 2 * K] = 0.1  # which component is drawn does not depend on the temperature
    uniforms = stratified(likelihood.n_uniforms, 40)
    many = params.expand(len(uniforms), -1)
    cold, warm = (likelihood.sample(many, uniforms, t) for t in (0.01, 1.0))
    assert cold.std() < 0.1 * warm.std()
    if name == "mulaw":
        best = mu_law_decode(params[0].argmax()[None])
        torch.testing.assert_close(likelihood.sample(many, uniforms, 1e-4), best.expand(40))


# -- extremes ----------------------------------------------------------------------------------------

EXTREMES = [0.0, 1e-12, 0.5, 1 - 2**-24]
"""Uniforms, with the least and the greatest that a float32 generator gives."""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_extreme_uniforms_are_finite(name, scale):
    likelihood = build_likelihood(name, K)
    grid = torch.cartesian_prod(*[torch.tensor(EXTREMES)] * likelihood.n_uniforms)
    grid = grid.view(-1, likelihood.n_uniforms)
    params = (scale * random_params(name, 6))[:, None].expand(-1, len(grid), -1)
    if scale > 1 and name != "mulaw":
        params = params.clamp(-60, 60)
    drawn = likelihood.sample(params, grid.expand(6, -1, -1))
    assert drawn.shape == (6, len(grid))
    assert torch.isfinite(drawn).all()


def test_clamped_uniforms_bound_the_draws():
    """No draw lies further out than the clamp allows: 11.5 scales, or 4.8 standard deviations."""
    one = LogisticMixture(1)
    for u, limit in ((0.0, MIN_UNIFORM), (1 - 2**-24, MAX_UNIFORM)):
        drawn = one.sample(torch.tensor([0.0, 0.0, 0.0]), torch.tensor([0.5, u]))
        assert drawn.item() == pytest.approx(scipy.stats.logistic.ppf(limit), rel=1e-3)
    drawn = Gaussian().sample(torch.zeros(2), torch.tensor([0.0, 0.0]))
    assert drawn.item() == pytest.approx(math.sqrt(-2 * math.log(MIN_UNIFORM)), rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [-1e4, -100.0, 0.0, 100.0, 1e4])
def test_gradients_are_finite_at_extremes(name, value):
    likelihood = build_likelihood(name, K)
    params = random_params(name, 3)
    generator = torch.Generator().manual_seed(1)
    params = params + value * torch.randint(-1, 2, params.shape, generator=generator)
    if name != "mulaw":  # a scale of e^1e4 is no number
        scales = slice(2 * K, None) if name == "logistic_mixture" else slice(1, None)
        params[..., scales] = params[..., scales].clamp(max=40.0)
    params.requires_grad_()
    target = torch.tensor([-1.0, 0.0, 1.0])
    nll = likelihood.nll(params, target)
    nll.sum().backward()
    assert torch.isfinite(nll).all()
    assert torch.isfinite(params.grad).all()


@pytest.mark.parametrize("name", NAMES)
def test_gradients_equal_finite_differences(name):
    likelihood = build_likelihood(name, K)
    params = random_params(name, 2).requires_grad_()
    target = torch.tensor([-0.4, 0.3])
    (gradient,) = torch.autograd.grad(likelihood.nll(params, target).sum(), params)
    for index in [(0, 0), (1, -1), (0, likelihood.n_params // 2)]:
        moved = []
        for sign in (1, -1):
            other = params.detach().clone()
            other[index] += sign * 1e-2
            moved.append(likelihood.nll(other, target).sum().item())
        assert gradient[index].item() == pytest.approx((moved[0] - moved[1]) / 2e-2, abs=3e-3)


def test_a_class_without_probability_is_never_drawn():
    """Class 255 is full scale: drawn by mistake, it is a click."""
    generator = torch.Generator().manual_seed(0)
    params = torch.randn(500, 256, generator=generator)
    params[:, 200:] = -80.0  # never
    drawn = MuLawSoftmax().sample(params, torch.full((500, 1), 1 - 2**-24))
    assert (mu_law_encode(drawn) < 200).all()


# -- names -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "cls", "n_params", "n_uniforms"),
    [
        ("mulaw", MuLawSoftmax, 256, 1),
        ("logistic_mixture", LogisticMixture, 9, 2),
        ("gaussian", Gaussian, 2, 2),
    ],
)
def test_build_likelihood(name, cls, n_params, n_uniforms):
    likelihood = build_likelihood(name, K)
    assert type(likelihood) is cls
    assert likelihood.n_params == n_params
    assert likelihood.n_uniforms == n_uniforms
    assert name in LIKELIHOODS


def test_unknown_likelihood():
    with pytest.raises(ConfigError, match="unknown likelihood 'laplace'") as caught:
        build_likelihood("laplace", 3)
    assert caught.value.hint == "choose one of: mulaw, logistic_mixture, gaussian"
