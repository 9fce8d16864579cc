"""What the options of several verbs have in common."""

import argparse
from typing import TypeAlias

__all__ = ["Verbs", "add_manner", "add_phonemizer", "at_least_one", "seconds_by_name"]

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_manner(parser: "argparse.ArgumentParser | argparse._ArgumentGroup") -> None:
    """Adds who speaks, and how: --voice, --speaker, --speed, --seed and --strict."""
    parser.add_argument(
        "--voice", default="kathleen", metavar="NAME|DIR", help="which voice (default: %(default)s)"
    )
    parser.add_argument(
        "--speaker", metavar="NAME", help="who of the voice's speakers (default: the first)"
    )
    parser.add_argument(
        "--speed", type=float, default=1.0, metavar="X", help="0.5 to 2.0 (default: %(default)s)"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="the same seed gives the same samples (default: %(default)s)",
    )
    parser.add_argument(
        "--strict", action="store_true", help="refuse characters that cannot be spoken"
    )


def add_phonemizer(parser: argparse.ArgumentParser, default: str | None, what: str) -> None:
    """Adds `--phonemizer`."""
    parser.add_argument(
        "--phonemizer",
        choices=("espeak", "builtin"),
        default=default,
        help=f"eSpeak NG, or what is built in for US English, which needs no other library (default: {what})",
    )


def at_least_one(text: str) -> int:
    """The type of an option that counts."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def seconds_by_name(text: str) -> dict[str, float]:
    """The type of an option such as `--pauses sentence=0.5,paragraph=1`."""
    seconds: dict[str, float] = {}
    for part in text.split(","):
        name, equals, value = part.partition("=")
        try:
            seconds[name.strip()] = float(value)
        except ValueError:
            equals = ""
        if not equals:
            raise argparse.ArgumentTypeError(f"{part!r} is not NAME=SECONDS")
    return seconds
