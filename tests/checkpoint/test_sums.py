"""Files as they were shipped: what is changed, missing or added is named."""

import base64
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from tts.checkpoint import check_installed, check_sums, voice_digest, write_sums
from tts.errors import CheckpointError


@pytest.fixture
def shipped(folder: Path) -> Path:
    """A voice with its sums."""
    (folder / "MODEL_CARD.md").write_text("A murmur.\n", "utf-8")
    write_sums(folder)
    return folder


def test_sums_are_those_of_sha256sum(shipped: Path) -> None:
    names = [line.split("  ")[1] for line in (shipped / "SHA256SUMS").read_text().splitlines()]
    assert names == [
        "MODEL_CARD.md",
        "acoustic/config.json",
        "acoustic/model.safetensors",
        "vocoder/config.json",
        "vocoder/model.safetensors",
        "voice.json",
    ]
    for line in (shipped / "SHA256SUMS").read_text().splitlines():
        total, name = line.split("  ")
        assert hashlib.sha256((shipped / name).read_bytes()).hexdigest() == total
    assert check_sums(shipped) == 6


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum")
def test_sha256sum_checks_them_and_the_hint_renews_them(shipped: Path) -> None:
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    assert subprocess.run(check, cwd=shipped, capture_output=True, check=False).returncode == 0
    (shipped / "voice.json").write_text("{}")
    assert subprocess.run(check, cwd=shipped, capture_output=True, check=False).returncode == 1
    with pytest.raises(CheckpointError) as caught:
        check_sums(shipped)
    _, _, command = caught.value.hint.partition("if the change is yours: ")
    subprocess.run(command, shell=True, check=True, timeout=60)
    assert check_sums(shipped) == 6


def test_broken_files_are_named(shipped: Path) -> None:
    weights = shipped / "vocoder" / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1  # one bit, which is a weight like any other
    weights.write_bytes(content)
    (shipped / "acoustic" / "config.json").unlink()
    (shipped / "more.txt").write_text("more")
    (shipped / ".DS_Store").write_text("of no interest")
    with pytest.raises(CheckpointError) as caught:
        check_sums(shipped)
    assert str(caught.value) == (
        f"{shipped}: acoustic/config.json is missing, vocoder/model.safetensors is not as it was shipped, "
        "more.txt is not listed"
    )
    assert caught.value.hint.startswith("pip install --force-reinstall saywave")


def test_a_voice_without_sums_has_none_to_check(folder: Path) -> None:
    assert check_sums(folder) is None


def test_the_digest_is_of_what_speaks(shipped: Path) -> None:
    digest = voice_digest(shipped)
    assert len(digest) == 64
    (shipped / "MODEL_CARD.md").write_text("Another text.\n")
    (shipped / "SHA256SUMS").unlink()
    assert voice_digest(shipped) == digest
    (shipped / "voice.json").write_text((shipped / "voice.json").read_text() + " ")
    assert voice_digest(shipped) != digest


def install(site: Path) -> Path:
    """A package as pip leaves it, with the RECORD of its wheel."""
    package, info = site / "tts", site / "saywave-1.0.dist-info"
    package.mkdir()
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: saywave\nVersion: 1.0\n")
    record = ["saywave-1.0.dist-info/RECORD,,", "tts/__pycache__/a.cpython-311.pyc,,"]
    for name in ("__init__.py", "a.py"):
        (package / name).write_text(f"# {name}\n")
        total = hashlib.sha256((package / name).read_bytes()).digest()
        encoded = base64.urlsafe_b64encode(total).rstrip(b"=").decode()
        record.append(f"tts/{name},sha256={encoded},9")
    (info / "RECORD").write_text("\n".join(record) + "\n")
    return package


def test_an_installed_package_is_compared_with_its_record(tmp_path: Path) -> None:
    package = install(tmp_path)
    assert check_installed(package) == 2
    (package / "a.py").write_text("changed\n")
    with pytest.raises(CheckpointError, match=r"tts/a\.py is not as it was shipped") as caught:
        check_installed(package)
    assert caught.value.hint == "pip install --force-reinstall saywave"
    (package / "a.py").unlink()
    with pytest.raises(CheckpointError, match=r"tts/a\.py is missing"):
        check_installed(package)


def test_a_checkout_has_no_record(tmp_path: Path) -> None:
    (tmp_path / "tts").mkdir()
    assert check_installed(tmp_path / "tts") is None
