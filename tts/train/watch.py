"""The attention of an acoustic model over a few clips that it is not trained on, with the true frames before.

These figures are teacher-forced: those of free-running speech, in `tts.train.samples`, are kept apart.
"""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import torch

from tts.acoustic import AcousticModel
from tts.acoustic.alignment import alignment_figures, alignment_of
from tts.data.batches import acoustic_batch, to_device
from tts.data.manifest import Utterance
from tts.data.prepared import PreparedCorpus
from tts.vocoder import Vocoder

__all__ = ["Watch", "build_watch", "evenly"]

Watch = Callable[[AcousticModel | Vocoder], dict[str, float | str]]

_N_CLIPS = 16
_BATCH = 8


def build_watch(corpus: PreparedCorpus, speakers: Sequence[str] = ()) -> Watch:
    """What the loop calls with the averaged model at each validation; a vocoder has no attention.

    It returns the mean figures of the alignments, the share of clips that skip and repeat, the distance of
    the mel in nepers, and under "worst_clip" the id of the clip whose attention is farthest from a diagonal.
    """
    utterances = evenly(corpus.utterances("validation") or corpus.utterances("train"), _N_CLIPS)
    utterances.sort(key=lambda utterance: utterance.n_frames)

    def watch(model: AcousticModel | Vocoder) -> dict[str, float | str]:
        if not isinstance(model, AcousticModel):
            return {}
        device = next(model.parameters()).device
        figures: list[dict[str, float]] = []
        for start in range(0, len(utterances), _BATCH):
            chosen = utterances[start : start + _BATCH]
            batch = to_device(acoustic_batch(corpus, chosen, speakers), device)
            output = model.teacher_forced(batch)
            step_s = output.frames_per_step / corpus.mel.frames_per_second
            mels = output.mel.float().cpu().numpy()
            for item, (utterance, mel) in enumerate(zip(chosen, mels, strict=True)):
                weights = alignment_of(output, item, len(utterance.phonemes))
                apart = np.abs(mel[:, : utterance.n_frames] - corpus.mel_of(utterance))
                distance = float(apart.mean()) * corpus.mel.log_std
                found = dataclasses.asdict(alignment_figures(weights, step_s))
                figures.append({**found, "mel_distance": distance})
        worst = min(range(len(figures)), key=lambda i: figures[i]["diagonality"])
        means = {name: float(np.mean([f[name] for f in figures])) for name in figures[0]}
        return {**means, "worst_clip": utterances[worst].id}

    return torch.no_grad()(watch)


def evenly(utterances: Sequence[Utterance], n: int) -> list[Utterance]:
    """Some of the utterances, evenly spread over all."""
    return list(utterances[:: -(-len(utterances) // n) or 1])
