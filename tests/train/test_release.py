"""From a run to files: samples, predicted mels, and the parts of a voice."""

import dataclasses
import errno
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from tts.checkpoint import (
    check_sums,
    load_acoustic,
    load_vocoder,
    load_voice_config,
    save_voice_config,
)
from tts.data.batches import acoustic_batch
from tts.data.features import read_array
from tts.data.prepared import PreparedCorpus
from tts.errors import (
    CheckpointError,
    ConfigError,
    CorpusError,
    MelMismatchError,
    TextError,
    TrainingError,
)
from tts.train.loop import train
from tts.train.pack import pack
from tts.train.predict import predict_mels
from tts.train.runs import load_averaged
from tts.voice import load_voice

from .conftest import MEL, RATE


def quiet(line: str) -> None:
    """Takes no notice."""


@pytest.fixture
def runs(make_recipe) -> dict[str, Path]:
    """A finished run of either kind."""
    recipes = {
        kind: make_recipe(kind, "train.steps=2", run=kind) for kind in ("acoustic", "vocoder")
    }
    for recipe in recipes.values():
        train(recipe, log=quiet)
    return {kind: Path(recipe.run) for kind, recipe in recipes.items()}


def test_an_acoustic_model_speaks_its_sentences(make_recipe):
    settings = ("train.steps=2", "train.sample_every=1", 'train.sentences=["Hello.", "You there?"]')
    recipe = make_recipe("acoustic", *settings)
    train(recipe, log=quiet)
    folder = Path(recipe.run) / "samples" / "step-00000002"
    (held_out,) = PreparedCorpus.load(Path(recipe.corpus)).utterances("validation")
    clip = [
        f"{held_out.id}{kind}" for kind in ("-free-running.flac", "-teacher-forced.flac", ".png")
    ]
    names = clip + [f"sentence-{i}.{kind}" for i in range(2) for kind in ("flac", "png")]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert soundfile.info(folder / "sentence-0.flac").samplerate == RATE
    assert (folder / "sentence-0.png").read_bytes().startswith(b"\x89PNG")
    lines = [json.loads(line) for line in (Path(recipe.run) / "metrics.jsonl").open()]
    (_, figures) = [line for line in lines if line["split"] == "sample"]
    assert {"coverage", "focus", "finished", "seconds"} <= set(figures)
    assert {"diagonality", "skips", "repeats", "length_ratio", "mel_distance"} <= set(figures)
    assert soundfile.info(folder / f"{held_out.id}-teacher-forced.flac").frames == (
        held_out.n_frames * MEL.hop
    )
    assert 0.0 <= figures["coverage"] <= 1.0 + 1e-6
    assert 0.0 <= figures["focus"] <= 1.0 + 1e-6


def test_a_model_of_the_linear_spectrogram_trains_speaks_and_is_a_voice(
    make_recipe, tmp_path, monkeypatch
):
    """Its samples and its voice are Griffin-Lim's from the linear spectrogram, never from the mel."""
    monkeypatch.delattr("librosa.util.nnls")
    settings = ("train.steps=2", "train.sample_every=1", 'train.sentences=["Hello."]')
    recipe = make_recipe("acoustic", "acoustic.linear=true", *settings)
    train(recipe, log=quiet)
    run = Path(recipe.run)
    assert soundfile.info(run / "samples" / "step-00000002" / "sentence-0.flac").samplerate == RATE
    lines = [json.loads(line) for line in (run / "metrics.jsonl").open()]
    assert all("linear" in line for line in lines if line["split"] in ("train", "validation"))
    pack(run, tmp_path / "voice")
    assert load_voice(tmp_path / "voice").synthesize("Yes.").sample_rate == RATE


@pytest.mark.filterwarnings("ignore::tts.errors.SlowVocoderWarning")
def test_a_vocoder_speaks_the_start_of_a_validation_clip(make_recipe):
    settings = ("train.steps=1", "train.sample_every=1", "train.sample_s=0.1")
    recipe = make_recipe("vocoder", *settings)
    lines: list[str] = []
    train(recipe, log=lines.append)
    (sound,) = (Path(recipe.run) / "samples" / "step-00000001").iterdir()
    (held_out,) = PreparedCorpus.load(Path(recipe.corpus)).utterances("validation")
    assert sound.name == f"{held_out.id}.flac"
    assert soundfile.info(sound).frames == 6 * MEL.hop
    assert "mel_distance" in lines[-1]


def test_a_sentence_without_words_is_refused_before_training(make_recipe):
    recipe = make_recipe("acoustic", "train.sample_every=1", 'train.sentences=["..."]')
    with pytest.raises(TextError):
        train(recipe, log=quiet)
    assert not Path(recipe.run).exists()


def test_predicted_mels(runs, prepared_folder, tmp_path):
    told: list[tuple[int, int]] = []
    out = tmp_path / "predicted"
    report = lambda *parts: told.append(parts)  # noqa: E731
    assert predict_mels(runs["acoustic"], prepared_folder, out, progress=report) == 6
    assert told[-1] == (6, 6)
    corpus = PreparedCorpus.load(prepared_folder)
    names = {f"{utterance.id}.safetensors" for utterance in corpus.utterances()}
    assert {path.name for path in out.iterdir()} == names
    model = load_averaged(runs["acoustic"]).model
    for utterance in corpus.utterances():
        mel = read_array(out / f"{utterance.id}.safetensors", "mel")
        assert mel.dtype == np.float32
        alone = model.teacher_forced(acoustic_batch(corpus, [utterance])).mel[0]
        assert mel.shape == (8, utterance.n_frames)
        np.testing.assert_allclose(mel, alone, atol=1e-4)


def test_mels_that_cannot_be_written(runs, prepared_folder, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    with pytest.raises(CorpusError, match=r"file/.*\.safetensors: cannot be written: "):
        predict_mels(runs["acoustic"], prepared_folder, tmp_path / "file")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CorpusError, match=r"\.safetensors: cannot be written: No space") as caught:
        predict_mels(runs["acoustic"], prepared_folder, tmp_path / "out")
    assert caught.value.hint
    assert list((tmp_path / "out").iterdir()) == []


def test_a_vocoder_learns_from_predicted_mels(runs, make_recipe, prepared_folder, tmp_path):
    predict_mels(runs["acoustic"], prepared_folder, tmp_path / "predicted")
    settings = (f"batches.predicted={tmp_path / 'predicted'}", "batches.predicted_share=0.5")
    assert train(make_recipe("vocoder", *settings, run="tuned"), log=quiet).step == 6


def test_mels_are_predicted_from_a_packed_model_too(runs, prepared_folder, tmp_path):
    part = pack(runs["acoustic"], tmp_path / "voice", dtype="float32")
    predict_mels(part, prepared_folder, tmp_path / "a")
    predict_mels(runs["acoustic"], prepared_folder, tmp_path / "b")
    for path in (tmp_path / "a").iterdir():
        other = tmp_path / "b" / path.name
        np.testing.assert_array_equal(read_array(path, "mel"), read_array(other, "mel"))


def test_mels_are_not_predicted_by_what_does_not_fit(
    runs, prepared_folder, tmp_path, tiny_voice_folder, monkeypatch
):
    with pytest.raises(CheckpointError, match="is the run of a vocoder"):
        predict_mels(runs["vocoder"], prepared_folder, tmp_path / "out")
    with pytest.raises(TrainingError, match="holds no checkpoint"):
        predict_mels(tmp_path, prepared_folder, tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr("tts.text.symbols.SymbolTable.__eq__", lambda self, other: False)
        with pytest.raises(CheckpointError, match="disagree on the symbols"):
            predict_mels(runs["acoustic"], prepared_folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_packed_parts_are_the_averaged_weights(runs, tmp_path):
    voice = tmp_path / "hummer"
    assert pack(runs["acoustic"], voice, dtype="float32") == voice / "acoustic"
    config = load_voice_config(voice)
    assert (config.name, config.language) == ("hummer", "en-us")
    assert "hums" in config.description
    pack(runs["vocoder"], voice, dtype="float32")
    files = sorted(path.name for path in voice.iterdir())
    assert files == ["SHA256SUMS", "acoustic", "vocoder", "voice.json"]
    assert check_sums(voice) == 5

    for kind, load in (("acoustic", load_acoustic), ("vocoder", load_vocoder)):
        part, trained = load(voice / kind), load_averaged(runs[kind])
        theirs = trained.model.state_dict()
        for name, weights in part.model.state_dict().items():
            assert torch.equal(weights, theirs[name])
        assert part.provenance["steps"] == 2
        assert part.provenance["corpus"] == "hums"
        assert part.provenance["device"] == "cpu"
        assert part.provenance["recipe"]["train"]["learning_rate"] == 1e-3


def test_packing_again_replaces_the_part_and_changes_what_is_given(runs, tmp_path):
    voice = tmp_path / "voice"
    pack(runs["vocoder"], voice, name="mine", description="Hums.", licence="CC0-1.0")
    tuned = dataclasses.replace(load_voice_config(voice), temperature=0.7)
    save_voice_config(voice, tuned)
    pack(runs["vocoder"], voice)
    assert load_voice_config(voice) == tuned
    pack(runs["vocoder"], voice, name="other", licence="CC-BY-4.0", dtype="float32")
    assert load_voice_config(voice) == dataclasses.replace(tuned, name="other", licence="CC-BY-4.0")


def test_a_packed_voice_has_the_phonemizer_of_its_corpus(runs, tmp_path, monkeypatch):
    voice = tmp_path / "voice"
    pack(runs["acoustic"], voice)
    assert load_voice_config(voice).phonemizer == "espeak"
    pack(runs["acoustic"], voice, settings=["phonemizer=builtin"])
    assert load_voice_config(voice).phonemizer == "builtin"
    pack(runs["vocoder"], voice)
    assert load_voice_config(voice).phonemizer == "builtin"


def test_settings_of_the_voice_are_given_when_it_is_packed(runs, tmp_path):
    """Of a new voice and of one that is there, whose other settings stay."""
    voice = tmp_path / "voice"
    pack(runs["acoustic"], voice, settings=["temperature=0.6", "level_lufs=-18"])
    config = load_voice_config(voice)
    assert (config.temperature, config.level_lufs, config.contrast) == (0.6, -18.0, 0.0)
    pack(runs["vocoder"], voice, settings=["contrast=2.5"], licence="CC0-1.0")
    expected = dataclasses.replace(config, contrast=2.5, licence="CC0-1.0")
    assert load_voice_config(voice) == expected
    assert load_voice(voice).config == expected


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("temprature=0.6", r"unknown key 'temprature'; did you mean 'temperature'\?"),
        ("temperature=9", "temperature must be above 0 and at most 2"),
        ("temperature=warm", "temperature: expected float, found 'warm'"),
        ("contrast=0.5", "contrast must be 0, or from 1 to 4"),
        ("sharpening=NaN", "sharpening: expected a finite number"),
        ("sharpening", "sharpening: expected"),
        ("name.first=a", "'name' is a value, not a table"),
        ("format=2", "format must be 1"),
    ],
)
def test_settings_that_are_none_are_refused_by_name(runs, tmp_path, setting, message):
    voice = tmp_path / "voice"
    with pytest.raises(ConfigError, match=f"--set.*{message}"):
        pack(runs["vocoder"], voice, settings=[setting])
    assert not voice.exists()


def test_the_language_of_a_voice_is_that_of_its_run(runs, tmp_path):
    with pytest.raises(CheckpointError, match=r"language is 'de', but .* speaks 'en-us'"):
        pack(runs["acoustic"], tmp_path / "voice", settings=["language=de"])
    assert not (tmp_path / "voice").exists()


def test_parts_that_do_not_fit_are_refused(runs, tmp_path, prepared_folder):
    from tts.checkpoint import save_model
    from tts.vocoder.wavenet import WaveNet

    voice = tmp_path / "voice"
    vocoder = load_averaged(runs["vocoder"]).model
    other = WaveNet(vocoder.config, dataclasses.replace(MEL, log_mean=-4.0))
    save_model(voice / "vocoder", other, kind="vocoder", name="wavenet", provenance={})
    with pytest.raises(MelMismatchError, match="log_mean"):
        pack(runs["acoustic"], voice)
    assert not (voice / "acoustic").exists()

    voice = tmp_path / "german"
    pack(runs["vocoder"], voice)
    save_voice_config(voice, dataclasses.replace(load_voice_config(voice), language="de"))
    with pytest.raises(CheckpointError, match="language is 'de'"):
        pack(runs["acoustic"], voice)
    with pytest.raises(TrainingError, match="holds no checkpoint"):
        pack(tmp_path / "nowhere", voice)
