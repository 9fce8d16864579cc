"""`tts prepare`, `tts train`, `tts predict` and `tts pack`: from a corpus to a voice."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tts.cli.arguments import Verbs, add_phonemizer, at_least_one
from tts.cli.progress import ProgressLine

__all__ = ["add_verbs"]

_NAMED = 20


def add_verbs(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Adds `prepare`, `train`, `predict` and `pack`."""
    for add in (_add_prepare, _add_train, _add_predict, _add_pack):
        add(verbs, common)


def _add_prepare(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    prepare = verbs.add_parser(
        "prepare",
        parents=[common],
        help="prepare a corpus for training",
        description="Checks corpora in LJSpeech's layout and computes their features once. A clip's "
        "speaker is the fourth column of metadata.csv, or else the name of its corpus's folder.",
    )
    prepare.add_argument(
        "corpora", type=Path, nargs="+", metavar="CORPUS", help="metadata.csv and wavs/"
    )
    prepare.add_argument("out", type=Path, metavar="OUT", help="where the features go")
    prepare.add_argument(
        "--jobs", type=at_least_one, default=1, metavar="N", help="processes (default: 1)"
    )
    prepare.add_argument(
        "--resample", action="store_true", help="convert recordings of another sample rate"
    )
    prepare.add_argument(
        "--hold-out",
        type=_held_out,
        default="40",
        metavar="N|FILE",
        help="texts to keep apart, with all their clips, to validate with: how many, or a file with the "
        "id of a clip a line (default: %(default)s)",
    )
    prepare.add_argument(
        "--input",
        choices=("phonemes", "characters", "mixed"),
        default="phonemes",
        help="what the model is to read: phonemes, the letters of words, which need no eSpeak NG, or either, "
        "word by word (default: %(default)s)",
    )
    add_phonemizer(prepare, "espeak", "espeak")
    prepare.add_argument(
        "--language",
        default="en-us",
        metavar="CODE",
        help="what is spoken, a language code of eSpeak NG (default: %(default)s)",
    )
    prepare.set_defaults(run=_prepare)


def _add_train(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    train = verbs.add_parser(
        "train",
        parents=[common],
        help="train a model",
        description="Trains the model of a recipe; stop it with Ctrl-C, go on with --resume.",
    )
    train.add_argument("recipe", type=Path, metavar="RECIPE.toml", help="what to train, on what")
    train.add_argument(
        "--set",
        action="append",
        default=[],
        dest="settings",
        metavar="A.B=C",
        help="change a value of the recipe, as often as wanted: --set train.steps=100",
    )
    train.add_argument(
        "--from",
        dest="start_from",
        metavar="VOICE|RUN",
        help="start with the weights of a voice, by name or folder, of a model folder, or of a run",
    )
    train.add_argument("--resume", action="store_true", help="go on where the run was stopped")
    train.set_defaults(run=_train)


def _add_predict(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    predict = verbs.add_parser(
        "predict",
        parents=[common],
        help="predict mels to train a vocoder on",
        description="Writes the mel that a trained acoustic model predicts for each clip of a corpus.",
    )
    predict.add_argument("source", type=Path, metavar="RUN", help="of the acoustic model")
    predict.add_argument("corpus", type=Path, metavar="CORPUS", help="that `tts prepare` left")
    predict.add_argument(
        "out", type=Path, metavar="OUT", help="where ID.safetensors of each clip goes"
    )
    predict.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda"),
        default="auto",
        help="where the model runs (default: %(default)s)",
    )
    predict.set_defaults(run=_predict)


def _add_pack(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    pack = verbs.add_parser(
        "pack",
        parents=[common],
        help="make a trained model a part of a voice",
        description="Writes the averaged weights of a run into the folder of a voice.",
    )
    pack.add_argument("training_run", type=Path, metavar="RUN", help="of either model")
    pack.add_argument("voice", type=Path, metavar="VOICE", help="the folder of the voice")
    pack.add_argument(
        "--name", metavar="NAME", help="of the voice (default of a new one: its folder's)"
    )
    pack.add_argument("--description", metavar="LINE", help="of the voice")
    pack.add_argument(
        "--licence",
        metavar="NAME",
        help="of the voice's weights (default of a new one: unspecified)",
    )
    pack.add_argument(
        "--set",
        action="append",
        default=[],
        dest="settings",
        metavar="KEY=VALUE",
        help="change a setting of the voice, temperature, sharpening, contrast or level_lufs, as often as "
        "wanted: --set temperature=0.6",
    )
    pack.add_argument(
        "--dtype",
        choices=("float16", "float32"),
        default="float16",
        help="how weights are stored (default: %(default)s)",
    )
    pack.add_argument(
        "--average",
        type=at_least_one,
        default=1,
        metavar="N",
        help="average the weights over the last N checkpoints that the run kept (default: %(default)s)",
    )
    pack.set_defaults(run=_pack)


def _held_out(given: str) -> dict[str, Any]:
    """What `--hold-out` says of a preparation: a number of texts, or the ids in a file."""
    if given.isdecimal():
        return {"n_validation_texts": int(given)}
    try:
        ids = Path(given).read_text(encoding="utf-8").split()
    except OSError as error:
        raise argparse.ArgumentTypeError(
            f"{given!r} is no number of texts, and no file of ids: {error.strerror}"
        ) from None
    except UnicodeDecodeError:
        raise argparse.ArgumentTypeError(f"{given}: is not UTF-8 text") from None
    if not ids:
        raise argparse.ArgumentTypeError(f"{given}: holds no id of a clip")
    return {"hold_out": tuple(ids)}


def _prepare(args: argparse.Namespace) -> int:
    from tts.data.manifest import PrepareConfig
    from tts.data.prepare import prepare

    with ProgressLine("preparing clip") as progress:
        summary = prepare(
            args.corpora,
            args.out,
            PrepareConfig(
                resample=args.resample,
                input=args.input,
                language=args.language,
                phonemizer=args.phonemizer,
                **args.hold_out,
            ),
            n_jobs=args.jobs,
            progress=progress.count,
        )
    _tell("warning", summary.warnings)
    _tell("left out", summary.skipped)
    print(
        f"{summary.folder}: {summary.n_train} clips to train on, {summary.n_validation} to validate "
        f"with, {summary.seconds / 60:.1f} minutes; {summary.n_cached} were prepared before"
    )
    if len(summary.speakers) > 1:
        print(f"{len(summary.speakers)} speakers: {', '.join(summary.speakers)}")
    return 0


def _tell(kind: str, lines: Sequence[str]) -> None:
    """Prints lines about single clips, the first of very many."""
    for line in lines[:_NAMED]:
        print(f"{kind}: {line}", file=sys.stderr)
    if len(lines) > _NAMED:
        print(
            f"{kind}: ... and {len(lines) - _NAMED} more: tts data check tells all", file=sys.stderr
        )


def _train(args: argparse.Namespace) -> int:
    from tts.train.loop import train
    from tts.train.processes import is_first_process
    from tts.train.recipe import load_recipe

    log = _log if is_first_process() else _say_nothing
    settings = list(args.settings)
    if args.start_from is not None:
        settings.append(f"train.start_from={json.dumps(args.start_from)}")
    recipe = load_recipe(args.recipe, settings)
    summary = train(recipe, resume=args.resume, log=log, find_start=_find_start)
    if summary.interrupted:
        log(f"{summary.run}: stopped at step {summary.step}; go on with --resume")
        return 130
    loss = "" if summary.validation_loss is None else f", loss {summary.validation_loss:.4f}"
    log(f"{summary.run}: done, step {summary.step}{loss}, {summary.seconds:.0f} s")
    return 0


def _find_start(name: str) -> Path:
    """The folder to start from: one that is there, or that of a voice of this name."""
    from tts.voice import find_voice

    return Path(name) if Path(name).is_dir() else find_voice(name)


def _predict(args: argparse.Namespace) -> int:
    from tts.train.predict import predict_mels

    with ProgressLine("predicting clip") as progress:
        n_clips = predict_mels(
            args.source, args.corpus, args.out, device=args.device, progress=progress.count
        )
    print(f"{args.out}: {n_clips} mels")
    return 0


def _pack(args: argparse.Namespace) -> int:
    from tts.train.pack import pack

    folder = pack(
        args.training_run,
        args.voice,
        name=args.name,
        description=args.description,
        licence=args.licence,
        settings=args.settings,
        dtype=args.dtype,
        n_average=args.average,
    )
    print(folder)
    return 0


def _say_nothing(line: str) -> None:
    """The log of all processes of a run but the first."""


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
