"""WaveNet at inference, its loop over the samples compiled, and the way back where there is no kernel."""

import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tts.audio.mel import MelConfig
from tts.audio.pqmf import PQMF
from tts.errors import KernelError, SlowVocoderWarning
from tts.kernels import N_CLASSES, Affine, LayerWeights, WaveNetKernel, WaveNetWeights
from tts.kernels.layers import Linear, convolve
from tts.kernels.library import library
from tts.kernels.weights import n_params
from tts.vocoder.speech import SpeaksMel
from tts.vocoder.wavenet_config import WaveNetConfig

if TYPE_CHECKING:
    from tts.vocoder.base import Vocoder
    from tts.vocoder.wavenet import WaveNet

__all__ = [
    "CompiledWaveNet",
    "compiled_wavenet",
    "fast_vocoder",
    "has_kernel",
    "kernel_weights",
    "tensor_shapes",
    "tensors_of",
]

FloatArray = npt.NDArray[np.float32]
Tensors = Mapping[str, FloatArray]

SLOWDOWN = 200
"""How many times longer the PyTorch loop takes for the shipped voice, as `bench/kernel.py` measures it."""

FRAMES_PER_CALL = 8
"""Frames of a chunk: 90 ms of sound, some milliseconds of work."""


class CompiledWaveNet:
    """A `WaveNet` without PyTorch, its loop over the samples compiled.

    The same seed gives the samples of the network in float32, to rounding; other precisions are other
    roundings of its weights. The network is drawn in `tts.vocoder.wavenet`; what runs once a frame is
    numpy's.

    Args:
        config: its sizes.
        mel_config: its mel.
        tensors: its weights, of the names and shapes that `tensor_shapes` tells, float32.
        isa, precision: the instruction set, and that of the weights; see `WaveNetKernel`.

    Raises:
        KernelError: when the library cannot be loaded, or refuses the sizes.
    """

    def __init__(
        self,
        config: WaveNetConfig,
        mel_config: MelConfig,
        tensors: Tensors,
        isa: str | None = None,
        precision: str | None = None,
    ) -> None:
        self.config, self.mel_config = config, mel_config
        self.kernel = WaveNetKernel(kernel_weights(config, tensors), isa, precision)
        # What is packed by now is not kept twice.
        kept = ("band_scale", "speakers.weight", "speaker.weight")
        self._tensors = {name: tensors[name] for name in kept if name in tensors}
        names = "condition", *(f"conditioner.{part}" for part in ("context", "hidden", "upsample"))
        self._linears = {name: Linear(_affine(tensors, name), isa) for name in names}

    def stream(
        self,
        mel: FloatArray,
        *,
        seed: int = 0,
        temperature: float = 1.0,
        speaker: int | None = None,
    ) -> Iterator[FloatArray]:
        """See `SpeaksMel.stream`."""
        bands = self._bands(mel, seed, temperature, speaker)
        if self.config.n_bands == 1:
            return (chunk[0] for chunk in bands)
        return PQMF(self.config.n_bands).synthesis_of(bands)

    def _bands(
        self, mel: FloatArray, seed: int, temperature: float, speaker: int | None
    ) -> Iterator[FloatArray]:
        """The sub-bands, some frames at a time. Shape: (n_bands, n_frames * hop / n_bands) each."""
        speaker_bias = self._speaker_bias(speaker)
        hidden = self._conditioner(mel)
        generator = np.random.Generator(np.random.Philox(seed))
        state = self.kernel.initial_state()
        n_frames, upsampling = mel.shape[1], self.config.upsampling
        steps = self.mel_config.hop // self.config.n_bands
        for start in range(0, n_frames, FRAMES_PER_CALL):
            end = min(n_frames, start + FRAMES_PER_CALL)
            conditions = self._conditions(hidden[start * upsampling : end * upsampling])
            shape = ((end - start) * steps, self.config.n_bands, self.kernel.n_uniforms)
            uniforms = generator.random(shape, dtype=np.float32)
            drawn = self.kernel.run(state, conditions + speaker_bias, uniforms, temperature)
            yield (drawn * self._tensors["band_scale"]).T

    def _conditioner(self, mel: FloatArray) -> FloatArray:
        """The condition vectors c. Shape: (M, T) -> (T * upsampling, condition_dim)."""
        x = np.ascontiguousarray(mel.T)
        for name in ("context", "hidden"):
            x = np.maximum(convolve(self._linears[f"conditioner.{name}"], x), 0.0)
        upsampled = convolve(self._linears["conditioner.upsample"], x)
        return upsampled.reshape(-1, self.config.condition_dim)

    def _conditions(self, hidden: FloatArray) -> FloatArray:
        """V c of every layer. Shape: (C', condition_dim) -> (C', n_layers, 2 * residual_dim)."""
        projected = self._linears["condition"](hidden)
        return projected.reshape(len(hidden), self.config.n_layers, 2 * self.config.residual_dim)

    def _speaker_bias(self, speaker: int | None) -> FloatArray:
        """V' h of every layer. Shape: (n_layers, 2 * residual_dim)."""
        shape = self.config.n_layers, 2 * self.config.residual_dim
        if self.config.n_speakers == 1:
            return np.zeros(shape, dtype=np.float32)
        if speaker is None:
            raise ValueError("a model of several speakers needs `speaker`")
        embedded = self._tensors["speakers.weight"][speaker]
        return (self._tensors["speaker.weight"] @ embedded).reshape(shape)


def compiled_wavenet(
    net: "WaveNet", isa: str | None = None, precision: str | None = None
) -> CompiledWaveNet:
    """A network of PyTorch with its loop compiled. Weights are copied: train, then compile."""
    return CompiledWaveNet(net.config, net.mel_config, tensors_of(net), isa, precision)


def fast_vocoder(vocoder: "Vocoder") -> SpeaksMel:
    """The fastest form of a vocoder: compiled, or, with a SlowVocoderWarning that says why, as it is."""
    from tts.vocoder.wavenet import WaveNet

    if isinstance(vocoder, WaveNet) and has_kernel():
        return compiled_wavenet(vocoder)
    return vocoder


def has_kernel() -> bool:
    """Whether the compiled kernel can be loaded; a SlowVocoderWarning says why not."""
    try:
        library()
    except KernelError as error:
        warnings.warn(
            f"the PyTorch loop speaks, about {SLOWDOWN} times slower than the compiled kernel: {error}"
            + (f" ({error.hint})" if error.hint else ""),
            SlowVocoderWarning,
            stacklevel=3,
        )
        return False
    return True


def kernel_weights(config: WaveNetConfig, tensors: Tensors) -> WaveNetWeights:
    """The weights of a network, but for its conditioner, as the kernel wants them."""
    layers = (
        LayerWeights(_affine(tensors, f"dilated.{i}"), _affine(tensors, f"mix.{i}"))
        for i in range(config.n_layers)
    )
    if config.likelihood == "mulaw":  # a table of rows, where the kernel wants columns and a bias
        table = tensors["front.weight"].T
        front = Affine(table, np.zeros(config.residual_dim, dtype=np.float32))
    else:
        front = _affine(tensors, "front")
    return WaveNetWeights(
        n_bands=config.n_bands,
        likelihood=config.likelihood,
        n_components=config.n_components,
        kernel=config.kernel,
        dilations=config.dilations,
        front=front,
        layers=tuple(layers),
        head=_affine(tensors, "head"),
        out=_affine(tensors, "out"),
    )


def tensor_shapes(config: WaveNetConfig, mel_config: MelConfig) -> dict[str, tuple[int, ...]]:
    """The names and shapes of the tensors of a model of these sizes: those of its PyTorch state."""
    shapes: dict[str, tuple[int, ...]] = {"band_scale": (config.n_bands,)}
    residual, skip, dim = config.residual_dim, config.skip_dim, config.condition_dim
    all_gates = config.n_layers * 2 * residual

    def affine(name: str, n_out: int, n_in: int) -> None:
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (n_out, n_in), (n_out,)

    affine("conditioner.context", dim, 5 * mel_config.n_mels)
    affine("conditioner.hidden", dim, 3 * dim)
    affine("conditioner.upsample", config.upsampling * dim, 3 * dim)
    affine("condition", all_gates, dim)
    if config.n_speakers > 1:
        shapes["speakers.weight"] = (config.n_speakers, config.speaker_dim)
        shapes["speaker.weight"] = (all_gates, config.speaker_dim)
    if config.likelihood == "mulaw":
        shapes["front.weight"] = (config.n_bands * N_CLASSES, residual)
    else:
        affine("front", residual, config.n_bands)
    for i in range(config.n_layers):
        is_last = i + 1 == config.n_layers
        affine(f"dilated.{i}", 2 * residual, config.kernel * residual)
        affine(f"mix.{i}", skip + (0 if is_last else residual), residual)
    affine("head", config.head_dim, skip)
    n_out = config.n_bands * n_params(config.likelihood, config.n_components)
    affine("out", n_out, config.head_dim)
    return shapes


def _affine(tensors: Tensors, name: str) -> Affine:
    return Affine(tensors[f"{name}.weight"], tensors[f"{name}.bias"])


def tensors_of(net: "WaveNet") -> dict[str, FloatArray]:
    """The state of a network, copied."""
    return {name: tensor.float().cpu().numpy().copy() for name, tensor in net.state_dict().items()}
