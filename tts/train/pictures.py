"""Pictures of what an acoustic model says: its attention over the phonemes above its mel."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Said", "plot_attention"]

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True)
class Said:
    """One utterance of a model.

    Attributes:
        alignment: Shape: (T', L).
        mel: Shape: (M, T).
        figures: by name; "focus", "diagonality" and "coverage" stand above the picture.
    """

    alignment: FloatArray
    mel: FloatArray
    figures: dict[str, float]


def plot_attention(
    path: Path, phonemes: str, columns: Mapping[str, Said], *, recording: FloatArray | None = None
) -> None:
    """Writes a PNG: a column for each way of speaking, with the recording's mel after them if there is one.

    All mels have one scale of time and of level, so that columns can be compared.

    Args:
        path: where to.
        phonemes: what is said, a letter a token.
        columns: what was said, by how.
        recording: the true mel. Shape: (M, T).
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    mels = [said.mel for said in columns.values()] + ([] if recording is None else [recording])
    low, high = min(mel.min() for mel in mels), max(mel.max() for mel in mels)
    n_frames = max(mel.shape[1] for mel in mels)
    n_columns = len(mels)
    figure = Figure(figsize=(3 + 6 * n_columns, 8), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, n_columns, squeeze=False)

    def draw_mel(axis: Any, mel: FloatArray) -> None:
        axis.imshow(
            mel, origin="lower", aspect="auto", interpolation="nearest", vmin=low, vmax=high
        )
        axis.set_xlim(0, n_frames)
        axis.set_xlabel("frame")
        axis.set_ylabel("mel band")

    for (top, bottom), (name, said) in zip(axes.T, columns.items(), strict=False):
        figures = (f"{key} {said.figures[key]:.2f}" for key in ("diagonality", "focus", "coverage"))
        top.set_title(f"{name}: {', '.join(figures)}", fontsize=10)
        top.imshow(
            said.alignment.T,
            origin="lower",
            aspect="auto",
            interpolation="nearest",
            vmin=0.0,
            vmax=1.0,
        )
        top.set_xlim(0, n_frames * said.alignment.shape[0] / max(said.mel.shape[1], 1))
        top.set_yticks(range(len(phonemes)), list(phonemes), fontsize=5)
        top.set_xlabel("decoder step")
        draw_mel(bottom, said.mel)
    if recording is not None:
        axes[0, -1].axis("off")
        axes[1, -1].set_title("recording", fontsize=10)
        draw_mel(axes[1, -1], recording)
    figure.savefig(path, dpi=100)
