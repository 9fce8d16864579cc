"""Several speakers: from a corpus of two to a voice that speaks as either."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from tts.checkpoint import load_acoustic, load_vocoder
from tts.data.batches import acoustic_batch
from tts.data.features import read_array
from tts.data.prepared import PreparedCorpus
from tts.errors import CheckpointError, CorpusError, TrainingError
from tts.train.loop import train
from tts.train.pack import pack
from tts.train.predict import predict_mels
from tts.train.runs import last_snapshot, load_averaged, load_snapshot
from tts.voice import load_voice

pytestmark = pytest.mark.filterwarnings(
    "ignore::tts.errors.SlowVocoderWarning",
    "ignore::tts.errors.UnfinishedWarning",
    "ignore::tts.errors.AuditWarning",  # of voices that hardly learnt anything
)


def quiet(line: str) -> None:
    """Takes no notice."""


@pytest.fixture
def recipe_of(make_recipe, prepared_pair):
    """A recipe of a kind on the corpus of two, for so many speakers."""

    def make(kind: str, n_speakers: int, *settings: str, run: str = "run"):
        table = "vocoder" if kind == "vocoder" else "acoustic"
        own = (f"corpus={prepared_pair}", f"{table}.n_speakers={n_speakers}")
        return make_recipe(kind, *own, "train.steps=2", *settings, run=run)

    return make


@pytest.mark.parametrize("kind", ["acoustic", "tacotron2", "vocoder"])
def test_from_two_speakers_to_their_voice(recipe_of, prepared_pair, tmp_path, kind):
    runs = {}
    for part in {kind, "vocoder"}:
        recipe = recipe_of(part, 2, "train.sample_every=1", "train.sample_s=0.1", run=part)
        runs[part] = Path(recipe.run)
        train(recipe, log=quiet)
        assert load_snapshot(last_snapshot(runs[part])).speakers == ("anna", "bert")
        assert pack(runs[part], tmp_path / "pair", dtype="float32")
    trained = load_averaged(runs[kind]).model
    assert trained.speakers.weight.shape[0] == 2
    assert load_vocoder(tmp_path / "pair" / "vocoder").speakers == ("anna", "bert")
    if kind == "vocoder":
        return
    assert load_acoustic(tmp_path / "pair" / "acoustic").speakers == ("anna", "bert")

    predict_mels(runs[kind], prepared_pair, tmp_path / "predicted")
    corpus = PreparedCorpus.load(prepared_pair)
    for utterance in corpus.utterances():
        batch = acoustic_batch(corpus, [utterance], ["anna", "bert"])
        assert batch.speakers.tolist() == [["anna", "bert"].index(utterance.speaker)]
        mel = read_array(tmp_path / "predicted" / f"{utterance.id}.safetensors", "mel")
        np.testing.assert_allclose(mel, trained.teacher_forced(batch).mel[0], atol=1e-4)

    voice = load_voice(tmp_path / "pair")
    assert voice.speakers == ("anna", "bert")
    said = [voice.synthesize("Two.", speaker=name).samples for name in ("anna", "bert", None)]
    assert np.array_equal(said[0], said[2])
    assert len(said[0]) != len(said[1]) or not np.array_equal(said[0], said[1])


@pytest.mark.parametrize("kind", ["acoustic", "vocoder"])
def test_a_warm_start_matches_speakers_by_name(recipe_of, prepared_trio, tmp_path, kind):
    """From anna and bert to cleo, bert and anna; the learning rate is next to nothing."""
    train(recipe_of(kind, 2), log=quiet)
    still = ("train.learning_rate=1e-12", "train.weight_decay=0.0", "train.steps=1")
    onward = (f"corpus={prepared_trio}", f"train.start_from={tmp_path / 'run'}", *still)
    lines: list[str] = []
    train(recipe_of(kind, 3, *onward, run="trio"), log=lines.append)
    assert "new speakers: cleo" in lines[0]
    old = load_averaged(tmp_path / "run").model.speakers.weight
    new = load_averaged(tmp_path / "trio").model.speakers.weight
    torch.testing.assert_close(new[[2, 1]], old, rtol=0, atol=1e-6)
    torch.testing.assert_close(new[0], old.mean(dim=0), rtol=0, atol=1e-6)


def test_a_vocoder_of_one_serves_several(recipe_of, tmp_path):
    train(recipe_of("vocoder", 1), log=quiet)
    part = pack(tmp_path / "run", tmp_path / "voice")
    assert load_vocoder(part).speakers == ()


@pytest.mark.parametrize(("kind", "n"), [("acoustic", 1), ("acoustic", 3), ("vocoder", 3)])
def test_speakers_that_are_not_the_corpus_s(recipe_of, tmp_path, kind, n):
    with pytest.raises(TrainingError) as caught:
        train(recipe_of(kind, n), log=quiet)
    assert f"[{kind}] n_speakers is {n}, but" in str(caught.value)
    assert "has 2: anna, bert" in str(caught.value)
    assert "set n_speakers = 2" in caught.value.hint
    assert not (tmp_path / "run").exists()


def test_two_speakers_where_the_corpus_has_one(make_recipe):
    with pytest.raises(TrainingError, match=r"n_speakers is 2, but .* has 1: hums"):
        train(make_recipe("acoustic", "acoustic.n_speakers=2"), log=quiet)


def test_mels_of_a_speaker_that_the_model_does_not_know(
    recipe_of, prepared_pair, prepared_folder, tmp_path
):
    train(recipe_of("acoustic", 2), log=quiet)
    with pytest.raises(CorpusError, match="does not know the speaker 'hums'") as caught:
        predict_mels(tmp_path / "run", prepared_folder, tmp_path / "out")
    assert caught.value.hint == "it speaks as: anna, bert"
    assert not (tmp_path / "out").exists()


def test_parts_of_other_speakers_are_not_packed_together(recipe_of, make_recipe, tmp_path):
    train(make_recipe("acoustic", "train.steps=1", run="one"), log=quiet)
    train(recipe_of("vocoder", 2, run="two"), log=quiet)
    for order in (("one", "two"), ("two", "one")):
        voice = tmp_path / f"first-{order[0]}"
        pack(tmp_path / order[0], voice)
        with pytest.raises(CheckpointError, match="disagree on the speakers: one without a name"):
            pack(tmp_path / order[1], voice)


def test_a_snapshot_that_is_older_than_speakers(make_recipe, tmp_path):
    train(make_recipe("vocoder", "train.steps=1"), log=quiet)
    path = last_snapshot(tmp_path / "run")
    values = torch.load(path, weights_only=True)
    del values["speakers"]
    torch.save(values, path)
    assert load_snapshot(path).speakers == ()
    del values["seconds"]
    torch.save(values, path)
    with pytest.raises(TrainingError, match="is no snapshot of this version"):
        load_snapshot(path)


def test_a_model_folder_whose_names_are_wrong(recipe_of, tmp_path):
    train(recipe_of("vocoder", 2), log=quiet)
    part = pack(tmp_path / "run", tmp_path / "voice")
    for names in ([], ["anna"], ["anna", "anna"], ["anna", "bert", "cleo"]):
        broken = Path(shutil.copytree(part, tmp_path / "broken", dirs_exist_ok=True))
        values = json.loads((part / "config.json").read_text())
        (broken / "config.json").write_text(json.dumps({**values, "speakers": names}))
        with pytest.raises(CheckpointError, match=r"config\.json: n_speakers is 2, but the names"):
            load_vocoder(broken)
