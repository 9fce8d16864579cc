"""An evaluation as a table of measures and systems, in Markdown."""

from tts.evaluate.measures import MEASURES
from tts.evaluate.run import Evaluation
from tts.evaluate.systems import SYSTEMS

__all__ = ["format_table"]


def format_table(evaluation: Evaluation) -> str:
    """Rows are the measures that were made, columns the systems; [ , ] are the 95 % intervals."""
    estimates = {system: evaluation.estimates(system) for system in evaluation.results}
    rows = [["", *(SYSTEMS[system] for system in estimates), "n"]]
    for measure in MEASURES:
        found = [figures.get(measure.key) for figures in estimates.values()]
        known = [figure for figure in found if figure is not None]
        if not known:
            continue
        cells = ["" if figure is None else measure.text_of(figure) for figure in found]
        rows.append([measure.label, *cells, str(max(figure.n for figure in known))])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |"
        for row in rows
    )
