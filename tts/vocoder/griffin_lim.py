"""Griffin-Lim as a vocoder: the baseline that needs no training."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tts.audio.mel import MelConfig, griffin_lim, griffin_lim_linear

__all__ = ["GriffinLim"]


class GriffinLim:
    """Speaks any spectrogram; the baseline that a trained vocoder is held against. See `tts.audio.mel`."""

    def __init__(self, mel_config: MelConfig) -> None:
        self.mel_config = mel_config

    def infer(
        self,
        mel: Tensor,
        *,
        seed: int = 0,
        temperature: float = 1.0,
        speakers: Tensor | None = None,
        progress: Callable[[float], bool] | None = None,
    ) -> Tensor:
        """See `Vocoder.infer`; `temperature` and `speakers` change nothing."""
        return self._infer(griffin_lim, mel, seed, progress)

    def infer_linear(
        self,
        linear: Tensor,
        *,
        seed: int = 0,
        progress: Callable[[float], bool] | None = None,
    ) -> Tensor:
        """As `infer`, from the linear spectrogram. Shape: (B, n_fft / 2 + 1, T) -> (B, T * hop)."""
        return self._infer(griffin_lim_linear, linear, seed, progress)

    def _infer(
        self,
        invert: Callable[..., npt.NDArray[np.float32]],
        spectrogram: Tensor,
        seed: int,
        progress: Callable[[float], bool] | None,
    ) -> Tensor:
        sounds = []
        for done, item in enumerate(spectrogram.float().cpu().numpy(), start=1):
            sounds.append(invert(item, self.mel_config, seed=seed))
            if progress is not None and not progress(done / len(spectrogram)):
                break
        return torch.from_numpy(np.stack(sounds))
