"""bf16 and int8: what they round, and that every instruction set does as the reference says."""

import dataclasses
import itertools
import re

import numpy as np
import pytest
import torch

from tts.errors import KernelError
from tts.kernels import PRECISIONS, Affine, WaveNetKernel, chosen_precision, isas, reference
from tts.vocoder import likelihoods
from tts.vocoder.compiled import compiled_wavenet

ROUNDED = ("bf16", "int8")
SIZES = ("tiny", "odd", "three_taps", "shipped", "wide")
CASES = [
    pytest.param(*case, id="-".join(map(str, case)))
    for case in itertools.product(SIZES, likelihoods.LIKELIHOODS, (1, 4), ROUNDED)
]


# -- what is rounded -----------------------------------------------------------------------------


def test_bf16_is_that_of_torch():
    x = np.random.default_rng(0).normal(size=1000) * np.logspace(-6, 6, 1000)
    expected = torch.from_numpy(x).float().bfloat16().double().numpy()
    assert np.array_equal(reference.round_inputs(x, "bf16"), expected)
    ties = np.array([1.0 + 2.0**-8, 1.0 + 3 * 2.0**-8])  # halfway: to the even neighbour
    assert reference.round_inputs(ties, "bf16").tolist() == [1.0, 1.0 + 2.0**-6]


def test_int8_is_that_of_torch():
    x = np.random.default_rng(0).normal(size=100)
    scale = np.abs(x).max() / 127.0
    expected = torch.fake_quantize_per_tensor_affine(torch.from_numpy(x), scale, 0, -127, 127)
    np.testing.assert_allclose(reference.round_inputs(x, "int8"), expected.numpy(), rtol=1e-6)
    assert not reference.round_inputs(np.zeros(3), "int8").any()


def test_weights_are_rounded_row_by_row(build_case):
    weights = build_case("three_taps", "mulaw", 1).weights
    rounded = reference.round_weights(weights, "int8")
    residual, n_skip = weights.residual_dim, weights.skip_dim

    def expected(weight):
        scales = np.abs(weight).max(axis=1) / 127.0
        return torch.fake_quantize_per_channel_affine(
            torch.from_numpy(weight.copy()),
            torch.from_numpy(scales),
            torch.zeros(len(weight), dtype=torch.int32),
            0,
            -127,
            127,
        ).numpy()

    def same(actual, weight):
        np.testing.assert_allclose(actual, expected(weight), rtol=1e-5, atol=1e-7)

    for layer, plain in zip(rounded.layers, weights.layers, strict=True):
        for tap in range(3):  # each by itself
            columns = slice(tap * residual, (tap + 1) * residual)
            same(layer.gate.weight[:, columns], plain.gate.weight[:, columns])
        if len(plain.mix.weight) > n_skip:  # but the last
            same(layer.mix.weight[:-n_skip], plain.mix.weight[:-n_skip])
        assert np.array_equal(layer.gate.bias, plain.gate.bias)
    skips, plain_skips = (
        np.concatenate([layer.mix.weight[-n_skip:] for layer in w.layers], axis=1)
        for w in (rounded, weights)
    )
    same(skips, plain_skips)  # all layers together
    same(rounded.head.weight, weights.head.weight)
    same(rounded.out.weight, weights.out.weight)
    assert rounded.front is weights.front


@pytest.mark.parametrize("likelihood", ["logistic_mixture", "gaussian"])
def test_the_last_product_of_a_density_is_bf16(build_case, likelihood):
    weights = build_case("odd", likelihood, 4).weights
    out = reference.round_weights(weights, "int8").out.weight
    assert np.array_equal(out, reference.round_weights(weights, "bf16").out.weight)


# -- the kernel ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "likelihood", "n_bands", "precision"), CASES)
def test_kernel_equals_the_reference(build_case, size, likelihood, n_bands, precision):
    """To float32, until an input is so near to the middle of two levels that the last bit decides.

    What follows such an input is another stream; it must be as near as float32 still. 20 steps are more
    than the longest dilation, and mostly too few to meet one.
    """
    case = build_case(size, likelihood, n_bands)
    bands, conditions = case.bands[:20], case.conditions[:1]
    exact = reference.teacher_forced(case.weights, conditions, bands, 20)
    expected = reference.teacher_forced(case.weights, conditions, bands, 20, precision)
    rounding = np.sqrt(np.square(expected - exact).mean())
    for isa in isas():
        kernel = WaveNetKernel(case.weights, isa, precision)
        params = kernel.teacher_forced(kernel.initial_state(), conditions, bands)
        errors = np.abs(params - expected)
        assert np.quantile(errors, 0.1) < 1e-5, isa
        assert np.sqrt(np.square(errors).mean()) < 1e-6 + rounding, isa


@pytest.mark.parametrize("precision", ROUNDED)
def test_kernel_draws_the_stream_of_the_reference(build_case, precision):
    case = build_case("odd", "mulaw", 4)
    uniforms = case.uniforms[: 3 * case.net.hold]
    expected = reference.run(case.weights, case.conditions, uniforms, case.net.hold, 0.9, precision)
    for isa in isas():
        kernel = WaveNetKernel(case.weights, isa, precision)
        drawn = kernel.run(kernel.initial_state(), case.conditions[:3], uniforms, 0.9)
        np.testing.assert_allclose(drawn, expected, atol=1e-4, err_msg=isa)


@pytest.mark.parametrize("isa", isas())
def test_int8_never_saturates(build_case, isa):
    """The largest sums there are: every weight of a row is its largest, every input is, too."""
    weights = build_case("wide", "mulaw", 1).weights
    signs = np.where(np.arange(70) % 3, 1.0, -1.0).astype(np.float32)  # of the inputs
    gate = np.tile(signs, (140, 4)) * 0.01
    layers = tuple(layer._replace(gate=Affine(gate, layer.gate.bias)) for layer in weights.layers)
    front = Affine(np.tile(signs[:, None], 256), weights.front.bias)
    extreme = dataclasses.replace(weights, front=front, layers=layers)
    conditions = np.zeros((1, 4, 140), dtype=np.float32)
    bands = np.zeros((8, 1), dtype=np.float32)
    kernel = WaveNetKernel(extreme, isa, "int8")
    params = kernel.teacher_forced(kernel.initial_state(), conditions, bands)
    expected = reference.teacher_forced(extreme, conditions, bands, 8, "int8")
    assert np.median(np.abs(params - expected)) < 1e-5
    negative = dataclasses.replace(extreme, front=Affine(-front.weight, front.bias))
    kernel = WaveNetKernel(negative, isa, "int8")
    params = kernel.teacher_forced(kernel.initial_state(), conditions, bands)
    expected = reference.teacher_forced(negative, conditions, bands, 8, "int8")
    assert np.median(np.abs(params - expected)) < 1e-5


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("isa", isas())
def test_a_weight_matrix_of_zeros(build_case, isa, precision):
    weights = build_case("odd", "mulaw", 1).weights
    zero = dataclasses.replace(
        weights, head=Affine(np.zeros_like(weights.head.weight), weights.head.bias)
    )
    kernel = WaveNetKernel(zero, isa, precision)
    conditions = np.zeros((1, 7, 42), dtype=np.float32)
    bands = np.zeros((2, 1), dtype=np.float32)
    params = kernel.teacher_forced(kernel.initial_state(), conditions, bands)
    expected = reference.teacher_forced(zero, conditions, bands, 2, precision)
    np.testing.assert_allclose(params, expected, atol=1e-5)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_step_bytes_are_those_of_the_weights(build_case, precision):
    """Of a network whose sizes are whole vectors everywhere."""
    case = build_case("shipped", "mulaw", 1)
    kernel = WaveNetKernel(case.weights, "baseline", precision)
    group = {"float32": 1, "bf16": 2, "int8": 4}[precision]

    def cost(n_in, n_out):
        return (n_in // group + (2 if precision == "int8" else 0)) * n_out * 4

    blocks = [min(4, dilation) for dilation in case.weights.dilations]
    expected = 12 * cost(48, 96) + 11 * cost(48, 48) + cost(12 * 48, 64) + cost(64, 64)
    expected += cost(64, 256) + sum(cost(48, 96) // block for block in blocks)
    assert kernel.step_bytes == expected


# -- choosing ------------------------------------------------------------------------------------


def test_the_default_is_the_measured_one(monkeypatch, build_case):
    monkeypatch.delenv("SAYWAVE_KERNEL_PRECISION", raising=False)
    assert chosen_precision() == "int8"
    assert compiled_wavenet(build_case("tiny", "gaussian", 1).net).kernel.precision == "int8"


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_environment_chooses(monkeypatch, build_case, precision):
    monkeypatch.setenv("SAYWAVE_KERNEL_PRECISION", precision)
    assert WaveNetKernel(build_case("tiny", "gaussian", 1).weights).precision == precision


def test_an_unknown_precision_names_the_choices(monkeypatch, build_case):
    weights = build_case("tiny", "gaussian", 1).weights
    with pytest.raises(KernelError, match=r"precision is 'float31'.*mean 'float32'") as raised:
        WaveNetKernel(weights, precision="float31")
    assert raised.value.hint == "choose one of: float32, bf16, int8"
    monkeypatch.setenv("SAYWAVE_KERNEL_PRECISION", "int4")
    with pytest.raises(KernelError, match="SAYWAVE_KERNEL_PRECISION is 'int4'"):
        WaveNetKernel(weights)


def test_int8_refuses_what_its_sums_cannot_hold(build_case):
    weights = build_case("tiny", "gaussian", 1).weights
    n_layers = (1 << 12) + 1  # of 16 channels, padded
    (last,) = weights.layers
    first = last._replace(
        mix=Affine(np.ones((2, 1), dtype=np.float32), np.zeros(2, dtype=np.float32))
    )
    many = dataclasses.replace(
        weights, layers=(first,) * (n_layers - 1) + (last,), dilations=(1,) * n_layers
    )
    message = re.escape("int8 takes at most 65536 for n_layers * residual_dim")
    with pytest.raises(KernelError, match=message):
        WaveNetKernel(many, precision="int8")
    WaveNetKernel(many, precision="bf16")
