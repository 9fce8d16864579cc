"""Tacotron 2 (Shen et al. 2018, arXiv 1712.05884): recurrent, with attention by location.

    tokens -- convolutions -- LSTM both ways --> memory (and what the speaker adds, if there are several)
                                                    |
    last frame -- pre-net -- attention LSTM -- attention -- decoder LSTM --> r next frames, stop
                                 `--- the context of the step before ---'        |
                                                      frames + post-net (convolutions) --> mel

The paper does not draw between which LSTMs the attention lies; it is read here as Tacotron and the
implementations that reproduced it have it: one LSTM asks, the other hears the answer.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from tts.acoustic.base import AcousticBatch, AcousticModel, AcousticOutput, acoustic_models
from tts.acoustic.decoder import AutoregressiveDecoder, DecoderOutput
from tts.acoustic.ending import ending_loss
from tts.acoustic.pace import at_speed
from tts.audio.mel import MelConfig
from tts.nn.attention import guided_attention_loss
from tts.nn.location_attention import (
    AttentionMemory,
    DynamicConvolutionAttention,
    LocationSensitiveAttention,
)
from tts.nn.masks import length_mask, masked_mean
from tts.nn.norm import NormalisedConv
from tts.nn.prenet import Prenet
from tts.nn.recurrent import BidirectionalLSTM, LSTMState, ZoneoutLSTMCell, full_precision
from tts.nn.speaker import SpeakerBias

__all__ = ["DecoderState", "Tacotron2", "Tacotron2Config"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tacotron2Config:
    """The sizes of a Tacotron 2 and the weights of its losses. The defaults are the paper's.

    Attributes:
        embedding_dim: channels of token embeddings and of the encoder's convolutions.
        encoder_layers, encoder_kernel: convolutions of the encoder and their taps.
        encoder_lstm_dim: units of the encoder's LSTM, each way.
        attention: "location" (the paper's), or "dynamic_convolution" (arXiv 1910.10288), which never asks
            what a token is and so keeps its place in texts longer than any it was trained on.
        attention_dim: hidden units of the attention.
        attention_filters, attention_kernel: filters over past weights and their taps. For
            "dynamic_convolution", static and dynamic ones each; its paper has 8 of 21.
        prior_length, prior_alpha, prior_beta: taps and shape of the prior of "dynamic_convolution".
        prenet_dim, prenet_dropout: of the two layers that past frames pass, dropped in speech as well.
        decoder_dim: units of the two LSTMs of the decoder.
        postnet_dim, postnet_layers, postnet_kernel: of the convolutions that correct the frames.
        reduction: mel frames of one decoder step.
        dropout: after every convolution of encoder and post-net.
        zoneout: of the LSTMs of the decoder.
        guided_attention: weight of the guided attention loss; the paper has none.
        guided_width: its tolerated distance from the diagonal, as a share of the utterance.
        n_speakers, speaker_dim: voices in one model; with one speaker there is no embedding.
    """

    embedding_dim: int = 512
    encoder_layers: int = 3
    encoder_kernel: int = 5
    encoder_lstm_dim: int = 256
    attention: Literal["location", "dynamic_convolution"] = "location"
    attention_dim: int = 128
    attention_filters: int = 32
    attention_kernel: int = 31
    prior_length: int = 11
    prior_alpha: float = 0.1
    prior_beta: float = 0.9
    prenet_dim: int = 256
    prenet_dropout: float = 0.5
    decoder_dim: int = 1024
    postnet_dim: int = 512
    postnet_layers: int = 5
    postnet_kernel: int = 5
    reduction: int = 1
    dropout: float = 0.5
    zoneout: float = 0.1
    guided_attention: float = 0.0
    guided_width: float = 0.3
    n_speakers: int = 1
    speaker_dim: int = 64

    def __post_init__(self) -> None:
        for name in _POSITIVE:
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be positive")
        for name in ("encoder_kernel", "attention_kernel", "postnet_kernel"):
            if getattr(self, name) % 2 == 0:
                raise ValueError(f"{name} must be odd")
        for name in ("prenet_dropout", "dropout", "zoneout"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ValueError(f"{name} must be from 0 to below 1")
        if self.guided_attention < 0.0:
            raise ValueError("guided_attention must not be negative")


_POSITIVE = (
    *("embedding_dim", "encoder_layers", "encoder_kernel", "encoder_lstm_dim", "attention_dim"),
    *("attention_filters", "attention_kernel", "prior_length", "prior_alpha", "prior_beta"),
    *("prenet_dim", "decoder_dim", "postnet_dim", "postnet_layers", "postnet_kernel"),
    *("reduction", "guided_width", "n_speakers", "speaker_dim"),
)


@dataclass(frozen=True, slots=True)
class DecoderState:
    """What the decoder carries from step to step, for a batch."""

    attention_lstm: LSTMState
    decoder_lstm: LSTMState
    context: Tensor  # what was read last, (B, memory_dim)
    past: Tensor  # what the attention remembers of its weights, (B, L)
    frame: Tensor  # the last frame of the last step, (B, M)


@acoustic_models.register("tacotron2", Tacotron2Config)
class Tacotron2(AcousticModel):
    """The network; see the module's drawing."""

    def __init__(self, config: Tacotron2Config, mel_config: MelConfig, n_symbols: int) -> None:
        super().__init__(config, mel_config, n_symbols)
        self.encoder = Encoder(config, n_symbols)
        memory_dim = 2 * config.encoder_lstm_dim
        speaker_dim = None if self.speakers is None else config.speaker_dim
        self.speaker = SpeakerBias(memory_dim, speaker_dim)
        self.decoder = Decoder(config, memory_dim, mel_config.n_mels)
        self.postnet = Postnet(config, mel_config.n_mels)

    # -- training ---------------------------------------------------------------------------------

    def loss(self, batch: AcousticBatch) -> dict[str, Tensor]:
        """L2 of the mel before and after the post-net, cross-entropy of the end, and the guide."""
        decoded, mel, step_lengths = self._parallel(batch)
        target = self._whole_steps(batch.mel)
        frame_mask = length_mask(batch.mel_lengths, target.shape[1])[..., None]
        parts = {
            "mel": masked_mean((mel.float() - target).square(), frame_mask),
            "decoder_mel": masked_mean((decoded.mel.float() - target).square(), frame_mask),
            "stop": ending_loss(decoded.stop, step_lengths),
            "attention": guided_attention_loss(
                [decoded.alignment], batch.token_lengths, step_lengths, self.config.guided_width
            ),
        }
        total = parts["mel"] + parts["decoder_mel"] + parts["stop"]
        return {"loss": total + self.config.guided_attention * parts["attention"], **parts}

    @torch.inference_mode()
    def teacher_forced(self, batch: AcousticBatch) -> AcousticOutput:
        """See `AcousticModel.teacher_forced`. In eval mode the pre-net's draws are those of seed 0."""
        decoded, mel, _ = self._parallel(batch)
        return AcousticOutput(
            mel=mel[:, : batch.mel.shape[2]].transpose(1, 2).float(),
            lengths=batch.mel_lengths,
            alignment=decoded.alignment,
            finished=torch.ones_like(batch.mel_lengths, dtype=torch.bool),
            frames_per_step=self.config.reduction,
        )

    def _parallel(self, batch: AcousticBatch) -> tuple[DecoderOutput, Tensor, Tensor]:
        """All steps from the true frames: the decoder's output, the mel, the step lengths."""
        r = self.config.reduction
        memory = self.encode(batch.tokens, batch.token_lengths, batch.speakers)
        decoded = self.decoder.follow(self._whole_steps(batch.mel)[:, r - 1 :: r], memory)
        mel = self.postnet(decoded.mel, length_mask(batch.mel_lengths, decoded.mel.shape[1]))
        return decoded, mel, -(-batch.mel_lengths // r)

    # -- inference --------------------------------------------------------------------------------

    def encode(
        self, tokens: Tensor, token_lengths: Tensor, speakers: Tensor | None = None
    ) -> AttentionMemory:
        """The text as the decoder reads it, the speaker's embedding acting on every token."""
        mask = length_mask(token_lengths, tokens.shape[1])
        values = self.encoder(tokens, token_lengths, mask)
        values = self.speaker(values, self._embedded(speakers))
        return self.decoder.read(values, mask)

    @torch.inference_mode()
    def infer(
        self,
        tokens: Tensor,
        token_lengths: Tensor,
        *,
        speed: float = 1.0,
        seed: int = 0,
        speakers: Tensor | None = None,
    ) -> AcousticOutput:
        """See `AcousticModel.infer`. The seed decides what the pre-net drops."""
        assert not self.training, "eval() first: zoneout and dropout are for training"
        r = self.config.reduction
        memory = self.encode(tokens, token_lengths, speakers)
        ending = self._ending(token_lengths, self.steps_per_token)
        decoded = self.decoder.speak(memory, ending, seed)
        mask = length_mask(ending.step_lengths * r, decoded.mel.shape[1])
        mel = self.postnet(decoded.mel, mask).masked_fill(~mask[..., None], self.mel_config.silence)
        spoken = AcousticOutput(
            mel=mel.transpose(1, 2),
            lengths=ending.step_lengths * r,
            alignment=decoded.alignment,
            finished=ending.finished,
            frames_per_step=r,
        )
        return at_speed(spoken, speed, self.mel_config.silence)


class Encoder(nn.Module):
    """Token embeddings, convolutions, and an LSTM each way (section 2.2)."""

    def __init__(self, config: Tacotron2Config, n_symbols: int) -> None:
        super().__init__()
        dim = config.embedding_dim
        self.dropout = config.dropout
        self.embedding = nn.Embedding(n_symbols, dim)
        self.convs = nn.ModuleList(
            NormalisedConv(dim, dim, config.encoder_kernel) for _ in range(config.encoder_layers)
        )
        self.lstm = BidirectionalLSTM(dim, config.encoder_lstm_dim)

    def forward(self, tokens: Tensor, token_lengths: Tensor, mask: Tensor) -> Tensor:
        """Shape: (B, L), (B,), (B, L) -> (B, L, 2 * encoder_lstm_dim)."""
        x = self.embedding(tokens)
        for conv in self.convs:
            x = functional.dropout(torch.relu(conv(x, mask)), self.dropout, self.training)
        return self.lstm(x, token_lengths)


LSTMs = tuple[Callable[[Tensor, LSTMState], LSTMState], Callable[[Tensor, LSTMState], LSTMState]]
"""The attention's and the decoder's, ready for a step."""


class Decoder(AutoregressiveDecoder[AttentionMemory, DecoderState]):
    """From the frame before to the next `reduction` frames, reading the text (section 2.2)."""

    attention: LocationSensitiveAttention | DynamicConvolutionAttention

    def __init__(self, config: Tacotron2Config, memory_dim: int, n_mels: int) -> None:
        super().__init__()
        dim = config.decoder_dim
        self.reduction, self.n_mels = config.reduction, n_mels
        self.prenet = Prenet(n_mels, config.prenet_dim, config.prenet_dropout)
        self.attention_lstm = ZoneoutLSTMCell(config.prenet_dim + memory_dim, dim, config.zoneout)
        self.decoder_lstm = ZoneoutLSTMCell(dim + memory_dim, dim, config.zoneout)
        filters = (config.attention_dim, config.attention_filters, config.attention_kernel)
        if config.attention == "location":
            self.attention = LocationSensitiveAttention(dim, memory_dim, *filters)
        else:
            prior = (config.prior_length, config.prior_alpha, config.prior_beta)
            self.attention = DynamicConvolutionAttention(dim, *filters, *prior)
        self.mel = nn.Linear(dim + memory_dim, config.reduction * n_mels)
        self.stop = nn.Linear(dim + memory_dim, 1)

    def read(self, values: Tensor, mask: Tensor) -> AttentionMemory:
        """What of the text is the same in all steps. Shape: (B, L, memory_dim), (B, L)."""
        with full_precision(values):
            return self.attention.read(values.float(), mask)

    def forward(
        self, frames: Tensor, memory: AttentionMemory, kept: Tensor | None
    ) -> DecoderOutput:
        """All steps, of which only the recurrence goes one by one.

        Args:
            frames: the frame before each step. Shape: (B, T', M).
            memory: from `read`.
            kept: what the pre-net keeps, from its `draw`; None draws anew. Shape: (T', 2, prenet_dim).
        """
        with full_precision(frames):
            state = self.initial_state(memory)
            lstms = self.attention_lstm.over_steps(), self.decoder_lstm.over_steps()
            heard: list[Tensor] = []
            alignment: list[Tensor] = []
            for x_bc in self.prenet(frames.float(), kept).unbind(dim=1):
                state, weights = self._recur(x_bc, state, memory, lstms)
                heard.append(_heard(state))
                alignment.append(weights)
            return self._output(torch.stack(heard, dim=1), torch.stack(alignment, dim=1))

    def initial_state(self, memory: AttentionMemory) -> DecoderState:
        """The state before the first step."""
        batch = len(memory.mask)
        return DecoderState(
            attention_lstm=self.attention_lstm.initial_state(batch),
            decoder_lstm=self.decoder_lstm.initial_state(batch),
            context=memory.values.new_zeros(batch, memory.values.shape[2]),
            past=self.attention.initial_past(memory.mask),
            frame=memory.values.new_zeros(batch, self.n_mels),
        )

    def step(
        self, state: DecoderState, memory: AttentionMemory, kept: Tensor
    ) -> tuple[DecoderOutput, DecoderState]:
        """The next step alone, and the state after it. Shape: kept (2, prenet_dim)."""
        with full_precision(state.frame):
            x_btc = self.prenet(state.frame[:, None], kept[None])
            lstms = self.attention_lstm, self.decoder_lstm
            state, weights = self._recur(x_btc[:, 0], state, memory, lstms)
            output = self._output(_heard(state)[:, None], weights[:, None])
        return output, dataclasses.replace(state, frame=output.mel[:, -1])

    def _recur(
        self, x_bc: Tensor, state: DecoderState, memory: AttentionMemory, lstms: "LSTMs"
    ) -> tuple[DecoderState, Tensor]:
        """One turn of both LSTMs and the attention: the state but for its frame, and the weights."""
        attention_lstm, decoder_lstm = lstms
        asked = attention_lstm(torch.cat([x_bc, state.context], dim=-1), state.attention_lstm)
        weights, past = self.attention(asked[0], state.past, memory)
        context = torch.bmm(weights[:, None], memory.values)[:, 0]
        answered = decoder_lstm(torch.cat([asked[0], context], dim=-1), state.decoder_lstm)
        return DecoderState(asked, answered, context, past, state.frame), weights

    def _output(self, heard: Tensor, alignment: Tensor) -> DecoderOutput:
        mel = self.mel(heard).unflatten(-1, (self.reduction, -1)).flatten(1, 2)
        return DecoderOutput(mel, self.stop(heard).squeeze(-1), alignment)


def _heard(state: DecoderState) -> Tensor:
    """What frames and stop flag are projected from. Shape: (B, decoder_dim + memory_dim)."""
    return torch.cat([state.decoder_lstm[0], state.context], dim=-1)


class Postnet(nn.Module):
    """Convolutions that see both ways and correct what was decoded (section 2.2)."""

    def __init__(self, config: Tacotron2Config, n_mels: int) -> None:
        super().__init__()
        self.dropout = config.dropout
        dims = [n_mels, *[config.postnet_dim] * (config.postnet_layers - 1), n_mels]
        self.convs = nn.ModuleList(
            NormalisedConv(dims[i], dims[i + 1], config.postnet_kernel)
            for i in range(config.postnet_layers)
        )

    def forward(self, mel: Tensor, mask: Tensor) -> Tensor:
        """Shape: (B, T, M), (B, T) -> (B, T, M)."""
        x = mel
        for i, conv in enumerate(self.convs):
            x = conv(x, mask)
            x = torch.tanh(x) if i < len(self.convs) - 1 else x
            x = functional.dropout(x, self.dropout, self.training)
        return mel + x
