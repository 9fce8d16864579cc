"""`tts say`."""

import argparse
import sys
from pathlib import Path

from tts.cli.output import write_output
from tts.cli.progress import ProgressLine
from tts.errors import AudioError, TextError

__all__ = ["add_verbs"]

_EXAMPLES = """\
examples:
  tts say "Hello, world."                      speak it aloud
  tts say "Hello, world." -o hello.wav         write a WAV file; .flac works as well
  tts say -f chapter.txt -o chapter.wav        read a text of any length from a file
  fortune | tts say                            read standard input
  tts say "Hello." -o - | aplay                write WAV to standard output
  tts say "Hello." --speed 1.2 --seed 7        faster, and another reading of it
"""


def add_verbs(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", common: argparse.ArgumentParser
) -> None:
    """Adds `say`."""
    parser = verbs.add_parser(
        "say",
        parents=[common],
        help="speak text",
        description="Speaks text, from the command line, a file or standard input.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("text", nargs="*", metavar="TEXT", help="what to say; - is standard input")
    parser.add_argument(
        "-f", "--file", metavar="FILE", help="a UTF-8 text file; - is standard input"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="a .wav or .flac file; - writes WAV to standard output; without it, play",
    )
    parser.add_argument(
        "--voice", default="kathleen", metavar="NAME|DIR", help="which voice (default: %(default)s)"
    )
    parser.add_argument(
        "--speaker", metavar="NAME", help="who of the voice's speakers (default: the first)"
    )
    parser.add_argument(
        "--vocoder",
        choices=("trained", "griffin_lim"),
        default="trained",
        help="the voice's own, or Griffin-Lim, to hear its acoustic model alone",
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
    parser.set_defaults(run=_say, usage_error=parser.error)


def _say(args: argparse.Namespace) -> int:
    from tts.audio.play import find_player, play
    from tts.audio.wav import check_output, wav_bytes
    from tts.voice import (
        SynthesisOptions,
        check_speaker,
        find_voice,
        load_voice,
        voice_speakers,
    )

    # What can be refused without the voice is refused before seconds are spent on it.
    source = _source(args)
    SynthesisOptions(speed=args.speed, seed=args.seed, strict=args.strict)
    if args.output == "-":
        if sys.stdout is None:
            raise AudioError("standard output is closed", hint="write a file: -o hello.wav")
        if sys.stdout.isatty():
            raise AudioError(
                "standard output is a terminal, which cannot show WAV",
                hint="pipe it: tts say ... -o - | aplay",
            )
    elif args.output is not None:
        check_output(args.output)
    else:
        find_player()
    folder = find_voice(args.voice)
    if args.speaker is not None:
        check_speaker(args.speaker, voice_speakers(folder), args.voice)
    text = source if isinstance(source, str) else _read(source)

    voice = load_voice(folder, vocoder=args.vocoder)
    with ProgressLine("speaking") as progress:
        audio = voice.synthesize(
            text,
            speed=args.speed,
            seed=args.seed,
            strict=args.strict,
            speaker=args.speaker,
            progress=progress.share,
        )
    if args.output == "-":
        write_output(wav_bytes(audio.samples, audio.sample_rate))
    elif args.output is not None:
        audio.save(args.output)
        print(f"{args.output}: {audio.duration_s:.1f} s", file=sys.stderr)
    else:
        play(audio)
    return 0


def _source(args: argparse.Namespace) -> str | Path | None:
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


def _read(path: Path | None) -> str:
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
