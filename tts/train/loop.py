"""The training loop: one for every model, to be read at a sitting.

A step is a pure function of the weights and of its number: that decides the batch, and the seed of all that
is drawn. So a run that was cut and resumed ends with the same bits as one that was not.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tts.acoustic import AcousticModel
from tts.config import to_dict
from tts.data.batches import Shard
from tts.data.prepared import PreparedCorpus
from tts.errors import TrainingError
from tts.train.feed import Feed
from tts.train.interrupt import interrupts
from tts.train.learner import Learner
from tts.train.processes import Processes, Verdict, join_processes
from tts.train.recipe import Recipe, recipe_to_dict
from tts.train.reports import Reports, is_due
from tts.train.resume import make_folder, open_run
from tts.train.runs import Snapshot, build_model, save_snapshot, snapshots
from tts.train.samples import build_sampler
from tts.train.schedule import Plateau, averaging_decay, learning_rate
from tts.train.setup import (
    build_batches,
    first_weights,
    pick_device,
    sharding,
    speakers_of,
    validation_batches,
)
from tts.train.watch import build_watch

__all__ = ["TrainSummary", "train"]


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
    """Trains what a recipe says, together with the other processes if `torchrun` started several.

    A run that ended before its first snapshot starts afresh in its folder. A report that cannot be written is
    told and left out.

    Args:
        recipe: the recipe.
        resume: go on from the newest snapshot of the run.
        log: gets one line of text at each report, in the first process.
        find_start: from `train.start_from`, which may name a voice, to a folder.

    Raises:
        CorpusError: when the prepared corpus is missing or broken.
        TrainingError: when the run cannot start or resume, the model has not the corpus's speakers, a loss
            is not finite, or another process failed.
    """
    with join_processes() as processes:
        if not processes.is_first:
            log = _say_nothing
        run = _Run(recipe, processes, resume=resume, log=log, find_start=find_start)
        return run.train()


class _Run:
    """A run under way, as one of its processes sees it."""

    def __init__(
        self,
        recipe: Recipe,
        processes: Processes,
        *,
        resume: bool,
        log: Callable[[str], None],
        find_start: Callable[[str], Path],
    ) -> None:
        self.recipe, self.config, self.folder = recipe, recipe.train, Path(recipe.run)
        self.processes, self.log = processes, log
        self.corpus = corpus = PreparedCorpus.load(Path(recipe.corpus))
        snapshot = open_run(recipe, corpus, resume=resume, log=log)
        self.speakers = speakers_of(recipe, corpus)
        device = pick_device(self.config.device, processes.local_rank)
        if self.config.n_threads:
            torch.set_num_threads(self.config.n_threads)

        torch.manual_seed(self.config.seed)
        model = build_model(recipe, corpus.mel, len(corpus.symbols))
        linear = isinstance(model, AcousticModel) and model.predicts_linear
        self.batches = build_batches(
            recipe, corpus, "train", self.speakers, self.config.seed, linear
        )
        self.validation = validation_batches(recipe, corpus, self.speakers, linear)
        self.sample = build_sampler(recipe, corpus, self.speakers)
        self.step, self.seconds, self.plateau = 0, 0.0, Plateau()
        if snapshot is None:
            self.started_from = first_weights(model, recipe, corpus, self.speakers, find_start, log)
        self.learner = Learner(model, self.config, device)
        if snapshot is not None:
            self.learner.load(snapshot)
            self.step, self.seconds = snapshot.step, snapshot.seconds
            self.plateau = Plateau(**snapshot.plateau)
            self.started_from = snapshot.started_from
        self.saved = self.step

    def train(self) -> TrainSummary:
        """Takes steps until all are done, the validation loss has stopped falling, or Ctrl-C."""
        self.log(self._first_line())
        config, validation_loss, verdict = self.config, None, Verdict.GO_ON
        shards = sharding(self.batches, config.accumulate, self.processes, self.learner.device)
        with (
            self._reports() as reports,
            closing(Feed(shards, self.step)) as feed,
            interrupts(insist=self.processes.n == 1) as interrupted,
        ):
            while self.step < config.steps:
                verdict, figures = self._take_step(feed, interrupted)
                if verdict is not Verdict.GO_ON:
                    break
                if reports is not None:
                    loss = reports.after(self.step, figures, self.learner, self.seconds)
                    if loss is not None:
                        validation_loss, self.plateau = loss, self.plateau.after(self.step, loss)
                if is_due(config.checkpoint_every, self.step, config):
                    self._save()
            if self.step > self.saved:
                self._save()
        if verdict is Verdict.ENOUGH:
            self.log(f"step {self.step}: {self.plateau}: enough")
        return TrainSummary(
            run=self.folder,
            step=self.step,
            interrupted=verdict is Verdict.INTERRUPTED,
            validation_loss=validation_loss,
            seconds=self.seconds,
        )

    def _take_step(
        self, feed: Feed[list[Shard[Any]]], interrupted: Callable[[], bool]
    ) -> tuple[Verdict, dict[str, Tensor | float]]:
        """One update, with its figures; none if a process wants to end."""
        learner, started = self.learner, time.perf_counter()
        shards = feed.take()
        waited = time.perf_counter() - started
        torch.manual_seed(_seed(self.config.seed, self.processes.rank, self.step))
        losses = learner.gradients(shards)
        verdict = self.processes.agree(self._verdict(interrupted()))
        if verdict is not Verdict.GO_ON:
            return verdict, {}
        losses = learner.add_up(losses, self.processes)
        norm = learner.clip()
        if not learner.is_finite(losses["loss"], norm):
            raise self._not_finite(float(losses["loss"]), float(norm))
        rate = learning_rate(self.config, self.step)
        learner.update(rate, averaging_decay(self.config, self.step))
        took = time.perf_counter() - started
        self.step += 1
        self.seconds += took
        figures: dict[str, Tensor | float] = {"waited_s": waited, "seconds_per_step": took}
        return verdict, {**losses, "gradient_norm": norm, "learning_rate": rate, **figures}

    def _verdict(self, interrupted: bool) -> Verdict:
        if interrupted:
            return Verdict.INTERRUPTED
        enough = 0 < self.config.patience <= self.plateau.n_since
        return Verdict.ENOUGH if enough else Verdict.GO_ON

    @contextlib.contextmanager
    def _reports(self) -> Iterator[Reports | None]:
        """The reports of the run, in the first process; the others have none."""
        if not self.processes.is_first:
            yield None
            return
        make_folder(self.folder)
        watch = build_watch(self.corpus, self.speakers)
        reports = Reports(
            self.folder, self.config, self.step, self.validation, watch, self.sample, self.log
        )
        with closing(reports):
            yield reports

    def _save(self) -> None:
        self.saved = self.step
        if not self.processes.is_first:
            return
        device, corpus = self.learner.device, self.corpus
        snapshot = Snapshot(
            recipe=recipe_to_dict(self.recipe),
            corpus={"name": corpus.name, "key": corpus.key, "phonemizer": corpus.phonemizer},
            mel=to_dict(corpus.mel),
            symbols=list(corpus.symbols.symbols),
            language=corpus.language,
            speakers=self.speakers,
            step=self.step,
            seconds=self.seconds,
            device=torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
            plateau=to_dict(self.plateau),
            started_from=self.started_from,
            **self.learner.state(),
        )
        save_snapshot(self.folder, snapshot, keep=self.config.keep)

    def _first_line(self) -> str:
        learner, processes = self.learner, self.processes
        n_weights = sum(weights.numel() for weights in learner.model.parameters())
        n_frozen = n_weights - sum(weights.numel() for weights in learner.weights)
        frozen = f", {n_frozen:,} of them frozen" if n_frozen else ""
        where = f"{processes.n} x {learner.device.type}" if processes.n > 1 else str(learner.device)
        what = f"{self.recipe.model}: {n_weights:,} weights{frozen}, {self.corpus.name}"
        return f"{what}, {where}, from step {self.step}"

    def _not_finite(self, loss: float, norm: float) -> TrainingError:
        paths, ids = snapshots(self.folder), self.batches.ids(self.step)
        kept = f"the last good checkpoint is {paths[-1]}" if paths else "there is no checkpoint yet"
        more = f" and {len(ids) - 16} more" if len(ids) > 16 else ""
        precise = "" if self.config.precision == "float32" else " or precision = 'float32'"
        hint = f"start a new run with a lower [train] learning_rate{precise}"
        if paths:
            hint += f"; --from {self.folder} gives it the weights of that checkpoint"
        return TrainingError(
            f"{self.folder}: step {self.step}: the loss is {loss:g}, the norm of its gradient {norm:g}, "
            f"on the clips {', '.join(ids[:16])}{more}; {kept}",
            hint=hint,
        )


def _say_nothing(line: str) -> None:
    """The log of all processes but the first."""


def _seed(seed: int, rank: int, step: int) -> int:
    """What a process draws from in a step: its own numbers for each of both."""
    return int(np.random.SeedSequence((seed, rank, step)).generate_state(1, np.uint64)[0] >> 1)
