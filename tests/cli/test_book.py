"""`tts say -f FILE -o OUT`: books into folders, FLAC and M4B, and what is told."""

import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

import tts
from tts.audio import read_wav
from tts.cli import main
from tts.voice import Voice

pytestmark = [
    pytest.mark.filterwarnings("ignore::tts.errors.SlowVocoderWarning"),
    pytest.mark.filterwarnings("ignore::tts.errors.UnfinishedWarning"),
]

BOOK = "# One\n\nWe go.\n\n![ship](ship.png)\n\n# Two\n\nIt rains.\n"


@pytest.fixture(autouse=True)
def _book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("book.md").write_text(BOOK)


@pytest.fixture
def say(tiny_voice_folder: Path) -> list[str]:
    return ["say", "--voice", str(tiny_voice_folder), "-f"]


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    printed = capsys.readouterr()
    assert printed.out == ""
    return [line for line in printed.err.splitlines() if "cut short" not in line]


def test_a_folder_gets_a_file_a_chapter(say: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*say, "book.md", "-o", "book/"]) == 0
    told = lines(capsys)
    assert told[0] == "warning: book.md: left out: image (1)"
    durations = [soundfile.info(f"book/{name}").duration for name in ("01 One.flac", "02 Two.flac")]
    assert told[1:] == [
        f"book/01 One.flac: {durations[0]:.1f} s",
        f"book/02 Two.flac: {durations[1]:.1f} s",
    ]
    assert main([*say, "book.md", "-o", "book"]) == 0  # now it is a folder
    assert lines(capsys)[1:] == [f"{line}, kept" for line in told[1:]]
    assert main([*say, "book.md", "-o", "book", "--seed", "1"]) == 0
    assert lines(capsys)[1:] == told[1:]


def test_flac_with_chapters(
    say: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write, calls = Voice.write, []

    def stumble(self: Voice, text: str, path: Path, **options: object) -> float:
        calls.append(text)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return write(self, text, path, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Voice, "write", stumble)
    assert main([*say, "book.md", "-o", "book.flac"]) == 130
    assert sorted(os.listdir()) == ["book.flac.chapters", "book.md"]
    assert sorted(os.listdir("book.flac.chapters")) == ["01 One.flac", "chapters.json"]
    capsys.readouterr()
    assert main([*say, "book.md", "-o", "book.flac"]) == 0
    assert sorted(os.listdir()) == ["book.flac", "book.md"]
    seconds = soundfile.info("book.flac").duration
    assert lines(capsys)[-1] == f"book.flac: 2 chapters, 1 of them kept, {seconds:.1f} s"
    assert b"CHAPTER002NAME=Two" in Path("book.flac").read_bytes()
    Path("other").mkdir()
    main([*say, "book.md", "-o", "other/book.flac"])
    assert Path("other/book.flac").read_bytes() == Path("book.flac").read_bytes()


def test_m4b(
    say: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "ffmpeg"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nopen(sys.argv[-1], 'wb').write(sys.stdin.buffer.read())\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/bin:/usr/bin")
    assert main([*say, "book.md", "-o", "book.m4b"]) == 0
    assert sorted(os.listdir()) == ["bin", "book.m4b", "book.md"]
    assert lines(capsys)[-1].startswith("book.m4b: 2 chapters, ")
    main([*say, "book.md", "-o", "book.flac"])
    samples, _ = soundfile.read("book.flac", dtype="int16")
    np.testing.assert_array_equal(np.frombuffer(Path("book.m4b").read_bytes(), "<i2"), samples)


def test_wav_is_one_text(say: list[str], tiny_voice: Voice) -> None:
    assert main([*say, "book.md", "-o", "book.wav"]) == 0
    expected = tiny_voice.synthesize("One\n\nWe go.\n\nTwo\n\nIt rains.")
    np.testing.assert_allclose(read_wav("book.wav")[0], expected.samples, atol=1.0 / 32768)
    assert sorted(os.listdir()) == ["book.md", "book.wav"]


def test_the_same_command_writes_the_same_files(say: list[str], tiny_voice_folder: Path) -> None:
    """On one thread and on two, here and in another process."""
    import subprocess

    for threads in ("1", "2"):
        command = [sys.executable, "-m", "tts", *say, "book.md", "-o", f"{threads}/"]
        command += ["--threads", threads]
        root = str(Path(tts.__file__).resolve().parents[1])
        environment = {**os.environ, "OMP_NUM_THREADS": threads, "PYTHONPATH": root}
        subprocess.run(command, check=True, env=environment, capture_output=True, timeout=120)
    main([*say, "book.md", "-o", "here/"])
    for name in ("01 One.flac", "02 Two.flac", "chapters.json"):
        assert Path("1", name).read_bytes() == Path("2", name).read_bytes()
        assert Path("1", name).read_bytes() == Path("here", name).read_bytes()


def test_other_verbs_read_books_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["normalize", "-f", "book.md"]) == 0
    printed = capsys.readouterr()
    assert [line for line in printed.out.splitlines() if line] == [
        "One",
        "We go.",
        "Two",
        "It rains.",
    ]
    assert "warning: book.md: left out: image (1)" in printed.err


@pytest.mark.parametrize(
    ("args", "error", "hint"),
    [
        (["none.md", "-o", "out/"], "none.md: cannot be read: No such file", "EPUB"),
        (["book.md", "-o", "book.mp3"], "'.mp3' is not a format", ".wav, .flac"),
        (
            ["book.md", "-o", "book.m4b"],
            "ffmpeg, which writes M4B, is not installed",
            "-o book.flac",
        ),
        (["book.md", "-o", "none/book.flac"], "the folder 'none' does not exist", "mkdir -p none"),
        (
            ["book.md", "-o", "book.md/out/"],
            "book.md/out: the folder cannot be made",
            "another place",
        ),
        (
            ["book.pdf", "-o", "out/"],
            "book.pdf: files of this kind cannot be read",
            "ebook-convert",
        ),
    ],
)
def test_what_is_refused(
    say: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    args: list[str],
    error: str,
    hint: str,
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert main([*say, *args]) == 1
    told = [line for line in lines(capsys) if not line.startswith("warning: ")]
    assert len(told) == 2
    assert error in told[0]
    assert hint in told[1]
    assert os.listdir() == ["book.md"]


def test_m4b_needs_a_folder_that_is_there(
    say: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "/bin/ffmpeg")
    monkeypatch.setattr("tts.voice.load_voice", None)
    assert main([*say, "book.md", "-o", "none/book.m4b"]) == 1
    assert "the folder 'none' does not exist" in lines(capsys)[0]


def test_a_lexicon_is_heeded_and_another_is_another_book(
    say: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("book.md").write_text("# One\n\nHello Siobhan.\n\n# Two\n\nBye.\n")
    for content in ("", "", "Siobhan = /ʃɪˈvɔːn/", "Siobhan = shivawn"):
        Path("names.txt").write_text(content)
        main([*say, "book.md", "-o", "out/", "--lexicon", "names.txt"])
    kept = [line.endswith(", kept") for line in lines(capsys)]
    assert kept == [False, False, True, True, False, False, False, False]
