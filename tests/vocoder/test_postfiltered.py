"""A postfiltered vocoder: the postfilter on what the vocoder makes, item by item."""

import numpy as np
import torch

from tts.audio.mel import MelConfig
from tts.audio.postfilter import postfilter
from tts.vocoder.postfiltered import Postfiltered
from tts.vocoder.wavenet import WaveNet, WaveNetConfig

MEL = MelConfig(sample_rate=8000, n_fft=256, hop=64, n_mels=10, fmax_hz=4000.0)
SIZES = {"n_layers": 2, "residual_dim": 4, "skip_dim": 4, "head_dim": 4, "condition_dim": 4}


def build(**changes: object) -> WaveNet:
    torch.manual_seed(0)
    return WaveNet(WaveNetConfig(**SIZES, **changes), MEL).eval()


def random_mel() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((10, 9)).astype(np.float32)


def test_is_the_postfilter_of_what_the_vocoder_makes():
    net, mel = build(n_speakers=2), random_mel()
    options = {"seed": 3, "temperature": 0.7, "speaker": 1}
    sound = np.concatenate(list(net.stream(mel, **options)))
    filtered = np.concatenate(list(Postfiltered(net, MEL, 2.0).stream(mel, **options)))
    assert filtered.dtype == np.float32
    np.testing.assert_allclose(filtered, postfilter(sound, mel, MEL, 2.0), atol=1e-5)
