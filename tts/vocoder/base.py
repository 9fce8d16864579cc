"""What every vocoder is: a mel spectrogram goes in, as many hops of samples come out."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from tts.audio.mel import MelConfig
from tts.registry import Registry

__all__ = ["Vocoder", "VocoderBatch", "vocoders"]


@dataclass(frozen=True, kw_only=True, slots=True)
class VocoderBatch:
    """Crops of sound and their mel.

    Shape: audio (B, T * hop), mel (B, M, T), speakers (B,) int64, for models of several.
    """

    audio: Tensor
    mel: Tensor
    speakers: Tensor | None = None


class Vocoder(nn.Module, ABC):
    """A network from mel spectrograms to samples; `config` alone, with `mel_config`, builds it."""

    config: Any
    mel_config: MelConfig

    def calibrate(self, clips: Iterable[npt.NDArray[np.float32]]) -> None:
        """Measures what the network assumes about its data, once, before the first training step.

        Args:
            clips: the training clips. Shape: (S,) each.
        """

    @abstractmethod
    def loss(self, batch: VocoderBatch) -> dict[str, Tensor]:
        """The training objective under "loss", with whatever parts are worth logging."""

    @abstractmethod
    def infer(
        self,
        mel: Tensor,
        *,
        seed: int = 0,
        temperature: float = 1.0,
        speakers: Tensor | None = None,
    ) -> Tensor:
        """Samples for a mel spectrogram, without gradients.

        Args:
            mel: Shape: (B, M, T).
            seed: decides the draws; the same seed gives the same samples.
            temperature: scales the spread of the draws.
            speakers: whose voice each item is, for models of several speakers. Shape: (B,).

        Returns:
            Shape: (B, T * hop), float32.
        """

    def stream(
        self,
        mel: npt.NDArray[np.float32],
        *,
        seed: int = 0,
        temperature: float = 1.0,
        speaker: int | None = None,
    ) -> Iterator[npt.NDArray[np.float32]]:
        """One sound, as `SpeaksMel` has it: `infer` from and to numpy, in one chunk."""
        device = next(self.parameters()).device
        sound = self.infer(
            torch.from_numpy(mel)[None].to(device),
            seed=seed,
            temperature=temperature,
            speakers=None if speaker is None else torch.tensor([speaker], device=device),
        )
        yield sound[0].float().numpy(force=True)


vocoders: Registry[Vocoder] = Registry("vocoder")
