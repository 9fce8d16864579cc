"""WaveNet on the compiled kernel, and the way back to PyTorch where there is no kernel."""

import warnings
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
import torch
from torch import Tensor, nn

from tts.errors import KernelError, SlowVocoderWarning
from tts.kernels import Affine, LayerWeights, WaveNetKernel, WaveNetWeights
from tts.kernels.library import library
from tts.nn.conv import Conv
from tts.vocoder.base import Vocoder
from tts.vocoder.wavenet import WaveNet

__all__ = ["CompiledWaveNet", "fast_vocoder", "kernel_weights"]

SLOWDOWN = 80
"""How many times longer the PyTorch loop takes for the shipped voice, as `bench/kernel.py` measures it."""

FRAMES_PER_CALL = 8
"""Frames that the kernel draws before progress is told: 90 ms of sound, some milliseconds of work."""


class CompiledWaveNet:
    """A `WaveNet` whose loop over the samples is compiled: the same seed gives the same samples, to rounding.

    The conditioner stays in PyTorch, where it runs once a frame. Weights are copied: train, then compile.

    Args:
        net: a trained network.
        isa: the instruction set; see `WaveNetKernel`.

    Raises:
        KernelError: when the library cannot be loaded, or refuses the sizes.
    """

    def __init__(self, net: WaveNet, isa: str | None = None) -> None:
        self.config, self.mel_config = net.config, net.mel_config
        self.kernel = WaveNetKernel(kernel_weights(net), isa)
        self._net = net

    @torch.inference_mode()
    def infer(
        self,
        mel: Tensor,
        *,
        seed: int = 0,
        temperature: float = 1.0,
        speakers: Tensor | None = None,
        progress: Callable[[float], bool] | None = None,
    ) -> Tensor:
        """See `Vocoder.infer`."""
        batch, n_frames = mel.shape[0], mel.shape[2]
        states = [self.kernel.initial_state() for _ in range(batch)]
        hidden = self._net.conditioner(mel)
        uniforms = self._net.uniforms(batch, n_frames, seed)
        chunks, done = [], 0
        for draws in _joined(uniforms, FRAMES_PER_CALL):
            upsampling, start = self.config.upsampling, done
            done = min(n_frames, done + FRAMES_PER_CALL)
            window = hidden[:, start * upsampling : done * upsampling]
            conditions = self._net.project(window, speakers)
            items = zip(states, conditions.cpu().numpy(), draws.numpy(), strict=True)
            drawn = [self.kernel.run(*item, temperature) for item in items]
            chunks.append(torch.from_numpy(np.stack(drawn)))
            if progress is not None and not progress(done / n_frames):
                break
        return self._net.join(torch.cat(chunks, dim=1).to(mel.device))


def fast_vocoder(vocoder: Vocoder) -> Vocoder | CompiledWaveNet:
    """The fastest form of a vocoder: compiled, or, with a SlowVocoderWarning that says why, as it is."""
    if not isinstance(vocoder, WaveNet):
        return vocoder
    try:
        library()
    except KernelError as error:
        warnings.warn(
            f"the PyTorch loop speaks, about {SLOWDOWN} times slower than the compiled kernel: {error}"
            + (f" ({error.hint})" if error.hint else ""),
            SlowVocoderWarning,
            stacklevel=2,
        )
        return vocoder
    return CompiledWaveNet(vocoder)


def kernel_weights(net: WaveNet) -> WaveNetWeights:
    """The weights of a network, but for its conditioner, as the kernel wants them."""
    config = net.config
    if isinstance(net.front, nn.Embedding):
        table = _array(net.front.weight).T
        front = Affine(table, np.zeros(config.residual_dim, dtype=np.float32))
    else:
        front = _affine(net.front)
    return WaveNetWeights(
        n_bands=config.n_bands,
        likelihood=config.likelihood,
        n_components=config.n_components,
        kernel=config.kernel,
        dilations=config.dilations,
        front=front,
        layers=tuple(
            LayerWeights(_affine(gate), _affine(mix))
            for gate, mix in zip(net.dilated, net.mix, strict=True)
        ),
        head=_affine(net.head),
        out=_affine(net.out),
    )


def _affine(layer: nn.Module) -> Affine:
    assert isinstance(layer, Conv)
    assert layer.bias is not None
    return Affine(_array(layer.weight), _array(layer.bias))


def _array(parameter: Tensor) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    return parameter.detach().float().cpu().numpy()


def _joined(frames: Iterator[Tensor], n: int) -> Iterator[Tensor]:
    """The draws of up to `n` frames at a time. Shape: (B, S, ...) each -> (B, up to n * S, ...)."""
    while chunk := list(islice(frames, n)):
        yield torch.cat(chunk, dim=1)
