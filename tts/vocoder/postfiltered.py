"""A vocoder whose sound passes the postfilter."""

import numpy as np
import numpy.typing as npt

from tts.audio.mel import MelConfig
from tts.audio.postfilter import postfilter
from tts.vocoder.speech import Progress, SpeaksMel

__all__ = ["Postfiltered"]

FloatArray = npt.NDArray[np.float32]


class Postfiltered:
    """Speaks as its vocoder does, with the levels of the mel and sharper harmonics.

    Args:
        vocoder: what speaks.
        mel_config: its mel.
        contrast: as `tts.audio.postfilter` has it.
    """

    def __init__(self, vocoder: SpeaksMel, mel_config: MelConfig, contrast: float) -> None:
        self.vocoder, self.mel_config, self.contrast = vocoder, mel_config, contrast

    def speak(
        self,
        mel: FloatArray,
        *,
        seed: int = 0,
        temperature: float = 1.0,
        speaker: int | None = None,
        progress: Progress | None = None,
    ) -> FloatArray:
        """See `SpeaksMel.speak`."""
        samples = self.vocoder.speak(
            mel, seed=seed, temperature=temperature, speaker=speaker, progress=progress
        )
        n_frames = len(samples) // self.mel_config.hop  # fewer than asked for, if cancelled
        return postfilter(samples, mel[:, :n_frames], self.mel_config, self.contrast)
