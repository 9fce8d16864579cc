"""`tts say -f FILE -o OUT`: a file into a file, or chapters into a folder or one file with marks."""

import argparse
import contextlib
import dataclasses
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tts.cli.progress import ProgressLine
from tts.errors import AuditWarning

if TYPE_CHECKING:
    from tts.books import Book, SpokenChapter
    from tts.text.lexicon import Lexicon
    from tts.voice import SynthesisOptions, Voice

__all__ = ["check_book_output", "say_book"]

_M4B, _FLAC = ".m4b", ".flac"


def check_book_output(output: str) -> None:
    """Refuses an output that a file cannot be spoken into, before anything is computed for it.

    Raises:
        AudioError: as `check_output` does, and for M4B where ffmpeg is missing.
    """
    from tts.audio.wav import check_output, check_place
    from tts.books import find_ffmpeg

    if _is_folder(output):
        return
    if Path(output).suffix.lower() == _M4B:
        find_ffmpeg()
        check_place(Path(output))
    else:
        check_output(output)


def say_book(args: argparse.Namespace, source: Path, voice_folder: Path) -> int:
    """Speaks the file `source` into `args.output`."""
    from tts.books import read_book
    from tts.text.lexicon import load_lexicon
    from tts.voice import SynthesisOptions, load_voice

    book = read_book(source)
    options = SynthesisOptions(
        speed=args.speed,
        seed=args.seed,
        strict=args.strict,
        speaker=args.speaker,
        threads=args.threads,
        pauses=args.pauses,
    )
    lexicon = load_lexicon(*args.lexicon)
    voice = load_voice(
        voice_folder, vocoder=args.vocoder, lexicon=lexicon, phonemizer=args.phonemizer
    )
    digest = _digest(voice_folder, args.phonemizer, lexicon)
    with _audited() as bad:
        _say(args, voice, book, options, digest)
    return 3 if bad else 0


def _say(
    args: argparse.Namespace,
    voice: "Voice",
    book: "Book",
    options: "SynthesisOptions",
    digest: str,
) -> None:
    output, suffix = Path(args.output), Path(args.output).suffix.lower()
    if _is_folder(args.output):
        for chapter in _say_chapters(voice, book, output, options, digest):
            kept = ", kept" if chapter.kept else ""
            print(f"{chapter.path}: {chapter.duration_s:.1f} s{kept}", file=sys.stderr)
    elif suffix == _M4B or (suffix == _FLAC and len(book.chapters) > 1):
        _say_joined(voice, book, output, options, digest)
    else:
        with ProgressLine("speaking") as progress:
            duration_s = voice.write(
                book.text,
                output,
                **dataclasses.asdict(options),
                progress=progress.share,
                tags={"title": book.title},
            )
        print(f"{output}: {duration_s:.1f} s", file=sys.stderr)


@contextlib.contextmanager
def _audited() -> Iterator[list[str]]:
    """What the audit warns of while the block runs; it is shown as ever."""
    bad: list[str] = []
    show = warnings.showwarning

    def noted(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        if issubclass(category, AuditWarning):
            bad.append(str(message))
        show(message, category, *where, **more)

    warnings.showwarning = noted
    try:
        yield bad
    finally:
        warnings.showwarning = show


def _say_joined(
    voice: "Voice", book: "Book", output: Path, options: "SynthesisOptions", digest: str
) -> None:
    """One file of all chapters; until it is whole, they are kept in a folder beside it."""
    from tts.books import remove_chapters, write_flac_book, write_m4b
    from tts.voice import speech_tags

    folder = output.with_name(f"{output.name}.chapters")
    chapters = _say_chapters(voice, book, folder, options, digest)
    n_kept = sum(chapter.kept for chapter in chapters)
    write = write_m4b if output.suffix.lower() == _M4B else write_flac_book
    duration_s = write(output, book, chapters, speech_tags(voice, options))
    remove_chapters(folder, chapters)
    kept = f", {n_kept} of them kept" if n_kept else ""
    print(f"{output}: {len(chapters)} chapters{kept}, {duration_s:.1f} s", file=sys.stderr)


def _say_chapters(
    voice: "Voice", book: "Book", folder: Path, options: "SynthesisOptions", digest: str
) -> "tuple[SpokenChapter, ...]":
    from tts.books import speak_chapters

    with ProgressLine("speaking") as progress:
        shown = _of_the_book(book, progress.share)
        return speak_chapters(voice, book, folder, options=options, digest=digest, progress=shown)


def _digest(voice_folder: Path, phonemizer: str | None, lexicon: "Lexicon") -> str:
    """What tells a voice with a phonemizer and a lexicon from any other."""
    from tts.checkpoint import voice_digest

    said = [f"{entry.word} = {entry.phonemes} {entry.respelled}" for entry in lexicon.entries]
    return "\n".join([voice_digest(voice_folder), phonemizer or "", *said])


def _of_the_book(book: "Book", show: Callable[[float], object]) -> Callable[[int, float], object]:
    """Shows the share of the whole book, given that of a chapter."""
    sizes = [len(chapter.text) for chapter in book.chapters]

    def progress(index: int, share: float) -> object:
        return show((sum(sizes[:index]) + share * sizes[index]) / sum(sizes))

    return progress


def _is_folder(output: str) -> bool:
    separators = tuple(filter(None, (os.sep, os.altsep)))
    return output.endswith(separators) or os.path.isdir(output)
