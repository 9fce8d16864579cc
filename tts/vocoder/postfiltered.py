"""A vocoder whose sound passes the postfilter."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from tts.audio.mel import MelConfig
from tts.audio.postfilter import postfilter

__all__ = ["Postfiltered"]


class _Infers(Protocol):
    def infer(
        self,
        mel: Tensor,
        *,
        seed: int = 0,
        temperature: float = 1.0,
        progress: Callable[[float], bool] | None = None,
        speakers: Tensor | None = None,
    ) -> Tensor: ...


class Postfiltered:
    """Speaks as its vocoder does, with the levels of the mel and sharper harmonics.

    Args:
        vocoder: what speaks.
        mel_config: its mel.
        contrast: as `tts.audio.postfilter` has it.
    """

    def __init__(self, vocoder: _Infers, mel_config: MelConfig, contrast: float) -> None:
        self.vocoder, self.mel_config, self.contrast = vocoder, mel_config, contrast

    @torch.inference_mode()
    def infer(
        self,
        mel: Tensor,
        *,
        seed: int = 0,
        temperature: float = 1.0,
        progress: Callable[[float], bool] | None = None,
        speakers: Tensor | None = None,
    ) -> Tensor:
        """See `Vocoder.infer`."""
        sounds = self.vocoder.infer(
            mel, seed=seed, temperature=temperature, progress=progress, speakers=speakers
        )
        n_frames = sounds.shape[1] // self.mel_config.hop  # fewer than asked for, if cancelled
        pairs = zip(sounds.cpu().numpy(), mel[..., :n_frames].float().cpu().numpy(), strict=True)
        filtered = [postfilter(*pair, self.mel_config, self.contrast) for pair in pairs]
        return torch.from_numpy(np.stack(filtered)).to(sounds.device)
