"""Vocoders: mel spectrograms to samples.

Its names register every model, and import PyTorch, when one of them is first used: what speaks without
PyTorch (`compiled`) lies here too.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tts.vocoder.base import Vocoder, VocoderBatch, vocoders

__all__ = ["Vocoder", "VocoderBatch", "vocoders"]

_MODELS = ("wavenet",)


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for model in _MODELS:
        importlib.import_module(f"{__name__}.{model}")
    return getattr(importlib.import_module(f"{__name__}.base"), name)
