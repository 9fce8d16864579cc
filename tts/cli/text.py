"""`tts normalize` and `tts phonemize`: what is made of a text, before anything is spoken."""

import argparse
import dataclasses
import functools
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tts.cli.arguments import Verbs, add_phonemizer
from tts.cli.source import add_lexicon, add_source, is_ssml, read_source, source_of
from tts.errors import TextError, UnspeakableWarning

if TYPE_CHECKING:
    from tts.text import Explained, Reading, Segment

__all__ = ["add_verbs"]

_EXAMPLES = """\
examples:
  tts {verb} "Dr. Smith paid $3.50 on 3/4/2020."
  tts {verb} -f chapter.txt                    one line for each line of the file
  tts {verb} --explain "St. Mary St."          which rule read what, and where it guessed
  tts {verb} --language en-gb "3/4/2020"       by British conventions
  tts {verb} --lexicon names.txt "Siobhan"     with your pronunciations
"""


def add_verbs(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Adds `normalize` and `phonemize`."""
    _add(verbs, common, "normalize", "the spoken words of a text", _normalize)
    _add(verbs, common, "phonemize", "the phonemes of a text, in IPA", _phonemize)


def _add(
    verbs: Verbs,
    common: argparse.ArgumentParser,
    name: str,
    what: str,
    run: Callable[[argparse.Namespace], int],
) -> None:
    parser = verbs.add_parser(
        name,
        parents=[common],
        help=f"print {what}",
        description=f"Prints {what}, one line for each line.",
        epilog=_EXAMPLES.format(verb=name),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_source(parser, "what to read")
    parser.add_argument(
        "--language",
        default="en-us",
        metavar="CODE",
        help="a language code of eSpeak NG; en-us and en-gb have conventions of their own "
        "(default: %(default)s)",
    )
    add_phonemizer(parser, "espeak", "espeak")
    parser.add_argument(
        "--explain",
        action="store_true",
        help="also print each span of the text: its words, phonemes and rule, and what was unsure",
    )
    add_lexicon(parser)
    parser.add_argument("--json", action="store_true", help="print a JSON object for each line")
    parser.add_argument(
        "--strict", action="store_true", help="refuse characters that cannot be spoken"
    )
    parser.set_defaults(run=run, usage_error=parser.error)


def _normalize(args: argparse.Namespace) -> int:
    return _print_lines(args, lambda readings, phonemize: _spoken(readings))


def _phonemize(args: argparse.Namespace) -> int:
    from tts.text import phonemes_of

    return _print_lines(args, phonemes_of)


def _spoken(readings: "list[Reading]") -> str:
    return " ".join(reading.spoken for reading in readings)


def _segments(
    args: argparse.Namespace, text: str
) -> "tuple[list[tuple[str, Segment]], tuple[Path, ...]]":
    """What is read line by line, what its positions are in (each line, or the SSML), and its lexicons."""
    from tts.text import Segment, parse_ssml

    if not is_ssml(args):
        return [(line, Segment(text=line)) for line in text.splitlines()], ()
    document = parse_ssml(text, language=args.language)
    lines = [(text, segment) for segment in document.segments if segment.text.strip()]
    return lines, document.lexicons


def _print_lines(
    args: argparse.Namespace, line_of: "Callable[[list[Reading], Callable[[str], str]], str]"
) -> int:
    from tts.text import (
        ENGLISH_IPA,
        Pronouncer,
        Segment,
        SymbolTable,
        build_phonemizer,
        check_language,
        explain,
        is_english,
        load_lexicon,
        phonemes_among,
        read_aloud,
        unspeakable,
    )

    check_language(args.language)
    source = source_of(args)
    text = source if isinstance(source, str) else read_source(source)
    lines, more = _segments(args, text)
    lexicon = load_lexicon(*args.lexicon, *more)

    @functools.cache
    def pronouncer(language: str) -> Pronouncer:
        known = phonemes_among(SymbolTable(ENGLISH_IPA)) if is_english(language) else None
        is_own = language == args.language
        phonemize = build_phonemizer(args.phonemizer if is_own else "espeak", language)
        return Pronouncer(phonemize, language, lexicon if is_own else load_lexicon(), known)

    whole = [segment for _, segment in lines] if is_ssml(args) else [Segment(text=text)]
    for segment in whole:
        pronouncer(segment.language or args.language).check(segment.text)
    strange = unspeakable(whole, args.language, functools.partial(build_phonemizer, "espeak"))
    if strange:
        if args.strict:
            raise TextError(strange, hint="remove it, or read without --strict")
        warnings.warn(f"left out: {strange}", UnspeakableWarning, stacklevel=2)
    for line, segment in lines:
        language = segment.language or args.language
        phonemize = pronouncer(language)
        readings = read_aloud(segment, language, phonemize)
        said = line_of(readings, phonemize)
        explained = explain(line, readings, phonemize) if args.explain else []
        if args.json:
            kept = _object(segment.text, readings, said, explained, args)
            print(json.dumps(kept, ensure_ascii=False))
            continue
        print(said)
        for row in _rows(explained):
            print(row)
    return 0


def _object(
    line: str,
    readings: "list[Reading]",
    said: str,
    explained: "list[Explained]",
    args: argparse.Namespace,
) -> dict[str, Any]:
    """A line for machines; the positions of its spans are in the line, or in the document of SSML."""
    kept: dict[str, Any] = {"text": line, "spoken": _spoken(readings)}
    if args.run is _phonemize:
        kept["phonemes"] = said
    if args.explain:
        kept["spans"] = [dataclasses.asdict(part) for part in explained]
    return kept


def _rows(explained: "list[Explained]") -> list[str]:
    """A table of the spans for people."""
    cells = [
        (
            f"{part.start}-{part.end}",
            " ".join(part.written.split()),
            part.spoken,
            part.phonemes,
            ", ".join(part.rules) + "".join(f"  unsure: {doubt}" for doubt in part.unsure),
        )
        for part in explained
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
