"""An evaluation as one page: nothing beside it is needed to look at it and to hear it."""

import base64
import html
import io
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from string import Template

from tts.audio.wav import Audio
from tts.errors import EvaluationError
from tts.evaluate.documents import check_place, write_document
from tts.evaluate.measures import MEASURES, Estimate, Measure
from tts.evaluate.plots import COLOURS, attention_png, distributions_svg
from tts.evaluate.resample import levelled
from tts.evaluate.run import Evaluation, Result
from tts.evaluate.sentences import Sentence
from tts.evaluate.systems import SYSTEMS
from tts.evaluate.words import aligned_words, failure_of

__all__ = ["check_report", "order_by_badness", "render_report", "write_report"]

_N_WORST = 6
_N_OTHERS = 6
_ARROWS = {"lower": "↓", "higher": "↑", "": ""}


def check_report(path: Path) -> None:
    """Refuses a report that could not be written, before minutes are spent on it.

    Raises:
        EvaluationError: when matplotlib is not installed, or the file cannot be written.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise EvaluationError(
            "the report needs matplotlib, which is not installed",
            hint="pip install 'saywave[eval]'",
        ) from None
    check_place(path)


def write_report(evaluation: Evaluation, path: Path) -> None:
    """Writes the page.

    Raises:
        EvaluationError: when it cannot be written; nothing is left then.
    """
    write_document(path, render_report(evaluation))


def render_report(evaluation: Evaluation) -> str:
    """The page as HTML."""
    ordered = order_by_badness(next(iter(evaluation.results.values())))
    worst, others = ordered[:_N_WORST], ordered[_N_WORST:]
    others = others[:: max(1, len(others) // _N_OTHERS)][:_N_OTHERS]
    page = resources.files("tts.evaluate").joinpath("page.html").read_text(encoding="utf-8")
    return Template(page).substitute(
        target=_escape(evaluation.target),
        sentences=_escape(evaluation.sentences),
        seed=evaluation.seed,
        table=_table(evaluation),
        plots=distributions_svg(evaluation),
        worst="".join(_card(evaluation, index) for index in worst),
        others="".join(_card(evaluation, index) for index in others)
        or "<p>There are no others.</p>",
        all=_list(evaluation, ordered),
        notes="".join(_note(measure) for measure in _measured(evaluation)),
        left_out="".join(f"<li>{_escape(line)}</li>" for line in evaluation.left_out)
        or "<li>Nothing.</li>",
    )


def order_by_badness(results: Sequence[Result]) -> list[int]:
    """The places of sentences, worst first: by failures heard, then words, opinion and spectrum."""

    def badness(index: int) -> tuple[float, ...]:
        figures = results[index].figures
        signs = {"heard_failure": 1, "wer": 1, "distillmos": -1, "mcd": 1}
        found = ((figures.get(key), sign) for key, sign in signs.items())
        return tuple(sign * f.total / f.weight if f and f.weight else 0.0 for f, sign in found)

    return sorted(range(len(results)), key=badness, reverse=True)


# -- the table ----------------------------------------------------------------------------------------


def _measured(evaluation: Evaluation) -> list[Measure]:
    keys = {key for system in evaluation.results for key in evaluation.estimates(system)}
    return [measure for measure in MEASURES if measure.key in keys]


def _table(evaluation: Evaluation) -> str:
    estimates = {system: evaluation.estimates(system) for system in evaluation.results}
    head = "".join(f"<th>{_name(system)}</th>" for system in estimates)
    rows = []
    for measure in _measured(evaluation):
        found = [figures.get(measure.key) for figures in estimates.values()]
        cells = "".join(_cell(measure, figure) for figure in found)
        n = max(figure.n for figure in found if figure is not None)
        rows.append(
            f'<tr><th title="{_escape(measure.note)}">{_escape(measure.label)}'
            f"<i>{_ARROWS[measure.better]}</i></th>{cells}<td class=n>{n}</td></tr>"
        )
    return (
        f"<table class=figures><thead><tr><th></th>{head}<th class=n>n</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _cell(measure: Measure, figure: Estimate | None) -> str:
    if figure is None:
        return "<td class=none>–</td>"
    value, _, interval = measure.text_of(figure).partition("[")
    span = f"<small>{interval.removesuffix(']').replace(', ', ' … ')}</small>" if interval else ""
    return f"<td><b>{value}</b>{span}</td>"


def _name(system: str) -> str:
    return f'<span class=dot style="background:{COLOURS[system]}"></span>{SYSTEMS[system]}'


# -- sentences ----------------------------------------------------------------------------------------


def _card(evaluation: Evaluation, index: int) -> str:
    """One sentence: its text, and each system's player, figures and words heard."""
    first = next(iter(evaluation.results.values()))[index]
    rows = "".join(_player(system, r[index]) for system, r in evaluation.results.items())
    picture = ""
    if first.sample.outputs:
        alt = f"Attention over {first.sentence.id}"
        source = attention_png(first.sample.outputs)
        picture = f'<img loading=lazy src="{source}" alt="{_escape(alt)}">'
    return (
        f"<article><h3>{_escape(first.sentence.text)}<code>{_escape(first.sentence.id)}</code></h3>"
        f"<div class=card><div class=players>{rows}</div>{picture}</div></article>"
    )


def _player(system: str, result: Result) -> str:
    sound = base64.b64encode(_flac(levelled(result.sample.audio))).decode("ascii")
    heard = ""
    if result.heard is not None:
        heard = f"<p class=heard>{_marked(result.sentence, result.heard)}</p>"
    return (
        f"<div class=player><div class=who>{_name(system)}</div>"
        f'<audio controls preload=none src="data:audio/flac;base64,{sound}"></audio>'
        f"<div class=badges>{_badges(result)}</div>{heard}</div>"
    )


def _badges(result: Result) -> str:
    shown = []
    if result.heard is not None:
        failure = failure_of(result.sentence.text, result.heard, result.sentence.language)
        shown += [f"<em>{failure}</em>"] if failure else []
    for key in ("attention_skip", "attention_repeat", "attention_endless"):
        if key in result.figures and result.figures[key].total:
            shown.append(f"<em>{key.replace('_', ' ')}</em>")
    for key, name in {"wer": "WER", "distillmos": "MOS", "mcd": "MCD"}.items():
        ratio = result.figures.get(key)
        if ratio is not None and ratio.weight:
            measure = next(measure for measure in MEASURES if measure.key == key)
            shown.append(f"<span>{name} {measure.text(ratio.total / ratio.weight)}</span>")
    return "".join(shown)


def _marked(sentence: Sentence, heard: str) -> str:
    """The words heard, those wrong marked, with those missed struck out."""
    marked = []
    for missed, wrong, right in aligned_words(sentence.text, heard, sentence.language):
        marked += [f"<del>{_escape(' '.join(missed))}</del>"] if missed else []
        marked += [f"<ins>{_escape(' '.join(wrong))}</ins>"] if wrong else []
        marked += [_escape(" ".join(right))] if right else []
    return " ".join(marked) or "<ins>nothing</ins>"


def _list(evaluation: Evaluation, ordered: Sequence[int]) -> str:
    """Every sentence of the first system in a line, worst first."""
    results = next(iter(evaluation.results.values()))
    rows = []
    for index in ordered:
        result = results[index]
        heard = "" if result.heard is None else _marked(result.sentence, result.heard)
        rows.append(
            f"<tr><td><code>{_escape(result.sentence.id)}</code></td>"
            f"<td>{_escape(result.sentence.text)}</td><td class=heard>{heard}</td>"
            f"<td class=badges>{_badges(result)}</td></tr>"
        )
    return f"<table class=list><tbody>{''.join(rows)}</tbody></table>"


def _note(measure: Measure) -> str:
    better = f" {measure.better.capitalize()} is better." if measure.better else ""
    return f"<dt>{_escape(measure.label)}</dt><dd>{_escape(measure.note)}{better}</dd>"


def _flac(audio: Audio) -> bytes:
    import soundfile

    buffer = io.BytesIO()
    soundfile.write(buffer, audio.samples, audio.sample_rate, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()


def _escape(text: str) -> str:
    return html.escape(text)
