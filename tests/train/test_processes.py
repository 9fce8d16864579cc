"""Several processes train one model: real ones, on gloo."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tts.train.loop import train
from tts.train.processes import Processes, Verdict, join_processes
from tts.train.recipe import Recipe, recipe_to_dict
from tts.train.runs import last_snapshot, load_snapshot

ROOT = Path(__file__).parents[2]
LIMIT_S = 120

SCRIPT = """
import os, signal, sys
from tts.cli import main
rank = int(os.environ["RANK"])
{setup}
sys.exit(main(["train", "recipe.toml"]))
"""


def quiet(line: str) -> None:
    """Takes no notice."""


def write_toml(recipe: Recipe, path: Path) -> None:
    """The recipe as a file; JSON's values are TOML's here."""
    tables, lines = recipe_to_dict(recipe), []
    for key, value in tables.items():
        if not isinstance(value, dict):
            lines.append(f"{key} = {json.dumps(value)}")
    for key, table in tables.items():
        if isinstance(table, dict):
            lines.append(f"[{key}]")
            lines += [f"{k} = {json.dumps(v)}" for k, v in table.items() if v is not None]
    path.write_text("\n".join(lines))


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **more}


def start_two(folder: Path, setup: str) -> list[subprocess.Popen[str]]:
    """Two processes as torchrun starts them, but with nobody who would end one if the other ends."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = str(probe.getsockname()[1])
    group = {"WORLD_SIZE": "2", "MASTER_ADDR": "localhost", "MASTER_PORT": port}
    return [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT.format(setup=setup)],
            cwd=folder,
            env=environment(RANK=str(rank), LOCAL_RANK=str(rank), **group),
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in (0, 1)
    ]


def ends(processes: list[subprocess.Popen[str]]) -> list[tuple[int, str]]:
    try:
        return [(p.wait(LIMIT_S), p.communicate()[1]) for p in processes]
    finally:
        for process in processes:
            process.kill()


def losses(recipe: Recipe) -> list[tuple[str, float]]:
    lines = (Path(recipe.run) / "metrics.jsonl").read_text().splitlines()
    return [(line["split"], line["loss"]) for line in map(json.loads, lines)]


def test_two_processes_learn_what_one_does(make_recipe, tmp_path):
    alone = make_recipe("vocoder", "train.precision=float32", "batches.batch_size=3", run="alone")
    train(alone, log=quiet)
    both = make_recipe("vocoder", "train.precision=float32", "batches.batch_size=3", run="both")
    write_toml(both, tmp_path / "recipe.toml")
    command = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "tts"]
    done = subprocess.run(
        [sys.executable, *command, "train", "recipe.toml"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = done.stderr.splitlines()
    assert sum("2 x cpu, from step 0" in line for line in said) == 1
    assert sum(line.startswith("step 6: loss ") for line in said) == 1
    assert sum(": done, step 6" in line for line in said) == 1
    ours, theirs = losses(both), losses(alone)
    assert len(ours) == 8
    for (split, loss), (expected_split, expected) in zip(ours, theirs, strict=True):
        assert split == expected_split
        assert loss == pytest.approx(expected, rel=1e-5)
    first, second = (load_snapshot(last_snapshot(Path(recipe.run))) for recipe in (alone, both))
    for name in first.averaged:
        torch.testing.assert_close(second.averaged[name], first.averaged[name], rtol=0, atol=1e-4)


FAILS = """
from tts.errors import CorpusError
from tts.data.batches import VocoderBatches
shard = VocoderBatches.shard
def broken(self, step, index, n):
    if rank == 1 and step == 3:
        raise CorpusError("a file is broken")
    return shard(self, step, index, n)
VocoderBatches.shard = broken
"""
CANNOT_SAVE = """
import torch
def full(values, file):
    raise OSError(28, "No space left on device")
torch.save = full
"""
DIES = """
from tts.data.batches import VocoderBatches
from tts.train import learner
update = learner.Learner.update
def die(self, *rates):
    if rank == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    update(self, *rates)
learner.Learner.update = die
"""


@pytest.mark.parametrize(
    ("setup", "codes", "says", "other_says"),
    [
        (FAILS, (1, 1), (1, "error: a file is broken"), "another process of this run failed"),
        (CANNOT_SAVE, (1, 1), (0, "No space left"), "another process of this run failed"),
        (DIES, (1, -signal.SIGKILL), (1, ""), "another process of this run has gone"),
    ],
    ids=["one fails", "the first cannot save", "one is killed"],
)
def test_one_that_ends_does_not_leave_the_other_waiting(
    make_recipe, tmp_path, setup, codes, says, other_says
):
    write_toml(make_recipe("vocoder"), tmp_path / "recipe.toml")
    found = ends(start_two(tmp_path, setup))
    assert tuple(code for code, _ in found) == codes, found
    rank, message = says
    assert message in found[rank][1]
    assert other_says in found[1 - rank][1]


INTERRUPTS_THE_SECOND = """
from tts.train import learner
update = learner.Learner.update
def interrupt(self, *rates):
    update(self, *rates)
    self.n = getattr(self, "n", 0) + 1
    if rank == 1 and self.n == 2:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)  # as torchrun's comes after the terminal's
learner.Learner.update = interrupt
"""


def test_all_stop_at_the_same_step_and_the_run_goes_on_with_one(make_recipe, tmp_path):
    recipe = make_recipe("vocoder")
    write_toml(recipe, tmp_path / "recipe.toml")
    found = ends(start_two(tmp_path, INTERRUPTS_THE_SECOND))
    assert [code for code, _ in found] == [130, 130], found
    assert "stopped at step 2; go on with --resume" in found[0][1]
    assert found[1][1] == ""  # one log
    assert load_snapshot(last_snapshot(Path(recipe.run))).step == 2
    assert train(recipe, resume=True, log=quiet).step == 6


def test_a_process_alone_agrees_with_itself(monkeypatch):
    monkeypatch.delenv("RANK", raising=False)
    with join_processes() as alone:
        assert alone == Processes()
        assert alone.is_first
        assert alone.agree(Verdict.INTERRUPTED) is Verdict.INTERRUPTED
        tensor = torch.ones(2)
        alone.add_up([tensor])
        assert tensor.tolist() == [1.0, 1.0]
