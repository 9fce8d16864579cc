"""Files and folders are there whole or not at all."""

from pathlib import Path

import pytest

from tts.files import whole_file, whole_folder


def test_a_whole_file_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    with whole_file(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_half_a_file_vanishes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")

    def fail() -> None:
        with whole_file(path) as part:
            part.write_text("ne")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    with whole_file(tmp_path / "a") as first, whole_file(tmp_path / "a") as second:
        assert first != second
        first.touch()
        second.touch()


def test_a_whole_folder_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    folder = tmp_path / "parents" / "a"
    for content in ("first", "second"):
        with whole_folder(folder) as new:
            (new / content).touch()
        assert [path.name for path in folder.iterdir()] == [content]
    assert list(folder.parent.iterdir()) == [folder]


def test_half_a_folder_vanishes(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "old").touch()

    def fail() -> None:
        with whole_folder(folder) as new:
            (new / "half").touch()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "old"]


def test_a_folder_that_cannot_be_renamed_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "old").touch()
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if path.name.endswith(".new"):
            raise OSError(1, "no")
        return rename(path, target)

    def write() -> None:
        with whole_folder(folder):
            pass

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="no"):
        write()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "old"]
