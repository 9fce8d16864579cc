"""The loop: exact resume, averages, reports, and every way to stop."""

import copy
import dataclasses
import json
import os
import shutil
import signal
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from tts.data.prepared import PreparedCorpus
from tts.errors import CorpusError, TrainingError
from tts.train.interrupt import interrupts
from tts.train.learner import average
from tts.train.loop import train
from tts.train.metrics import Metrics
from tts.train.runs import build_model, last_snapshot, load_averaged, load_snapshot
from tts.train.schedule import averaging_decay
from tts.train.setup import pick_device
from tts.vocoder.wavenet import WaveNet

KINDS = ("vocoder", "acoustic", "tacotron2")


def quiet(line: str) -> None:
    """Takes no notice."""


def metrics(run: str, split: str) -> list[dict[str, float]]:
    lines = [json.loads(line) for line in (Path(run) / "metrics.jsonl").read_text().splitlines()]
    return [line for line in lines if line["split"] == split]


def same(a, b) -> bool:
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def assert_same_snapshots(a: str, b: str) -> None:
    ours, theirs = (load_snapshot(last_snapshot(Path(run))) for run in (a, b))
    for name in ("step", "model", "averaged", "optimizer", "scaler"):
        assert same(getattr(ours, name), getattr(theirs, name)), name


@pytest.mark.parametrize("kind", KINDS)
def test_a_resumed_run_has_the_same_bits(make_recipe, kind):
    straight = make_recipe(kind, run="straight")
    summary = train(straight, log=quiet)
    assert (summary.step, summary.interrupted) == (6, False)

    short = make_recipe(kind, "train.steps=3", run="cut")
    train(short, log=quiet)
    torch.rand(5)  # what happens between the two does not matter
    cut = make_recipe(kind, "train.checkpoint_every=2", run="cut")
    again = train(cut, resume=True, log=quiet)
    assert_same_snapshots(straight.run, cut.run)
    plateaus = {str(load_averaged(Path(r.run)).snapshot.plateau) for r in (straight, cut)}
    assert len(plateaus) == 1
    assert again.validation_loss == summary.validation_loss
    for split in ("train", "validation"):
        ours, theirs = metrics(straight.run, split), metrics(cut.run, split)
        timing = ("seconds", "seconds_per_step", "waiting", "peak_memory_mb")
        assert [{k: v for k, v in m.items() if k not in timing} for m in ours] == [
            {k: v for k, v in m.items() if k not in timing} for m in theirs
        ]


def test_reports_do_not_change_what_is_learnt(make_recipe):
    reporting = make_recipe("acoustic", "train.validate_every=1", run="reporting")
    train(reporting, log=quiet)
    silent = make_recipe("acoustic", "train.validate_every=0", "train.log_every=0", run="silent")
    train(silent, log=quiet)
    assert_same_snapshots(reporting.run, silent.run)


def test_the_seed_decides(make_recipe):
    runs = [make_recipe("vocoder", f"train.seed={seed}", run=f"{seed}") for seed in (1, 2)]
    for recipe in runs:
        train(recipe, log=quiet)
    first, second = (load_averaged(Path(recipe.run)).snapshot.model for recipe in runs)
    assert not same(first, second)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_the_loss_falls(make_recipe, kind, precision):
    recipe = make_recipe(
        kind,
        *("train.steps=40", "train.learning_rate=0.01", f"train.precision={precision}"),
        *("train.log_every=20", "train.checkpoint_every=0"),
    )
    lines: list[str] = []
    summary = train(recipe, log=lines.append)
    first, last = metrics(recipe.run, "train")
    assert last["loss"] < first["loss"]
    assert {"gradient_norm", "learning_rate", "seconds", "seconds_per_step"} <= set(last)
    assert summary.validation_loss == metrics(recipe.run, "validation")[-1]["loss"]
    assert "weights" in lines[0]
    assert any("step 40: loss" in line for line in lines)
    assert last_snapshot(Path(recipe.run)) is not None  # the last step is always kept
    assert list(Path(recipe.run).glob("events.out.tfevents.*"))


def test_the_average_is_that_of_a_plain_loop(make_recipe):
    recipe = make_recipe("vocoder", "train.checkpoint_every=1", "train.ema_decay=0.5")
    seen: list[dict[str, torch.Tensor]] = []

    def look(line: str) -> None:
        path = last_snapshot(Path(recipe.run))
        step = load_snapshot(path).step if path else 0
        if step > len(seen):
            seen.append(load_snapshot(path).model)

    train(recipe, log=look)
    seen.append(load_snapshot(last_snapshot(Path(recipe.run))).model)
    assert len(seen) == 6
    corpus = PreparedCorpus.load(Path(recipe.corpus))
    torch.manual_seed(recipe.train.seed)
    start = build_model(recipe, corpus.mel, len(corpus.symbols))
    expected = {name: weights.detach() for name, weights in start.named_parameters()}
    for step, model in enumerate(seen):
        decay = min(0.5, (1 + step) / (10 + step))
        assert decay == averaging_decay(recipe.train, step)
        expected = {n: decay * w + (1 - decay) * model[n] for n, w in expected.items()}
    averaged = load_averaged(Path(recipe.run))
    for name, weights in averaged.model.named_parameters():
        torch.testing.assert_close(weights.detach(), expected[name])
    assert torch.equal(averaged.model.band_scale, seen[-1]["band_scale"])  # as calibrated
    assert not torch.equal(averaged.model.band_scale, torch.ones(4))


def test_average_copies_buffers():
    model = nn.BatchNorm1d(2)
    averaged = copy.deepcopy(model)
    model.running_mean += 3.0
    with torch.no_grad():
        model.weight += 1.0
    average(averaged, model, 0.9)
    assert averaged.running_mean.tolist() == [3.0, 3.0]
    torch.testing.assert_close(averaged.weight.detach(), torch.tensor([1.1, 1.1]))


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_ends_the_run(make_recipe, monkeypatch, bad):
    recipe = make_recipe("vocoder", "train.checkpoint_every=2")
    loss, calls = WaveNet.loss, []

    def spoilt(self, batch):
        calls.append(self.training)
        values = loss(self, batch)
        return values if sum(calls) < 6 else {"loss": values["loss"] * bad}

    monkeypatch.setattr(WaveNet, "loss", spoilt)
    with pytest.raises(TrainingError, match=r"step 5: the loss is .*step-00000004\.pt") as caught:
        train(recipe, log=quiet)
    assert caught.value.hint == (
        "start a new run with a lower [train] learning_rate or precision = 'float32'; "
        f"--from {recipe.run} gives it the weights of that checkpoint"
    )
    assert load_averaged(Path(recipe.run)).snapshot.step == 4


def test_the_last_two_checkpoints_are_kept(make_recipe):
    recipe = make_recipe("vocoder", "train.checkpoint_every=1")
    train(recipe, log=quiet)
    names = sorted(path.name for path in (Path(recipe.run) / "checkpoints").iterdir())
    assert names == ["step-00000005.pt", "step-00000006.pt"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_saves_and_can_be_resumed(make_recipe, number):
    straight = make_recipe("vocoder", run="straight")
    train(straight, log=quiet)
    recipe = make_recipe("vocoder")
    handler = signal.getsignal(number)

    def interrupt(line: str) -> None:
        if line.startswith("step 2:"):
            os.kill(os.getpid(), number)

    summary = train(recipe, log=interrupt)
    assert (summary.step, summary.interrupted) == (2, True)
    assert signal.getsignal(number) is handler
    assert load_averaged(Path(recipe.run)).snapshot.step == 2
    assert not train(recipe, resume=True, log=quiet).interrupted
    assert_same_snapshots(straight.run, recipe.run)


def test_a_second_ctrl_c_does_not_wait():
    with interrupts() as interrupted:
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupted()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    with interrupts() as interrupted:
        assert not interrupted()


def test_a_thread_trains_without_listening(make_recipe):
    recipe = make_recipe("vocoder")
    thread = threading.Thread(target=train, args=(recipe,), kwargs={"log": quiet})
    thread.start()
    thread.join()
    assert load_averaged(Path(recipe.run)).snapshot.step == 6


def test_a_run_folder_in_use_is_refused(make_recipe):
    recipe = make_recipe("vocoder")
    Path(recipe.run).mkdir()
    (Path(recipe.run) / "notes.txt").touch()
    for resume in (False, True):
        with pytest.raises(TrainingError, match=r"is not empty: it holds 'notes\.txt'") as caught:
            train(recipe, resume=resume, log=quiet)
        assert caught.value.hint == "choose another run = ..."
    assert [path.name for path in Path(recipe.run).iterdir()] == ["notes.txt"]

    used = make_recipe("vocoder", "train.steps=1", run="used")
    train(used, log=quiet)
    with pytest.raises(TrainingError, match="is not empty") as caught:
        train(used, log=quiet)
    assert "--resume" in caught.value.hint


def test_there_is_nothing_to_resume(make_recipe):
    recipe = make_recipe("vocoder")
    with pytest.raises(TrainingError, match="holds no checkpoint to resume from") as caught:
        train(recipe, resume=True, log=quiet)
    assert caught.value.hint == "start without --resume"
    assert not Path(recipe.run).exists()


@pytest.mark.parametrize("resume", [False, True])
def test_a_run_that_died_before_its_first_checkpoint_starts_afresh(make_recipe, resume):
    straight = make_recipe("vocoder", "train.steps=2", run="straight")
    train(straight, log=quiet)
    recipe = make_recipe("vocoder", "train.steps=2", "train.checkpoint_every=0")

    def die(line: str) -> None:
        if line.startswith("step 1:"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(recipe, log=die)
    (Path(recipe.run) / "checkpoints").mkdir()
    (Path(recipe.run) / "metrics.jsonl").write_text('{"step": 1, "split": "train"}\n')
    lines: list[str] = []
    assert train(recipe, resume=resume, log=lines.append).step == 2
    assert "holds no checkpoint of the run before; this one starts afresh" in lines[0]
    assert [line["step"] for line in metrics(recipe.run, "train")] == [1, 2]
    assert_same_snapshots(straight.run, recipe.run)


def test_a_run_below_a_file_is_refused(make_recipe, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(TrainingError, match="cannot be made: Not a directory") as caught:
        train(make_recipe("vocoder", run="file/run"), log=quiet)
    assert caught.value.hint == "choose another run = ..."
    with pytest.raises(TrainingError, match="is not a folder"):
        train(make_recipe("vocoder", run="file"), log=quiet)


def test_a_report_that_cannot_be_written_costs_no_steps(make_recipe, monkeypatch):
    straight = make_recipe("vocoder", run="straight")
    train(straight, log=quiet)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tts.train.loop.build_sampler", lambda *_: full)
    monkeypatch.setattr("tts.train.metrics.json", SimpleNamespace(dumps=full))
    recipe = make_recipe("vocoder", "train.sample_every=3")
    lines: list[str] = []
    assert train(recipe, log=lines.append).step == 6
    told = [line for line in lines if "a report is left out: [Errno 28] No space" in line]
    assert len(told) == 6 + 2 + 2  # losses, validations, samples
    assert told[0].startswith("warning: step 1: ")
    assert_same_snapshots(straight.run, recipe.run)


def test_half_a_line_of_metrics_is_taken_back(tmp_path, monkeypatch):
    log = Metrics(tmp_path, 0, quiet)
    log.write(1, "train", {"loss": 1.0})
    opened = Path.open

    def half(path, *args, **options):
        file = opened(path, *args, **options)
        write = file.write

        def cut(text: str) -> None:
            write(text[:5])
            raise OSError(28, "No space left on device")

        file.write = cut
        return file

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", half)
        with pytest.raises(OSError, match="No space left"):
            log.write(2, "train", {"loss": 1.0})
    log.write(3, "train", {"loss": 1.0})
    log.close()
    assert [line["step"] for line in metrics(str(tmp_path), "train")] == [1, 3]


def test_training_goes_on_without_tensorboard_when_that_cannot_write(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    lines: list[str] = []
    log = Metrics(tmp_path, 0, lines.append)
    with monkeypatch.context() as patch:
        patch.setattr("torch.utils.tensorboard.SummaryWriter.add_scalar", full)
        log.write(1, "train", {"loss": 1.0})
    log.write(2, "train", {"loss": 1.0})
    log.close()
    assert lines == ["TensorBoard's events end here: No space left on device"]
    assert [line["step"] for line in metrics(str(tmp_path), "train")] == [1, 2]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            "train.learning_rate=0.1",
            "train.learning_rate is 0.1 in the recipe, but 0.001 in the run",
        ),
        ("vocoder.skip_dim=32", "vocoder.skip_dim is 32 in the recipe, but 16 in the run"),
        ("batches.batch_size=3", "batches.batch_size is 3 in the recipe, but 2 in the run"),
    ],
)
def test_another_recipe_cannot_resume_a_run(make_recipe, setting, message):
    train(make_recipe("vocoder", "train.steps=1"), log=quiet)
    with pytest.raises(TrainingError, match=message) as caught:
        train(make_recipe("vocoder", setting), resume=True, log=quiet)
    assert "set it back; free to change are: batches.predicted, " in caught.value.hint
    assert "--from" in caught.value.hint


def test_all_that_differs_from_the_run_is_told_at_once(make_recipe, monkeypatch):
    train(make_recipe("vocoder", "train.steps=1"), log=quiet)
    monkeypatch.setattr(PreparedCorpus, "key", "another")
    changed = make_recipe("vocoder", "train.seed=9", "vocoder.skip_dim=32", "train.steps=2")
    with pytest.raises(TrainingError, match="it cannot go on") as caught:
        train(changed, resume=True, log=quiet)
    first, *lines = str(caught.value).splitlines()
    assert first == f"{changed.run}: it cannot go on"
    assert sorted(lines) == [
        f"  {changed.corpus} is not the corpus that {changed.run} was started on",
        "  train.seed is 9 in the recipe, but 1 in the run to resume",
        "  vocoder.skip_dim is 32 in the recipe, but 16 in the run to resume",
    ]


@pytest.mark.parametrize(("kind", "name"), [("acoustic", "deepvoice3"), ("tacotron2", "tacotron2")])
def test_a_run_of_another_model_cannot_be_resumed(make_recipe, kind, name):
    """Its settings are others, and not told one by one."""
    train(make_recipe("vocoder", "train.steps=1"), log=quiet)
    message = f"run: is the run of a wavenet, but the recipe trains a {name}$"
    with pytest.raises(TrainingError, match=message) as caught:
        train(make_recipe(kind), resume=True, log=quiet)
    assert "its own recipe" in caught.value.hint


def test_a_setting_younger_than_the_run_had_its_default(make_recipe):
    train(make_recipe("vocoder", "train.steps=1"), log=quiet)
    path = last_snapshot(Path(make_recipe("vocoder").run))
    values = torch.load(path, weights_only=True)
    del values["recipe"]["train"]["eps"]
    torch.save(values, path)
    with pytest.raises(
        TrainingError, match=r"train\.eps is 1e-06 in the recipe, but 1e-08 in the run"
    ):
        train(make_recipe("vocoder", "train.eps=1e-6"), resume=True, log=quiet)
    assert train(make_recipe("vocoder", "train.steps=2"), resume=True, log=quiet).step == 2


def test_another_corpus_cannot_resume_a_run(make_recipe, monkeypatch):
    recipe = make_recipe("vocoder", "train.steps=1")
    train(recipe, log=quiet)
    monkeypatch.setattr(PreparedCorpus, "key", "another")
    with pytest.raises(TrainingError, match=r"is not the corpus that .* was started on"):
        train(recipe, resume=True, log=quiet)


def test_a_corpus_of_other_symbols_cannot_resume_a_run(make_recipe, prepared_folder, tmp_path):
    other = shutil.copytree(prepared_folder, tmp_path / "other")
    header = json.loads((other / "corpus.json").read_text(encoding="utf-8"))
    header["symbols"].append("ɮ")  # as a later version might
    (other / "corpus.json").write_text(json.dumps(header), encoding="utf-8")
    for kind in KINDS:
        recipe = make_recipe(kind, "train.steps=1", run=kind)
        train(recipe, log=quiet)
        recipe = dataclasses.replace(recipe, corpus=str(other))
        if kind == "vocoder":  # which reads none
            train(recipe, resume=True, log=quiet)
            continue
        with pytest.raises(TrainingError, match="disagree on the symbols") as caught:
            train(recipe, resume=True, log=quiet)
        assert "start a new run" in caught.value.hint


def test_a_finished_run_has_nothing_to_resume(make_recipe):
    recipe = make_recipe("vocoder", "train.steps=2")
    train(recipe, log=quiet)
    assert train(recipe, resume=True, log=quiet).step == 2
    assert len(metrics(recipe.run, "train")) == 2


def test_metrics_after_the_checkpoint_are_dropped(make_recipe):
    recipe = make_recipe("vocoder", "train.steps=3")
    train(recipe, log=quiet)
    path = Path(recipe.run) / "metrics.jsonl"
    with path.open("a") as file:
        file.write('{"step": 4, "split": "train", "loss": 0.0}\n{"step": 5, "spl')
    train(make_recipe("vocoder"), resume=True, log=quiet)
    assert [line["step"] for line in metrics(recipe.run, "train")] == [1, 2, 3, 4, 5, 6]


def test_broken_checkpoints_are_named(make_recipe):
    recipe = make_recipe("vocoder", "train.steps=1")
    train(recipe, log=quiet)
    path = last_snapshot(Path(recipe.run))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TrainingError, match=r"step-00000001\.pt: cannot be read") as caught:
        train(recipe, resume=True, log=quiet)
    assert "remove it" in caught.value.hint
    path.write_bytes(b"")
    with pytest.raises(TrainingError, match=r"cannot be read"):
        load_snapshot(path)
    torch.save({"model": torch.ones(1)}, path)
    with pytest.raises(TrainingError, match="is no snapshot of this version"):
        load_snapshot(path)
    torch.save({"model": Path("unpickled")}, path)
    with pytest.raises(TrainingError, match="cannot be read"):
        load_snapshot(path)


def test_a_run_that_cannot_start_leaves_no_folder(make_recipe):
    recipe = make_recipe("vocoder", "vocoder.upsampling=7")
    with pytest.raises(TrainingError, match="wavenet cannot be built for this corpus: hop must be"):
        train(recipe, log=quiet)
    with pytest.raises(CorpusError, match="is no prepared corpus"):
        train(dataclasses.replace(recipe, corpus="nowhere"), log=quiet)
    if not torch.cuda.is_available():
        with pytest.raises(TrainingError, match="finds no GPU"):
            train(make_recipe("vocoder", "train.device=cuda"), log=quiet)
    assert not Path(recipe.run).exists()


def test_pick_device():
    assert pick_device("cpu").type == "cpu"
    assert pick_device("auto").type in ("cpu", "cuda")
