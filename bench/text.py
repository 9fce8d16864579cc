"""How fast text becomes what a model reads, and how long the text path takes to import.

    python bench/text.py [FILE] [--language en-us] [--phonemizer espeak] [--repeats 9]

A page of 3,000 characters, of the file or of our own; everything is warm: it has been run once. Prints a
Markdown table of the smallest times of this process alone, in milliseconds.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tts.text import (
    ENGLISH_IPA,
    PHONEMIZERS,
    SymbolTable,
    TextFrontEnd,
    build_phonemizer,
    split_long,
    split_sentences,
    trace,
)

PAGE = 3000
PROSE = """\
The birch canoe slid on the smooth planks, and the river carried it away; nobody looked for it until the
winter came. On Tuesday, March 12, 1906, at 2:30 p.m., Dr. Lee paid $3.50 for it, "and not a cent more," as
she said. It is easy to tell the depth of a well when the water is clear. These days a chicken leg is a rare
dish in the house by the sea, and rice is often served in round bowls.
"""
IMPORT = """\
import time
start = time.process_time()
import tts.text
print(1000 * (time.process_time() - start))
"""


def best_ms(work: Callable[[], object], repeats: int) -> float:
    """The smallest time of some runs, after one that is not counted."""
    work()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1000 * min(times)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("file", nargs="?", type=Path, help="a text; its first 3,000 characters")
    parser.add_argument("--language", default="en-us", help="default: %(default)s")
    parser.add_argument(
        "--phonemizer", choices=PHONEMIZERS, default="espeak", help="default: %(default)s"
    )
    parser.add_argument("--repeats", type=int, default=9, help="default: %(default)s")
    options = parser.parse_args()
    text = options.file.read_text(encoding="utf-8") if options.file else PROSE * 8
    page = text[:PAGE]
    front_end = TextFrontEnd(
        SymbolTable(ENGLISH_IPA), options.language, phonemizer=options.phonemizer
    )
    phonemize = build_phonemizer(options.phonemizer, options.language)

    pieces = [
        piece.text
        for sentence in split_sentences(page)
        for piece in split_long(sentence, front_end.max_chars)
    ]
    spoken = [trace(piece, options.language) for piece in pieces]
    rows: dict[str, Callable[[], object]] = {
        "sentences": lambda: split_sentences(page),
        "spoken words": lambda: [trace(piece, options.language) for piece in pieces],
        "spans": lambda: [list(traced.spans()) for traced in spoken],
        "phonemes": lambda: [phonemize(traced.text) for traced in spoken],
        "the whole text path": lambda: list(front_end.utterances(page)),
    }
    print(f"{len(page)} characters in {len(pieces)} utterances\n\n| part | ms |\n|---|---|")
    for name, work in rows.items():
        print(f"| {name} | {best_ms(work, options.repeats):.1f} |")
    imports = [
        float(
            subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, check=True).stdout
        )
        for _ in range(options.repeats)
    ]
    print(f"| import of `tts.text` | {min(imports):.0f} |")


if __name__ == "__main__":
    main()
