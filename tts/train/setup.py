"""What has to be right before the first step: the folder, the batches, the first weights, the device."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from tts.acoustic import AcousticBatch, AcousticModel
from tts.audio.mel import check_same_mel
from tts.data.batches import AcousticBatches, Shard, VocoderBatches, pinned
from tts.data.prepared import PreparedCorpus, Split
from tts.errors import TrainingError
from tts.train.processes import Processes
from tts.train.recipe import Recipe, VocoderBatching, recipe_from_dict, recipe_to_dict
from tts.train.runs import Snapshot, foreign_file, load_snapshot, snapshots
from tts.train.warmstart import load_warm_start
from tts.vocoder import Vocoder, VocoderBatch

__all__ = [
    "Batches",
    "build_batches",
    "first_weights",
    "make_folder",
    "open_run",
    "pick_device",
    "sharding",
    "speakers_of",
    "validation_batches",
]

_VALIDATION_BATCHES = 8
_CALIBRATION_CLIPS = 2000  # of a large corpus, evenly spread ones tell enough

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

Batches = AcousticBatches | VocoderBatches
Batch = AcousticBatch | VocoderBatch


def pick_device(name: str, index: int = 0) -> torch.device:
    """The device of a name; "auto" takes CUDA where there is one, and of several GPUs that of the index.

    Raises:
        TrainingError: for a GPU where there is none.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise TrainingError(
            "device 'cuda': PyTorch finds no GPU", hint="use device = 'auto' or 'cpu'"
        )
    if name == "cuda" and index >= torch.cuda.device_count():
        raise TrainingError(
            f"process {index + 1} finds no GPU of its own, there are {torch.cuda.device_count()}",
            hint="start torchrun with --nproc-per-node of that number, or use device = 'cpu'",
        )
    return torch.device(name, index) if name == "cuda" else torch.device(name)


# -- the folder ---------------------------------------------------------------------------------------


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
    """Refuses a snapshot of another recipe or corpus."""
    # Read as a recipe: a setting that is younger than the run had its default there.
    then = recipe_from_dict(snapshot.recipe, where=str(path))
    before, now = _flat(recipe_to_dict(then)), _flat(recipe_to_dict(recipe))
    before["train.start_from"] = (snapshot.started_from or {}).get("source")
    if recipe.train.start_from is None:  # the snapshot holds all that came of it
        now["train.start_from"] = before["train.start_from"]
    for key in [*now, *before]:
        if key not in _FREE and before.get(key) != now.get(key):
            raise TrainingError(
                f"{recipe.run}: {key} is {now.get(key)!r} in the recipe, "
                f"but {before.get(key)!r} in the run to resume",
                hint=f"set it back, or start a new run; free to change are: {', '.join(sorted(_FREE))}",
            )
    if snapshot.corpus["key"] != corpus.key:
        raise TrainingError(
            f"{corpus.folder}: is not the corpus that {recipe.run} was started on",
            hint="prepare the corpus as it was, or start a new run",
        )
    if recipe.kind == "acoustic" and snapshot.symbols != list(corpus.symbols.symbols):
        raise TrainingError(
            f"{corpus.folder} and {recipe.run} disagree on the symbols",
            hint="prepare the corpus with the version of tts that started the run, or start a new run",
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


# -- batches ------------------------------------------------------------------------------------------


def speakers_of(recipe: Recipe, corpus: PreparedCorpus) -> tuple[str, ...]:
    """The names of the model's speakers, in the order of their ids; none for a model of one.

    A vocoder of one serves any number of speakers: the mel tells it whom it hears.
    """
    n_speakers, n_found = getattr(recipe.model_config, "n_speakers", 1), len(corpus.speakers)
    if n_speakers == 1 and (n_found == 1 or recipe.kind == "vocoder"):
        return ()
    if n_speakers != n_found:
        raise TrainingError(
            f"[{recipe.kind}] n_speakers is {n_speakers}, but {corpus.folder} has {n_found}: "
            f"{', '.join(corpus.speakers)}",
            hint=f"set n_speakers = {n_found}, or prepare other corpora: tts prepare CORPUS ... OUT",
        )
    return corpus.speakers


def build_batches(
    recipe: Recipe,
    corpus: PreparedCorpus,
    split: Split,
    speakers: Sequence[str],
    seed: int,
    linear: bool = False,
) -> Batches:
    """The batches of a split, as the recipe says."""
    batching = recipe.batches
    if isinstance(batching, VocoderBatching):
        return VocoderBatches(
            corpus,
            split,
            batch_size=batching.batch_size,
            crop_frames=batching.crop_frames,
            speakers=speakers,
            seed=seed,
            predicted=Path(batching.predicted) if batching.predicted else None,
            predicted_share=batching.predicted_share,
        )
    return AcousticBatches(
        corpus,
        split,
        batch_size=batching.batch_size,
        batch_frames=batching.batch_frames,
        speakers=speakers,
        # Validation reads what speech will read.
        phoneme_share=batching.phoneme_share if split == "train" else 1.0,
        seed=seed,
        linear=linear,
    )


def validation_batches(
    recipe: Recipe, corpus: PreparedCorpus, speakers: Sequence[str], linear: bool = False
) -> list[Batch]:
    """The same few batches each time; none when nothing is held out.

    Raises:
        TrainingError: when nothing is, but `patience` counts on it.
    """
    if not corpus.utterances("validation"):
        if recipe.train.patience:
            raise TrainingError(
                f"[train] patience: {corpus.folder} holds no clips out to validate with",
                hint="set patience = 0, or prepare a larger corpus",
            )
        return []
    batches = build_batches(recipe, corpus, "validation", speakers, 0, linear)
    n = min(len(batches), _VALIDATION_BATCHES) if isinstance(batches, AcousticBatches) else None
    return [batches.at(i) for i in range(n or _VALIDATION_BATCHES)]


def sharding(
    batches: Batches, n_turns: int, processes: Processes, device: torch.device
) -> Callable[[int], list[Shard[Any]]]:
    """From a step to the shards of its batch that this process sees, one after the other."""
    n = n_turns * processes.n

    def shards(step: int) -> list[Shard[Any]]:
        mine: list[Shard[Any]] = [
            batches.shard(step, turn * processes.n + processes.rank, n) for turn in range(n_turns)
        ]
        if device.type == "cuda":
            mine = [Shard(pinned(shard.batch), shard.share) for shard in mine]
        return mine

    return shards


# -- the first weights --------------------------------------------------------------------------------


def first_weights(
    model: AcousticModel | Vocoder,
    recipe: Recipe,
    corpus: PreparedCorpus,
    speakers: Sequence[str],
    find_start: Callable[[str], Path],
    log: Callable[[str], None],
) -> dict[str, Any] | None:
    """The first weights; returns where they come from, if they are not fresh.

    What an acoustic model measures is the pace of the corpus; what a vocoder does goes with the weights.
    """
    if recipe.train.start_from is None:
        _calibrate(model, corpus)
        return None
    start = load_warm_start(find_start(recipe.train.start_from), recipe)
    check_same_mel(corpus.mel, start.model.mel_config, f"{corpus.folder} and {start.source}")
    if recipe.kind == "vocoder":
        _calibrate(model, corpus)
    symbols = corpus.symbols.symbols if recipe.kind == "acoustic" else ()
    taken = start.give_to(model, symbols, speakers)
    if recipe.kind == "acoustic":
        _calibrate(model, corpus)
    log(f"started from {start.source}: {taken}")
    return start.provenance


def _calibrate(model: AcousticModel | Vocoder, corpus: PreparedCorpus) -> None:
    utterances = corpus.utterances("train")
    if isinstance(model, AcousticModel):
        model.calibrate((len(utterance.phonemes), utterance.n_frames) for utterance in utterances)
    else:
        spread = utterances[:: -(-len(utterances) // _CALIBRATION_CLIPS)]
        model.calibrate(corpus.audio_of(utterance) for utterance in spread)
