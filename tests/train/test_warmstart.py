"""Weights that pass from one model to another: by name, by symbol, by speaker."""

import dataclasses
from pathlib import Path

import pytest
import torch

from tts.acoustic import AcousticBatch
from tts.acoustic.deepvoice3 import DeepVoice3
from tts.checkpoint import load_acoustic
from tts.data.prepared import PreparedCorpus
from tts.errors import CheckpointError, MelMismatchError, TrainingError
from tts.train.loop import train
from tts.train.pack import pack
from tts.train.recipe import Recipe
from tts.train.runs import build_model, last_snapshot, load_averaged, load_snapshot
from tts.train.warmstart import WarmStart, load_warm_start

from .conftest import MEL

KINDS = ("vocoder", "acoustic")
STILL = ("train.steps=1", "train.learning_rate=1e-30", "train.weight_decay=0")


def quiet(line: str) -> None:
    """Takes no notice."""


@pytest.fixture
def run(make_recipe):
    """Trains a first run of a kind and gives its folder."""

    def make(kind: str) -> Path:
        recipe = make_recipe(kind, "train.steps=2", run=f"first-{kind}")
        train(recipe, log=quiet)
        return Path(recipe.run)

    return make


def trained(recipe: Recipe) -> dict[str, torch.Tensor]:
    return load_snapshot(last_snapshot(Path(recipe.run))).model


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["run", "voice", "folder"])
def test_all_weights_are_taken_from_each_kind_of_source(make_recipe, run, tmp_path, kind, form):
    source = run(kind)
    expected = load_averaged(source).model.state_dict()
    if form != "run":
        folder = pack(source, tmp_path / "voice", dtype="float32")
        source = folder if form == "folder" else folder.parent
    lines: list[str] = []
    recipe = make_recipe(kind, *STILL, "train.seed=7", f"train.start_from={source}")
    train(recipe, log=lines.append)
    for name, weights in trained(recipe).items():
        torch.testing.assert_close(weights, expected[name], msg=name)
    assert lines[0] == f"started from {source}: {len(expected)} tensors taken"


def test_the_level_stays_with_the_weights_and_the_pace_is_measured(make_recipe, run, monkeypatch):
    source = {kind: run(kind) for kind in KINDS}
    scale = load_averaged(source["vocoder"]).model.band_scale
    loud = PreparedCorpus.audio_of
    monkeypatch.setattr(PreparedCorpus, "audio_of", lambda *args: 0.5 * loud(*args))
    recipe = make_recipe("vocoder", *STILL, f"train.start_from={source['vocoder']}")
    train(recipe, log=quiet)
    assert torch.equal(trained(recipe)["band_scale"], scale)

    snapshot = load_snapshot(last_snapshot(source["acoustic"]))
    slow = snapshot.averaged | {"steps_per_token": torch.tensor(99.0)}
    torch.save(
        {
            f.name: getattr(dataclasses.replace(snapshot, averaged=slow), f.name)
            for f in dataclasses.fields(snapshot)
        },
        last_snapshot(source["acoustic"]),
    )
    recipe = make_recipe("acoustic", *STILL, f"train.start_from={source['acoustic']}", run="pace")
    train(recipe, log=quiet)
    utterances = PreparedCorpus.load(Path(recipe.corpus)).utterances("train")
    frames, tokens = (
        sum(u.n_frames for u in utterances),
        sum(len(u.phonemes) for u in utterances),
    )
    assert trained(recipe)["steps_per_token"].item() == pytest.approx(frames / 4 / tokens)


# -- tables -------------------------------------------------------------------------------------------


def speaks(model: DeepVoice3, symbols: str, text: str, speaker: int | None = None) -> torch.Tensor:
    """What the model says in parallel, with frames that are always the same."""
    mel = torch.randn(1, MEL.n_mels, 12, generator=torch.Generator().manual_seed(3))
    tokens = torch.tensor([[symbols.index(symbol) for symbol in text]])
    batch = AcousticBatch(
        tokens=tokens,
        token_lengths=torch.tensor([len(text)]),
        mel=mel,
        mel_lengths=torch.tensor([12]),
        speakers=None if speaker is None else torch.tensor([speaker]),
    )
    return model.eval().teacher_forced(batch).mel


def build(make_recipe, n_symbols: int, seed: int, n_speakers: int = 1) -> DeepVoice3:
    torch.manual_seed(seed)
    recipe = make_recipe("acoustic")
    config = dataclasses.replace(recipe.model_config, n_speakers=n_speakers)
    return build_model(dataclasses.replace(recipe, model_config=config), MEL, n_symbols)


def source(model: DeepVoice3, symbols: str, *speakers: str) -> WarmStart:
    return WarmStart(
        source="it", model=model, symbols=tuple(symbols), speakers=speakers, provenance={}
    )


def test_symbols_are_taken_by_symbol(make_recipe):
    old, new = build(make_recipe, 6, seed=0), build(make_recipe, 7, seed=1)
    fresh = new.encoder.embedding.weight.detach().clone()
    taken = source(old, "_^$abc").give_to(new, tuple("_^$cxaé"), ())
    assert taken.new_symbols == ("x", "é")
    assert taken.fresh == ()
    assert str(taken).endswith("tensors taken; new symbols: 'x' 'é'")
    torch.testing.assert_close(
        speaks(new, "_^$cxaé", "^caac$"), speaks(old, "_^$abc", "^caac$"), rtol=0, atol=0
    )
    assert torch.equal(new.encoder.embedding.weight[[4, 6]], fresh[[4, 6]])


def test_speakers_are_taken_by_name(make_recipe):
    old, new = (build(make_recipe, 4, seed=n, n_speakers=n) for n in (2, 3))
    taken = source(old, "_^$a", "anna", "bert").give_to(
        new, tuple("_^$a"), ("bert", "carl", "anna")
    )
    assert (taken.fresh, taken.new_speakers) == ((), ("carl",))
    assert str(taken).endswith("tensors taken; new speakers: carl")
    for ours, theirs in ((0, 1), (2, 0)):
        torch.testing.assert_close(
            speaks(new, "_^$a", "^aa$", ours),
            speaks(old, "_^$a", "^aa$", theirs),
            rtol=0,
            atol=0,
        )
    torch.testing.assert_close(new.speakers.weight[1], old.speakers.weight.mean(dim=0))


def test_several_speakers_begin_with_the_voice_of_one(make_recipe):
    one, two = build(make_recipe, 4, seed=0), build(make_recipe, 4, seed=1, n_speakers=2)
    taken = source(one, "_^$a").give_to(two, tuple("_^$a"), ("anna", "bert"))
    assert "speakers.weight" in taken.fresh
    assert all("speaker" in name for name in taken.fresh)
    assert f"{len(taken.fresh)} fresh: speakers.weight, " in str(taken)
    assert taken.new_speakers == ()
    assert not torch.equal(two.speakers.weight[0], two.speakers.weight[1])  # they can part
    for speaker in (0, 1):
        torch.testing.assert_close(
            speaks(two, "_^$a", "^aa$", speaker), speaks(one, "_^$a", "^aa$"), rtol=0, atol=0
        )


def test_what_does_not_fit_starts_fresh_and_is_told(make_recipe, run):
    source = run("vocoder")
    lines: list[str] = []
    recipe = make_recipe("vocoder", *STILL, "vocoder.head_dim=8", f"train.start_from={source}")
    train(recipe, log=lines.append)
    assert "; 3 fresh: head.weight, head.bias, out.weight" in lines[0]
    ours, theirs = trained(recipe), load_averaged(source).model.state_dict()
    torch.testing.assert_close(ours["dilated.0.weight"], theirs["dilated.0.weight"])


# -- what is refused ----------------------------------------------------------------------------------


def refusal(recipe: Recipe) -> tuple[str, str]:
    with pytest.raises(TrainingError) as caught:
        train(recipe, log=quiet)
    assert not Path(recipe.run).exists()
    return str(caught.value), caught.value.hint


def test_sources_that_are_none(make_recipe, run, tmp_path):
    recipe = make_recipe("acoustic", f"train.start_from={tmp_path / 'nothing'}")
    message, hint = refusal(recipe)
    assert message == (
        f"start_from: {tmp_path / 'nothing'}: is no voice, no model folder, and no run with a checkpoint"
    )
    assert "tts voices" in hint
    message, hint = refusal(make_recipe("acoustic", f"train.start_from={run('vocoder')}"))
    assert "is the run of a model of the kind vocoder" in message
    assert hint == "give a run of the kind acoustic"
    folder = pack(tmp_path / "first-vocoder", tmp_path / "voice")
    recipe = make_recipe("acoustic", f"train.start_from={folder}")
    with pytest.raises(CheckpointError, match="kind is 'vocoder', expected 'acoustic'"):
        train(recipe, log=quiet)


def test_another_model_is_refused(make_recipe, run):
    recipe = make_recipe("vocoder", f"train.start_from={run('vocoder')}")
    with pytest.raises(TrainingError, match="is a wavenet, but the recipe trains a wavegrad"):
        load_warm_start(
            Path(recipe.train.start_from), dataclasses.replace(recipe, model="wavegrad")
        )


def test_another_mel_is_refused_by_its_field(make_recipe, run, monkeypatch):
    recipe = make_recipe("vocoder", f"train.start_from={run('vocoder')}")
    load = PreparedCorpus.load.__func__

    def other(cls, folder):
        corpus = load(cls, folder)
        corpus.mel = dataclasses.replace(corpus.mel, log_mean=-4.0)
        return corpus

    monkeypatch.setattr(PreparedCorpus, "load", classmethod(other))
    with pytest.raises(MelMismatchError, match=r"log_mean is -4\.0 here and -5\.0 there"):
        train(recipe, log=quiet)


def test_a_source_of_which_nothing_fits_is_refused(make_recipe):
    small = torch.nn.Linear(1, 1)
    model = build(make_recipe, 4, seed=0)
    with pytest.raises(TrainingError, match="start_from: it: none of its tensors fits"):
        source(small, "").give_to(model, tuple("_^$a"), ())


# -- what remembers it --------------------------------------------------------------------------------


def test_provenance_and_resuming_remember_the_source(make_recipe, run, tmp_path):
    first = run("acoustic")
    second = make_recipe("acoustic", f"train.start_from={first}", "train.steps=3", run="second")
    train(second, log=quiet)
    resumed = make_recipe("acoustic", run="second")
    assert train(resumed, resume=True, log=quiet).step == 6  # without naming it again
    again = dataclasses.replace(second, train=dataclasses.replace(second.train, steps=7))
    assert train(again, resume=True, log=quiet).step == 7
    other = make_recipe("acoustic", "train.start_from=elsewhere", run="second")
    with pytest.raises(TrainingError, match=r"train\.start_from is 'elsewhere' in the recipe, but"):
        train(other, resume=True, log=quiet)

    origin = {"source": str(first), "model": "deepvoice3", "corpus": "hums", "steps": 2}
    folder = pack(Path(second.run), tmp_path / "voice")
    assert load_acoustic(folder).provenance["started_from"] == origin
    third = make_recipe("acoustic", f"train.start_from={folder}", "train.steps=1", run="third")
    train(third, log=quiet)
    started_from = load_averaged(Path(third.run)).snapshot.started_from
    assert started_from["started_from"] == origin
    assert started_from["steps"] == 7


def test_a_snapshot_from_before_there_was_a_source_resumes(make_recipe):
    recipe = make_recipe("vocoder", "train.steps=2")
    train(recipe, log=quiet)
    path = last_snapshot(Path(recipe.run))
    values = torch.load(path, weights_only=True)
    del values["started_from"], values["recipe"]["train"]["start_from"]
    torch.save(values, path)
    assert train(make_recipe("vocoder"), resume=True, log=quiet).step == 6
