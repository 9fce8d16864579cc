"""What a kernel is given: the sizes and the weights of a trained WaveNet, as plain numpy arrays."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tts.errors import KernelError

__all__ = ["N_CLASSES", "Affine", "FloatArray", "LayerWeights", "WaveNetWeights", "n_params"]

FloatArray = npt.NDArray[np.float32]

N_CLASSES = 256
"""Classes of the mu-law likelihood."""


def n_params(likelihood: str, n_components: int) -> int:
    """Numbers that describe the distribution of one sample."""
    return {"mulaw": N_CLASSES, "gaussian": 2}.get(likelihood, 3 * n_components)


class Affine(NamedTuple):
    """A map x -> W x + b. Shape: weight (out, in), bias (out,)."""

    weight: FloatArray
    bias: FloatArray


class LayerWeights(NamedTuple):
    """One layer.

    Attributes:
        gate: from the taps, oldest first, to tanh's and then sigmoid's inputs.
            Shape: weight (2 * residual, kernel * residual).
        mix: from the gated activation to the residual and then the skip path; the last layer feeds the
            skip path alone. Shape: weight (residual + skip, residual), in the last layer (skip, residual).
    """

    gate: Affine
    mix: Affine


@dataclass(frozen=True, kw_only=True, slots=True)
class WaveNetWeights:
    """A WaveNet without its conditioner. Sizes are read off the arrays, which must agree.

    Attributes:
        n_bands: samples of one step.
        likelihood: "mulaw", "logistic_mixture" or "gaussian".
        n_components: components of the logistic mixture; the other likelihoods take no notice.
        kernel: taps of a layer.
        dilations: of each layer, in steps.
        front: from the last samples to the residual path. For mu-law, a table of residual vectors for each
            band and class, with a bias of zeros. Shape: weight (residual, n_bands), or (residual,
            n_bands * 256) for mu-law.
        layers: as many as dilations.
        head, out: from the rectified skip path to the params. Shape: weight (head, skip) and
            (n_bands * n_params, head).
    """

    n_bands: int
    likelihood: str
    n_components: int
    kernel: int
    dilations: tuple[int, ...]
    front: Affine
    layers: tuple[LayerWeights, ...]
    head: Affine
    out: Affine

    def __post_init__(self) -> None:
        if self.likelihood not in ("mulaw", "logistic_mixture", "gaussian"):
            raise KernelError(f"the kernel knows no likelihood {self.likelihood!r}")
        if len(self.layers) != len(self.dilations) or not self.layers:
            raise KernelError(
                f"the kernel found {len(self.layers)} layers and {len(self.dilations)} dilations"
            )
        for name, affine, shape in self._expected_shapes():
            if affine.weight.shape != shape or affine.bias.shape != shape[:1]:
                raise KernelError(
                    f"the kernel refuses {name}: its weight {affine.weight.shape} with bias "
                    f"{affine.bias.shape} should be {shape} with {shape[:1]}"
                )

    def _expected_shapes(self) -> Iterator[tuple[str, Affine, tuple[int, int]]]:
        residual, n_last = self.residual_dim, len(self.layers) - 1
        n_inputs = self.n_bands * (N_CLASSES if self.likelihood == "mulaw" else 1)
        yield "front", self.front, (residual, n_inputs)
        for i, layer in enumerate(self.layers):
            n_mixed = self.skip_dim + (residual if i < n_last else 0)
            yield f"layers[{i}].gate", layer.gate, (2 * residual, self.kernel * residual)
            yield f"layers[{i}].mix", layer.mix, (n_mixed, residual)
        yield "head", self.head, (self.head_dim, self.skip_dim)
        yield "out", self.out, (self.n_bands * self.n_params, self.head_dim)

    @property
    def residual_dim(self) -> int:
        """Channels of the residual path."""
        return int(self.front.weight.shape[0])

    @property
    def skip_dim(self) -> int:
        """Channels of the skip path."""
        return int(self.head.weight.shape[1])

    @property
    def head_dim(self) -> int:
        """Channels of the head."""
        return int(self.head.weight.shape[0])

    @property
    def n_params(self) -> int:
        """Numbers that describe the distribution of one sample."""
        return n_params(self.likelihood, self.n_components)

    @property
    def n_uniforms(self) -> int:
        """Uniform numbers that one sample is drawn from."""
        return 1 if self.likelihood == "mulaw" else 2
