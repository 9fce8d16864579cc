"""The filter bank against its formula and against the tensor copy of it in the vocoder."""

import math

import numpy as np
import pytest
import torch

from tts.audio.mel import MelConfig
from tts.audio.pqmf import PQMF
from tts.vocoder.wavenet import WaveNet, WaveNetConfig

BANK = PQMF()
EDGE = BANK.taps  # samples at each end that are filtered with zeros beyond


def noise(n_samples: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 0.2, n_samples).astype(np.float32)


def snr_db(signal: np.ndarray, other: np.ndarray) -> float:
    signal, other = signal.astype(np.float64), other.astype(np.float64)
    return 10 * math.log10((signal**2).sum() / ((signal - other) ** 2).sum())


def test_filters_follow_the_formula():
    n_bands, taps, cutoff, beta = 4, 62, 0.142, 9.0
    for k in range(n_bands):
        for n in range(taps + 1):
            x = n - taps / 2
            sinc = cutoff if x == 0 else math.sin(math.pi * cutoff * x) / (math.pi * x)
            kaiser = np.i0(beta * math.sqrt(1 - (2 * n / taps - 1) ** 2)) / np.i0(beta)
            angle = (2 * k + 1) * math.pi / (2 * n_bands) * x
            phase = (-1) ** k * math.pi / 4
            h = 2 * sinc * kaiser * math.cos(angle + phase)
            g = 2 * sinc * kaiser * math.cos(angle - phase)
            assert BANK.analysis_filters[k, n] == pytest.approx(h, abs=1e-7)
            assert BANK.synthesis_filters[k, n] == pytest.approx(g, abs=1e-7)
    assert BANK.analysis_filters.shape == BANK.synthesis_filters.shape == (4, 63)
    # The synthesis filters are the analysis filters in reverse.
    np.testing.assert_allclose(
        BANK.synthesis_filters, BANK.analysis_filters[:, ::-1], rtol=0, atol=1e-7
    )


def test_analysis_is_filtering_and_decimation():
    """Band sample t is the centred filter's output at sample 4 t, computed sample by sample."""
    samples = noise(160)
    bands = BANK.analysis(samples)
    assert bands.shape == (4, 40)
    assert bands.dtype == np.float32
    padded = np.concatenate([np.zeros(31), samples, np.zeros(31)])
    for k in range(4):
        reversed_filter = BANK.analysis_filters[k, ::-1].astype(np.float64)
        for t in range(40):
            expected = padded[4 * t : 4 * t + 63] @ reversed_filter
            assert bands[k, t] == pytest.approx(expected, abs=1e-6)


def test_synthesis_is_expansion_and_filtering():
    bands = np.stack([noise(20, seed) for seed in range(4)])
    samples = BANK.synthesis(bands)
    assert samples.shape == (80,)
    assert samples.dtype == np.float32
    expected = np.zeros(80 + 62)
    for k in range(4):
        for t in range(20):
            expected[4 * t : 4 * t + 63] += 4 * bands[k, t] * BANK.synthesis_filters[k]
    np.testing.assert_allclose(samples, expected[31 : 31 + 80], atol=1e-5)


@pytest.mark.parametrize("n_samples", [4, 64, 400, 4000])
def test_length_is_kept(n_samples):
    bands = BANK.analysis(noise(n_samples))
    assert bands.shape == (4, n_samples // 4)
    assert BANK.synthesis(bands).shape == (n_samples,)


def test_white_noise_is_reconstructed():
    """Above 55 dB, away from the ends."""
    samples = noise(8000)
    again = BANK.synthesis(BANK.analysis(samples))
    assert snr_db(samples[EDGE:-EDGE], again[EDGE:-EDGE]) > 55
    # Without any delay: one sample off is far worse.
    assert snr_db(samples[EDGE:-EDGE], again[EDGE + 1 : -EDGE + 1]) < 5


@pytest.mark.parametrize("nyquists", [0.002, 0.1, 0.249, 0.25, 0.3, 0.5, 0.62, 0.75, 0.9, 0.99])
def test_sines_are_reconstructed(nyquists):
    samples = np.sin(np.pi * nyquists * np.arange(4000) + 0.3).astype(np.float32)
    again = BANK.synthesis(BANK.analysis(samples))
    assert snr_db(samples[EDGE:-EDGE], again[EDGE:-EDGE]) > 50


@pytest.mark.parametrize("band", range(4))
def test_a_sine_goes_to_its_band(band):
    samples = np.sin(np.pi * (band + 0.5) / 4 * np.arange(4000)).astype(np.float32)
    power = (BANK.analysis(samples)[:, 20:-20] ** 2).mean(axis=1)
    assert power.argmax() == band
    others = np.delete(power, band)
    assert others.max() < 1e-6 * power[band]


def test_power_is_shared_out_by_bands():
    """White noise of variance v: each band has the gain of its filter, and 4 times their sum is v."""
    samples = noise(40000)
    power = (BANK.analysis(samples)[:, 20:-20] ** 2).mean(axis=1)
    gains = (BANK.analysis_filters.astype(np.float64) ** 2).sum(axis=1)
    np.testing.assert_allclose(power, gains * 0.04, rtol=0.05)
    # A band of a quarter of the spectrum, kept at unit gain, holds a quarter of the power.
    np.testing.assert_allclose(gains, 0.25, rtol=0.02)


def test_a_length_that_is_no_multiple_is_refused():
    with pytest.raises(ValueError, match="5 samples are no multiple of 4 bands"):
        BANK.analysis(noise(5))


@pytest.mark.parametrize("n_bands", [1, 4])
def test_the_vocoder_splits_alike(n_bands):
    mel = MelConfig(sample_rate=1600, n_fft=32, hop=16, n_mels=6, fmax_hz=800.0)
    config = WaveNetConfig(
        n_bands=n_bands, n_layers=1, residual_dim=2, skip_dim=2, head_dim=2, condition_dim=2
    )
    model = WaveNet(config, mel)
    model.band_scale.copy_(torch.tensor([0.5, 0.25, 2.0, 3.0][:n_bands]))
    clips = np.stack([noise(400), noise(400, seed=1)])
    split = model.split(torch.from_numpy(clips))
    assert split.shape == (2, 400 // n_bands, n_bands)
    for clip, bands in zip(clips, split.numpy(), strict=True):
        expected = BANK.analysis(clip) if n_bands == 4 else clip[None]
        np.testing.assert_allclose(bands.T * model.band_scale.numpy()[:, None], expected, atol=1e-6)
    joined = model.join(split).numpy()
    assert joined.shape == (2, 400)
    for clip, again in zip(clips, joined, strict=True):
        assert snr_db(clip[EDGE:-EDGE], again[EDGE:-EDGE]) > 55 if n_bands == 4 else True
        if n_bands == 1:
            np.testing.assert_allclose(again, clip, atol=1e-6)


@pytest.mark.parametrize("n_bands", [2, 4])
@pytest.mark.parametrize("lengths", [[50], [1] * 50, [7, 3, 40], [3]])
def test_chunks_are_joined_as_the_whole(n_bands, lengths):
    bank = PQMF(n_bands)
    bands = np.random.default_rng(0).normal(size=(n_bands, sum(lengths))).astype(np.float32)
    chunks = np.split(bands, np.cumsum(lengths)[:-1], axis=1)
    joined = list(bank.synthesis_of(chunks))
    assert len(joined) == len(lengths) + 1
    for i in range(len(lengths)):  # all that the chunks so far decide
        known = max(0, sum(lengths[: i + 1]) * n_bands - bank.taps // 2)
        assert sum(map(len, joined[: i + 1])) == known
    np.testing.assert_allclose(np.concatenate(joined), bank.synthesis(bands), atol=1e-6)
