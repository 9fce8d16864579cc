"""What a voice changes of a mel, against PyTorch."""

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from tts.voice.shaping import at_speed, faded, limited, sharpened


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.0, 1.25, 1.9, 2.0])
@pytest.mark.parametrize("n_frames", [1, 2, 7, 40])
def test_speed_is_interpolation(speed, n_frames):
    mel = np.random.default_rng(0).normal(size=(5, n_frames)).astype(np.float32)
    read = at_speed(mel, speed)
    size = max(1, round(n_frames / speed))
    assert (read.shape, read.dtype) == ((5, size), np.float32)
    expected = interpolate(torch.from_numpy(mel)[None], size=size, mode="linear")[0]
    np.testing.assert_allclose(read, expected, atol=1e-5)


def test_sharpening_keeps_the_mean():
    mel = np.random.default_rng(0).normal(size=(5, 30)).astype(np.float32)
    sharp = sharpened(mel, 1.3)
    assert sharp.dtype == np.float32
    np.testing.assert_allclose(sharp.mean(axis=1), mel.mean(axis=1), atol=1e-6)
    np.testing.assert_allclose(sharp.std(axis=1), 1.3 * mel.std(axis=1), rtol=1e-5)


@pytest.mark.parametrize("total", [1, 2, 9, 100])
@pytest.mark.parametrize("n_chunk", [1, 7, 100])
def test_parts_are_faded_as_the_whole(total, n_chunk):
    sound = np.random.default_rng(0).normal(size=total).astype(np.float32)
    whole = faded(sound, 0, total, 20)
    parts = [faded(sound[i : i + n_chunk], i, total, 20) for i in range(0, total, n_chunk)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert whole.dtype == np.float32
    n_fade = min(20, total // 2)
    if n_fade:
        assert whole[0] == whole[-1] == 0.0
        ramp = np.arange(n_fade) / n_fade
        np.testing.assert_allclose(whole[:n_fade], ramp * sound[:n_fade], rtol=1e-6)
        np.testing.assert_allclose(whole[::-1][:n_fade], ramp * sound[::-1][:n_fade], rtol=1e-6)
    np.testing.assert_array_equal(whole[n_fade : total - n_fade], sound[n_fade : total - n_fade])


def test_a_limit_bends_what_is_above_its_knee():
    sound = np.linspace(-3.0, 3.0, 601, dtype=np.float32)
    bent = limited(sound, 0.95)
    assert bent.dtype == np.float32
    assert np.abs(bent).max() <= 0.95
    assert (np.diff(bent) >= 0.0).all()
    below = np.abs(sound) <= 0.85
    np.testing.assert_array_equal(bent[below], sound[below])
    np.testing.assert_array_equal(limited(sound[below], 0.95), sound[below])
