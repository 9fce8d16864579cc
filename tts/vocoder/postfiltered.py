"""A vocoder whose sound passes the postfilter."""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from tts.audio.mel import MelConfig
from tts.audio.postfilter import postfilter_of
from tts.vocoder.speech import SpeaksMel

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

    def stream(
        self,
        mel: FloatArray,
        *,
        seed: int = 0,
        temperature: float = 1.0,
        speaker: int | None = None,
    ) -> Iterator[FloatArray]:
        """See `SpeaksMel.stream`."""
        chunks = self.vocoder.stream(mel, seed=seed, temperature=temperature, speaker=speaker)
        return self.filtered(chunks, mel)

    def filtered(self, chunks: Iterable[FloatArray], mel: FloatArray) -> Iterator[FloatArray]:
        """What becomes of the vocoder's own chunks, which may be made in another thread."""
        return postfilter_of(chunks, mel, self.mel_config, self.contrast)
