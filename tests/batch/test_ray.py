"""A batch on a real cluster of Ray, of which a machine dies in the middle."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tts.batch import Manner, Outcome, Shard, Summary, local_engine, ray_engine, speak_batch

ray = pytest.importorskip("ray")
N_LINES = 40


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """Two workers of one processor each, beside a head that does no work."""
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.chdir(
        tmp_path
    )  # workers import what lies in the driver's folder before what is installed
    # A dead machine is noticed within a second, not within half a minute.
    health = {"health_check_period_ms": 200, "health_check_failure_threshold": 3}
    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "_system_config": health}
    )
    for _ in range(2):
        cluster.add_node(num_cpus=1)
    ray.init(address=cluster.address, log_to_driver=False)
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def test_a_machine_that_dies_loses_and_doubles_nothing(
    cluster: Any, tiny_voice_folder: Path, tmp_path: Path
) -> None:
    manifest = tmp_path / "m.jsonl"
    lines = [{"id": f"n{i}", "text": f"Number {i}.", "seed": i} for i in range(N_LINES)]
    manifest.write_text("".join(f"{json.dumps(line)}\n" for line in [*lines, {"id": "bad"}]))
    defaults = Manner(voice=str(tiny_voice_folder))
    left: list[int] = []

    def kill_one(outcome: Outcome, summary: Summary) -> None:
        if outcome.status == "spoken" and not left:
            left.append(summary.total - summary.failed - summary.spoken)
            cluster.remove_node(cluster.worker_nodes.copy().pop(), allow_graceful=False)

    summary = speak_batch(
        manifest,
        tmp_path / "ray",
        ray_engine(2),
        defaults=defaults,
        shard=Shard(),
        report=kill_one,
    )
    assert left[0] > 0  # it died in the middle
    assert (summary.total, summary.spoken, summary.failed) == (N_LINES + 1, N_LINES, 1)
    results = [json.loads(line) for line in (tmp_path / "ray/results.jsonl").open()]
    assert sorted(r["id"] for r in results) == sorted([*(line["id"] for line in lines), "bad"])
    speak_batch(manifest, tmp_path / "here", local_engine(1), defaults=defaults, shard=Shard())
    sounds = [
        {path.name: path.read_bytes() for path in (tmp_path / where).glob("*.wav")}
        for where in ("ray", "here")
    ]
    assert len(sounds[1]) == N_LINES
    assert sounds[0] == sounds[1]
