"""`tts say`."""

import argparse
import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tts.cli.arguments import Verbs, add_manner, add_phonemizer, seconds_by_name
from tts.cli.book import check_book_output, say_book
from tts.cli.output import write_output
from tts.cli.progress import ProgressLine
from tts.cli.source import add_lexicon, add_source, is_ssml, read_source, source_of
from tts.errors import AudioError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tts.audio.wav import FloatArray
    from tts.voice import Speech, Voice

__all__ = ["add_verbs"]

_EXAMPLES = """\
examples:
  tts say "Hello, world."                      speak it aloud
  tts say "Hello, world." -o hello.wav         write a WAV file; .flac works as well
  tts say -f chapter.txt -o chapter.wav        read a text of any length from a file
  tts say -f book.epub -o book/                a FLAC file a chapter; .md and .html work as well
  tts say -f book.epub -o book.m4b             one file with chapter marks (ffmpeg), or book.flac
  fortune | tts say                            read standard input
  tts say "Hello." -o - | aplay                write WAV to standard output
  tts say -f talk.txt -o - --stream | aplay    the first sound comes at once
  tts say "Hello." --speed 1.2 --seed 7        faster, and another reading of it
  tts say -f letter.ssml -o letter.wav         read a document of SSML
  tts say "[[təmˈeɪɾoʊ]]" --lexicon names.txt  your phonemes, and a file of pronunciations
  tts say -f talk.txt -o talk.wav --timings talk.srt   subtitles as well; .json .vtt .TextGrid

exit code 3: it was spoken, but an utterance is bad by its audit, after all retakes; --json tells how
"""


def add_verbs(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Adds `say`."""
    parser = verbs.add_parser(
        "say",
        parents=[common],
        help="speak text",
        description="Speaks text, from the command line, a file or standard input.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_source(parser, "what to say")
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="a .wav or .flac file; - writes WAV to standard output; without it, play; with "
        "-f also .m4b, or a folder, which gets a file a chapter",
    )
    add_manner(parser)
    parser.add_argument(
        "--vocoder",
        choices=("trained", "griffin_lim"),
        default="trained",
        help="the voice's own, or Griffin-Lim, to hear its acoustic model alone",
    )
    add_lexicon(parser)
    add_phonemizer(parser, None, "the voice's")
    parser.add_argument(
        "--stream",
        action="store_true",
        help="with -o -: write while it is spoken, at one gain that the first sentence sets",
    )
    parser.add_argument(
        "--threads",
        type=int,
        metavar="N",
        help="how many sentences are made at once, which changes no sample (default: one a core, up to 4)",
    )
    parser.add_argument(
        "--pauses",
        type=seconds_by_name,
        metavar="NAME=S,...",
        help="seconds of silence after a clause, sentence or paragraph, such as "
        "sentence=0.5,paragraph=1 (default: the voice's)",
    )
    parser.add_argument(
        "--timings",
        action="append",
        default=[],
        metavar="FILE",
        help="write when each word is spoken: .json, .srt, .vtt or .TextGrid; may be given again",
    )
    parser.add_argument(
        "--json", action="store_true", help="print what was spoken and its audit, for machines"
    )
    parser.set_defaults(run=_say, usage_error=parser.error)


def _say(args: argparse.Namespace) -> int:
    from tts.audio.play import find_player, play
    from tts.audio.wav import check_output, wav_bytes
    from tts.text.lexicon import load_lexicon
    from tts.voice import (
        SynthesisOptions,
        check_speaker,
        find_voice,
        load_voice,
        voice_speakers,
    )
    from tts.voice.captions import check_timings, write_timings

    # What can be refused without the voice is refused before seconds are spent on it.
    source = source_of(args)
    SynthesisOptions(
        speed=args.speed,
        seed=args.seed,
        strict=args.strict,
        threads=args.threads,
        pauses=args.pauses,
    )
    is_file = args.output not in (None, "-")
    is_told = bool(args.json or args.timings)  # of one sound, which is in memory
    is_book = isinstance(source, Path) and is_file and not is_ssml(args)
    if args.stream and (args.output != "-" or is_told):
        args.usage_error("--stream wants -o -, and neither --json nor --timings")
    if args.output == "-":
        if args.json:
            args.usage_error("--json and -o - both want standard output: write a file with -o")
        if sys.stdout is None:
            raise AudioError("standard output is closed", hint="write a file: -o hello.wav")
        if sys.stdout.isatty():
            raise AudioError(
                "standard output is a terminal, which cannot show WAV",
                hint="pipe it: tts say ... -o - | aplay",
            )
    elif is_book and not is_told:
        check_book_output(args.output)
    elif args.output is not None:
        check_output(args.output)
    else:
        find_player()
    for path in args.timings:
        check_timings(path)
    folder = find_voice(args.voice)
    if args.speaker is not None:
        check_speaker(args.speaker, voice_speakers(folder), args.voice)
    if isinstance(source, Path) and is_book and not is_told:
        return say_book(args, source, folder)
    text = source if isinstance(source, str) else read_source(source)
    lexicon = load_lexicon(*args.lexicon)

    voice = load_voice(folder, vocoder=args.vocoder, lexicon=lexicon, phonemizer=args.phonemizer)
    with ProgressLine("speaking") as progress:
        options: dict[str, Any] = {
            "speed": args.speed,
            "seed": args.seed,
            "strict": args.strict,
            "speaker": args.speaker,
            "threads": args.threads,
            "pauses": args.pauses,
            "ssml": is_ssml(args),
            "progress": progress.share,
        }
        if args.stream:
            return _stream(voice, text, options)
        audio = voice.synthesize(text, **options)
    if args.output == "-":
        write_output(wav_bytes(audio.samples, audio.sample_rate))
    elif args.output is not None:
        audio.save(args.output)
        print(f"{args.output}: {audio.duration_s:.1f} s", file=sys.stderr)
    else:
        play(audio)
    for path in args.timings:
        write_timings(path, audio)
    if args.json:
        print(json.dumps(_summary(args, audio), ensure_ascii=False, indent=1))
    return 0 if audio.report.good else 3


def _stream(voice: "Voice", text: str, options: dict[str, Any]) -> int:
    """Writes WAV to standard output while it is spoken. A reader that is slow slows the voice down."""
    from tts.audio.wav import wav_stream

    good = True

    def blocks(pieces: "Iterable[Speech]") -> "Iterator[FloatArray]":
        nonlocal good
        for piece in pieces:
            good = good and piece.report.good
            yield piece.samples

    with contextlib.closing(voice.stream(text, **options)) as pieces:
        for content in wav_stream(voice.sample_rate, blocks(pieces)):
            write_output(content)
    return 0 if good else 3


def _summary(args: argparse.Namespace, audio: "Speech") -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "voice": args.voice,
        "speaker": args.speaker,
        "speed": args.speed,
        "seed": args.seed,
        "output": args.output,
        "timings": args.timings,
        "sample_rate": audio.sample_rate,
        "duration_s": audio.duration_s,
        **audio.report.to_dict(),
    }
