"""`tts evaluate`: what is printed and written, and what is refused."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from tts.cli import main

pytestmark = pytest.mark.filterwarnings("ignore::tts.errors.SlowVocoderWarning")


REPORT = ["--report", "a.html"] if importlib.util.find_spec("matplotlib") else []


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for module in ("distillmos", "speechmos.dnsmos", "resemblyzer"):
        monkeypatch.setitem(sys.modules, module, None)
    Path("mine.txt").write_text("One.\nTwo.\n")


def test_a_voice_end_to_end(tiny_voice_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    voice = str(tiny_voice_folder)
    assert (
        main(["evaluate", voice, "--texts", "mine.txt", "--json", "a.json", "--keep", "a", *REPORT])
        == 0
    )
    printed = capsys.readouterr()
    table = printed.out.splitlines()
    assert table[0].split("|")[2].strip() == "the voice"
    assert any(line.startswith("| attention endless") for line in table)
    left_out = [line for line in printed.err.splitlines() if line.startswith("left out: ")]
    assert len(left_out) == 4
    values = json.loads(Path("a.json").read_text())
    assert values["target"] == voice
    assert list(values["systems"]) == ["voice", "griffin_lim"]
    assert Path("a/griffin_lim/mine-002.flac").is_file()
    if REPORT:
        page = Path("a.html").read_text(encoding="utf-8")
        assert page.count("<audio") == 4
        assert "2 sentences of mine.txt, seed 0." in page

    assert main(["evaluate", "a/voice", "--texts", "mine.txt", "-n", "1"]) == 0
    assert "the sounds" in capsys.readouterr().out.splitlines()[0]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["no-such-voice", "--plain"], "unknown voice 'no-such-voice'"),
        (["kathleen"], "nothing to speak"),
        (["kathleen", "--texts", "none.txt"], "none.txt: cannot be read"),
        (
            ["kathleen", "--corpus", "none"],
            "a corpus and what `tts prepare` made of it go together",
        ),
        (["kathleen", "--corpus", "none", "--prepared", "none"], "none: no such folder"),
        (["kathleen", "--plain", "--json", "none/a.json"], "none/a.json: the folder 'none' does"),
    ],
)
def test_what_is_refused(args: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", *args]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    error, hint = printed.err.splitlines()
    assert error.startswith(f"error: {message}")
    assert hint.startswith("hint: ")


def test_a_recogniser_that_is_none(
    tiny_voice_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("faster_whisper")
    assert main(["evaluate", str(tiny_voice_folder), "--plain", "--asr", "none"]) == 1
    assert "error: none: is no faster-whisper model" in capsys.readouterr().err


def test_one_list_at_a_time() -> None:
    with pytest.raises(SystemExit) as caught:
        main(["evaluate", "kathleen", "--plain", "--hard"])
    assert caught.value.code == 2
