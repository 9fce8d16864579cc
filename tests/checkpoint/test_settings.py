"""The settings of a voice: strict, and never half written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tts.checkpoint import VoiceConfig, load_voice_config, save_voice_config
from tts.errors import CheckpointError

from .conftest import edit_json

VOICE_EDITS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "unknown": (lambda v: v.update(license="MIT"), "unknown key 'license'; did you mean 'licence'"),
    "missing": (lambda v: v.pop("temperature"), "missing key 'temperature'"),
    "temperature": (lambda v: v.update(temperature=0), "temperature must be above 0"),
    "contrast": (lambda v: v.update(contrast=0.5), "contrast must be 0, or from 1 to 4"),
    "sharpening": (lambda v: v.update(sharpening=3.0), "sharpening must be from 0.5 to 2"),
    "level": (lambda v: v.update(level_lufs=3.0), "level_lufs must be from -60 to -5"),
    "phonemizer": (
        lambda v: v.update(phonemizer="mine"),
        "phonemizer: 'mine' is not one of 'espeak', 'builtin'",
    ),
    "type": (lambda v: v.update(name=7), "name: expected str, found 7"),
    "format": (lambda v: v.update(format=9), "format 9 is newer"),
}


@pytest.mark.parametrize("name", VOICE_EDITS)
def test_broken_voice_settings_are_refused_by_name(folder: Path, name: str) -> None:
    edit, message = VOICE_EDITS[name]
    edit_json(folder / "voice.json", edit)
    with pytest.raises(CheckpointError, match=message):
        load_voice_config(folder)


def test_voices_that_are_older_than_the_choice_of_phonemizer_speak_by_espeak(folder: Path) -> None:
    edit_json(folder / "voice.json", lambda v: v.pop("phonemizer"))
    assert load_voice_config(folder).phonemizer == "espeak"


def test_voice_settings_round_trip(tmp_path: Path) -> None:
    config = VoiceConfig(
        name="a", language="en-us", description="é", licence="MIT", temperature=0.7
    )
    save_voice_config(tmp_path, config)
    assert load_voice_config(tmp_path) == config
    with pytest.raises(CheckpointError, match="cannot be written"):
        save_voice_config(tmp_path / "nowhere", config)


def test_half_written_voice_settings_leave_the_old_ones(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, before = load_voice_config(folder), sorted(path.name for path in folder.iterdir())

    def half(path: Path, content: str, **_: object) -> int:
        path.write_bytes(content[:9].encode())
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", half)
    with pytest.raises(CheckpointError, match="cannot be written: No space left"):
        save_voice_config(folder, config)
    assert load_voice_config(folder) == config
    assert sorted(path.name for path in folder.iterdir()) == before
