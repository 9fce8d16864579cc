"""Finding and loading the shared library, and choosing an instruction set."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tts.errors import KernelError
from tts.kernels import chosen_isa, isas
from tts.kernels.library import library

ROOT = Path(__file__).parents[2]


@pytest.fixture
def fresh_library():
    """Lets a test load a library of its own."""
    library.cache_clear()
    yield
    library.cache_clear()


def test_the_best_instruction_set_is_the_default(monkeypatch):
    monkeypatch.delenv("SAYWAVE_KERNEL_ISA", raising=False)
    assert isas()[-1] == "baseline"
    assert chosen_isa() == isas()[0]


@pytest.mark.parametrize("isa", isas())
def test_the_environment_chooses(monkeypatch, isa):
    monkeypatch.setenv("SAYWAVE_KERNEL_ISA", isa)
    assert chosen_isa() == isa


def test_an_unknown_instruction_set_names_the_choices(monkeypatch):
    monkeypatch.setenv("SAYWAVE_KERNEL_ISA", "basline")
    with pytest.raises(KernelError, match="did you mean 'baseline'") as raised:
        chosen_isa()
    assert raised.value.hint == f"choose one of: {', '.join(isas())}"


@pytest.mark.usefixtures("fresh_library")
def test_a_missing_library_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("SAYWAVE_LIBRARY", str(tmp_path / "gone.so"))
    with pytest.raises(KernelError, match=r"gone\.so cannot be loaded") as raised:
        library()
    assert "cmake" in raised.value.hint


@pytest.mark.usefixtures("fresh_library")
def test_a_file_that_is_no_library_is_named(monkeypatch, tmp_path):
    path = tmp_path / "text.so"
    path.write_text("no library")
    monkeypatch.setenv("SAYWAVE_LIBRARY", str(path))
    with pytest.raises(KernelError, match=r"text\.so cannot be loaded"):
        library()


def test_a_package_without_a_build_says_where_it_looked(tmp_path):
    """In a process of its own: a copy of the package's Python files alone."""
    for name in ("__init__.py", "errors.py", "config.py"):
        target = tmp_path / "tts" / name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / "tts" / name, target)
    shutil.copytree(
        ROOT / "tts" / "kernels",
        tmp_path / "tts" / "kernels",
        ignore=lambda folder, names: [name for name in names if not name.endswith(".py")],
    )
    code = (
        "from tts.kernels import isas; from tts.errors import KernelError\n"
        "try: isas()\n"
        "except KernelError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "there is no compiled kernel" in done.stdout
    assert str(tmp_path) in done.stdout
