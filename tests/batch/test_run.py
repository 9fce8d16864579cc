"""A batch: every line once, whole, and whatever the others do."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import soundfile

from tts import load_voice
from tts.batch import Manner, Outcome, Shard, Summary, local_engine, speak_batch
from tts.batch.engines import Engine
from tts.errors import AudioError, ConfigError

HERE = local_engine(1)


class Batch:
    """A manifest and what was made of it."""

    def __init__(self, folder: Path, voice: Path) -> None:
        self.manifest, self.out = folder / "m.jsonl", folder / "out"
        self.defaults = Manner(voice=str(voice))
        self.reported: list[Outcome] = []

    def write(self, *lines: dict[str, Any] | str) -> None:
        content = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        self.manifest.write_text("".join(f"{line}\n" for line in content))

    def speak(self, engine: Engine = HERE, **changes: Any) -> Summary:
        self.reported = []
        arguments = {"defaults": self.defaults, "shard": Shard()} | changes
        return speak_batch(
            self.manifest,
            self.out,
            engine,
            report=lambda outcome, _: self.reported.append(outcome),
            **arguments,
        )

    def results(self, name: str = "results.jsonl") -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.out / name).read_text().splitlines()]

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.out.glob("*.*[vc]")}


@pytest.fixture
def batch(tmp_path: Path, tiny_voice_folder: Path) -> Batch:
    batch = Batch(tmp_path, tiny_voice_folder)
    batch.write(
        {"id": "a", "text": "A."}, {"id": "b", "text": "B, too.", "seed": 5}, {"text": "C."}
    )
    return batch


def counts(summary: Summary) -> tuple[int, int, int, int]:
    return summary.total, summary.spoken, summary.kept, summary.failed


def test_each_line_is_a_file_as_the_voice_speaks_it(
    batch: Batch, tiny_voice_folder: Path, tmp_path: Path
) -> None:
    summary = batch.speak()
    assert counts(summary) == (3, 3, 0, 0)
    voice = load_voice(tiny_voice_folder)
    total_s = 0.0
    for name, text, seed in (("a", "A.", 0), ("b", "B, too.", 5), ("000003", "C.", 0)):
        audio = voice.synthesize(text, seed=seed)
        audio.save(tmp_path / "expected.wav")
        expected, _ = soundfile.read(tmp_path / "expected.wav", dtype="int16")
        samples, rate = soundfile.read(batch.out / f"{name}.wav", dtype="int16")
        assert rate == voice.sample_rate
        assert samples.tolist() == expected.tolist()
        total_s += audio.duration_s
    assert summary.audio_s == pytest.approx(total_s, abs=0.002)
    assert summary.seconds > 0 and summary.left_s == 0
    for result, outcome in zip(batch.results(), batch.reported, strict=True):
        assert result["size"] == (batch.out / result["file"]).stat().st_size
        assert result == json.loads(outcome.to_json())
        assert len(result["fingerprint"]) == 64 and result["seconds"] > 0


def test_the_same_again_speaks_nothing(batch: Batch) -> None:
    batch.speak()
    files, results = batch.files(), batch.results()
    assert counts(batch.speak()) == (3, 0, 3, 0)
    assert batch.reported == []
    assert (batch.files(), batch.results()) == (files, results)


def test_what_changed_is_spoken_again(batch: Batch) -> None:
    batch.speak()
    before = {r["id"]: r["fingerprint"] for r in batch.results()}
    # a moves to another line, b has another seed, the third is gone, and d is new
    b = {"id": "b", "text": "B, too.", "seed": 6}
    batch.write({"id": "d", "text": "D."}, b, {"id": "a", "text": "A."})
    assert counts(batch.speak()) == (3, 2, 1, 0)
    assert sorted(o.id for o in batch.reported) == ["b", "d"]
    after = {r["id"]: r["fingerprint"] for r in batch.results()}
    assert sorted(after) == ["a", "b", "d"]
    assert after["a"] == before["a"] and after["b"] != before["b"]
    assert [r["line"] for r in batch.results() if r["id"] == "a"] == [3]


def test_other_options_another_voice_or_a_lost_file_are_noticed(
    batch: Batch, tiny_pair_folder: Path
) -> None:
    batch.speak()
    assert counts(batch.speak(defaults=dataclasses.replace(batch.defaults, speed=1.5))) == (
        3,
        3,
        0,
        0,
    )
    pair = Manner(voice=str(tiny_pair_folder), speed=1.5)
    assert counts(batch.speak(defaults=pair)) == (3, 3, 0, 0)
    bert = dataclasses.replace(pair, speaker="bert")
    assert counts(batch.speak(defaults=bert)) == (3, 3, 0, 0)
    (batch.out / "a.wav").write_bytes(b"cut")
    (batch.out / "b.wav").unlink()
    assert counts(batch.speak(defaults=bert)) == (3, 2, 1, 0)
    assert counts(batch.speak(defaults=bert, suffix=".flac")) == (3, 3, 0, 0)
    assert soundfile.info(batch.out / "a.flac").format == "FLAC"


def test_a_bad_line_does_not_stop_the_rest_and_is_tried_again(batch: Batch) -> None:
    batch.write(
        "{",
        {"id": "v", "text": "A.", "voice": "nobody"},
        {"id": "s", "text": "A.", "speaker": "bert"},
        {"id": "e", "text": " ..."},
        {"id": "w", "text": "A \ue000 B."},
        {"id": "ok", "text": "A."},
    )
    for kept in (0, 2):
        assert counts(batch.speak()) == (6, 2 - kept, kept, 4)
        results = {r["id"]: r for r in batch.results()}
        assert len(batch.results()) == len(results) == 6
        assert "is not JSON" in results["000001"]["error"]
        assert results["v"]["error"] == "unknown voice 'nobody'"
        assert "has no speaker 'bert'" in results["s"]["error"] and results["s"]["hint"]
        assert results["e"]["error"] == "nothing to speak: it holds only punctuation"
        (warning,) = results["w"]["warnings"]
        assert "U+E000" in warning
        assert results["ok"]["status"] == results["w"]["status"] == "spoken"


def test_a_bug_is_the_failure_of_its_line(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("tts.batch.work._voice", broken)
    assert counts(batch.speak()) == (3, 0, 0, 3)
    assert {r["error"] for r in batch.results()} == {"ZeroDivisionError: by nothing"}
    assert batch.files() == {}


def test_a_kill_at_any_byte_of_the_results_loses_at_most_that_line(batch: Batch) -> None:
    batch.speak()
    path = batch.out / "results.jsonl"
    files, content = batch.files(), path.read_bytes()
    ends = [i for i, byte in enumerate(content) if byte == ord("\n")]
    for n_bytes in range(0, len(content) + 1, 37):
        path.write_bytes(content[:n_bytes])
        # a line is whole without its line feed as well
        whole = sum(end <= n_bytes for end in ends)
        assert counts(batch.speak()) == (3, 3 - whole, whole, 0)
        assert len(batch.results()) == 3
    assert batch.files() == files


def test_shards_have_results_of_their_own_and_know_of_each_other(batch: Batch) -> None:
    assert counts(batch.speak(shard=Shard(1, 2))) == (2, 2, 0, 0)
    assert counts(batch.speak(shard=Shard(2, 2))) == (1, 1, 0, 0)
    assert [r["id"] for r in batch.results("results-1-of-2.jsonl")] == ["a", "000003"]
    assert [r["id"] for r in batch.results("results-2-of-2.jsonl")] == ["b"]
    assert counts(batch.speak()) == (3, 0, 3, 0)


def test_processes_speak_the_same(batch: Batch) -> None:
    batch.speak()
    files = batch.files()
    batch.out = batch.out.with_name("processes")
    assert counts(batch.speak(local_engine(2))) == (3, 3, 0, 0)
    assert batch.files() == files


def test_a_sound_in_a_folder_of_another_machine_is_lost(batch: Batch) -> None:
    def elsewhere(items: Any, _: Any) -> Any:
        for item in items:
            yield Outcome(
                line=item.line, id=item.id, status="spoken", file=f"{item.id}.wav", size=9
            )

    assert counts(batch.speak(elsewhere)) == (3, 0, 0, 3)
    assert "a.wav was spoken, but is not in" in batch.results()[0]["error"]


def test_what_cannot_begin(batch: Batch, tmp_path: Path) -> None:
    batch.out.write_text("a file")
    with pytest.raises(AudioError, match="out: cannot be written: File exists"):
        batch.speak()
    batch.manifest = tmp_path / "none.jsonl"
    with pytest.raises(ConfigError, match=r"none\.jsonl: cannot be read"):
        batch.speak()
