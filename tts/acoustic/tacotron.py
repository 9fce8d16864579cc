"""Tacotron (Wang et al. 2017, arXiv 1703.10135): from text to the linear spectrogram, for Griffin-Lim.

    tokens -- pre-net -- CBHG --> memory (and what the speaker adds, if there are several)
                                    |
    last frame -- pre-net -- attention GRU -- attention -- GRUs with residual paths --> r next frames, stop
                                 `--- the context of the step before ---'                |
                                                                   mel -- CBHG --> linear spectrogram

The paper has no stop token, and decodes until all is silent. Here each step says whether it is the last, so
that an utterance that ended by itself is told from one that failed.
"""

import dataclasses
import itertools
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from tts.acoustic.base import AcousticBatch, AcousticModel, AcousticOutput, acoustic_models
from tts.acoustic.decoder import AutoregressiveDecoder, DecoderOutput
from tts.acoustic.ending import ending_loss
from tts.acoustic.pace import at_speed
from tts.audio.mel import MelConfig
from tts.nn.attention import AdditiveAttention, guided_attention_loss
from tts.nn.cbhg import CBHG
from tts.nn.masks import length_mask, masked_mean
from tts.nn.prenet import Prenet
from tts.nn.recurrent import full_precision
from tts.nn.speaker import SpeakerBias

__all__ = ["DecoderState", "Tacotron", "TacotronConfig"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TacotronConfig:
    """The sizes of a Tacotron and the weights of its losses. The defaults are the paper's (table 1).

    Attributes:
        embedding_dim: channels of token embeddings.
        prenet_dim, prenet_out_dim: units of the first and of the second layer of both pre-nets.
        prenet_dropout: of both. That of the decoder, on past frames, never rests.
        encoder_bank: convolutions in the bank of the encoder's CBHG.
        encoder_dim: channels of its convolutions, highway layers, and of its GRU each way.
        highway_layers: of either CBHG.
        attention_dim: units of the attention GRU, and hidden units of the attention.
        decoder_dim, decoder_layers: units and number of the decoder's GRUs.
        postnet_bank, postnet_dim: as the encoder's, of the CBHG that post-processes the mel.
        postnet_projection_dim: channels of its first projection.
        reduction: mel frames of one decoder step.
        guided_attention: weight of the guided attention loss; the paper has none.
        guided_width: its tolerated distance from the diagonal, as a share of the utterance.
        n_speakers, speaker_dim: voices in one model; with one speaker there is no embedding.
    """

    embedding_dim: int = 256
    prenet_dim: int = 256
    prenet_out_dim: int = 128
    prenet_dropout: float = 0.5
    encoder_bank: int = 16
    encoder_dim: int = 128
    highway_layers: int = 4
    attention_dim: int = 256
    decoder_dim: int = 256
    decoder_layers: int = 2
    postnet_bank: int = 8
    postnet_dim: int = 128
    postnet_projection_dim: int = 256
    reduction: int = 2
    guided_attention: float = 0.0
    guided_width: float = 0.3
    n_speakers: int = 1
    speaker_dim: int = 64

    def __post_init__(self) -> None:
        for name in _POSITIVE:
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be positive")
        if self.prenet_out_dim > self.prenet_dim:
            raise ValueError("prenet_out_dim must not exceed prenet_dim: a pre-net is a bottleneck")
        if not 0.0 <= self.prenet_dropout < 1.0:
            raise ValueError("prenet_dropout must be from 0 to below 1")
        if self.guided_attention < 0.0:
            raise ValueError("guided_attention must not be negative")


_POSITIVE = (
    *("embedding_dim", "prenet_dim", "prenet_out_dim", "encoder_bank", "encoder_dim"),
    *("highway_layers", "attention_dim", "decoder_dim", "decoder_layers", "postnet_bank"),
    *("postnet_dim", "postnet_projection_dim", "reduction", "guided_width"),
    *("n_speakers", "speaker_dim"),
)


@dataclass(frozen=True, slots=True)
class Memory:
    """The encoded text as every step reads it."""

    keys: Tensor  # (B, L, attention_dim)
    values: Tensor  # (B, L, memory_dim)
    mask: Tensor  # (B, L)


@dataclass(frozen=True, slots=True)
class DecoderState:
    """What the decoder carries from step to step, for a batch."""

    attention: Tensor  # of the attention GRU, (B, attention_dim)
    context: Tensor  # what was read last, (B, memory_dim)
    layers: list[Tensor]  # of each GRU after it, (1, B, decoder_dim)
    frame: Tensor  # the last frame of the last step, (B, M)


@acoustic_models.register("tacotron", TacotronConfig)
class Tacotron(AcousticModel):
    """The network; see the module's drawing."""

    def __init__(self, config: TacotronConfig, mel_config: MelConfig, n_symbols: int) -> None:
        super().__init__(config, mel_config, n_symbols)
        self.encoder = Encoder(config, n_symbols)
        memory_dim = 2 * config.encoder_dim
        speaker_dim = None if self.speakers is None else config.speaker_dim
        self.speaker = SpeakerBias(memory_dim, speaker_dim)
        self.decoder = Decoder(config, memory_dim, mel_config.n_mels)
        self.postnet = Postnet(config, mel_config)

    @property
    def predicts_linear(self) -> bool:
        """See `AcousticModel.predicts_linear`."""
        return True

    # -- training ---------------------------------------------------------------------------------

    def loss(self, batch: AcousticBatch) -> dict[str, Tensor]:
        """L1 of the mel and of the linear spectrogram, cross-entropy of the end, and the guide."""
        assert batch.linear is not None, "whoever asks `predicts_linear` gives it"
        decoded, linear, step_lengths = self._parallel(batch)
        frame_mask = length_mask(batch.mel_lengths, linear.shape[1])[..., None]
        mel_error = (decoded.mel.float() - self._whole_steps(batch.mel)).abs()
        linear_error = (linear.float() - self._whole_steps(batch.linear)).abs()
        parts = {
            "mel": masked_mean(mel_error, frame_mask),
            "linear": masked_mean(linear_error, frame_mask),
            "stop": ending_loss(decoded.stop, step_lengths),
            "attention": guided_attention_loss(
                [decoded.alignment], batch.token_lengths, step_lengths, self.config.guided_width
            ),
        }
        total = parts["mel"] + parts["linear"] + parts["stop"]
        return {"loss": total + self.config.guided_attention * parts["attention"], **parts}

    @torch.inference_mode()
    def teacher_forced(self, batch: AcousticBatch) -> AcousticOutput:
        """See `AcousticModel.teacher_forced`. In eval mode the pre-net's draws are those of seed 0."""
        decoded, linear, _ = self._parallel(batch)
        n_frames = batch.mel.shape[2]
        return AcousticOutput(
            mel=decoded.mel[:, :n_frames].transpose(1, 2).float(),
            lengths=batch.mel_lengths,
            alignment=decoded.alignment,
            finished=torch.ones_like(batch.mel_lengths, dtype=torch.bool),
            frames_per_step=self.config.reduction,
            linear=linear[:, :n_frames].transpose(1, 2).float(),
        )

    def _parallel(self, batch: AcousticBatch) -> tuple[DecoderOutput, Tensor, Tensor]:
        """All steps from the true frames: the decoder's output, the linear, the step lengths."""
        r = self.config.reduction
        memory = self.encode(batch.tokens, batch.token_lengths, batch.speakers)
        decoded = self.decoder.follow(self._whole_steps(batch.mel)[:, r - 1 :: r], memory)
        linear = self.postnet(decoded.mel, batch.mel_lengths)
        return decoded, linear, -(-batch.mel_lengths // r)

    # -- inference --------------------------------------------------------------------------------

    def encode(
        self, tokens: Tensor, token_lengths: Tensor, speakers: Tensor | None = None
    ) -> Memory:
        """The text as the decoder reads it, the speaker's embedding acting on every token."""
        values = self.encoder(tokens, token_lengths)
        values = self.speaker(values, self._embedded(speakers))
        return self.decoder.read(values, length_mask(token_lengths, tokens.shape[1]))

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
        """See `AcousticModel.infer`. The seed decides what the decoder's pre-net drops."""
        assert not self.training, "eval() first: the encoder's dropout is for training"
        r, silence = self.config.reduction, self.mel_config.silence
        memory = self.encode(tokens, token_lengths, speakers)
        ending = self._ending(token_lengths, self.steps_per_token)
        decoded = self.decoder.speak(memory, ending, seed)
        lengths = ending.step_lengths * r
        beyond = ~length_mask(lengths, decoded.mel.shape[1])[..., None]
        linear = self.postnet(decoded.mel, lengths)
        spoken = AcousticOutput(
            mel=decoded.mel.masked_fill(beyond, silence).transpose(1, 2),
            lengths=lengths,
            alignment=decoded.alignment,
            finished=ending.finished,
            frames_per_step=r,
            linear=linear.masked_fill(beyond, silence).transpose(1, 2),
        )
        return at_speed(spoken, speed, silence)


class Encoder(nn.Module):
    """Token embeddings, a pre-net and a CBHG (section 3.2)."""

    def __init__(self, config: TacotronConfig, n_symbols: int) -> None:
        super().__init__()
        self.dropout = config.prenet_dropout
        self.embedding = nn.Embedding(n_symbols, config.embedding_dim)
        nn.init.normal_(self.embedding.weight, std=0.3)
        dims = (config.embedding_dim, config.prenet_dim, config.prenet_out_dim)
        self.prenet = nn.ModuleList(nn.Linear(*pair) for pair in itertools.pairwise(dims))
        self.cbhg = CBHG(
            config.prenet_out_dim,
            config.encoder_dim,
            bank=config.encoder_bank,
            projection_dim=config.encoder_dim,
            highway_layers=config.highway_layers,
        )

    def forward(self, tokens: Tensor, token_lengths: Tensor) -> Tensor:
        """Shape: (B, L), (B,) -> (B, L, 2 * encoder_dim)."""
        x = self.embedding(tokens)
        for layer in self.prenet:
            x = functional.dropout(torch.relu(layer(x)), self.dropout, self.training)
        return self.cbhg(x, token_lengths, length_mask(token_lengths, tokens.shape[1]))


class Decoder(AutoregressiveDecoder[Memory, DecoderState]):
    """From the frame before to the next `reduction` frames, reading the text (section 3.3)."""

    def __init__(self, config: TacotronConfig, memory_dim: int, n_mels: int) -> None:
        super().__init__()
        self.reduction, self.n_mels = config.reduction, n_mels
        self.prenet = Prenet(
            n_mels, config.prenet_dim, config.prenet_dropout, out_dim=config.prenet_out_dim
        )
        asks = config.attention_dim
        self.attention_gru = nn.GRUCell(config.prenet_out_dim + memory_dim, asks)
        self.attention = AdditiveAttention(asks, memory_dim, asks)
        self.enter = nn.Linear(asks + memory_dim, config.decoder_dim)
        self.layers = nn.ModuleList(
            nn.GRU(config.decoder_dim, config.decoder_dim, batch_first=True)
            for _ in range(config.decoder_layers)
        )
        self.mel = nn.Linear(config.decoder_dim, config.reduction * n_mels)
        self.stop = nn.Linear(config.decoder_dim, 1)

    def read(self, values: Tensor, mask: Tensor) -> Memory:
        """What of the text is the same in all steps. Shape: (B, L, memory_dim), (B, L)."""
        with full_precision(values):
            return Memory(self.attention.key(values.float()), values.float(), mask)

    def forward(self, frames: Tensor, memory: Memory, kept: Tensor | None) -> DecoderOutput:
        """All steps. Only the attention goes one by one: it hears nothing from the GRUs after it.

        Args:
            frames: the frame before each step. Shape: (B, T', M).
            memory: from `read`.
            kept: what the pre-net keeps, from its `draw`; None draws anew. Shape: (T', 2, prenet_dim).
        """
        with full_precision(frames):
            state = self.initial_state(memory)
            heard: list[Tensor] = []
            alignment: list[Tensor] = []
            for x_bc in self.prenet(frames.float(), kept).unbind(dim=1):
                state, weights = self._attend(x_bc, state, memory)
                heard.append(_heard(state))
                alignment.append(weights)
            output, _ = self._answer(
                torch.stack(heard, dim=1), torch.stack(alignment, dim=1), state.layers
            )
            return output

    def initial_state(self, memory: Memory) -> DecoderState:
        """The state before the first step."""
        batch, like = len(memory.mask), memory.values
        return DecoderState(
            attention=like.new_zeros(batch, self.attention_gru.hidden_size),
            context=like.new_zeros(batch, like.shape[2]),
            layers=[like.new_zeros(1, batch, self.enter.out_features) for _ in self.layers],
            frame=like.new_zeros(batch, self.n_mels),
        )

    def step(
        self, state: DecoderState, memory: Memory, kept: Tensor
    ) -> tuple[DecoderOutput, DecoderState]:
        """The next step alone, and the state after it. Shape: kept (2, prenet_dim)."""
        with full_precision(state.frame):
            x_btc = self.prenet(state.frame[:, None], kept[None])
            state, weights = self._attend(x_btc[:, 0], state, memory)
            output, layers = self._answer(_heard(state)[:, None], weights[:, None], state.layers)
        return output, dataclasses.replace(state, layers=layers, frame=output.mel[:, -1])

    def _attend(
        self, x_bc: Tensor, state: DecoderState, memory: Memory
    ) -> tuple[DecoderState, Tensor]:
        """One turn of the attention GRU and the attention: their part of the state, and the weights."""
        asked = self.attention_gru(torch.cat([x_bc, state.context], dim=-1), state.attention)
        context, weights = self.attention(asked, memory.keys, memory.values, memory.mask)
        return dataclasses.replace(state, attention=asked, context=context), weights

    def _answer(
        self, heard: Tensor, alignment: Tensor, layers: list[Tensor]
    ) -> tuple[DecoderOutput, list[Tensor]]:
        """What the GRUs say of any number of steps, and their states after them."""
        x = self.enter(heard)
        after: list[Tensor] = []
        for layer, before in zip(self.layers, layers, strict=True):
            y, last = layer(x, before)
            x = x + y
            after.append(last)
        mel = self.mel(x).unflatten(-1, (self.reduction, -1)).flatten(1, 2)
        return DecoderOutput(mel, self.stop(x).squeeze(-1), alignment), after


def _heard(state: DecoderState) -> Tensor:
    """What the GRUs of the decoder read. Shape: (B, attention_dim + memory_dim)."""
    return torch.cat([state.attention, state.context], dim=-1)


class Postnet(nn.Module):
    """From the mel to the linear spectrogram, seeing both ways (section 3.4)."""

    def __init__(self, config: TacotronConfig, mel_config: MelConfig) -> None:
        super().__init__()
        self.cbhg = CBHG(
            mel_config.n_mels,
            config.postnet_dim,
            bank=config.postnet_bank,
            projection_dim=config.postnet_projection_dim,
            highway_layers=config.highway_layers,
        )
        self.linear = nn.Linear(2 * config.postnet_dim, mel_config.n_bins)

    def forward(self, mel: Tensor, lengths: Tensor) -> Tensor:
        """Shape: (B, T, M), (B,) -> (B, T, n_fft / 2 + 1)."""
        return self.linear(self.cbhg(mel, lengths, length_mask(lengths, mel.shape[1])))
