"""A line on the terminal that says how far things are."""

import sys
import time
from types import TracebackType
from typing import Self

__all__ = ["ProgressLine"]

_INTERVAL_S = 0.1


class ProgressLine:
    """Shows progress on standard error while its block runs, if that is a terminal, and then wipes it.

    Args:
        what: what is going on.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = sys.stderr.isatty()
        self._last_s = 0.0

    def share(self, share: float) -> bool:
        """Shows the share done, from 0 to 1; always returns True, which means go on."""
        self._show(f"{self._what} {share:4.0%}")
        return True

    def count(self, done: int, total: int, left_s: float | None = None) -> None:
        """Shows how many of a total are done, and how long the rest will take, where that is known."""
        left = "" if left_s is None else f", {_duration(left_s)} left"
        self._show(f"{self._what} {done} of {total}{left}")

    def wipe(self) -> None:
        """Makes room for a line that stays."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def _show(self, line: str) -> None:
        now_s = time.monotonic()
        if self._shown and now_s - self._last_s >= _INTERVAL_S:
            self._last_s = now_s
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.wipe()


def _duration(seconds: float) -> str:
    """A time for people: its two largest units."""
    minutes, s = divmod(round(seconds), 60)
    hours, m = divmod(minutes, 60)
    return f"{hours} h {m} min" if hours else f"{m} min {s} s" if m else f"{s} s"
