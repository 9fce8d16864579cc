"""The training loop: one for every model, to be read at a sitting.

A step is a pure function of what a snapshot holds: the batch is one of the step's number, what is random in
a network draws from PyTorch's generator, and reports are kept from touching that. So a run that was cut and
resumed ends with the same bits as one that was not.
"""

import copy
import dataclasses
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tts.acoustic import AcousticBatch, AcousticModel
from tts.config import to_dict
from tts.data.batches import AcousticBatches, VocoderBatches
from tts.data.prepared import PreparedCorpus, Split
from tts.errors import TrainingError
from tts.train.interrupt import interrupts
from tts.train.recipe import Recipe, TrainConfig, VocoderBatching, recipe_to_dict
from tts.train.runs import (
    Metrics,
    Snapshot,
    build_model,
    last_snapshot,
    load_snapshot,
    save_snapshot,
)
from tts.train.samples import build_sampler
from tts.train.schedule import averaging_decay, learning_rate
from tts.vocoder import Vocoder, VocoderBatch

__all__ = ["TrainSummary", "average", "pick_device", "train"]

_VALIDATION_BATCHES = 8

# What may change when a run is resumed: where it runs, how long, and how often it reports.
_FREE = {"corpus", "run"} | {
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
    recipe: Recipe, *, resume: bool = False, log: Callable[[str], None] = print
) -> TrainSummary:
    """Trains what a recipe says.

    Args:
        recipe: the recipe.
        resume: go on from the newest snapshot of the run.
        log: gets one line of text at each report.

    Raises:
        CorpusError: when the prepared corpus is missing or broken.
        TrainingError: when the run cannot start or resume, or a loss is not finite.
    """
    config, run = recipe.train, Path(recipe.run)
    corpus = PreparedCorpus.load(Path(recipe.corpus))
    snapshot = _snapshot_to_resume(recipe, corpus) if resume else None
    if not resume and run.exists() and (not run.is_dir() or any(run.iterdir())):
        raise TrainingError(
            f"{run}: is not empty", hint="go on with --resume, or choose another run = ..."
        )
    device = pick_device(config.device)
    if config.n_threads:
        torch.set_num_threads(config.n_threads)

    torch.manual_seed(config.seed)
    model = build_model(recipe, corpus.mel, len(corpus.symbols))
    batches = _batches(recipe, corpus, "train", config.seed)
    validation = _validation_batches(recipe, corpus)
    sample = build_sampler(recipe, corpus)
    step, seconds, validation_loss = 0, 0.0, None
    if snapshot is None:
        _calibrate(model, corpus)
    else:
        model.load_state_dict(snapshot.model)
    model.to(device).train()
    averaged = copy.deepcopy(model).eval().requires_grad_(False)
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=config.learning_rate,
        betas=(config.betas[0], config.betas[1]),
        weight_decay=config.weight_decay,
    )
    if snapshot is not None:
        averaged.load_state_dict(snapshot.averaged)
        optimizer.load_state_dict(snapshot.optimizer)
        step, seconds = snapshot.step, snapshot.seconds
        _set_rng(snapshot.rng, device)
    n_weights = sum(weights.numel() for weights in model.parameters())
    log(f"{recipe.model}: {n_weights:,} weights, {corpus.name}, {device}, from step {step}")
    loss_of = torch.compile(model.loss) if config.compile else model.loss

    def autocast() -> torch.autocast:
        return torch.autocast(device.type, torch.bfloat16, enabled=config.precision == "bf16")

    def due(interval: int) -> bool:
        return interval > 0 and (step % interval == 0 or step == config.steps)

    def save() -> None:
        save_snapshot(
            run,
            Snapshot(
                recipe=recipe_to_dict(recipe),
                corpus={"name": corpus.name, "key": corpus.key},
                mel=to_dict(corpus.mel),
                symbols=list(corpus.symbols.symbols),
                language=corpus.language,
                step=step,
                seconds=seconds,
                device=_device_name(device),
                model=model.state_dict(),
                averaged=averaged.state_dict(),
                optimizer=optimizer.state_dict(),
                rng=_get_rng(device),
            ),
        )

    run.mkdir(parents=True, exist_ok=True)
    metrics = Metrics(run, step)
    sums: dict[str, Tensor] = {}
    n_summed, clock = 0, time.perf_counter()
    with interrupts() as interrupted:
        while step < config.steps and not interrupted():
            batch = _to_device(batches.at(step), device)
            rate = learning_rate(config, step)
            for group in optimizer.param_groups:
                group["lr"] = rate
            with autocast():
                losses = loss_of(batch)  # type: ignore[arg-type]
            optimizer.zero_grad(set_to_none=True)
            losses["loss"].backward()
            norm = nn.utils.clip_grad_norm_(model.parameters(), config.clip_norm)
            if not math.isfinite(float(losses["loss"].detach() + norm)):
                raise _not_finite(run, step, float(losses["loss"]), float(norm))
            optimizer.step()
            average(averaged, model, averaging_decay(config, step))
            step += 1

            for name, value in {**losses, "gradient_norm": norm}.items():
                sums[name] = sums.get(name, torch.zeros((), device=device)) + value.detach()
            n_summed += 1
            if due(config.log_every):
                now = time.perf_counter()
                seconds, speed, clock = seconds + now - clock, n_summed / (now - clock), now
                values = {name: float(total) / n_summed for name, total in sums.items()}
                values |= {"learning_rate": rate, "steps_per_second": speed, "seconds": seconds}
                metrics.write(step, "train", values)
                log(f"step {step}: loss {values['loss']:.4f}, {speed:.2f} steps/s")
                sums, n_summed = {}, 0
            if not (due(config.validate_every) or due(config.sample_every) or due(config.checkpoint_every)):
                continue

            seconds += time.perf_counter() - clock
            with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
                if due(config.validate_every) and validation:
                    with torch.no_grad(), autocast():
                        values = _validate(averaged, validation, device)
                    validation_loss = values["loss"]
                    metrics.write(step, "validation", values)
                    log(f"step {step}: validation loss {validation_loss:.4f}")
                if due(config.sample_every):
                    values = sample(averaged, run / "samples" / f"step-{step:08}")
                    if values:
                        metrics.write(step, "sample", values)
                        log(f"step {step}: " + ", ".join(f"{k} {v:.3f}" for k, v in values.items()))
            if due(config.checkpoint_every):
                save()
            clock = time.perf_counter()
        seconds += time.perf_counter() - clock
        ...
    metrics.close()
    return TrainSummary(...)
