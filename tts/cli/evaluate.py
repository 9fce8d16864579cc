"""`tts evaluate`."""

import argparse
import json
import sys
from pathlib import Path

from tts.cli.arguments import Verbs
from tts.cli.progress import ProgressLine

__all__ = ["add_verbs"]

_EXAMPLES = """\
examples:
  tts evaluate kathleen --corpus CORPUS --prepared CACHE --asr whisper-base --report out.html
  tts evaluate voices/lj --hard --asr whisper-base --json hard.json
  tts evaluate sounds-of-another/ --corpus CORPUS --prepared CACHE --asr whisper-base

CORPUS is in LJSpeech's layout, CACHE what `tts prepare` made of it: the clips that it held out are spoken. A
folder of sounds holds ID.wav or ID.flac for each sentence, as --keep writes them.
"""


def add_verbs(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Adds `evaluate`."""
    parser = verbs.add_parser(
        "evaluate",
        parents=[common],
        help="measure a voice, or a folder of sounds",
        description="Measures a voice beside natural recordings, copy synthesis and Griffin-Lim.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("target", metavar="VOICE|DIR", help="a voice, or a folder of sounds")
    spoken = parser.add_argument_group("what is spoken")
    spoken.add_argument("--corpus", type=Path, metavar="CORPUS", help="recordings of the speaker")
    spoken.add_argument(
        "--prepared", type=Path, metavar="CACHE", help="what `tts prepare` made of them"
    )
    texts = spoken.add_mutually_exclusive_group()
    texts.add_argument("--texts", type=Path, metavar="FILE", help="the lines of a text file")
    texts.add_argument("--plain", action="store_true", help="the 60 plain sentences that ship")
    texts.add_argument("--hard", action="store_true", help="the 100 hard sentences that ship")
    spoken.add_argument(
        "-n", type=int, metavar="N", help="how many (default: 30 held-out clips, or all lines)"
    )
    measured = parser.add_argument_group("how")
    measured.add_argument(
        "--asr", type=Path, metavar="DIR", help="local folder of a faster-whisper model"
    )
    measured.add_argument(
        "--systems",
        metavar="A,B",
        help="only these of voice, natural, copy, griffin_lim (default: all there can be)",
    )
    measured.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of the voice (default: %(default)s)"
    )
    measured.add_argument(
        "--speaker", metavar="NAME", help="who of the voice's speakers (default: the first)"
    )
    results = parser.add_argument_group("what is written besides the table")
    results.add_argument(
        "--report", type=Path, metavar="OUT.html", help="one page with plots and players"
    )
    results.add_argument("--json", type=Path, metavar="OUT.json", help="all figures, for machines")
    results.add_argument("--keep", type=Path, metavar="DIR", help="the sounds: DIR/SYSTEM/ID.flac")
    parser.set_defaults(run=_evaluate, usage_error=parser.error)


def _evaluate(args: argparse.Namespace) -> int:
    from tts.evaluate.documents import check_place, write_document
    from tts.evaluate.plan import plan_evaluation
    from tts.evaluate.report import check_report, write_report
    from tts.evaluate.table import format_table

    # What can be refused at once is refused before minutes are spent.
    if args.json is not None:
        check_place(args.json)
    if args.report is not None:
        check_report(args.report)
    plan = plan_evaluation(
        args.target,
        corpus=args.corpus,
        prepared=args.prepared,
        texts="plain" if args.plain else "hard" if args.hard else args.texts,
        n=args.n,
        systems=None if args.systems is None else args.systems.split(","),
        asr=args.asr,
        seed=args.seed,
        speaker=args.speaker,
    )
    with ProgressLine("measuring sound") as progress:
        evaluation = plan.run(keep=args.keep, progress=progress.count)
    for line in evaluation.left_out:
        print(f"left out: {line}", file=sys.stderr)
    print(format_table(evaluation))
    if args.json is not None:
        write_document(
            args.json, json.dumps(evaluation.to_dict(), indent=1, allow_nan=False) + "\n"
        )
    if args.report is not None:
        write_report(evaluation, args.report)
    return 0
