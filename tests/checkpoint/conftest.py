"""A voice folder to be broken."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def folder(tiny_voice_folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny voice, to be broken."""
    return Path(shutil.copytree(tiny_voice_folder, tmp_path / "voice"))


def edit_json(path: Path, edit: Callable[[dict[str, Any]], Any]) -> None:
    values = json.loads(path.read_text(encoding="utf-8"))
    edit(values)
    path.write_text(json.dumps(values), encoding="utf-8")
