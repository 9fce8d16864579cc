"""What `check` finds in a corpus: each cause once, in its order, and nothing in a good corpus."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tts.data.check import CheckReport, check
from tts.data.findings import CAUSES, SEVERITIES
from tts.data.prepare import prepare
from tts.errors import CorpusError

from .conftest import RATE, hum

FIXTURES = Path(__file__).parents[1] / "fixtures" / "ljspeech"
VERSE = "the quick brown fox jumps over a lazy dog and runs far into green woods"
WORDS = VERSE.split()


def spoken(seconds: float, seed: int) -> np.ndarray:
    """Hums of changing pitch, so that no two sound alike, over a little noise."""
    rng = np.random.default_rng(seed)
    n_parts = max(1, int(seconds / 0.1))
    parts = []
    for hz in rng.uniform(100, 1200, n_parts):
        t = np.arange(int(seconds * RATE / n_parts)) / RATE
        parts.append(rng.uniform(0.15, 0.25) * np.sin(2 * np.pi * hz * t))
    quiet = np.zeros(RATE // 2)
    sound = np.concatenate([quiet, *parts, quiet])
    return (sound + 1e-4 * rng.standard_normal(len(sound))).astype(np.float32)


@pytest.fixture
def plain(tmp_path, write_clip) -> Path:
    """Thirty-three clips that are as long as their texts let expect."""
    folder = tmp_path / "plain"
    rng = np.random.default_rng(0)
    for i in range(33):
        words = rng.choice(WORDS, rng.integers(2, 9))
        text = " ".join(words).capitalize() + "."
        write_clip(folder, f"clip{i:02}", spoken(0.3 + 0.06 * len(text), i), text=text)
    return folder


def causes(report: CheckReport) -> dict[tuple[str, str], list[str]]:
    return {(g.severity, g.cause): [f.clip for f in g.findings] for g in report.groups()}


def test_a_good_corpus(plain, config):
    told: list[tuple[int, int]] = []
    report = check([plain], config, progress=lambda *parts: told.append(parts))
    assert set(causes(report)) == {("note", "amount")}
    assert not report.blocks
    assert len(report.clips) == 33
    assert report.worst(5) == []
    assert told[-1] == (33, 33)
    assert told == sorted(told)
    assert report.paces["plain"].spread < 0.2
    assert report.seconds == pytest.approx(sum(c.sound.seconds for c in report.clips))


def test_several_processes_find_the_same(plain, config):
    one, two = check([plain], config), check([plain], config, n_jobs=2)
    assert one.to_dict() == two.to_dict()


def add(folder: Path, name: str, samples: np.ndarray, text: str, rate: int = RATE) -> None:
    soundfile.write(folder / "wavs" / f"{name}.wav", samples, rate)
    with (folder / "metadata.csv").open("a", encoding="utf-8") as file:
        file.write(f"{name}|{text}\n")


TEXT = "The quick brown fox jumps over a dog."
LENGTH = 0.3 + 0.06 * len(TEXT)
GAP = 1e-4 * np.random.default_rng(0).standard_normal(2 * RATE)


@pytest.mark.parametrize(
    ("samples", "text", "severity", "cause", "message"),
    [
        (spoken(0.4 * LENGTH, 99), TEXT, "warning", "misfit", "is the sound cut off"),
        (spoken(2.0 * LENGTH, 99), TEXT, "warning", "misfit", "are words missing from the text"),
        (np.clip(3 * spoken(LENGTH, 99), -0.3, 0.3), TEXT, "warning", "clipped", "is clipped: "),
        (
            np.stack([spoken(LENGTH, 99)] * 2, axis=1),
            TEXT,
            "warning",
            "channels",
            "bad: has 2 channels, which are mixed to one",
        ),
        (
            np.concatenate([spoken(LENGTH / 2, 99), GAP, spoken(LENGTH / 2, 98)]),
            TEXT,
            "warning",
            "pause",
            "bad: pauses for 2.8 s between its words",
        ),
        (spoken(LENGTH, 99) + 0.05, TEXT, "warning", "offset", "swings around +0.050"),
        (
            spoken(LENGTH, 99),
            TEXT + " 你",
            "warning",
            "unspoken",
            "1 character cannot be spoken: '你'",
        ),
        (
            np.concatenate([GAP, spoken(LENGTH, 99)]),
            TEXT,
            "note",
            "silence",
            "bad: 2.4 s of silence before the speech",
        ),
        (
            np.concatenate([spoken(LENGTH, 99), GAP]),
            TEXT,
            "note",
            "silence",
            "s of silence after the speech",
        ),
        (0.05 * spoken(LENGTH, 99), TEXT, "note", "level", "bad: is 26 LU quieter than most"),
        (
            spoken(LENGTH, 99),
            "The quick brown fox jumps over 3 dogs.",
            "note",
            "digits",
            "its text holds '3', read as 'The quick brown fox jumps over three dogs.'",
        ),
        (
            np.tile(spoken(LENGTH, 99), 7),
            " ".join([TEXT] * 8),
            "warning",
            "length",
            "0.3 to 20 s are kept",
        ),
    ],
)
def test_each_cause(plain, config, samples, text, severity, cause, message):
    add(plain, "bad", samples, text)
    report = check([plain], config)
    found = causes(report)
    assert found[severity, cause] == ["bad"]
    (finding,) = [f for f in report.findings if f.cause == cause]
    assert message in finding.message
    assert finding.message.startswith("bad: ")
    assert finding.hint
    assert not report.blocks
    assert report.worst(3)[0].clip.id == "bad"


def test_noise(plain, config):
    loud = spoken(LENGTH, 99)
    add(plain, "bad", loud + 0.04 * np.random.default_rng(0).standard_normal(len(loud)), TEXT)
    report = check([plain], config)
    assert causes(report)["warning", "noise"] == ["bad"]
    assert "bad: its quietest moments are only 10 dB below the speech" in report.findings[0].message


@pytest.mark.parametrize("changed", [lambda x: x, lambda x: 0.5 * x, lambda x: np.pad(x, 800)])
@pytest.mark.parametrize("few", [False, True])
def test_one_recording_under_two_ids(plain, config, changed, few):
    if few:
        lines = (plain / "metadata.csv").read_text().splitlines(keepends=True)
        (plain / "metadata.csv").write_text("".join(lines[:5]))
    samples, _ = soundfile.read(plain / "wavs" / "clip03.wav")
    add(plain, "again", changed(samples), "And runs far into the woods.")
    (finding,) = [f for f in check([plain], config).findings if f.cause == "same sound"]
    how = "is sample by sample" if len(changed(samples)) == len(samples) else "sounds like"
    if changed(1.0) != 0.5:
        assert finding.message.startswith(f"again: {how} the recording of clip03, but their texts")


def test_other_takes_of_a_text_are_no_duplicates(plain, config):
    for i in range(3):
        add(plain, f"take{i}", spoken(LENGTH, 100 + i), TEXT)
    report = check([plain], config)
    assert causes(report) == {("note", "takes"): [""], ("note", "amount"): [""]}
    assert report.findings[0].message == (
        f"1 text is there more than once, up to 3 times: {TEXT!r}"
    )


def test_resampling(plain, config):
    add(plain, "bad", spoken(LENGTH, 99), TEXT, 3600)
    report = check([plain], config)
    assert causes(report)["error", "sample rate"] == ["bad"]
    assert report.blocks
    found = causes(check([plain], dataclasses.replace(config, resample=True)))
    assert found["warning", "narrow band"] == ["bad"]


def test_a_recording_that_was_converted_upwards(plain, config):
    import librosa

    low = librosa.resample(spoken(LENGTH, 99), orig_sr=RATE, target_sr=RATE // 4)
    add(plain, "bad", librosa.resample(low, orig_sr=RATE // 4, target_sr=RATE), TEXT)
    (finding,) = [f for f in check([plain], config).findings if f.cause == "narrow band"]
    assert finding.clip == "bad"
    assert "though it could hold 2000" in finding.message


def test_speakers_have_their_own_pace(plain, config, tmp_path, write_clip):
    slow = tmp_path / "slow"
    for i, line in enumerate((plain / "metadata.csv").read_text().splitlines()):
        text = line.split("|")[1]
        write_clip(slow, f"slow{i:02}", spoken(2 * (0.3 + 0.06 * len(text)), 200 + i), text=text)
    report = check([plain, slow], config)
    assert set(report.paces) == {"plain", "slow"}
    assert "misfit" not in {finding.cause for finding in report.findings}
    ratio = report.paces["slow"].phoneme_s / report.paces["plain"].phoneme_s
    assert ratio == pytest.approx(2.0, rel=0.2)


def test_two_corpora_may_not_share_an_id(plain, config, tmp_path, write_clip):
    write_clip(tmp_path / "other", "clip03", hum(1.0))
    report = check([plain, tmp_path / "other", tmp_path / "nowhere"], config)
    assert [f.message for f in report.findings if f.severity == "error"] == [
        f"{tmp_path / 'nowhere'}: no such folder",
        f"{tmp_path / 'other' / 'metadata.csv'}, line 1: the id 'clip03' is there twice, "
        f"first in {plain / 'metadata.csv'}, line 4",
    ]


def test_check_and_prepare_agree_on_what_stops(plain, config, tmp_path):
    add(plain, "bad1", np.zeros(RATE), TEXT)
    add(plain, "bad2", spoken(LENGTH, 99), "...")
    (plain / "wavs" / "clip00.wav").unlink()
    report = check([plain], config)
    errors = [f.message for f in report.findings if f.severity == "error"]
    with pytest.raises(CorpusError) as caught:
        prepare(plain, tmp_path / "out", config)
    lines = str(caught.value).splitlines()
    assert lines[0] == f"{plain}: 3 problems"
    assert sorted(line.strip() for line in lines[1:]) == sorted(errors)


def test_json_holds_everything(plain, config):
    add(plain, "bad", np.zeros(RATE), TEXT)
    report = check([plain], config)
    values = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert values["blocks"] is True
    assert values["corpora"] == [str(plain)]
    assert len(values["clips"]) == 34
    assert values["clips"][-1]["sound"] is None
    assert values["clips"][0]["sound"]["sample_rate"] == RATE
    assert values["clips"][0]["speaker"] == "plain"
    (error,) = [f for f in values["findings"] if f["severity"] == "error"]
    assert (error["clip"], error["cause"]) == ("bad", "silent")


def test_real_speech(tmp_path):
    report = check([FIXTURES])
    assert not report.blocks
    assert {f.severity for f in report.findings} <= set(SEVERITIES)
    assert {f.cause for f in report.findings} <= set(CAUSES)
    assert all(10 < clip.chars_per_s < 25 for clip in report.clips)
