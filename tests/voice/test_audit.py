"""The audit: alignments and sounds made by hand, each with one fault."""

import dataclasses
import json

import numpy as np
import pytest

from tts.acoustic.speech import Spoken
from tts.voice.audit import (
    AuditLimits,
    Finding,
    attention_figures,
    attention_findings,
    is_sounded,
    sound_figures,
    sound_findings,
)

STEP_S = 0.05
SYMBOLS = "^bˈiːdəfɡ, hɪjkˌlmnoʊ.$"
LIMITS = AuditLimits()
RATE = 8000


def spoken(path: list[int], *, finished: bool = True, sharp: float = 1.0) -> Spoken:
    """An utterance whose attention is at these tokens, one a step; what is not sharp is everywhere alike."""
    rest = (1.0 - sharp) / len(SYMBOLS)
    alignment = np.full((len(path), len(SYMBOLS)), rest, dtype=np.float32)
    alignment[np.arange(len(path)), path] += sharp
    mel = np.zeros((4, len(path)), dtype=np.float32)
    return Spoken(mel=mel, alignment=alignment, finished=finished, frames_per_step=1)


WELL = list(range(len(SYMBOLS)))


def found(path: list[int], **options: bool | float) -> tuple[Finding, ...]:
    return attention_findings(spoken(path, **options), SYMBOLS, STEP_S, LIMITS)  # type: ignore[arg-type]


def test_what_is_read_token_by_token_is_good() -> None:
    figures = attention_figures(spoken(WELL), SYMBOLS, STEP_S)
    assert figures is not None
    assert dataclasses.asdict(figures) == {
        "finished": True,
        "coverage": 1.0,
        "missed": 0,
        "missed_at_end": 0,
        "fall": 0.0,
        "longest_sound_s": pytest.approx(STEP_S),
        "longest_pause_s": pytest.approx(STEP_S),
        "focus": 1.0,
        "mean_sound_s": pytest.approx(STEP_S),
        "fastest_s": pytest.approx(STEP_S),
    }
    assert found(WELL) == ()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (WELL[:13] + WELL[18:], "skip: 4 sounds in a row are missing at 'hɪjkˌlmn'"),
        (WELL[:-5], "cut: the last 3 sounds are missing at 'kˌlmnoʊ.'"),
        (WELL[:13] + WELL[8:], "repeat: falls back by 4.0 symbols at 'əfɡ, hɪj'"),
        (WELL[:5] + [5] * 12 + WELL[6:], "stall: one sound takes 0.6 s at 'iːdəfɡ, '"),
        (WELL[:9] + [9] * 34 + WELL[10:], "pause: stands still for 1.7 s at 'fɡ, hɪjk'"),
        ([t for t in WELL for _ in range(7)], "slow: a sound takes 0.35 s in the mean"),
    ],
)
def test_each_fault_is_found_alone(path: list[int], expected: str) -> None:
    assert [f"{finding.check}: {finding}" for finding in found(path)] == [expected]


def test_just_within_the_limits_is_good() -> None:
    assert found(WELL[:13] + WELL[17:]) == ()  # three sounds
    assert found(WELL[:-3]) == ()  # the last one
    assert found(WELL[:12] + WELL[8:]) == ()  # three symbols
    assert found(WELL[:5] + [5] * 9 + WELL[6:]) == ()
    assert found(WELL[:9] + [9] * 31 + WELL[10:]) == ()


def test_an_attention_that_is_everywhere_is_unsure() -> None:
    (finding,) = found(WELL, sharp=0.3)
    assert (finding.check, finding.limit) == ("unsure", 0.4)
    assert finding.value == pytest.approx(0.3 + 0.7 / len(SYMBOLS))
    assert str(finding) == "unsure of its place in the text, 0.33 of 1"


def test_eight_sounds_in_a_row_too_fast() -> None:
    (finding,) = attention_findings(spoken(WELL), SYMBOLS, 0.015, LIMITS)
    assert (finding.check, finding.value) == ("fast", pytest.approx(0.015))
    assert str(finding) == "eight sounds in a row take 0.015 s each at 'bˈiːdə'"


def test_what_did_not_end_says_so_whatever_its_attention() -> None:
    assert [str(f) for f in found(WELL, finished=False)] == ["the model did not end by itself"]
    untold = dataclasses.replace(spoken(WELL), alignment=np.zeros((5, len(SYMBOLS)), np.float32))
    assert attention_figures(untold, SYMBOLS, STEP_S) is None
    assert attention_findings(untold, SYMBOLS, STEP_S, LIMITS) == ()
    untold = dataclasses.replace(untold, finished=False)
    assert [f.check for f in attention_findings(untold, SYMBOLS, STEP_S, LIMITS)] == ["unfinished"]


def test_the_limits_of_a_voice_may_be_others() -> None:
    strict = AuditLimits(missed=0, fall=0.5)
    checks = attention_findings(spoken(WELL[:13] + WELL[12:14] + WELL[15:]), SYMBOLS, 0.05, strict)
    assert [finding.check for finding in checks] == ["skip"]


def test_findings_are_plain_values() -> None:
    (finding,) = found(WELL[:-5])
    assert json.loads(json.dumps(dataclasses.asdict(finding), ensure_ascii=False)) == {
        "check": "cut",
        "value": 3,
        "limit": 1,
        "where": "kˌlmnoʊ.",
    }


def test_sounds_are_letters_and_phonemes_but_no_marks() -> None:
    kept = "".join(np.array(list(SYMBOLS))[is_sounded(SYMBOLS)])
    assert kept == "bidəfɡhɪjklmnoʊ"
    assert is_sounded("^A'S.$").tolist() == [False, True, True, True, False, False]


def tone(seconds: float, height: float = 0.5) -> np.ndarray:
    t = np.arange(round(seconds * RATE)) / RATE
    return (height * np.sin(2 * np.pi * 200 * t)).astype(np.float32)


def test_a_sound_in_figures() -> None:
    sound = np.concatenate([tone(0.5), np.zeros(RATE // 2, np.float32), tone(1.0)])
    figures = sound_figures(np.array_split(sound, 7), RATE)
    assert figures.clipped == 0.0
    assert figures.silence_s == pytest.approx(0.5)
    expected = 20 * np.log10(np.sqrt(np.mean(np.square(sound.astype(np.float64)))))
    assert figures.level_db == pytest.approx(expected, abs=1e-4)
    assert sound_findings(figures, 1.0, LIMITS) == ()


def test_a_clipped_sound() -> None:
    sound = np.clip(tone(1.0, 2.0), -1.0, 1.0)
    (finding,) = sound_findings(sound_figures([sound], RATE), 1.0, LIMITS)
    assert (finding.check, finding.limit) == ("clipped", 0.001)
    assert finding.value == pytest.approx(np.mean(np.abs(sound) >= 0.999))
    assert str(finding) == f"{finding.value:.1%} of the samples are at full scale"


@pytest.mark.parametrize(("gap_s", "speed", "bad"), [(1.6, 1.0, True), (1.6, 0.8, False)])
def test_a_silence_inside(gap_s: float, speed: float, bad: bool) -> None:
    sound = [tone(0.5), np.zeros(round(gap_s * RATE), np.float32), tone(0.5)]
    findings = sound_findings(sound_figures(sound, RATE), speed, LIMITS)
    assert [str(f) for f in findings] == ["1.6 s of silence"] * bad


def test_nothing_is_heard() -> None:
    figures = sound_figures([np.zeros(RATE, np.float32)], RATE)
    assert (figures.silence_s, figures.level_db) == (pytest.approx(1.0), pytest.approx(-120.0))
    assert [f.check for f in sound_findings(figures, 1.0, LIMITS)] == ["silent"]
