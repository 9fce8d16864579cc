"""The manifest: what each line says, and each thing that can be wrong with one."""

import json
from pathlib import Path

import pytest

from tts.batch import Item, Manner, Outcome, Shard, read_manifest
from tts.batch.manifest import count_lines
from tts.errors import ConfigError

DEFAULTS = Manner(voice="kathleen", speaker="anna", speed=1.2, seed=3, strict=True)


def read(
    path: Path, content: str | bytes, shard: Shard | None = None, defaults: Manner = DEFAULTS
) -> list[Item | Outcome]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_manifest(path, defaults, shard or Shard()))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "m.jsonl"


def test_a_line_says_what_the_defaults_do_not(path: Path) -> None:
    line = {"id": "b", "text": "B.", "voice": "v", "speaker": "bert", "speed": 2, "seed": 0}
    found = read(path, f'{{"text": "A."}}\n\n{json.dumps(line | {"strict": False})}\n')
    assert found == [
        Item(
            line=1,
            id="000001",
            text="A.",
            voice="kathleen",
            speaker="anna",
            speed=1.2,
            seed=3,
            strict=True,
        ),
        Item(line=3, id="b", text="B.", voice="v", speaker="bert", speed=2.0, seed=0, strict=False),
    ]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("{1}", "is not JSON: Expecting property name enclosed in double quotes at character 2"),
        (b'{"text": "\xff"}', "is not UTF-8, at byte 11"),
        ("[1]", "is no JSON object"),
        ("[" * 100_000, "is nested too deeply"),
        ('{"id": "a"}', "missing key 'text'"),
        ('{"text": 1}', "text: expected str, found 1"),
        ('{"text": "A.", "sed": 1}', "unknown key 'sed'; did you mean 'seed'?"),
        ('{"text": "A.", "speed": 3}', "speed 3.0 is out of range"),
        ('{"text": "A.", "seed": -1}', "seed -1 is negative"),
        ('{"text": "A.", "id": 7}', "the id 7 is no name of a file"),
        ('{"text": "A.", "id": "../a"}', "the id '../a' is no name of a file"),
        ('{"text": "A.", "id": ".a"}', "the id '.a' is no name of a file"),
        ('{"text": "A.", "id": "First"}', "the id 'First' is that of line 1"),
        ('{"text": "A.", "id": "first"}', "the id 'first' is that of line 1"),
    ],
)
def test_a_line_that_is_wrong_is_a_failure_in_its_place(
    path: Path, line: str | bytes, error: str
) -> None:
    content = line.encode() if isinstance(line, str) else line
    found = read(path, b'{"text": "A.", "id": "first"}\n' + content + b'\n{"text": "C."}')
    first, wrong, last = found
    assert isinstance(first, Item) and isinstance(last, Item) and isinstance(wrong, Outcome)
    assert (first.id, last.id, wrong.line, wrong.status) == ("first", "000003", 2, "failed")
    assert wrong.error == f"{path}: line 2: {error}"


def test_a_manifest_that_is_not_there(path: Path) -> None:
    with pytest.raises(ConfigError, match=r"m\.jsonl: cannot be read: No such file") as caught:
        list(read_manifest(path, DEFAULTS, Shard()))
    assert '"text": "Hello."' in caught.value.hint


@pytest.mark.parametrize("count", [1, 2, 3, 7, 20])
def test_shards_share_the_lines(path: Path, count: int) -> None:
    whole = read(path, "".join(f'{{"text": "{i}"}}\n' for i in range(17)))
    shards = [Shard(i + 1, count) for i in range(count)]
    parts = [list(read_manifest(path, DEFAULTS, shard)) for shard in shards]
    assert sorted((item for part in parts for item in part), key=lambda item: item.line) == whole
    assert [count_lines(path, shard) for shard in shards] == [len(part) for part in parts]
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_the_same_id_in_another_shard_is_noticed(path: Path) -> None:
    (found,) = read(path, '{"text": "A.", "id": "a"}\n{"text": "B.", "id": "a"}\n', Shard(2, 2))
    assert isinstance(found, Outcome)
    assert found.error.endswith("line 2: the id 'a' is that of line 1")


@pytest.mark.parametrize(("index", "count"), [(0, 1), (3, 2), (1, 0)])
def test_a_shard_that_does_not_exist(index: int, count: int) -> None:
    with pytest.raises(ConfigError, match=f"shard {index}/{count} does not exist"):
        Shard(index, count)
