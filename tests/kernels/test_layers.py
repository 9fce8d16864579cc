"""Affine maps and convolutions of numpy arrays, compiled and not, against PyTorch."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from tts.errors import KernelError
from tts.kernels import Affine, isas
from tts.kernels.layers import Linear, convolve
from tts.kernels.library import library
from tts.nn.conv import Conv

SIZES = [(1, 1), (3, 5), (16, 16), (17, 33), (64, 15), (40, 130), (200, 257)]


@pytest.fixture
def no_library(monkeypatch, tmp_path):
    library.cache_clear()
    monkeypatch.setenv("SAYWAVE_LIBRARY", str(tmp_path / "gone.so"))
    yield
    library.cache_clear()


def random(*shape):
    return np.random.default_rng(len(shape)).normal(size=shape).astype(np.float32)


def check(linear, affine):
    n_out, n_in = affine.weight.shape
    assert (linear.n_out, linear.n_in) == (n_out, n_in)
    for shape in ((n_in,), (0, n_in), (1, n_in), (7, n_in), (2, 9, n_in)):
        x = random(*shape)
        y = linear(x)
        assert (y.shape, y.dtype) == ((*shape[:-1], n_out), np.float32)
        expected = x.astype(np.float64) @ affine.weight.T.astype(np.float64) + affine.bias
        np.testing.assert_allclose(y, expected, atol=1e-5 * n_in**0.5)
    with pytest.raises(ValueError, match=f"are not {n_in} long"):
        linear(random(2, n_in + 1))


@pytest.mark.parametrize("isa", isas())
@pytest.mark.parametrize(("n_out", "n_in"), SIZES)
def test_it_is_the_product(isa, n_out, n_in):
    affine = Affine(random(n_out, n_in), random(n_out))
    check(Linear(affine, isa), affine)


@pytest.mark.usefixtures("no_library")
@pytest.mark.parametrize(("n_out", "n_in"), SIZES)
def test_without_the_library_numpy_multiplies(n_out, n_in):
    affine = Affine(random(n_out, n_in), random(n_out))
    check(Linear(affine), affine)


@pytest.mark.parametrize("isa", isas())
def test_a_row_is_the_same_bits_in_any_company(isa):
    linear, x = Linear(Affine(random(33, 20), random(33)), isa), random(23, 20)
    whole = linear(x)
    np.testing.assert_array_equal(np.stack([linear(row) for row in x]), whole)
    np.testing.assert_array_equal(linear(x[5:10]), whole[5:10])
    np.testing.assert_array_equal(linear(np.asfortranarray(x)), whole)
    with ThreadPoolExecutor(4) as pool:
        for y in pool.map(linear, [x] * 16):
            np.testing.assert_array_equal(y, whole)


def test_weights_are_a_copy():
    weight, bias, x = random(4, 3), random(4), random(3)
    linear = Linear(Affine(weight, bias))
    before = linear(x)
    weight[:] = bias[:] = 0.0
    np.testing.assert_array_equal(linear(x), before)


def test_an_instruction_set_that_there_is_not_is_refused():
    with pytest.raises(KernelError, match="does not run the instruction set"):
        Linear(Affine(random(4, 3), random(4)), "mmx")


@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize("n_frames", [1, 2, 9])
def test_a_convolution_is_that_of_the_networks(kernel, n_frames):
    torch.manual_seed(0)
    conv, x = Conv(6, 7, kernel, causal=False), random(n_frames, 6)
    torch.nn.init.normal_(conv.bias)
    linear = Linear(Affine(conv.weight.detach().numpy(), conv.bias.detach().numpy()))
    with torch.no_grad():
        expected = conv(torch.from_numpy(x)[None])[0]
    np.testing.assert_allclose(convolve(linear, x), expected, atol=1e-5)
