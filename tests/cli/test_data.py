"""`tts data check`: what it prints, for people and machines, and its exit codes."""

import json
import shutil
from pathlib import Path

import pytest

from tts.cli import main

FIXTURES = Path(__file__).parents[1] / "fixtures" / "ljspeech"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FIXTURES, tmp_path / "corpus"))


def test_a_corpus_that_can_be_prepared(
    capsys: pytest.CaptureFixture[str], corpus: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    assert main(["data", "check", str(corpus), "--report", str(page)]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    lines = printed.out.splitlines()
    assert lines[0] == f"{corpus}: 4 clips, 0.1 minutes"
    assert lines[1].split()[0] == "length"
    assert lines[-1] == f"nothing stops `tts prepare`; the page: {page}"
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_corpus_that_cannot(capsys: pytest.CaptureFixture[str], corpus: Path) -> None:
    (corpus / "wavs" / "LJ001-0002.flac").unlink()
    with (corpus / "metadata.csv").open("a") as file:
        file.write("".join(f"gone{i}|Gone.\n" for i in range(9)))
    assert main(["data", "check", str(corpus)]) == 1
    out = capsys.readouterr().out
    assert "\nerror: sound files are missing (10)\n" in out
    assert f"  {corpus / 'metadata.csv'}, line 1: the audio of 'LJ001-0002' is missing" in out
    assert "  ... and 5 more: see --report or --json\n" in out
    assert "  -> add the sound file, or remove the line\n" in out
    assert out.endswith("\n10 problems must be mended before `tts prepare`\n")


def test_nothing_to_look_at(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["data", "check", str(tmp_path / "nowhere")]) == 1
    out = capsys.readouterr().out
    assert "nowhere: 0 clips, 0.0 minutes\n" in out
    assert "nowhere: no such folder" in out
    assert out.endswith("1 problem must be mended before `tts prepare`\n")


def test_json(capsys: pytest.CaptureFixture[str], corpus: Path) -> None:
    options = ["--json", "--jobs", "2", "--input", "characters"]
    assert main(["data", "check", str(corpus), *options]) == 0
    values = json.loads(capsys.readouterr().out)
    assert values["clips"][0]["phonemes"].startswith("^IN BEING COMPARATIVELY")
    assert [clip["id"] for clip in values["clips"]][:1] == ["LJ001-0002"]
    (corpus / "wavs" / "LJ001-0002.flac").write_bytes(b"")
    assert main(["data", "check", str(corpus), "--json"]) == 1
    values = json.loads(capsys.readouterr().out)
    assert values["findings"][0]["clip"] == "LJ001-0002"
    assert values["findings"][0]["severity"] == "error"


def test_a_page_that_cannot_be_written(capsys: pytest.CaptureFixture[str], corpus: Path) -> None:
    assert main(["data", "check", str(corpus), "--report", "nowhere/page.html"]) == 1
    printed = capsys.readouterr()
    assert printed.err.splitlines() == [
        "error: nowhere/page.html: cannot be written: No such file or directory",
        "hint: choose another place for --report",
    ]


@pytest.mark.parametrize("args", [["data"], ["data", "check"], ["data", "mend"]])
def test_wrong_usage(args: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(args)
    assert left.value.code == 2
