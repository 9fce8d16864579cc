"""The pictures of a report."""

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tts.acoustic.speech import Spoken
from tts.evaluate.measures import Measure, measure_of
from tts.evaluate.run import Evaluation
from tts.evaluate.systems import SYSTEMS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "attention_png", "distributions_svg"]

COLOURS: dict[str, str] = {
    "voice": "#2563eb",
    "sounds": "#2563eb",
    "natural": "#059669",
    "copy": "#d97706",
    "griffin_lim": "#9333ea",
}
"""Of each system, in all pictures and tables."""

_PLOTTED = (
    "wer",
    "distillmos",
    "dnsmos",
    "mcd",
    "speaker_similarity",
    "f0_spread",
    "f0_error",
    "voicing_error",
    "duration_ratio",
    "loudness",
    "real_time_factor",
)
_COLUMNS = 3
_INK, _GREY = "#1f2937", "#9ca3af"


def distributions_svg(evaluation: Evaluation) -> str:
    """Every sentence as a dot, the figure of each system as a mark with its interval, a panel a measure."""
    keys = [
        key
        for key in _PLOTTED
        if any(key in result.figures for r in evaluation.results.values() for result in r)
    ]
    n_rows = -(-len(keys) // _COLUMNS)
    height = 0.7 + 0.28 * len(evaluation.results)
    figure = _figure(11.0, max(1, n_rows) * height)
    axes = figure.subplots(n_rows, _COLUMNS, squeeze=False).ravel()
    for key, axis in zip(keys, axes, strict=False):
        _draw_panel(axis, evaluation, measure_of(key))
    for axis in axes[len(keys) :]:
        axis.set_axis_off()
    return _svg(figure)


def _draw_panel(axis: "Axes", evaluation: Evaluation, measure: Measure) -> None:
    systems = list(evaluation.results)
    scale = 100.0 if measure.style == "percent" else 1.0
    jitter = np.random.default_rng(0)
    for row, system in enumerate(systems):
        ratios = [r.figures.get(measure.key) for r in evaluation.results[system]]
        values = [scale * r.total / r.weight for r in ratios if r is not None and r.weight > 0]
        if not values:
            continue
        colour = COLOURS[system]
        heights = row + jitter.uniform(-0.26, 0.26, len(values))
        axis.scatter(values, heights, s=13, color=colour, alpha=0.35, linewidths=0)
        figure = evaluation.estimates(system)[measure.key]
        axis.plot([scale * figure.low, scale * figure.high], [row, row], color=colour, lw=3.5)
        axis.plot(scale * figure.value, row, "o", ms=7, mfc="white", mec=colour, mew=2)
    axis.set_yticks(range(len(systems)), [SYSTEMS[system] for system in systems], fontsize=8.5)
    axis.set_ylim(len(systems) - 0.5, -0.5)
    unit = ", %" if measure.style == "percent" else ""
    axis.set_title(measure.label + unit, fontsize=9.5, loc="left", color=_INK)
    axis.locator_params(axis="x", nbins=5)
    axis.tick_params(axis="x", labelsize=8, colors=_INK)
    axis.tick_params(axis="y", length=0, colors=_INK)
    axis.grid(axis="x", color="#e5e7eb", lw=0.8)
    axis.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.spines["bottom"].set_color(_GREY)


def attention_png(outputs: Sequence[Spoken]) -> str:
    """The attention of a sentence as a data URI, its utterances one after the other."""
    alignments = [output.alignment for output in outputs]
    n_steps, n_tokens = np.sum([alignment.shape for alignment in alignments], axis=0)
    picture = np.zeros((n_steps, n_tokens), np.float32)
    step = token = 0
    for alignment in alignments:
        steps, tokens = alignment.shape
        picture[step : step + steps, token : token + tokens] = alignment
        step, token = step + steps, token + tokens
    figure = _figure(3.6, 2.3)
    axis = figure.subplots()
    axis.imshow(
        picture.T, origin="lower", aspect="auto", interpolation="nearest", vmin=0.0, vmax=0.8,
        cmap="magma",
    )  # fmt: skip
    axis.set_xlabel("decoder step", fontsize=8)
    axis.set_ylabel("symbol", fontsize=8)
    axis.tick_params(labelsize=7)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _figure(width: float, height: float) -> "Figure":
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _svg(figure: "Figure") -> str:
    """The same figure gives the same text, which can stand inside a page."""
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "tts"}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]
