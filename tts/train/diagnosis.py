"""What the metrics of a run say in words: whether it is going well, and what to do when it is not.

A diagnosis is a fold over the lines of `metrics.jsonl`, so a run that is resumed knows what was told before,
and the same metrics always say the same.
"""

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

__all__ = ["Diagnosis", "diagnose", "replay"]

_DIAGONAL, _SURE = (
    0.85,
    0.5,
)  # uniform attention has a diagonality near 0.45; sharp attention, a focus of 0.7
_LATE = 8000  # steps after which a healthy attention has found the text
_SMOOTH = 0.9  # of the training loss, from report to report
_NEWS = 1e-3  # of the loss: what it falls by less than that is none
_FLAT_STEPS, _FLAT_SHARE, _FLAT_REPORTS = 2000, 0.25, 20
_WORSE = 5  # validations in a row
_WAITS, _WAITS_NO_MORE = 0.2, 0.1
_WAIT_REPORTS = 5
_LONG, _SHORT = 1.2, 0.8


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosis:
    """All that has to be known of the metrics so far, and what was told.

    Attributes:
        aligned: whether the attention followed the text, teacher-forced, when last seen; None before.
        late: the step at which it was last told that it does not.
        loss: the training loss, smoothed.
        best_loss, best_loss_step: its lowest, and when; a little less does not count.
        flat_reports: reports since then.
        told_flat: whether it was told that the loss does not fall.
        best_validation, best_validation_step: the lowest validation loss, and when.
        loss_then: the training loss, smoothed, at that step.
        worse: the validation losses since then.
        told_by_heart: whether it was told that they rise.
        free: the faults of free-running speech that were told last; None before.
        waiting: the share of time spent on waiting for data, smoothed.
        wait_reports: reports of it.
        told_waiting: whether it was told.
    """

    aligned: bool | None = None
    late: int = 0
    loss: float | None = None
    best_loss: float = math.inf
    best_loss_step: int = 0
    flat_reports: int = 0
    told_flat: bool = False
    best_validation: float = math.inf
    best_validation_step: int = 0
    loss_then: float | None = None
    worse: tuple[float, ...] = ()
    told_by_heart: bool = False
    free: tuple[str, ...] | None = None
    waiting: float = 0.0
    wait_reports: int = 0
    told_waiting: bool = False


def replay(lines: Iterable[Mapping[str, Any]]) -> Diagnosis:
    """The diagnosis after the metrics of a run that is resumed."""
    return reduce(lambda state, line: diagnose(state, line)[0], lines, Diagnosis())


def diagnose(state: Diagnosis, line: Mapping[str, Any]) -> tuple[Diagnosis, list[str]]:
    """The diagnosis after one more line of metrics, and what is to be told now.

    Args:
        state: the diagnosis before.
        line: "step", "split" and the figures, as `metrics.jsonl` holds them.
    """
    rules = {
        "train": (_falling, _waiting),
        "validation": (_alignment, _by_heart),
        "sample": (_free_running,),
    }
    told: list[str] = []
    line = {name: value for name, value in line.items() if value is not None}
    for rule in rules.get(line["split"], ()):
        state, words = rule(state, line)
        told += [words] if words else []
    return state, told


def _falling(state: Diagnosis, line: Mapping[str, Any]) -> tuple[Diagnosis, str]:
    """Whether the training loss still falls."""
    step, loss = int(line["step"]), line.get("loss")
    if loss is None or not math.isfinite(loss):
        return state, ""
    loss = loss if state.loss is None else _SMOOTH * state.loss + (1.0 - _SMOOTH) * loss
    if math.isinf(state.best_loss) or loss < state.best_loss - _NEWS * abs(state.best_loss):
        return dataclasses.replace(
            state, loss=loss, best_loss=loss, best_loss_step=step, flat_reports=0, told_flat=False
        ), ""
    state = dataclasses.replace(state, loss=loss, flat_reports=state.flat_reports + 1)
    n_flat = step - state.best_loss_step
    is_flat = n_flat >= max(_FLAT_STEPS, _FLAT_SHARE * step) and state.flat_reports >= _FLAT_REPORTS
    if state.told_flat or not is_flat:
        return state, ""
    return dataclasses.replace(state, told_flat=True), (
        f"the training loss is not falling since step {state.best_loss_step:,}: "
        "lower [train] learning_rate, or let it end with decay_steps"
    )


def _waiting(state: Diagnosis, line: Mapping[str, Any]) -> tuple[Diagnosis, str]:
    """Whether the device waits for data."""
    share = line.get("waiting")
    if share is None or not math.isfinite(share):
        return state, ""
    n = state.wait_reports + 1
    mean = state.waiting + (share - state.waiting) / min(n, _WAIT_REPORTS)
    state = dataclasses.replace(state, waiting=mean, wait_reports=n)
    if state.told_waiting or n < _WAIT_REPORTS or mean < _WAITS:
        return dataclasses.replace(
            state, told_waiting=state.told_waiting and mean > _WAITS_NO_MORE
        ), ""
    return dataclasses.replace(state, told_waiting=True), (
        f"it waits for data {mean:.0%} of the time: keep the prepared corpus on a fast local disk, "
        "and its features in memory"
    )


def _alignment(state: Diagnosis, line: Mapping[str, Any]) -> tuple[Diagnosis, str]:
    """Whether the attention follows the text, with the true frames before."""
    if "diagonality" not in line or "focus" not in line:
        return state, ""
    step, diagonality, focus = int(line["step"]), line["diagonality"], line["focus"]
    figures = f"diagonality {diagonality:.2f}, focus {focus:.2f}"
    was = state.aligned
    state = dataclasses.replace(state, aligned=diagonality >= _DIAGONAL and focus >= _SURE)
    if state.aligned:
        words = "aligned: the attention follows the text" if not was else ""
        return state, words and f"{words} ({figures})"
    look = f", look at clip {line['worst_clip']}" if line.get("worst_clip") else ""
    if was:
        return state, f"the attention has lost the text ({figures}): lower the learning rate{look}"
    if step < max(_LATE, 2 * state.late):
        return state, ""
    state = dataclasses.replace(state, late=step)
    if diagonality >= _DIAGONAL:
        return state, f"the attention is not sharp after {step:,} steps ({figures}){look}"
    return state, (
        f"no diagonal after {step:,} steps ({figures}): "
        f"trim silence (tts data check tells where){look}"
    )


def _by_heart(state: Diagnosis, line: Mapping[str, Any]) -> tuple[Diagnosis, str]:
    """Whether the model learns the clips by heart: the losses part."""
    step, loss = int(line["step"]), line.get("loss")
    if loss is None or not math.isfinite(loss):
        return state, ""
    if loss < state.best_validation:
        return dataclasses.replace(
            state,
            best_validation=loss,
            best_validation_step=step,
            loss_then=state.loss,
            worse=(),
            told_by_heart=False,
        ), ""
    state = dataclasses.replace(state, worse=(*state.worse, loss)[-_WORSE:])
    if state.told_by_heart or len(state.worse) < _WORSE or state.loss is None:
        return state, ""
    rises = state.worse[-1] > state.worse[0]
    falls = state.loss_then is not None and state.loss < state.loss_then
    if not rises or not falls:
        return state, ""
    return dataclasses.replace(state, told_by_heart=True), (
        f"the validation loss rises since step {state.best_validation_step:,} "
        f"({state.best_validation:.4f} to {loss:.4f}) while the training loss falls: it learns the clips by "
        "heart; stop, or give it more data or dropout"
    )


def _free_running(state: Diagnosis, line: Mapping[str, Any]) -> tuple[Diagnosis, str]:
    """What is wrong with speech without the true frames, once the attention follows the text."""
    if state.aligned is False or "finished" not in line:
        return state, ""
    shares = {
        "skip": line.get("skips", 0.0),
        "repeat": line.get("repeats", 0.0),
        "stop for a second": line.get("rests", 0.0),
        "do not end": 1.0 - line["finished"],
    }
    faults = {fault: f"{share:.0%} {fault}" for fault, share in shares.items() if share > 0.0}
    ratio = line.get("length_ratio", 1.0)
    if not _SHORT <= ratio <= _LONG:
        faults["length"] = f"it takes {ratio:.2f} times as long as the recordings"
    if tuple(faults) == state.free:  # more or less of the same is no news
        return state, ""
    words = ", ".join(faults.values()) or "all of it is said, and ends"
    return dataclasses.replace(state, free=tuple(faults)), f"free-running speech: {words}"
