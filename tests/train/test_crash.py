"""A run may die anywhere: killed in a step, in a save, or by a machine that loses what it wrote."""

import dataclasses
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tts.errors import TrainingError
from tts.train.loop import train
from tts.train.pack import pack
from tts.train.recipe import Recipe, recipe_to_dict
from tts.train.runs import last_snapshot, load_averaged, load_snapshot, snapshots

from .test_loop import assert_same_snapshots, metrics, quiet

# All that carries something from step to step: dropout, turns, patience, and the threads that read ahead.
EVERYTHING = ("train.accumulate=2", "train.patience=50", "train.validate_every=1")


def losses(recipe: Recipe) -> list[float]:
    return [
        line["loss"] for split in ("train", "validation") for line in metrics(recipe.run, split)
    ]


def run_and_die(recipe: Recipe, where: str) -> None:
    """Trains in a process of its own that kills itself with SIGKILL; `where` is Python that says when."""
    code = f"""
import os, signal, torch
from pathlib import Path
from tts.train.loop import train
from tts.train.recipe import recipe_from_dict

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def log(line):
    pass

{where}
train(recipe_from_dict({recipe_to_dict(recipe)!r}, where="test"), log=log)
"""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


IN_A_STEP = """
def log(line):
    if line.startswith("step 5: loss"):
        die()
"""
IN_A_SAVE = """
save = torch.save
def save_half(values, file):
    save(values, file)
    if values["step"] == 4:
        file.flush()
        os.truncate(file.name, Path(file.name).stat().st_size // 2)
        die()
torch.save = save_half
"""


@pytest.mark.parametrize("where", [IN_A_STEP, IN_A_SAVE], ids=["in a step", "in a save"])
def test_a_killed_run_goes_on_to_the_same_bits(make_recipe, where):
    settings = (*EVERYTHING, "train.checkpoint_every=2")
    straight = make_recipe("acoustic", *settings, run="straight")
    train(straight, log=quiet)
    recipe = make_recipe("acoustic", *settings, run="killed")
    run_and_die(recipe, where)
    folder = Path(recipe.run) / "checkpoints"
    left = [path.name for path in folder.iterdir() if path.name.endswith(".part")]
    assert len(left) == (1 if where is IN_A_SAVE else 0)
    assert load_snapshot(last_snapshot(Path(recipe.run))).step == (2 if where is IN_A_SAVE else 4)
    train(recipe, resume=True, log=quiet)
    assert_same_snapshots(straight.run, recipe.run)
    assert losses(recipe) == losses(straight)
    assert [path.name for path in folder.iterdir() if path.name.endswith(".part")] == []


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.9, 0.999])
def test_a_newest_checkpoint_that_is_cut_off_is_passed_over(make_recipe, share):
    recipe = make_recipe("vocoder", "train.checkpoint_every=2")
    train(recipe, log=quiet)
    expected, before = losses(recipe), load_snapshot(last_snapshot(Path(recipe.run)))
    older, newest = snapshots(Path(recipe.run))
    os.truncate(newest, int(newest.stat().st_size * share))
    lines: list[str] = []
    train(recipe, resume=True, log=lines.append)
    assert lines[0].startswith(f"warning: {newest}: cannot be read: ")
    assert lines[0].endswith("; going on from the checkpoint before")
    assert "from step 4" in lines[1]
    after = load_snapshot(last_snapshot(Path(recipe.run)))
    assert all(torch.equal(after.model[name], before.model[name]) for name in before.model)
    assert losses(recipe) == expected
    assert older.exists()


def test_a_broken_checkpoint_does_not_outlive_a_newer_save(make_recipe):
    """Else it would be taken for the newest once more, and good ones be removed for it."""
    recipe = make_recipe("vocoder", "train.checkpoint_every=3")
    train(recipe, log=quiet)
    newest = last_snapshot(Path(recipe.run))
    newest.write_bytes(b"")
    again = dataclasses.replace(recipe.train, steps=4, keep=1)
    train(dataclasses.replace(recipe, train=again), resume=True, log=quiet)
    assert [path.name for path in snapshots(Path(recipe.run))] == ["step-00000004.pt"]


def test_where_all_are_broken_the_oldest_is_named(make_recipe):
    recipe = make_recipe("vocoder")
    train(recipe, log=quiet)
    paths = snapshots(Path(recipe.run))
    assert len(paths) == 2
    for path in paths:
        path.write_bytes(b"PK")
    with pytest.raises(TrainingError, match=r"step-00000003\.pt: cannot be read"):
        train(recipe, resume=True, log=quiet)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_where_the_disk_ends_the_last_good_checkpoint_is_left(make_recipe, monkeypatch, share):
    """The system refuses real writes: files may grow up to a share of what a snapshot needs."""
    recipe = make_recipe("vocoder", "train.checkpoint_every=2")
    save, limits = torch.save, resource.getrlimit(resource.RLIMIT_FSIZE)

    def full(values, file):
        if values["step"] == 4:
            size = snapshots(Path(recipe.run))[-1].stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(share * size), limits[1]))
        try:
            save(values, file)
            file.flush()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", full)
        with pytest.raises(TrainingError, match="step 4 cannot be written: File too") as caught:
            train(recipe, log=quiet)
    last = Path(recipe.run) / "checkpoints" / "step-00000002.pt"
    assert str(caught.value).endswith(f"; the last good checkpoint is {last}")
    assert caught.value.hint == "make room, and go on with --resume"
    assert [path.name for path in (Path(recipe.run) / "checkpoints").iterdir()] == [
        "step-00000002.pt"
    ]
    straight = make_recipe("vocoder", "train.checkpoint_every=2", run="straight")
    train(straight, log=quiet)
    train(recipe, resume=True, log=quiet)
    assert_same_snapshots(straight.run, recipe.run)


# -- how many are kept, and their mean ----------------------------------------------------------------


def test_as_many_checkpoints_are_kept_as_asked_for_and_can_be_averaged(make_recipe, tmp_path):
    recipe = make_recipe("vocoder", "train.checkpoint_every=1", "train.keep=4")
    train(recipe, log=quiet)
    run = Path(recipe.run)
    assert [load_snapshot(path).step for path in snapshots(run)] == [3, 4, 5, 6]
    parts = [load_snapshot(path).averaged for path in snapshots(run)[-3:]]
    mean = load_averaged(run, 3).model.state_dict()
    for name in mean:
        torch.testing.assert_close(mean[name], sum(part[name] for part in parts) / 3, msg=name)
    assert not torch.equal(mean["head.weight"], parts[-1]["head.weight"])

    from tts.checkpoint import load_vocoder

    packed = load_vocoder(pack(run, tmp_path / "voice", n_average=3, dtype="float32"))
    assert torch.equal(packed.model.head.weight, mean["head.weight"])
    assert packed.provenance["n_average"] == 3
    with pytest.raises(TrainingError, match="holds 4 checkpoints, fewer than 5") as caught:
        pack(run, tmp_path / "voice", n_average=5)
    assert "keep" in caught.value.hint


def test_a_bad_loss_names_the_clips(make_recipe, monkeypatch):
    from tts.data.prepared import PreparedCorpus
    from tts.train.setup import build_batches

    recipe = make_recipe("acoustic")
    corpus = PreparedCorpus.load(Path(recipe.corpus))
    ids = build_batches(recipe, corpus, "train", (), recipe.train.seed).ids(0)
    monkeypatch.setattr(
        PreparedCorpus, "mel_of", lambda self, u: torch.full((8, u.n_frames), float("nan")).numpy()
    )
    with pytest.raises(TrainingError, match="step 0: the loss is nan") as caught:
        train(recipe, log=quiet)
    assert f"on the clips {', '.join(ids)}; there is no checkpoint yet" in str(caught.value)
    shutil.rmtree(recipe.run)
