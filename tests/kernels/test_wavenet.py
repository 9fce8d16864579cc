"""The reference is the PyTorch network, and the kernel is the reference, on every instruction set."""

import dataclasses
import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from tts.errors import KernelError
from tts.kernels import PRECISIONS, Affine, WaveNetKernel, isas, reference
from tts.vocoder import likelihoods

SIZES = ("tiny", "odd", "three_taps", "shipped", "wide")
CASES = [
    pytest.param(case, id="-".join(map(str, case)))
    for case in itertools.product(SIZES, likelihoods.LIKELIHOODS, (1, 4))
]


@pytest.fixture(params=CASES)
def case(request, build_case):
    return build_case(*request.param)


@pytest.fixture
def one_case(build_case):
    return build_case("odd", "logistic_mixture", 4)


def test_reference_equals_the_forward_pass(case):
    bands = case.bands[: 2 * case.net.hold]
    params = reference.teacher_forced(case.weights, case.conditions, bands, case.net.hold)
    with torch.inference_mode():
        expected = case.net(torch.from_numpy(case.bands)[None], case.mel)[0].numpy()
    np.testing.assert_allclose(params, expected[: len(bands)], atol=1e-4)


def test_reference_draws_the_stream_of_the_loop(case):
    uniforms = case.uniforms[: 2 * case.net.hold]
    drawn = reference.run(case.weights, case.conditions, uniforms, case.net.hold, 0.9)
    with torch.inference_mode():
        expected = case.net.steps(
            torch.from_numpy(case.conditions)[None],
            torch.from_numpy(uniforms)[None],
            case.net.initial_state(1),
            temperature=0.9,
        )[0].numpy()
    np.testing.assert_allclose(drawn, expected, atol=1e-4)


def test_kernel_equals_the_forward_pass(case):
    with torch.inference_mode():
        expected = case.net(torch.from_numpy(case.bands)[None], case.mel)[0].numpy()
    for isa in isas():
        kernel = WaveNetKernel(case.weights, isa, "float32")
        params = kernel.teacher_forced(kernel.initial_state(), case.conditions, case.bands)
        np.testing.assert_allclose(params, expected, atol=1e-4, err_msg=isa)


def test_kernel_draws_the_stream_of_the_reference(case):
    n_conditions = 3
    uniforms = case.uniforms[: n_conditions * case.net.hold]
    conditions = case.conditions[:n_conditions]
    expected = reference.run(case.weights, conditions, uniforms, case.net.hold, 0.9)
    for isa in isas():
        kernel = WaveNetKernel(case.weights, isa, "float32")
        drawn = kernel.run(kernel.initial_state(), conditions, uniforms, 0.9)
        np.testing.assert_allclose(drawn, expected, atol=1e-4, err_msg=isa)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("isa", isas())
@pytest.mark.parametrize("size", SIZES)
def test_chunks_are_the_whole_bit_for_bit(build_case, size, isa, precision):
    case = build_case(size, "logistic_mixture", 4)
    # Held for 3 steps, so that chunks end at every phase of the blocks that look back.
    n_conditions = len(case.conditions)
    uniforms = case.uniforms[: 3 * n_conditions]
    kernel = WaveNetKernel(case.weights, isa, precision)
    whole = kernel.run(kernel.initial_state(), case.conditions, uniforms)
    state, chunks = kernel.initial_state(), []
    for start, end in itertools.pairwise([0, 1, 2, 4, 7, n_conditions]):
        chunk = kernel.run(state, case.conditions[start:end], uniforms[3 * start : 3 * end])
        chunks.append(chunk)
    assert np.array_equal(np.concatenate(chunks), whole)
    assert not kernel.run(state, case.conditions[:0], uniforms[:0]).size


def test_params_while_forced_are_those_of_the_draws(one_case):
    kernel = WaveNetKernel(one_case.weights, precision="float32")
    free, forced = kernel.initial_state(), kernel.initial_state()
    drawn = kernel.run(free, one_case.conditions, one_case.uniforms)
    kernel.teacher_forced(forced, one_case.conditions, drawn)
    onward = one_case.conditions[:1], one_case.uniforms[: one_case.net.hold]
    assert np.array_equal(kernel.run(free, *onward), kernel.run(forced, *onward))


def test_a_copied_state_is_another_stream(one_case):
    kernel = WaveNetKernel(one_case.weights, precision="float32")
    state = kernel.initial_state()
    kernel.run(state, one_case.conditions, one_case.uniforms)
    twin = state.copy()
    onward = one_case.conditions[:1], one_case.uniforms[: one_case.net.hold]
    first = kernel.run(state, *onward)
    assert np.array_equal(kernel.run(twin, *onward), first)


def test_threads_do_not_meet(one_case):
    kernel = WaveNetKernel(one_case.weights, precision="float32")
    streams = [one_case.uniforms, one_case.uniforms[::-1].copy()]

    def speak(uniforms):
        state = kernel.initial_state()
        return [kernel.run(state, one_case.conditions, uniforms) for _ in range(30)]

    one_after_the_other = [speak(uniforms) for uniforms in streams]
    with ThreadPoolExecutor(2) as pool:
        at_once = list(pool.map(speak, streams))
    assert np.array_equal(at_once, one_after_the_other)


def test_a_kernel_survives_its_weights_and_frees_its_own(one_case):
    expected = None
    for _ in range(3):
        weights = dataclasses.replace(
            one_case.weights, head=Affine(*map(np.copy, one_case.weights.head))
        )
        kernel = WaveNetKernel(weights, precision="float32")
        weights.head.weight[:] = np.nan
        drawn = kernel.run(kernel.initial_state(), one_case.conditions, one_case.uniforms)
        assert expected is None or np.array_equal(drawn, expected)
        expected = drawn


@pytest.mark.parametrize("likelihood", likelihoods.LIKELIHOODS)
@pytest.mark.parametrize(
    "uniform", [0.0, 1e-7, 0.5, np.nextafter(np.float32(1.0), np.float32(0.0))]
)
def test_extreme_uniforms_draw_what_the_likelihood_draws(build_case, likelihood, uniform):
    case = build_case("odd", likelihood, 1)
    kernel = WaveNetKernel(case.weights, precision="float32")
    uniforms = np.full_like(case.uniforms[: case.net.hold], uniform)
    state = case.net.initial_state(1)
    with torch.inference_mode():
        expected = case.net.steps(
            torch.from_numpy(case.conditions)[None], torch.from_numpy(uniforms)[None], state
        )[0].numpy()
    drawn = kernel.run(kernel.initial_state(), case.conditions[:1], uniforms)
    np.testing.assert_allclose(drawn, expected, atol=2e-4)


def test_saturated_gates_and_narrow_scales_stay_exact(build_case):
    case = build_case("odd", "logistic_mixture", 4)
    conditions = case.conditions * 40.0
    out = Affine(
        case.weights.out.weight, case.weights.out.bias - 9.0
    )  # log-scales beyond the clamp
    weights = dataclasses.replace(case.weights, out=out)
    expected = reference.run(weights, conditions, case.uniforms, case.net.hold)
    for isa in isas():
        kernel = WaveNetKernel(weights, isa, "float32")
        drawn = kernel.run(kernel.initial_state(), conditions, case.uniforms)
        np.testing.assert_allclose(drawn, expected, atol=1e-4)


def test_temperature_zero(build_case):
    mixture = build_case("odd", "gaussian", 4)
    kernel = WaveNetKernel(mixture.weights, precision="float32")
    args = mixture.conditions, mixture.uniforms
    drawn = kernel.run(kernel.initial_state(), *args, 0.0)
    expected = reference.run(mixture.weights, *args, mixture.net.hold, 0.0)
    np.testing.assert_allclose(drawn, expected, atol=1e-4)

    softmax = build_case("odd", "mulaw", 1)
    kernel = WaveNetKernel(softmax.weights, precision="float32")
    for temperature in (0.0, -1.0, float("nan")):
        with pytest.raises(KernelError, match="cannot draw at temperature"):
            kernel.run(kernel.initial_state(), softmax.conditions, softmax.uniforms, temperature)


def test_mu_law_is_that_of_the_package():
    from tts.audio.companding import mu_law_decode, mu_law_encode

    classes = np.arange(256)
    values = mu_law_decode(classes)
    np.testing.assert_allclose([reference.mu_law_decode(i) for i in classes], values, atol=1e-6)
    assert np.array_equal(reference.mu_law_encode(values), classes)
    x = np.linspace(-1.2, 1.2, 1001)
    assert np.array_equal(reference.mu_law_encode(x), mu_law_encode(x))


def test_clamps_are_those_of_the_likelihoods():
    for name in ("MIN_LOG_SCALE", "MIN_UNIFORM", "MAX_UNIFORM"):
        assert getattr(reference, name) == getattr(likelihoods, name)


# -- refusals ------------------------------------------------------------------------------------


def test_sizes_that_c_refuses_are_named(one_case):
    weights = dataclasses.replace(one_case.weights, dilations=(1, 2, 4, 8, 16, 1, 0))
    with pytest.raises(KernelError, match="a dilation must be at least 1"):
        WaveNetKernel(weights, precision="float32")
    one_tap = dataclasses.replace(
        one_case.weights,
        kernel=1,
        layers=tuple(
            layer._replace(gate=Affine(layer.gate.weight[:, :21], layer.gate.bias))
            for layer in one_case.weights.layers
        ),
    )
    with pytest.raises(KernelError, match="must have from 2 to 16384 taps"):
        WaveNetKernel(one_tap)


def test_arrays_that_disagree_are_named(one_case):
    weights = one_case.weights
    with pytest.raises(KernelError, match=r"refuses head: its weight \(19, 37\) with bias \(18,\)"):
        dataclasses.replace(weights, head=Affine(weights.head.weight, weights.head.bias[1:]))
    with pytest.raises(KernelError, match=r"refuses layers\[0\].gate"):
        dataclasses.replace(weights, kernel=3)
    with pytest.raises(KernelError, match="7 layers and 2 dilations"):
        dataclasses.replace(weights, dilations=(1, 2))
    with pytest.raises(KernelError, match="no likelihood 'cauchy'"):
        dataclasses.replace(weights, likelihood="cauchy")


def test_arguments_of_other_shapes_are_refused(one_case, build_case):
    kernel = WaveNetKernel(one_case.weights, precision="float32")
    state = kernel.initial_state()
    with pytest.raises(ValueError, match="uniforms have shape"):
        kernel.run(state, one_case.conditions, one_case.uniforms[:, :3])
    with pytest.raises(ValueError, match="conditions have shape"):
        kernel.run(state, one_case.conditions[:, :3], one_case.uniforms)
    with pytest.raises(ValueError, match="no multiple"):
        kernel.run(state, one_case.conditions, one_case.uniforms[1:])
    other = WaveNetKernel(build_case("tiny", "gaussian", 1).weights).initial_state()
    with pytest.raises(ValueError, match="that of another model"):
        kernel.run(other, one_case.conditions, one_case.uniforms)


def test_c_itself_refuses_a_state_that_is_not_one(one_case):
    kernel = WaveNetKernel(one_case.weights, precision="float32")
    state = kernel.initial_state()
    state.buffer[:] = 0
    with pytest.raises(KernelError, match="the state is that of another model"):
        kernel.run(state, one_case.conditions, one_case.uniforms)
    state.buffer = np.zeros(state.buffer.nbytes + 64, dtype=np.uint8)
    start = (4 - state.buffer.ctypes.data) % 64
    state.buffer = state.buffer[start : start + kernel.initial_state().buffer.nbytes]
    with pytest.raises(KernelError, match="64-byte boundary"):
        kernel.run(state, one_case.conditions, one_case.uniforms)
