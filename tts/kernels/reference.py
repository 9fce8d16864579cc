"""The specification of the compiled kernel: a cached WaveNet, step by step, in plain numpy.

It is written to be read, and keeps every past input of every layer instead of a ring. See the drawing in
`tts.vocoder.wavenet`; the draws are those of `tts.vocoder.likelihoods`.

In bf16 and int8, the weights of every product and its inputs are rounded; biases, the front, the residual
path, sums, gates and draws are not. int8 has 255 levels, from -127 to 127 times a scale:

    weights            a scale for each output of each tap, of the residual path, of all skips, of the head
    inputs             a scale for each vector, whose largest magnitude is 127
    gated activations  1 / 127, they lie in [-1, 1]

The last product of a density is bf16 then: means and scales want more than 8 bits.
"""

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from tts.kernels.weights import N_CLASSES, Affine, FloatArray, LayerWeights, WaveNetWeights

__all__ = [
    "MAX_UNIFORM",
    "MIN_LOG_SCALE",
    "MIN_UNIFORM",
    "round_inputs",
    "round_weights",
    "run",
    "teacher_forced",
]

MIN_LOG_SCALE = -7.0
"""Scales are clamped here before a draw."""

MIN_UNIFORM, MAX_UNIFORM = 1e-5, 1.0 - 1e-5
"""Uniforms are clamped here before an inverse CDF."""

Array = npt.NDArray[np.float64]


def run(
    weights: WaveNetWeights,
    conditions: npt.NDArray[Any],
    uniforms: npt.NDArray[Any],
    hold: int,
    temperature: float = 1.0,
    precision: str = "float32",
) -> Array:
    """A stream drawn from silence.

    Shape: conditions (S' / hold, n_layers, 2 * residual), uniforms (S', n_bands, n_uniforms)
        -> (S', n_bands).
    """
    weights = round_weights(weights, precision)
    histories = _silence(weights, len(uniforms))
    last = np.zeros(weights.n_bands)
    drawn = []
    for t, row in enumerate(uniforms):
        params = _step(weights, last, conditions[t // hold], histories, t, precision)
        last = np.array(
            [_draw(weights, *pair, temperature) for pair in zip(params, row, strict=True)]
        )
        drawn.append(last)
    return np.stack(drawn)


def teacher_forced(
    weights: WaveNetWeights,
    conditions: npt.NDArray[Any],
    bands: npt.NDArray[Any],
    hold: int,
    precision: str = "float32",
) -> Array:
    """The params of every step of a given stream.

    Shape: conditions (S' / hold, n_layers, 2 * residual), bands (S', n_bands) -> (S', n_bands, n_params).
    """
    weights = round_weights(weights, precision)
    histories = _silence(weights, len(bands))
    past = np.concatenate([np.zeros((1, weights.n_bands)), bands[:-1]])
    return np.stack(
        [
            _step(weights, past[t], conditions[t // hold], histories, t, precision)
            for t in range(len(bands))
        ]
    )


# -- precisions -----------------------------------------------------------------------------------


def round_weights(weights: WaveNetWeights, precision: str) -> WaveNetWeights:
    """The weights as their precision leaves them, in float32 still."""
    if precision == "float32":
        return weights
    residual, n_skip = weights.residual_dim, weights.skip_dim
    skips = np.concatenate([layer.mix.weight[-n_skip:] for layer in weights.layers], axis=1)
    skips = _round_rows(skips, precision)
    layers = []
    for i, (gate, mix) in enumerate(weights.layers):
        taps = np.split(gate.weight, weights.kernel, axis=1)
        gate_weight = np.concatenate([_round_rows(tap, precision) for tap in taps], axis=1)
        skip = skips[:, i * residual : (i + 1) * residual]
        mix_weight = np.concatenate([_round_rows(mix.weight[:-n_skip], precision), skip])
        layers.append(LayerWeights(Affine(gate_weight, gate.bias), Affine(mix_weight, mix.bias)))
    head, out = weights.head, weights.out
    return dataclasses.replace(
        weights,
        layers=tuple(layers),
        head=Affine(_round_rows(head.weight, precision), head.bias),
        out=Affine(_round_rows(out.weight, _last_precision(weights, precision)), out.bias),
    )


def round_inputs(x: Array, precision: str, scale: float | None = None) -> Array:
    """The inputs of a product as their precision leaves them; `scale` is that of int8, if it is known.

    Shape: (n,) -> (n,).
    """
    if precision == "bf16":
        return _bf16(x)
    if precision == "int8":
        scale = float(np.abs(x).max()) / 127.0 if scale is None else scale
        return np.rint(x / scale) * scale if scale > 0.0 else np.zeros_like(x)
    return x


def _round_rows(weight: npt.NDArray[Any], precision: str) -> FloatArray:
    """Weights, each row at its own scale. Shape: (out, in) -> (out, in)."""
    rows = [round_inputs(row.astype(np.float64), precision) for row in weight]
    return np.array(rows, dtype=np.float32).reshape(weight.shape)


def _bf16(x: npt.NDArray[Any]) -> Array:
    """The upper half of a float32, rounded to the nearest, ties to even."""
    bits = x.astype(np.float32).view(np.uint32).astype(np.uint64)
    rounded = (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000
    return rounded.astype(np.uint32).view(np.float32).astype(np.float64)


def _last_precision(weights: WaveNetWeights, precision: str) -> str:
    return "bf16" if precision == "int8" and weights.likelihood != "mulaw" else precision


# -- steps ----------------------------------------------------------------------------------------


def _silence(weights: WaveNetWeights, n_steps: int) -> list[Array]:
    """For each layer, room for its inputs: the zeros before the first step, then `n_steps` more."""
    spans = [(weights.kernel - 1) * dilation for dilation in weights.dilations]
    return [np.zeros((span + n_steps, weights.residual_dim)) for span in spans]


def _step(
    weights: WaveNetWeights,
    last: npt.NDArray[Any],
    condition: npt.NDArray[Any],
    histories: list[Array],
    t: int,
    precision: str,
) -> Array:
    """The params of step `t`, given the samples of the step before. Shape: -> (n_bands, n_params)."""
    residual = weights.residual_dim
    x = _embed(weights, last)
    skips = np.zeros(weights.skip_dim)
    for i, (layer, dilation) in enumerate(zip(weights.layers, weights.dilations, strict=True)):
        history, span = histories[i], (weights.kernel - 1) * dilation
        history[span + t] = round_inputs(x, precision)
        taps = history[t : t + span + 1 : dilation]  # x[t - span] ... x[t - dilation], x[t]
        gate = _apply(layer.gate, taps.reshape(-1)) + condition[i]
        z = np.tanh(gate[:residual]) / (1.0 + np.exp(-gate[residual:]))
        mixed = _apply(layer.mix, round_inputs(z, precision, scale=1.0 / 127.0))
        skips = skips + mixed[-weights.skip_dim :]
        if i + 1 < len(weights.layers):
            x = x + mixed[:residual]
    hidden = _apply(weights.head, round_inputs(np.maximum(skips, 0.0), precision))
    hidden = round_inputs(np.maximum(hidden, 0.0), _last_precision(weights, precision))
    return _apply(weights.out, hidden).reshape(weights.n_bands, weights.n_params)


def _embed(weights: WaveNetWeights, last: npt.NDArray[Any]) -> Array:
    """The front: a row of a table for each band's mu-law class, or a product with the values."""
    if weights.likelihood != "mulaw":
        return _apply(weights.front, last)
    classes = mu_law_encode(last) + N_CLASSES * np.arange(weights.n_bands)
    return weights.front.weight.astype(np.float64)[:, classes].sum(axis=1) + weights.front.bias


def _apply(affine: Affine, x: npt.NDArray[Any]) -> Array:
    return affine.weight.astype(np.float64) @ x + affine.bias


def _draw(
    weights: WaveNetWeights, params: Array, uniforms: npt.NDArray[Any], temperature: float
) -> float:
    """A sample of one band. Shape: params (n_params,), uniforms (n_uniforms,)."""
    if weights.likelihood == "mulaw":
        return float(mu_law_decode(_choose(params / temperature, uniforms[0])))
    if weights.likelihood == "logistic_mixture":
        logits, means, log_scales = params.reshape(3, -1)
        chosen = _choose(logits, uniforms[0])
        scale = np.exp(max(log_scales[chosen], MIN_LOG_SCALE))
        u = np.clip(float(uniforms[1]), MIN_UNIFORM, MAX_UNIFORM)
        return float(means[chosen] + temperature * scale * (np.log(u) - np.log1p(-u)))
    mean, log_std = params
    u = np.clip(float(uniforms[0]), MIN_UNIFORM, MAX_UNIFORM)
    normal = np.sqrt(-2.0 * np.log(u)) * np.cos(2.0 * np.pi * float(uniforms[1]))
    return float(mean + temperature * np.exp(max(log_std, MIN_LOG_SCALE)) * normal)


def _choose(logits: Array, uniform: float) -> int:
    """The first class whose cumulative probability exceeds `uniform`."""
    exponentials = np.exp(logits - logits.max())
    cumulative = np.cumsum(exponentials / exponentials.sum())
    return int((cumulative <= min(uniform, MAX_UNIFORM)).sum())


def mu_law_encode(values: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Rounds ln(1 + mu |x|) / ln(1 + mu), with the sign of x, to the nearest of 256 levels over [-1, 1]."""
    mu = N_CLASSES - 1
    x = np.clip(values, -1.0, 1.0)
    compressed = np.sign(x) * np.log1p(mu * np.abs(x)) / np.log1p(mu)
    return np.floor((compressed + 1.0) / 2.0 * mu + 0.5).astype(np.int64)


def mu_law_decode(classes: int) -> float:
    """The value that a class stands for."""
    mu = N_CLASSES - 1
    compressed = classes / mu * 2.0 - 1.0
    return float(np.sign(compressed) * np.expm1(abs(compressed) * np.log1p(mu)) / mu)
