"""Freezing, shards of a batch, precision, compilation: what a step does to the weights."""

import dataclasses
import json
from pathlib import Path

import pytest
import torch
from torch import nn

from tts.data.batches import AcousticBatches, Shard, acoustic_batch
from tts.data.prepared import PreparedCorpus
from tts.errors import ConfigError, TrainingError
from tts.train.learner import Learner, freeze
from tts.train.loop import train
from tts.train.processes import Processes
from tts.train.recipe import Recipe
from tts.train.runs import build_model, last_snapshot, load_averaged, load_snapshot
from tts.train.setup import build_batches, sharding, validation_batches

KINDS = ("vocoder", "acoustic")
CPU = torch.device("cpu")
STEADY = {
    "vocoder": ("train.precision=float32",),
    "acoustic": (
        *("train.precision=float32", "acoustic.dropout=0", "acoustic.prenet_dropout=0"),
        *("acoustic.scheduled_sampling=0", "acoustic.position_jitter=0"),
    ),
}


def quiet(line: str) -> None:
    """Takes no notice."""


def learner(recipe: Recipe, corpus: PreparedCorpus) -> Learner:
    torch.manual_seed(0)
    return Learner(build_model(recipe, corpus.mel, len(corpus.symbols)), recipe.train, CPU)


# -- freezing -----------------------------------------------------------------------------------------


def test_frozen_weights_stay_and_the_others_learn(make_recipe):
    frozen = make_recipe("acoustic", 'train.freeze=["encoder.*", "*.bias"]', run="frozen")
    lines: list[str] = []
    train(frozen, log=lines.append)
    corpus = PreparedCorpus.load(Path(frozen.corpus))
    torch.manual_seed(frozen.train.seed)
    start = build_model(frozen, corpus.mel, len(corpus.symbols))
    snapshot = load_snapshot(last_snapshot(Path(frozen.run)))
    n_frozen = n_learning = 0
    for name, weights in start.named_parameters():
        stays = name.startswith("encoder.") or name.endswith(".bias")
        assert torch.equal(snapshot.model[name], weights) == stays, name
        assert torch.equal(snapshot.averaged[name], weights) == stays, name
        n_frozen += weights.numel() if stays else 0
        n_learning += not stays
    assert f"{n_frozen:,} of them frozen" in lines[0]
    assert len(snapshot.optimizer["state"]) == n_learning


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        (["encodr.*"], r"freeze: 'encodr\.\*' matches no weights; did you mean 'encoder\.\*'\?"),
        (["decoder.bia"], r"'decoder\.bia' matches no weights; did you mean 'decoder\.bias'\?"),
        (["*"], "freeze: nothing is left to train"),
    ],
)
def test_patterns_that_make_no_sense(patterns, message):
    model = nn.ModuleDict({"encoder": nn.Linear(1, 1), "decoder": nn.Linear(1, 1)})
    with pytest.raises(TrainingError, match=message) as caught:
        freeze(model, patterns)
    assert caught.value.hint in ("there are: encoder.*, decoder.*", "freeze less")


def test_what_is_frozen_cannot_change_on_the_way(make_recipe):
    train(make_recipe("vocoder", "train.steps=1"), log=quiet)
    with pytest.raises(TrainingError, match=r"train\.freeze is \['head\.\*'\] in the recipe, but"):
        train(make_recipe("vocoder", 'train.freeze=["head.*"]'), resume=True, log=quiet)


# -- shards -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("kind", KINDS)
def test_shards_make_up_the_batch(make_recipe, kind, n):
    recipe = make_recipe(kind, "batches.batch_size=3")
    corpus = PreparedCorpus.load(Path(recipe.corpus))
    batches = build_batches(recipe, corpus, "train", (), 1)
    for step in (0, 1, 7):
        whole, shards = batches.at(step), [batches.shard(step, i, n) for i in range(n)]
        assert sum(shard.share for shard in shards) == pytest.approx(1.0)
        n_items = len(whole.mel)
        assert len(batches.ids(step)) == n_items
        for i, shard in enumerate(shards):
            rows = list(range(n_items))[i::n]
            assert (shard.share == 0.0) == (not rows)
            for row, mel in zip(rows, shard.batch.mel, strict=bool(rows)):
                n_frames = min(mel.shape[1], whole.mel.shape[2])
                assert torch.equal(mel[:, :n_frames], whole.mel[row, :, :n_frames])
            if kind == "acoustic" and rows:
                frames = whole.mel_lengths[rows].sum() / whole.mel_lengths.sum()
                assert shard.share == pytest.approx(frames.item())


@pytest.mark.parametrize("n", [2, 3, 5])
@pytest.mark.parametrize("kind", KINDS)
def test_shards_have_the_gradient_of_the_whole_batch(make_recipe, kind, n):
    """One frame a step, so that nothing is rounded."""
    extra = ("acoustic.reduction=1",) if kind == "acoustic" else ()
    recipe = make_recipe(kind, "batches.batch_size=3", *STEADY[kind], *extra)
    corpus = PreparedCorpus.load(Path(recipe.corpus))
    batches = build_batches(recipe, corpus, "train", (), 1)
    one, many = learner(recipe, corpus), learner(recipe, corpus)
    whole = one.gradients([Shard(batches.at(0), 1.0)])
    parts = many.gradients([batches.shard(0, i, n) for i in range(n)])
    assert whole.keys() == parts.keys()
    for name in whole:
        torch.testing.assert_close(parts[name], whole[name], msg=name)
    for a, b in zip(one.weights, many.weights, strict=True):
        assert (a.grad is None) == (b.grad is None)
        if a.grad is not None:
            torch.testing.assert_close(b.grad, a.grad, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_turns_of_several_processes_are_the_whole_batch(make_recipe, kind):
    extra = ("acoustic.reduction=1",) if kind == "acoustic" else ()
    recipe = make_recipe(kind, "batches.batch_size=5", *STEADY[kind], *extra)
    corpus = PreparedCorpus.load(Path(recipe.corpus))
    batches = build_batches(recipe, corpus, "train", (), 1)
    one = learner(recipe, corpus)
    whole = one.gradients([Shard(batches.at(0), 1.0)])
    sums: dict[str, torch.Tensor] = {}
    gradients = [torch.zeros_like(weights) for weights in one.weights]
    for rank in range(2):
        mine = learner(recipe, corpus)
        shards = sharding(batches, 2, Processes(rank=rank, n=2), CPU)(0)
        assert len(shards) == 2
        for name, loss in mine.gradients(shards).items():
            sums[name] = sums.get(name, torch.tensor(0.0)) + loss
        for total, weights in zip(gradients, mine.weights, strict=True):
            total += 0.0 if weights.grad is None else weights.grad
    for name in whole:
        torch.testing.assert_close(sums[name], whole[name], msg=name)
    for total, weights in zip(gradients, one.weights, strict=True):
        if weights.grad is not None:
            torch.testing.assert_close(total, weights.grad, rtol=1e-4, atol=1e-6)


def test_the_validation_loss_counts_frames_and_not_batches(make_recipe, monkeypatch):
    """Three clips in batches of two: the lone one counts no more than its frames."""
    utterances = PreparedCorpus.utterances
    monkeypatch.setattr(
        PreparedCorpus, "utterances", lambda self, split=None: utterances(self, "train")[:3]
    )
    extra = ("acoustic.reduction=1", "train.steps=1", "train.validate_every=1")
    recipe = make_recipe("acoustic", *STEADY["acoustic"], *extra)
    summary = train(recipe, log=quiet)
    corpus = PreparedCorpus.load(Path(recipe.corpus))
    batches = validation_batches(recipe, corpus, ())
    assert [len(shard.batch.mel) for shard in batches] in ([2, 1], [1, 2])
    assert sum(shard.share for shard in batches) == pytest.approx(1.0)
    with torch.no_grad():
        expected = load_averaged(Path(recipe.run)).model.loss(
            acoustic_batch(corpus, corpus.utterances("validation"))
        )
    assert summary.validation_loss == pytest.approx(float(expected["loss"]), rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_accumulates_equals_one_that_does_not(make_recipe, kind):
    extra = ("acoustic.reduction=1",) if kind == "acoustic" else ()
    runs = [
        make_recipe(kind, f"train.accumulate={n}", *STEADY[kind], *extra, run=f"{n}")
        for n in (1, 2)
    ]
    for recipe in runs:
        train(recipe, log=quiet)
    # The losses, not the weights: Adam makes a whole step of a gradient that is rounding error alone.
    first, second = (Path(recipe.run, "metrics.jsonl").read_text().splitlines() for recipe in runs)
    assert len(first) == 8
    for ours, theirs in zip(map(json.loads, first), map(json.loads, second), strict=True):
        assert ours["loss"] == pytest.approx(theirs["loss"], rel=1e-4)


# -- precision ----------------------------------------------------------------------------------------


def test_float16_gradients_that_overflow_are_left_out_and_the_scale_is_kept(make_recipe):
    recipe = make_recipe("vocoder", "train.precision=fp16", "train.steps=3", run="whole")
    train(recipe, log=quiet)
    cut = make_recipe("vocoder", "train.precision=fp16", "train.steps=1", run="cut")
    train(cut, log=quiet)
    train(
        dataclasses.replace(cut, train=dataclasses.replace(cut.train, steps=3)),
        resume=True,
        log=quiet,
    )
    whole, parts = (load_snapshot(last_snapshot(Path(r.run))) for r in (recipe, cut))
    assert whole.scaler == parts.scaler
    assert whole.scaler["scale"] > 0
    assert all(torch.equal(whole.model[name], parts.model[name]) for name in whole.model)

    corpus = PreparedCorpus.load(Path(recipe.corpus))
    it = learner(recipe, corpus)
    before = [weights.detach().clone() for weights in it.weights]
    it.gradients([build_batches(recipe, corpus, "train", (), 1).shard(0, 0, 1)])
    it.weights[0].grad.fill_(float("inf"))
    norm = it.clip()
    assert not torch.isfinite(norm)
    assert it.is_finite(torch.tensor(1.0), norm)
    assert not it.is_finite(torch.tensor(float("nan")), norm)
    scale = it.scaler.get_scale()
    it.update(1.0, 0.0)
    assert all(torch.equal(a, b) for a, b in zip(before, it.weights, strict=True))
    assert it.scaler.get_scale() == scale / 2
    while it.scaler.get_scale() > 1e-3:  # the scale is not at fault any more
        it.scaler.update(it.scaler.get_scale() / 2)
    assert not it.is_finite(torch.tensor(1.0), norm)


# -- compilation --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_compiled_loss_is_the_plain_one(make_recipe, monkeypatch, kind):
    """Traced, and not handed to a C++ compiler: that takes too long here."""
    recipe = make_recipe(kind, "train.compile=true", *STEADY[kind])
    compile_ = torch.compile
    monkeypatch.setattr(torch, "compile", lambda loss, mode: compile_(loss, backend="aot_eager"))
    corpus = PreparedCorpus.load(Path(recipe.corpus))
    plain_recipe = make_recipe(kind, *STEADY[kind])
    shard = build_batches(recipe, corpus, "train", (), 1).shard(0, 0, 1)
    compiled, plain = learner(recipe, corpus), learner(plain_recipe, corpus)
    ours, theirs = compiled.gradients([shard]), plain.gradients([shard])
    for name in theirs:
        torch.testing.assert_close(ours[name], theirs[name])
    for a, b in zip(compiled.weights, plain.weights, strict=True):
        torch.testing.assert_close(a.grad, b.grad)
    torch._dynamo.reset()


def test_a_compiler_that_fails_is_named(make_recipe, monkeypatch):
    def broken(graph, inputs):
        raise RuntimeError("no compiler here\nwith details")

    compile_ = torch.compile
    monkeypatch.setattr(torch, "compile", lambda loss, mode: compile_(loss, backend=broken))
    with pytest.raises(TrainingError, match=r"torch\.compile fails: .*no compiler here") as caught:
        train(make_recipe("vocoder", "train.compile=true"), log=quiet)
    assert "compile = false" in caught.value.hint
    torch._dynamo.reset()


# -- what a run tells of itself -----------------------------------------------------------------------


def test_waiting_and_memory_are_told(make_recipe, monkeypatch):
    import time

    at = AcousticBatches.shard

    def slow(self, step, index, n):
        time.sleep(0.3)
        return at(self, step, index, n)

    monkeypatch.setattr(AcousticBatches, "shard", slow)
    recipe = make_recipe("acoustic", "train.steps=4", "train.log_every=4", "train.validate_every=0")
    lines: list[str] = []
    train(recipe, log=lines.append)
    (line,) = [json.loads(text) for text in (Path(recipe.run) / "metrics.jsonl").open()]
    assert 0.0 < line["waiting"] <= 1.0
    assert line["peak_memory_mb"] > 10.0
    assert "waited_s" not in line
    assert any(f"{line['waiting']:.0%} waiting for data" in text for text in lines)


# -- early stopping -----------------------------------------------------------------------------------


def hold_still(make_recipe, *settings: str, run: str = "run") -> Recipe:
    return make_recipe(
        "vocoder",
        *("train.steps=20", "train.learning_rate=1e-30", "train.weight_decay=0"),
        *("train.validate_every=1", "train.patience=3", *settings),
        run=run,
    )


def test_a_run_ends_where_the_validation_loss_no_longer_falls(make_recipe):
    lines: list[str] = []
    recipe = hold_still(make_recipe)
    summary = train(recipe, log=lines.append)
    assert (summary.step, summary.interrupted) == (4, False)  # the lowest, and three since
    assert lines[-1].startswith("step 4: the validation loss was lowest at step 1, ")
    assert lines[-1].endswith("3 validations ago: enough")
    assert load_snapshot(last_snapshot(Path(recipe.run))).plateau["n_since"] == 3
    assert train(recipe, resume=True, log=quiet).step == 4
    longer = hold_still(make_recipe, "train.patience=5")
    assert train(longer, resume=True, log=quiet).step == 6


def test_patience_counts_over_an_interruption(make_recipe):
    short = hold_still(make_recipe, "train.steps=2")
    assert train(short, log=quiet).step == 2
    assert train(hold_still(make_recipe), resume=True, log=quiet).step == 4


def test_patience_needs_validation(make_recipe, monkeypatch):
    with pytest.raises(ConfigError, match="patience counts validations"):
        hold_still(make_recipe, "train.validate_every=0")
    utterances = PreparedCorpus.utterances
    monkeypatch.setattr(
        PreparedCorpus,
        "utterances",
        lambda self, split=None: [] if split == "validation" else utterances(self, split),
    )
    with pytest.raises(TrainingError, match=r"patience: .* holds no clips out") as caught:
        train(hold_still(make_recipe), log=quiet)
    assert "patience = 0" in caught.value.hint
