"""What a voice asks of a vocoder, in PyTorch, compiled, or Griffin-Lim: one sound at a time."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from tts.audio.mel import MelConfig

__all__ = ["Progress", "SpeaksMel"]

FloatArray = npt.NDArray[np.float32]

Progress = Callable[[float], bool]
"""Called now and then with the share done; False from it cancels."""


class SpeaksMel(Protocol):
    """A vocoder that is ready to speak; any number of threads may use it at once."""

    mel_config: MelConfig

    def speak(
        self,
        mel: FloatArray,
        *,
        seed: int = 0,
        temperature: float = 1.0,
        speaker: int | None = None,
        progress: Progress | None = None,
    ) -> FloatArray:
        """The samples of one mel spectrogram.

        Args:
            mel: Shape: (M, T).
            seed: decides the draws; the same seed gives the same samples.
            temperature: scales the spread of the draws.
            speaker: the id of whose voice it is, in a model of several.
            progress: told how far it is.

        Returns:
            Shape: (T * hop,), or as many frames of it as were done when it was cancelled.
        """
