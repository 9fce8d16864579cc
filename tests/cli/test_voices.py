"""`tts voices`, `tts info`, `tts doctor`, `tts --version`."""

import io
import json
import shutil
import sys
from pathlib import Path

import pytest

import tts
from tts.checkpoint import write_sums
from tts.cli import main
from tts.errors import CheckpointError, KernelError, PhonemizerError

pytestmark = pytest.mark.filterwarnings("ignore::tts.errors.SlowVocoderWarning")


@pytest.fixture
def shelf(tiny_voice_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(tiny_voice_folder, tmp_path / "anna")
    monkeypatch.setattr("tts.voice.installed._shelves", lambda: [tmp_path])
    return tmp_path


@pytest.mark.usefixtures("shelf")
def test_voices(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["voices"]) == 0
    assert " ".join(capsys.readouterr().out.split()) == "anna en-us A murmur for tests. (CC0-1.0)"


def test_voices_of_several_speakers_name_them(
    shelf: Path, tiny_pair_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(tiny_pair_folder, shelf / "pair")
    assert main(["voices"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "anna en-us A murmur for tests. (CC0-1.0)",
        "pair en-us A murmur for tests. (CC0-1.0); speakers: anna, bert",
    ]
    assert main(["info", "pair"]) == 0
    rows = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    assert ["speakers", "anna, bert"] in rows


def test_no_voices(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tts.voice.installed._shelves", lambda: [tmp_path])
    assert main(["voices"]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "no voice is installed" in printed.err


def test_a_broken_voice_is_named(shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shelf / "anna" / "voice.json").write_text("{")
    for verb in (["voices"], ["info", "anna"]):
        assert main(verb) == 1
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "anna/voice.json: is not valid JSON" in printed.err


def test_info(shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "anna"]) == 0
    rows = dict(
        line.split(maxsplit=1)
        for line in capsys.readouterr().out.splitlines()
        if line.startswith("  ")
    )
    assert rows["name"] == rows["speakers"] == "tiny"
    assert rows["input"] == "phonemes"
    assert rows["licence"] == "CC0-1.0"
    assert rows["folder"] == str(shelf / "anna")
    assert rows["sample_rate"] == "4000"
    assert rows["corpus"] == "none"
    assert rows["model"] == "wavenet"


def test_info_leaves_the_recipe_out(shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = shelf / "anna" / "acoustic" / "config.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    values["provenance"] = {"recipe": {"train": {"steps": 5}}, "device": {"name": "cpu"}}
    path.write_text(json.dumps(values), encoding="utf-8")
    assert main(["info", "anna"]) == 0
    printed = capsys.readouterr().out
    part = printed.partition("acoustic model\n")[2].partition("\n\n")[0].splitlines()
    assert " ".join(part[-1].split()) == "recipe (in acoustic/config.json)"
    assert " ".join(part[-2].split()) == "device.name cpu"
    assert "recipe." not in printed


@pytest.mark.parametrize("verb", ["info", "say", "doctor"])
def test_a_voice_without_a_vocoder_is_whole(
    shelf: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    shutil.rmtree(shelf / "anna" / "vocoder")
    monkeypatch.setattr("tts.kernels.chosen_isa", lambda: "avx2")
    arguments = {
        "info": ["anna"],
        "say": ["Hello.", "--voice", "anna", "-o", str(shelf / "hello.wav")],
        "doctor": ["--voice", "anna"],
    }
    assert main([verb, *arguments[verb]]) == 0
    printed = capsys.readouterr().out
    if verb == "info":
        said = " ".join(printed.partition("\nvocoder\n")[2].split())
        assert said == "model Griffin-Lim, for the voice has none of its own"
    if verb == "say":
        assert (shelf / "hello.wav").stat().st_size > 1000


def test_info_of_an_unknown_voice(shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "ana"]) == 1
    error, hint = capsys.readouterr().err.splitlines()
    assert error == "error: unknown voice 'ana'; did you mean 'anna'?"
    assert hint == "hint: installed voices: anna"


@pytest.mark.usefixtures("shelf")
def test_doctor_finds_all_well(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tts.kernels.chosen_isa", lambda: "avx2")
    assert main(["doctor", "--voice", "anna"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["ok"] * 5
    assert "həlˈoʊ" in lines[1]
    assert "avx2" in lines[2]
    assert "times real time" in lines[4]


def _raise(error: Exception) -> object:
    def fail(*_: object) -> None:
        raise error

    return fail


@pytest.mark.usefixtures("shelf")
def test_doctor_finds_all_that_is_wrong(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = PhonemizerError("eSpeak NG is gone", hint="install it")
    monkeypatch.setattr("tts.text.phonemes.EspeakPhonemizer.__call__", _raise(broken))
    monkeypatch.setattr("tts.kernels.chosen_isa", _raise(KernelError("no kernel", hint="build it")))
    assert main(["doctor", "--voice", "ana"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == ["ok"] + ["FAIL"] * 4
    assert "eSpeak NG is gone" in lines[1]
    assert lines[2].strip() == "install it"
    assert lines[4].strip() == "build it"
    assert "unknown voice 'ana'; did you mean 'anna'?" in lines[5]


def test_doctor_checks_what_was_shipped(
    shelf: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tts.kernels.chosen_isa", lambda: "avx2")
    write_sums(shelf / "anna")
    assert main(["doctor", "--voice", "anna"]) == 0
    assert "5 files as shipped" in capsys.readouterr().out
    settings = shelf / "anna" / "voice.json"
    settings.write_text(settings.read_text().replace("murmur", "mumble"))
    assert main(["doctor", "--voice", "anna"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[3].startswith("FAIL  voice")
    assert lines[3].endswith("voice.json is not as it was shipped")
    assert "pip install --force-reinstall saywave" in lines[4]


def test_doctor_checks_the_installed_package(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tts.checkpoint.check_installed", lambda _: 17)
    main(["doctor", "--voice", "nobody"])
    assert "; 17 files as they were installed" in capsys.readouterr().out.splitlines()[0]
    broken = CheckpointError("tts/a.py is missing", hint="pip install it")
    monkeypatch.setattr("tts.checkpoint.check_installed", _raise(broken))
    main(["doctor", "--voice", "nobody"])
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first == "FAIL  versions   tts/a.py is missing"
    assert second.strip() == "pip install it"


@pytest.mark.usefixtures("shelf")
def test_doctor_survives_any_failure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tts.kernels.chosen_isa", _raise(OSError("libm.so.6:\n  not found")))
    monkeypatch.setattr("tts.voice.load_voice", _raise(RuntimeError("torch is broken")))
    assert main(["doctor", "--voice", "anna"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["ok", "ok", "FAIL", "FAIL", "FAIL"]
    assert lines[2].endswith("OSError: libm.so.6: not found")
    assert lines[4].endswith("RuntimeError: torch is broken")


@pytest.mark.usefixtures("shelf")
def test_doctor_prints_ipa_on_any_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", ascii_only)
    monkeypatch.setattr("tts.kernels.chosen_isa", lambda: "avx2")
    assert main(["doctor", "--voice", "anna"]) == 0
    printed = ascii_only.buffer.getvalue()  # type: ignore[attr-defined]
    assert b"h\\u0259l\\u02c8o\\u028a" in printed


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"tts (saywave) {tts.__version__}\n"


@pytest.mark.parametrize(
    "verb", ["say", "voices", "info", "doctor", "prepare", "train", "predict", "pack"]
)
def test_every_verb_has_help(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    with pytest.raises(SystemExit) as left:
        main([verb, "--help"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: tts {verb}")
