"""A `prepare` that is cut off anywhere: started again it goes on, and nothing is lost or mixed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tts.data.prepare import prepare
from tts.data.prepared import PreparedCorpus
from tts.errors import CorpusError

from .test_prepare import files

N_FILES = 8  # six clips, the manifest, the header


class Killed(BaseException):
    """Stands for a signal that ends the process."""


@pytest.fixture
def kill_at(monkeypatch):
    """Ends the process when the n-th file (from 0) is about to take its place."""

    def arm(n: int, error: BaseException) -> None:
        done: list[str] = []
        replace = os.replace

        def hit(source, target) -> None:
            if len(done) == n:
                raise error
            done.append(str(target))
            replace(source, target)

        monkeypatch.setattr("tts.files.os.replace", hit)

    return arm


@pytest.mark.parametrize("n", range(N_FILES))
def test_killed_at_every_file(corpus, config, tmp_path, kill_at, monkeypatch, n):
    whole, out = tmp_path / "whole", tmp_path / "out"
    prepare(corpus, whole, config)
    with monkeypatch.context() as patch:
        patch.setattr("tts.files.os.replace", os.replace)
        kill_at(n, Killed())
        with pytest.raises(Killed):
            prepare(corpus, out, config)
    monkeypatch.undo()
    with pytest.raises(CorpusError, match="is no prepared corpus"):
        PreparedCorpus.load(out)
    assert prepare(corpus, out, config).n_cached == min(n, 6)
    assert files(out) == files(whole)


@pytest.mark.parametrize("n", [6, 7])
def test_an_older_preparation_is_never_mixed_with_a_newer(
    corpus, config, tmp_path, kill_at, monkeypatch, n
):
    out = tmp_path / "out"
    prepare(corpus, out, config)
    metadata = corpus / "metadata.csv"
    metadata.write_text(metadata.read_text().replace("Five.", "Six."), encoding="utf-8")
    kill_at(n - 6, Killed())
    with pytest.raises(Killed):
        prepare(corpus, out, config)
    monkeypatch.undo()
    with pytest.raises(CorpusError, match="is no prepared corpus"):
        PreparedCorpus.load(out)
    assert prepare(corpus, out, config).n_cached == 6
    assert [u.text for u in PreparedCorpus.load(out).utterances()][-1] == "Six."


@pytest.mark.parametrize("n", range(N_FILES))
def test_no_space_at_every_file(corpus, config, tmp_path, kill_at, monkeypatch, n):
    out = tmp_path / "out"
    kill_at(n, OSError(28, "No space left on device", str(out / "some.safetensors")))
    with pytest.raises(
        CorpusError, match=r"some\.safetensors: cannot be written: No space left"
    ) as caught:
        prepare(corpus, out, config)
    assert caught.value.hint == "choose another folder, or make room"
    assert not [name for name in files(out) if name.endswith(".part")]
    monkeypatch.undo()
    assert prepare(corpus, out, config).n_cached == min(n, 6)


def test_no_space_for_the_manifest_leaves_the_older_preparation(
    corpus, config, tmp_path, monkeypatch
):
    out = tmp_path / "out"
    prepare(corpus, out, config)
    before = files(out)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        with pytest.raises(CorpusError, match="No space left"):
            prepare(corpus, out, config)
    assert files(out) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.data.conftest import MEL
from tts.data.manifest import PrepareConfig
from tts.data.prepare import prepare
replace, n = os.replace, 0
def hit(source, target):
    global n
    n += 1
    if n == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    replace(source, target)
os.replace = hit
prepare(Path(sys.argv[1]), Path(sys.argv[2]), PrepareConfig(mel=MEL, n_validation_texts=1))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_real_kill(corpus, config, tmp_path):
    out = tmp_path / "out"
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(corpus), str(out)], env=environment, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert [name for name in files(out) if name.endswith(".part")]
    assert prepare(corpus, out, config).n_cached == 3
    prepare(corpus, tmp_path / "whole", config)
    assert files(out) == files(tmp_path / "whole")
