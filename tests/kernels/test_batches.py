"""Several streams that share each weight read: the same bits as each alone."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tts.errors import KernelError
from tts.kernels import PRECISIONS, WaveNetKernel, isas


@pytest.fixture
def streams(build_case):
    """A case, with the conditions and uniforms of nine streams of three conditions."""
    case = build_case("odd", "logistic_mixture", 4)
    rng = np.random.default_rng(0)
    conditions = rng.normal(size=(9, 3, *case.conditions.shape[1:])).astype(np.float32)
    uniforms = rng.random((9, 3 * case.net.hold, *case.uniforms.shape[1:]), dtype=np.float32)
    return case, conditions, uniforms


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("isa", isas())
@pytest.mark.parametrize("n_streams", [1, 2, 3, 4, 7, 8, 9])
def test_each_stream_is_the_same_alone(streams, isa, precision, n_streams):
    case, conditions, uniforms = streams
    kernel = WaveNetKernel(case.weights, isa, precision)
    alone, together = [], []
    for i in range(n_streams):
        # Streams of different ages, whose blocks that look back begin at different steps.
        state = kernel.initial_state()
        kernel.run(state, case.conditions[:1], case.uniforms[:i])
        together.append(state)
        alone.append(kernel.run(state.copy(), conditions[i], uniforms[i]))
    drawn = kernel.run_batch(together, conditions[:n_streams], uniforms[:n_streams])
    assert np.array_equal(drawn, alone)
    onward = kernel.run_batch(together, conditions[:n_streams], uniforms[:n_streams])
    assert not np.array_equal(onward, drawn)  # the states have moved on


@pytest.mark.parametrize("likelihood", ["mulaw", "gaussian"])
@pytest.mark.parametrize("size", ["tiny", "three_taps", "wide"])
def test_other_networks_too(build_case, size, likelihood):
    case = build_case(size, likelihood, 1)
    uniforms = [case.uniforms[:32], case.uniforms[32:64], case.uniforms[64:96]]
    for isa in isas():
        kernel = WaveNetKernel(case.weights, isa, "int8")
        alone = [kernel.run(kernel.initial_state(), case.conditions[:2], u) for u in uniforms]
        states = [kernel.initial_state() for _ in uniforms]
        drawn = kernel.run_batch(states, [case.conditions[:2]] * 3, uniforms)
        assert np.array_equal(drawn, alone)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_threads_do_not_meet(streams, precision):
    case, conditions, uniforms = streams
    kernel = WaveNetKernel(case.weights, precision=precision)

    def speak(first):
        states = [kernel.initial_state() for _ in range(2)]
        rows = slice(first, first + 2)
        return [kernel.run_batch(states, conditions[rows], uniforms[rows]) for _ in range(20)]

    one_after_the_other = [speak(first) for first in (0, 2)]
    with ThreadPoolExecutor(2) as pool:
        at_once = list(pool.map(speak, (0, 2)))
    assert np.array_equal(at_once, one_after_the_other)


def test_batches_that_do_not_fit_are_refused(streams):
    case, conditions, uniforms = streams
    kernel = WaveNetKernel(case.weights)
    states = [kernel.initial_state() for _ in range(2)]
    with pytest.raises(ValueError, match="2 states, 3 conditions and 2 uniforms"):
        kernel.run_batch(states, conditions[:3], uniforms[:2])
    with pytest.raises(ValueError, match="as many uniforms each"):
        kernel.run_batch(states, conditions[:2], [uniforms[0], uniforms[1][:3]])
    with pytest.raises(ValueError, match="as many conditions each"):
        kernel.run_batch(states, [conditions[0], conditions[1][:1]], uniforms[:2])
    with pytest.raises(KernelError, match="every stream must have a state of its own"):
        kernel.run_batch([states[0], states[0]], conditions[:2], uniforms[:2])
    assert kernel.run_batch([], [], []).shape == (0, 0, 4)
