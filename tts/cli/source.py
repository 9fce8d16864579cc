"""The text that a verb is given: on the command line, in a file, or on standard input."""

import argparse
import sys
from pathlib import Path

from tts.errors import TextError

__all__ = ["add_source", "read_source", "source_of"]


def add_source(parser: argparse.ArgumentParser, what: str) -> None:
    """Adds TEXT and -f FILE; the verb sets `usage_error` to the parser's."""
    parser.add_argument("text", nargs="*", metavar="TEXT", help=f"{what}; - is standard input")
    parser.add_argument(
        "-f", "--file", metavar="FILE", help="a UTF-8 text file; - is standard input"
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
    """The text of a file or of standard input."""
    name = "standard input" if path is None else str(path)
    if path is None and sys.stdin is None:
        raise TextError(f"{name}: is closed", hint="give TEXT, or -f FILE")
    try:
        content = sys.stdin.buffer.read() if path is None else path.read_bytes()
    except OSError as error:
        raise TextError(
            f"{name}: cannot be read: {error.strerror}", hint="give a UTF-8 text file"
        ) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TextError(
            f"{name}: is not UTF-8 text, at byte {error.start + 1}",
            hint="convert it: iconv -f WINDOWS-1252 -t UTF-8 FILE",
        ) from None
