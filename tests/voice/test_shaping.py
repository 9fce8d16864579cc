"""What a voice changes of a mel, against PyTorch."""

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from tts.voice.shaping import at_speed, sharpened


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
