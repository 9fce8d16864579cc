"""EPUB: order, chapters and titles, what is left out, and archives that are broken, protected or a trap."""

import zipfile
from pathlib import Path

import pytest

import tts.books.epub
from tts.books import read_book
from tts.errors import OmittedWarning, TextError

from .conftest import CONTAINER, package, page, sea, write_epub, xhtml


def test_a_book_with_a_table_of_contents(tmp_path: Path) -> None:
    path = sea(tmp_path / "sea.epub")
    with pytest.warns(OmittedWarning) as told:
        book = read_book(path)
    assert [str(w.message) for w in told if w.category is OmittedWarning] == [
        f"{path}: left out: auxiliary page (1), image (2), list of links (1), note mark (1), page number (1)"
    ]
    assert (book.title, book.author) == ("The Sea", "A. Writer")
    assert [(chapter.title, chapter.text) for chapter in book.chapters] == [
        ("The Sea", "The Sea\n\nBy A.\xa0Writer."),
        ("One: Out", "One\n\nWe went out.\n\nLater\n\nIt rained — a lot."),
        ("Two: Back", "Two\n\nWe came back."),
    ]


NCX = """<?xml version="1.0"?><ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>
<navPoint><navLabel><text>Part I</text></navLabel><content src="a.html#p1"/>
<navPoint><navLabel><text>Chapter 1</text></navLabel><content src="b.html"/></navPoint></navPoint>
<navPoint><navLabel><text>Chapter 2</text></navLabel><content src="b.html#c2"/></navPoint>
<navPoint><navLabel><text>Gone</text></navLabel><content src="gone.html"/></navPoint>
</navMap></ncx>"""


def test_the_contents_of_epub_2_and_chapters_within_a_page(tmp_path: Path) -> None:
    files = {
        "OPS/book.opf": package(
            {
                "ncx": 'href="toc.ncx" media-type="application/x-dtbncx+xml"',
                "a": xhtml("a.html"),
                "b": xhtml("b.html"),
            },
            '<itemref idref="a"/><itemref idref="b"/>',
            'toc="ncx"',
        ),
        "OPS/toc.ncx": NCX,
        "OPS/a.html": page('<h1 id="p1">Part I</h1>'),
        # Not XML: a page of the wild.
        "OPS/b.html": "<html><body><p>One.<p>More.<h2 id=c2>Two</h2><p>End.</body></html>",
    }
    book = read_book(write_epub(tmp_path / "a.epub", files))
    assert [(chapter.title, chapter.text) for chapter in book.chapters] == [
        ("Chapter 1", "Part I\n\nOne.\n\nMore."),
        ("Chapter 2", "Two\n\nEnd."),
    ]


def test_without_contents_each_page_is_a_chapter(tmp_path: Path) -> None:
    files = {
        "OPS/book.opf": package(
            {"a": xhtml("a.xhtml"), "b": xhtml("../b.xhtml")},
            '<itemref idref="a"/><itemref idref="b"/>',
        ),
        "OPS/a.xhtml": page("<h1>One</h1><p>a</p>"),
        "b.xhtml": page("<p>b</p>"),
    }
    book = read_book(write_epub(tmp_path / "a.epub", files))
    assert [(chapter.title, chapter.text) for chapter in book.chapters] == [
        ("One", "One\n\na"),
        ("", "b"),
    ]


ONE = package({"a": xhtml("a.xhtml")}, '<itemref idref="a"/>')
ENCRYPTED = (
    '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData>'
    '<CipherData><CipherReference URI="OPS/{}"/></CipherData></EncryptedData></encryption>'
)
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "'
    + "ha" * 500
    + '">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 20}">' for i in range(8))
    + "]><container>&i;</container>"
)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "is broken: OPS/book.opf is missing"),
        ({"META-INF/container.xml": "<container"}, r"META-INF/container\.xml: is broken: "),
        ({"META-INF/container.xml": "<container/>"}, "is not an EPUB: it names no package"),
        ({"META-INF/container.xml": BOMB}, r"META-INF/container\.xml: is broken: "),
        (
            {"META-INF/container.xml": CONTAINER.replace("OPS/", "../../")},
            "is broken: .* is missing",
        ),
        ({"OPS/book.opf": ONE}, r"is broken: OPS/a\.xhtml is missing"),
        ({"OPS/book.opf": ONE, "OPS/a.xhtml": ""}, "nothing to speak"),
        (
            {"OPS/book.opf": package({}, '<itemref idref="x"/>')},
            "its order names 'x', which it lacks",
        ),
        ({"OPS/book.opf": package({}, "")}, "nothing to speak"),
        (
            {
                "OPS/book.opf": ONE,
                "OPS/a.xhtml": b"\x00\x01",
                "META-INF/encryption.xml": ENCRYPTED.format("a.xhtml"),
            },
            "is protected against copying",
        ),
    ],
)
def test_broken_books(tmp_path: Path, files: dict[str, str], message: str) -> None:
    path = write_epub(tmp_path / "a.epub", files)
    with pytest.raises(TextError, match=rf"a\.epub: .*{message}|a\.epub: {message}") as caught:
        read_book(path)
    assert caught.value.hint


def test_fonts_may_be_encrypted(tmp_path: Path) -> None:
    files = {
        "OPS/book.opf": ONE,
        "OPS/a.xhtml": page("<p>Yes.</p>"),
        "META-INF/encryption.xml": ENCRYPTED.format("font.otf"),
    }
    assert read_book(write_epub(tmp_path / "a.epub", files)).text == "Yes."


def test_entities_cannot_read_files(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    evil = (
        f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
        '<html xmlns="http://www.w3.org/1999/xhtml"><body><p>Yes. &x;</p></body></html>'
    )
    book = read_book(write_epub(tmp_path / "a.epub", {"OPS/book.opf": ONE, "OPS/a.xhtml": evil}))
    assert "secret" not in book.text
    assert "Yes." in book.text


def test_pages_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tts.books.epub, "_MAX_BYTES", 2000)
    files = {"OPS/book.opf": ONE, "OPS/a.xhtml": page("a" * 3000)}
    with pytest.raises(TextError, match=r"OPS/a\.xhtml is larger than 2000 bytes"):
        read_book(write_epub(tmp_path / "a.epub", files))


def test_archives_that_are_none(tmp_path: Path) -> None:
    whole = sea(tmp_path / "whole.epub").read_bytes()
    path = tmp_path / "a.epub"
    for content in (b"", b"PK", b"<html>", whole[:-40], whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(TextError, match=r"a\.epub: is not an EPUB") as caught:
            read_book(path)
        assert caught.value.hint


@pytest.mark.filterwarnings("ignore::tts.errors.OmittedWarning")
def test_garbled_archives_are_read_or_refused(tmp_path: Path) -> None:
    import random

    rng = random.Random(0)
    path = sea(tmp_path / "a.epub")
    whole = path.read_bytes()
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(rng.randrange(1, 6)):
            content[rng.randrange(len(content))] = rng.randrange(256)
        path.write_bytes(content)
        try:
            read_book(path)
        except TextError as error:
            assert error.hint  # noqa: PT017


def test_a_password_is_protection(tmp_path: Path) -> None:
    path = sea(tmp_path / "a.epub")
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.start_dir
    place = content.index(
        b"PK\x01\x02", content.index(b"PK\x01\x02", start) + 4
    )  # of container.xml
    content[place + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(TextError, match="is protected against copying"):
        read_book(path)
