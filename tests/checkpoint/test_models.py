"""Model folders: whole, exact, strict and never half written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tts.checkpoint import load_acoustic, load_vocoder, save_model
from tts.errors import CheckpointError

from .conftest import edit_json

# -- whole and exact ----------------------------------------------------------------------------------


def test_round_trip_is_exact(tiny_voice_folder: Path, tmp_path: Path) -> None:
    first = load_acoustic(tiny_voice_folder / "acoustic")
    save_model(
        tmp_path / "again",
        first.model,
        kind="acoustic",
        name=first.name,
        symbols=first.symbols,
        language=first.language,
        provenance=first.provenance,
    )
    again = load_acoustic(tmp_path / "again")
    assert (again.symbols, again.language, again.name) == (first.symbols, "en-us", "deepvoice3")
    assert again.provenance == first.provenance == {"corpus": "none"}
    assert again.model.config == first.model.config
    assert again.model.mel_config == first.model.mel_config
    assert not again.model.training
    ours, theirs = first.model.state_dict(), again.model.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[key], theirs[key]) for key in ours)
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        "config.json",
        "model.safetensors",
    ]


def test_float16_halves_matrices_and_keeps_vectors(tiny_voice_folder: Path, tmp_path: Path) -> None:
    vocoder = load_vocoder(tiny_voice_folder / "vocoder")
    save_model(
        tmp_path / "half",
        vocoder.model,
        kind="vocoder",
        name="wavenet",
        provenance={},
        dtype="float16",
    )
    stored = load_file(tmp_path / "half" / "model.safetensors")
    assert {tensor.dtype for tensor in stored.values() if tensor.ndim > 1} == {torch.float16}
    assert {tensor.dtype for tensor in stored.values() if tensor.ndim < 2} == {torch.float32}
    loaded = load_vocoder(tmp_path / "half").model.state_dict()
    assert {tensor.dtype for tensor in loaded.values()} == {torch.float32}
    for key, tensor in vocoder.model.state_dict().items():
        assert torch.allclose(loaded[key], tensor, rtol=1e-3, atol=1e-6)


def test_loading_leaves_the_callers_random_numbers_alone(tiny_voice_folder: Path) -> None:
    before = torch.get_rng_state()
    load_acoustic(tiny_voice_folder / "acoustic")
    load_vocoder(tiny_voice_folder / "vocoder")
    assert torch.equal(torch.get_rng_state(), before)


def test_a_model_is_replaced(tiny_voice_folder: Path, tmp_path: Path) -> None:
    model = load_vocoder(tiny_voice_folder / "vocoder").model
    for origin in ("first", "second"):
        provenance = {"origin": origin}
        save_model(tmp_path / "m", model, kind="vocoder", name="wavenet", provenance=provenance)
        assert load_vocoder(tmp_path / "m").provenance == provenance
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


# -- broken config.json --------------------------------------------------------------------------------

CONFIG_EDITS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "no format": (lambda c: c.pop("format"), "unknown format None, expected 1"),
    "newer format": (lambda c: c.update(format=2), "format 2 is newer than format 1"),
    "odd format": (lambda c: c.update(format="one"), "unknown format 'one', expected 1"),
    "true format": (lambda c: c.update(format=True), "unknown format True, expected 1"),
    "wrong kind": (lambda c: c.update(kind="vocoder"), "kind is 'vocoder', expected 'acoustic'"),
    "no kind": (lambda c: c.pop("kind"), "kind is None"),
    "unknown model": (
        lambda c: c.update(model="deepvoice4"),
        "unknown acoustic model 'deepvoice4'",
    ),
    "unknown key": (lambda c: c.update(symbol=[]), "unknown key 'symbol'; did you mean 'symbols'"),
    "no mel": (lambda c: c.pop("mel"), "missing key 'mel'"),
    "no hop": (lambda c: c["mel"].pop("hop"), "mel: missing key 'hop'"),
    "bad hop": (lambda c: c["mel"].update(hop="64"), "mel: hop: expected int, found '64'"),
    "no symbols": (lambda c: c.pop("symbols"), "missing key 'symbols'"),
    "symbol twice": (lambda c: c["symbols"].append("a"), "'a' .* is there twice"),
    "symbol missing": (lambda c: c["symbols"].pop(), "shape"),
    "unknown size": (lambda c: c["config"].update(kernels=3), "unknown key 'kernels'"),
    "no size": (lambda c: c["config"].pop("kernel"), "config: missing key 'kernel'"),
    "bad size": (lambda c: c["config"].update(kernel="3"), "kernel: expected int, found '3'"),
    "refused size": (lambda c: c["config"].update(kernel=2), "kernel must be odd"),
    "negative size": (lambda c: c["config"].update(decoder_dim=-1), "decoder_dim must be positive"),
    "impossible size": (lambda c: c["config"].update(decoder_dim=10**12), "cannot be built"),
    "other size": (lambda c: c["config"].update(decoder_dim=16), "shape"),
}


@pytest.mark.parametrize("name", CONFIG_EDITS)
def test_a_broken_config_is_refused_by_name(folder: Path, name: str) -> None:
    edit, message = CONFIG_EDITS[name]
    edit_json(folder / "acoustic" / "config.json", edit)
    with pytest.raises(CheckpointError, match=message) as caught:
        load_acoustic(folder / "acoustic")
    assert str(folder / "acoustic") in str(caught.value) or "unknown acoustic" in str(caught.value)
    assert caught.value.hint
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b"null", b"[" * 100_000])
def test_a_config_that_is_no_json_table_is_refused(folder: Path, content: bytes) -> None:
    (folder / "vocoder" / "config.json").write_bytes(content)
    with pytest.raises(
        CheckpointError, match=r"config\.json: (is not valid JSON|expected a table)"
    ):
        load_vocoder(folder / "vocoder")


def test_missing_folders_and_files_are_named(folder: Path) -> None:
    with pytest.raises(CheckpointError, match="nowhere: there is no such folder"):
        load_vocoder(folder / "nowhere")
    (folder / "vocoder" / "model.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"vocoder: has no model\.safetensors"):
        load_vocoder(folder / "vocoder")
    (folder / "vocoder" / "config.json").unlink()
    with pytest.raises(CheckpointError, match=r"vocoder: has no config\.json"):
        load_vocoder(folder / "vocoder")


# -- saving -------------------------------------------------------------------------------------------


def test_weights_that_are_not_finite_are_not_saved(tiny_voice_folder: Path, tmp_path: Path) -> None:
    model = load_vocoder(tiny_voice_folder / "vocoder").model
    weight = model.state_dict()["out.weight"]
    weight.fill_(1e5)
    with pytest.raises(CheckpointError, match=r"'out\.weight' does not fit float16"):
        save_model(
            tmp_path / "m", model, kind="vocoder", name="wavenet", provenance={}, dtype="float16"
        )
    weight.fill_(torch.nan)
    with pytest.raises(CheckpointError, match=r"'out\.weight' holds NaN"):
        save_model(tmp_path / "m", model, kind="vocoder", name="wavenet", provenance={})
    assert not list(tmp_path.iterdir())


def test_a_failed_save_leaves_the_old_model(
    tiny_voice_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load_vocoder(tiny_voice_folder / "vocoder").model

    def save(provenance: dict[str, Any]) -> None:
        save_model(tmp_path / "m", model, kind="vocoder", name="wavenet", provenance=provenance)

    save({"origin": "old"})

    def full(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(CheckpointError, match="m: cannot be written: No space left"):
            save({"origin": "new"})
    rename = Path.rename

    def rename_once(path: Path, target: Path) -> Path:
        if path.name.endswith(".new"):
            raise KeyboardInterrupt
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename_once)
        with pytest.raises(KeyboardInterrupt):
            save({"origin": "new"})
    assert load_vocoder(tmp_path / "m").provenance == {"origin": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_a_folder_of_something_else_is_not_replaced(
    tiny_voice_folder: Path, tmp_path: Path
) -> None:
    model = load_vocoder(tiny_voice_folder / "vocoder").model
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(CheckpointError, match=r"is not a model folder: it holds 'thesis\.tex'"):
        save_model(tmp_path, model, kind="vocoder", name="wavenet", provenance={})
    file = tmp_path / "thesis.tex"
    with pytest.raises(CheckpointError, match="cannot be written"):
        save_model(file, model, kind="vocoder", name="wavenet", provenance={})
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
