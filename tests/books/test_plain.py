"""Plain text: where chapters begin, and that none of it is lost."""

from pathlib import Path

import pytest

from tts.books import read_book
from tts.books.plain import plain_chapters
from tts.errors import TextError

NOVEL = """The Project

Contents

CHAPTER I. Out

CHAPTER II. Back

PART ONE

CHAPTER I.
Out

It was late.
Chapter two of the manual lay open.

Chapter 3 was the longest, she said.

CHAPTER II. Back

We came home.

Epilogue

All was well.

THE END
"""


def test_chapters_begin_at_lines_that_say_so() -> None:
    chapters = plain_chapters(NOVEL)
    assert [chapter.title for chapter in chapters] == [
        "",
        "CHAPTER I.: Out",
        "CHAPTER II. Back",
        "Epilogue",
    ]
    assert chapters[0].text == "The Project\n\nContents"
    assert chapters[1].text.startswith(
        "CHAPTER I. Out\n\nCHAPTER II. Back\n\nPART ONE\n\nCHAPTER I.\nOut"
    )
    assert chapters[1].text.endswith("Chapter 3 was the longest, she said.")
    assert chapters[3].text == "Epilogue\n\nAll was well.\n\nTHE END"


def test_nothing_is_lost() -> None:
    together = " ".join(chapter.text for chapter in plain_chapters(NOVEL))
    assert together.split() == NOVEL.split()


@pytest.mark.parametrize(
    "line",
    [
        "CHAPTER 12",
        "Chapter Twenty-One",
        "chapter iv: the storm",
        "Part the First",
        "BOOK TWO — The Return",
        "Letter 4",
        "PROLOGUE",
        "Appendix B. Tables",
        "Chapter 3 The Long Way Home",
    ],
)
def test_headings(line: str) -> None:
    first, second = plain_chapters(f"Before it.\n\n{line}\n\nAfter it.\n")
    assert (first.title, second.title) == ("", line)


@pytest.mark.parametrize(
    "text",
    [
        "Before it.\nChapter 12\n\nAfter it.",
        "Before it.\n\nChapter 3 was long.\n\nAfter it.",
        "Before it.\n\nPart of it is true.\n\nAfter it.",
        "Before it.\n\nIntroductions were made.\n\nAfter it.",
        "Before it.\n\nChapter 3\nfollows\nin three lines.\n\nAfter it.",
        "Yes.",
        "",
        "?!",
    ],
)
def test_other_text_is_one_chapter(text: str) -> None:
    (chapter,) = plain_chapters(text)
    assert (chapter.title, chapter.text) == ("", text)


def test_a_text_is_read_to_the_letter(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffA line \r\n\r\n\r\n  Chapter 1\r\n\r\nEnd.\r\n".encode())
    book = read_book(path)
    assert book.text == "A line \r\n\r\n\r\n  Chapter 1\r\n\r\nEnd.\r\n"
    assert [chapter.title for chapter in book.chapters] == ["", "Chapter 1"]
    assert (book.title, book.author) == ("", "")


@pytest.mark.parametrize(
    ("name", "content", "message", "hint"),
    [
        ("none.txt", None, r"none\.txt: cannot be read: No such file", "UTF-8 text file"),
        ("none.epub", None, r"none\.epub: cannot be read: No such file", "EPUB"),
        ("a.txt", b"caf\xe9", r"a\.txt: is not UTF-8 text, at byte 4", "iconv"),
        ("a.md", b"caf\xe9", r"a\.md: is not UTF-8 text, at byte 4", "iconv"),
        ("a.pdf", b"%PDF", r"a\.pdf: files of this kind cannot be read", "ebook-convert"),
        ("a.md", b"![only](a.png)", r"a\.md: nothing to speak: it holds no text", "look into"),
        ("a.html", b"", r"a\.html: nothing to speak", "look into"),
    ],
)
@pytest.mark.filterwarnings("ignore::tts.errors.OmittedWarning")
def test_what_cannot_be_read(
    tmp_path: Path, name: str, content: bytes | None, message: str, hint: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(TextError, match=message) as caught:
        read_book(tmp_path / name)
    assert hint in caught.value.hint
