"""What a model is watched by: teacher-forced figures beside free-running ones, and their pictures."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from tts.acoustic import AcousticModel
from tts.acoustic.alignment import alignment_figures
from tts.data.batches import acoustic_batch
from tts.data.prepared import PreparedCorpus
from tts.train.pictures import Said, plot_attention
from tts.train.runs import build_model
from tts.train.samples import build_sampler
from tts.train.watch import build_watch, evenly


@pytest.fixture
def corpus(prepared_folder) -> PreparedCorpus:
    return PreparedCorpus.load(prepared_folder)


@pytest.fixture
def model(make_recipe, corpus) -> AcousticModel:
    torch.manual_seed(0)
    built = build_model(make_recipe("acoustic"), corpus.mel, len(corpus.symbols)).eval()
    built.calibrate([(10, 20)])
    return built


def test_the_watch_is_teacher_forced(corpus, model, monkeypatch):
    monkeypatch.setattr(corpus, "utterances", lambda split=None: corpus._utterances)
    figures = build_watch(corpus)(model)
    expected = []
    for utterance in corpus._utterances:  # one by one, where the watch makes batches
        output = model.teacher_forced(acoustic_batch(corpus, [utterance]))
        n_steps = math.ceil(utterance.n_frames / output.frames_per_step)
        weights = output.alignment[0, :n_steps]
        found = alignment_figures(
            weights.numpy(), output.frames_per_step / corpus.mel.frames_per_second
        )
        mel = output.mel[0, :, : utterance.n_frames].numpy()
        distance = np.abs(mel - corpus.mel_of(utterance)).mean() * corpus.mel.log_std
        expected.append((found.diagonality, found.focus, found.coverage, distance, utterance.id))
    for i, name in enumerate(("diagonality", "focus", "coverage", "mel_distance")):
        assert figures[name] == pytest.approx(np.mean([row[i] for row in expected]), rel=1e-4)
    assert figures["worst_clip"] == min(expected)[-1]


def test_a_vocoder_is_not_watched(corpus, make_recipe):
    vocoder = build_model(make_recipe("vocoder"), corpus.mel, len(corpus.symbols))
    assert build_watch(corpus)(vocoder) == {}


def test_clips_are_spread_evenly(corpus):
    utterances = corpus.utterances()
    assert evenly(utterances, 3) == [utterances[0], utterances[2], utterances[4]]
    assert evenly(utterances, 100) == utterances
    assert evenly([], 3) == []


def test_free_running_figures_of_a_clip(corpus, model, make_recipe, tmp_path):
    recipe = make_recipe("acoustic", "train.sample_every=1")  # which has no sentences
    figures = build_sampler(recipe, corpus)(model, tmp_path)
    (clip,) = corpus.utterances("validation")
    batch = acoustic_batch(corpus, [clip])
    output = model.infer(batch.tokens, batch.token_lengths)
    n_frames = int(output.lengths[0])
    assert figures["length_ratio"] == pytest.approx(n_frames / clip.n_frames)
    assert figures["seconds"] == pytest.approx(n_frames / corpus.mel.frames_per_second)
    assert figures["finished"] == float(output.finished[0])
    ours, theirs = output.mel[0, :, :n_frames].numpy(), corpus.mel_of(clip)
    assert figures["mel_distance"] == pytest.approx(
        slow_warped_distance(ours, theirs) * corpus.mel.log_std, rel=1e-4
    )


def slow_warped_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Dynamic time warping as in the textbook: the mean difference on the cheapest path."""
    cost = np.abs(a[:, :, None] - b[:, None, :]).sum(axis=0)
    total = np.full((cost.shape[0] + 1, cost.shape[1] + 1), np.inf)
    total[0, 0] = 0.0
    for i in range(cost.shape[0]):
        for j in range(cost.shape[1]):
            total[i + 1, j + 1] = cost[i, j] + min(total[i, j], total[i, j + 1], total[i + 1, j])
    i, j = cost.shape
    on_path = []
    while i > 0 and j > 0:
        on_path.append(cost[i - 1, j - 1])
        before = {(i - 1, j - 1): 0, (i - 1, j): 1, (i, j - 1): 2}
        i, j = min(before, key=lambda place: (total[place], before[place]))
    return float(np.mean(on_path)) / a.shape[0]


@pytest.mark.parametrize("recording", [None, np.zeros((8, 9), np.float32)])
def test_pictures(tmp_path: Path, recording):
    said = Said(
        np.eye(4, dtype=np.float32)[[0, 1, 2, 3, 3]],
        np.ones((8, 10), np.float32),
        {"diagonality": 0.9, "focus": 1.0, "coverage": 1.0},
    )
    path = tmp_path / "a.png"
    plot_attention(path, "^ab$", {"one": said, "two": said}, recording=recording)
    from PIL import Image

    width, height = Image.open(path).size
    assert height == 800
    assert width == (1500 if recording is None else 2100)
