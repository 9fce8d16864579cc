"""The figures of a run: means over its steps, and the file that holds them."""

import contextlib
import json
import math
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from tts.files import whole_file
from tts.train.diagnosis import diagnose, replay

__all__ = ["Means", "Metrics"]


class Metrics:
    """Writes metrics to `metrics.jsonl` and, where TensorBoard is installed, to its events.

    What they mean for the run is logged in words (`tts.train.diagnosis`).

    Args:
        run: the folder of the run.
        step: updates done; what is there of later ones is of a run that was cut, and is dropped.
        log: told what the metrics mean, when TensorBoard is missing, or when its events cannot be written.
    """

    def __init__(self, run: Path, step: int, log: Callable[[str], None]) -> None:
        self._path, self._log = run / "metrics.jsonl", log
        before: list[str] = []
        if self._path.exists():
            lines = self._path.read_text(encoding="utf-8").splitlines(keepends=True)
            before = [line for line in lines if _step_of(line) <= step]
            with whole_file(self._path) as path:
                path.write_text("".join(before))
        self._diagnosis = replay(json.loads(line) for line in before)
        self._board: Any = None
        try:
            from torch.utils.tensorboard import SummaryWriter

            self._board = SummaryWriter(str(run), purge_step=step + 1)
        except ImportError:
            log("TensorBoard is not installed: the metrics go to metrics.jsonl alone")

    def write(self, step: int, split: str, values: Mapping[str, float | str]) -> None:
        """One line; `split` is "train", "validation" (teacher-forced) or "sample" (free-running).

        A number that is none becomes null: JSON has no word for it.

        Raises:
            OSError: when it cannot be written; no part of it is left then.
        """
        line = {"step": step, "split": split} | {n: _or_null(v) for n, v in values.items()}
        with self._events() as board:
            for name, value in values.items() if board is not None else ():
                if not isinstance(value, str):
                    board.add_scalar(f"{split}/{name}", value, step)
        size = self._path.stat().st_size if self._path.exists() else 0
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, allow_nan=False) + "\n")
        except OSError:
            with contextlib.suppress(OSError):
                os.truncate(self._path, size)
            raise
        self._diagnosis, told = diagnose(self._diagnosis, line)
        for words in told:
            self._log(f"step {step}: {words}")

    def close(self) -> None:
        """Ends the events of TensorBoard."""
        with self._events() as board:
            if board is not None:
                board.close()

    @contextlib.contextmanager
    def _events(self) -> Iterator[Any]:
        """TensorBoard's writer, or None; it is told no more once it could not write."""
        try:
            yield self._board
        except OSError as error:
            self._board = None
            self._log(f"TensorBoard's events end here: {error.strerror or error}")


class Means:
    """Means of named numbers, gathered without waiting for the device."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor | float] = {}
        self._n = 0

    def add(self, values: Mapping[str, Tensor | float]) -> None:
        """One more of each."""
        for name, value in values.items():
            value = value.detach().float() if isinstance(value, Tensor) else value
            self._sums[name] = self._sums.get(name, 0.0) + value
        self._n += 1

    def take(self) -> dict[str, float]:
        """The means since the last call."""
        means = {name: float(total) / self._n for name, total in self._sums.items()}
        self._sums, self._n = {}, 0
        return means


def _or_null(value: float | str) -> float | str | None:
    return value if isinstance(value, str) or math.isfinite(value) else None


def _step_of(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):  # the last line of a process that was killed
        return float("inf")
