"""`tts data check`: what is wrong with a corpus, before anything is trained on it."""

import argparse
import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tts.cli.arguments import Verbs, at_least_one
from tts.cli.progress import ProgressLine

if TYPE_CHECKING:
    from tts.data.check import CheckReport

__all__ = ["add_verbs"]

_NAMED = 5


def add_verbs(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Adds `data`."""
    data = verbs.add_parser(
        "data", help="look at a corpus", description="Looks at corpora in LJSpeech's layout."
    )
    actions = data.add_subparsers(title="actions", metavar="ACTION", required=True)
    check = actions.add_parser(
        "check",
        parents=[common],
        help="tell what is wrong with a corpus",
        description="Looks at every text and every recording; exits with 1 when something of them stops "
        "`tts prepare`, which is told, as all else that is wrong or unusual.",
    )
    check.add_argument(
        "corpora", type=Path, nargs="+", metavar="CORPUS", help="metadata.csv and wavs/"
    )
    check.add_argument(
        "--report", type=Path, metavar="FILE.html", help="also write a page with plots and players"
    )
    check.add_argument("--json", action="store_true", help="print all findings and figures as JSON")
    check.add_argument(
        "--jobs", type=at_least_one, default=1, metavar="N", help="processes (default: 1)"
    )
    check.add_argument(
        "--resample", action="store_true", help="as of `tts prepare`: another sample rate will do"
    )
    check.add_argument(
        "--input",
        choices=("phonemes", "characters", "mixed"),
        default="phonemes",
        help="as of `tts prepare`: what the model is to read (default: %(default)s)",
    )
    check.add_argument(
        "--language",
        default="en-us",
        metavar="CODE",
        help="as of `tts prepare`: what is spoken (default: %(default)s)",
    )
    check.set_defaults(run=_check)


def _check(args: argparse.Namespace) -> int:
    from tts.data.check import check
    from tts.data.manifest import PrepareConfig

    with ProgressLine("checking clip") as progress:
        config = PrepareConfig(resample=args.resample, input=args.input, language=args.language)
        report = check(args.corpora, config, n_jobs=args.jobs, progress=progress.count)
    if args.report is not None:
        from tts.data.report import write_report

        write_report(report, args.report)
    if args.json:
        print(json.dumps(report.to_dict(), ensure_ascii=False, indent=1))
    else:
        _print(report, args.report)
    return 1 if report.blocks else 0


def _print(report: "CheckReport", page: Path | None) -> None:
    """The report for people: what the corpus is, what was found, and what follows."""
    names = " and ".join(str(folder) for folder in report.corpora)
    print(f"{names}: {len(report.clips)} clips, {report.seconds / 60:.1f} minutes")
    heard = [clip for clip in report.clips if clip.sound]
    sounds = [clip.sound for clip in heard if clip.sound]
    if sounds:
        _print_spread("length", "s", [sound.seconds for sound in sounds])
        _print_spread("characters", "a second", [clip.chars_per_s for clip in heard])
        _print_spread("loudness", "LUFS", [sound.level_lufs for sound in sounds])
        _print_spread("over noise", "dB", [sound.snr_db for sound in sounds])
        _print_spread("silence", "s", [sound.lead_s + sound.tail_s for sound in sounds])
    for group in report.groups():
        print(f"\n{group.severity}: {group.meaning} ({len(group.findings)})")
        for finding in group.findings[:_NAMED]:
            print(f"  {finding.message}")
        if len(group.findings) > _NAMED:
            print(f"  ... and {len(group.findings) - _NAMED} more: see --report or --json")
        print(f"  -> {group.hint}")
    n_errors = sum(finding.severity == "error" for finding in report.findings)
    problems = f"{n_errors} problem{'s' * (n_errors > 1)}"
    stops = f"{problems} must be mended before" if n_errors else "nothing stops"
    print(f"\n{stops} `tts prepare`" + (f"; the page: {page}" if page else ""))


def _print_spread(name: str, unit: str, values: Sequence[float]) -> None:
    middle = statistics.median(values)
    print(f"  {name:<12} {min(values):.1f} to {max(values):.1f} {unit}, median {middle:.1f}")
