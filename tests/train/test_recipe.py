"""Recipes: strict, and the ones that we ship are right."""

from pathlib import Path

import pytest

from tts.errors import ConfigError
from tts.train.recipe import (
    AcousticBatching,
    VocoderBatching,
    load_recipe,
    recipe_from_dict,
    recipe_to_dict,
)

RECIPES = Path(__file__).parents[2] / "recipes"
FILES = sorted(RECIPES.glob("*/*.toml"))

GOOD = """
corpus = "cache/x"
run = "runs/x"
[vocoder]
model = "wavenet"
n_layers = 4
[batches]
batch_size = 2
crop_frames = 8
[train]
steps = 10
learning_rate = 1e-3
"""


def write(path: Path, *changes: tuple[str, str]) -> Path:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return path


def test_there_are_recipes():
    names = {path.relative_to(RECIPES).with_suffix("").as_posix() for path in FILES}
    for corpus in ("kathleen", "ljspeech", "smoke"):
        assert {f"{corpus}/deepvoice3", f"{corpus}/wavenet"} <= names
    assert "ljspeech/tacotron2" in names


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_shipped_recipe_is_right_and_short(path):
    recipe = load_recipe(path)
    assert recipe_from_dict(recipe_to_dict(recipe), where="again") == recipe
    assert len(path.read_text().splitlines()) <= 60
    if path.parent.name != "smoke":
        assert recipe.corpus == f"cache/{path.parent.name}"
        assert recipe.run == f"runs/{path.parent.name}-{path.stem}"
        assert f"tts train {path.relative_to(RECIPES.parent).as_posix()}" in path.read_text()


def test_settings_change_values(tmp_path):
    path = write(tmp_path / "r.toml")
    recipe = load_recipe(path, ["train.steps=20", 'train.sentences=["Hi."]', "vocoder.n_bands=1"])
    assert recipe.kind == "vocoder"
    assert recipe.train.steps == 20
    assert recipe.train.sentences == ("Hi.",)
    assert (recipe.model_config.n_bands, recipe.model_config.n_layers) == (1, 4)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("steps =", "stepz =", r"r\.toml: train: unknown key 'stepz'; did you mean 'steps'\?"),
        ("n_layers", "n_layer", r"\[vocoder\]: unknown key 'n_layer'; did you mean 'n_layers'\?"),
        ("crop_frames", "crop_frame", r"\[batches\]: unknown key 'crop_frame'; did you mean"),
        ("corpus =", "korpus =", r"r\.toml: unknown key 'korpus'; did you mean 'corpus'\?"),
        ('run = "runs/x"', "", r"r\.toml: missing key 'run'"),
        ("steps = 10", "", "train: missing key 'steps'"),
        ("steps = 10", "steps = 1.5", "train: steps: expected int, found 1.5"),
        ("steps = 10", "steps = 0", "train: steps, learning_rate, clip_norm and eps must be"),
        ("steps = 10", "steps = 10\ndecay_steps = 11", "decay_steps must not exceed steps"),
        ("steps = 10", "steps = 10\nbetas = [0.9]", "betas must be two numbers"),
        ("steps = 10", "steps = 10\neps = 0.0", "clip_norm and eps must be positive"),
        ("steps = 10", "steps = 10\nema_decay = 1.0", "ema_decay must be from 0 to below 1"),
        ("steps = 10", "steps = 10\nlog_every = -1", "intervals must not be negative"),
        ("steps = 10", "steps = 10\nwarmup_steps = -1", "warmup_steps, decay_steps and n_threads"),
        ("steps = 10", 'steps = 10\nprecision = "fp8"', "'fp8' is not one of 'bf16', 'float32'"),
        ("[vocoder]", "[vocoders]", "unknown key 'vocoders'; did you mean 'vocoder'"),
        ('"wavenet"', '"wavenett"', "unknown vocoder 'wavenett'"),
        ('model = "wavenet"', "", r"\[vocoder\]: missing key 'model'"),
        ("[batches]", "[acoustic]\nn=1\n[batches]", "exactly one of the tables"),
        ("crop_frames = 8", "crop_frames = 0", "batch_size and crop_frames must be at least 1"),
        ("crop_frames = 8", 'crop_frames = 8\npredicted = "x"', "belong together"),
        (
            "crop_frames = 8",
            'crop_frames = 8\npredicted = "x"\npredicted_share = 2.0',
            "predicted_share must be from 0 to 1",
        ),
        ("[train]", "[train", "is not valid TOML"),
    ],
)
def test_a_wrong_recipe_is_refused_in_one_line(tmp_path, old, new, message):
    with pytest.raises(ConfigError, match=message) as caught:
        load_recipe(write(tmp_path / "r.toml", (old, new)))
    assert "\n" not in str(caught.value)
    assert "r.toml" in str(caught.value) or caught.value.hint


def test_a_recipe_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match=r"r\.toml: cannot be read"):
        load_recipe(tmp_path / "r.toml")


def test_batching_of_either_kind():
    assert VocoderBatching(batch_size=1, crop_frames=1).predicted is None
    assert AcousticBatching(batch_frames=100).batch_size is None
    for wrong in ({}, {"batch_size": 1, "batch_frames": 100}):
        with pytest.raises(ValueError, match="either batch_size or batch_frames"):
            AcousticBatching(**wrong)
    with pytest.raises(ValueError, match="at least 1"):
        AcousticBatching(batch_size=0)
    with pytest.raises(ValueError, match="phoneme_share must be from 0 to 1"):
        AcousticBatching(batch_size=1, phoneme_share=1.1)
