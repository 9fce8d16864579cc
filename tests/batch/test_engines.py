"""Where the work is done: nothing is lost or done twice, whatever dies."""

import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tts.batch import Item, Outcome, local_engine, ray_engine
from tts.errors import ConfigError


def items(n: int) -> list[Item]:
    return [
        Item(
            line=i,
            id=f"{i}",
            text=f"{i}",
            voice="v",
            speaker=None,
            speed=1.0,
            seed=0,
            strict=False,
        )
        for i in range(1, n + 1)
    ]


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module `works.py`, by a name under which other processes find it."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return importlib.import_module("works")


def test_one_job_works_here_in_order(works: ModuleType) -> None:
    outcomes = list(local_engine(1)(iter(items(3)), works.echo))
    assert [(o.line, o.file) for o in outcomes] == [(i, f"{os.getpid()}") for i in (1, 2, 3)]


def test_processes_share_the_work_and_take_no_more_than_they_need(works: ModuleType) -> None:
    taken = 0

    def counted() -> Iterator[Item]:
        nonlocal taken
        for item in items(8):
            taken += 1
            yield item

    ahead, lines, processes = [], [], set()
    for outcome in local_engine(2)(counted(), works.echo):
        lines.append(outcome.line)
        processes.add(outcome.file)
        ahead.append(taken - len(lines))
    assert sorted(lines) == list(range(1, 9))
    assert 1 <= len(processes) <= 2 and f"{os.getpid()}" not in processes
    assert max(ahead) <= 2


def test_an_item_that_kills_its_process_twice_has_failed(works: ModuleType) -> None:
    outcomes = {o.line: o for o in local_engine(2)(iter(items(6)), works.dies_at_three)}
    assert sorted(outcomes) == [1, 2, 3, 4, 5, 6]
    assert outcomes.pop(3) == Outcome(
        line=3,
        id="3",
        status="failed",
        error="the process that spoke it died, twice",
        hint="memory may have run out: use fewer --jobs, or shorter texts",
    )
    assert {o.status for o in outcomes.values()} == {"spoken"}


def test_an_item_whose_process_died_once_is_done_over(works: ModuleType, tmp_path: Path) -> None:
    outcomes = list(local_engine(2)(iter(items(5)), works.DiesOnce(tmp_path / "died")))
    assert sorted((o.line, o.status) for o in outcomes) == [(i, "spoken") for i in range(1, 6)]
    assert (tmp_path / "died").exists()


def test_who_stops_reading_ends_the_processes(works: ModuleType) -> None:
    outcomes = local_engine(2)(iter(items(50)), works.echo)
    pid = int(next(outcomes).file)
    outcomes.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_ray_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="Ray is not installed") as caught:
        ray_engine(None)
    assert caught.value.hint == "pip install 'saywave[ray]'"
