"""The page of `tts data check`: complete, by itself, and with nothing of the corpus taken for markup."""

import base64
import html
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile

from tts.data.check import CheckReport, check
from tts.data.findings import Finding
from tts.data.report import report_html, write_report
from tts.errors import CorpusError

from .conftest import RATE, hum

EVIL = "<script>alert('1')</script> & \"Three\" 3"


class Balance(HTMLParser):
    """Remembers the elements and addresses of a page, and refuses one that is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "srcset")]
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text += data


def parse(page: str) -> Balance:
    parser = Balance()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


@pytest.fixture
def report(corpus, config, write_clip) -> CheckReport:
    write_clip(corpus, "evil", np.clip(5 * hum(1.0, 9), -0.5, 0.5), text=EVIL)
    write_clip(corpus, "silent", np.zeros(RATE))
    (corpus / "wavs" / "clip1.wav").write_bytes(b"")
    return check([corpus], config)


def test_the_page_needs_nothing_else(report):
    page = parse(report_html(report))
    assert page.addresses
    assert all(address.startswith("data:audio/flac;base64,") for address in page.addresses)
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert not re.search(r"url\(|@import|https?:", report_html(report))


def test_the_page_says_what_was_found(report):
    page = parse(report_html(report))
    text = " ".join(page.text.split())
    assert "2 problems stop tts prepare" in text
    for finding in report.findings:
        assert " ".join(finding.message.split()) in text
        assert finding.hint in text
    assert EVIL in text  # escaped, so that it is read as text
    assert text.index("silent (") < text.index("evil: is clipped")  # the worst first
    assert page.tags.count("svg") >= 6
    assert page.tags.count("article") == len({f.clip for f in report.findings if f.clip})


def test_the_players_hold_the_recordings(report):
    (card,) = [
        part for part in report_html(report).split("<article")[1:] if "<h3>evil</h3>" in part
    ]
    content = re.search(r'src="data:audio/flac;base64,([^"]+)"', card)
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(html.unescape(content[1]))))
    clip = next(clip for clip in report.clips if clip.clip.id == "evil")
    original, _ = soundfile.read(clip.clip.audio_path)
    assert rate == RATE
    np.testing.assert_allclose(samples, original, atol=1e-4)


def test_a_long_clip_plays_its_start(corpus, config, write_clip):
    write_clip(corpus, "long", np.clip(5 * hum(30.0), -0.5, 0.5))
    page = report_html(check([corpus], config))
    assert "(the start is played)" in page


def test_pages_of_nothing_wrong_and_of_nothing_at_all(tmp_path, corpus, config):
    good = CheckReport(
        corpora=(corpus,), clips=check([corpus], config).clips, findings=(), paces={}
    )
    assert "Nothing stands in the way" in parse(report_html(good)).text
    nothing = check([tmp_path / "nowhere"], config)
    page = parse(report_html(nothing))
    assert "1 problem stops" in " ".join(page.text.split())
    assert "no such folder" in page.text


def test_long_lists_are_cut(corpus, config):
    findings = tuple(
        Finding(severity="warning", cause="noise", message=f"m{i}!", hint="h") for i in range(250)
    )
    report = CheckReport(corpora=(corpus,), clips=(), findings=findings, paces={})
    text = parse(report_html(report)).text
    assert "m199!" in text
    assert "m200!" not in text
    assert "and 50 more" in text


def test_a_page_is_written_whole_or_not_at_all(report, tmp_path):
    write_report(report, tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == report_html(report)
    with pytest.raises(CorpusError, match=r"nowhere/page\.html: cannot be written") as caught:
        write_report(report, tmp_path / "nowhere" / "page.html")
    assert caught.value.hint == "choose another place for --report"
