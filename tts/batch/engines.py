"""Where the work of a batch is done: in processes of this machine, or by Ray on any number of machines."""

import functools
import importlib.util
import json
import logging
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from tts.batch.results import Outcome
from tts.batch.work import Item
from tts.config import from_dict, to_dict
from tts.errors import ConfigError, SynthesisError

__all__ = ["Engine", "local_engine", "ray_engine"]

Work = Callable[[Item], Outcome]
Engine = Callable[[Iterator[Item], Work], Iterator[Outcome]]
"""Does the work on each item, in any order. The work can be pickled."""

# What Ray does over when a worker dies: few enough to lose little, enough to outweigh a task's start.
_ITEMS_A_TASK = 4


def local_engine(n_jobs: int) -> Engine:
    """Works in this process, or in several of this machine, each with voices of its own.

    A process that dies takes no other item with it: its own is worked on once more, and has failed if that
    ends alike.
    """
    return _here if n_jobs == 1 else functools.partial(_in_processes, n_jobs=n_jobs)


def ray_engine(n_jobs: int | None) -> Engine:
    """Works in tasks of Ray Data, on the cluster that `RAY_ADDRESS` names, or on one that it starts here.

    Ray does over what a worker or a machine has not finished when it dies. Every machine must reach the
    folder of the batch and the voices under the same paths.

    Args:
        n_jobs: how many items are worked on at once; None is as many as the cluster has processors.

    Raises:
        ConfigError: when Ray is not installed.
    """
    if importlib.util.find_spec("ray") is None:
        raise ConfigError("Ray is not installed", hint="pip install 'saywave[ray]'")
    return functools.partial(_in_ray, n_jobs=n_jobs)


def _here(items: Iterator[Item], work: Work) -> Iterator[Outcome]:
    return map(work, items)


def _in_processes(items: Iterator[Item], work: Work, *, n_jobs: int) -> Iterator[Outcome]:
    # Pools of one process each, so that it is known whose item killed it.
    idle = [_process() for _ in range(n_jobs)]
    busy: dict[Future[Outcome], tuple[ProcessPoolExecutor, Item, bool]] = {}

    def finished() -> Iterator[Outcome]:
        for future in wait(busy, return_when=FIRST_COMPLETED).done:
            process, item, is_second_try = busy.pop(future)
            try:
                outcome = future.result()
            except BrokenProcessPool:
                process.shutdown()
                process = _process()
                if not is_second_try:
                    busy[process.submit(work, item)] = process, item, True
                    continue
                error = SynthesisError(
                    "the process that spoke it died, twice",
                    hint="memory may have run out: use fewer --jobs, or shorter texts",
                )
                outcome = Outcome.failed(item.line, item.id, error)
            idle.append(process)
            yield outcome

    try:
        for item in items:
            process = idle.pop()
            busy[process.submit(work, item)] = process, item, False
            while not idle:
                yield from finished()
        while busy:
            yield from finished()
    finally:
        for process in (*idle, *(process for process, _, _ in busy.values())):
            process.shutdown(cancel_futures=True)


def _process() -> ProcessPoolExecutor:
    # Spawned: what a fork would copy of our threads and of eSpeak NG's state is in no condition to be used.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=_begin)


def _begin() -> None:
    """A process beside others: Ctrl-C is for the one that asked for it, and PyTorch takes one core."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def _in_ray(items: Iterator[Item], work: Work, *, n_jobs: int | None) -> Iterator[Outcome]:
    import ray.data

    # As JSON, one column of strings: Arrow would want one type for each of the fields.
    rows = [{"item": json.dumps(to_dict(item))} for item in items]
    if not rows:
        return
    if not ray.is_initialized():
        ray.init(log_to_driver=False, logging_level=logging.WARNING, include_dashboard=False)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False  # the verb has its own
    logging.getLogger("ray.data").setLevel(logging.WARNING)
    n_tasks = -(-len(rows) // _ITEMS_A_TASK)
    dataset = ray.data.from_items(rows, override_num_blocks=n_tasks)
    tasks = ray.data.TaskPoolStrategy(n_jobs)
    done = dataset.map(functools.partial(_ray_row, work=work), compute=tasks)
    for row in done.iter_rows():
        yield from_dict(Outcome, json.loads(row["outcome"]), where="Ray")


def _ray_row(row: dict[str, Any], work: Work) -> dict[str, Any]:
    item = from_dict(Item, json.loads(row["item"]), where="Ray")
    return {"outcome": work(item).to_json()}
