"""`tts say`: what comes out where, and with which exit code."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import tts.audio.play
from tts.audio import read_wav, wav_bytes
from tts.cli import main
from tts.errors import UnspeakableWarning
from tts.voice import Voice

pytestmark = pytest.mark.filterwarnings("ignore::tts.errors.SlowVocoderWarning")

TTS = [sys.executable, "-m", "tts"]
CHECKOUT = Path(tts.__file__).resolve().parents[1]


class Stdin(io.TextIOWrapper):
    """Standard input that holds some bytes, or is a terminal."""

    def __init__(self, content: bytes = b"", *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(content))
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test works in an empty folder, at a terminal without a player."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", Stdin(terminal=True))
    monkeypatch.setattr(tts.audio.play, "PLAYERS", {"no-such-player": ()})
    monkeypatch.setenv("PYTHONPATH", f"{CHECKOUT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")


@pytest.fixture
def voice_args(tiny_voice_folder: Path) -> list[str]:
    return ["--voice", str(tiny_voice_folder)]


def refused(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """The error and the hint, which are all that was printed."""
    printed = capsys.readouterr()
    assert printed.out == ""
    lines = [line for line in printed.err.splitlines() if not line.startswith("warning: ")]
    assert len(lines) == 2, lines
    assert lines[0].startswith("error: ")
    assert lines[1].startswith("hint: ")
    return lines[0], lines[1]


# -- what is said -------------------------------------------------------------------------------------


def test_a_file_is_written(
    voice_args: list[str], tiny_voice: Voice, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["say", "Good", "morning.", "-o", "a.wav", "--seed", "7", *voice_args]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    samples, rate = read_wav("a.wav")
    expected = tiny_voice.synthesize("Good morning.", seed=7)
    assert rate == expected.sample_rate
    np.testing.assert_allclose(samples, expected.samples, atol=1.0 / 32768)
    assert printed.err.splitlines()[-1] == f"a.wav: {expected.duration_s:.1f} s"
    assert os.listdir() == ["a.wav"]


def test_ssml_by_its_option_or_by_the_name_of_its_file(
    voice_args: list[str], tiny_voice: Voice
) -> None:
    source = "<speak>Good <sub alias='evening'>morning</sub>.<break time='1s'/></speak>"
    Path("a.ssml").write_text(source, encoding="utf-8")
    assert main(["say", "-f", "a.ssml", "-o", "a.wav", *voice_args]) == 0
    assert main(["say", "--ssml", source, "-o", "b.wav", *voice_args]) == 0
    assert Path("a.wav").read_bytes() == Path("b.wav").read_bytes()
    expected = tiny_voice.synthesize(source, ssml=True).samples
    assert len(read_wav("a.wav")[0]) == len(expected)


def test_pauses(voice_args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    lengths = []
    for seconds in ("0", "1.5"):
        pauses = f"clause=0.1,sentence={seconds}"
        assert main(["say", "Yes. No.", "-o", "a.wav", "--pauses", pauses, *voice_args]) == 0
        samples, rate = read_wav("a.wav")
        lengths.append(len(samples))
    assert lengths[1] - lengths[0] == round(1.5 * rate)
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["say", "Yes.", "--pauses", "sentence", *voice_args])
    assert "argument --pauses: 'sentence' is not NAME=SECONDS" in capsys.readouterr().err


def test_the_same_seed_writes_the_same_bytes(voice_args: list[str]) -> None:
    for name, seed in (("a.wav", "1"), ("b.wav", "1"), ("c.wav", "2")):
        assert main(["say", "Yes.", "-o", name, "--seed", seed, *voice_args]) == 0
    assert Path("a.wav").read_bytes() == Path("b.wav").read_bytes()
    assert Path("a.wav").read_bytes() != Path("c.wav").read_bytes()


def test_threads_write_the_same_bytes(
    voice_args: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    speak = Voice.synthesize

    def synthesize(*args: Any, **options: Any) -> Any:
        asked.append(options["threads"])
        return speak(*args, **options)

    monkeypatch.setattr(Voice, "synthesize", synthesize)
    for n in ("1", "3"):
        main(["say", "Yes. No. Why not?", "-o", f"{n}.wav", "--threads", n, *voice_args])
    assert asked == [1, 3]
    assert Path("1.wav").read_bytes() == Path("3.wav").read_bytes()


@pytest.mark.parametrize(
    ("args", "stdin"),
    [
        (["Yes."], b""),
        (["-f", "text.txt"], b""),
        (["-f", "-"], b"Yes."),
        (["-"], b"Yes."),
        ([], b"Yes."),
        ([], b"\xef\xbb\xbfYes."),
    ],
)
def test_every_source_says_the_same(
    voice_args: list[str], monkeypatch: pytest.MonkeyPatch, args: list[str], stdin: bytes
) -> None:
    Path("text.txt").write_text("Yes.", encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", Stdin(stdin))
    assert main(["say", *args, "-o", "a.flac", *voice_args]) == 0
    assert main(["say", "Yes.", "-o", "b.flac", *voice_args]) == 0
    assert Path("a.flac").read_bytes() == Path("b.flac").read_bytes()


def test_without_an_output_it_plays(
    voice_args: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = tmp_path / "toy-player"
    script.write_text(f'#!/bin/sh\ncp "$1" {tmp_path}/heard.wav\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr(tts.audio.play, "PLAYERS", {"toy-player": ()})
    assert main(["say", "Yes.", *voice_args]) == 0
    assert main(["say", "Yes.", "-o", "a.wav", *voice_args]) == 0
    assert Path("heard.wav").read_bytes() == Path("a.wav").read_bytes()


def test_warnings_are_lines(voice_args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    before = warnings.showwarning
    assert main(["say", "Yes ѣ.", "-o", "a.wav", *voice_args]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert (
        "warning: left out: 1 character cannot be spoken: 'ѣ' U+0463 CYRILLIC SMALL LETTER YAT at character 5"
        in lines
    )
    assert warnings.showwarning is before
    with pytest.warns(UnspeakableWarning):  # outside of the command they are Python's again
        warnings.warn("again", UnspeakableWarning, stacklevel=1)


# -- what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "error", "hint"),
    [
        ([""], "nothing to speak: it is empty", "at least one word"),
        (["?!..."], "nothing to speak: it holds only punctuation", "at least one word"),
        (["ѣ", "--strict"], "CYRILLIC SMALL LETTER YAT", "without --strict"),
        (["-f", "none.txt"], "none.txt: cannot be read: No such file", "UTF-8 text file"),
        (["-f", "."], ".: cannot be read: Is a directory", "UTF-8 text file"),
        (["-f", "latin.txt"], "latin.txt: is not UTF-8 text, at byte 4", "iconv"),
        (["Yes.", "--speed", "3"], "speed 3.0 is out of range", "0.5 to 2.0"),
        (
            ["Yes.", "--pauses", "sentence=99"],
            "the pause sentence must be from 0 to 10",
            "sentence=0.5",
        ),
        (["Yes.", "--pauses", "word=1"], "unknown pause 'word'", "clause, sentence, paragraph"),
        (["Yes.", "--seed", "-1"], "seed -1 is negative", "0 or more"),
        (["Yes.", "--threads", "0"], "threads 0 is out of range", "1 or more threads"),
        (["Yes.", "-o", "none/b.wav"], "the folder 'none' does not exist", "mkdir -p none"),
        (["Yes.", "-o", "b.mp3"], "'.mp3' is not a format", ".wav, .flac"),
        (["Yes.", "-o", "x" * 300 + ".wav"], "File name too long", "another place"),
        (["Yes.", "--voice", "x" * 300], "unknown voice 'xxx", "installed voices: "),
        (["Yes.", "-o", "."], "is not a format", ".wav, .flac"),
        (["Yes.", "--voice", "kathlen-x"], "unknown voice 'kathlen-x'", "installed voices: "),
        (["Yes.", "--voice", "."], ".: is not a voice", "tts voices"),
    ],
)
def test_bad_input(
    voice_args: list[str],
    capsys: pytest.CaptureFixture[str],
    args: list[str],
    error: str,
    hint: str,
) -> None:
    Path("latin.txt").write_bytes("caf\xe9".encode("latin-1"))
    assert main(["say", "-o", "a.wav", *voice_args, *args]) == 1
    lines = refused(capsys)
    assert error in lines[0]
    assert hint in lines[1]
    assert os.listdir() == ["latin.txt"]


def test_no_player(voice_args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["say", "Yes.", *voice_args]) == 1
    error, hint = refused(capsys)
    assert error == "error: no player found (looked for no-such-player)"
    assert hint == "hint: write a file: -o hello.wav"


def test_a_broken_voice(tiny_voice_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import shutil

    shutil.copytree(tiny_voice_folder, "voice")
    weights = Path("voice/acoustic/model.safetensors")
    weights.write_bytes(weights.read_bytes()[:999])
    assert main(["say", "Yes.", "-o", "a.wav", "--voice", "voice"]) == 1
    error, _ = refused(capsys)
    assert "voice/acoustic/model.safetensors: is broken" in error
    assert os.listdir() == ["voice"]


@pytest.mark.parametrize("output", ["none/b.wav", "b.ogg"])
def test_a_bad_output_is_refused_before_the_voice_is_loaded(
    voice_args: list[str], monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    monkeypatch.setattr("tts.voice.load_voice", None)
    assert main(["say", "Yes.", "-o", output, *voice_args]) == 1


def test_a_terminal_gets_no_wav(
    voice_args: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["say", "Yes.", "-o", "-", *voice_args]) == 1
    assert "standard output is a terminal" in refused(capsys)[0]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["say"], "nothing to say: give TEXT, -f FILE, or text on standard input"),
        (["say", "Yes.", "-f", "a.txt"], "give either TEXT or -f FILE, not both"),
        (["say", "Yes.", "--speed", "fast"], "argument --speed: invalid float value: 'fast'"),
        (["say", "Yes.", "--json", "-o", "-"], "--json and -o - both want standard output"),
        (["say", "Yes.", "--stream", "-o", "a.wav"], "--stream wants -o -"),
        (["say", "Yes.", "--stream", "--json", "-o", "-"], "--stream wants -o -"),
        (["say", "Yes.", "--sped", "2"], "unrecognized arguments: --sped"),
        (["sing", "Yes."], "invalid choice: 'sing'"),
        (["sya", "Yes."], "; did you mean 'say'?"),
        (["say", "Yes.", "--phonemizer", "built-in"], "; did you mean 'builtin'?"),
        ([], "the following arguments are required: VERB"),
    ],
)
def test_wrong_usage(capsys: pytest.CaptureFixture[str], args: list[str], message: str) -> None:
    with pytest.raises(SystemExit) as left:
        main(args)
    assert left.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("usage: tts")
    assert message in printed.err


def test_debug_shows_the_trace(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["say", "Yes.", "-o", "none/a.wav", "--debug"]) == 1
    printed = capsys.readouterr().err
    assert "Traceback (most recent call last)" in printed
    assert printed.splitlines()[-2].startswith("error: none/a.wav: the folder")


def test_ctrl_c_is_quiet(
    voice_args: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Voice, "synthesize", interrupt)
    assert main(["say", "Yes.", "-o", "a.wav", *voice_args]) == 130
    assert "Traceback" not in capsys.readouterr().err
    assert os.listdir() == []


# -- as a process ------------------------------------------------------------------------------------


def test_standard_output_is_pure_wav(
    voice_args: list[str], tiny_voice: Voice, capsys: pytest.CaptureFixture[str]
) -> None:
    done = subprocess.run(
        [*TTS, "say", "-o", "-", *voice_args],
        input="Yes ѣ.".encode(),
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    samples, rate = soundfile.read(io.BytesIO(done.stdout), dtype="float32")
    with pytest.warns(UnspeakableWarning):
        expected = tiny_voice.synthesize("Yes ѣ.")
    assert rate == expected.sample_rate
    np.testing.assert_allclose(samples, expected.samples, atol=1.0 / 32768)
    assert done.stdout[:4] == b"RIFF"
    assert int.from_bytes(done.stdout[4:8], "little") == len(done.stdout) - 8
    assert b"CYRILLIC SMALL LETTER YAT" in done.stderr
    assert all(line.startswith(b"warning: ") for line in done.stderr.splitlines())


def test_a_stream_is_what_the_voice_streams(voice_args: list[str], tiny_voice: Voice) -> None:
    text = "Good morning. It rains."
    args = [*TTS, "say", text, "-o", "-", "--stream", "--seed", "4", *voice_args]
    done = subprocess.run(args, capture_output=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")
    samples, rate = soundfile.read(io.BytesIO(done.stdout), dtype="int16")
    pieces = list(tiny_voice.stream(text, seed=4))
    assert len(pieces) > 1
    whole = wav_bytes(np.concatenate([piece.samples for piece in pieces]), rate)
    expected, _ = soundfile.read(io.BytesIO(whole), dtype="int16")
    assert rate == tiny_voice.sample_rate
    np.testing.assert_array_equal(samples, expected)
    assert done.stdout[4:8] == done.stdout[40:44] == b"\xff\xff\xff\xff"


def test_a_reader_that_has_heard_enough_ends_a_stream_quietly(voice_args: list[str]) -> None:
    text = " ".join("It rains and rains." for _ in range(400))
    args = [*TTS, "say", text, "-o", "-", "--stream", *voice_args]
    with subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.read(4) == b"RIFF"  # long before all is spoken
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 141


def test_a_closed_pipe_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    process = subprocess.Popen([*TTS, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 141
    process.stderr.close()


def shell(command: str) -> tuple[int, str]:
    """The exit code and the errors of a shell's command, in which tts stands for ours."""
    script = f"tts() {{ '{sys.executable}' -m tts \"$@\"; }}; {command}"
    done = subprocess.run(
        ["/bin/sh", "-c", script], capture_output=True, text=True, check=False, timeout=120
    )
    return done.returncode, done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a disk that is full")
@pytest.mark.parametrize("verb", ["say Yes. -o - --voice {}", "info {}", "--help"])
def test_a_full_disk_is_one_line(
    tiny_voice_folder: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    code, errors = shell(f"tts {verb.format(tiny_voice_folder)} > /dev/full")
    lines = [line for line in errors.splitlines() if not line.startswith("warning: ")]
    assert lines == ["error: standard output: No space left on device"]
    assert code == 1


@pytest.mark.parametrize(
    ("command", "code", "error"),
    [
        ("say Yes. -o - >&-", 1, "error: standard output is closed\nhint: "),
        ("say - <&-", 1, "error: standard input: is closed\nhint: "),
        ("say <&-", 2, "nothing to say: give TEXT"),
        ("--version >&-", 0, ""),
        ("say Yes. -o none/a.wav 2>&-", 1, ""),
    ],
)
def test_closed_streams(voice_args: list[str], command: str, code: int, error: str) -> None:
    verb, *rest = command.split()
    options = voice_args if verb == "say" else []
    output = ["-o", "a.wav"] if "-o" not in rest and verb == "say" else []
    found, errors = shell(" ".join(["tts", verb, *output, *options, *rest]))
    assert found == code, errors
    assert error in errors
    assert "Traceback" not in errors


def test_a_closed_standard_error_leaves_the_wav_pure(voice_args: list[str]) -> None:
    code, _ = shell(f"tts say 'Yes ѣ.' -o - {' '.join(voice_args)} 2>&- > a.wav")
    assert code == 0
    content = Path("a.wav").read_bytes()
    assert content[:4] == b"RIFF"
    assert int.from_bytes(content[4:8], "little") == len(content) - 8


class Terminal:
    """A process whose standard error is a terminal, and what that terminal has shown."""

    def __init__(self, args: list[str]) -> None:
        pty: Any = pytest.importorskip("pty")
        self.screen, theirs = pty.openpty()
        self.process = subprocess.Popen(
            args,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            # Where the tests run in the background, a shell lets them and their children ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        os.close(theirs)
        self.shown = b""

    def read(self, until: bytes = b"\0") -> None:
        """Reads until something is shown, or to the end."""
        while until not in self.shown:
            try:
                chunk = os.read(self.screen, 4096)
            except OSError:  # Linux reports the end of a terminal so
                return
            if not chunk:
                return
            self.shown += chunk

    def wait(self) -> int:
        self.read()
        os.close(self.screen)
        return self.process.wait(timeout=60)


@pytest.mark.parametrize("threads", ["1", "3"])
def test_a_terminal_sees_progress_and_an_interrupt_leaves_nothing(
    voice_args: list[str], tmp_path: Path, threads: str
) -> None:
    text = tmp_path / "text.txt"
    text.write_text("This is one of very many sentences. " * 500, encoding="utf-8")
    options = ["-o", "a.wav", "--threads", threads, *voice_args]
    terminal = Terminal([*TTS, "say", "-f", str(text), *options])
    terminal.read(until=b"\r\x1b[Kspeaking   0%")
    terminal.read(
        until=b"%\r\x1b[Kspeaking "
    )  # a second line; which share it shows depends on the machine
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.wait() == 130
    assert b"Traceback" not in terminal.shown
    assert terminal.shown.endswith(b"\r\x1b[K")  # the line is wiped
    assert os.listdir() == ["text.txt"]


def test_griffin_lim_speaks_differently(voice_args: list[str], tmp_path: Path) -> None:
    files = [tmp_path / "own.wav", tmp_path / "griffin_lim.wav"]
    assert main(["say", "Hello.", *voice_args, "-o", str(files[0])]) == 0
    assert (
        main(["say", "Hello.", *voice_args, "--vocoder", "griffin_lim", "-o", str(files[1])]) == 0
    )
    assert files[0].read_bytes() != files[1].read_bytes()


@pytest.mark.filterwarnings("ignore::tts.errors.UnfinishedWarning")
def test_each_speaker_is_heard(tiny_pair_folder: Path, tmp_path: Path) -> None:
    said = {}
    for speaker in ("anna", "bert", None):
        who = [] if speaker is None else ["--speaker", speaker]
        out = tmp_path / f"{speaker}.wav"
        assert main(["say", "Hello.", "--voice", str(tiny_pair_folder), *who, "-o", str(out)]) == 0
        said[speaker] = out.read_bytes()
    assert said[None] == said["anna"] != said["bert"]


def test_an_unknown_speaker_is_refused_before_the_voice_is_loaded(
    tiny_pair_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tts.voice.load_voice", None)
    out, folder = tmp_path / "a.wav", str(tiny_pair_folder)
    assert main(["say", "Hi.", "--voice", folder, "--speaker", "Bert", "-o", str(out)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"error: the voice {folder!r} has no speaker 'Bert'; did you mean 'bert'?",
        "hint: its speakers: anna, bert",
    ]
    assert not out.exists()


def test_a_lexicon_is_heard(
    capsys: pytest.CaptureFixture[str], voice_args: list[str], tmp_path: Path
) -> None:
    (tmp_path / "names.txt").write_text("bee = /ˈæpl/\n", encoding="utf-8")
    assert main(["say", *voice_args, "bee", "--lexicon", "names.txt", "-o", "a.wav"]) == 0
    assert main(["say", *voice_args, "[[ˈæpl]]", "-o", "b.wav"]) == 0
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()
    capsys.readouterr()
    assert main(["say", *voice_args, "bee", "--lexicon", "none.txt", "-o", "c.wav"]) == 1
    assert refused(capsys) == (
        "error: none.txt: cannot be read: No such file or directory",
        "hint: give a lexicon file",
    )


# -- what is told of it -------------------------------------------------------------------------------


def test_json_tells_what_was_spoken(
    voice_args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["say", "Good morning. It rains.", "-o", "a.wav", "--seed", "7", "--json"]
    assert main([*args, *voice_args]) == 0
    told = json.loads(capsys.readouterr().out)
    info = soundfile.info("a.wav")
    assert told["duration_s"] == pytest.approx(info.duration)
    assert told["sample_rate"] == info.samplerate
    assert (told["seed"], told["output"], told["good"]) == (7, "a.wav", True)
    assert [each["text"] for each in told["utterances"]] == ["Good morning.", "It rains."]
    for each in told["utterances"]:
        assert (each["good"], each["findings"], len(each["attempts"])) == (True, [], 1)
        assert each["attempts"][0]["attention"]["coverage"] == 1.0


def test_a_bad_utterance_is_written_and_the_exit_code_is_3(
    tiny_voice_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A voice whose attention rests at the first token, whatever is tried."""
    from safetensors.numpy import load_file, save_file

    folder = Path(shutil.copytree(tiny_voice_folder, tmp_path / "lost"))
    path = folder / "acoustic" / "model.safetensors"
    tensors = load_file(path)
    tensors["decoder.attentions.0.query.weight"][:] = 0.0
    save_file(tensors, path)
    Path("a.txt").write_text("Good morning.")
    assert main(["say", "-f", "a.txt", "-o", "b.wav", "--voice", str(folder)]) == 3  # as a book is
    assert len(read_wav("b.wav")[0]) > 0
    capsys.readouterr()
    args = ["say", "-f", "a.txt", "-o", "a.wav", "--voice", str(folder), "--json"]
    assert main(args) == 3
    printed = capsys.readouterr()
    assert "warning: " in printed.err
    assert len(read_wav("a.wav")[0]) > 0
    told = json.loads(printed.out)
    assert told["good"] is False
    (utterance,) = told["utterances"]
    assert [a["retake"] for a in utterance["attempts"]] == [None, "window", "seed", "window"]
    assert all(attempt["findings"] for attempt in utterance["attempts"])
    assert utterance["findings"]


def test_timings_are_written_in_every_format(voice_args: list[str], tiny_voice: Voice) -> None:
    names = ["a.json", "a.srt", "a.vtt", "a.TextGrid"]
    timings = [part for name in names for part in ("--timings", name)]
    assert main(["say", "Good morning. It rains.", "-o", "a.wav", *timings, *voice_args]) == 0
    assert sorted(os.listdir()) == sorted([*names, "a.wav"])
    expected = tiny_voice.synthesize("Good morning. It rains.").words
    written = json.loads(Path("a.json").read_text(encoding="utf-8"))
    words = [word for sentence in written["sentences"] for word in sentence["words"]]
    assert [(w["spoken"], w["start_s"]) for w in words] == [(w.spoken, w.start_s) for w in expected]
    assert "Good morning." in Path("a.srt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "error", "hint"),
    [
        ("a.ass", "a.ass: '.ass' is not a format of times", ".json, .srt, .vtt, .TextGrid"),
        ("none/a.srt", "none/a.srt: the folder 'none' does not exist", "mkdir -p none"),
    ],
)
def test_bad_timings_are_refused_before_anything_is_spoken(
    voice_args: list[str], capsys: pytest.CaptureFixture[str], path: str, error: str, hint: str
) -> None:
    assert main(["say", "Yes.", "-o", "a.wav", "--timings", path, *voice_args]) == 1
    printed = refused(capsys)
    assert error in printed[0]
    assert hint in printed[1]
    assert os.listdir() == []
