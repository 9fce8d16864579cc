"""Voices are found by name and by folder, and those that are not are told."""

import shutil
from pathlib import Path

import pytest

from tts.errors import CheckpointError, VoiceNotFoundError
from tts.voice import find_voice, list_voices, load_voice

pytestmark = pytest.mark.filterwarnings("ignore::tts.errors.SlowVocoderWarning")


def test_voices_are_found_by_name_and_folder(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(list_voices()) == ["anna", "bert"]
    assert list_voices()["anna"].description == "A murmur for tests."
    assert find_voice("anna") == shelf / "anna"
    assert find_voice(shelf / "bert") == find_voice(str(shelf / "bert")) == shelf / "bert"
    monkeypatch.chdir(shelf / "bert")
    assert find_voice(".") == Path()
    assert load_voice("bert").name == "tiny"


def test_an_unknown_voice_lists_those_there_are(shelf: Path) -> None:
    with pytest.raises(VoiceNotFoundError, match="unknown voice 'ana'; did you mean 'anna'") as no:
        find_voice("ana")
    assert no.value.hint == "installed voices: anna, bert"
    with pytest.raises(VoiceNotFoundError, match=r"notes: is not a voice, it has no voice\.json"):
        find_voice(shelf / "notes")


def test_a_broken_voice_says_what_is_broken(shelf: Path) -> None:
    (shelf / "anna" / "voice.json").write_text("{}", encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"anna/voice\.json: unknown format None"):
        list_voices()
    shutil.rmtree(shelf / "bert" / "acoustic")
    with pytest.raises(CheckpointError, match="bert/acoustic: there is no such folder"):
        load_voice("bert")
