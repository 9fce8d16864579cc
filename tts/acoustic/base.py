"""What every acoustic model is: tokens go in, a mel spectrogram and the attention that made it come out."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from tts.acoustic.ending import Ending
from tts.acoustic.speech import Retake, Spoken
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
    """A network from tokens to mel, which speaks one decoder step after the other.

    Args:
        config: of the model; it has a `reduction`, the mel frames of a step, `n_speakers` and `speaker_dim`.
        mel_config: what it predicts.
        n_symbols: how many different tokens there are.

    Attributes:
        speakers: the embeddings of who speaks; None for a model of one.
        steps_per_token: the mean pace of the corpus, in decoder steps.
    """

    steps_per_token: Tensor
    retakes: tuple[Retake, ...] = ("seed",)  # what is random, such as a pre-net, draws again

    def __init__(self, config: Any, mel_config: MelConfig, n_symbols: int) -> None:
        super().__init__()
        self.config, self.mel_config, self.n_symbols = config, mel_config, n_symbols
        several = config.n_speakers > 1
        self.speakers = nn.Embedding(config.n_speakers, config.speaker_dim) if several else None
        self.register_buffer("steps_per_token", torch.tensor(1.0))

    @property
    def predicts_linear(self) -> bool:
        """Whether it also predicts the linear spectrogram, from which Griffin-Lim speaks best."""
        return False

    @torch.no_grad()
    def calibrate(self, lengths: Iterable[tuple[int, int]]) -> None:
        """Measures what the network assumes about its data, once, before the first training step: the pace.

        Args:
            lengths: tokens and mel frames of each training utterance.
        """
        pairs = list(lengths)
        n_tokens = sum(tokens for tokens, _ in pairs)
        n_frames = sum(frames for _, frames in pairs)
        self.steps_per_token.fill_(n_frames / self.config.reduction / max(n_tokens, 1))

    def _embedded(self, speakers: Tensor | None) -> Tensor | None:
        """The embeddings of the speakers; None in a model of one. Shape: (B,) -> (B, speaker_dim)."""
        if self.speakers is None:
            return None
        if speakers is None:
            raise ValueError("a model of several speakers needs `speakers`")
        return self.speakers(speakers)

    def _whole_steps(self, frames: Tensor) -> Tensor:
        """Frames, completed with silence to whole decoder steps. Shape: (B, M, T) -> (B, T' * r, M)."""
        missing = -frames.shape[2] % self.config.reduction
        return functional.pad(frames, (0, missing), value=self.mel_config.silence).transpose(1, 2)

    def _ending(self, token_lengths: Tensor, steps_per_token: Tensor) -> Ending:
        """Watches where each item ends; half a second of rest is no speech any more."""
        rest = math.ceil(0.5 * self.mel_config.frames_per_second / self.config.reduction)
        return Ending(token_lengths, steps_per_token, rest)

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
            speed: how fast to speak; 2.0 takes about half as long. That of a `Voice` is another, and exact.
            seed: decides what is random at inference; the same seed gives the same mel.
            speakers: who speaks each item, for models of several speakers. Shape: (B,).
        """

    def speak(
        self,
        tokens: npt.NDArray[np.int64],
        *,
        seed: int = 0,
        speaker: int | None = None,
        retake: Retake | None = None,
    ) -> Spoken:
        """One utterance, as `SpeaksTokens` has it: `infer` from and to numpy."""
        assert retake is None or retake in self.retakes
        device = self.steps_per_token.device
        output = self.infer(
            torch.from_numpy(tokens)[None].to(device),
            torch.tensor([len(tokens)], device=device),
            seed=seed,
            speakers=None if speaker is None else torch.tensor([speaker], device=device),
        )
        n_frames = int(output.lengths[0])
        linear = output.linear
        return Spoken(
            mel=_array(output.mel[0, :, :n_frames]),
            alignment=_array(output.alignment[0, : -(-n_frames // output.frames_per_step)]),
            finished=bool(output.finished[0]),
            frames_per_step=output.frames_per_step,
            linear=None if linear is None else _array(linear[0, :, :n_frames]),
        )


def _array(tensor: Tensor) -> npt.NDArray[np.float32]:
    return np.ascontiguousarray(tensor.float().numpy(force=True))


acoustic_models: Registry[AcousticModel] = Registry("acoustic model")
