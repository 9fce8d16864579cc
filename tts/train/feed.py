"""Batches prepared ahead, so that the device never waits for one."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

__all__ = ["Feed"]

Item = TypeVar("Item")

_WORKERS = 2
_AHEAD = 4


class Feed(Generic[Item]):
    """Makes what the next steps need in background threads, and hands it out in order.

    What it makes is a function of the step alone, so what is thrown away at the end is made again, the same,
    by a run that goes on.

    Args:
        make: from a step to what it needs; called in threads.
        step: the first step.
    """

    def __init__(self, make: Callable[[int], Item], step: int) -> None:
        self._make, self._step = make, step
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="feed")
        self._ahead: deque[Future[Item]] = deque()
        for _ in range(_AHEAD):
            self._submit()

    def take(self) -> Item:
        """What the next step needs; raises what making it raised."""
        first = self._ahead.popleft()
        self._submit()
        return first.result()

    def close(self) -> None:
        """Ends the threads."""
        self._pool.shutdown(cancel_futures=True)

    def _submit(self) -> None:
        self._ahead.append(self._pool.submit(self._make, self._step))
        self._step += 1
