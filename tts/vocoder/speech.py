"""What a voice asks of a vocoder, in PyTorch, compiled, or Griffin-Lim: one sound at a time."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

from tts.audio.mel import MelConfig

__all__ = ["SpeaksMel"]

FloatArray = npt.NDArray[np.float32]


class SpeaksMel(Protocol):
    """A vocoder that is ready to speak; any number of threads may use it at once."""

    mel_config: MelConfig

    def stream(
        self,
        mel: FloatArray,
        *,
        seed: int = 0,
        temperature: float = 1.0,
        speaker: int | None = None,
    ) -> Iterator[FloatArray]:
        """The samples of one mel spectrogram, in chunks, as they are made; who asks for no more cancels.

        Args:
            mel: Shape: (M, T).
            seed: decides the draws; the same seed gives the same samples.
            temperature: scales the spread of the draws.
            speaker: the id of whose voice it is, in a model of several.

        Returns:
            Chunks of any lengths. Shape: (T * hop,) in all.
        """
