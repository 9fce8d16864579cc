"""Where a run begins: in an empty folder, or at the newest snapshot of one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tts.data.prepared import PreparedCorpus
from tts.errors import TrainingError
from tts.train.recipe import Recipe, recipe_from_dict, recipe_to_dict
from tts.train.runs import Snapshot, foreign_file, load_snapshot, snapshots

__all__ = ["make_folder", "open_run"]

# What may change when a run is resumed: where it runs and how a batch is dealt out there, how long, how often
# it reports, and whether a vocoder is now tuned on predicted mels.
_FREE = {"corpus", "run", "batches.predicted", "batches.predicted_share"} | {
    f"train.{key}"
    for key in (
        *("steps", "decay_steps", "patience", "keep", "sentences", "sample_s"),
        *("device", "accumulate", "compile", "compile_mode", "n_threads"),
        *("log_every", "validate_every", "checkpoint_every", "sample_every"),
    )
}


def open_run(
    recipe: Recipe, corpus: PreparedCorpus, *, resume: bool, log: Callable[[str], None]
) -> Snapshot | None:
    """What to go on from in the folder of a run; None where it starts. Nothing is written.

    A newest snapshot that cannot be read, because the machine died while it was written, is told and passed
    over for the one before.

    Raises:
        TrainingError: when the run can neither start there nor, if asked for, be resumed.
    """
    run = Path(recipe.run)
    paths = snapshots(run)
    _check_folder(run, paths[-1] if paths else None, resume=resume)
    for path in reversed(paths):
        try:
            snapshot = load_snapshot(path)
        except TrainingError as error:
            if path == paths[0]:
                raise
            log(f"warning: {error}; going on from the checkpoint before")
            continue
        _check_same(path, snapshot, recipe, corpus)
        return snapshot
    if run.exists() and any(run.iterdir()):
        log(f"{run}: holds no checkpoint of the run before; this one starts afresh")
    return None


def _check_folder(run: Path, last: Path | None, *, resume: bool) -> None:
    """Refuses a folder where the run can neither start nor, if asked for, be resumed.

    What a run left that ended before its first snapshot is no hindrance, to either.
    """
    is_empty = not run.exists() or (run.is_dir() and not any(run.iterdir()))
    if last is not None and not resume:
        raise TrainingError(
            f"{run}: is not empty", hint="go on with --resume, or choose another run = ..."
        )
    if is_empty and resume:
        raise TrainingError(
            f"{run}: holds no checkpoint to resume from", hint="start without --resume"
        )
    if last is not None or is_empty:
        return
    if not run.is_dir():
        raise TrainingError(f"{run}: is not a folder", hint="choose another run = ...")
    if (other := foreign_file(run)) is not None:
        raise TrainingError(
            f"{run}: is not empty: it holds {other!r}, and no checkpoint",
            hint="choose another run = ...",
        )


def make_folder(run: Path) -> None:
    """Makes the folder of a run, if it is not there. Raises TrainingError when it cannot be made."""
    try:
        run.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainingError(
            f"{run}: cannot be made: {error.strerror}", hint="choose another run = ..."
        ) from None


def _check_same(path: Path, snapshot: Snapshot, recipe: Recipe, corpus: PreparedCorpus) -> None:
    """Refuses a snapshot of another recipe or corpus, and names all that differs."""
    # Read as a recipe: a setting that is younger than the run had its default there.
    then = recipe_from_dict(snapshot.recipe, where=str(path))
    if (then.kind, then.model) != (recipe.kind, recipe.model):  # whose settings are others
        raise TrainingError(
            f"{recipe.run}: is the run of a {then.model}, but the recipe trains a {recipe.model}",
            hint="resume it with its own recipe, or choose another run = ...",
        )
    problems, hints = list(_changed_settings(then, snapshot, recipe)), []
    if problems:
        hints.append(f"set it back; free to change are: {', '.join(sorted(_FREE))}")
    if snapshot.corpus["key"] != corpus.key:
        problems.append(f"{corpus.folder} is not the corpus that {recipe.run} was started on")
        hints.append("prepare the corpus as it was")
    elif recipe.kind == "acoustic" and snapshot.symbols != list(corpus.symbols.symbols):
        problems.append(f"{corpus.folder} and {recipe.run} disagree on the symbols")
        hints.append("prepare the corpus with the version of tts that started the run")
    if problems:
        what = problems[0] if len(problems) == 1 else "\n  ".join(["it cannot go on", *problems])
        hints.append(f"or start a new run from its weights: --set run=... --from {recipe.run}")
        raise TrainingError(f"{recipe.run}: {what}", hint="; ".join(hints))


def _changed_settings(then: Recipe, snapshot: Snapshot, now: Recipe) -> Iterator[str]:
    """What of a recipe is not as it was when the snapshot was taken, a line each."""
    before, after = _flat(recipe_to_dict(then)), _flat(recipe_to_dict(now))
    before["train.start_from"] = (snapshot.started_from or {}).get("source")
    if now.train.start_from is None:  # the snapshot holds all that came of it
        after["train.start_from"] = before["train.start_from"]
    for key in after:
        if key not in _FREE and before.get(key) != after[key]:
            yield (
                f"{key} is {after[key]!r} in the recipe, "
                f"but {before.get(key)!r} in the run to resume"
            )


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested tables as one, its keys joined by dots."""
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat
