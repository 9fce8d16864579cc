"""The rules of the house (docs/architecture.md), read from the source with `ast`."""

import ast
import functools
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "tts"

ROWS = (
    ("cli", "serve"),
    ("evaluate", "batch", "books"),
    ("tts",),  # the package itself, whose names are those of `voice`
    ("voice", "train"),
    ("checkpoint", "data"),
    ("acoustic", "vocoder"),
    ("nn", "kernels", "text", "audio"),
    ("registry",),
    ("config",),
    ("errors", "files", "version"),
)
"""The rooms from the top: a lower row never imports a higher one, rooms in one row are strangers."""

LEVEL = {room: len(ROWS) - row for row, rooms in enumerate(ROWS) for room in rooms}

EXEMPT = {PACKAGE / "__init__.py", PACKAGE / "__main__.py"}

EXCEPTIONS: set[tuple[str, str]] = set()
"""(importing room, imported room) pairs that the rules forbid and we have decided to allow."""

FILES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_modules(tree: ast.AST, package: list[str]) -> set[str]:
    """Full names of every module that is imported, lazily, relatively or otherwise."""
    return {name for node in ast.walk(tree) for name in modules_of(node, package)}


def modules_of(node: ast.AST, package: list[str]) -> list[str]:
    """Full names in one import; `from a import b` gives both a and a.b, since b may be a module."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        start = package[: len(package) + 1 - node.level] if node.level else []
        base = ".".join([*start, *([node.module] if node.module else [])])
        return [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return []


def package_of(path: Path) -> list[str]:
    return list(path.relative_to(ROOT).parent.parts)


def imported_rooms(path: Path) -> Iterator[tuple[int, str]]:
    """(line, room) of every import from this package; `tts` is the room of the package's own names."""
    for node in ast.walk(tree_of(path)):
        modules = modules_of(node, package_of(path))
        rooms = {module.split(".")[1] for module in modules if module.startswith("tts.")}
        if "tts" in modules and not rooms & set(
            LEVEL
        ):  # `import tts`, `from tts import load_voice`
            yield node.lineno, "tts"  # type: ignore[attr-defined]
        yield from ((node.lineno, room) for room in sorted(rooms & set(LEVEL)))  # type: ignore[attr-defined]


def fields_and_reads(tree: ast.Module) -> tuple[set[str], dict[str, set[str]]]:
    """Attributes read outside config classes, and by each config class in its properties."""
    outside: set[str] = set()
    inside: dict[str, set[str]] = {}

    def visit(node: ast.AST, owner: str | None) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef) and is_config(child):
                visit(child, child.name)
                continue
            if (
                owner
                and isinstance(child, ast.FunctionDef)
                and child in getattr(node, "body", [])
                and isinstance(node, ast.ClassDef)
            ):
                if child.name != "__post_init__":  # a check is no use
                    reads = {n.attr for n in ast.walk(child) if isinstance(n, ast.Attribute)}
                    inside[f"{owner}.{child.name}"] = reads
                continue
            if owner is None and isinstance(child, ast.Attribute) and _is_read(child):
                outside.add(child.attr)
            visit(child, owner)

    visit(tree, None)
    return outside, inside


def is_config(node: ast.AST) -> bool:
    """Whether a class is settings: a dataclass called ...Config, ...Options, ...Batching, Recipe."""
    return (
        isinstance(node, ast.ClassDef)
        and re.search(r"(Config|Options|Batching|Recipe)$", node.name) is not None
        and any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)
    )


def config_fields() -> list[tuple[str, str]]:
    """(class, field) of every settings class of the package."""
    return [
        (node.name, item.target.id)
        for path in FILES
        for node in ast.walk(tree_of(path))
        if is_config(node)
        for item in node.body  # type: ignore[attr-defined]
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    ]


@pytest.fixture(scope="module")
def read_fields() -> set[str]:
    """Names read somewhere in the code, directly or through a config's property that is read."""
    outside: set[str] = set()
    inside: dict[str, set[str]] = {}
    for path in FILES:
        more_outside, more_inside = fields_and_reads(tree_of(path))
        outside |= more_outside
        inside |= more_inside
    while True:
        used = {
            read
            for method, reads in inside.items()
            if method.split(".")[1] in outside
            for read in reads
        }
        if used <= outside:
            return outside
        outside |= used


def test_there_is_something_to_check():
    rooms = {room_of(path) for path in FILES}
    assert {"acoustic", "vocoder", "nn", "audio", "text", "config", "registry"} <= rooms


@pytest.mark.parametrize("path", [p for p in FILES if p not in EXEMPT], ids=name_of)
def test_a_room_imports_only_rooms_below_it(path):
    room = room_of(path)
    assert room in LEVEL, f"{name_of(path)} lies in no room of the plan"
    wrong = [
        f"{name_of(path)}:{line} imports tts.{other}"
        for line, other in imported_rooms(path)
        if other != room and LEVEL[other] >= LEVEL[room] and (room, other) not in EXCEPTIONS
    ]
    assert not wrong


def test_the_import_reader_sees_every_form():
    forms = {
        "import tts.voice": "tts.voice",
        "from tts import voice": "tts.voice",
        "from tts.voice import Voice": "tts.voice",
        "from ..voice import Voice": "tts.voice",
        "from .. import voice": "tts.voice",
        "def f():\n    from tts.voice import Voice": "tts.voice",
        "if TYPE_CHECKING:\n    import tts.voice": "tts.voice",
    }
    for source, module in forms.items():
        found = imported_modules(ast.parse(source), ["tts", "nn"])
        assert module in found, source


@pytest.mark.parametrize("path", sorted((PACKAGE / "text").rglob("*.py")), ids=name_of)
def test_the_text_room_never_imports_torch(path):
    modules = {module.split(".")[0] for module in imported_modules(tree_of(path), [])}
    assert not modules & {"torch", "torchaudio", "safetensors"}


def test_light_imports_stay_light():
    code = (
        "import sys, tts, tts.text, tts.audio, tts.config, tts.registry, tts.cli\n"
        "print(*(m for m in ('torch', 'librosa', 'scipy.signal') if m in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "", f"imported: {done.stdout}"


def test_speaking_stays_light():
    """The first sentence of `tts say` is not worth seconds of imports."""
    code = (
        "import sys, tts\n"
        "assert len(tts.synthesize('Yes.', speed=1.1).samples)\n"
        "print(*(m for m in ('torch', 'librosa', 'scipy', 'numba') if m in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "", f"imported: {done.stdout}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_assert_inside_try(path):
    lines = [
        inner.lineno
        for node in ast.walk(tree_of(path))
        if isinstance(node, (ast.Try, ast.TryStar))
        for statement in node.body
        for inner in ast.walk(statement)
        if isinstance(inner, ast.Assert)
    ]
    assert not lines, f"{name_of(path)}: assert inside try on lines {lines}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_module_has_a_docstring(path):
    assert (ast.get_docstring(tree_of(path)) or "").strip()


def test_no_drawers_for_odds_and_ends():
    names = {part.removesuffix(".py") for path in FILES for part in path.parts}
    assert not names & {"utils", "util", "helpers", "helper", "misc", "common"}
    managers = [
        f"{name_of(path)}: {node.name}"
        for path in FILES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef) and node.name.endswith("Manager")
    ]
    assert not managers


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_is_unpickled(path):
    tree = tree_of(path)
    modules = {module.split(".")[0] for module in imported_modules(tree, package_of(path))}
    assert not modules & {"cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
    names = {name for name in imported_modules(tree, package_of(path)) if "pickle." in name}
    names |= {ast.unparse(n) for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    pickles = {name for name in names if name.startswith("pickle.")}
    assert pickles <= {"pickle.UnpicklingError"}  # which only catches
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        keywords = {word.arg: ast.unparse(word.value) for word in node.keywords}
        if name in ("torch.load", "load") and "torch.load" in (name, _origin(tree, name)):
            assert keywords.get("weights_only") == "True", f"{name_of(path)}:{node.lineno}"
        if name in ("np.load", "numpy.load"):
            assert keywords.get("allow_pickle", "False") == "False"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_mutable_state_at_module_level(path):
    """A lower-case name bound to a container, or any `global` statement; registries are the exception."""
    tree = tree_of(path)
    state = []
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
        if _is_container(node.value):
            state += [name for name in names if name.islower() and name != "__all__"]
    state += [
        f"global {', '.join(node.names)}" for node in ast.walk(tree) if isinstance(node, ast.Global)
    ]
    assert not state, f"{name_of(path)}: {state}"


@pytest.mark.parametrize("setting", [".".join(pair) for pair in config_fields()])
def test_every_setting_is_read(setting, read_fields):
    owner, field = setting.split(".")
    assert field in read_fields, f"no code reads {owner}.{field}"


def test_the_settings_of_every_model_are_among_those_read():
    from tts.acoustic import acoustic_models
    from tts.vocoder import vocoders

    owners = {owner for owner, _ in config_fields()}
    for registry in (acoustic_models, vocoders):
        types = {registry.config_type(name).__name__ for name in registry.names()}
        assert types
        assert types <= owners
    assert {"MelConfig", "VoiceConfig", "SynthesisOptions"} <= owners


def test_the_error_tree_is_the_one_that_is_drawn():
    """The drawing in tts/errors.py names every class, indented under its parent."""
    import tts.errors

    drawn: dict[str, str] = {}
    parents = ["", ""]
    for line in (tts.errors.__doc__ or "").splitlines():
        match = re.match(r"^(?:    )?([│├└─ ]*)(TTS\w+|\w+Error|\w+Warning) ", line)
        if match:
            depth = len(match[1]) // 4
            parents[depth + 1 :] = [match[2]]
            drawn[match[2]] = parents[depth] if depth else ""
    classes = {name: getattr(tts.errors, name) for name in tts.errors.__all__}
    assert set(drawn) == set(classes)
    for name, parent in drawn.items():
        base = classes[name].__bases__[0]
        assert base.__name__ == (parent or {"TTSError": "Exception"}.get(name, "UserWarning")), name
        assert base.__module__ == ("tts.errors" if parent else "builtins")
    assert tts.errors.TTSError("what", hint="do").hint == "do"
    assert tts.errors.TTSError("what").hint == ""
    assert str(tts.errors.TTSError("what", hint="do")) == "what"


def _is_read(node: ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Load)


def _origin(tree: ast.AST, name: str) -> str:
    """Where a bare name comes from, if an import says so."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return f"{node.module}.{alias.name}"
    return name


def _is_container(value: ast.expr) -> bool:
    makers = {"dict", "list", "set", "bytearray", "defaultdict", "OrderedDict", "Counter", "deque"}
    literals = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)
    if isinstance(value, ast.Call):
        return ast.unparse(value.func).split(".")[-1] in makers
    return isinstance(value, literals)
