"""Griffin-Lim as a vocoder: the baseline that needs no training."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tts.audio.mel import MelConfig, griffin_lim, griffin_lim_linear

__all__ = ["GriffinLim"]

FloatArray = npt.NDArray[np.float32]


class GriffinLim:
    """Speaks any spectrogram; the baseline that a trained vocoder is held against. See `tts.audio.mel`."""

    def __init__(self, mel_config: MelConfig) -> None:
        self.mel_config = mel_config

    def stream(
        self,
        mel: FloatArray,
        *,
        seed: int = 0,
        temperature: float = 1.0,
        speaker: int | None = None,
    ) -> Iterator[FloatArray]:
        """See `SpeaksMel.stream`; it is one chunk, and `temperature` and `speaker` change nothing."""
        yield griffin_lim(mel, self.mel_config, seed=seed)

    def stream_linear(self, linear: FloatArray, *, seed: int = 0) -> Iterator[FloatArray]:
        """As `stream`, from the linear spectrogram. Shape: (n_fft / 2 + 1, T) -> (T * hop,)."""
        yield griffin_lim_linear(linear, self.mel_config, seed=seed)
