"""What several threads make ahead, handed out in order: the utterances of a text, one a thread.

    items:    0   1   2   3   4   5 ...      read in the caller's thread, a few of them ahead
              |   |   |   |
    threads:      1 > > > 3 >                each item's parts are made one after the other
                  2 > 4 > > >
    caller:   0 0 0 1 1 2 ...                parts in order; errors where they would have been

The first item is made by the caller's own thread, and nothing else until its first part is there: nothing
delays that. What is made ahead lies in memory until it is asked for: a slow reader stops the threads after
the few items that are ahead.
"""

import itertools
import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

__all__ = ["default_threads", "in_order"]

Item = TypeVar("Item")
Head = TypeVar("Head")
Part = TypeVar("Part")

_MOST_THREADS = 4  # a third of the work holds Python's lock: more would wait for it
_END = object()


def default_threads() -> int:
    """As many as there are cores that this process may use, up to four."""
    if hasattr(os, "sched_getaffinity"):
        return min(_MOST_THREADS, len(os.sched_getaffinity(0)))
    return min(_MOST_THREADS, os.cpu_count() or 1)  # macOS and Windows


def in_order(
    start: Callable[[Item], tuple[Head, Iterator[Part]]], items: Iterable[Item], n_threads: int
) -> Generator[tuple[Head, Iterator[Part]]]:
    """`map(start, items)`, of which threads make heads and parts ahead; closing it ends them.

    Args:
        start: begins an item, in the thread that then makes the parts.
        items: read in the caller's thread, at most two for each thread ahead of the one that is given.
        n_threads: how many items are made at once; one is none but the caller's.

    Returns:
        What `start` returns for each item. Its parts must be taken before the next item is.
    """
    if n_threads == 1:
        yield from map(start, items)
        return
    source, ended = iter(items), threading.Event()
    ahead: deque[_Making[Head, Part]] = deque()
    pool = ThreadPoolExecutor(n_threads, thread_name_prefix="speak")

    def read(n_ahead: int) -> None:
        """Begins items until so many are ahead; what fails is put off until it is its turn."""
        while len(ahead) < n_ahead and not (ahead and ahead[-1].is_last):
            making: _Making[Head, Part] = _Making(ended)
            try:
                pool.submit(making.make, start, next(source))
            except StopIteration:
                return
            except Exception as error:
                making.fail(error)
            ahead.append(making)

    def reading(parts: Iterator[Part]) -> Iterator[Part]:
        """Parts, each of which, once it was heard, lets more items be read."""
        for part in parts:
            yield part
            read(2 * n_threads)

    try:
        for item in itertools.islice(source, 1):
            head, parts = start(item)
            yield head, reading(parts)
        read(2 * n_threads)
        while ahead:
            making = ahead.popleft()
            yield making.head(), reading(making.parts())
            read(2 * n_threads)
    finally:
        ended.set()
        pool.shutdown(cancel_futures=True)


class _Making(Generic[Head, Part]):
    """One item: a thread makes it, another takes it.

    Args:
        ended: set when nobody wants it any more.
    """

    def __init__(self, ended: threading.Event) -> None:
        self.is_last = False
        self._ended = ended
        self._made: SimpleQueue[Any] = SimpleQueue()

    def make(self, start: Callable[[Item], tuple[Head, Iterator[Part]]], item: Item) -> None:
        """Makes all of it, unless it ends before."""
        try:
            head, parts = start(item)
            self._made.put(head)
            for part in parts:
                if self._ended.is_set():
                    return
                self._made.put(part)
            self._made.put(_END)
        except BaseException as error:
            self._made.put(_Failure(error))

    def fail(self, error: Exception) -> None:
        """There is nothing but an error, and nothing after it."""
        self.is_last = True
        self._made.put(_Failure(error))

    def head(self) -> Head:
        """Waits for what `start` returned; raises what it raised."""
        head: Head = self._take()
        return head

    def parts(self) -> Iterator[Part]:
        """Waits for one part after the other."""
        while (part := self._take()) is not _END:
            yield part

    def _take(self) -> Any:
        made = self._made.get()
        if isinstance(made, _Failure):
            try:
                raise made.error
            finally:
                del made  # or the error would hold itself, and all that it went through
        return made


class _Failure:
    """An error that was raised in another thread than the one that is to hear of it."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
