"""Work for the engines' tests, in a module that other processes can import."""

import os
import signal
from pathlib import Path

from tts.batch import Item, Outcome


def echo(item: Item) -> Outcome:
    """Tells which process did it."""
    return Outcome(line=item.line, id=item.id, status="spoken", file=f"{os.getpid()}")


def dies_at_three(item: Item) -> Outcome:
    """Kills its process at the third item."""
    if item.line == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return echo(item)


class DiesOnce:
    """Kills its process the first time that it meets the third item."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __call__(self, item: Item) -> Outcome:
        if item.line == 3 and not self.trace.exists():
            self.trace.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return echo(item)
