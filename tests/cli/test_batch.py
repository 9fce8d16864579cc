"""`tts batch`."""

import json
import shutil
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file

from tts.cli import main


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "m.jsonl"
    path.write_text(
        '{"id": "a", "text": "A."}\n{"id": "b", "text": "B."}\n{"id": "c", "text": ""}\n'
    )
    return path


def test_a_batch(
    manifest: Path, tiny_voice_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    args = ["batch", str(manifest), str(out), "--voice", str(tiny_voice_folder)]
    assert main([*args, "--format", "flac", "--shard", "1/2"]) == 1
    stdout, stderr = capsys.readouterr()
    assert stdout == ""
    assert stderr.splitlines()[0] == "error: c: nothing to speak: it is empty"
    assert f"{out}: 1 spoken, " in stderr
    assert stderr.endswith(" s; 1 failed\n")
    assert sorted(path.name for path in out.iterdir()) == ["a.flac", "results-1-of-2.jsonl"]

    assert main([*args, "--format", "flac", "--shard", "2/2", "--jobs", "2"]) == 0
    assert "1 spoken" in capsys.readouterr().err
    (line,) = (out / "results-2-of-2.jsonl").read_text().splitlines()
    assert json.loads(line)["file"] == "b.flac"


def test_what_is_badly_spoken_is_there_and_the_exit_code_is_3(
    tiny_voice_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A voice whose attention rests at the first token, whatever is tried."""
    voice = Path(shutil.copytree(tiny_voice_folder, tmp_path / "lost"))
    path = voice / "acoustic" / "model.safetensors"
    tensors = load_file(path)
    tensors["decoder.attentions.0.query.weight"][:] = 0.0
    save_file(tensors, path)
    manifest = tmp_path / "m.jsonl"
    manifest.write_text('{"id": "a", "text": "Good morning."}\n')
    for n_kept in (0, 1):  # also where it is kept
        args = ["batch", str(manifest), str(tmp_path / "out"), "--voice", str(voice)]
        assert main(args) == 3
        told = capsys.readouterr().err
        assert told.endswith(f" s{'; 1 were there' * n_kept}; 1 badly spoken\n")
        assert told.startswith("warning: a: ") is not bool(n_kept)
        (line,) = (tmp_path / "out/results.jsonl").read_text().splitlines()
        assert json.loads(line)["good"] is False
    assert (tmp_path / "out/a.wav").stat().st_size > 44


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["--shard", "3/2"], 2, "'3/2' is no part such as 2/4"),
        (["--shard", "two"], 2, "'two' is no part such as 2/4"),
        (["--jobs", "0"], 2, "'0' is not a whole number of 1 or more"),
        (["--speed", "9"], 1, "speed 9.0 is out of range"),
    ],
)
def test_wrong_usage(
    manifest: Path, capsys: pytest.CaptureFixture[str], args: list[str], code: int, message: str
) -> None:
    try:
        found: int | str | None = main(["batch", str(manifest), "out", *args])
    except SystemExit as ended:
        found = ended.code
    assert found == code
    assert message in capsys.readouterr().err


def test_the_rest_of_the_time_is_told() -> None:
    from tts.cli.progress import _duration

    assert [_duration(s) for s in (0.4, 59, 61, 3599.6, 7325)] == [
        "0 s", "59 s", "1 min 1 s", "1 h 0 min", "2 h 2 min",
    ]  # fmt: skip
