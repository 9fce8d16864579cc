"""What a run leaves behind.

RUN/
  checkpoints/step-00005000.pt    all that is needed to go on exactly; the last `[train] keep` are kept
  metrics.jsonl                   {"step": 50, "split": "train", "loss": 1.2, ...}, one a line
  samples/step-00005000/          what the model said by itself
  events.out.tfevents...          the metrics again, for TensorBoard
"""

import dataclasses
import os
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor

from tts.acoustic import AcousticModel, acoustic_models
from tts.audio.mel import MelConfig
from tts.config import from_dict
from tts.errors import TrainingError
from tts.files import whole_file
from tts.train.recipe import Recipe, recipe_from_dict
from tts.vocoder import Vocoder, vocoders

__all__ = [
    "Snapshot",
    "TrainedModel",
    "build_model",
    "foreign_file",
    "last_snapshot",
    "load_averaged",
    "load_snapshot",
    "save_snapshot",
    "snapshots",
]

_OURS = (
    "checkpoints",
    "metrics.jsonl",
    ".metrics.jsonl.*.part",
    "samples",
    "events.out.tfevents.*",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """All that a run needs to go on exactly, as tensors and plain values.

    Attributes:
        recipe: as `recipe_to_dict` gives it.
        corpus: name, key and phonemizer of the corpus; older snapshots lack the last, which was eSpeak NG.
        mel, symbols, language: what the model reads or writes, as the corpus says.
        speakers: the names of the model's speakers, in the order of their ids; none for a model of one, and
            in snapshots that are older than this field.
        step: updates done.
        seconds: time spent on them.
        device: what they ran on.
        model, averaged: state dicts of the weights, and of their moving average.
        optimizer: its state dict.
        scaler: the state of the scale of float16 gradients.
        plateau: the lowest validation loss so far, its step, and the number of validations since.
        started_from: the provenance of the weights that it started with, if they were not fresh.
    """

    recipe: dict[str, Any]
    corpus: dict[str, str]
    mel: dict[str, Any]
    symbols: list[str]
    language: str
    step: int
    seconds: float
    device: str
    model: dict[str, Tensor]
    averaged: dict[str, Tensor]
    optimizer: dict[str, Any]
    scaler: dict[str, Any] = field(default_factory=dict)
    plateau: dict[str, Any] = field(default_factory=dict)
    started_from: dict[str, Any] | None = None
    speakers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainedModel:
    """The averaged weights of a run as a model in eval mode, with where it comes from."""

    model: AcousticModel | Vocoder
    recipe: Recipe
    snapshot: Snapshot


def build_model(recipe: Recipe, mel: MelConfig, n_symbols: int) -> AcousticModel | Vocoder:
    """The untrained model of a recipe. Raises TrainingError when its sizes do not fit the mel."""
    try:
        if recipe.kind == "acoustic":
            return acoustic_models.build(recipe.model, recipe.model_config, mel, n_symbols)
        return vocoders.build(recipe.model, recipe.model_config, mel)
    except ValueError as error:
        raise TrainingError(
            f"{recipe.model} cannot be built for this corpus: {error}",
            hint=f"change [{recipe.kind}] in the recipe, or prepare the corpus with another mel",
        ) from None


def last_snapshot(run: Path) -> Path | None:
    """The newest snapshot of a run."""
    return max(snapshots(run), default=None)


def snapshots(run: Path) -> list[Path]:
    """The snapshots of a run, the newest last."""
    return sorted((run / "checkpoints").glob("step-*.pt"))


def foreign_file(run: Path) -> str | None:
    """The name of something in a folder that no run of ours has left there, if there is any."""
    names = sorted(path.name for path in run.iterdir())
    return next((n for n in names if not any(fnmatch(n, ours) for ours in _OURS)), None)


def save_snapshot(run: Path, snapshot: Snapshot, *, keep: int) -> None:
    """Writes a snapshot, whole or not at all, and removes all but the last ones.

    What seems to be of a later step is broken, or the run would have gone on from it: it goes as well, and so
    do the beginnings of files whose process was killed.
    """
    folder = run / "checkpoints"
    values = {f.name: getattr(snapshot, f.name) for f in dataclasses.fields(snapshot)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(folder / f"step-{snapshot.step:08}.pt") as path, path.open("wb") as file:
            torch.save(values, file)  # given the path, it would not say that the disk is full
            file.flush()
            os.fsync(file.fileno())  # an older one is removed for it
    except (OSError, RuntimeError) as error:
        last = last_snapshot(run)
        kept = f"; the last good checkpoint is {last}" if last is not None else ""
        raise TrainingError(
            f"{folder}: step {snapshot.step} cannot be written: {_reason(error)}{kept}",
            hint="make room, and go on with --resume",
        ) from None
    paths = snapshots(run)
    done = paths.index(folder / f"step-{snapshot.step:08}.pt") + 1
    for old in [*paths[: max(0, done - keep)], *paths[done:], *folder.glob(".step-*.part")]:
        old.unlink(missing_ok=True)


def _reason(error: BaseException) -> str:
    """Why a file could not be written, from below the error that PyTorch's zip writer makes of it."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, OSError) and link.strerror:
            return link.strerror
        link = link.__cause__ or link.__context__
    return str(error)


def load_snapshot(path: Path) -> Snapshot:
    """A snapshot, on the CPU; nothing but tensors and plain values is unpickled."""
    hint = "remove it to go back to the one before"
    try:
        values = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, UnpicklingError) as error:
        reason = (str(error) or "it is cut off").splitlines()[0]
        raise TrainingError(f"{path}: cannot be read: {reason}", hint=hint) from None
    names = {f.name for f in dataclasses.fields(Snapshot)}
    optional = {"scaler", "plateau", "started_from", "speakers"}
    if not isinstance(values, dict) or not names - optional <= set(values) <= names | {"rng"}:
        raise TrainingError(f"{path}: is no snapshot of this version of tts", hint=hint)
    values.pop("rng", None)  # of a run from before steps had seeds of their own
    return Snapshot(**values)


def load_averaged(run: Path, n: int = 1) -> TrainedModel:
    """The averaged weights of a run's newest snapshot, or their mean over the newest `n`.

    Raises:
        TrainingError: when there are not so many.
    """
    paths = snapshots(run)
    if not paths:
        raise TrainingError(
            f"{run}: holds no checkpoint", hint="give the folder of a run of `tts train`"
        )
    if len(paths) < n:
        raise TrainingError(
            f"{run}: holds {len(paths)} checkpoints, fewer than {n}",
            hint="average fewer, or train on with a larger [train] keep",
        )
    path, snapshot = paths[-1], load_snapshot(paths[-1])
    recipe = recipe_from_dict(snapshot.recipe, where=str(path))
    mel = from_dict(MelConfig, snapshot.mel, where=f"{path}: mel")
    model = build_model(recipe, mel, len(snapshot.symbols))
    model.load_state_dict(
        _mean([load_snapshot(p).averaged for p in paths[-n:-1]], snapshot.averaged)
    )
    return TrainedModel(model=model.eval(), recipe=recipe, snapshot=snapshot)


def _mean(others: list[dict[str, Tensor]], newest: dict[str, Tensor]) -> dict[str, Tensor]:
    """The mean of state dicts; what is counted and not measured is the newest's."""
    return {
        name: torch.stack([*(other[name] for other in others), tensor]).mean(dim=0)
        if others and tensor.is_floating_point()
        else tensor
        for name, tensor in newest.items()
    }
