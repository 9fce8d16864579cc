"""What the documents say is run: Python blocks as they stand, `tts ...` lines through the real parser."""

import re
import shlex
from pathlib import Path

import pytest

from tts.cli.main import build_parser
from tts.voice import list_voices

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
DOCUMENTS += sorted((ROOT / "recipes").rglob("*.md")) + sorted((ROOT / "pretrained").rglob("*.md"))


def blocks(language):
    """`(document, code)` of every fenced block of a language."""
    return [
        (path.relative_to(ROOT).as_posix(), code)
        for path in DOCUMENTS
        for code in re.findall(rf"```{language}\n(.*?)```", path.read_text("utf-8"), re.S)
    ]


def tts_commands():
    """Every `tts ...` call in the shell blocks, without what it is piped into or chained to."""
    return [
        (document, call)
        for document, code in blocks("sh")
        for line in code.splitlines()
        for call in re.split(r"&&|\|", line)
        if call.strip().startswith("tts ")
    ]


@pytest.mark.parametrize(("document", "code"), blocks("python"))
def test_python_blocks_run(document, code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, document, "exec"), {})


@pytest.mark.parametrize(("document", "call"), tts_commands())
def test_shell_commands_are_understood(document, call):
    assert not re.search(r'"[^"]*\$[^"]*"', call), "a shell would expand what follows the $"
    words = shlex.split(call, comments=True)
    arguments = words[1 : words.index(">")] if ">" in words else words[1:]
    assert callable(build_parser().parse_args(arguments).run), document


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)#]+)\)", document.read_text("utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_nothing_is_left_to_fill_in(document):
    assert not re.findall(r"@[A-Z]+@|TODO|FIXME", document.read_text("utf-8"))


def test_the_readme_names_only_voices_that_ship():
    assert set(re.findall(r'load_voice\("(\w+)"\)', (ROOT / "README.md").read_text())) <= set(
        list_voices()
    )
