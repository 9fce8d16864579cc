"""A run that starts from the weights of another: a voice, a model folder, or a run.

Tensors that fit by name and shape are taken, the others start fresh. Embeddings are tables whose rows have
names: those of symbols are taken symbol by symbol, those of speakers speaker by speaker, wherever they stand.

What `calibrate` measures follows its meaning. The pace of speech belongs to the corpus, so an acoustic model
measures it anew. The level of the bands belongs to the weights, which learnt on bands so scaled, so a vocoder
keeps it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tts.acoustic import AcousticModel
from tts.checkpoint import load_acoustic, load_vocoder
from tts.errors import TrainingError
from tts.train.recipe import Recipe
from tts.train.runs import last_snapshot, load_averaged
from tts.vocoder import Vocoder

__all__ = ["Taken", "WarmStart", "load_warm_start"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What a model took from another.

    Attributes:
        taken: names of the tensors that were, whole or by rows.
        fresh: names of those that start fresh.
        new_symbols, new_speakers: rows of tables that were taken, but for these.
    """

    taken: tuple[str, ...]
    fresh: tuple[str, ...]
    new_symbols: tuple[str, ...]
    new_speakers: tuple[str, ...]

    def __str__(self) -> str:
        parts = [f"{len(self.taken)} tensors taken"]
        if self.fresh:
            parts.append(f"{len(self.fresh)} fresh: {', '.join(self.fresh)}")
        if self.new_symbols:
            parts.append(f"new symbols: {' '.join(map(repr, self.new_symbols))}")
        if self.new_speakers:
            parts.append(f"new speakers: {', '.join(self.new_speakers)}")
        return "; ".join(parts)


@dataclass(frozen=True, kw_only=True, slots=True)
class WarmStart:
    """The model to start from.

    Attributes:
        source: what the recipe calls it.
        model: with its weights; the averaged ones of a run.
        symbols: what the rows of its symbol table stand for; of a vocoder none.
        speakers: what the rows of its speaker table stand for; of a single speaker none.
        provenance: where it comes from, as values that JSON can hold.
    """

    source: str
    model: AcousticModel | Vocoder
    symbols: tuple[str, ...]
    speakers: tuple[str, ...]
    provenance: dict[str, Any]

    @torch.no_grad()
    def give_to(
        self,
        model: AcousticModel | Vocoder,
        symbols: Sequence[str],
        speakers: Sequence[str],
    ) -> Taken:
        """Fills a new model with the weights that fit it.

        A speaker that the source does not know starts as the mean of those that it knows. Where the source
        knows none, modules named `speaker`, which project the embedding of one, start at zero, so that the
        new model speaks at first as the old one did, whoever is asked for.

        Raises:
            TrainingError: when no tensor fits.
        """
        ours, theirs = model.state_dict(), self.model.state_dict()
        rows = dict(_tables(model, symbols, speakers))
        their_rows = dict(_tables(self.model, self.symbols, self.speakers))
        lone = bool(speakers) and not self.speakers
        taken: list[str] = []
        fresh: list[str] = []
        for name, tensor in ours.items():
            source = theirs.get(name)
            if source is not None and name in rows and name in their_rows:
                fits = source.shape[1:] == tensor.shape[1:]
                if fits:
                    mean = source.mean(dim=0) if rows[name] is speakers else None
                    _take_rows(tensor, rows[name], source, their_rows[name], mean)
            else:
                fits = source is not None and source.shape == tensor.shape
                if fits and source is not None:
                    tensor.copy_(source)
                elif lone and "speaker" in name.split("."):
                    tensor.zero_()
            (taken if fits else fresh).append(name)
        if not taken:
            raise TrainingError(
                f"start_from: {self.source}: none of its tensors fits the model of the recipe",
                hint="give the model of the recipe the same sizes, or start without it",
            )
        return Taken(
            taken=tuple(taken),
            fresh=tuple(fresh),
            new_symbols=_new(symbols, self.symbols),
            new_speakers=_new(speakers, self.speakers) if self.speakers else (),
        )


def load_warm_start(folder: Path, recipe: Recipe) -> WarmStart:
    """The model of a recipe's kind in a voice, a model folder or a run; PyTorch's generator is kept.

    Raises:
        TrainingError: when there is none, or it is another model than that of the recipe.
        CheckpointError: when it is broken.
    """
    source = recipe.train.start_from or str(folder)
    if (folder / "voice.json").is_file():
        folder = folder / recipe.kind
    elif not (folder / "config.json").is_file() and last_snapshot(folder) is None:
        raise TrainingError(
            f"start_from: {source}: is no voice, no model folder, and no run with a checkpoint",
            hint="give one of these, or the name of a voice: `tts voices` lists them",
        )
    with torch.random.fork_rng(devices=[]):
        start = _load(folder, source, recipe.kind)
    name = start.provenance["model"]
    if name != recipe.model:
        raise TrainingError(
            f"start_from: {source}: is a {name}, but the recipe trains a {recipe.model}",
            hint="weights pass between models of one name only",
        )
    return start


def _load(folder: Path, source: str, kind: str) -> WarmStart:
    if not (folder / "config.json").is_file() and last_snapshot(folder) is not None:
        trained = load_averaged(folder)
        snapshot = trained.snapshot
        if trained.recipe.kind != kind:
            raise TrainingError(
                f"start_from: {source}: is the run of a model of the kind {trained.recipe.kind}",
                hint=f"give a run of the kind {kind}",
            )
        return WarmStart(
            source=source,
            model=trained.model,
            symbols=tuple(snapshot.symbols) if kind == "acoustic" else (),
            speakers=snapshot.speakers,
            provenance=_origin(
                source,
                trained.recipe.model,
                {
                    "corpus": snapshot.corpus["name"],
                    "steps": snapshot.step,
                    "started_from": snapshot.started_from,
                },
            ),
        )
    if kind == "acoustic":
        acoustic = load_acoustic(folder)
        return WarmStart(
            source=source,
            model=acoustic.model,
            symbols=acoustic.symbols.symbols,
            speakers=acoustic.speakers,
            provenance=_origin(source, acoustic.name, acoustic.provenance),
        )
    vocoder = load_vocoder(folder)
    return WarmStart(
        source=source,
        model=vocoder.model,
        symbols=(),
        speakers=vocoder.speakers,
        provenance=_origin(source, vocoder.name, vocoder.provenance),
    )


def _origin(source: str, model: str, provenance: dict[str, Any]) -> dict[str, Any]:
    """The part of a provenance that what is made from it keeps, back to the first ancestor."""
    kept = {key: provenance.get(key) for key in ("corpus", "steps", "started_from")}
    return {"source": source, "model": model} | {k: v for k, v in kept.items() if v is not None}


def _tables(
    model: nn.Module, symbols: Sequence[str], speakers: Sequence[str]
) -> Iterator[tuple[str, Sequence[str]]]:
    """The tensors of a model whose rows have names, and those: `speakers`, and embeddings of the symbols."""
    for name, module in model.named_modules():
        if not isinstance(module, nn.Embedding):
            continue
        if name.split(".")[-1] == "speakers":
            yield f"{name}.weight", speakers
        elif module.num_embeddings == len(symbols):
            yield f"{name}.weight", symbols


def _take_rows(
    table: Tensor,
    names: Sequence[str],
    source: Tensor,
    source_names: Sequence[str],
    default: Tensor | None,
) -> None:
    """Fills the rows whose names the source knows, and the others with the default if there is one."""
    place = {name: i for i, name in enumerate(source_names)}
    for i, name in enumerate(names):
        if name in place:
            table[i] = source[place[name]]
        elif default is not None:
            table[i] = default


def _new(names: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in known)
