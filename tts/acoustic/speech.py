"""What a voice asks of an acoustic model, in PyTorch or in numpy: one utterance at a time."""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from tts.audio.mel import MelConfig

__all__ = ["Retake", "SpeaksTokens", "Spoken"]

FloatArray = npt.NDArray[np.float32]
Retake = Literal["window", "seed"]
"""How an utterance is spoken again: with less sight of the text, or with another draw of what may vary."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """What an acoustic model says of one utterance.

    Attributes:
        mel: Shape: (M, T).
        alignment: attention over the tokens for each decoder step, `frames_per_step` frames each, the mean
            over the attention blocks. Shape: (T / frames_per_step, L).
        finished: whether the model ended by itself, not by the limit on its length.
        frames_per_step: mel frames of one decoder step.
        linear: log magnitudes of the STFT, from a model that predicts them. Shape: (n_fft / 2 + 1, T).
    """

    mel: FloatArray
    alignment: FloatArray
    finished: bool
    frames_per_step: int
    linear: FloatArray | None = None


class SpeaksTokens(Protocol):
    """An acoustic model that is ready to speak; any number of threads may use it at once.

    Attributes:
        mel_config: of the mels it speaks.
        n_symbols: how many different tokens it knows.
        retakes: which kinds of retakes differ from the first take, in the order of their promise.
    """

    mel_config: MelConfig
    n_symbols: int
    retakes: tuple[Retake, ...]

    def speak(
        self,
        tokens: npt.NDArray[np.int64],
        *,
        seed: int = 0,
        speaker: int | None = None,
        retake: Retake | None = None,
    ) -> Spoken:
        """Speaks one utterance.

        Args:
            tokens: Shape: (L,).
            seed: decides what is random; the same seed gives the same mel.
            speaker: the id of who speaks, in a model of several.
            retake: one of `retakes`, where the first take was bad.
        """
