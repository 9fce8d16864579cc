"""A prepared corpus of hums, and recipes for models that train in a moment."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tts.audio.mel import MelConfig
from tts.config import override
from tts.data.manifest import PrepareConfig
from tts.data.prepare import prepare
from tts.train.recipe import Recipe, recipe_from_dict

RATE = 4000
MEL = MelConfig(sample_rate=RATE, n_fft=256, hop=64, n_mels=8, fmax_hz=RATE / 2)

MakeRecipe = Callable[..., Recipe]

MODELS: dict[str, dict[str, Any]] = {
    "vocoder": {
        "vocoder": {
            "model": "wavenet",
            "n_layers": 2,
            "dilation_cycle": 2,
            "residual_dim": 16,
            "skip_dim": 16,
            "head_dim": 16,
            "condition_dim": 8,
            "upsampling": 1,
        },
        "batches": {"batch_size": 2, "crop_frames": 12},
    },
    "acoustic": {
        "acoustic": {
            "model": "deepvoice3",
            "embedding_dim": 8,
            "encoder_dim": 8,
            "encoder_layers": 1,
            "prenet_dim": 8,
            "decoder_dim": 8,
            "decoder_layers": 1,
            "attention_layers": [0],
            "attention_dim": 8,
            "converter_dim": 8,
            "converter_layers": 1,
        },
        "batches": {"batch_size": 2},
    },
    "tacotron2": {
        "acoustic": {
            "model": "tacotron2",
            "embedding_dim": 8,
            "encoder_layers": 1,
            "encoder_lstm_dim": 4,
            "attention_dim": 8,
            "attention_filters": 4,
            "attention_kernel": 5,
            "prenet_dim": 8,
            "decoder_dim": 8,
            "postnet_dim": 8,
            "postnet_layers": 2,
            "reduction": 2,
        },
        "batches": {"batch_size": 2},
    },
}

TRAIN = {
    "steps": 6,
    "learning_rate": 1e-3,
    "warmup_steps": 2,
    "device": "cpu",
    "log_every": 1,
    "validate_every": 3,
    "checkpoint_every": 3,
    "sample_every": 0,
}


def write_hums(corpus: Path, name: str, texts: list[str], pitch_hz: float = 150.0) -> None:
    """A corpus of hums in the layout of LJSpeech."""
    (corpus / "wavs").mkdir(parents=True)
    rng = np.random.default_rng(0)
    lines = []
    for i, text in enumerate(texts):
        t = np.arange(int((0.5 + 0.1 * i) * RATE)) / RATE
        tone = 0.2 * np.sin(2 * np.pi * (pitch_hz + 20 * i) * t)
        tone += 0.01 * rng.standard_normal(len(t))
        soundfile.write(corpus / "wavs" / f"{name}{i}.flac", tone, RATE)
        lines.append(f"{name}{i}|{text}")
    (corpus / "metadata.csv").write_text("\n".join(lines))


@pytest.fixture(scope="session")
def prepared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    corpus = tmp_path_factory.mktemp("corpus") / "hums"
    write_hums(corpus, "clip", ["One.", "Two two.", "Three.", "Four.", "Five.", "Six."])
    out = tmp_path_factory.mktemp("prepared")
    prepare(corpus, out, PrepareConfig(mel=MEL, n_validation_texts=1))
    return out


@pytest.fixture(scope="session")
def prepared_pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared corpus of two speakers, anna and bert."""
    folder = tmp_path_factory.mktemp("corpora")
    write_hums(folder / "anna", "a", ["One.", "Two two.", "Three."])
    write_hums(folder / "bert", "b", ["One.", "Four.", "Five."], pitch_hz=90.0)
    out = tmp_path_factory.mktemp("prepared")
    prepare([folder / "anna", folder / "bert"], out, PrepareConfig(mel=MEL, n_validation_texts=1))
    return out


@pytest.fixture(scope="session")
def prepared_trio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared corpus of three speakers, cleo, bert and anna."""
    folder = tmp_path_factory.mktemp("corpora")
    for i, name in enumerate(("cleo", "bert", "anna")):
        write_hums(folder / name, name, ["One.", "Two two.", "Three."], pitch_hz=90.0 + 30.0 * i)
    out = tmp_path_factory.mktemp("prepared")
    names = [folder / name for name in ("cleo", "bert", "anna")]
    prepare(names, out, PrepareConfig(mel=MEL, n_validation_texts=1))
    return out


@pytest.fixture
def make_recipe(prepared_folder: Path, tmp_path: Path) -> MakeRecipe:
    """Makes a recipe of one of `MODELS`, with settings as `--set` takes them."""

    def make(kind: str, *settings: str, run: str = "run") -> Recipe:
        values = {
            "corpus": str(prepared_folder),
            "run": str(tmp_path / run),
            **MODELS[kind],
            "train": TRAIN,
        }
        return recipe_from_dict(override(values, settings), where="test")

    return make
