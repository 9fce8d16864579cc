"""The compiled vocoder: the same sound as PyTorch's, and PyTorch's where there is no kernel."""

import warnings

import numpy as np
import pytest
import torch

from tts.errors import KernelError, SlowVocoderWarning
from tts.kernels import isas
from tts.kernels.library import library
from tts.vocoder import likelihoods
from tts.vocoder.compiled import (
    FRAMES_PER_CALL,
    CompiledWaveNet,
    compiled_wavenet,
    fast_vocoder,
    tensor_shapes,
)


@pytest.fixture
def no_library(monkeypatch, tmp_path):
    library.cache_clear()
    monkeypatch.setenv("SAYWAVE_LIBRARY", str(tmp_path / "gone.so"))
    yield
    library.cache_clear()


def random_mel(n_frames=FRAMES_PER_CALL + 3):
    return np.random.default_rng(0).standard_normal((8, n_frames)).astype(np.float32)


def said(vocoder, mel, **options):
    return np.concatenate(list(vocoder.stream(mel, **options)))


@pytest.mark.parametrize("n_bands", [1, 4])
@pytest.mark.parametrize("likelihood", likelihoods.LIKELIHOODS)
def test_same_seed_same_sound(build_case, likelihood, n_bands):
    net = build_case("odd", likelihood, n_bands).net
    mel, compiled = random_mel(), compiled_wavenet(net, precision="float32")
    sound = said(compiled, mel, seed=5, temperature=0.8)
    assert sound.shape == (mel.shape[1] * net.mel_config.hop,)
    assert sound.dtype == np.float32
    expected = net.infer(torch.from_numpy(mel)[None], seed=5, temperature=0.8)[0]
    np.testing.assert_allclose(sound, expected, atol=1e-4, rtol=1e-4)
    assert not np.array_equal(sound, said(compiled, mel, seed=6, temperature=0.8))


@pytest.mark.parametrize("n_bands", [1, 4])
def test_same_speaker_same_sound(build_case, n_bands):
    net = build_case("odd", "logistic_mixture", n_bands, n_speakers=3).net
    mel, compiled = random_mel(), compiled_wavenet(net, precision="float32")
    sounds = [said(compiled, mel, seed=5, speaker=speaker) for speaker in range(3)]
    for speaker, sound in enumerate(sounds):
        expected = said(net, mel, seed=5, speaker=speaker)
        np.testing.assert_allclose(sound, expected, atol=1e-4, rtol=1e-4)
    assert not np.array_equal(sounds[0], sounds[1])
    for model in (net, compiled):
        with pytest.raises(ValueError, match="several speakers"):
            said(model, mel)


@pytest.mark.parametrize("n_speakers", [1, 3])
@pytest.mark.parametrize("n_bands", [1, 4])
@pytest.mark.parametrize("likelihood", likelihoods.LIKELIHOODS)
def test_the_shapes_are_those_of_the_network(build_case, likelihood, n_bands, n_speakers):
    net = build_case("odd", likelihood, n_bands, n_speakers=n_speakers).net
    shapes = {name: tuple(tensor.shape) for name, tensor in net.state_dict().items()}
    assert tensor_shapes(net.config, net.mel_config) == shapes


def test_weights_are_a_copy(build_case):
    case, mel = build_case("odd", "gaussian", 4), random_mel()
    compiled = compiled_wavenet(case.net, isas()[-1])
    before = said(compiled, mel)
    with torch.inference_mode():
        kept = [parameter.clone() for parameter in case.net.parameters()]
        for parameter in case.net.parameters():
            parameter.zero_()
        after = said(compiled, mel)
        for parameter, values in zip(case.net.parameters(), kept, strict=True):
            parameter.copy_(values)
    np.testing.assert_array_equal(before, after)


def test_chunks_come_as_they_are_made(build_case, monkeypatch):
    compiled = compiled_wavenet(build_case("odd", "gaussian", 4).net)
    hop, calls = compiled.mel_config.hop, []
    run = compiled.kernel.run
    monkeypatch.setattr(compiled.kernel, "run", lambda *args: (calls.append(args), run(*args))[1])
    mel = np.zeros((8, 2 * FRAMES_PER_CALL + 1), dtype=np.float32)
    chunks, n_samples = compiled.stream(mel), 0
    for n_calls in (1, 2, 3):
        n_samples += len(next(chunks))
        assert len(calls) == n_calls
        assert n_samples <= min(n_calls * FRAMES_PER_CALL, mel.shape[1]) * hop
    n_samples += sum(map(len, chunks))
    assert n_samples == mel.shape[1] * hop


def test_the_fast_vocoder_is_compiled(build_case):
    assert isinstance(fast_vocoder(build_case("odd", "gaussian", 4).net), CompiledWaveNet)


@pytest.mark.usefixtures("no_library")
def test_without_the_library_pytorch_speaks_after_one_warning(build_case):
    case = build_case("tiny", "gaussian", 4)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        vocoder = fast_vocoder(case.net)
        first, second = (said(vocoder, random_mel(2)) for _ in range(2))
    (warning,) = caught
    assert issubclass(warning.category, SlowVocoderWarning)
    assert "gone.so cannot be loaded" in str(warning.message)
    assert "times slower" in str(warning.message)
    assert warning.filename == __file__
    assert vocoder is case.net
    np.testing.assert_array_equal(first, second)


@pytest.mark.usefixtures("no_library")
def test_asking_for_the_kernel_itself_raises(build_case):
    with pytest.raises(KernelError):
        compiled_wavenet(build_case("tiny", "gaussian", 4).net)


def test_an_instruction_set_that_cannot_run_is_no_reason_to_be_slow(build_case, monkeypatch):
    """A wrong SAYWAVE_KERNEL_ISA is a mistake to mend, not a library that is missing."""
    monkeypatch.setenv("SAYWAVE_KERNEL_ISA", "mmx")
    with pytest.raises(KernelError, match="mmx"):
        fast_vocoder(build_case("tiny", "gaussian", 4).net)
