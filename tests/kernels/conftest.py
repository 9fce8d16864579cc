"""Networks of odd sizes, which no vector width divides, with what they are to speak."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch

from tts.audio.mel import MelConfig
from tts.kernels import WaveNetWeights
from tts.vocoder.compiled import kernel_weights, tensors_of
from tts.vocoder.wavenet import WaveNet, WaveNetConfig

MEL = MelConfig(sample_rate=4000, n_fft=256, hop=32, n_mels=8, fmax_hz=2000.0)

SIZES = {
    "tiny": {"n_layers": 1, "residual_dim": 1, "skip_dim": 1, "head_dim": 1},
    "odd": {"n_layers": 7, "residual_dim": 21, "skip_dim": 37, "head_dim": 19},
    "three_taps": {"n_layers": 5, "kernel": 3, "residual_dim": 16, "skip_dim": 12, "head_dim": 33},
    "shipped": {"n_layers": 12, "residual_dim": 48, "skip_dim": 64, "head_dim": 64},
    # More outputs than one tile holds on any instruction set, and a last tile that is narrower.
    "wide": {"n_layers": 4, "residual_dim": 70, "skip_dim": 260, "head_dim": 130, "kernel": 4},
}


@dataclasses.dataclass(frozen=True)
class Case:
    """A network, its weights as the kernel takes them, and a mel with a stream to force upon it.

    Shape: mel (1, M, T), conditions (T * upsampling, n_layers, 2 * residual), bands (S', n_bands),
    uniforms (S', n_bands, n_uniforms).
    """

    net: WaveNet
    weights: WaveNetWeights
    mel: torch.Tensor
    conditions: np.ndarray
    bands: np.ndarray
    uniforms: np.ndarray


@pytest.fixture(scope="session")
def build_case() -> Callable[..., Case]:
    """Builds a `Case` of one of SIZES; a network that is untrained, but whose streams do not explode."""

    def build(
        size: str, likelihood: str, n_bands: int, n_frames: int = 5, n_speakers: int = 1
    ) -> Case:
        with torch.random.fork_rng(devices=[]), torch.inference_mode():
            torch.manual_seed(1)
            config = WaveNetConfig(
                n_bands=n_bands,  # type: ignore[arg-type]
                likelihood=likelihood,  # type: ignore[arg-type]
                n_components=3,
                condition_dim=6,
                dilation_cycle=5,
                upsampling=2,
                n_speakers=n_speakers,
                **SIZES[size],
            )
            net = WaveNet(config, MEL).eval()
            for name, parameter in net.named_parameters():
                if name.endswith("bias"):
                    parameter.normal_(std=0.3)
            if likelihood != "mulaw":
                net.out.weight.mul_(0.3)
                # The last params of a band are the log-scales.
                n_scales = 3 if likelihood == "logistic_mixture" else 1
                net.out.bias.view(n_bands, -1)[:, -n_scales:] -= 2.0
            mel = torch.randn(1, MEL.n_mels, n_frames)
            speakers = torch.tensor([n_speakers - 1])
            n_steps = n_frames * MEL.hop // n_bands
            return Case(
                net=net,
                weights=kernel_weights(net.config, tensors_of(net)),
                mel=mel,
                conditions=net.conditions(mel, speakers)[0].numpy(),
                bands=(torch.rand(n_steps, n_bands) * 2.4 - 1.2).numpy(),
                uniforms=torch.cat(list(net.uniforms(1, n_frames, seed=3)), dim=1)[0].numpy(),
            )

    return build
