"""One clip of a corpus in figures."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tts.data.corpus import Clip
from tts.data.sound import SoundMeasures

__all__ = ["MeasuredClip"]


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class MeasuredClip:
    """One clip in figures.

    Attributes:
        clip: what it is.
        phonemes: its text as phonemes, empty when nothing of it can be spoken.
        sound: its sound in figures, None when that cannot be used.
        fingerprint: of its sound, as `tts.data.sound.fingerprint` makes it.
    """

    clip: Clip
    phonemes: str
    sound: SoundMeasures | None = None
    fingerprint: npt.NDArray[np.float32] | None = None

    @property
    def chars_per_s(self) -> float:
        """Characters of its text for each second of speech; 0 without sound."""
        return len(self.clip.text) / max(self.sound.speech_s, 0.01) if self.sound else 0.0
