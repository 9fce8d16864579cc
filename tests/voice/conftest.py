"""A shelf of voices."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def shelf(tiny_voice_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where voices are looked for; it holds two."""
    for name in ("anna", "bert"):
        shutil.copytree(tiny_voice_folder, tmp_path / "shelf" / name)
    (tmp_path / "shelf" / "notes").mkdir()
    monkeypatch.setattr(
        "tts.voice.installed._shelves", lambda: [tmp_path / "shelf", tmp_path / "none"]
    )
    return tmp_path / "shelf"
