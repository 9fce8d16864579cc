"""Batches ahead of time: in order, whatever they take, and errors where they belong."""

import threading
import time

import pytest

from tts.train.feed import Feed


def test_items_come_in_order_whatever_they_take():
    rng = [0.02, 0.0, 0.01, 0.0, 0.0, 0.02, 0.0, 0.0]

    def make(step: int) -> int:
        time.sleep(rng[step % len(rng)])
        return step * step

    feed = Feed(make, 3)
    assert [feed.take() for _ in range(6)] == [9, 16, 25, 36, 49, 64]
    feed.close()


def test_it_works_ahead_but_not_without_end():
    made: list[int] = []
    four = threading.Event()

    def make(step: int) -> int:
        made.append(step)
        if len(made) >= 4:
            four.set()
        return step

    feed = Feed(make, 0)
    assert four.wait(5)
    time.sleep(0.05)
    assert sorted(made) == [0, 1, 2, 3]
    feed.take()
    feed.close()
    assert len(made) <= 5


def test_an_error_waits_for_its_step():
    def make(step: int) -> int:
        if step == 1:
            raise OSError("broken file")
        return step

    feed = Feed(make, 0)
    assert feed.take() == 0
    with pytest.raises(OSError, match="broken file"):
        feed.take()
    feed.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("feed")]
