"""The kernel for ARM: built by a cross compiler, run by an emulator, and the same bits as here.

Skipped where Debian's `gcc-aarch64-linux-gnu`, `qemu-user` and CMake are not installed.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from tts.kernels import isas
from tts.kernels.library import library

ROOT = Path(__file__).parents[2]
DRIVER = Path(__file__).with_name("speak.c")
CROSS = "aarch64-linux-gnu-gcc"
NEEDED = (CROSS, "qemu-aarch64", "cmake", "gcc")


def hashes(printed: str) -> dict[str, dict[tuple[str, ...], str]]:
    """By instruction set, and then by precision and likelihood."""
    found: dict[str, dict[tuple[str, ...], str]] = {}
    for line in printed.splitlines():
        isa, *case, code = line.split()
        found.setdefault(isa, {})[tuple(case)] = code
    return found


def run(*command: object) -> str:
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    return done.stdout


def driver(compiler: str, path: Path, kernels: Path) -> Path:
    here = f"-Wl,-rpath,{kernels.parent}"
    run(compiler, "-O1", "-I", ROOT / "tts/kernels", DRIVER, kernels, here, "-lm", "-o", path)
    return path


@pytest.mark.skipif(
    not all(map(shutil.which, NEEDED)), reason=f"it needs {', '.join(NEEDED)} in the path"
)
@pytest.mark.skipif("avx2" not in isas(), reason="only AVX2 multiplies and adds as ARM does")
def test_arm_speaks_the_same_bits(tmp_path: Path) -> None:
    """With its dot product and without, in every precision, with every likelihood."""
    build = tmp_path / "build"
    machine = ("-DCMAKE_SYSTEM_NAME=Linux", "-DCMAKE_SYSTEM_PROCESSOR=aarch64")
    run("cmake", "-S", ROOT, "-B", build, *machine, f"-DCMAKE_C_COMPILER={CROSS}")
    run("cmake", "--build", build)
    there = driver(CROSS, tmp_path / "there", build / "libsaywave_kernels.so")
    here = driver("gcc", tmp_path / "here", Path(library()._name))
    expected = hashes(run(here))["avx2"]
    assert len(expected) == 9
    assert len(set(expected.values())) == 9
    found = hashes(run("qemu-aarch64", "-L", "/usr/aarch64-linux-gnu", there))
    assert found == {"dotprod": expected, "baseline": expected}
