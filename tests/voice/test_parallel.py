"""Threads that make things ahead: the same in the same order, bounded, and gone when nobody listens."""

import gc
import threading
import time
from collections.abc import Iterator

import pytest

from tts.voice.parallel import default_threads, in_order

THREADS = [1, 2, 4]


def workers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("speak")]


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    assert workers() == []


class Counted:
    """Numbers from 0, which remembers how many were read, and by whom."""

    def __init__(self, end: int) -> None:
        self.end, self.read = end, 0
        self.readers: set[threading.Thread] = set()

    def __iter__(self) -> Iterator[int]:
        for i in range(self.end):
            self.read = i + 1
            self.readers.add(threading.current_thread())
            yield i


def spell(number: int) -> tuple[int, Iterator[str]]:
    return number, (f"{number}.{part}" for part in range(number % 3))


def taken(pairs: Iterator[tuple[int, Iterator[str]]]) -> list[tuple[int, list[str]]]:
    return [(head, list(parts)) for head, parts in pairs]


@pytest.mark.parametrize("n_threads", THREADS)
def test_it_is_map(n_threads: int) -> None:
    numbers = Counted(50)
    assert taken(in_order(spell, numbers, n_threads)) == taken(map(spell, range(50)))
    assert numbers.readers == {threading.current_thread()}
    assert taken(in_order(spell, [], n_threads)) == []


def test_a_later_item_may_be_ready_first() -> None:
    """Item 1 is whole before item 0 goes on, so they are made at once; the order is kept."""
    is_whole = threading.Event()

    def start(number: int) -> tuple[int, Iterator[str]]:
        def parts() -> Iterator[str]:
            yield "first"
            if number == 0:
                assert is_whole.wait(timeout=60)
            else:
                is_whole.set()

        return number, parts()

    assert taken(in_order(start, range(2), 2)) == [(0, ["first"]), (1, ["first"])]


def test_the_first_item_is_alone_until_it_is_heard() -> None:
    numbers = Counted(50)
    pairs = in_order(lambda number: (number, iter("ab")), numbers, 4)
    head, parts = next(pairs)
    assert (head, next(parts), numbers.read) == (0, "a", 1)
    assert (next(parts), numbers.read) == ("b", 9)
    pairs.close()


@pytest.mark.parametrize("n_threads", [2, 4])
def test_a_slow_reader_stops_the_threads(n_threads: int) -> None:
    """However long it waits, no more is read or made than two items a thread ahead."""
    made: list[int] = []
    settled = threading.Semaphore(0)

    def start(number: int) -> tuple[int, Iterator[str]]:
        made.append(number)
        settled.release()
        return number, iter("ab")

    numbers = Counted(1000)
    pairs = in_order(start, numbers, n_threads)
    for i in range(5):
        head, parts = next(pairs)
        assert (head, list(parts)) == (i, ["a", "b"])
        ahead = i + 1 + 2 * n_threads
        while len(made) < ahead:
            assert settled.acquire(timeout=60)
        assert numbers.read == ahead
        assert sorted(made) == list(range(ahead))
    pairs.close()


@pytest.mark.parametrize("n_threads", THREADS)
@pytest.mark.parametrize("where", ["items", "start", "parts"])
def test_an_error_comes_when_it_is_its_turn(n_threads: int, where: str) -> None:
    def items() -> Iterator[int]:
        yield from range(7)
        if where == "items":
            raise KeyError("here")
        yield from range(7, 20)

    def start(number: int) -> tuple[int, Iterator[str]]:
        if where == "start" and number == 7:
            raise KeyError("here")
        return number, parts(number)

    def parts(number: int) -> Iterator[str]:
        yield "a"
        if number == 7:
            raise KeyError("here")

    heard: list[int] = []

    def listen() -> None:
        for head, made in in_order(start, items(), n_threads):
            heard.extend(head for _ in made)

    with pytest.raises(KeyError, match="here"):
        listen()
    assert heard == list(range(7 + (where == "parts")))
    assert workers() == []


@pytest.mark.parametrize("n_threads", [2, 4])
@pytest.mark.parametrize("n_heard", [0, 1, 3])
def test_closing_ends_what_is_being_made(n_threads: int, n_heard: int) -> None:
    """Parts without an end are being made by every thread."""
    closed: list[int] = []

    def start(number: int) -> tuple[int, Iterator[str]]:
        def parts() -> Iterator[str]:
            try:
                while True:
                    time.sleep(0.001)
                    yield "a"
            finally:
                closed.append(number)

        return number, parts()

    pairs = in_order(start, range(1000), n_threads)
    _, parts = next(pairs)
    for _ in range(n_heard):
        next(parts)
    pairs.close()
    assert workers() == []
    del parts  # the caller's own
    assert len(closed) <= n_threads + 1
    assert (0 in closed) == (n_heard > 0)
    if n_heard > 1:
        assert len(closed) == n_threads + 1


def test_ctrl_c_ends_it() -> None:
    """It arrives in the caller's thread, while the others work."""

    def listen() -> None:
        for _, parts in in_order(lambda number: (number, iter("ab")), interrupted(), 2):
            list(parts)

    def interrupted() -> Iterator[int]:
        yield from range(3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        listen()
    assert workers() == []


def test_an_error_does_not_hold_what_it_went_through() -> None:
    """Not until the collector comes, which a long-lived process may put off."""
    freed = threading.Event()

    class Large:
        def __del__(self) -> None:
            freed.set()

    def start(number: int) -> tuple[int, Iterator[str]]:
        large = Large()
        assert number == -1, large
        return number, iter("a")

    gc.disable()
    try:
        with pytest.raises(AssertionError):
            taken(in_order(start, (-1, 0), 2))
        assert freed.wait(timeout=60)
    finally:
        gc.enable()


@pytest.mark.parametrize(("n_cores", "expected"), [(1, 1), (2, 2), (64, 4)])
def test_as_many_threads_as_cores_but_few(
    monkeypatch: pytest.MonkeyPatch, n_cores: int, expected: int
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(n_cores)), raising=False)
    assert default_threads() == expected
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: n_cores)
    assert default_threads() == expected
