"""What a run needs before the first step: the device, the batches, the first weights."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from tts.acoustic import AcousticModel
from tts.audio.mel import check_same_mel
from tts.data.batches import AcousticBatches, Shard, VocoderBatches, pinned
from tts.data.prepared import PreparedCorpus, Split
from tts.errors import TrainingError
from tts.train.processes import Processes
from tts.train.recipe import Recipe, VocoderBatching
from tts.train.warmstart import load_warm_start
from tts.vocoder import Vocoder

__all__ = [
    "Batches",
    "build_batches",
    "first_weights",
    "pick_device",
    "sharding",
    "speakers_of",
    "validation_batches",
]

_VALIDATION_BATCHES = 8
_CALIBRATION_CLIPS = 2000  # of a large corpus, evenly spread ones tell enough

Batches = AcousticBatches | VocoderBatches


def pick_device(name: str, index: int = 0) -> torch.device:
    """The device of a name; "auto" takes CUDA where there is one, and of several GPUs that of the index.

    Raises:
        TrainingError: for a GPU where there is none.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise TrainingError(
            "device 'cuda': PyTorch finds no GPU", hint="use device = 'auto' or 'cpu'"
        )
    if name == "cuda" and index >= torch.cuda.device_count():
        raise TrainingError(
            f"process {index + 1} finds no GPU of its own, there are {torch.cuda.device_count()}",
            hint="start torchrun with --nproc-per-node of that number, or use device = 'cpu'",
        )
    return torch.device(name, index) if name == "cuda" else torch.device(name)


# -- batches ------------------------------------------------------------------------------------------


def speakers_of(recipe: Recipe, corpus: PreparedCorpus) -> tuple[str, ...]:
    """The names of the model's speakers, in the order of their ids; none for a model of one.

    A vocoder of one serves any number of speakers: the mel tells it whom it hears.
    """
    n_speakers, n_found = getattr(recipe.model_config, "n_speakers", 1), len(corpus.speakers)
    if n_speakers == 1 and (n_found == 1 or recipe.kind == "vocoder"):
        return ()
    if n_speakers != n_found:
        raise TrainingError(
            f"[{recipe.kind}] n_speakers is {n_speakers}, but {corpus.folder} has {n_found}: "
            f"{', '.join(corpus.speakers)}",
            hint=f"set n_speakers = {n_found}, or prepare other corpora: tts prepare CORPUS ... OUT",
        )
    return corpus.speakers


def build_batches(
    recipe: Recipe,
    corpus: PreparedCorpus,
    split: Split,
    speakers: Sequence[str],
    seed: int,
    linear: bool = False,
) -> Batches:
    """The batches of a split, as the recipe says."""
    batching = recipe.batches
    if isinstance(batching, VocoderBatching):
        return VocoderBatches(
            corpus,
            split,
            batch_size=batching.batch_size,
            crop_frames=batching.crop_frames,
            speakers=speakers,
            seed=seed,
            predicted=Path(batching.predicted) if batching.predicted else None,
            predicted_share=batching.predicted_share,
        )
    return AcousticBatches(
        corpus,
        split,
        batch_size=batching.batch_size,
        batch_frames=batching.batch_frames,
        speakers=speakers,
        # Validation reads what speech will read.
        phoneme_share=batching.phoneme_share if split == "train" else 1.0,
        seed=seed,
        linear=linear,
    )


def validation_batches(
    recipe: Recipe, corpus: PreparedCorpus, speakers: Sequence[str], linear: bool = False
) -> list[Shard[Any]]:
    """The same few batches each time, as shards of one; none when nothing is held out.

    Raises:
        TrainingError: when nothing is, but `patience` counts on it.
    """
    if not corpus.utterances("validation"):
        if recipe.train.patience:
            raise TrainingError(
                f"[train] patience: {corpus.folder} holds no clips out to validate with",
                hint="set patience = 0, or prepare a larger corpus",
            )
        return []
    batches = build_batches(recipe, corpus, "validation", speakers, 0, linear)
    if isinstance(batches, VocoderBatches):
        return [Shard(batches.at(i), 1 / _VALIDATION_BATCHES) for i in range(_VALIDATION_BATCHES)]
    chosen = [batches.at(i) for i in range(min(len(batches), _VALIDATION_BATCHES))]
    frames = [int(batch.mel_lengths.sum()) for batch in chosen]
    return [Shard(batch, n / sum(frames)) for batch, n in zip(chosen, frames, strict=True)]


def sharding(
    batches: Batches, n_turns: int, processes: Processes, device: torch.device
) -> Callable[[int], list[Shard[Any]]]:
    """From a step to the shards of its batch that this process sees, one after the other."""
    n = n_turns * processes.n

    def shards(step: int) -> list[Shard[Any]]:
        mine: list[Shard[Any]] = [
            batches.shard(step, turn * processes.n + processes.rank, n) for turn in range(n_turns)
        ]
        if device.type == "cuda":
            mine = [Shard(pinned(shard.batch), shard.share) for shard in mine]
        return mine

    return shards


# -- the first weights --------------------------------------------------------------------------------


def first_weights(
    model: AcousticModel | Vocoder,
    recipe: Recipe,
    corpus: PreparedCorpus,
    speakers: Sequence[str],
    find_start: Callable[[str], Path],
    log: Callable[[str], None],
) -> dict[str, Any] | None:
    """The first weights; returns where they come from, if they are not fresh.

    What an acoustic model measures is the pace of the corpus; what a vocoder does goes with the weights.
    """
    if recipe.train.start_from is None:
        _calibrate(model, corpus)
        return None
    start = load_warm_start(find_start(recipe.train.start_from), recipe)
    check_same_mel(corpus.mel, start.model.mel_config, f"{corpus.folder} and {start.source}")
    if recipe.kind == "vocoder":
        _calibrate(model, corpus)
    symbols = corpus.symbols.symbols if recipe.kind == "acoustic" else ()
    taken = start.give_to(model, symbols, speakers)
    if recipe.kind == "acoustic":
        _calibrate(model, corpus)
    log(f"started from {start.source}: {taken}")
    return start.provenance


def _calibrate(model: AcousticModel | Vocoder, corpus: PreparedCorpus) -> None:
    utterances = corpus.utterances("train")
    if isinstance(model, AcousticModel):
        model.calibrate((len(utterance.phonemes), utterance.n_frames) for utterance in utterances)
    else:
        spread = utterances[:: -(-len(utterances) // _CALIBRATION_CLIPS)]
        model.calibrate(corpus.audio_of(utterance) for utterance in spread)
