"""Weights that are not exactly those of the model are refused, and nothing is unpickled."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from tts.checkpoint import load_vocoder
from tts.errors import CheckpointError


def edit_weights(path: Path, edit: Callable[[dict[str, torch.Tensor]], Any]) -> None:
    weights = load_file(path)
    edit(weights)
    save_file({key: tensor.clone() for key, tensor in weights.items()}, path)


def _rename(weights: dict[str, torch.Tensor]) -> None:
    weights["head.wieght"] = weights["head.weight"].clone()


WEIGHT_EDITS: dict[str, tuple[Callable[[dict[str, torch.Tensor]], Any], str]] = {
    "missing": (lambda w: w.pop("head.weight"), r"tensor 'head\.weight' is missing"),
    "unexpected": (_rename, r"'head\.wieght' is unexpected; did you mean 'head\.weight'"),
    "shape": (lambda w: w.update({"out.bias": torch.zeros(3)}), r"'out\.bias' has shape \(3,\)"),
    "nan": (lambda w: w["out.bias"].fill_(torch.nan), r"'out\.bias' holds NaN or infinity"),
    "inf": (lambda w: w["out.weight"].fill_(torch.inf), r"'out\.weight' holds NaN or infinity"),
    "int": (
        lambda w: w.update({"out.bias": w["out.bias"].int()}),
        r"'out\.bias' is int32, expected float32",
    ),
}


@pytest.mark.parametrize("name", WEIGHT_EDITS)
def test_broken_weights_are_refused_by_name(folder: Path, name: str) -> None:
    edit, message = WEIGHT_EDITS[name]
    path = folder / "vocoder" / "model.safetensors"
    edit_weights(path, edit)
    with pytest.raises(CheckpointError, match=message) as caught:
        load_vocoder(folder / "vocoder")
    assert str(path) in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("n_bytes", [0, 4, 8, 100, -1])
def test_truncated_weights_are_refused(folder: Path, n_bytes: int) -> None:
    path = folder / "vocoder" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:n_bytes])
    with pytest.raises(CheckpointError, match=r"model\.safetensors: is broken"):
        load_vocoder(folder / "vocoder")


def test_garbage_is_refused(folder: Path) -> None:
    path = folder / "vocoder" / "model.safetensors"
    path.write_bytes(bytes(range(256)) * 64)
    with pytest.raises(CheckpointError, match=r"model\.safetensors: is broken"):
        load_vocoder(folder / "vocoder")


class _Trap:
    def __init__(self, sprung: Path) -> None:
        self.sprung = sprung

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.sprung,))


def test_nothing_is_unpickled(folder: Path, tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    path = folder / "vocoder" / "model.safetensors"
    path.write_bytes(pickle.dumps(_Trap(sprung)))
    with pytest.raises(CheckpointError):
        load_vocoder(folder / "vocoder")
    torch.save({"weights": _Trap(sprung)}, path)
    with pytest.raises(CheckpointError):
        load_vocoder(folder / "vocoder")
    assert not sprung.exists()
