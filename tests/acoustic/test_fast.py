"""Deep Voice 3 in numpy against PyTorch's."""

import dataclasses

import numpy as np
import pytest
import torch

from tts.acoustic.deepvoice3 import DeepVoice3, DeepVoice3Config
from tts.acoustic.fast import FastDeepVoice3, tensor_shapes
from tts.audio.mel import MelConfig

MEL = MelConfig(sample_rate=64, n_fft=16, hop=8, n_mels=5, fmax_hz=32.0)  # 8 frames a second
N_SYMBOLS = 11
TINY = DeepVoice3Config(
    embedding_dim=12,
    encoder_dim=10,
    encoder_layers=2,
    prenet_dim=7,
    decoder_dim=8,
    decoder_layers=3,
    attention_layers=(0, 2),
    attention_dim=6,
    converter_dim=9,
    converter_layers=2,
    kernel=3,
    reduction=2,
)
CASES = {
    "plain": TINY,
    "wide taps": dataclasses.replace(TINY, kernel=5, encoder_kernel=5, reduction=3),
    "one layer in a window": dataclasses.replace(TINY, windowed_layers=(2,), window_back=0),
    "one attention": dataclasses.replace(TINY, attention_layers=(1,), window_ahead=1),
    "linear": dataclasses.replace(TINY, linear=True),
    "speakers": dataclasses.replace(TINY, n_speakers=3, speaker_dim=4),
}


def build(config: DeepVoice3Config, seed: int = 0) -> DeepVoice3:
    torch.manual_seed(seed)
    model = DeepVoice3(config, MEL, N_SYMBOLS).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
        model.decoder.done.bias.add_(-1.0)
    model.calibrate([(10, 37)])
    return model


def fast(model: DeepVoice3) -> FastDeepVoice3:
    tensors = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    return FastDeepVoice3(model.config, MEL, N_SYMBOLS, tensors)


@pytest.mark.parametrize("config", CASES.values(), ids=CASES)
@pytest.mark.parametrize("seed", range(4))
def test_it_speaks_as_pytorch_does(config, seed):
    model = build(config, seed)
    speakers = range(config.n_speakers) if config.n_speakers > 1 else (None,)
    tokens = np.random.default_rng(seed).integers(0, N_SYMBOLS, 3 + 4 * seed)
    for speaker in speakers:
        expected = model.speak(tokens, speaker=speaker)
        spoken = fast(model).speak(tokens, speaker=speaker)
        assert spoken.finished == expected.finished
        assert spoken.frames_per_step == expected.frames_per_step == config.reduction
        for name in ("mel", "alignment", "linear"):
            ours, theirs = getattr(spoken, name), getattr(expected, name)
            if theirs is None:
                assert ours is None
                continue
            assert (ours.shape, ours.dtype) == (theirs.shape, np.float32)
            np.testing.assert_allclose(ours, theirs, atol=1e-4, rtol=1e-4)


def test_both_ends_are_among_the_cases():
    """The limit on the length, and an end of its own, by the flag and by resting."""
    finished = {
        build(config, seed).speak(np.arange(3 + 2 * seed)).finished
        for config in CASES.values()
        if config.n_speakers == 1
        for seed in range(4)
    }
    assert finished == {True, False}


@pytest.mark.parametrize("config", CASES.values(), ids=CASES)
def test_the_shapes_are_those_of_the_network(config):
    state = build(config).state_dict()
    shapes = {name: tuple(tensor.shape) for name, tensor in state.items()}
    assert tensor_shapes(config, MEL, N_SYMBOLS) == shapes


def test_a_speaker_is_asked_for_where_there_are_several():
    with pytest.raises(ValueError, match="several speakers"):
        fast(build(CASES["speakers"])).speak(np.arange(4))


@pytest.mark.parametrize("ahead", [1, 3])
def test_a_retake_has_the_tighter_window(ahead):
    config = dataclasses.replace(TINY, window_ahead=ahead)
    tight = dataclasses.replace(config, window_back=0, window_ahead=max(1, ahead - 1))
    tokens = np.random.default_rng(0).integers(0, N_SYMBOLS, 15)
    spoken = fast(build(config)).speak(tokens, retake="window")
    expected = build(tight).speak(tokens)
    np.testing.assert_allclose(spoken.alignment, expected.alignment, atol=1e-4)
    np.testing.assert_allclose(spoken.mel, expected.mel, atol=1e-4, rtol=1e-4)


def test_a_retake_of_another_seed_displaces_the_tokens_as_training_does(monkeypatch):
    model = build(dataclasses.replace(TINY, window_back=0, window_ahead=2))
    tokens = np.random.default_rng(0).integers(0, N_SYMBOLS, 15)
    takes = [fast(model).speak(tokens, seed=seed, retake="seed") for seed in (5, 5, 6)]
    np.testing.assert_array_equal(takes[0].mel, takes[1].mel)
    assert takes[0].mel.shape != takes[2].mel.shape or not np.allclose(takes[0].mel, takes[2].mel)

    drawn = torch.from_numpy(np.random.default_rng(5).random(3, dtype=np.float32))
    monkeypatch.setattr(torch, "rand", lambda *_, **__: drawn[:, None, None])
    places = torch.arange(15)[None] * model.steps_per_token
    expected = model._displacement(places)[0].numpy()
    ours = fast(model)._displacement(places[0].numpy(), seed=5)
    np.testing.assert_allclose(ours, expected, atol=1e-5)


def test_the_network_in_pytorch_has_no_retakes():
    assert build(TINY).retakes == ()
    assert fast(build(TINY)).retakes == ("window", "seed")
