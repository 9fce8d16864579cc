"""`tts VERB ...`: one parser, and one place where errors become lines and exit codes.

0    done
1    `error: ...` and `hint: ...` on standard error: something the user can mend
2    wrong usage
3    spoken, but an utterance is bad by its audit, after all retakes
130  interrupted by Ctrl-C
141  whoever read our output has closed it
"""

import argparse
import contextlib
import io
import os
import re
import sys
import traceback
import warnings
from collections.abc import Sequence
from typing import NoReturn, TextIO

from tts.cli import batch, data, evaluate, say, text, training, voices
from tts.cli.output import flush_output
from tts.config import nearest
from tts.errors import TTSError, TTSWarning

__all__ = ["build_parser", "main"]

_EXAMPLES = """\
examples:
  tts say "The birch canoe slid on the smooth planks."
  tts say -f chapter.txt -o chapter.wav --speed 1.1
  echo "Hello." | tts say -o - | aplay
  tts doctor
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code; argparse itself exits, after help or wrong usage."""
    _mend_streams()
    code = _code(argv)
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        _leave(code)
    return code


def _code(argv: Sequence[str] | None) -> int:
    with warnings.catch_warnings():
        try:
            return _run(argv)
        except KeyboardInterrupt:
            return 130
        except BrokenPipeError:
            _drop_output()
            return 141


def _leave(code: int) -> NoReturn:
    """Ends one of several processes at once.

    Native threads of PyTorch's process group may ask for the interpreter while it is being taken down, which
    aborts a process whose work is done.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _run(argv: Sequence[str] | None) -> int:
    args = argparse.Namespace(debug=False)
    try:
        try:
            build_parser().parse_args(argv, args)
            _print_warnings(everything=args.debug)
            code: int = args.run(args)
        finally:
            flush_output()  # here, where its failure is caught, and not when Python ends
    except BrokenPipeError:
        raise
    except (TTSError, OSError) as error:
        if args.debug:
            traceback.print_exc()
        print(f"error: {_message(error)}", file=sys.stderr)
        if isinstance(error, TTSError) and error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)
        _drop_output()
        return 1
    return code


def _message(error: Exception) -> str:
    """What went wrong; an OSError that nobody foresaw says at least with which file."""
    if isinstance(error, OSError) and error.strerror:
        where = "" if error.filename is None else f"{os.fsdecode(error.filename)}: "
        return f"{where}{error.strerror}"
    return str(error)


def _mend_streams() -> None:
    """Lets any character be printed on any terminal, and drops what would go to a closed standard error."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """Drops what cannot be written: Python would complain of it at its end."""
    try:
        flush_output()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def build_parser() -> argparse.ArgumentParser:
    """The parser of all verbs; each leaves its function in `args.run`."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--debug", action="store_true", help="show where an error comes from")
    parser: argparse.ArgumentParser = _Parser(
        prog="tts",
        description="A neural voice that speaks text.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, help="print the version and exit")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    say.add_verbs(verbs, common)
    batch.add_verbs(verbs, common)
    text.add_verbs(verbs, common)
    voices.add_verbs(verbs, common)
    data.add_verbs(verbs, common)
    training.add_verbs(verbs, common)
    evaluate.add_verbs(verbs, common)
    return parser


class _Parser(argparse.ArgumentParser):
    """As argparse's own, but a wrong choice is told with what it is most like; so are its verbs' parsers."""

    def error(self, message: str) -> NoReturn:
        found = re.search(r"invalid choice: '(.*)' \(choose from (.*)\)$", message)
        guess = nearest(found[1], re.findall(r"[\w-]+", found[2])) if found else ""
        super().error(message + guess)


class _Version(argparse.Action):
    """As argparse's own, but the version is looked up only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        import tts

        print(f"tts (saywave) {tts.__version__}")
        parser.exit()


def _print_warnings(*, everything: bool) -> None:
    """Prints our warnings as lines, each time; those of libraries are for developers."""

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        where = "" if issubclass(category, TTSWarning) else f"{filename}:{lineno}: "
        wipe = "\r\x1b[K" if sys.stderr.isatty() else ""  # a progress line may stand there
        print(f"{wipe}warning: {where}{message}", file=sys.stderr)

    warnings.simplefilter("default" if everything else "ignore")
    warnings.simplefilter("always", TTSWarning)
    warnings.showwarning = show
