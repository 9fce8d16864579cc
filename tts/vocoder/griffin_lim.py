"""Griffin-Lim as a vocoder: the baseline that needs no training."""

import numpy as np
import numpy.typing as npt

from tts.audio.mel import MelConfig, griffin_lim, griffin_lim_linear
from tts.vocoder.speech import Progress

__all__ = ["GriffinLim"]

FloatArray = npt.NDArray[np.float32]


class GriffinLim:
    """Speaks any spectrogram; the baseline that a trained vocoder is held against. See `tts.audio.mel`."""

    def __init__(self, mel_config: MelConfig) -> None:
        self.mel_config = mel_config

    def speak(
        self,
        mel: FloatArray,
        *,
        seed: int = 0,
        temperature: float = 1.0,
        speaker: int | None = None,
        progress: Progress | None = None,
    ) -> FloatArray:
        """See `SpeaksMel.speak`; `temperature` and `speaker` change nothing, and it cannot be cancelled."""
        samples = griffin_lim(mel, self.mel_config, seed=seed)
        if progress is not None:
            progress(1.0)
        return samples

    def speak_linear(
        self, linear: FloatArray, *, seed: int = 0, progress: Progress | None = None
    ) -> FloatArray:
        """As `speak`, from the linear spectrogram. Shape: (n_fft / 2 + 1, T) -> (T * hop,)."""
        samples = griffin_lim_linear(linear, self.mel_config, seed=seed)
        if progress is not None:
            progress(1.0)
        return samples
