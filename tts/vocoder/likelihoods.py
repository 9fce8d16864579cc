"""What a WaveNet's head means: the distribution of the next sample, as a loss and as a draw.

Each likelihood is a pair `nll(params, target)` and `sample(params, uniforms)`. A draw is a function of
numbers in [0, 1), so that PyTorch, the numpy reference and the compiled kernel can be held to the same
stream. A temperature scales the spread of what is drawn (the logits' for the softmax).
"""

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor
from torch.nn import functional

from tts.audio.companding import mu_law_decode, mu_law_encode
from tts.errors import ConfigError

__all__ = [
    "LIKELIHOODS",
    "MAX_UNIFORM",
    "MIN_LOG_SCALE",
    "MIN_UNIFORM",
    "Gaussian",
    "Likelihood",
    "LogisticMixture",
    "MuLawSoftmax",
    "build_likelihood",
]

MIN_LOG_SCALE = -7.0
"""Scales are clamped here: a narrower peak than 1/1000 of the signal only overflows gradients."""

MIN_UNIFORM, MAX_UNIFORM = 1e-5, 1.0 - 1e-5
"""Uniforms are clamped here before an inverse CDF, as in PixelCNN++: no draw is infinite, and rounding in a
cumulative sum never draws a class without probability."""


class Likelihood(ABC):
    """The distribution of one sample of one band, given `n_params` numbers from the head."""

    n_params: int
    n_uniforms: int

    @abstractmethod
    def nll(self, params: Tensor, target: Tensor) -> Tensor:
        """Negative log-likelihood in nats. Shape: (..., n_params), (...) -> (...)."""

    @abstractmethod
    def sample(self, params: Tensor, uniforms: Tensor, temperature: float = 1.0) -> Tensor:
        """A draw. Shape: (..., n_params), (..., n_uniforms) in [0, 1) -> (...)."""


class MuLawSoftmax(Likelihood):
    """A softmax over 256 mu-law classes (van den Oord et al. 2016, WaveNet, section 2.2)."""

    n_uniforms = 1

    def __init__(self, n_classes: int = 256) -> None:
        self.n_params = n_classes

    def nll(self, params: Tensor, target: Tensor) -> Tensor:
        """The target is a value in [-1, 1]; its class is what counts."""
        classes = self.encode(target)
        logits = params.float().reshape(-1, self.n_params)
        return functional.cross_entropy(logits, classes.reshape(-1), reduction="none").view(
            target.shape
        )

    def sample(self, params: Tensor, uniforms: Tensor, temperature: float = 1.0) -> Tensor:
        """The first class whose cumulative probability exceeds the uniform, as a value in [-1, 1]."""
        cumulative = torch.softmax(params.float() / temperature, dim=-1).cumsum(dim=-1)
        classes = (cumulative <= uniforms.clamp(max=MAX_UNIFORM)).sum(dim=-1)
        return mu_law_decode(classes, self.n_params)

    def encode(self, values: Tensor) -> Tensor:
        """The mu-law class of each value."""
        return mu_law_encode(values, self.n_params)


class LogisticMixture(Likelihood):
    """A mixture of logistic densities over a continuous sample (Salimans et al. 2017, PixelCNN++, eq. 1).

    Params: K mixture logits, K means, K log-scales. Uniforms: one chooses the component, one the place.
    """

    n_uniforms = 2

    def __init__(self, n_components: int = 5) -> None:
        self.n_components = n_components
        self.n_params = 3 * n_components

    def nll(self, params: Tensor, target: Tensor) -> Tensor:
        """With z = (x - m) / s, ln p(x) = -z - ln s - 2 ln(1 + exp(-z)) for each component."""
        logits, means, log_scales = params.float().chunk(3, dim=-1)
        log_scales = log_scales.clamp(min=MIN_LOG_SCALE)
        z = (target.unsqueeze(-1) - means) * torch.exp(-log_scales)
        log_density = -z - log_scales - 2.0 * functional.softplus(-z)
        return -torch.logsumexp(torch.log_softmax(logits, dim=-1) + log_density, dim=-1)

    def sample(self, params: Tensor, uniforms: Tensor, temperature: float = 1.0) -> Tensor:
        """x = m + s ln(u / (1 - u)) of the component that the first uniform chooses."""
        logits, means, log_scales = params.float().chunk(3, dim=-1)
        cumulative = torch.softmax(logits, dim=-1).cumsum(dim=-1)
        below = cumulative <= uniforms[..., :1].clamp(max=MAX_UNIFORM)
        chosen = below.sum(dim=-1, keepdim=True)
        mean = means.gather(-1, chosen).squeeze(-1)
        log_scale = log_scales.gather(-1, chosen).squeeze(-1).clamp(min=MIN_LOG_SCALE)
        u = uniforms[..., 1].clamp(MIN_UNIFORM, MAX_UNIFORM)
        return mean + temperature * torch.exp(log_scale) * (torch.log(u) - torch.log1p(-u))


class Gaussian(Likelihood):
    """A single Gaussian (Ping et al. 2018, ClariNet, section 3.1).

    Params: mean, log of the standard deviation. Two uniforms make one normal number (Box-Muller).
    """

    n_params = 2
    n_uniforms = 2

    def nll(self, params: Tensor, target: Tensor) -> Tensor:
        """ln s + (x - m)^2 / 2 s^2 + ln(2 pi) / 2."""
        mean, log_std = params.float().unbind(dim=-1)
        log_std = log_std.clamp(min=MIN_LOG_SCALE)
        z = (target - mean) * torch.exp(-log_std)
        return log_std + 0.5 * z * z + 0.5 * math.log(2.0 * math.pi)

    def sample(self, params: Tensor, uniforms: Tensor, temperature: float = 1.0) -> Tensor:
        """x = m + s sqrt(-2 ln u_0) cos(2 pi u_1)."""
        mean, log_std = params.float().unbind(dim=-1)
        std = torch.exp(log_std.clamp(min=MIN_LOG_SCALE))
        u = uniforms[..., 0].clamp(MIN_UNIFORM, MAX_UNIFORM)
        normal = torch.sqrt(-2.0 * torch.log(u)) * torch.cos(2.0 * math.pi * uniforms[..., 1])
        return mean + temperature * std * normal


LIKELIHOODS = ("mulaw", "logistic_mixture", "gaussian")
"""The names that `build_likelihood` knows."""


def build_likelihood(name: str, n_components: int) -> Likelihood:
    """A likelihood by name. Raises ConfigError for an unknown one."""
    if name == "mulaw":
        return MuLawSoftmax()
    if name == "logistic_mixture":
        return LogisticMixture(n_components)
    if name == "gaussian":
        return Gaussian()
    raise ConfigError(
        f"unknown likelihood {name!r}", hint=f"choose one of: {', '.join(LIKELIHOODS)}"
    )
