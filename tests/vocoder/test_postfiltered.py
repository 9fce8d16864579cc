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
    filtered = Postfiltered(net, MEL, 2.0).speak(mel, **options)
    assert filtered.dtype == np.float32
    expected = postfilter(net.speak(mel, **options), mel, MEL, 2.0)
    np.testing.assert_array_equal(filtered, expected)


def test_what_is_cancelled_is_as_short_as_the_vocoder_left_it():
    told = []

    def stop(share: float) -> bool:
        told.append(share)
        return len(told) < 3

    sound = Postfiltered(build(), MEL, 2.0).speak(random_mel(), progress=stop)
    assert len(told) == 3
    assert sound.shape == (3 * MEL.hop,)
