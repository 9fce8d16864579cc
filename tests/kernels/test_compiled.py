"""The compiled vocoder: the same sound as PyTorch's, and PyTorch's where there is no kernel."""

import warnings

import pytest
import torch

from tts.errors import KernelError, SlowVocoderWarning
from tts.kernels import isas
from tts.kernels.library import library
from tts.vocoder import likelihoods
from tts.vocoder.compiled import FRAMES_PER_CALL, CompiledWaveNet, fast_vocoder


@pytest.fixture
def no_library(monkeypatch, tmp_path):
    library.cache_clear()
    monkeypatch.setenv("SAYWAVE_LIBRARY", str(tmp_path / "gone.so"))
    yield
    library.cache_clear()


@pytest.mark.parametrize("n_bands", [1, 4])
@pytest.mark.parametrize("likelihood", likelihoods.LIKELIHOODS)
def test_same_seed_same_sound(build_case, likelihood, n_bands):
    net = build_case("odd", likelihood, n_bands).net
    mel = torch.randn(2, 8, FRAMES_PER_CALL + 3, generator=torch.Generator().manual_seed(0))
    sound = CompiledWaveNet(net).infer(mel, seed=5, temperature=0.8)
    assert sound.shape == (2, mel.shape[2] * net.mel_config.hop)
    assert sound.dtype == torch.float32
    torch.testing.assert_close(sound, net.infer(mel, seed=5, temperature=0.8), atol=1e-4, rtol=1e-4)
    assert not torch.equal(sound, CompiledWaveNet(net).infer(mel, seed=6, temperature=0.8))


@pytest.mark.parametrize("n_bands", [1, 4])
def test_same_speaker_same_sound(build_case, n_bands):
    net = build_case("odd", "logistic_mixture", n_bands, n_speakers=3).net
    mel = torch.randn(2, 8, FRAMES_PER_CALL + 3, generator=torch.Generator().manual_seed(0))
    speakers = torch.tensor([2, 1])
    sound = CompiledWaveNet(net).infer(mel, seed=5, speakers=speakers)
    expected = net.infer(mel, seed=5, speakers=speakers)
    torch.testing.assert_close(sound, expected, atol=1e-4, rtol=1e-4)
    other = CompiledWaveNet(net).infer(mel, seed=5, speakers=torch.tensor([2, 0]))
    assert torch.equal(other[0], sound[0])
    assert not torch.equal(other[1], sound[1])


def test_weights_are_a_copy(build_case):
    case = build_case("odd", "gaussian", 4)
    compiled = CompiledWaveNet(case.net, isas()[-1])
    before = compiled.infer(case.mel)
    with torch.inference_mode():
        kept = case.net.out.weight.clone()
        case.net.out.weight.zero_()
        after = compiled.infer(case.mel)
        case.net.out.weight.copy_(kept)
    assert torch.equal(before, after)


def test_progress_tells_and_cancels(build_case):
    compiled = CompiledWaveNet(build_case("odd", "gaussian", 4).net)
    mel = torch.zeros(1, 8, 2 * FRAMES_PER_CALL + 1)
    told = []
    compiled.infer(mel, progress=lambda share: told.append(share) is None)
    assert told == [
        FRAMES_PER_CALL / mel.shape[2],
        2 * FRAMES_PER_CALL / mel.shape[2],
        1.0,
    ]
    told.clear()
    part = compiled.infer(mel, progress=lambda share: told.append(share) is not None)
    assert len(told) == 1
    assert part.shape == (1, FRAMES_PER_CALL * compiled.mel_config.hop)


def test_the_fast_vocoder_is_compiled(build_case):
    assert isinstance(fast_vocoder(build_case("odd", "gaussian", 4).net), CompiledWaveNet)


@pytest.mark.usefixtures("no_library")
def test_without_the_library_pytorch_speaks_after_one_warning(build_case):
    case = build_case("tiny", "gaussian", 4)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        vocoder = fast_vocoder(case.net)
        first, second = (vocoder.infer(case.mel) for _ in range(2))
    (warning,) = caught
    assert issubclass(warning.category, SlowVocoderWarning)
    assert "gone.so cannot be loaded" in str(warning.message)
    assert "times slower" in str(warning.message)
    assert warning.filename == __file__
    assert vocoder is case.net
    assert torch.equal(first, second)


@pytest.mark.usefixtures("no_library")
def test_asking_for_the_kernel_itself_raises(build_case):
    with pytest.raises(KernelError):
        CompiledWaveNet(build_case("tiny", "gaussian", 4).net)


def test_an_instruction_set_that_cannot_run_is_no_reason_to_be_slow(build_case, monkeypatch):
    """A wrong SAYWAVE_KERNEL_ISA is a mistake to mend, not a library that is missing."""
    monkeypatch.setenv("SAYWAVE_KERNEL_ISA", "mmx")
    with pytest.raises(KernelError, match="mmx"):
        fast_vocoder(build_case("tiny", "gaussian", 4).net)
