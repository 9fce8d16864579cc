"""Skeleton."""

from pathlib import Path
from typing import Literal


def pack(
    run: Path,
    voice: Path,
    *,
    name: str | None = None,
    dtype: Literal["float16", "float32"] = "float16",
) -> Path:
    """Writes a run's averaged weights as VOICE/acoustic or VOICE/vocoder; returns that folder."""
    raise NotImplementedError
