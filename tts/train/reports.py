"""What a run tells while it goes on: the losses of its steps, those on held-out clips, and samples."""

import contextlib
import resource
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tts.acoustic import AcousticModel
from tts.data.batches import Shard, to_device
from tts.errors import AudioError
from tts.train.learner import Learner
from tts.train.metrics import Means, Metrics
from tts.train.recipe import TrainConfig
from tts.train.samples import Sampler
from tts.train.watch import Watch
from tts.vocoder import Vocoder

__all__ = ["Reports", "is_due"]


def is_due(interval: int, step: int, config: TrainConfig) -> bool:
    """Whether something is due after so many updates; the last one always is, unless its interval is 0."""
    return interval > 0 and (step % interval == 0 or step == config.steps)


class Reports:
    """Reports of a run. One that cannot be written, on a full disk say, is told and left out.

    Args:
        run: the folder of the run.
        config: how often what is due.
        step: updates done.
        validation: batches of held-out clips, if there are any; their shares sum to 1.
        watch: measures the attention over such clips.
        sample: makes samples.
        log: gets a line of text for each report.
    """

    def __init__(
        self,
        run: Path,
        config: TrainConfig,
        step: int,
        validation: Sequence[Shard[Any]],
        watch: Watch,
        sample: Sampler,
        log: Callable[[str], None],
    ) -> None:
        self._run, self._config, self._log = run, config, log
        self._validation, self._watch, self._sample = validation, watch, sample
        self._means = Means()
        self._metrics = Metrics(run, step, log)

    def close(self) -> None:
        """Ends the files."""
        self._metrics.close()

    def after(
        self, step: int, values: Mapping[str, Tensor | float], learner: Learner, seconds: float
    ) -> float | None:
        """What is due after a step; returns the validation loss where that was measured.

        Args:
            step: updates done.
            values: losses and other figures of the last one, with "learning_rate", "waited_s" and
                "seconds_per_step".
            learner: what learns.
            seconds: spent on updates in all.
        """
        self._means.add(values)
        loss = None
        if is_due(self._config.log_every, step, self._config):
            self._training(step, float(values["learning_rate"]), learner.device, seconds)
        if is_due(self._config.validate_every, step, self._config) and self._validation:
            loss = self._validate(step, learner)
        if is_due(self._config.sample_every, step, self._config):
            self._speak(step, learner.averaged)
        return loss

    def _training(self, step: int, rate: float, device: torch.device, seconds: float) -> None:
        values = self._means.take()
        waiting = values.pop("waited_s") / values["seconds_per_step"]
        values |= {"learning_rate": rate, "seconds": seconds, "waiting": waiting}
        values["peak_memory_mb"] = _peak_memory_mb(device)
        speed = 1.0 / values["seconds_per_step"]
        self._log(
            f"step {step}: loss {values['loss']:.4f}, {speed:.2f} steps/s, {waiting:.0%} waiting for data"
        )
        with self._written(step):
            self._metrics.write(step, "train", values)

    def _validate(self, step: int, learner: Learner) -> float:
        """The mean losses of the averaged weights on held-out clips."""
        values: dict[str, float] = {}
        with torch.no_grad(), learner.autocast():
            for shard in self._validation:
                losses = learner.averaged.loss(to_device(shard.batch, learner.device))
                for name, loss in losses.items():
                    values[name] = values.get(name, 0.0) + shard.share * float(loss)
            attention = self._watch(learner.averaged)
        self._log(f"step {step}: validation loss {values['loss']:.4f}")
        with self._written(step):
            self._metrics.write(step, "validation", {**values, **attention})
        return values["loss"]

    def _speak(self, step: int, model: AcousticModel | Vocoder) -> None:
        with self._written(step):
            values = self._sample(model, self._run / "samples" / f"step-{step:08}")
            if values:
                self._log(f"step {step}: " + ", ".join(f"{k} {v:.3f}" for k, v in values.items()))
                self._metrics.write(step, "sample", values)

    @contextlib.contextmanager
    def _written(self, step: int) -> Iterator[None]:
        try:
            yield
        except (OSError, AudioError) as error:
            self._log(f"warning: step {step}: a report is left out: {error}")


def _peak_memory_mb(device: torch.device) -> float:
    """The most memory that was in use: of the GPU, or of this process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
