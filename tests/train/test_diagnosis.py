"""What metrics say in words: each rule at its bounds, once, and the same after a run was resumed."""

import json
import math
from collections.abc import Iterable

import pytest

from tts.train.diagnosis import Diagnosis, diagnose, replay
from tts.train.loop import train
from tts.train.metrics import Metrics

Line = dict[str, object]


def told(lines: Iterable[Line]) -> list[tuple[int, str]]:
    """All that is told of some lines, with the steps."""
    state, words = Diagnosis(), []
    for line in lines:
        state, now = diagnose(state, line)
        words += [(line["step"], text) for text in now]
    return words


def attention(step: int, diagonality: float, focus: float, loss: float = 1.0) -> Line:
    return {
        "step": step,
        "split": "validation",
        "loss": loss,
        "diagonality": diagonality,
        "focus": focus,
        "worst_clip": "LJ001-0002",
    }


def training(step: int, loss: float, **more: float) -> Line:
    return {"step": step, "split": "train", "loss": loss, **more}


def validation(step: int, loss: float) -> Line:
    return {"step": step, "split": "validation", "loss": loss}


def sample(step: int, **figures: float) -> Line:
    return {"step": step, "split": "sample", "finished": 1.0, **figures}


# -- attention ----------------------------------------------------------------------------------------


def test_it_tells_when_the_attention_follows_the_text():
    lines = [attention(500, 0.5, 0.1), attention(6200, 0.95, 0.7), attention(6700, 0.96, 0.7)]
    assert told(lines) == [
        (6200, "aligned: the attention follows the text (diagonality 0.95, focus 0.70)")
    ]


def test_it_tells_when_it_does_not_and_then_less_often():
    lines = [attention(step, 0.5, 0.1) for step in range(500, 40_001, 500)]
    assert [step for step, _ in told(lines)] == [8000, 16_000, 32_000]
    assert told(lines)[0][1] == (
        "no diagonal after 8,000 steps (diagonality 0.50, focus 0.10): "
        "trim silence (tts data check tells where), look at clip LJ001-0002"
    )


def test_a_diagonal_that_is_not_sharp():
    assert told([attention(8000, 0.97, 0.38)]) == [
        (
            8000,
            "the attention is not sharp after 8,000 steps (diagonality 0.97, focus 0.38), "
            "look at clip LJ001-0002",
        )
    ]


def test_it_tells_when_the_attention_loses_the_text():
    lines = [attention(500, 0.95, 0.7), attention(1000, 0.6, 0.7), attention(1500, 0.95, 0.7)]
    assert [step for step, _ in told(lines)] == [500, 1000, 1500]
    assert told(lines)[1][1] == (
        "the attention has lost the text (diagonality 0.60, focus 0.70): lower the learning rate, "
        "look at clip LJ001-0002"
    )


def test_a_vocoder_has_no_attention():
    assert told([validation(step, 1.0) for step in range(500, 20_000, 500)]) == []


# -- losses -------------------------------------------------------------------------------------------


def test_a_loss_that_falls_is_not_talked_about():
    assert told([training(50 * i, 1.0 + 10.0 / i) for i in range(1, 2000)]) == []


def test_a_loss_that_falls_no_more():
    falling = [training(50 * i, 2.0 - i / 40) for i in range(1, 41)]
    flat = [training(50 * i, 1.0 + 0.05 * (-1) ** i) for i in range(41, 400)]
    ((step, words),) = told(falling + flat)
    since = int(words.split("step ")[1].split(":")[0].replace(",", ""))
    assert 2000 <= since <= 5000
    assert step == since + max(2000, math.ceil(step / 4 / 50) * 50)
    assert words == (
        f"the training loss is not falling since step {since:,}: "
        "lower [train] learning_rate, or let it end with decay_steps"
    )


def test_it_is_told_again_only_after_it_fell():
    flat = [training(100 * i, 1.0 + 1e-3 * i) for i in range(1, 100)]
    better = [training(100 * i, 0.5 - 1e-3 * i) for i in range(100, 150)]
    flat_again = [training(100 * i, 1.0) for i in range(150, 300)]
    assert len(told(flat + flat + better + flat_again)) == 2


def test_few_reports_say_nothing():
    assert told([training(10_000 * i, 1.0 + i) for i in range(1, 15)]) == []


def test_clips_that_are_learnt_by_heart():
    lines = []
    for i in range(1, 21):
        lines.append(training(500 * i, 2.0 / i))
        lines.append(validation(500 * i, 1.0 / i if i <= 8 else 0.125 + 0.01 * (i - 8)))
    assert told(lines) == [
        (
            6500,
            "the validation loss rises since step 4,000 (0.1250 to 0.1750) while the training loss falls: "
            "it learns the clips by heart; stop, or give it more data or dropout",
        )
    ]


def test_losses_below_zero_are_losses():
    lines = []
    for i in range(1, 21):
        lines.append(training(500 * i, -0.1 * i))
        lines.append(validation(500 * i, -0.1 * min(i, 8) + 0.01 * max(0, i - 8)))
    assert [step for step, _ in told(lines)] == [6500]


@pytest.mark.parametrize("end", [0.125, 0.1])
def test_a_validation_loss_that_rests_or_falls_is_no_harm(end):
    lines = []
    for i in range(1, 21):
        lines.append(training(500 * i, 2.0 / i))
        lines.append(validation(500 * i, max(1.0 / i, end)))
    assert told(lines) == []


def test_both_losses_rise():
    lines = []
    for i in range(1, 21):
        lines.append(training(500 * i, 1.0 + 0.1 * i))
        lines.append(validation(500 * i, 1.0 + 0.1 * i))
    assert not any("by heart" in words for _, words in told(lines))


@pytest.mark.parametrize("split", ["train", "validation"])
def test_numbers_that_are_none_are_passed_over(split):
    line = {"step": 500, "split": split, "loss": float("nan"), "waiting": float("nan")}
    assert diagnose(Diagnosis(), line) == (Diagnosis(), [])
    assert diagnose(Diagnosis(), {"step": 1, "split": split}) == (Diagnosis(), [])
    assert diagnose(Diagnosis(), {"step": 1, "split": "another"}) == (Diagnosis(), [])
    nulls = {"step": 500, "split": "validation", "loss": None, "diagonality": None, "focus": 0.9}
    assert diagnose(Diagnosis(), nulls) == (Diagnosis(), [])


def test_metrics_are_json_whatever_the_numbers(tmp_path):
    metrics = Metrics(tmp_path, 0, [].append)
    nan, inf = float("nan"), float("inf")
    values = {"loss": nan, "diagonality": inf, "focus": 0.5, "worst_clip": "a"}
    metrics.write(1, "validation", values)
    metrics.close()
    (line,) = (tmp_path / "metrics.jsonl").read_text().splitlines()

    def refuse(name):
        raise AssertionError(name)

    found = json.loads(line, parse_constant=refuse)
    assert found == {
        "step": 1,
        "split": "validation",
        "loss": None,
        "diagonality": None,
        "focus": 0.5,
        "worst_clip": "a",
    }
    Metrics(tmp_path, 1, [].append).close()  # reads it again


# -- data ---------------------------------------------------------------------------------------------


def test_waiting_for_data():
    lines = [training(50 * i, 1.0 / i, waiting=0.4) for i in range(1, 20)]
    assert told(lines) == [
        (
            250,
            "it waits for data 40% of the time: keep the prepared corpus on a fast local disk, "
            "and its features in memory",
        )
    ]
    quick = [training(1000 + 50 * i, 0.05 / i, waiting=0.0) for i in range(1, 20)]
    assert [step for step, _ in told(lines + quick + lines)] == [250, 200]


def test_a_first_slow_step_is_not_waiting():
    lines = [training(50 * i, 1.0 / i, waiting=0.8 if i == 1 else 0.01) for i in range(1, 20)]
    assert told(lines) == []


# -- free-running speech --------------------------------------------------------------------------------


def test_free_running_speech():
    lines = [
        sample(500, skips=0.0, rests=0.5, length_ratio=1.0),
        sample(1000, skips=0.5, repeats=0.25, length_ratio=1.0),
        sample(2000, skips=0.25, repeats=0.5, length_ratio=1.0),  # more or less of the same
        sample(3000, skips=0.0, repeats=0.0, length_ratio=1.4),
        sample(4000, skips=0.0, repeats=0.0, length_ratio=1.05),
        sample(5000, skips=0.0, repeats=0.0, length_ratio=1.05),
        {"step": 6000, "split": "sample", "finished": 0.75},
    ]
    assert told(lines) == [
        (500, "free-running speech: 50% stop for a second"),
        (1000, "free-running speech: 50% skip, 25% repeat"),
        (3000, "free-running speech: it takes 1.40 times as long as the recordings"),
        (4000, "free-running speech: all of it is said, and ends"),
        (6000, "free-running speech: 25% do not end"),
    ]


def test_free_running_speech_waits_for_the_attention():
    before, after = attention(500, 0.5, 0.1), attention(1500, 0.95, 0.7)
    lines = [before, sample(1000, skips=1.0), after, sample(2000, skips=1.0)]
    assert [step for step, _ in told(lines)] == [1500, 2000]
    assert told([{"step": 1, "split": "sample", "mel_distance": 0.5}]) == []  # of a vocoder


# -- in a run -----------------------------------------------------------------------------------------


def test_a_resumed_run_knows_what_was_told(tmp_path):
    lines = [attention(500 * i, 0.5, 0.1) for i in range(1, 20)]
    lines += [attention(500 * i, 0.95, 0.7) for i in range(20, 30)]
    lines += [sample(500 * i, skips=0.5) for i in range(20, 30)]
    straight, cut = tmp_path / "straight", tmp_path / "cut"
    said: dict[str, list[str]] = {}
    for run, pieces in ((straight, [lines]), (cut, [lines[:17], lines[17:25], lines[25:]])):
        run.mkdir()
        said[run.name] = []
        step = 0
        for piece in pieces:
            metrics = Metrics(run, step, said[run.name].append)
            for line in piece:
                step = int(line["step"])
                values = {k: v for k, v in line.items() if k not in ("step", "split")}
                metrics.write(step, line["split"], values)
            metrics.close()
    assert said["straight"] == said["cut"]
    assert [words.split(":")[0] for words in said["cut"]] == [
        "step 8000",
        "step 10000",
        "step 10000",
    ]
    saved = [json.loads(line) for line in (cut / "metrics.jsonl").open(encoding="utf-8")]
    assert replay(saved) == replay(lines)


def test_a_run_is_told_of_its_attention(make_recipe):
    said: list[str] = []
    recipe = make_recipe("acoustic")
    train(recipe, log=said.append)
    with open(f"{recipe.run}/metrics.jsonl", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    figures = [line for line in lines if line["split"] == "validation"]
    assert len(figures) == 2
    for line in figures:
        assert line["worst_clip"].startswith("clip")
        assert 0.0 < line["diagonality"] <= 1.0
        assert 0.0 < line["focus"] <= 1.0
        assert 0.0 < line["coverage"] <= 1.0 + 1e-6
        assert line["skips"] in (0.0, 1.0)  # there is one clip
        assert line["mel_distance"] > 0.0
    expected = [f"step {step}: {words}" for step, words in told(lines)]
    assert [words for words in said if words in expected] == expected
