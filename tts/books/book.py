"""A book: read from a file by the reader of its kind."""

import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tts.books.chapters import Chapter
from tts.books.plain import decoded, plain_chapters
from tts.errors import OmittedWarning, TextError

__all__ = ["Book", "Chapter", "read_book"]

_MARKDOWN, _HTML, _EPUB = (".md", ".markdown"), (".html", ".htm", ".xhtml"), (".epub",)
_OTHERS = (".pdf", ".doc", ".docx", ".odt", ".rtf", ".mobi", ".azw", ".azw3", ".fb2")


@dataclass(frozen=True, kw_only=True, slots=True)
class Book:
    """What is spoken of a file.

    Attributes:
        title: its own; empty where it has none.
        author: as the file names it; empty if it does not.
        chapters: at least one, in their order; text that nothing divides is one.
        text: all of it as one text; of a plain text, each of its characters.
    """

    title: str
    author: str
    chapters: tuple[Chapter, ...]
    text: str


def read_book(path: Path) -> Book:
    """The book in a file: EPUB, HTML or Markdown by its suffix, else UTF-8 text.

    What is left out of it is told in an `OmittedWarning`.

    Raises:
        TextError: when it cannot be read, is broken or protected, or a package that reads it is missing.
    """
    suffix = path.suffix.lower()
    if suffix in _OTHERS:
        raise TextError(
            f"{path}: files of this kind cannot be read",
            hint="convert it to EPUB, with Calibre for one: ebook-convert IN OUT.epub",
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TextError(
            f"{path}: cannot be read: {error.strerror}",
            hint="give a UTF-8 text file, Markdown, HTML or EPUB",
        ) from None
    name = str(path)
    if suffix not in (*_EPUB, *_HTML, *_MARKDOWN):
        text = decoded(content, name)
        return Book(title="", author="", chapters=plain_chapters(text), text=text)
    omitted: Counter[str] = Counter()
    if suffix in _EPUB:
        from tts.books.epub import epub_chapters

        title, author, chapters = epub_chapters(content, name, omitted)
    elif suffix in _HTML:
        from tts.books.markup import html_chapters

        title, author, chapters = html_chapters(content, name, omitted)
    else:
        from tts.books.markup import markdown_chapters

        title, author, chapters = markdown_chapters(decoded(content, name), name, omitted)
    if omitted:
        counts = ", ".join(f"{what} ({count})" for what, count in sorted(omitted.items()))
        warnings.warn(f"{path}: left out: {counts}", OmittedWarning, stacklevel=2)
    text = "\n\n".join(chapter.text for chapter in chapters)
    if not text:
        raise TextError(f"{path}: nothing to speak: it holds no text", hint="look into the file")
    return Book(title=title, author=author, chapters=chapters, text=text)
