"""Griffin-Lim as a vocoder: the baseline that needs no training."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from tts.audio.mel import MelConfig, griffin_lim

__all__ = ["GriffinLim"]


class GriffinLim:
    """Speaks any mel; the baseline that a trained vocoder is held against. See `tts.audio.griffin_lim`."""

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
        sounds = []
        for done, item in enumerate(mel.float().cpu().numpy(), start=1):
            sounds.append(griffin_lim(item, self.mel_config, seed=seed))
            if progress is not None and not progress(done / len(mel)):
                break
        return torch.from_numpy(np.stack(sounds))
