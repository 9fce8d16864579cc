"""Recipes: TOML files that say all of a training run.

    corpus = "data/kathleen"            # a prepared corpus
    run = "runs/kathleen-wavenet"       # where the run lives
    [vocoder] or [acoustic]             # model = "its name", and the keys of its config
    [batches]                           # `VocoderBatching` or `AcousticBatching`
    [train]                             # `TrainConfig`

Paths are relative to the folder that the command runs in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tts.acoustic import acoustic_models
from tts.config import from_dict, load_toml, override, to_dict
from tts.errors import ConfigError
from tts.vocoder import vocoders

__all__ = [
    "AcousticBatching",
    "Recipe",
    "TrainConfig",
    "VocoderBatching",
    "load_recipe",
    "recipe_from_dict",
    "recipe_to_dict",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class AcousticBatching:
    """The batches of an acoustic model; exactly one of the first two is given.

    Attributes:
        batch_size: utterances in a batch.
        batch_frames: mel frames in a batch, padding counted.
        phoneme_share: share of words that are read in phonemes, the others in letters, where the corpus is
            prepared with --input mixed; other corpora take no notice.
    """

    batch_size: int | None = None
    batch_frames: int | None = None
    phoneme_share: float = 0.8

    def __post_init__(self) -> None:
        if (self.batch_size is None) == (self.batch_frames is None):
            raise ValueError("give either batch_size or batch_frames")
        if (self.batch_size or self.batch_frames or 0) < 1:
            raise ValueError("batch_size and batch_frames must be at least 1")
        if not 0.0 <= self.phoneme_share <= 1.0:
            raise ValueError("phoneme_share must be from 0 to 1")


@dataclass(frozen=True, kw_only=True, slots=True)
class VocoderBatching:
    """The batches of a vocoder.

    Attributes:
        batch_size: crops in a batch.
        crop_frames: mel frames of a crop.
        predicted: a folder of mels that an acoustic model predicted (`tts predict`), if any.
        predicted_share: the share of crops that takes its mel from there.
    """

    batch_size: int
    crop_frames: int
    predicted: str | None = None
    predicted_share: float = 0.0

    def __post_init__(self) -> None:
        if min(self.batch_size, self.crop_frames) < 1:
            raise ValueError("batch_size and crop_frames must be at least 1")
        if not 0.0 <= self.predicted_share <= 1.0:
            raise ValueError("predicted_share must be from 0 to 1")
        if (self.predicted is None) != (self.predicted_share == 0.0):
            raise ValueError("predicted and predicted_share belong together")


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainConfig:
    """The optimisation of a run, and how often it reports.

    Attributes:
        steps: updates in all.
        learning_rate: of AdamW, on the plateau.
        warmup_steps: steps in which it rises from zero.
        decay_steps: the last steps, in which it falls to zero along a cosine.
        betas, eps, weight_decay: of AdamW.
        clip_norm: the largest norm of the gradient; a larger one is scaled down to it.
        ema_decay: share of the averaged weights that a step keeps; those are what is released.
        seed: decides the first weights, the batches and the dropout.
        start_from: a voice, a model folder or a run whose weights it starts with (`tts.train.warmstart`).
        freeze: patterns of names of weights that stay as they are, such as "encoder.*"; batch statistics in a
            frozen part still follow the data.
        accumulate: turns in which a process sees its share of a batch, so that a large one fits the memory.
        patience: validations without a new lowest loss after which the run ends; 0 is never.
        precision: of the forward pass; the weights, and the losses that ask for it, stay float32. With "fp16"
            the gradients are scaled.
        device: "auto" takes CUDA where there is one.
        compile: run the loss through `torch.compile`; each shape of a batch is compiled anew at first.
        compile_mode: of `torch.compile`. "reduce-overhead" replays CUDA graphs, one for each shape: it pays
            for vocoders, whose crops are all of one.
        n_threads: of PyTorch on the CPU; 0 leaves it to PyTorch.
        log_every, validate_every, checkpoint_every, sample_every: steps between reports; 0 is never.
        keep: snapshots that are kept, the newest ones.
        sentences: what an acoustic model speaks at each `sample_every`.
        sample_s: seconds of a validation clip that a vocoder speaks then.
    """

    steps: int
    learning_rate: float
    warmup_steps: int = 200
    decay_steps: int = 0
    betas: tuple[float, ...] = (0.9, 0.99)
    eps: float = 1e-8
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    ema_decay: float = 0.999
    seed: int = 1
    start_from: str | None = None
    freeze: tuple[str, ...] = ()
    accumulate: int = 1
    patience: int = 0
    precision: Literal["bf16", "float32", "fp16"] = "bf16"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    compile: bool = False
    compile_mode: Literal["default", "reduce-overhead", "max-autotune"] = "default"
    n_threads: int = 0
    log_every: int = 50
    validate_every: int = 500
    checkpoint_every: int = 500
    sample_every: int = 5000
    keep: int = 2
    sentences: tuple[str, ...] = ()
    sample_s: float = 1.5

    def __post_init__(self) -> None:
        if self.steps < 1 or min(self.learning_rate, self.clip_norm, self.eps) <= 0:
            raise ValueError("steps, learning_rate, clip_norm and eps must be positive")
        if min(self.warmup_steps, self.decay_steps, self.n_threads) < 0:
            raise ValueError("warmup_steps, decay_steps and n_threads must not be negative")
        if self.accumulate < 1 or self.keep < 1 or self.patience < 0:
            raise ValueError("accumulate and keep must be at least 1, patience not negative")
        if self.patience and not self.validate_every:
            raise ValueError("patience counts validations: validate_every must not be 0")
        if self.decay_steps > self.steps:
            raise ValueError("decay_steps must not exceed steps")
        if len(self.betas) != 2 or not all(0.0 <= beta < 1.0 for beta in self.betas):
            raise ValueError("betas must be two numbers from 0 to below 1")
        if not 0.0 <= self.ema_decay < 1.0 or self.weight_decay < 0:
            raise ValueError("ema_decay must be from 0 to below 1, weight_decay not negative")
        intervals = (self.log_every, self.validate_every, self.checkpoint_every, self.sample_every)
        if min(intervals) < 0 or self.sample_s <= 0:
            raise ValueError("intervals must not be negative, and sample_s must be positive")


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """A whole run.

    Attributes:
        corpus: the folder of a prepared corpus.
        run: the folder of the run.
        kind: what is trained.
        model: its name in the registry of that kind.
        model_config: the config of the model.
        batches: what a step sees.
        train: how it learns.
    """

    corpus: str
    run: str
    kind: Literal["acoustic", "vocoder"]
    model: str
    model_config: Any
    batches: AcousticBatching | VocoderBatching
    train: TrainConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tables:
    """A recipe as the file holds it, before the model is known."""

    corpus: str
    run: str
    batches: dict[str, Any]
    train: TrainConfig
    acoustic: dict[str, Any] = field(default_factory=dict)
    vocoder: dict[str, Any] = field(default_factory=dict)


def load_recipe(path: Path, settings: Iterable[str] = ()) -> Recipe:
    """The recipe in a TOML file, with settings such as "train.steps=100" applied.

    Raises:
        ConfigError: when the file cannot be read, or holds an unknown key or a wrong value.
    """
    return recipe_from_dict(override(load_toml(path), settings), where=str(path))


def recipe_from_dict(values: Mapping[str, Any], where: str) -> Recipe:
    """A recipe from plain values, strictly; `where` names their source in errors."""
    tables = from_dict(_Tables, values, where=where)
    if bool(tables.acoustic) == bool(tables.vocoder):
        raise ConfigError(
            f"{where}: expected exactly one of the tables [acoustic] and [vocoder]",
            hint="a run trains one model",
        )
    model_table = dict(tables.acoustic or tables.vocoder)
    table = f"{where}: [{'acoustic' if tables.acoustic else 'vocoder'}]"
    name = model_table.pop("model", None)
    if not isinstance(name, str):
        registry_names = (acoustic_models if tables.acoustic else vocoders).names()
        raise ConfigError(
            f"{table}: missing key 'model'", hint=f"choose one of: {', '.join(registry_names)}"
        )
    batches: AcousticBatching | VocoderBatching
    if tables.acoustic:
        model_config = acoustic_models.config(name, model_table, table)
        batches = from_dict(AcousticBatching, tables.batches, where=f"{where}: [batches]")
    else:
        model_config = vocoders.config(name, model_table, table)
        batches = from_dict(VocoderBatching, tables.batches, where=f"{where}: [batches]")
    return Recipe(
        corpus=tables.corpus,
        run=tables.run,
        kind="acoustic" if tables.acoustic else "vocoder",
        model=name,
        model_config=model_config,
        batches=batches,
        train=tables.train,
    )


def recipe_to_dict(recipe: Recipe) -> dict[str, Any]:
    """The inverse of `recipe_from_dict`, with every default written out."""
    return {
        "corpus": recipe.corpus,
        "run": recipe.run,
        recipe.kind: {"model": recipe.model, **to_dict(recipe.model_config)},
        "batches": to_dict(recipe.batches),
        "train": to_dict(recipe.train),
    }
