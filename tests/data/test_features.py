"""The feature files of prepared corpora."""

import ast
import os

import numpy as np
import pytest
from safetensors.numpy import load_file

from tts.data.features import read_array, read_shape, write_arrays


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "clip.safetensors"
    rng = np.random.default_rng(0)
    arrays = {
        "mel": rng.standard_normal((3, 8)).astype(np.float32).T,  # not contiguous
        "audio": rng.integers(-9, 9, 20).astype(np.int16),
    }
    write_arrays(path, **arrays)
    return path, arrays


def test_what_is_written_is_read(file):
    path, arrays = file
    for name, array in arrays.items():
        found = read_array(path, name)
        assert (found.dtype, found.shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(found, array)
        np.testing.assert_array_equal(load_file(path)[name], array)
        assert read_shape(path, name) == array.shape
    assert os.listdir(path.parent) == ["clip.safetensors"]


def test_no_source_is_parsed(file, monkeypatch):
    """`ast.parse` in two threads at once fails now and then in Python 3.11."""
    monkeypatch.setattr(ast, "parse", None)
    monkeypatch.setattr(ast, "literal_eval", None)
    path, arrays = file
    np.testing.assert_array_equal(read_array(path, "mel"), arrays["mel"])


@pytest.mark.parametrize("read", [read_array, read_shape])
def test_what_cannot_be_read(file, read, tmp_path):
    path, _ = file
    with pytest.raises(ValueError, match="linear"):
        read(path, "linear")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match=r"."):
        read(path, "mel")
    path.write_bytes(b"")
    with pytest.raises(ValueError, match=r"."):
        read(path, "mel")
    with pytest.raises(OSError, match="none"):
        read(tmp_path / "none", "mel")
