"""Acoustic models: symbol ids to mel spectrograms.

Its names register every model, and import PyTorch, when one of them is first used: what speaks without
PyTorch (`fast`) lies here too.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tts.acoustic.base import AcousticBatch, AcousticModel, AcousticOutput, acoustic_models

__all__ = ["AcousticBatch", "AcousticModel", "AcousticOutput", "acoustic_models"]

_MODELS = ("deepvoice3", "tacotron", "tacotron2")


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for model in _MODELS:
        importlib.import_module(f"{__name__}.{model}")
    return getattr(importlib.import_module(f"{__name__}.base"), name)
