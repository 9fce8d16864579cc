"""The page: whole, in order, escaped, and the same each time."""

import base64
import io
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tts.acoustic.speech import Spoken
from tts.audio.wav import Audio
from tts.errors import EvaluationError
from tts.evaluate.measures import Ratio
from tts.evaluate.report import check_report, order_by_badness, render_report, write_report
from tts.evaluate.run import Evaluation, Result
from tts.evaluate.sentences import Sentence
from tts.evaluate.systems import Sample

VOID = {"meta", "img", "br", "link", "input"}


class Reader(HTMLParser):
    """Checks that elements are closed in order, and collects what pages are made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sources: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.sources += [value or "" for name, value in attrs if name in ("src", "srcset")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def sample(seed: int, *, attention: bool) -> Sample:
    sound = 0.1 * np.random.default_rng(seed).normal(size=4000)
    output = Spoken(
        mel=np.zeros((8, 12), dtype=np.float32),
        alignment=np.eye(3, dtype=np.float32),
        finished=True,
        frames_per_step=4,
    )
    return Sample(Audio(sound.astype(np.float32), 4000), 0.1, (output, output) if attention else ())


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    results: dict[str, list[Result]] = {"voice": [], "natural": []}
    for system, listed in results.items():
        for i in range(14):
            sentence = Sentence(f"s{i:02d}", f'Say {i} "now" & stay.')
            figures = {
                "wer": Ratio(i % 5, 5),
                "distillmos": Ratio(3 + i / 20),
                "attention_skip": Ratio(float(i == 2)),
            }
            heard = "Say nothing" if i == 4 else f"say {i} now and stay"
            made = sample(i, attention=system == "voice")
            listed.append(Result(sentence, made, figures, heard))
    memory = {"voice": {"memory": 300.0}}
    return Evaluation("my <voice>", "14 sentences", 7, results, memory, ("DNSMOS: <missing>",))


def test_the_page_is_whole_and_needs_nothing_else(evaluation: Evaluation) -> None:
    page = render_report(evaluation)
    reader = Reader(page)
    assert reader.open == []
    assert len(reader.sources) == 12 * 3  # two players and a picture for each of twelve sentences
    assert all(source.startswith("data:") for source in reader.sources)
    assert "http" not in page.replace("http://www.w3.org", "").replace(
        "http://purl.org", ""
    ).replace("http://creativecommons.org", "").replace("https://matplotlib.org", "")
    assert not re.findall(r"\$\w", page)
    words = " ".join(reader.words)
    assert "my <voice>" in words
    assert "DNSMOS: <missing>" in words
    assert "14 sentences, seed 7." in words
    assert "predicted opinion score (DistillMOS)" in words
    assert "mel-cepstral distortion" not in words
    assert "attention skip" in words


def test_players_hold_the_sounds_at_one_loudness(evaluation: Evaluation) -> None:
    from tts.audio.loudness import loudness_lufs

    sounds = [s for s in Reader(render_report(evaluation)).sources if s.startswith("data:audio")]
    assert len(sounds) == 24
    for sound in sounds:
        content = base64.b64decode(sound.partition(",")[2])
        samples, rate = soundfile.read(io.BytesIO(content), dtype="float32")
        assert (len(samples), rate) == (4000, 4000)
        assert loudness_lufs(samples, rate) == pytest.approx(-23.0, abs=0.1)


def test_pictures_hold_the_attention(evaluation: Evaluation) -> None:
    pictures = [s for s in Reader(render_report(evaluation)).sources if s.startswith("data:image")]
    assert len(pictures) == 12
    assert base64.b64decode(pictures[0].partition(",")[2]).startswith(b"\x89PNG")


def test_wrong_words_are_marked(evaluation: Evaluation) -> None:
    page = render_report(evaluation)
    assert "say <del>four now and stay</del> <ins>nothing</ins>" in page


def test_the_same_evaluation_gives_the_same_page(evaluation: Evaluation) -> None:
    assert render_report(evaluation) == render_report(evaluation)


def test_the_worst_come_first(evaluation: Evaluation) -> None:
    results = evaluation.results["voice"]
    ordered = [results[i].figures for i in order_by_badness(results)]
    keys = [(-f["wer"].total, f["distillmos"].total) for f in ordered]
    assert keys == sorted(keys)
    page = render_report(evaluation)
    assert page.index("<code>s04</code>") < page.index("<code>s05</code>")


def test_a_report_is_written_whole(evaluation: Evaluation, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    check_report(path)
    write_report(evaluation, path)
    assert path.read_text(encoding="utf-8") == render_report(evaluation)


def test_a_report_needs_matplotlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(EvaluationError, match="needs matplotlib") as caught:
        check_report(tmp_path / "a.html")
    assert caught.value.hint == "pip install 'saywave[eval]'"
