"""A spoken book: each chapter as if it was alone, kept if nothing changed, made anew if anything did."""

import json
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile

from tts.books import Book, Chapter, SpokenChapter, remove_chapters, speak_chapters
from tts.errors import AudioError, SlowVocoderWarning, TextError
from tts.voice import SynthesisOptions, Voice

pytestmark = pytest.mark.filterwarnings("ignore::tts.errors.UnfinishedWarning")

NAMES = ["01 One - Out.flac", "02.flac", "03 Back again.flac"]
CHAPTERS = (
    Chapter(title="One: Out?", text="One.\n\nWe go."),
    Chapter(title="", text="It rains."),
    Chapter(title="Back/again", text="We come back."),
)
BOOK = Book(title="The Sea", author="A. Writer", chapters=CHAPTERS, text="")


@pytest.fixture(autouse=True)
def _slow() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SlowVocoderWarning)
        yield


def speak(
    voice: Voice, folder: Path, book: Book = BOOK, *, digest: str = "d", **options: object
) -> tuple[SpokenChapter, ...]:
    chosen = SynthesisOptions(**options)  # type: ignore[arg-type]
    return speak_chapters(voice, book, folder, options=chosen, digest=digest)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_file_a_chapter(tiny_voice: Voice, tmp_path: Path) -> None:
    shares: list[tuple[int, float]] = []
    spoken = speak_chapters(
        tiny_voice,
        BOOK,
        tmp_path / "new" / "book",
        options=SynthesisOptions(seed=3, speed=1.5),
        digest="d",
        progress=lambda index, share: shares.append((index, share)),
    )
    folder = tmp_path / "new" / "book"
    assert sorted(os.listdir(folder)) == [*NAMES, "chapters.json"]
    assert [chapter.path.name for chapter in spoken] == NAMES
    assert [chapter.title for chapter in spoken] == ["One: Out?", "", "Back/again"]
    assert not any(chapter.kept for chapter in spoken)
    assert shares[-1] == (2, 1.0)
    for number, (chapter, source) in enumerate(zip(spoken, CHAPTERS, strict=True), start=1):
        alone = tiny_voice.synthesize(source.text, seed=3, speed=1.5)
        assert chapter.duration_s == alone.duration_s
        alone.save(tmp_path / "alone.flac")
        samples, _ = soundfile.read(chapter.path, dtype="int16")
        expected, _ = soundfile.read(tmp_path / "alone.flac", dtype="int16")
        assert (samples == expected).all()
        with soundfile.SoundFile(chapter.path) as file:
            tags = file.copy_metadata()
        assert (tags["tracknumber"], tags["album"]) == (str(number), "The Sea")
        assert tags.get("title", "") == source.title
        assert json.loads(tags["comment"])["seed"] == 3


def test_what_is_done_is_kept(
    tiny_voice: Voice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(tiny_voice, tmp_path)
    before = contents(tmp_path)
    monkeypatch.setattr(Voice, "write", None)
    spoken = speak(tiny_voice, tmp_path)
    assert all(chapter.kept for chapter in spoken)
    assert spoken[0].duration_s == soundfile.info(tmp_path / NAMES[0]).duration
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("change", "remade"),
    [
        ({}, []),
        ({"threads": 2}, []),
        ({"seed": 1}, [0, 1, 2]),
        ({"speed": 1.1}, [0, 1, 2]),
        ({"strict": True}, [0, 1, 2]),
        ({"digest": "another voice"}, [0, 1, 2]),
        ({"text": "It snows."}, [1]),
        ({"title": "Two"}, [1]),
        ({"version": "9.9"}, [0, 1, 2]),
        ({"precision": "float32"}, [0, 1, 2]),
    ],
)
def test_what_changed_is_made_anew(
    tiny_voice: Voice,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, object],
    remade: list[int],
) -> None:
    speak(tiny_voice, tmp_path)
    second = {key: change.pop(key) for key in ("text", "title") if key in change}
    if version := change.pop("version", None):
        monkeypatch.setattr("tts.voice.provenance.package_version", lambda: version)
    if precision := change.pop("precision", None):
        monkeypatch.setenv("SAYWAVE_KERNEL_PRECISION", str(precision))
    middle = Chapter(**{"title": "", "text": "It rains.", **second})  # type: ignore[arg-type]
    book = Book(title="The Sea", author="", chapters=(CHAPTERS[0], middle, CHAPTERS[2]), text="")
    spoken = speak(tiny_voice, tmp_path, book, **change)  # type: ignore[arg-type]
    assert [index for index, chapter in enumerate(spoken) if not chapter.kept] == remade
    assert set(os.listdir(tmp_path)) == {
        *(chapter.path.name for chapter in spoken),
        "chapters.json",
    }


def test_an_interrupted_book_goes_on(
    tiny_voice: Voice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(tiny_voice, tmp_path / "whole")
    write, spoken = Voice.write, []

    def write_one(self: Voice, text: str, path: Path, **options: object) -> float:
        if spoken:
            raise KeyboardInterrupt
        spoken.append(text)
        return write(self, text, path, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Voice, "write", write_one)
    with pytest.raises(KeyboardInterrupt):
        speak(tiny_voice, tmp_path / "part")
    monkeypatch.undo()
    assert sorted(os.listdir(tmp_path / "part")) == [NAMES[0], "chapters.json"]
    # As a killed process leaves it: half a file under another name, and one cut off by a full disk.
    (tmp_path / "part" / f".{NAMES[1]}.0123abcd.part").write_bytes(b"half")
    (tmp_path / "part" / NAMES[2]).write_bytes(b"fLaC")
    resumed = speak(tiny_voice, tmp_path / "part")
    assert [chapter.kept for chapter in resumed] == [True, False, False]
    assert contents(tmp_path / "part") == contents(tmp_path / "whole")


@pytest.mark.parametrize(
    "state",
    [
        "",
        "{",
        "[]",
        '{"format": 2, "chapters": {}}',
        '{"format": 1, "chapters": []}',
        '{"format": 1, "chapters": {"a": 1}}',
        '{"format": 1, "chapters": {"../keep": {"duration_s": 1.0, "sha256": null}}}',
    ],
)
def test_a_broken_state_is_none(tiny_voice: Voice, tmp_path: Path, state: str) -> None:
    folder = tmp_path / "book"
    folder.mkdir()
    (tmp_path / "keep").write_text("mine")
    (folder / "chapters.json").write_text(state)
    book = Book(title="", author="", chapters=CHAPTERS[1:2], text="")
    assert [chapter.kept for chapter in speak(tiny_voice, folder, book)] == [False]
    assert [chapter.kept for chapter in speak(tiny_voice, folder, book)] == [True]
    assert (tmp_path / "keep").read_text() == "mine"


def test_chapters_that_are_gone_are_removed_and_nothing_else(
    tiny_voice: Voice, tmp_path: Path
) -> None:
    speak(tiny_voice, tmp_path)
    (tmp_path / NAMES[2]).write_bytes(b"edited by its owner")
    (tmp_path / "mine.flac").write_bytes(b"mine")
    book = Book(title="The Sea", author="", chapters=CHAPTERS[:1], text="")
    speak(tiny_voice, tmp_path, book)
    assert sorted(os.listdir(tmp_path)) == [NAMES[0], NAMES[2], "chapters.json", "mine.flac"]


def test_what_fails_leaves_what_is_done(tiny_voice: Voice, tmp_path: Path) -> None:
    broken = (CHAPTERS[0], Chapter(title="x", text="..."))
    with pytest.raises(TextError, match="nothing to speak"):
        speak(tiny_voice, tmp_path, Book(title="The Sea", author="", chapters=broken, text=""))
    assert sorted(os.listdir(tmp_path)) == [NAMES[0], "chapters.json"]


def test_a_folder_that_cannot_be_made(tiny_voice: Voice, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AudioError, match="file/book: the folder cannot be made") as caught:
        speak(tiny_voice, tmp_path / "file" / "book")
    assert caught.value.hint


def test_removed_chapters_leave_what_is_not_theirs(tiny_voice: Voice, tmp_path: Path) -> None:
    spoken = speak(tiny_voice, tmp_path / "a")
    remove_chapters(tmp_path / "a", spoken)
    assert not (tmp_path / "a").exists()
    spoken = speak(tiny_voice, tmp_path / "b")
    (tmp_path / "b" / "mine").write_text("")
    remove_chapters(tmp_path / "b", spoken)
    assert os.listdir(tmp_path / "b") == ["mine"]
