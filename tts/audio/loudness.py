"""Loudness as ITU-R BS.1770-4 measures it, and speech brought to one level.

The sound passes two filters that stand for the head and the ear (K-weighting). Its mean power over blocks
of 400 ms, one every 100 ms, is averaged over the blocks louder than -70 LUFS, and then over those that are
no more than 10 LU below that average: pauses do not count.
"""

import functools
import math
from typing import Protocol

import numpy as np
import numpy.typing as npt

from tts.audio.mel import MelConfig, magnitudes, mel_filters

__all__ = ["Samples", "loudness_gain", "loudness_lufs", "mel_loudness_lufs", "normalise_loudness"]

FloatArray = npt.NDArray[np.float32]


class Samples(Protocol):
    """What is measured: an array, or something that reads slices of one from a file. Shape: (S,)."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: slice, /) -> FloatArray: ...


_STEPS_PER_BLOCK = 4  # blocks overlap by three quarters
_SILENCE_LUFS = -70.0
_GATE_LU = 10.0
_HARMONICS_LU = 1.0
_TINY = 1e-7
_PIECE = 60000  # samples that are filtered at once: an hour of speech needs no second copy
_DECAY_S = 0.15  # until nothing of 1e-13 is left of an impulse in the filters


def loudness_lufs(samples: Samples, sample_rate: int) -> float:
    """The integrated loudness of a sound; minus infinity when no block is louder than -70 LUFS.

    A clip shorter than a block is repeated until it fills one, which keeps its power.

    Args:
        samples: Shape: (S,).
        sample_rate: samples a second.
    """
    n_step = round(0.1 * sample_rate)
    if not len(samples):
        return -math.inf
    if len(samples) < n_step * _STEPS_PER_BLOCK:
        samples = np.tile(samples[:], -(-n_step * _STEPS_PER_BLOCK // len(samples)))
    return _gated_lufs(_step_powers(samples, sample_rate, n_step), _STEPS_PER_BLOCK)


def mel_loudness_lufs(mel: FloatArray, config: MelConfig) -> float:
    """About the loudness of the sound that a mel stands for; minus infinity for silence.

    The mean magnitude of a band is taken for that of each of its bins. Voiced speech has more power than
    that, as its harmonics stand out: 1 LU in the voice kathleen, give or take 0.7 in single sentences.

    Args:
        mel: normalised as `config` says. Shape: (M, T).
        config: what the spectrogram is.
    """
    filters = mel_filters(config)
    sums = filters.sum(axis=0), filters.sum(axis=1, keepdims=True)
    bins = (filters / np.maximum(sums[0], _TINY)).T @ (magnitudes(mel, config) / sums[1])
    # Of both halves of the spectrum, over the power of a Hann window.
    scale = 2.0 / (config.n_fft * 0.375 * config.n_fft)
    weights = np.square(np.abs(_k_response(config.sample_rate, config.n_fft))) * scale
    powers = (weights @ np.square(bins, dtype=np.float64)) * 10.0 ** (_HARMONICS_LU / 10.0)
    n_block = max(1, round(0.4 * config.frames_per_second))
    return _gated_lufs(np.tile(powers, -(-n_block // len(powers))), n_block)


def _gated_lufs(powers: npt.NDArray[np.float64], n_block: int) -> float:
    """The loudness of a K-weighted sound from the mean powers of its parts, `n_block` of them 400 ms."""
    blocks = np.convolve(powers, np.full(n_block, 1.0 / n_block), mode="valid")
    heard = blocks[blocks > _power(_SILENCE_LUFS)]
    if not len(heard):
        return -math.inf
    heard = heard[heard > heard.mean() * 10.0 ** (-_GATE_LU / 10.0)]
    return -0.691 + 10.0 * math.log10(heard.mean())


def normalise_loudness(
    samples: FloatArray, sample_rate: int, target_lufs: float, *, peak: float = 0.95
) -> FloatArray:
    """A sound under one gain, so that it is as loud as wanted, or less where a peak would clip.

    Args:
        samples: Shape: (S,).
        sample_rate: samples a second.
        target_lufs: the loudness wanted; silence stays silence.
        peak: the largest magnitude allowed.

    Returns:
        Shape: (S,), float32.
    """
    gain = loudness_gain(samples, sample_rate, target_lufs, peak=peak)
    return (samples * gain).astype(np.float32)


def loudness_gain(
    samples: Samples, sample_rate: int, target_lufs: float, *, peak: float = 0.95
) -> np.float32:
    """The gain of `normalise_loudness`, of samples that need not be in memory."""
    loudness = loudness_lufs(samples, sample_rate)
    gain = 10.0 ** ((target_lufs - loudness) / 20.0) if math.isfinite(loudness) else 1.0
    highest = 0.0
    for start in range(0, len(samples), _PIECE):
        highest = max(highest, float(np.abs(samples[start : start + _PIECE]).max()))
    if highest * gain > peak:
        gain = peak / highest
    return np.float32(gain)


def _power(lufs: float) -> float:
    """The mean power of a K-weighted sound of this loudness (equation 2 of BS.1770)."""
    return float(10.0 ** ((lufs + 0.691) / 10.0))


def _step_powers(samples: Samples, sample_rate: int, n_step: int) -> npt.NDArray[np.float64]:
    """The mean power of each whole step of the K-weighted sound. Shape: (S,) -> (S / n_step,)."""
    before = np.zeros(len(_k_impulse(sample_rate)) - 1)
    powers = []
    n_whole = len(samples) // n_step * n_step
    n_piece = max(1, _PIECE // n_step) * n_step
    for start in range(0, n_whole, n_piece):
        piece = np.concatenate([before, samples[start : min(start + n_piece, n_whole)]])
        # What the circular product wraps around falls on the samples before.
        n_fft = 1 << (len(piece) - 1).bit_length()
        product = np.fft.rfft(piece, n_fft) * _spectrum(sample_rate, n_fft)
        weighted = np.fft.irfft(product, n_fft)[len(before) : len(piece)]
        powers.append(np.square(weighted).reshape(-1, n_step).mean(axis=1))
        before = piece[len(piece) - len(before) :]
    return np.concatenate(powers)


@functools.cache
def _k_impulse(sample_rate: int) -> npt.NDArray[np.float64]:
    """What the K-weighting makes of an impulse, until nothing is left of it.

    A convolution with it is numpy's alone; scipy.signal, which has recursive filters, is slow to import.
    """
    n = 1 << math.ceil(math.log2(_DECAY_S * sample_rate))
    return np.fft.irfft(_k_response(sample_rate, n), n)


def _k_response(sample_rate: int, n_fft: int) -> npt.NDArray[np.complex128]:
    """The K-weighting at the frequencies of a Fourier transform. Shape: (n_fft / 2 + 1,)."""
    delay = np.exp(-2j * np.pi * np.arange(n_fft // 2 + 1) / n_fft)
    powers = np.stack([np.ones_like(delay), delay, delay * delay])
    sections = _k_weighting(sample_rate)
    response: npt.NDArray[np.complex128] = np.prod(
        (sections[:, :3] @ powers) / (sections[:, 3:] @ powers), axis=0
    )
    return response


@functools.lru_cache(maxsize=8)
def _spectrum(sample_rate: int, n_fft: int) -> npt.NDArray[np.complex128]:
    return np.fft.rfft(_k_impulse(sample_rate), n_fft)


def _k_weighting(sample_rate: int) -> npt.NDArray[np.float64]:
    """The two filters of BS.1770 as second-order sections `(b0, b1, b2, a0, a1, a2)`.

    The standard tabulates them at 48 kHz only. They are the bilinear transform, with K = tan(pi f / rate), of
        shelf      (Vh s^2 + Vb s / Q + 1) / (s^2 + s / Q + 1)     f = 1682 Hz, 4 dB above
        high pass  s^2 / (s^2 + s / Q + 1)                         f = 38 Hz
    whose f, Q and gains reproduce the table to its last digit (De Man 2014); the high pass is used with the
    numerator 1, -2, 1, as the table has it.
    """
    k, q = math.tan(math.pi * 1681.974450955533 / sample_rate), 0.7071752369554196
    high = 10.0 ** (3.999843853973347 / 20.0)
    band = high**0.4996667741545416
    a0 = 1.0 + k / q + k * k
    shelf = (
        (high + band * k / q + k * k) / a0,
        2.0 * (k * k - high) / a0,
        (high - band * k / q + k * k) / a0,
        1.0,
        2.0 * (k * k - 1.0) / a0,
        (1.0 - k / q + k * k) / a0,
    )
    k, q = math.tan(math.pi * 38.13547087602444 / sample_rate), 0.5003270373238773
    a0 = 1.0 + k / q + k * k
    high_pass = (1.0, -2.0, 1.0, 1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0)
    return np.array([shelf, high_pass])
