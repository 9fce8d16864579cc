"""Skeleton."""

from collections.abc import Callable
from pathlib import Path


def predict_mels(
    source: Path,
    corpus: Path,
    out: Path,
    *,
    device: str = "auto",
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Writes OUT/ID.npy for every clip of a prepared corpus; returns how many. Raises TTSError."""
    raise NotImplementedError
