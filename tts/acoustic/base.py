"""What every acoustic model is: tokens go in, a mel spectrogram and the attention that made it come out."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from tts.audio.mel import MelConfig
from tts.registry import Registry

__all__ = ["AcousticBatch", "AcousticModel", "AcousticOutput", "acoustic_models"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AcousticBatch:
    """Padded utterances.

    Shape: tokens (B, L) int64, token_lengths (B,), mel (B, M, T), mel_lengths (B,), speakers (B,) int64,
        linear (B, n_fft / 2 + 1, T), where the model asks for it by `predicts_linear`.
    """

    tokens: Tensor
    token_lengths: Tensor
    mel: Tensor
    mel_lengths: Tensor
    speakers: Tensor | None = None
    linear: Tensor | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AcousticOutput:
    """What an acoustic model says of a batch.

    Attributes:
        mel: Shape: (B, M, T).
        lengths: valid frames of each item. Shape: (B,).
        alignment: attention over the tokens for each decoder step, `frames_per_step` frames each, the
            mean over the attention blocks. Shape: (B, T / frames_per_step, L).
        finished: whether the model ended by itself, not by the limit on its length. Shape: (B,) bool.
        frames_per_step: mel frames of one decoder step.
        linear: log magnitudes of the STFT, from a model that predicts them. Shape: (B, n_fft / 2 + 1, T).
    """

    mel: Tensor
    lengths: Tensor
    alignment: Tensor
    finished: Tensor
    frames_per_step: int
    linear: Tensor | None = None


class AcousticModel(nn.Module, ABC):
    """A network from tokens to mel; `config`, `mel_config` and the number of symbols build it."""

    config: Any
    mel_config: MelConfig
    n_symbols: int

    @property
    def predicts_linear(self) -> bool:
        """Whether it also predicts the linear spectrogram, from which Griffin-Lim speaks best."""
        return False

    def calibrate(self, lengths: Iterable[tuple[int, int]]) -> None:
        """Measures what the network assumes about its data, once, before the first training step.

        Args:
            lengths: tokens and mel frames of each training utterance.
        """

    def _whole_steps(self, frames: Tensor) -> Tensor:
        """Frames, completed with silence to whole decoder steps. Shape: (B, M, T) -> (B, T' * r, M)."""
        missing = -frames.shape[2] % self.config.reduction
        return functional.pad(frames, (0, missing), value=self.mel_config.silence).transpose(1, 2)

    @abstractmethod
    def loss(self, batch: AcousticBatch) -> dict[str, Tensor]:
        """The training objective under "loss", with its parts."""

    @abstractmethod
    def teacher_forced(self, batch: AcousticBatch) -> AcousticOutput:
        """The mel predicted from the true frames before, for training a vocoder on. No gradient."""

    @abstractmethod
    def infer(
        self,
        tokens: Tensor,
        token_lengths: Tensor,
        *,
        speed: float = 1.0,
        seed: int = 0,
        speakers: Tensor | None = None,
    ) -> AcousticOutput:
        """Speaks, without gradients; the model must be in eval mode.

        Args:
            tokens: Shape: (B, L) int64.
            token_lengths: Shape: (B,).
            speed: how fast to speak; 2.0 takes half as long.
            seed: decides what is random at inference; the same seed gives the same mel.
            speakers: who speaks each item, for models of several speakers. Shape: (B,).
        """


acoustic_models: Registry[AcousticModel] = Registry("acoustic model")
