"""The mels that an acoustic model predicts from the true frames before, to train a vocoder on.

A vocoder that has seen the slips of the acoustic model forgives them (Shen et al. 2018, arXiv 1712.05884,
section 3.2, trains its WaveNet so).
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tts.acoustic import AcousticModel
from tts.audio.mel import check_same_mel
from tts.checkpoint import load_acoustic
from tts.data.batches import acoustic_batch, to_device
from tts.data.features import write_arrays
from tts.data.prepared import PreparedCorpus
from tts.errors import CheckpointError, CorpusError
from tts.text import SymbolTable
from tts.train.runs import load_averaged
from tts.train.setup import pick_device

__all__ = ["predict_mels"]

_BATCH = 8


def predict_mels(
    source: Path,
    corpus: Path,
    out: Path,
    *,
    device: str = "auto",
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Writes `OUT/ID.safetensors` for every clip of a prepared corpus: "mel", float32, Shape: (M, T).

    Args:
        source: the folder of an acoustic run, or of an acoustic model.
        corpus: a prepared corpus with the mel and the symbols of that model.
        out: where to; what is there already is replaced.
        device: "auto", "cpu" or "cuda".
        progress: called with the clips done and their number.

    Returns:
        The number of clips.

    Raises:
        CheckpointError, TrainingError: when the model is missing, broken, or no acoustic model.
        MelMismatchError: when model and corpus disagree on the mel.
        CorpusError: when the corpus is missing, broken or of other speakers, or a mel cannot be written.
    """
    target = pick_device(device)
    model, symbols, speakers = _load(source)
    prepared = PreparedCorpus.load(corpus)
    check_same_mel(model.mel_config, prepared.mel, f"{source} and {corpus}")
    if symbols != prepared.symbols:
        raise CheckpointError(
            f"{source} and {corpus} disagree on the symbols",
            hint="prepare the corpus again with the version of tts that trained the model",
        )
    unknown = sorted(set(prepared.speakers) - set(speakers)) if speakers else []
    if unknown:
        raise CorpusError(
            f"{corpus}: {source} does not know the speaker {unknown[0]!r}",
            hint=f"it speaks as: {', '.join(speakers)}",
        )
    model.to(target)
    utterances = sorted(prepared.utterances(), key=lambda utterance: utterance.n_frames)
    for start in range(0, len(utterances), _BATCH):
        chosen = utterances[start : start + _BATCH]
        batch = to_device(acoustic_batch(prepared, chosen, speakers), target)
        mels = model.teacher_forced(batch).mel.float().cpu().numpy()
        for utterance, mel in zip(chosen, mels, strict=True):
            _save(out / f"{utterance.id}.safetensors", mel[:, : utterance.n_frames])
        if progress is not None:
            progress(start + len(chosen), len(utterances))
    return len(utterances)


def _save(path: Path, mel: npt.NDArray[np.float32]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_arrays(path, mel=mel)
    except OSError as error:
        raise CorpusError(
            f"{path}: cannot be written: {error.strerror or error}",
            hint="choose another folder, or make room",
        ) from None


def _load(source: Path) -> tuple[AcousticModel, SymbolTable, Sequence[str]]:
    """The model, its symbols, and the names of its speakers."""
    if (source / "config.json").is_file():
        loaded = load_acoustic(source)
        return loaded.model, loaded.symbols, loaded.speakers
    trained = load_averaged(source)
    if not isinstance(trained.model, AcousticModel):
        raise CheckpointError(f"{source}: is the run of a vocoder", hint="give an acoustic run")
    snapshot = trained.snapshot
    return trained.model, SymbolTable(tuple(snapshot.symbols)), snapshot.speakers
