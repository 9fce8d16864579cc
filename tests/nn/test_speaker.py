"""What a speaker adds, by the formula."""

import torch

from tts.nn.speaker import SpeakerBias


def test_it_is_the_softsign_of_a_projection_at_every_frame():
    torch.manual_seed(0)
    bias, x, speaker = SpeakerBias(5, 4), torch.randn(2, 7, 5), torch.randn(2, 4)
    projected = speaker @ bias.project.weight.T + bias.project.bias
    added = projected / (1 + projected.abs())
    assert (added[0] - added[1]).abs().max() > 0.1
    torch.testing.assert_close(bias(x, speaker), x + added[:, None])
    torch.testing.assert_close(bias(x[:, 3], speaker), x[:, 3] + added)


def test_one_speaker_adds_nothing():
    x = torch.randn(2, 7, 5)
    bias = SpeakerBias(5, None)
    assert not list(bias.parameters())
    assert bias(x, torch.randn(2, 4)) is x
    assert SpeakerBias(5, 4)(x, None) is x
