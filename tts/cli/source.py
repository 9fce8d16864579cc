"""The text that a verb is given: on the command line, in a file, or on standard input."""

import argparse
import sys
from pathlib import Path

from tts.errors import TextError

__all__ = ["add_lexicon", "add_source", "is_ssml", "read_source", "source_of"]


def add_source(parser: argparse.ArgumentParser, what: str) -> None:
    """Adds TEXT and -f FILE; the verb sets `usage_error` to the parser's."""
    parser.add_argument("text", nargs="*", metavar="TEXT", help=f"{what}; - is standard input")
    parser.add_argument(
        "-f",
        "--file",
        metavar="FILE",
        help="UTF-8 text, Markdown (.md), HTML or EPUB; - is standard input",
    )
    parser.add_argument(
        "--ssml", action="store_true", help="it is SSML, as any file is whose name ends in .ssml"
    )


def is_ssml(args: argparse.Namespace) -> bool:
    """Whether what is given is SSML."""
    return args.ssml or (args.file or "").lower().endswith(".ssml")


def add_lexicon(parser: argparse.ArgumentParser) -> None:
    """Adds --lexicon FILE, which may be given several times."""
    parser.add_argument(
        "--lexicon",
        action="append",
        default=[],
        metavar="FILE",
        help="how words are pronounced: lines of WORD = /IPA/, ARPAbet or a respelling, or a W3C PLS file; "
        "may be given again",
    )


def source_of(args: argparse.Namespace) -> str | Path | None:
    """The text itself, or the file that holds it; None is standard input."""
    if args.text and args.file:
        args.usage_error("give either TEXT or -f FILE, not both")
    if args.text and args.text != ["-"]:
        return " ".join(args.text)
    if args.file and args.file != "-":
        return Path(args.file)
    if not args.text and not args.file and (sys.stdin is None or sys.stdin.isatty()):
        args.usage_error("nothing to say: give TEXT, -f FILE, or text on standard input")
    return None


def read_source(path: Path | None) -> str:
    """The text of a file, as `read_book` has it, or of standard input."""
    from tts.books.book import read_book
    from tts.books.plain import decoded

    if path is not None:
        return read_book(path).text
    name = "standard input"
    if sys.stdin is None:
        raise TextError(f"{name}: is closed", hint="give TEXT, or -f FILE")
    try:
        content = sys.stdin.buffer.read()
    except OSError as error:
        raise TextError(
            f"{name}: cannot be read: {error.strerror}", hint="give TEXT, or -f FILE"
        ) from None
    return decoded(content, name)
