"""Chapters as one file: the same samples, and marks that other programs read."""

import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tts.audio.wav import write_wav
from tts.books import Book, Chapter, SpokenChapter, find_ffmpeg, write_flac_book, write_m4b
from tts.books.joined import _clock
from tts.errors import AudioError

RATE = 8000
TITLES = ["One = out; #1", "", "Größe"]
BOOK = Book(
    title="The Sea",
    author="A. Writer",
    chapters=tuple(Chapter(title=title, text="x") for title in TITLES),
    text="",
)
TAGS = {"artist": "kathleen", "software": "saywave 1.0", "comment": '{"seed": 0}'}
STARTS = [0.0, 0.5 + 1.5, 0.5 + 1.5 + 9.0 + 1.5, 14.5]  # of each, with pauses, and the end


@pytest.fixture
def chapters(tmp_path: Path) -> tuple[SpokenChapter, ...]:
    rng = np.random.default_rng(0)
    made = []
    for number, (title, seconds) in enumerate(zip(TITLES, (0.5, 9.0, 2.0), strict=True)):
        path = tmp_path / f"{number} it's.flac"
        write_wav(path, (rng.standard_normal(round(seconds * RATE)) * 0.3).astype(np.float32), RATE)
        made.append(SpokenChapter(title=title, path=path, duration_s=seconds, kept=False))
    return tuple(made)


def samples_of(chapters: tuple[SpokenChapter, ...]) -> np.ndarray:
    pause = np.zeros(round(1.5 * RATE), np.int16)
    sounds = [soundfile.read(chapter.path, dtype="int16")[0] for chapter in chapters]
    return np.concatenate([sounds[0], pause, sounds[1], pause, sounds[2]])


def test_flac_has_all_samples_and_marks(
    chapters: tuple[SpokenChapter, ...], tmp_path: Path
) -> None:
    path = tmp_path / "book.flac"
    assert write_flac_book(path, BOOK, chapters, TAGS) == 14.5
    assert os.listdir(tmp_path).count("book.flac") == 1
    assert len(os.listdir(tmp_path)) == 4
    samples, rate = soundfile.read(path, dtype="int16")
    assert rate == RATE
    np.testing.assert_array_equal(samples, samples_of(chapters))
    comments = _comments(path.read_bytes())
    assert comments["CHAPTER001"] == "00:00:00.000"
    assert comments["CHAPTER001NAME"] == "One = out; #1"
    assert comments["CHAPTER002"] == "00:00:02.000"
    assert comments["CHAPTER002NAME"] == "Chapter 2"
    assert comments["CHAPTER003"] == "00:00:12.500"
    assert comments["CHAPTER003NAME"] == "Größe"
    assert comments["TITLE"] == "The Sea"
    assert comments["ARTIST"] == "kathleen"
    assert comments["COMMENT"] == '{"seed": 0}'
    again = tmp_path / "again.flac"
    write_flac_book(again, BOOK, chapters, TAGS)
    assert again.read_bytes() == path.read_bytes()


def test_another_program_reads_the_marks_of_flac(
    chapters: tuple[SpokenChapter, ...], tmp_path: Path
) -> None:
    av = pytest.importorskip("av")
    write_flac_book(tmp_path / "book.flac", BOOK, chapters, TAGS)
    with av.open(str(tmp_path / "book.flac")) as container:
        _check_marks(container)
        assert container.metadata["title"] == "The Sea"


def test_m4b_asks_ffmpeg_for_the_same(
    chapters: tuple[SpokenChapter, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fake_ffmpeg(tmp_path / "bin", "", monkeypatch)
    assert write_m4b(tmp_path / "book.m4b", BOOK, chapters, TAGS) == 14.5
    asked = json.loads((tmp_path / "book.m4b").read_text())
    np.testing.assert_array_equal(
        np.frombuffer(bytes.fromhex(asked["sound"]), "<i2"), samples_of(chapters)
    )
    command = " ".join(asked["command"])
    assert "-f s16le -ar 8000 -ac 1 -i pipe:0" in command
    assert "-map 0:a -map_metadata 1 -map_chapters 1 -c:a aac" in command
    assert "-fflags +bitexact -flags:a +bitexact" in command
    assert " -f ipod " in command
    assert asked["metadata"].splitlines() == [
        ";FFMETADATA1",
        "title=The Sea",
        "album=The Sea",
        "artist=A. Writer",
        "composer=kathleen",
        'comment={"seed": 0}',
        "genre=Audiobook",
        *("[CHAPTER]", "TIMEBASE=1/8000", "START=0", "END=16000", r"title=One \= out\; \#1"),
        *("[CHAPTER]", "TIMEBASE=1/8000", "START=16000", "END=100000", "title=Chapter 2"),
        *("[CHAPTER]", "TIMEBASE=1/8000", "START=100000", "END=116000", "title=Größe"),
    ]
    assert sorted(os.listdir(tmp_path)) == [
        "0 it's.flac",
        "1 it's.flac",
        "2 it's.flac",
        "bin",
        "book.m4b",
    ]


@pytest.mark.parametrize("early", ["", "sys.stdin.close();"])
def test_what_ffmpeg_refuses_is_told(
    chapters: tuple[SpokenChapter, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, early: str
) -> None:
    script = f"{early} print('noise\\nUnknown encoder', file=sys.stderr); sys.exit(1)"
    _fake_ffmpeg(tmp_path / "bin", script, monkeypatch)
    with pytest.raises(
        AudioError, match=r"book\.m4b: ffmpeg could not write it: Unknown encoder"
    ) as caught:
        write_m4b(tmp_path / "book.m4b", BOOK, chapters, TAGS)
    assert caught.value.hint == "write FLAC: -o book.flac"
    assert not (tmp_path / "book.m4b").exists()
    assert len(os.listdir(tmp_path)) == 4


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg")
def test_ffmpeg_writes_m4b(chapters: tuple[SpokenChapter, ...], tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    path = tmp_path / "book.m4b"
    write_m4b(path, BOOK, chapters, TAGS)
    with av.open(str(path)) as container:
        _check_marks(container)
        assert container.metadata["title"] == "The Sea"
        assert container.metadata["artist"] == "A. Writer"
        assert container.streams.audio[0].codec_context.name == "aac"
        assert container.duration / 1e6 == pytest.approx(14.5, abs=0.2)
    write_m4b(tmp_path / "again.m4b", BOOK, chapters, TAGS)
    assert (tmp_path / "again.m4b").read_bytes() == path.read_bytes()


def test_no_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(AudioError, match="ffmpeg, which writes M4B, is not installed") as caught:
        find_ffmpeg()
    assert "apt install ffmpeg" in caught.value.hint
    assert "-o book.flac" in caught.value.hint


def test_a_place_that_cannot_be_written(
    chapters: tuple[SpokenChapter, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fake_ffmpeg(tmp_path / "bin", "", monkeypatch)
    for name, write in (("book.flac", write_flac_book), ("book.m4b", write_m4b)):
        (tmp_path / name).mkdir()
        with pytest.raises(AudioError, match=rf"{name}: cannot be written") as caught:
            write(tmp_path / name, BOOK, chapters, TAGS)
        assert caught.value.hint
        assert not list((tmp_path / name).iterdir())


@pytest.mark.parametrize(
    ("seconds", "clock"),
    [
        (0, "00:00:00.000"),
        (59.9996, "00:01:00.000"),
        (3723.4567, "01:02:03.457"),
        (4e5, "111:06:40.000"),
    ],
)
def test_clock(seconds: float, clock: str) -> None:
    assert _clock(seconds) == clock


def _check_marks(container: object) -> None:
    marks = container.chapters()  # type: ignore[attr-defined]
    assert [float(mark["start"] * mark["time_base"]) for mark in marks] == STARTS[:-1]
    assert [mark["metadata"]["title"] for mark in marks] == ["One = out; #1", "Chapter 2", "Größe"]


def _comments(content: bytes) -> dict[str, str]:
    """The Vorbis comments of a FLAC file, by its format (RFC 9639)."""
    place = 4
    while content[place] & 0x7F != 4:
        place += 4 + int.from_bytes(content[place + 1 : place + 4], "big")
    inside = content[place + 4 : place + 4 + int.from_bytes(content[place + 1 : place + 4], "big")]
    at = 4 + int.from_bytes(inside[:4], "little")
    count, at, found = int.from_bytes(inside[at : at + 4], "little"), at + 4, {}
    for _ in range(count):
        length = int.from_bytes(inside[at : at + 4], "little")
        name, _, text = inside[at + 4 : at + 4 + length].decode().partition("=")
        found[name.upper()] = text
        at += 4 + length
    assert at == len(inside)
    return found


def _fake_ffmpeg(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that writes down what it was asked for in the place of the sound."""
    folder.mkdir()
    body = script.strip() or (
        "metadata = sys.argv[sys.argv.index('ffmetadata') + 2]\n"
        "asked = {'command': sys.argv[1:], 'sound': sys.stdin.buffer.read().hex(),\n"
        "         'metadata': open(metadata, encoding='utf-8').read()}\n"
        "json.dump(asked, open(sys.argv[-1], 'w'))"
    )
    (folder / "ffmpeg").write_text(f"#!{sys.executable}\nimport json, sys\n{body}\n")
    (folder / "ffmpeg").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")
