"""Deep Voice 3 at inference, one utterance at a time, without PyTorch.

The network is drawn in `tts.acoustic.deepvoice3`, whose PyTorch it equals to rounding. A step of the decoder
is a few products of a matrix and a vector, which the kernel library does as fast as memory allows, and numpy
what lies between; what this spares is PyTorch's cost of each operation, and its import.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tts.acoustic.deepvoice3_config import DeepVoice3Config
from tts.acoustic.speech import Retake, Spoken
from tts.audio.mel import MelConfig
from tts.kernels.layers import Linear, convolve
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

    retakes: tuple[Retake, ...] = ("window", "seed")

    def __init__(
        self, config: DeepVoice3Config, mel_config: MelConfig, n_symbols: int, tensors: Tensors
    ) -> None:
        self.config, self.mel_config, self.n_symbols = config, mel_config, n_symbols
        # What is packed by now is not kept twice.
        kept = ("steps_per_token", "encoder.embedding.weight", "speakers.weight")
        self._tensors = {name: tensors[name] for name in kept if name in tensors}
        self._linears = _linears(config, tensors)
        self._windowed = frozenset(config.windowed_layers or config.attention_layers)
        # Half a second of rest at the last tokens is no speech any more.
        self._rest = math.ceil(0.5 * mel_config.frames_per_second / config.reduction)

    def speak(
        self,
        tokens: npt.NDArray[np.int64],
        *,
        seed: int = 0,
        speaker: int | None = None,
        retake: Retake | None = None,
    ) -> Spoken:
        """See `SpeaksTokens.speak`. Nothing is random in the first take, so the seed changes nothing.

        A retake has a tighter window: nothing behind the place of the attention, one token less before it.
        That of another seed displaces the places of the tokens as training does.
        """
        if self.config.n_speakers > 1 and speaker is None:
            raise ValueError("a model of several speakers needs `speaker`")
        embedded = None if speaker is None else self._tensors["speakers.weight"][speaker]
        net = _Network(self._tensors, self._linears, embedded)
        rate = np.float32(self._tensors["steps_per_token"])
        if embedded is not None:
            rate *= np.float32(2.0) * _sigmoid(net.linears["speaker_pace"](embedded))[0]
        limit = math.ceil(np.float32(2.0) * rate * np.float32(len(tokens))) + 2 * self._rest
        keys, values = net.encode(tokens)
        places = np.arange(len(keys), dtype=np.float32) * rate
        if retake == "seed":
            places += self._displacement(places, seed)
        attentions = self._attentions(net, keys, values, places, limit)
        window = _Window(self.config.window_back, self.config.window_ahead)
        if retake is not None:
            window = _Window(0, max(1, self.config.window_ahead - 1))
        decoded = self._decode(net, attentions, window, limit)
        frames = decoded.steps.reshape(len(decoded.steps) * self.config.reduction, -1)
        mel, linear = net.convert(decoded.hidden, frames)
        return Spoken(
            mel=np.ascontiguousarray(mel.T),
            alignment=decoded.alignment,
            finished=decoded.finished,
            frames_per_step=self.config.reduction,
            linear=None if linear is None else np.ascontiguousarray(linear.T),
        )

    def _displacement(self, places: FloatArray, seed: int) -> FloatArray:
        """A slow wave, as `DeepVoice3` draws one in training. Shape: (L,) -> (L,), in decoder steps."""
        size, period, phase = np.random.default_rng(seed).random(3, dtype=np.float32)
        angle = places / (15.0 + 35.0 * period) + phase
        wave: FloatArray = 2.0 * size * self.config.position_jitter * np.sin(2.0 * np.pi * angle)
        return wave.astype(np.float32)

    def _attentions(
        self,
        net: "_Network",
        keys: FloatArray,
        values: FloatArray,
        places: FloatArray,
        limit: int,
    ) -> dict[int, "_Attention"]:
        """The attention blocks by the layers that they follow."""
        blocks = {}
        for layer in set(self.config.attention_layers):
            name = f"decoder.attentions.{layer}"
            query = net.linears[f"{name}.query"]
            encoded = _positional_encoding(places, keys.shape[1])
            steps = _positional_encoding(np.arange(limit, dtype=np.float32), query.n_in)
            blocks[layer] = _Attention(
                query=net.linears[f"{name}.query without bias"],
                query_of_step=query(steps),
                keys=net.linears[f"{name}.key"](keys + encoded)
                / np.float32(math.sqrt(query.n_out)),
                values=net.linears[f"{name}.out"](net.linears[f"{name}.value"](values)),
                windowed=layer in self._windowed,
            )
        return blocks

    def _decode(
        self,
        net: "_Network",
        attentions: Mapping[int, "_Attention"],
        window: "_Window",
        limit: int,
    ) -> "_Decoded":
        """Step after step, until the end, which is where `tts.acoustic.ending` has it."""
        bottleneck, widen = net.linears["decoder.prenet.0"], net.linears["decoder.prenet.1"]
        frame, done = net.linears["decoder.mel"], net.linears["decoder.done"]
        speaker = net.speaker_bias("decoder.speaker")
        n_tokens = len(next(iter(attentions.values())).keys)
        blocks, dim, span = net.gated_blocks("decoder"), self.config.decoder_dim, self.config.kernel
        # Zeros before the first step, and then each past input of a convolution: its taps are one slice.
        pasts = np.zeros((len(blocks), span - 1 + limit, dim), dtype=np.float32)
        hidden = np.empty((limit, dim), dtype=np.float32)
        steps = np.zeros(
            (limit + 1, frame.n_out), dtype=np.float32
        )  # from the one before the first
        alignment = np.zeros((limit, n_tokens), dtype=np.float32)
        position, rested, arrived, finished, n_steps = 0, 0, False, False, 0
        while n_steps < limit and not finished:
            x = np.maximum(bottleneck(steps[n_steps]), 0.0)
            x = np.maximum(widen(x), 0.0) + speaker
            sight = window.at(position)
            place = np.zeros(n_tokens, dtype=np.float32)
            for i, (convolution, bias) in enumerate(blocks):
                pasts[i, n_steps + span - 1] = x
                taps = pasts[i, n_steps : n_steps + span].reshape(-1)
                x = _gate(x, convolution(taps), bias)
                if i in attentions:
                    attention = attentions[i]
                    seen = sight if attention.windowed else slice(None)
                    query = attention.query(x) + attention.query_of_step[n_steps]
                    weights = _softmax(_einsum("ld,d->l", attention.keys[seen], query))
                    x = (x + _einsum("l,ld->d", weights, attention.values[seen])) * _SQRT_HALF
                    alignment[n_steps, seen] += weights
                    if attention.windowed:
                        place[seen] += weights
            hidden[n_steps] = x
            n_steps += 1
            steps[n_steps] = frame(x)
            position = max(position, int(place.argmax()))
            at_end = position >= n_tokens - 2  # the last sound or mark, and the end symbol
            arrived = arrived or at_end
            rested = rested + 1 if at_end else 0
            finished = (arrived and bool(done(x)[0] > 0.0)) or rested > self._rest
        return _Decoded(
            hidden=hidden[:n_steps],
            steps=steps[1 : n_steps + 1],
            alignment=alignment[:n_steps] / np.float32(len(attentions)),
            finished=finished,
        )


@dataclass(frozen=True, slots=True)
class _Attention:
    """An attention block, ready for one text: where its queries meet which keys, and what they read."""

    query: Linear  # of query_dim to dim, without the bias, which is in
    query_of_step: FloatArray  # what the position of each step adds, (limit, dim)
    keys: FloatArray  # already divided by the square root of dim, (L, dim)
    values: FloatArray  # already projected out, (L, query_dim)
    windowed: bool


class _Window(NamedTuple):
    """How far from its place the attention may look (section 3.6)."""

    back: int
    ahead: int

    def at(self, position: int) -> slice:
        return slice(max(0, position - self.back), position + self.ahead + 1)


class _Decoded(NamedTuple):
    """What the decoder says of T' steps."""

    hidden: FloatArray  # (T', decoder_dim)
    steps: FloatArray  # the frames of each, (T', r * M)
    alignment: FloatArray  # (T', L)
    finished: bool


class _Network:
    """The parts of the network by their names, as one speaker has them."""

    def __init__(
        self, tensors: Tensors, linears: Mapping[str, Linear], speaker: FloatArray | None
    ) -> None:
        self._tensors, self.linears, self._speaker = tensors, linears, speaker

    def speaker_bias(self, name: str) -> FloatArray:
        """What the speaker adds to a site; zero where there is but one. Shape: (dim,)."""
        if self._speaker is None:
            return np.zeros(1, dtype=np.float32)
        projected = self.linears[f"{name}.project"](self._speaker)
        biased: FloatArray = np.divide(projected, 1.0 + np.abs(projected), dtype=np.float32)
        return biased

    def gated_blocks(self, part: str) -> list[tuple[Linear, FloatArray]]:
        """The gated convolutions of a part, and what the speaker adds to their values."""
        blocks: list[tuple[Linear, FloatArray]] = []
        while f"{part}.blocks.{len(blocks)}.conv" in self.linears:
            name = f"{part}.blocks.{len(blocks)}"
            blocks.append((self.linears[f"{name}.conv"], self.speaker_bias(f"{name}.speaker")))
        return blocks

    def encode(self, tokens: npt.NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
        """Keys and values of the tokens. Shape: (L,) -> (L, embedding_dim) each."""
        embedded = self._tensors["encoder.embedding.weight"][tokens]
        embedded = embedded + self.speaker_bias("encoder.speaker.0")
        x = self.linears["encoder.enter"](embedded)
        for convolution, bias in self.gated_blocks("encoder"):
            x = _gate(x, convolve(convolution, x), bias)
        keys = self.linears["encoder.leave"](x) + self.speaker_bias("encoder.speaker.1")
        return keys, (keys + embedded) * _SQRT_HALF

    def convert(self, hidden: FloatArray, mel: FloatArray) -> tuple[FloatArray, FloatArray | None]:
        """The mel, and the linear spectrogram, of the converter.

        Shape: (T', decoder_dim), (T' * r, M) -> (T' * r, M), (T' * r, n_fft / 2 + 1).
        """
        entered = self.linears["converter.enter"](hidden).reshape(len(mel), -1)
        x = entered + self.linears["converter.mel"](mel)
        for convolution, bias in self.gated_blocks("converter"):
            x = _gate(x, convolve(convolution, x), bias)
        linear = self.linears.get("converter.linear")
        return mel + self.linears["converter.leave"](x), None if linear is None else linear(x)


def _linears(config: DeepVoice3Config, tensors: Tensors) -> dict[str, Linear]:
    """The linear layers and convolutions by their names, and the queries without their bias."""
    names = [name.removesuffix(".bias") for name in tensors if name.endswith(".bias")]
    linears = {n: Linear(Affine(tensors[f"{n}.weight"], tensors[f"{n}.bias"])) for n in names}
    for layer in set(config.attention_layers):
        name = f"decoder.attentions.{layer}.query"
        unbiased = Affine(tensors[f"{name}.weight"], np.zeros_like(tensors[f"{name}.bias"]))
        linears[f"{name} without bias"] = Linear(unbiased)
    return linears


def _gate(x: FloatArray, gated: FloatArray, bias: FloatArray) -> FloatArray:
    """The gated linear unit and its residual path, `bias` being the speaker's addition to its values.

    Shape: (..., dim), (..., 2 * dim), (dim,) -> (..., dim).
    """
    dim = x.shape[-1]
    return (x + (gated[..., :dim] + bias) * _sigmoid(gated[..., dim:])) * _SQRT_HALF


def _einsum(subscripts: str, *factors: FloatArray) -> FloatArray:
    """A small product without BLAS, whose bits depend on the number of threads."""
    product: FloatArray = np.einsum(subscripts, *factors)
    return product


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
