"""Compiled inference kernels and their plain reference. Knows numpy, not torch."""

from tts.kernels.library import PRECISIONS, chosen_isa, chosen_precision, isas
from tts.kernels.wavenet import KernelState, WaveNetKernel
from tts.kernels.weights import N_CLASSES, Affine, LayerWeights, WaveNetWeights

__all__ = [
    "N_CLASSES",
    "PRECISIONS",
    "Affine",
    "KernelState",
    "LayerWeights",
    "WaveNetKernel",
    "WaveNetWeights",
    "chosen_isa",
    "chosen_precision",
    "isas",
]
