"""Drawings for a page: histograms, a scatter plot and waveforms, as SVG in the page's colours."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

__all__ = ["histogram", "scatter", "ticks", "waveform"]

Values = Sequence[float] | npt.NDArray[np.floating]

_WIDTH, _HEIGHT = 360.0, 170.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 34.0, 10.0, 8.0, 24.0
_BINS = 32


def ticks(low: float, high: float, n: int = 5) -> list[float]:
    """About `n` round numbers from `low` to `high`: multiples of 1, 2 or 5 times a power of ten."""
    if high <= low:
        return [low]
    raw = (high - low) / n
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]


def histogram(values: Values, label: str) -> Markup:
    """How often each range of values occurs; `label` stands under the axis."""
    numbers = np.asarray(values, dtype=np.float64)
    low, high = float(numbers.min()), float(numbers.max())
    if high - low < 1e-6:
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(numbers, bins=_BINS, range=(low, high))
    x, y = _axis(low, high, _LEFT, _WIDTH - _RIGHT), _axis(0, counts.max(), _HEIGHT - _BOTTOM, _TOP)
    bars = [
        Markup(
            '<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}">{}</rect>'
        ).format(
            x(edges[i]) + 0.5,
            y(count),
            max(x(edges[i + 1]) - x(edges[i]) - 1.0, 0.5),
            _HEIGHT - _BOTTOM - y(count),
            Markup("<title>{:.4g} to {:.4g}: {}</title>").format(edges[i], edges[i + 1], count),
        )
        for i, count in enumerate(counts)
        if count
    ]
    frame = _frame(
        x,
        y,
        _WIDTH - _RIGHT,
        ticks(low, high),
        [t for t in ticks(0, counts.max(), 3) if t % 1 == 0],
    )
    return _svg(_WIDTH, _HEIGHT, label, [*frame, *bars])


def scatter(
    points: Sequence[tuple[float, float]],
    marked: Sequence[tuple[float, float, str]],
    lines: Sequence[tuple[float, float]],
    label: str,
) -> Markup:
    """Points, some of them marked and named, and lines `y = a + b x`.

    Args:
        points: x and y of each.
        marked: x, y and name of those that stand out.
        lines: a and b of each.
        label: what the axes are, for those who cannot see them.
    """
    width, height = 3 * _WIDTH, 2.2 * _HEIGHT
    every = [*points, *((a, b) for a, b, _ in marked)]
    right, top = max(a for a, _ in every) * 1.04, max(b for _, b in every) * 1.06
    x, y = _axis(0, right, _LEFT, width - _RIGHT), _axis(0, top, height - _BOTTOM, _TOP)
    dot = Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{}">{}</circle>')
    dots = [dot.format("dot", x(a), y(b), 2, "") for a, b in points]
    for a, b, name in marked:
        title = Markup("<title>{}</title>").format(name)
        dots.append(dot.format("outlier", x(a), y(b), 4, title))
    drawn = []
    for start, slope in lines:
        end = min(right, (top - start) / slope if slope > 0 else right)
        drawn.append(
            Markup('<path class="line" d="M{:.1f} {:.1f}L{:.1f} {:.1f}"/>').format(
                x(0), y(start), x(end), y(start + slope * end)
            )
        )
    frame = _frame(x, y, width - _RIGHT, ticks(0, right, 8), ticks(0, top, 6))
    return _svg(width, height, label, [*frame, *dots, *drawn])


def waveform(samples: npt.NDArray[np.float32], *, lead: float, tail: float) -> Markup:
    """The outline of a sound, with the silence at its ends shaded; `lead` and `tail` are shares of it."""
    width, height, n_columns = 600.0, 72.0, 300
    columns = np.array_split(samples, min(n_columns, len(samples)))
    high, low = [float(c.max()) for c in columns], [float(c.min()) for c in columns]
    scale = 0.5 * height / max(*high, *(-value for value in low), 1e-6)
    xs = np.linspace(0.0, width, len(columns))
    upper = [f"{a:.1f} {height / 2 - b * scale:.1f}" for a, b in zip(xs, high, strict=True)]
    lower = [f"{a:.1f} {height / 2 - b * scale:.1f}" for a, b in zip(xs, low, strict=True)]
    shade = Markup('<rect class="silence" x="{:.1f}" y="0" width="{:.1f}" height="{}"/>')
    return _svg(
        width,
        height,
        "waveform",
        [
            shade.format(0.0, lead * width, height),
            shade.format((1.0 - tail) * width, tail * width, height),
            Markup('<path class="wave" d="M{}Z"/>').format("L".join(upper + lower[::-1])),
        ],
        stretch=True,
    )


def _axis(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    """Where on the page a value lies."""
    span = (high - low) or 1.0
    return lambda value: start + (end - start) * (value - low) / span


def _frame(
    x: Callable[[float], float],
    y: Callable[[float], float],
    right: float,
    x_ticks: Sequence[float],
    y_ticks: Sequence[float],
) -> list[Markup]:
    """Grid lines with their numbers, bottom and left."""
    bottom = y(0)
    text = Markup('<text x="{:.1f}" y="{:.1f}" class="{}">{:.5g}</text>')
    marks = [text.format(x(tick), bottom + 15.0, "below", tick) for tick in x_ticks]
    for tick in y_ticks:
        line = Markup('<path class="grid" d="M{} {:.1f}H{:.1f}"/>')
        marks += [line.format(_LEFT, y(tick), right)]
        marks += [text.format(_LEFT - 6.0, y(tick) + 3.5, "beside", tick)]
    return marks


def _svg(
    width: float, height: float, label: str, parts: Sequence[Markup], *, stretch: bool = False
) -> Markup:
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}"{}>{}</svg>').format(
        width,
        height,
        label,
        Markup(' preserveAspectRatio="none"') if stretch else "",
        Markup("").join(parts),
    )
