"""What `import tts` offers, and what it costs."""

import ast
import subprocess
import sys
import typing
from pathlib import Path

import pytest

import tts

HEAVY = {"torch", "librosa", "numpy", "scipy", "soundfile", "phonemizer", "safetensors", "numba"}


def test_all_is_what_can_be_imported() -> None:
    assert tts.__all__ == sorted(set(tts.__all__))
    for name in tts.__all__:
        assert getattr(tts, name) is not None
        assert name in dir(tts)
    offered = {name for name in vars(tts) if not name.startswith("_")}
    modules = {name for name in offered if isinstance(getattr(tts, name), type(tts))}
    assert offered - modules - {"Any", "TYPE_CHECKING"} <= set(tts.__all__)


def test_every_error_is_offered() -> None:
    from tts import errors

    assert set(errors.__all__) <= set(tts.__all__)


def test_type_checkers_see_the_same_names() -> None:
    """The lazy names are written down twice: for `__getattr__` and for type checkers."""
    tree = ast.parse(Path(tts.__file__).read_text(encoding="utf-8"))
    (block,) = [
        node
        for node in tree.body
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
    ]
    homes = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert homes == tts._HOMES


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'tts' has no attribute 'synthesise'"):
        _ = tts.synthesise  # type: ignore[attr-defined]


def test_public_signatures_can_be_read() -> None:
    for name in ("synthesize", "load_voice", "list_voices", "find_voice"):
        assert typing.get_type_hints(getattr(tts, name))


@pytest.mark.parametrize(
    "code",
    [
        "import tts; dir(tts); tts.__version__; tts.TTSError",
        "from tts.cli import main; main(['--help'])",
        "from tts.cli import main; main(['say', '--help'])",
        "from tts.cli import main; main(['train', '--help'])",
        "from tts.cli import main; main([])",
        "from tts.cli import main; main(['normalize', 'Dr. Lee paid $5.'])",
    ],
)
def test_nothing_heavy_is_imported_early(code: str) -> None:
    script = (
        f"import sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\n"
        f"print('HEAVY', *sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "HEAVY"


def test_listing_voices_needs_no_torch() -> None:
    script = "import sys, tts; tts.list_voices(); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-P", "-c", script], check=True, timeout=60)
