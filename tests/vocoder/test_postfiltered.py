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


def test_is_the_postfilter_of_what_the_vocoder_makes():
    net = build(n_speakers=2)
    mel, speakers = torch.randn(2, 10, 9), torch.tensor([1, 0])
    options = {"seed": 3, "temperature": 0.7, "speakers": speakers}
    sounds = net.infer(mel, **options)
    filtered = Postfiltered(net, MEL, 2.0).infer(mel, **options)
    assert filtered.shape == sounds.shape
    assert filtered.dtype == torch.float32
    for made, item, sound in zip(filtered, mel, sounds, strict=True):
        expected = postfilter(sound.numpy(), item.numpy(), MEL, 2.0)
        np.testing.assert_array_equal(made.numpy(), expected)


def test_what_is_cancelled_is_as_short_as_the_vocoder_left_it():
    told = []

    def stop(share: float) -> bool:
        told.append(share)
        return len(told) < 3

    sound = Postfiltered(build(), MEL, 2.0).infer(torch.randn(1, 10, 9), progress=stop)
    assert len(told) == 3
    assert sound.shape == (1, 3 * MEL.hop)
