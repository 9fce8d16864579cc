"""Networks of shapes that nobody chose, in every precision on every instruction set.

`make sanitize` runs this file with a library that watches every read and write.
"""

import numpy as np
import pytest

from tts.kernels import (
    PRECISIONS,
    Affine,
    LayerWeights,
    WaveNetKernel,
    WaveNetWeights,
    isas,
    reference,
)

HOLD = 6


def random_weights(rng: np.random.Generator) -> WaveNetWeights:
    """A network whose sizes are drawn, and whose streams do not explode."""
    likelihood = str(rng.choice(["mulaw", "logistic_mixture", "gaussian"]))
    n_bands, n_layers, kernel = (int(rng.integers(1, top)) for top in (5, 6, 4))
    kernel += 1
    residual, skip, head = (int(rng.integers(1, 150)) for _ in range(3))
    n_components = int(rng.integers(1, 8))
    n_params = {"mulaw": 256, "gaussian": 2}.get(likelihood, 3 * n_components)

    def affine(n_out: int, n_in: int) -> Affine:
        weight = rng.normal(size=(n_out, n_in), scale=n_in**-0.5)
        return Affine(weight.astype(np.float32), rng.normal(size=n_out).astype(np.float32) * 0.1)

    def layer(is_last: bool) -> LayerWeights:
        n_mixed = skip if is_last else residual + skip
        return LayerWeights(affine(2 * residual, kernel * residual), affine(n_mixed, residual))

    return WaveNetWeights(
        n_bands=n_bands,
        likelihood=likelihood,
        n_components=n_components,
        kernel=kernel,
        dilations=tuple(int(d) for d in rng.integers(1, 11, n_layers)),
        front=affine(residual, n_bands * (256 if likelihood == "mulaw" else 1)),
        layers=tuple(layer(i + 1 == n_layers) for i in range(n_layers)),
        head=affine(head, skip),
        out=affine(n_bands * n_params, head),
    )


@pytest.mark.parametrize("seed", range(12))
def test_any_shape(seed):
    rng = np.random.default_rng(seed)
    weights = random_weights(rng)
    n_steps = 4 * HOLD
    conditions = rng.normal(
        size=(5, 4, len(weights.layers), 2 * weights.residual_dim), scale=0.5
    ).astype(np.float32)
    bands = rng.uniform(-1.2, 1.2, size=(n_steps, weights.n_bands)).astype(np.float32)
    uniforms = rng.random((5, n_steps, weights.n_bands, weights.n_uniforms), dtype=np.float32)
    expected = reference.teacher_forced(weights, conditions[0], bands, HOLD)
    for precision in PRECISIONS:
        rounded = reference.teacher_forced(weights, conditions[0], bands, HOLD, precision)
        rounding = np.sqrt(np.square(rounded - expected).mean())
        for isa in isas():
            kernel = WaveNetKernel(weights, isa, precision)
            params = kernel.teacher_forced(kernel.initial_state(), conditions[0], bands)
            if precision == "float32":
                np.testing.assert_allclose(params, expected, atol=1e-4, err_msg=isa)
            else:
                error = np.sqrt(np.square(params - rounded).mean())
                assert error < 1e-6 + rounding, f"{isa} {precision}"
            states = [kernel.initial_state() for _ in conditions]
            drawn = kernel.run_batch(states, conditions, uniforms)
            alone = kernel.run(kernel.initial_state(), conditions[4], uniforms[4])
            assert np.array_equal(drawn[4], alone), f"{isa} {precision}"
