"""Deep Voice 3 at inference, one utterance at a time, in numpy alone.

The network is drawn in `tts.acoustic.deepvoice3`, whose PyTorch it equals to rounding. A step of the decoder
is a few products of a matrix and a vector, as fast in numpy as memory allows; what this spares is PyTorch's
cost of each operation, and its import.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tts.acoustic.deepvoice3_config import DeepVoice3Config
from tts.acoustic.speech import Spoken
from tts.audio.mel import MelConfig
from tts.kernels.layers import apply, convolve
from tts.kernels.weights import Affine, FloatArray

__all__ = ["FastDeepVoice3", "tensor_shapes"]

Tensors = Mapping[str, FloatArray]

_SQRT_HALF = np.float32(math.sqrt(0.5))


class FastDeepVoice3:
    """A trained Deep Voice 3. It keeps nothing between calls; any number of threads may use it at once.

    Args:
        config: its sizes.
        mel_config: what it predicts.
        n_symbols: how many different tokens there are.
        tensors: its weights, of the names and shapes that `tensor_shapes` tells, float32.
    """

    def __init__(
        self, config: DeepVoice3Config, mel_config: MelConfig, n_symbols: int, tensors: Tensors
    ) -> None:
        self.config, self.mel_config, self.n_symbols = config, mel_config, n_symbols
        self._tensors = tensors
        self._windowed = frozenset(config.windowed_layers or config.attention_layers)
        # Half a second of rest at the last tokens is no speech any more.
        self._rest = math.ceil(0.5 * mel_config.frames_per_second / config.reduction)

    def speak(
        self, tokens: npt.NDArray[np.int64], *, seed: int = 0, speaker: int | None = None
    ) -> Spoken:
        """See `SpeaksTokens.speak`. Nothing is random in this model, so the seed changes nothing."""
        if self.config.n_speakers > 1 and speaker is None:
            raise ValueError("a model of several speakers needs `speaker`")
        embedded = None if speaker is None else self._tensors["speakers.weight"][speaker]
        net = _Network(self._tensors, embedded)
        rate = np.float32(self._tensors["steps_per_token"])
        if embedded is not None:
            rate *= np.float32(2.0) * _sigmoid(apply(net.affine("speaker_pace"), embedded))[0]
        limit = math.ceil(np.float32(2.0) * rate * np.float32(len(tokens))) + 2 * self._rest
        keys, values = net.encode(tokens)
        attentions = self._attentions(net, keys, values, rate, limit)
        decoded = self._decode(net, attentions, len(tokens), limit)
        frames = decoded.steps.reshape(len(decoded.steps) * self.config.reduction, -1)
        mel, linear = net.convert(decoded.hidden, frames)
        return Spoken(
            mel=np.ascontiguousarray(mel.T),
            alignment=decoded.alignment,
            finished=decoded.finished,
            frames_per_step=self.config.reduction,
            linear=None if linear is None else np.ascontiguousarray(linear.T),
        )

    def _attentions(
        self, net: "_Network", keys: FloatArray, values: FloatArray, rate: np.float32, limit: int
    ) -> dict[int, "_Attention"]:
        """The attention blocks by the layers that they follow."""
        blocks = {}
        for layer in set(self.config.attention_layers):
            name = f"decoder.attentions.{layer}"
            query = net.affine(f"{name}.query")
            dim, query_dim = query.weight.shape
            places = _positional_encoding(
                np.arange(len(keys), dtype=np.float32) * rate, keys.shape[1]
            )
            steps = _positional_encoding(np.arange(limit, dtype=np.float32), query_dim)
            blocks[layer] = _Attention(
                query=query.weight,
                query_of_step=apply(query, steps),
                keys=apply(net.affine(f"{name}.key"), keys + places) / np.float32(math.sqrt(dim)),
                values=apply(net.affine(f"{name}.out"), apply(net.affine(f"{name}.value"), values)),
                windowed=layer in self._windowed,
            )
        return blocks

    def _decode(
        self, net: "_Network", attentions: Mapping[int, "_Attention"], n_tokens: int, limit: int
    ) -> "_Decoded":
        """Step after step, until the end, which is where `tts.acoustic.ending` has it."""
        bottleneck, widen = net.affine("decoder.prenet.0"), net.affine("decoder.prenet.1")
        frame, done = net.affine("decoder.mel"), net.affine("decoder.done")
        speaker = net.speaker_bias("decoder.speaker")
        blocks, dim, span = net.gated_blocks("decoder"), self.config.decoder_dim, self.config.kernel
        # Zeros before the first step, and then each past input of a convolution: its taps are one slice.
        pasts = np.zeros((len(blocks), span - 1 + limit, dim), dtype=np.float32)
        hidden = np.empty((limit, dim), dtype=np.float32)
        steps = np.zeros(
            (limit + 1, len(frame.bias)), dtype=np.float32
        )  # from the one before the first
        alignment = np.zeros((limit, n_tokens), dtype=np.float32)
        position, rested, arrived, finished, n_steps = 0, 0, False, False, 0
        while n_steps < limit and not finished:
            x = np.maximum(apply(bottleneck, steps[n_steps]), 0.0)
            x = np.maximum(apply(widen, x), 0.0) + speaker
            window = slice(
                max(0, position - self.config.window_back), position + self.config.window_ahead + 1
            )
            place = np.zeros(n_tokens, dtype=np.float32)
            for i, gate in enumerate(blocks):
                pasts[i, n_steps + span - 1] = x
                x = _gate(x, apply(gate, pasts[i, n_steps : n_steps + span].reshape(-1)))
                if i in attentions:
                    attention = attentions[i]
                    seen = window if attention.windowed else slice(None)
                    query = attention.query @ x + attention.query_of_step[n_steps]
                    weights = _softmax(attention.keys[seen] @ query)
                    x = (x + weights @ attention.values[seen]) * _SQRT_HALF
                    alignment[n_steps, seen] += weights
                    if attention.windowed:
                        place[seen] += weights
            hidden[n_steps] = x
            n_steps += 1
            steps[n_steps] = apply(frame, x)
            position = max(position, int(place.argmax()))
            at_end = position >= n_tokens - 2  # the last sound or mark, and the end symbol
            arrived = arrived or at_end
            rested = rested + 1 if at_end else 0
            finished = (arrived and bool(apply(done, x)[0] > 0.0)) or rested > self._rest
        return _Decoded(
            hidden=hidden[:n_steps],
            steps=steps[1 : n_steps + 1],
            alignment=alignment[:n_steps] / np.float32(len(attentions)),
            finished=finished,
        )


@dataclass(frozen=True, slots=True)
class _Attention:
    """An attention block, ready for one text: where its queries meet which keys, and what they read."""

    query: FloatArray  # (dim, query_dim)
    query_of_step: FloatArray  # what the position of each step adds, (limit, dim)
    keys: FloatArray  # already divided by the square root of dim, (L, dim)
    values: FloatArray  # already projected out, (L, query_dim)
    windowed: bool


class _Decoded(NamedTuple):
    """What the decoder says of T' steps."""

    hidden: FloatArray  # (T', decoder_dim)
    steps: FloatArray  # the frames of each, (T', r * M)
    alignment: FloatArray  # (T', L)
    finished: bool


class _Network:
    """The tensors of the network by the names of its layers, as one speaker has them."""

    def __init__(self, tensors: Tensors, speaker: FloatArray | None) -> None:
        self._tensors, self._speaker = tensors, speaker

    def affine(self, name: str) -> Affine:
        """A linear layer, or a convolution."""
        return Affine(self._tensors[f"{name}.weight"], self._tensors[f"{name}.bias"])

    def speaker_bias(self, name: str) -> FloatArray:
        """What the speaker adds to a site; zero where there is but one. Shape: (dim,)."""
        if self._speaker is None:
            return np.zeros(1, dtype=np.float32)
        projected = apply(self.affine(f"{name}.project"), self._speaker)
        biased: FloatArray = np.divide(projected, 1.0 + np.abs(projected), dtype=np.float32)
        return biased

    def gated_blocks(self, part: str) -> list[Affine]:
        """The gated convolutions of a part: to its values, with what the speaker adds, and its gates."""
        blocks: list[Affine] = []
        while f"{part}.blocks.{len(blocks)}.conv.weight" in self._tensors:
            name = f"{part}.blocks.{len(blocks)}"
            weight, bias = self.affine(f"{name}.conv")
            values, gates = np.split(bias, 2)
            values = values + self.speaker_bias(f"{name}.speaker")
            blocks.append(Affine(weight, np.concatenate([values, gates])))
        return blocks

    def encode(self, tokens: npt.NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
        """Keys and values of the tokens. Shape: (L,) -> (L, embedding_dim) each."""
        embedded = self._tensors["encoder.embedding.weight"][tokens]
        embedded = embedded + self.speaker_bias("encoder.speaker.0")
        x = apply(self.affine("encoder.enter"), embedded)
        for block in self.gated_blocks("encoder"):
            x = _gate(x, convolve(block, x))
        keys = apply(self.affine("encoder.leave"), x) + self.speaker_bias("encoder.speaker.1")
        return keys, (keys + embedded) * _SQRT_HALF

    def convert(self, hidden: FloatArray, mel: FloatArray) -> tuple[FloatArray, FloatArray | None]:
        """The mel, and the linear spectrogram, of the converter.

        Shape: (T', decoder_dim), (T' * r, M) -> (T' * r, M), (T' * r, n_fft / 2 + 1).
        """
        entered = apply(self.affine("converter.enter"), hidden).reshape(len(mel), -1)
        x = entered + apply(self.affine("converter.mel"), mel)
        for block in self.gated_blocks("converter"):
            x = _gate(x, convolve(block, x))
        has_linear = "converter.linear.weight" in self._tensors
        linear = apply(self.affine("converter.linear"), x) if has_linear else None
        return mel + apply(self.affine("converter.leave"), x), linear


def _gate(x: FloatArray, gated: FloatArray) -> FloatArray:
    """The gated linear unit and its residual path. Shape: (..., dim), (..., 2 * dim) -> (..., dim)."""
    dim = x.shape[-1]
    return (x + gated[..., :dim] * _sigmoid(gated[..., dim:])) * _SQRT_HALF


def _sigmoid(x: FloatArray) -> FloatArray:
    """By the hyperbolic tangent, which overflows nowhere."""
    half = np.float32(0.5)
    return half * np.tanh(half * x) + half


def _softmax(scores: FloatArray) -> FloatArray:
    exponentials = np.exp(scores - scores.max())
    return exponentials / exponentials.sum()


def _positional_encoding(positions: FloatArray, dim: int) -> FloatArray:
    """As `tts.nn.attention.positional_encoding`. Shape: (N,) -> (N, dim)."""
    frequencies = np.exp(np.arange(0, dim, 2, dtype=np.float32) * np.float32(-math.log(1e4) / dim))
    angles = positions[:, None] * frequencies
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(len(positions), dim)


def tensor_shapes(
    config: DeepVoice3Config, mel_config: MelConfig, n_symbols: int
) -> dict[str, tuple[int, ...]]:
    """The names and shapes of the tensors of a model of these sizes: those of its PyTorch state."""
    shapes: dict[str, tuple[int, ...]] = {"steps_per_token": ()}
    several, speaker_dim = config.n_speakers > 1, config.speaker_dim

    def affine(name: str, n_out: int, n_in: int) -> None:
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (n_out, n_in), (n_out,)

    def speaker(name: str, dim: int) -> None:
        if several:
            affine(f"{name}.project", dim, speaker_dim)

    def blocks(part: str, n: int, dim: int, n_taps: int) -> None:
        for i in range(n):
            affine(f"{part}.blocks.{i}.conv", 2 * dim, n_taps * dim)
            speaker(f"{part}.blocks.{i}.speaker", dim)

    if several:
        shapes["speakers.weight"] = (config.n_speakers, speaker_dim)
        affine("speaker_pace", 1, speaker_dim)

    embedding, n_step = config.embedding_dim, config.reduction * mel_config.n_mels
    shapes["encoder.embedding.weight"] = (n_symbols, embedding)
    speaker("encoder.speaker.0", embedding)
    speaker("encoder.speaker.1", embedding)
    affine("encoder.enter", config.encoder_dim, embedding)
    blocks("encoder", config.encoder_layers, config.encoder_dim, config.encoder_kernel)
    affine("encoder.leave", embedding, config.encoder_dim)

    dim, attention_dim = config.decoder_dim, config.attention_dim
    affine("decoder.prenet.0", config.prenet_dim, n_step)
    affine("decoder.prenet.1", dim, config.prenet_dim)
    speaker("decoder.speaker", dim)
    blocks("decoder", config.decoder_layers, dim, config.kernel)
    for layer in sorted(set(config.attention_layers)):
        affine(f"decoder.attentions.{layer}.query", attention_dim, dim)
        affine(f"decoder.attentions.{layer}.key", attention_dim, embedding)
        affine(f"decoder.attentions.{layer}.value", attention_dim, embedding)
        affine(f"decoder.attentions.{layer}.out", dim, attention_dim)
    affine("decoder.mel", n_step, dim)
    affine("decoder.done", 1, dim)

    dim = config.converter_dim
    affine("converter.enter", config.reduction * dim, config.decoder_dim)
    affine("converter.mel", dim, mel_config.n_mels)
    blocks("converter", config.converter_layers, dim, config.kernel)
    affine("converter.leave", mel_config.n_mels, dim)
    if config.linear:
        affine("converter.linear", mel_config.n_bins, dim)
    return shapes
