"""Times as files: read back by parsers of others where they are installed, and against literal text."""

import dataclasses
import io
import json
from pathlib import Path

import numpy as np
import pytest

from tts.errors import ConfigError
from tts.voice import Speech, Voice
from tts.voice.captions import TIMINGS_FORMATS, timings_text, write_timings
from tts.voice.timing import PhonemeTime, SentenceTime, WordTime


def speech_of(*sentences: SentenceTime, seconds: float = 4.0) -> Speech:
    return Speech(np.zeros(round(8000 * seconds), np.float32), 8000, sentences=sentences)


def sentence_of(
    text: str, start_s: float = 0.0, word_s: float = 0.5, start: int = 0
) -> SentenceTime:
    """Each word between blanks takes as long, and is one sound."""
    words, place = [], 0
    for i, word in enumerate(text.split()):
        at = text.index(word, place)
        place = at + len(word)
        times = start_s + i * word_s, start_s + (i + 1) * word_s
        sound = PhonemeTime(word[0], *times)
        words.append(WordTime(word, word, start + at, start + place, *times, (sound,)))
    end_s = start_s + len(words) * word_s
    return SentenceTime(text, start, start + len(text), start_s, end_s, tuple(words))


TWO = speech_of(
    sentence_of('He said "go" & <left>.'),
    sentence_of("Yes --> no.", start_s=2.75, word_s=0.4, start=24),
)


def test_subrip() -> None:
    assert timings_text(TWO, ".srt") == (
        '1\n00:00:00,000 --> 00:00:02,500\nHe said "go" & <left>.\n\n'
        "2\n00:00:02,750 --> 00:00:03,950\nYes -> no.\n"
    )


def test_webvtt() -> None:
    assert timings_text(TWO, ".vtt") == (
        'WEBVTT\n\n00:00:00.000 --> 00:00:02.500\nHe said "go" &amp; &lt;left&gt;.\n'
        "\n00:00:02.750 --> 00:00:03.950\nYes -&gt; no.\n"
    )


def test_a_long_sentence_is_cut_between_words() -> None:
    text = " ".join(f'word {i:03d}, and "so' if i % 5 else f'"on {i:03d}' for i in range(12))
    speech = speech_of(sentence_of(text))
    cues = [block.split("\n") for block in timings_text(speech, ".srt").strip().split("\n\n")]
    lines = [cue[2] for cue in cues]
    assert " ".join(lines) == text
    assert all(40 < len(line) <= 84 for line in lines[:-1])
    assert len(cues) > 2
    clocks = [clock for cue in cues for clock in cue[1].split(" --> ")]
    assert clocks == sorted(clocks)


def test_hours() -> None:
    speech = speech_of(sentence_of("Late.", start_s=36000.9996))
    assert "10:00:01,000 --> 10:00:01,500" in timings_text(speech, ".srt")


def test_json_is_everything() -> None:
    values = json.loads(timings_text(TWO, ".json"))
    assert values["format"] == 1
    assert values["duration_s"] == 4.0
    assert values["sentences"] == json.loads(
        json.dumps([dataclasses.asdict(s) for s in TWO.sentences])
    )
    assert values["sentences"][1]["words"][2]["text"] == "no."


def test_a_textgrid_covers_all_the_time_without_a_gap() -> None:
    lines = [line.strip() for line in timings_text(TWO, ".TextGrid").splitlines()]
    assert lines[:3] == ['File type = "ooTextFile"', 'Object class = "TextGrid"', ""]
    tiers = "\n".join(lines).split('class = "IntervalTier"')[1:]
    names = [tier.split("name = ")[1].split("\n")[0] for tier in tiers]
    assert names == ['"sentences"', '"words"', '"phonemes"']
    for tier in tiers:
        body = tier.split("intervals [1]:")[1].split("\n")
        starts = [line.split(" = ")[1] for line in body if line.startswith("xmin")]
        ends = [line.split(" = ")[1] for line in body if line.startswith("xmax")]
        assert starts == ["0.000000", *ends[:-1]]
        assert ends[-1] == "4.000000"
        assert f"intervals: size = {len(starts)}" in tier
    assert 'text = "He said ""go"" & <left>."' in tiers[0]


def test_parsers_of_others_read_the_same(tiny_voice: Voice, tmp_path: Path) -> None:
    speech = tiny_voice.synthesize('It rains. "Good morning," he said: 5 < 7!')
    for suffix in TIMINGS_FORMATS:
        write_timings(tmp_path / f"a{suffix}", speech)
    srt = pytest.importorskip("srt")
    cues = list(srt.parse((tmp_path / "a.srt").read_text(encoding="utf-8")))
    assert [cue.content for cue in cues] == [s.text for s in speech.sentences]
    for cue, sentence in zip(cues, speech.sentences, strict=True):
        assert cue.start.total_seconds() == pytest.approx(sentence.words[0].start_s, abs=6e-4)
        assert cue.end.total_seconds() == pytest.approx(sentence.words[-1].end_s, abs=6e-4)
    webvtt = pytest.importorskip("webvtt")
    captions = webvtt.from_buffer(io.StringIO((tmp_path / "a.vtt").read_text(encoding="utf-8")))
    assert len(captions) == len(cues)
    for caption, cue in zip(captions, cues, strict=True):
        assert caption.start_in_seconds == int(cue.start.total_seconds())
    textgrid = pytest.importorskip("textgrid")
    grid = textgrid.TextGrid.fromFile(str(tmp_path / "a.TextGrid"))
    words = [i for i in grid.getFirst("words") if i.mark]
    assert [w.mark for w in words] == [w.spoken for w in speech.words]
    edges = [(float(w.minTime), float(w.maxTime)) for w in words]
    expected = [(w.start_s, w.end_s) for w in speech.words]
    np.testing.assert_allclose(edges, expected, atol=1e-5)  # it keeps five digits
    sounds = [i.mark for i in grid.getFirst("phonemes") if i.mark]
    assert sounds == [p.symbols for p in speech.phonemes]


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"a\.ass: '\.ass' is not a format of times") as caught:
        write_timings(tmp_path / "a.ass", TWO)
    assert caught.value.hint == "use one of: .json, .srt, .vtt, .TextGrid"
    with pytest.raises(ConfigError, match="no suffix is not a format"):
        write_timings(tmp_path / "a", TWO)
    with pytest.raises(ConfigError, match=r"the folder .* does not exist"):
        write_timings(tmp_path / "none" / "a.srt", TWO)
