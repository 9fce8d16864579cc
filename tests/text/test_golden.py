"""The golden corpus: what people say for what is written (golden/README.md)."""

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from tts.text import normalize, trace

GOLDEN = Path(__file__).parent / "golden"
MARK = "known failure"


class Case(NamedTuple):
    kind: str
    language: str
    written: str
    spoken: str
    mark: str = ""


def _unescaped(text: str) -> str:
    """`\\uXXXX`, `\\t` and `\\\\`; other backslashes are themselves."""
    names = {"\\t": "\t", "\\\\": "\\"}
    return re.sub(
        r"\\u[0-9a-f]{4}|\\t|\\\\",
        lambda match: names.get(match.group()) or chr(int(match.group()[2:], 16)),
        text,
    )


def _read(path: Path) -> list[Case]:
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    assert head.split("\t") == ["class", "language", "written", "spoken"]
    cases = [Case(*line.split("\t")) for line in lines]
    return [case._replace(written=_unescaped(case.written)) for case in cases]


CASES = [case for path in sorted(GOLDEN.glob("*.tsv")) for case in _read(path)]


def _alike(spoken: str) -> str:
    """Spoken words without what does not count: hyphens, and spaces between letters that are spelt."""
    spoken = " ".join(spoken.replace("-", " ").split())
    return re.sub(
        r"(?<![\w'])[A-Z]+(?: [A-Z]+)+(?![\w])", lambda m: m.group().replace(" ", ""), spoken
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.language}: {case.written!r}")
def test_case(case: Case) -> None:
    said = _alike(normalize(case.written, case.language))
    if case.mark:
        assert said != _alike(case.spoken), f"it passes now: remove its mark {MARK!r}"
    else:
        assert said == _alike(case.spoken)


def test_the_corpus() -> None:
    """A thousand different cases, most of them passing, in the classes of the conventions."""
    assert len({(case.language, case.written) for case in CASES}) == len(CASES) >= 1000
    assert {case.language for case in CASES} == {"en-us", "en-gb"}
    assert {case.mark for case in CASES} <= {"", MARK}
    assert sum(bool(case.mark) for case in CASES) <= 0.01 * len(CASES)
    assert min(Counter(case.kind for case in CASES).values()) >= 8
    assert all(case.spoken == " ".join(case.spoken.split()) for case in CASES)


def test_everything_written_is_spoken_for() -> None:
    """Each case comes from its whole text: only marks that nobody hears are outside of all spans."""
    for case in CASES:
        position, silent = 0, ""
        for span in trace(case.written, case.language).spans():
            silent += case.written[position : span.start]
            position = span.end
        silent += case.written[position:]
        assert not re.search(r"[A-Za-z0-9$£€%]", silent), (case.written, silent)
