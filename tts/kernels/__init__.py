"""Compiled inference kernels and their plain reference. Knows numpy, not torch."""

from tts.kernels.library import chosen_isa, isas
from tts.kernels.wavenet import KernelState, WaveNetKernel
from tts.kernels.weights import Affine, LayerWeights, WaveNetWeights

__all__ = [
    "Affine",
    "KernelState",
    "LayerWeights",
    "WaveNetKernel",
    "WaveNetWeights",
    "chosen_isa",
    "isas",
]
