"""Books: a file becomes chapters of plain text, and those become sound files that know their chapters.

book      `Book`, and `read_book`, which chooses the reader
plain     UTF-8 text; chapters where lines such as "CHAPTER IV" stand alone
markup    HTML and Markdown: what is read of them, what is left out; chapters by headings
epub      EPUB: its pages in their order; chapters by its table of contents
spoken    chapters to one file each, which can be gone on with
joined    those files as one: FLAC or M4B with chapter marks

What a reader leaves out is counted and told (`OmittedWarning`); what is left out is in `tts.books.markup`.
"""

from tts.books.book import Book, Chapter, read_book
from tts.books.joined import find_ffmpeg, write_flac_book, write_m4b
from tts.books.spoken import SpokenChapter, remove_chapters, speak_chapters

__all__ = [
    "Book",
    "Chapter",
    "SpokenChapter",
    "find_ffmpeg",
    "read_book",
    "remove_chapters",
    "speak_chapters",
    "write_flac_book",
    "write_m4b",
]
