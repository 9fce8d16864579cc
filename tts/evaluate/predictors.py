"""Networks of others that judge a sound: opinion scores and the likeness of speakers.

All carry their weights in their packages, and none downloads anything. Two of them import more than they use.
"""

import contextlib
import importlib
import importlib.util
import io
import sys
import types
import warnings
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from tts.audio.wav import Audio
from tts.errors import EvaluationError
from tts.evaluate.measures import Figures, Ratio
from tts.evaluate.resample import at_16_khz, levelled

__all__ = ["Ruler", "load_distillmos", "load_dnsmos", "load_speaker"]

Ruler = Callable[[Audio], Figures]

_SHORTEST_S = 0.1


def load_distillmos() -> Ruler:
    """The predicted opinion score of DistillMOS (Stahl and Gamper 2025, arXiv 2502.05356).

    Raises:
        EvaluationError: when it is not installed.
    """
    hint = "pip install --no-deps distillmos xls-r-sqa"
    # It imports torchaudio for its own command, and not for the model.
    module = _import("distillmos", hint, stand_ins=("torchaudio",))
    import torch

    with contextlib.redirect_stdout(io.StringIO()):  # it tells where its weights are
        model = module.ConvTransformerSQAModel().eval()

    def measure(audio: Audio) -> Figures:
        with torch.inference_mode():
            score = model(torch.from_numpy(at_16_khz(audio))[None])
        return {"distillmos": Ratio(float(score))}

    return measure


def load_dnsmos() -> Ruler:
    """The overall score of DNSMOS P.835 (Reddy et al. 2022, arXiv 2110.01763).

    Raises:
        EvaluationError: when it is not installed.
    """
    dnsmos = _import("speechmos.dnsmos", "pip install 'saywave[eval]'")

    def measure(audio: Audio) -> Figures:
        return {"dnsmos": Ratio(float(dnsmos.run(at_16_khz(audio), sr=16000)["ovrl_mos"]))}

    return measure


def load_speaker(recordings: Sequence[Audio]) -> Ruler:
    """The likeness to a speaker: cosine of GE2E embeddings (Wan et al. 2018, arXiv 1710.10467).

    Args:
        recordings: of the speaker, none of them a sound that is measured.

    Raises:
        EvaluationError: when Resemblyzer is not installed, or no speech is heard in any of them.
    """
    resemblyzer = _import(
        "resemblyzer", "pip install 'saywave[eval]' && pip install --no-deps Resemblyzer"
    )
    encoder = resemblyzer.VoiceEncoder("cpu", verbose=False)

    def embed(audio: Audio) -> Any:
        if not audio.samples.any():
            return None
        # Its spectrum is not logarithmic: recordings at another level would be another speaker.
        heard = resemblyzer.preprocess_wav(at_16_khz(levelled(audio)), 16000)
        return encoder.embed_utterance(heard) if len(heard) >= _SHORTEST_S * 16000 else None

    embeddings = [vector for vector in map(embed, recordings) if vector is not None]
    if not embeddings:
        raise EvaluationError(
            "no speech is heard in the recordings", hint="look at them: tts data check CORPUS"
        )
    speaker = np.mean(embeddings, axis=0)
    speaker /= np.linalg.norm(speaker)

    def measure(audio: Audio) -> Figures:
        vector = embed(audio)
        return {} if vector is None else {"speaker_similarity": Ratio(float(vector @ speaker))}

    return measure


def _import(name: str, hint: str, stand_ins: tuple[str, ...] = ()) -> ModuleType:
    """A module, with empty ones in place of what it imports and does not need, where that is missing."""
    missing = [name for name in stand_ins if importlib.util.find_spec(name) is None]
    sys.modules.update({name: types.ModuleType(name) for name in missing})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what they import of others is theirs to mend
            return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise EvaluationError(f"{package} cannot be imported: {error}", hint=hint) from None
    finally:
        for name in missing:
            del sys.modules[name]
