"""Drawings as SVG: what they show, and that nothing in them is taken for markup."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from tts.data.charts import histogram, scatter, ticks, waveform


def parts(svg: str, kind: str) -> list[dict[str, str]]:
    return [dict(part.attrib) for part in ElementTree.fromstring(svg).iter(kind)]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 10.0, [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]),
        (-31.0, -12.0, [-30.0, -25.0, -20.0, -15.0]),
        (0.0, 0.37, [0.0, 0.1, 0.2, 0.3]),
        (3.0, 3.0, [3.0]),
    ],
)
def test_ticks_are_round_numbers(low, high, expected):
    assert ticks(low, high) == pytest.approx(expected)


def test_a_histogram_has_the_counts_of_numpy():
    values = np.random.default_rng(0).normal(5.0, 1.0, 300)
    svg = histogram(values, "Length")
    counts, _ = np.histogram(values, bins=32)
    told = [int(n) for n in re.findall(r"to [^:<]*: (\d+)</title>", svg)]
    assert told == [n for n in counts if n]
    heights = [float(bar["height"]) for bar in parts(svg, "rect")]
    np.testing.assert_allclose(heights, np.array(told) / max(told) * max(heights), atol=0.06)
    assert 'aria-label="Length"' in svg


def test_a_histogram_of_one_value():
    assert len(parts(histogram([3.0, 3.0], "x"), "rect")) == 1


def test_a_scatter_plot():
    svg = scatter([(1.0, 2.0), (2.0, 4.0)], [(3.0, 1.0, "<b>&")], [(0.0, 2.0)], '"quoted"')
    dots = parts(svg, "circle")
    assert [dot["class"] for dot in dots] == ["dot", "dot", "outlier"]
    (x1, y1), (x2, y2) = ((float(dot["cx"]), float(dot["cy"])) for dot in dots[:2])
    line = next(part["d"] for part in parts(svg, "path") if part["class"] == "line")
    start_x, start_y, end_x, end_y = (float(n) for n in re.findall(r"[\d.]+", line))
    # both points lie on the line that was asked for
    for x, y in ((x1, y1), (x2, y2)):
        share = (x - start_x) / (end_x - start_x)
        assert start_y + share * (end_y - start_y) == pytest.approx(y, abs=0.2)
    assert "&lt;b&gt;&amp;" in svg
    assert "<b>" not in svg


def test_a_waveform_touches_top_and_bottom():
    samples = np.sin(np.linspace(0, 60, 5000)).astype(np.float32)
    svg = waveform(samples, lead=0.1, tail=0.25)
    wave = next(part["d"] for part in parts(svg, "path"))
    heights = [float(pair.split()[1]) for pair in wave.strip("MZ").split("L")]
    assert (min(heights), max(heights)) == (0.0, 72.0)
    lead, tail = parts(svg, "rect")
    assert (float(lead["x"]), float(lead["width"])) == (0.0, 60.0)
    assert (float(tail["x"]), float(tail["width"])) == (450.0, 150.0)
    assert parts(waveform(samples[:1], lead=0.0, tail=0.0), "path")
