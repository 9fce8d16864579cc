"""The training loop: one for every model, to be read at a sitting.

A step is a pure function of what a snapshot holds: the batch is one of the step's number, what is random in
a network draws from PyTorch's generator, and reports are kept from touching that. So a run that was cut and
resumed ends with the same bits as one that was not.
"""

import contextlib
import copy
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tts.acoustic import AcousticBatch, AcousticModel
from tts.audio.mel import check_same_mel
from tts.config import to_dict
from tts.data.batches import AcousticBatches, VocoderBatches, to_device
from tts.data.prepared import PreparedCorpus, Split
from tts.errors import AudioError, TrainingError
from tts.train.interrupt import interrupts
from tts.train.recipe import Recipe, VocoderBatching, recipe_from_dict, recipe_to_dict
from tts.train.runs import (
    Means,
    Metrics,
    Snapshot,
    build_model,
    foreign_file,
    last_snapshot,
    load_snapshot,
    save_snapshot,
)
from tts.train.samples import build_sampler
from tts.train.schedule import averaging_decay, learning_rate
from tts.train.warmstart import load_warm_start
from tts.train.watch import build_watch
from tts.vocoder import Vocoder, VocoderBatch

__all__ = ["TrainSummary", "average", "pick_device", "train"]

_VALIDATION_BATCHES = 8
_CALIBRATION_CLIPS = 2000  # of a large corpus, evenly spread ones tell enough

# What may change when a run is resumed: where it runs, how long, how often it reports, and whether a vocoder
# is now tuned on predicted mels.
_FREE = {"corpus", "run", "batches.predicted", "batches.predicted_share"} | {
    f"train.{key}"
    for key in (
        *("steps", "decay_steps", "device", "compile", "n_threads", "sentences", "sample_s"),
        *("log_every", "validate_every", "checkpoint_every", "sample_every"),
    )
}

Batches = AcousticBatches | VocoderBatches
Batch = AcousticBatch | VocoderBatch


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainSummary:
    """How a run ended.

    Attributes:
        run: its folder.
        step: updates done.
        interrupted: whether Ctrl-C ended it; then `--resume` goes on.
        validation_loss: of the averaged weights, when last measured in this call.
        seconds: time spent on updates, in all calls.
    """

    run: Path
    step: int
    interrupted: bool
    validation_loss: float | None
    seconds: float


def train(
    recipe: Recipe,
    *,
    resume: bool = False,
    log: Callable[[str], None] = print,
    find_start: Callable[[str], Path] = Path,
) -> TrainSummary:
    """Trains what a recipe says.

    A run that ended before its first snapshot starts afresh in its folder. A report that cannot be written is
    told and left out.

    Args:
        recipe: the recipe.
        resume: go on from the newest snapshot of the run.
        log: gets one line of text at each report.
        find_start: from `train.start_from`, which may name a voice, to a folder.

    Raises:
        CorpusError: when the prepared corpus is missing or broken.
        TrainingError: when the run cannot start or resume, the model has not the corpus's speakers, or a loss
            is not finite.
    """
    config, run = recipe.train, Path(recipe.run)
    corpus = PreparedCorpus.load(Path(recipe.corpus))
    last = last_snapshot(run)
    _check_folder(run, last, resume=resume)
    snapshot = _load_to_resume(last, recipe, corpus) if last is not None else None
    speakers = _speakers(recipe, corpus)
    device = pick_device(config.device)
    if config.n_threads:
        torch.set_num_threads(config.n_threads)

    torch.manual_seed(config.seed)
    model = build_model(recipe, corpus.mel, len(corpus.symbols))
    linear = isinstance(model, AcousticModel) and model.predicts_linear
    batches = _batches(recipe, corpus, "train", speakers, config.seed, linear)
    validation = _validation_batches(recipe, corpus, speakers, linear)
    sample = build_sampler(recipe, corpus, speakers)
    watch = build_watch(corpus, speakers)
    step, seconds, validation_loss = 0, 0.0, None
    if snapshot is None:
        started_from = _start(model, recipe, corpus, speakers, find_start, log)
    else:
        model.load_state_dict(snapshot.model)
        started_from = snapshot.started_from
    model.to(device).train()
    averaged = copy.deepcopy(model).eval().requires_grad_(False)
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=config.learning_rate,
        betas=(config.betas[0], config.betas[1]),
        eps=config.eps,
        weight_decay=config.weight_decay,
    )
    if snapshot is not None:
        averaged.load_state_dict(snapshot.averaged)
        optimizer.load_state_dict(snapshot.optimizer)
        step, seconds = snapshot.step, snapshot.seconds
        _set_rng(snapshot.rng, device)
    n_weights = sum(weights.numel() for weights in model.parameters())
    if snapshot is None and run.exists() and any(run.iterdir()):
        log(f"{run}: holds no checkpoint of the run before; this one starts afresh")
    log(f"{recipe.model}: {n_weights:,} weights, {corpus.name}, {device}, from step {step}")
    loss_of: Callable[[Any], dict[str, Tensor]] = model.loss
    if config.compile:
        loss_of = torch.compile(model.loss)

    def autocast() -> torch.autocast:
        return torch.autocast(device.type, torch.bfloat16, enabled=config.precision == "bf16")

    def still_rng() -> AbstractContextManager[None]:
        """Keeps what is drawn for a report from changing what training draws."""
        return torch.random.fork_rng([device] if device.type == "cuda" else [])

    def due(interval: int) -> bool:
        return interval > 0 and (step % interval == 0 or step == config.steps)

    @contextlib.contextmanager
    def report() -> Iterator[None]:
        """A report that cannot be written, on a full disk say, does not cost the steps since a save."""
        try:
            yield
        except (OSError, AudioError) as error:
            log(f"warning: step {step}: a report is left out: {error}")

    def save() -> None:
        save_snapshot(
            run,
            Snapshot(
                recipe=recipe_to_dict(recipe),
                corpus={"name": corpus.name, "key": corpus.key},
                mel=to_dict(corpus.mel),
                symbols=list(corpus.symbols.symbols),
                language=corpus.language,
                speakers=speakers,
                step=step,
                seconds=seconds,
                device=_device_name(device),
                model=model.state_dict(),
                averaged=averaged.state_dict(),
                optimizer=optimizer.state_dict(),
                rng=_get_rng(device),
                started_from=started_from,
            ),
        )

    _make_folder(run)
    means = Means()
    with closing(Metrics(run, step, log)) as metrics, interrupts() as interrupted:
        stopped = False
        while step < config.steps and not stopped:
            started = time.perf_counter()
            batch = to_device(batches.at(step), device)
            rate = learning_rate(config, step)
            for group in optimizer.param_groups:
                group["lr"] = rate
            with autocast():
                losses = loss_of(batch)
            optimizer.zero_grad(set_to_none=True)
            losses["loss"].backward()  # type: ignore[no-untyped-call]
            norm = nn.utils.clip_grad_norm_(model.parameters(), config.clip_norm)
            if not math.isfinite(float(losses["loss"].detach() + norm)):
                raise _not_finite(run, step, losses["loss"].item(), norm.item())
            optimizer.step()
            average(averaged, model, averaging_decay(config, step))
            step += 1
            took = time.perf_counter() - started
            seconds += took
            means.add({**losses, "gradient_norm": norm, "seconds_per_step": took})

            if due(config.log_every):
                values = {**means.take(), "learning_rate": rate, "seconds": seconds}
                speed = 1.0 / values["seconds_per_step"]
                log(f"step {step}: loss {values['loss']:.4f}, {speed:.2f} steps/s")
                with report():
                    metrics.write(step, "train", values)
            if due(config.validate_every) and validation:
                with still_rng(), torch.no_grad(), autocast():
                    values = _validate(averaged, validation, device)
                    attention = watch(averaged)
                validation_loss = values["loss"]
                log(f"step {step}: validation loss {validation_loss:.4f}")
                with report():
                    metrics.write(step, "validation", {**values, **attention})
            if due(config.sample_every):
                with report(), still_rng():
                    values = sample(averaged, run / "samples" / f"step-{step:08}")
                    if values:
                        log(f"step {step}: " + ", ".join(f"{k} {v:.3f}" for k, v in values.items()))
                        metrics.write(step, "sample", values)
            stopped = interrupted()
            if due(config.checkpoint_every) or step == config.steps or stopped:
                save()
    return TrainSummary(
        run=run,
        step=step,
        interrupted=step < config.steps,
        validation_loss=validation_loss,
        seconds=seconds,
    )


@torch.no_grad()
def average(averaged: nn.Module, model: nn.Module, decay: float) -> None:
    """Moves the averaged weights: `averaged <- decay * averaged + (1 - decay) * model`."""
    for mine, theirs in zip(averaged.parameters(), model.parameters(), strict=True):
        mine.lerp_(theirs, 1.0 - decay)
    for mine_fixed, theirs_fixed in zip(averaged.buffers(), model.buffers(), strict=True):
        mine_fixed.copy_(theirs_fixed)


def pick_device(name: str) -> torch.device:
    """The device of a name; "auto" takes CUDA where there is one.

    Raises:
        TrainingError: for "cuda" where there is none.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise TrainingError(
            "device 'cuda': PyTorch finds no GPU", hint="use device = 'auto' or 'cpu'"
        )
    return torch.device(name)


# -- set-up -------------------------------------------------------------------------------------------


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


def _make_folder(run: Path) -> None:
    try:
        run.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainingError(
            f"{run}: cannot be made: {error.strerror}", hint="choose another run = ..."
        ) from None


def _load_to_resume(path: Path, recipe: Recipe, corpus: PreparedCorpus) -> Snapshot:
    """A snapshot of the run, if it is one of this recipe and corpus."""
    snapshot = load_snapshot(path)
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
    return snapshot


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested tables as one, its keys joined by dots."""
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def _speakers(recipe: Recipe, corpus: PreparedCorpus) -> tuple[str, ...]:
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


def _batches(
    recipe: Recipe,
    corpus: PreparedCorpus,
    split: Split,
    speakers: Sequence[str],
    seed: int,
    linear: bool,
) -> Batches:
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


def _validation_batches(
    recipe: Recipe, corpus: PreparedCorpus, speakers: Sequence[str], linear: bool
) -> list[Batch]:
    """The same few batches each time; none when nothing is held out."""
    if not corpus.utterances("validation"):
        return []
    batches = _batches(recipe, corpus, "validation", speakers, 0, linear)
    n = min(len(batches), _VALIDATION_BATCHES) if isinstance(batches, AcousticBatches) else None
    return [batches.at(i) for i in range(n or _VALIDATION_BATCHES)]


def _start(
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


# -- parts of a step ----------------------------------------------------------------------------------


def _validate(
    model: AcousticModel | Vocoder, batches: list[Batch], device: torch.device
) -> dict[str, float]:
    """The mean losses over the batches."""
    means = Means()
    for batch in batches:
        means.add(model.loss(to_device(batch, device)))  # type: ignore[arg-type]
    return means.take()


def _not_finite(run: Path, step: int, loss: float, norm: float) -> TrainingError:
    last = last_snapshot(run)
    kept = f"the last good checkpoint is {last}" if last else "there is no checkpoint yet"
    return TrainingError(
        f"{run}: step {step}: the loss is {loss:g}, the norm of its gradient {norm:g}; {kept}",
        hint="start again with a lower [train] learning_rate, or precision = 'float32'",
    )


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


def _get_rng(device: torch.device) -> list[Tensor]:
    states = [torch.get_rng_state()]
    return states + ([torch.cuda.get_rng_state(device)] if device.type == "cuda" else [])


def _set_rng(states: list[Tensor], device: torch.device) -> None:
    torch.set_rng_state(states[0])
    if device.type == "cuda" and len(states) > 1:
        torch.cuda.set_rng_state(states[1], device)
