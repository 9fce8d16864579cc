"""`tts batch`."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tts.cli.arguments import Verbs, add_manner, at_least_one
from tts.cli.progress import ProgressLine

if TYPE_CHECKING:
    from tts.batch import Outcome, Summary

__all__ = ["add_verbs"]

_EPILOG = """\
the manifest, a line of JSON for each text; only "text" must be there:
  {"id": "greeting", "text": "Hello."}
  {"id": "farewell", "text": "Goodbye.", "voice": "voices/lj", "speaker": "anna", "speed": 1.1, "seed": 7}

examples:
  tts batch prompts.jsonl sounds                         sounds/greeting.wav ...; results.jsonl tells all
  tts batch prompts.jsonl sounds --jobs 8                in eight processes
  tts batch prompts.jsonl sounds --shard 2/4             every fourth line, on the second of four machines
  tts batch prompts.jsonl /shared/sounds --engine ray    on the cluster of RAY_ADDRESS

The same command again speaks what is missing, what failed, and what has changed since.
exit code 1: lines failed; 3: all were spoken, but some did not pass their audit
"""


def add_verbs(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Adds `batch`."""
    parser = verbs.add_parser(
        "batch",
        parents=[common],
        help="speak many texts into many files",
        description="Speaks each line of a manifest into a file; a bad line does not stop the rest.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("manifest", type=Path, metavar="MANIFEST", help="a file of JSON lines")
    parser.add_argument("folder", type=Path, metavar="OUT", help="the folder for the sounds")
    parser.add_argument(
        "--format",
        choices=("wav", "flac"),
        default="wav",
        help="of the sounds (default: %(default)s)",
    )
    parser.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="processes of this machine, or Ray (default: %(default)s)",
    )
    parser.add_argument(
        "--jobs",
        type=at_least_one,
        metavar="N",
        help="texts spoken at once (default: 1; with Ray, one a processor)",
    )
    parser.add_argument(
        "--shard",
        type=_shard,
        default=(1, 1),
        metavar="I/N",
        help="the I-th of N parts of the lines",
    )
    add_manner(parser.add_argument_group("what holds for lines that do not say otherwise"))
    parser.set_defaults(run=_batch)


def _batch(args: argparse.Namespace) -> int:
    from tts.batch import Manner, Shard, local_engine, ray_engine, speak_batch
    from tts.voice import SynthesisOptions

    SynthesisOptions(speed=args.speed, seed=args.seed)
    engine = ray_engine(args.jobs) if args.engine == "ray" else local_engine(args.jobs or 1)
    with ProgressLine("speaking") as progress:

        def report(outcome: "Outcome", summary: "Summary") -> None:
            if outcome.status == "failed":
                progress.wipe()
                print(f"error: {outcome.id}: {outcome.error}", file=sys.stderr)
            for warning in outcome.warnings:
                progress.wipe()
                print(f"warning: {outcome.id}: {warning}", file=sys.stderr)
            done = summary.spoken + summary.kept + summary.failed
            progress.count(done, summary.total, summary.left_s)

        summary = speak_batch(
            args.manifest,
            args.folder,
            engine,
            defaults=Manner(
                voice=args.voice,
                speaker=args.speaker,
                speed=args.speed,
                seed=args.seed,
                strict=args.strict,
            ),
            shard=Shard(*args.shard),
            suffix=f".{args.format}",
            report=report,
        )
    counts = {
        "were there": summary.kept,
        "failed": summary.failed,
        "badly spoken": summary.bad,
    }
    told = "".join(f"; {n} {what}" for what, n in counts.items() if n)
    seconds = f"{summary.audio_s:.1f} s in {summary.seconds:.1f} s"
    print(f"{args.folder}: {summary.spoken} spoken, {seconds}{told}", file=sys.stderr)
    if summary.failed:
        return 1
    return 3 if summary.bad else 0


def _shard(text: str) -> tuple[int, int]:
    index, slash, count = text.partition("/")
    if not (slash and index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count)):
        raise argparse.ArgumentTypeError(f"{text!r} is no part such as 2/4")
    return int(index), int(count)
