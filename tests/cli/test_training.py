"""`tts prepare`, `tts train`, `tts predict`, `tts pack`: what reaches the functions, and what is refused."""

import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tts.cli import main
from tts.errors import VoiceNotFoundError

RECIPE = """
corpus = "cache"
run = "run"
[vocoder]
model = "wavenet"
[batches]
batch_size = 1
crop_frames = 8
[train]
steps = 1
learning_rate = 1e-3
"""


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refused(args: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The error of a command, which printed nothing else but a hint."""
    assert main(args) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    lines = printed.err.splitlines()
    assert lines[0].startswith("error: ")
    assert all(line.startswith("hint: ") for line in lines[1:]), lines
    return lines[0]


# -- what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ("a|Hello.|Hello.\n", "metadata.csv, line 1: the audio of 'a' is missing"),
        ("a\n", "metadata.csv, line 1: 1 column where 2 to 4 are expected"),
        ("", "metadata.csv: holds no clip"),
        (None, "metadata.csv: cannot be read"),
    ],
)
def test_a_bad_corpus(
    capsys: pytest.CaptureFixture[str], metadata: str | None, message: str
) -> None:
    Path("corpus").mkdir()
    if metadata is not None:
        Path("corpus/metadata.csv").write_text(metadata, encoding="utf-8")
    assert message in refused(["prepare", "corpus", "out"], capsys)
    assert os.listdir() == ["corpus"]


def test_no_corpus(capsys: pytest.CaptureFixture[str]) -> None:
    assert "corpus: no such folder" in refused(["prepare", "corpus", "out"], capsys)
    assert os.listdir() == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["train.step=3"], "unknown key 'step'; did you mean 'steps'?"),
        (["train.steps=many"], "steps: expected int, found 'many'"),
        (["vocoder.model=wavenot"], "unknown vocoder 'wavenot'"),
        (["vocoder.n_layer=3"], "unknown key 'n_layer'; did you mean 'n_layers'?"),
        (["train.steps"], "--set train.steps: expected KEY.KEY=VALUE"),
        ([], "cache"),  # the prepared corpus is missing
    ],
)
def test_a_bad_recipe(
    capsys: pytest.CaptureFixture[str], settings: list[str], message: str
) -> None:
    Path("recipe.toml").write_text(RECIPE, encoding="utf-8")
    options = [option for setting in settings for option in ("--set", setting)]
    assert message in refused(["train", "recipe.toml", *options], capsys)
    assert os.listdir() == ["recipe.toml"]


@pytest.mark.parametrize(
    ("content", "message"), [(None, "cannot be read"), ("a = ", "not valid TOML")]
)
def test_no_recipe(capsys: pytest.CaptureFixture[str], content: str | None, message: str) -> None:
    if content is not None:
        Path("recipe.toml").write_text(content, encoding="utf-8")
    error = refused(["train", "recipe.toml"], capsys)
    assert "recipe.toml" in error
    assert message in error


def test_no_run(capsys: pytest.CaptureFixture[str], tiny_voice_folder: Path) -> None:
    assert "run: holds no checkpoint" in refused(["pack", "run", "voice"], capsys)
    assert "run: holds no checkpoint" in refused(["predict", "run", "cache", "out"], capsys)
    shutil.copytree(tiny_voice_folder / "acoustic", "acoustic")
    assert "cache" in refused(["predict", "acoustic", "cache", "out"], capsys)
    assert os.listdir() == ["acoustic"]


@pytest.mark.parametrize("number", ["0", "-1", "two"])
def test_averaging_over_no_checkpoint_is_wrong_usage(
    capsys: pytest.CaptureFixture[str], number: str
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["pack", "run", "voice", "--average", number])
    assert left.value.code == 2
    message = f"argument --average: {number!r} is not a whole number of 1 or more"
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("verb", [["prepare", "in", "out"], ["data", "check", "in"]])
def test_no_process_is_wrong_usage(verb: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([*verb, "--jobs", "0"])
    assert left.value.code == 2
    assert "argument --jobs: '0' is not a whole number" in capsys.readouterr().err


def test_an_unknown_device_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["predict", "run", "cache", "out", "--device", "gpu"])
    assert left.value.code == 2
    assert "--device: invalid choice: 'gpu'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (FileNotFoundError(2, "No such file or directory", "/proc/nope"), "/proc/nope: No such"),
        (OSError(28, "No space left on device"), "error: No space left on device"),
        (OSError("7 requested and 0 written"), "error: 7 requested and 0 written"),
    ],
)
def test_what_the_system_refuses_is_one_line(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: OSError,
    message: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("tts.train.loop.train", fail)
    Path("recipe.toml").write_text(RECIPE, encoding="utf-8")
    assert message in refused(["train", "recipe.toml"], capsys)
    assert main(["train", "recipe.toml", "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


# -- what reaches the functions -----------------------------------------------------------------------


class Spy:
    """A function that remembers its arguments, tells of progress and returns a summary."""

    def __init__(self, result: Any) -> None:
        self.result = result
        self.args: tuple[Any, ...] = ()
        self.options: dict[str, Any] = {}

    def __call__(self, *args: Any, **options: Any) -> Any:
        self.args, self.options = args, options
        if "progress" in options:
            options["progress"](1, 2)
        return self.result


def test_prepare(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    summary = SimpleNamespace(
        folder=Path("out"),
        speakers=("anna", "bert"),
        n_train=9,
        n_validation=1,
        n_cached=4,
        seconds=90.0,
        skipped=("a: 0.1 s is shorter than 0.3 s",),
        warnings=("b: left out: ☃",),
    )
    spy = Spy(summary)
    monkeypatch.setattr("tts.data.prepare.prepare", spy)
    options = ["--jobs", "2", "--resample", "--hold-out", "7", "--input", "mixed"]
    assert main(["prepare", "anna", "bert", "out", *options]) == 0
    assert spy.args[:2] == ([Path("anna"), Path("bert")], Path("out"))
    assert spy.args[2].resample
    assert (spy.args[2].n_validation_texts, spy.args[2].input) == (7, "mixed")
    assert spy.options["n_jobs"] == 2
    printed = capsys.readouterr()
    assert printed.out == (
        "out: 9 clips to train on, 1 to validate with, 1.5 minutes; 4 were prepared before\n"
        "2 speakers: anna, bert\n"
    )
    assert printed.err.splitlines() == [
        "warning: b: left out: ☃",
        "left out: a: 0.1 s is shorter than 0.3 s",
    ]


def test_prepare_names_the_first_of_very_many(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = SimpleNamespace(
        folder=Path("out"),
        speakers=("anna",),
        n_train=9,
        n_validation=1,
        n_cached=0,
        seconds=90.0,
        skipped=tuple(f"s{i}: too short" for i in range(20)),
        warnings=tuple(f"w{i}: is clipped" for i in range(1000)),
    )
    monkeypatch.setattr("tts.data.prepare.prepare", Spy(summary))
    assert main(["prepare", "in", "out"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines[19:21] == [
        "warning: w19: is clipped",
        "warning: ... and 980 more: tts data check tells all",
    ]
    assert lines[21:] == [f"left out: s{i}: too short" for i in range(20)]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["out"], "the following arguments are required: OUT"),
        (
            ["in", "out", "--hold-out", "-1"],
            "'-1' is no number of texts, and no file of ids: No such",
        ),
        (["in", "out", "--hold-out", "latin.txt"], "latin.txt: is not UTF-8 text"),
        (["in", "out", "--hold-out", os.devnull], f"{os.devnull}: holds no id of a clip"),
    ],
)
def test_prepare_is_used_wrongly(
    args: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("latin.txt").write_bytes(b"caf\xe9")
    with pytest.raises(SystemExit) as left:
        main(["prepare", *args])
    assert left.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("interrupted", "code", "said"),
    [
        (False, 0, "run: done, step 5, loss 1.2500, 3 s"),
        (True, 130, "run: stopped at step 5; go on with --resume"),
    ],
)
def test_train(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    interrupted: bool,
    code: int,
    said: str,
) -> None:
    spy = Spy(
        SimpleNamespace(
            run=Path("run"), step=5, interrupted=interrupted, validation_loss=1.25, seconds=3.2
        )
    )
    monkeypatch.setattr("tts.train.loop.train", spy)
    Path("recipe.toml").write_text(RECIPE, encoding="utf-8")
    options = ["--set", "train.steps=5", "--resume", "--from", "7"]
    assert main(["train", "recipe.toml", *options]) == code
    (recipe,) = spy.args
    assert (recipe.train.steps, recipe.train.start_from) == (5, "7")
    assert spy.options["resume"] is True
    spy.options["log"]("step 1")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == [said, "step 1"]

    monkeypatch.setenv("RANK", "1")  # of the processes of torchrun, only the first speaks
    assert main(["train", "recipe.toml", *options]) == code
    spy.options["log"]("step 1")
    assert capsys.readouterr() == ("", "")


def test_where_to_start_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy(SimpleNamespace(run=Path("run"), step=1, interrupted=True))
    monkeypatch.setattr("tts.train.loop.train", spy)
    Path("recipe.toml").write_text(RECIPE, encoding="utf-8")
    assert main(["train", "recipe.toml"]) == 130
    assert spy.args[0].train.start_from is None
    find_start = spy.options["find_start"]
    (tmp_path / "shelf" / "anna").mkdir(parents=True)
    (tmp_path / "shelf" / "anna" / "voice.json").touch()
    monkeypatch.setattr("tts.voice.installed._shelves", lambda: [tmp_path / "shelf"])
    assert find_start("anna") == tmp_path / "shelf" / "anna"
    Path("earlier").mkdir()
    assert find_start("earlier") == Path("earlier")
    with pytest.raises(VoiceNotFoundError, match=r"'ana'; did you mean 'anna'\?"):
        find_start("ana")


def test_predict(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy(12)
    monkeypatch.setattr("tts.train.predict.predict_mels", spy)
    assert main(["predict", "run", "cache", "out", "--device", "cpu"]) == 0
    assert spy.args == (Path("run"), Path("cache"), Path("out"))
    assert spy.options["device"] == "cpu"
    assert capsys.readouterr().out == "out: 12 mels\n"


def test_pack(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy(Path("voice/vocoder"))
    monkeypatch.setattr("tts.train.pack.pack", spy)
    options = ["--licence", "CC0-1.0", "--dtype", "float32", "--average", "3"]
    options += ["--set", "temperature=0.6", "--set", "contrast=2.5"]
    assert main(["pack", "run", "voice", *options]) == 0
    assert spy.args == (Path("run"), Path("voice"))
    assert spy.options == {
        "name": None,
        "description": None,
        "licence": "CC0-1.0",
        "settings": ["temperature=0.6", "contrast=2.5"],
        "dtype": "float32",
        "n_average": 3,
    }
    assert capsys.readouterr().out == f"{Path('voice/vocoder')}\n"
