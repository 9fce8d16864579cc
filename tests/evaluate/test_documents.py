"""The files that an evaluation leaves."""

from pathlib import Path

import pytest

from tts.errors import EvaluationError
from tts.evaluate.documents import check_place, write_document


def test_a_document_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    check_place(path)
    write_document(path, "ü")
    assert path.read_bytes() == "ü".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_places_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EvaluationError, match="none' does not exist") as caught:
        check_place(tmp_path / "none" / "a.json")
    assert caught.value.hint == f"mkdir -p {tmp_path / 'none'}"
    with pytest.raises(EvaluationError, match="is a folder"):
        check_place(tmp_path)
    with pytest.raises(EvaluationError, match="cannot be written: No such file"):
        write_document(tmp_path / "none" / "a.json", "")
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(EvaluationError, match="cannot be written to"):
        check_place(tmp_path / "a.json")
