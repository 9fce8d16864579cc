"""Deep Voice 3 (Ping et al. 2018, arXiv 1710.07654): fully convolutional, with dot-product attention.

    tokens -- encoder --> keys, values (one of each a token)
                               |
    r past frames -- pre-net -- decoder: causal gated convolutions, attention -- r next frames, done
                                                                 |
                                        converter: gated convolutions that see both ways --> mel, linear

The decoder advances `reduction` frames a step. Positions of keys are measured in decoder steps: token j
stands at `j * rate`, where the rate (steps a token, the inverse of the paper's speaking rate w_s) is each
utterance's own in training, and the corpus's mean divided by `speed` at inference; of several speakers, what
is learned of each one's pace scales that mean.

A speaker's embedding acts on every part through projections of its own with a softsign (section 3.1): on the
token embeddings, the keys, the pre-net, and each convolution of encoder, decoder and converter.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from tts.acoustic.base import AcousticBatch, AcousticModel, AcousticOutput, acoustic_models
from tts.acoustic.deepvoice3_config import DeepVoice3Config
from tts.acoustic.ending import ending_loss
from tts.acoustic.speech import Retake
from tts.audio.mel import MelConfig
from tts.nn.attention import DotProductAttention, guided_attention_loss
from tts.nn.gated_conv import GatedConv
from tts.nn.masks import length_mask, masked_mean
from tts.nn.speaker import SpeakerBias

__all__ = ["DecoderState", "DeepVoice3", "DeepVoice3Config"]


@dataclass(slots=True)
class DecoderState:
    """What the decoder carries from step to step, for a batch."""

    rings: list[Tensor]  # past inputs of each causal convolution, (B, span, decoder_dim)
    frames: Tensor  # the r frames of the last step, (B, r * M)
    position: Tensor  # the token attended to last, (B,)
    step: int = 0


@dataclass(frozen=True, slots=True)
class Memory:
    """The encoded text as the decoder reads it: keys and values of every attention block."""

    keys: list[Tensor]  # (B, L, attention_dim) each
    values: list[Tensor]
    mask: Tensor  # (B, L)
    speaker: Tensor | None  # (B, speaker_dim)


@dataclass(frozen=True, slots=True)
class DecoderOutput:
    """What the decoder says of T' steps."""

    mel: Tensor  # (B, T' * r, M)
    done: Tensor  # logits, (B, T')
    hidden: Tensor  # (B, T', decoder_dim)
    alignments: list[Tensor]  # of every attention block, (B, T', L)

    @property
    def alignment(self) -> Tensor:
        """The mean over the attention blocks. Shape: (B, T', L)."""
        return torch.stack(self.alignments).mean(dim=0)


@acoustic_models.register("deepvoice3", DeepVoice3Config)
class DeepVoice3(AcousticModel):
    """The network; see the module's drawing."""

    retakes: tuple[Retake, ...] = ()  # a voice speaks with `tts.acoustic.fast`, which has some

    def __init__(self, config: DeepVoice3Config, mel_config: MelConfig, n_symbols: int) -> None:
        super().__init__(config, mel_config, n_symbols)
        self.speaker_pace = nn.Linear(config.speaker_dim, 1) if config.n_speakers > 1 else None
        if self.speaker_pace is not None:  # at first all speak at the pace of the corpus
            nn.init.zeros_(self.speaker_pace.weight)
            nn.init.zeros_(self.speaker_pace.bias)
        self.encoder = Encoder(config, n_symbols)
        self.decoder = Decoder(config, mel_config.n_mels)
        self.converter = Converter(config, mel_config)

    @property
    def predicts_linear(self) -> bool:
        """See `AcousticModel.predicts_linear`."""
        return self.config.linear

    # -- training ---------------------------------------------------------------------------------

    def loss(self, batch: AcousticBatch) -> dict[str, Tensor]:
        """L1 of mels, linear and logarithmic pace, cross-entropy of the end, the guided attention."""
        decoded, (mel, linear), step_lengths = self._parallel(batch)
        target = self._whole_steps(batch.mel)
        frame_mask = length_mask(batch.mel_lengths, target.shape[1])[..., None]
        parts = {
            "mel": masked_mean((mel.float() - target).abs(), frame_mask),
            "decoder_mel": masked_mean((decoded.mel.float() - target).abs(), frame_mask),
            "done": ending_loss(decoded.done, step_lengths),
            "attention": guided_attention_loss(
                decoded.alignments, batch.token_lengths, step_lengths, self.config.guided_width
            ),
        }
        total = parts["mel"] + parts["decoder_mel"] + parts["done"]
        if linear is not None:
            assert batch.linear is not None, "a model that predicts it is asked for with it"
            parts["linear"] = masked_mean(
                (linear.float() - self._whole_steps(batch.linear)).abs(), frame_mask
            )
            total = total + parts["linear"]
        if self.speaker_pace is not None:
            rate, own = (
                self.rate_of(batch.speakers, len(step_lengths)),
                step_lengths / batch.token_lengths,
            )
            parts["pace"] = (rate.float().log() - own.log()).abs().mean()
            total = total + parts["pace"]
        return {"loss": total + self.config.guided_attention * parts["attention"], **parts}

    @torch.inference_mode()
    def teacher_forced(self, batch: AcousticBatch) -> AcousticOutput:
        """See `AcousticModel.teacher_forced`."""
        decoded, (mel, linear), _ = self._parallel(batch)
        n_frames = batch.mel.shape[2]
        return AcousticOutput(
            mel=mel[:, :n_frames].transpose(1, 2).float(),
            lengths=batch.mel_lengths,
            alignment=decoded.alignment,
            finished=torch.ones_like(batch.mel_lengths, dtype=torch.bool),
            frames_per_step=self.config.reduction,
            linear=None if linear is None else linear[:, :n_frames].transpose(1, 2).float(),
        )

    def _parallel(self, batch: AcousticBatch) -> tuple[DecoderOutput, "Converted", Tensor]:
        """All steps at once from the true frames: what decoder and converter say, the step lengths."""
        reduction = self.config.reduction
        step_lengths = -(-batch.mel_lengths // reduction)
        rate = step_lengths / batch.token_lengths
        memory = self.encode(batch.tokens, batch.token_lengths, rate, batch.speakers)
        steps = self._whole_steps(batch.mel).reshape(len(rate), -1, self.decoder.step_dim)
        if self.training and self.config.scheduled_sampling > 0.0:
            steps = self._sampled(steps, memory)
        decoded = self.decoder(_shifted(steps), memory)
        mask = length_mask(batch.mel_lengths, decoded.mel.shape[1])
        converted = self.converter(decoded.hidden, decoded.mel, mask, memory.speaker)
        return decoded, converted, step_lengths

    @torch.no_grad()
    def _sampled(self, steps: Tensor, memory: Memory) -> Tensor:
        """True steps, some replaced by what the decoder says after true ones.

        Two parallel passes stand for one free-running one (Mihaylova and Martins 2019, arXiv 1906.07651).

        Shape: (B, T', r * M) -> the same.
        """
        own = self.decoder(_shifted(steps), memory).mel.reshape(steps.shape).to(steps.dtype)
        share = self.config.scheduled_sampling
        chosen = torch.rand(steps.shape[:2], device=steps.device) < share
        return torch.where(chosen[..., None], own, steps)

    # -- inference --------------------------------------------------------------------------------

    def encode(
        self, tokens: Tensor, token_lengths: Tensor, rate: Tensor, speakers: Tensor | None = None
    ) -> Memory:
        """The text as the decoder reads it; `rate` is decoder steps a token. Shape: rate (B,)."""
        speaker = self._embedded(speakers)
        mask = length_mask(token_lengths, tokens.shape[1])
        keys, values = self.encoder(tokens, mask, speaker)
        positions = torch.arange(tokens.shape[1], device=tokens.device) * rate[:, None]
        if self.training:
            positions = positions + self._displacement(positions)
        blocks = self.decoder.attention_blocks()
        return Memory(
            keys=[block.project_keys(keys, positions) for block in blocks],
            values=[block.value(values) for block in blocks],
            mask=mask,
            speaker=speaker,
        )

    def rate_of(self, speakers: Tensor | None, batch: int) -> Tensor:
        """Decoder steps a token of each item: the mean of the corpus, and what is learned of the speaker.

        The paper's rate is the sigmoid of a projection of the speaker's embedding (figure 3); here that
        scales the mean, from half way between none of it and twice of it.

        Shape: (B,) -> (B,).
        """
        rate = self.steps_per_token.expand(batch)
        speaker = self._embedded(speakers)
        if self.speaker_pace is None or speaker is None:
            return rate
        return rate * 2.0 * torch.sigmoid(self.speaker_pace(speaker).squeeze(-1))

    def _displacement(self, positions: Tensor) -> Tensor:
        """A slow random wave for each item: places are unsure, the rate on the whole is not.

        Shape: (B, L) -> (B, L), in decoder steps.
        """
        size, period, phase = torch.rand(3, positions.shape[0], 1, device=positions.device)
        angle = positions / (15.0 + 35.0 * period) + phase
        return 2.0 * size * self.config.position_jitter * torch.sin(2.0 * math.pi * angle)

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
        """See `AcousticModel.infer`. Nothing is random in this model, so the seed changes nothing.

        The speed divides the rate, as in the paper; the pace that a network has learned may outweigh it.
        """
        assert not self.training, "eval() first: dropout and jitter are for training"
        reduction = self.config.reduction
        rate = self.rate_of(speakers, len(tokens)) / speed
        memory = self.encode(tokens, token_lengths, rate, speakers)
        state = self.decoder.initial_state(memory)
        ending = self._ending(token_lengths, rate)
        outputs: list[DecoderOutput] = []
        while not ending.all_over:
            window = self._window(state.position, memory.mask)
            outputs.append(self.decoder.step(state, memory, window))
            state.position = torch.maximum(state.position, self.decoder.place(outputs[-1]))
            ending.watch(state.position, outputs[-1].done[:, 0] > 0)
        lengths = ending.step_lengths * reduction
        decoded_mel = torch.cat([output.mel for output in outputs], dim=1)
        hidden = torch.cat([output.hidden for output in outputs], dim=1)
        mask = length_mask(lengths, decoded_mel.shape[1])
        mel, linear = self.converter(hidden, decoded_mel, mask, memory.speaker)
        silence = self.mel_config.silence
        if linear is not None:
            linear = linear.masked_fill(~mask[..., None], silence).transpose(1, 2)
        return AcousticOutput(
            mel=mel.masked_fill(~mask[..., None], silence).transpose(1, 2),
            lengths=lengths,
            alignment=torch.cat([output.alignment for output in outputs], dim=1),
            finished=ending.finished,
            frames_per_step=reduction,
            linear=linear,
        )

    def _window(self, position: Tensor, mask: Tensor) -> Tensor:
        """Where the next step may look: the paper's monotonic window (section 3.6).

        Shape: (B,), (B, L) -> (B, 1, L).
        """
        distance = torch.arange(mask.shape[1], device=mask.device) - position[:, None]
        near = (distance >= -self.config.window_back) & (distance <= self.config.window_ahead)
        return (near & mask)[:, None]


def _shifted(steps: Tensor) -> Tensor:
    """The step before each step, zeros before the first. Shape: (B, T', C) -> the same."""
    return functional.pad(steps, (0, 0, 1, 0))[:, :-1]


class Encoder(nn.Module):
    """Token embeddings and gated convolutions to keys and values (section 3.4)."""

    def __init__(self, config: DeepVoice3Config, n_symbols: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(n_symbols, config.embedding_dim)
        nn.init.normal_(self.embedding.weight, std=0.3)
        self.speaker = nn.ModuleList(
            SpeakerBias(config.embedding_dim, config.speaker_embedding_dim) for _ in range(2)
        )
        self.enter = nn.Linear(config.embedding_dim, config.encoder_dim)
        self.blocks = nn.ModuleList(
            GatedConv(
                config.encoder_dim,
                config.encoder_kernel,
                causal=False,
                dropout=config.dropout,
                speaker_dim=config.speaker_embedding_dim,
            )
            for _ in range(config.encoder_layers)
        )
        self.leave = nn.Linear(config.encoder_dim, config.embedding_dim)

    def forward(
        self, tokens: Tensor, mask: Tensor, speaker: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Shape: (B, L), (B, L) -> keys and values, (B, L, embedding_dim) each."""
        embedded = self.speaker[0](self.embedding(tokens), speaker)
        valid = mask[..., None]
        x = self.enter(embedded)
        for block in self.blocks:
            x = block(x.masked_fill(~valid, 0.0), speaker)
        keys = self.speaker[1](self.leave(x), speaker)
        return keys, (keys + embedded) * math.sqrt(0.5)


class Decoder(nn.Module):
    """From the frames before to the next `reduction` frames, reading the text (section 3.5)."""

    def __init__(self, config: DeepVoice3Config, n_mels: int) -> None:
        super().__init__()
        self.config = config
        self.windowed = config.windowed_layers or config.attention_layers
        self.step_dim = config.reduction * n_mels
        self.prenet = nn.ModuleList(
            [
                nn.Linear(self.step_dim, config.prenet_dim),
                nn.Linear(config.prenet_dim, config.decoder_dim),
            ]
        )
        self.speaker = SpeakerBias(config.decoder_dim, config.speaker_embedding_dim)
        self.blocks = nn.ModuleList(
            GatedConv(
                config.decoder_dim,
                config.kernel,
                causal=True,
                dropout=config.dropout,
                speaker_dim=config.speaker_embedding_dim,
            )
            for _ in range(config.decoder_layers)
        )
        self.attentions = nn.ModuleDict(
            {
                str(i): DotProductAttention(
                    config.decoder_dim, config.embedding_dim, config.attention_dim, config.dropout
                )
                for i in sorted(set(config.attention_layers))
            }
        )
        self.mel = nn.Linear(config.decoder_dim, self.step_dim)
        self.done = nn.Linear(config.decoder_dim, 1)

    def forward(self, steps: Tensor, memory: Memory) -> DecoderOutput:
        """All steps at once. Shape: steps (B, T', r * M), the frames before each step."""
        x = self._prenet(steps, memory.speaker)
        positions = torch.arange(steps.shape[1], device=steps.device).expand(steps.shape[:2])
        mask = memory.mask[:, None]
        alignments: list[Tensor] = []
        for i, block in enumerate(self.blocks):
            x = block(x, memory.speaker)
            if str(i) in self.attentions:
                x, weights = self._attend(i, x, positions, memory, mask, len(alignments))
                alignments.append(weights)
        return self._output(x, alignments)

    def attention_blocks(self) -> list[DotProductAttention]:
        """The attention blocks, in the order of the layers that they follow."""
        blocks = self.attentions.values()
        return [block for block in blocks if isinstance(block, DotProductAttention)]

    def place(self, output: DecoderOutput) -> Tensor:
        """The token that the layers with a window look at in a step, taken together. Shape: (B,)."""
        pairs = zip(self.attentions, output.alignments, strict=True)
        weights = [weights for layer, weights in pairs if int(layer) in self.windowed]
        return torch.stack(weights).mean(dim=0)[:, 0].argmax(dim=-1)

    def initial_state(self, memory: Memory) -> DecoderState:
        """The state before the first step."""
        batch, like = memory.mask.shape[0], self.mel.weight
        return DecoderState(
            rings=[block.conv.initial_state(batch, like) for block in self.blocks],  # type: ignore[operator,union-attr]
            frames=like.new_zeros(batch, self.step_dim),
            position=torch.zeros(batch, dtype=torch.int64, device=like.device),
        )

    def step(self, state: DecoderState, memory: Memory, window: Tensor) -> DecoderOutput:
        """The next step alone; `state` moves on in place, but for the position of the attention.

        Args:
            state: as `initial_state` or the last step left it.
            memory: the encoded text.
            window: True where the attention may look, in the layers that it limits. Shape: (B, 1, L).
        """
        x = self._prenet(state.frames, memory.speaker)
        positions = torch.full_like(state.position, state.step)[:, None]
        alignments: list[Tensor] = []
        for i, block in enumerate(self.blocks):
            x = block.step(x, state.rings[i], state.step, memory.speaker)  # type: ignore[operator]
            if str(i) in self.attentions:
                mask = window if i in self.windowed else memory.mask[:, None]
                attended, weights = self._attend(
                    i, x[:, None], positions, memory, mask, len(alignments)
                )
                x = attended[:, 0]
                alignments.append(weights)
        output = self._output(x[:, None], alignments)
        state.frames = output.mel.flatten(1)
        state.step += 1
        return output

    def _prenet(self, steps: Tensor, speaker: Tensor | None) -> Tensor:
        hidden = torch.relu(self.prenet[0](steps))
        hidden = functional.dropout(hidden, self.config.prenet_dropout, self.training)
        return self.speaker(torch.relu(self.prenet[1](hidden)), speaker)

    def _attend(
        self, layer: int, x: Tensor, positions: Tensor, memory: Memory, mask: Tensor, block: int
    ) -> tuple[Tensor, Tensor]:
        attention = self.attentions[str(layer)]
        context, weights = attention(x, positions, memory.keys[block], memory.values[block], mask)
        return (x + context) * math.sqrt(0.5), weights

    def _output(self, x: Tensor, alignments: list[Tensor]) -> DecoderOutput:
        mel = self.mel(x).unflatten(-1, (self.config.reduction, -1)).flatten(1, 2)
        return DecoderOutput(mel, self.done(x).squeeze(-1), x, alignments)


class Converted(NamedTuple):
    """What the converter says of T frames."""

    mel: Tensor  # (B, T, M)
    linear: Tensor | None  # (B, T, n_bins)


class Converter(nn.Module):
    """From the decoder's last activations to what the vocoder reads, seeing both ways (section 3.7)."""

    def __init__(self, config: DeepVoice3Config, mel_config: MelConfig) -> None:
        super().__init__()
        self.reduction = config.reduction
        self.enter = nn.Linear(config.decoder_dim, config.reduction * config.converter_dim)
        self.mel = nn.Linear(mel_config.n_mels, config.converter_dim)
        self.blocks = nn.ModuleList(
            GatedConv(
                config.converter_dim,
                config.kernel,
                causal=False,
                dropout=config.dropout,
                speaker_dim=config.speaker_embedding_dim,
            )
            for _ in range(config.converter_layers)
        )
        self.leave = nn.Linear(config.converter_dim, mel_config.n_mels)
        self.linear = nn.Linear(config.converter_dim, mel_config.n_bins) if config.linear else None

    def forward(
        self, hidden: Tensor, mel: Tensor, mask: Tensor, speaker: Tensor | None
    ) -> Converted:
        """Shape: hidden (B, T', decoder_dim), mel (B, T' * r, M), mask (B, T' * r) -> of T' * r frames."""
        valid = mask[..., None]
        x = self.enter(hidden).unflatten(-1, (self.reduction, -1)).flatten(1, 2) + self.mel(mel)
        for block in self.blocks:
            x = block(x.masked_fill(~valid, 0.0), speaker)
        return Converted(mel + self.leave(x), None if self.linear is None else self.linear(x))
