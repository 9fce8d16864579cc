"""Work on many clips by several processes."""

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

__all__ = ["parallel_map"]

_CHUNK = 8

Item = TypeVar("Item")
Result = TypeVar("Result")


def parallel_map(
    function: Callable[[Item], Result], items: Sequence[Item], n_jobs: int
) -> Iterator[Result]:
    """The results in order, made by `n_jobs` processes; what still waits is dropped on an error."""
    if n_jobs <= 1 or len(items) <= _CHUNK:
        yield from map(function, items)
        return
    # Ctrl-C goes to all processes of a terminal: this one ends the others, without a trace from each.
    pool = ProcessPoolExecutor(
        n_jobs, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)
    )
    try:
        yield from pool.map(function, items, chunksize=_CHUNK)
    finally:
        pool.shutdown(cancel_futures=True)
