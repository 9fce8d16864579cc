"""Ctrl-C between two steps, not within one."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

__all__ = ["interrupts"]


@contextlib.contextmanager
def interrupts(*, insist: bool = True) -> Iterator[Callable[[], bool]]:
    """Within the block, Ctrl-C and SIGTERM only make the given function return True.

    A second Ctrl-C raises KeyboardInterrupt at once, unless `insist` is False: `torchrun` sends the signal to
    processes that have it from the terminal already. Outside the main thread, where Python cannot listen to
    signals, the function always returns False.
    """
    asked = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        if asked.is_set() and insist:
            raise KeyboardInterrupt
        asked.set()

    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
