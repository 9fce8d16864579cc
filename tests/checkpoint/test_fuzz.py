"""Voice folders from strangers: whatever is in them, they load or are refused with an error of the tree."""

import copy
import json
import os
import random
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tts.checkpoint import check_sums, load_acoustic, load_vocoder
from tts.errors import CheckpointError, SlowVocoderWarning, TTSError
from tts.voice import load_voice

HEADERS = ("voice.json", "acoustic/config.json", "vocoder/config.json")
WEIGHTS = ("acoustic/model.safetensors", "vocoder/model.safetensors")


STRANGE = (
    None,
    True,
    -1,
    0,
    1,
    3,
    10**5,
    2**31,
    2**63,
    10**18,
    10**400,
    0.5,
    -0.0,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "deepvoice3",
    "../../../etc/passwd",
    "/dev/zero",
    "\x00",
    "\ud800",
    "__class__",
    "x" * 100_000,
    [],
    [1],
    ["a", "a"],
    [[]],
    {},
    {"a": 1},
)


def attempt(folder: Path) -> bool:
    """Whether all of a voice can be loaded in every way; what is refused is refused properly."""
    loaded, messages = True, list[str]()
    for load in (
        lambda: load_voice(folder),
        lambda: load_acoustic(folder / "acoustic"),
        lambda: load_vocoder(folder / "vocoder"),
    ):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SlowVocoderWarning)
                load()
        except TTSError as error:
            loaded = False
            messages.append(str(error))
    assert all(message and "\n" not in message for message in messages)
    return loaded


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to each value inside a JSON value."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))
    if isinstance(value, list) and value:
        yield from places(value[0], (*path, 0))


def edited(values: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy with another value at a path."""
    values = copy.deepcopy(values)
    inside = values
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    return values


@pytest.mark.parametrize("name", HEADERS)
def test_values_of_any_type_and_size(folder: Path, name: str) -> None:
    path = folder / name
    whole = json.loads(path.read_text("utf-8"))
    rng = random.Random(name)
    refused = 0
    for place in places(whole):
        for value in rng.sample(STRANGE, 4):
            path.write_text(json.dumps(edited(whole, place, value)), "utf-8")
            refused += not attempt(folder)
    assert refused > 10


@pytest.mark.parametrize("name", [*HEADERS, *WEIGHTS])
def test_bytes_that_are_garbled_cut_or_doubled(folder: Path, name: str) -> None:
    path = folder / name
    whole = path.read_bytes()
    rng = random.Random(name)
    for _ in range(40):
        content = bytearray(whole)
        # Weights are mostly numbers, of which any is a weight: the header is where it hurts.
        end = min(len(content), 2000)
        match rng.randrange(4):
            case 0:
                del content[rng.randrange(len(content)) :]
            case 1:
                for _ in range(rng.randrange(1, 9)):
                    content[rng.randrange(end)] = rng.randrange(256)
            case 2:
                start = rng.randrange(end)
                content[start:start] = content[start : start + rng.randrange(1, 200)]
            case 3:
                start = rng.randrange(end)
                del content[start : start + rng.randrange(1, 200)]
        path.write_bytes(content)
        attempt(folder)


@pytest.mark.parametrize("name", WEIGHTS)
@pytest.mark.parametrize(
    "header",
    [
        b"{}",
        b"[]",
        b"null",
        b'{"a": 1}',
        b'{"a": {"dtype": "F32", "shape": [1000000000000], "data_offsets": [0, 4]}}',
        b'{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}',
        b'{"a": {"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 0]}}',
        b'{"a": {"dtype": "F32", "shape": [0, 9223372036854775807], "data_offsets": [0, 0]}}',
        b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}',
        b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [18446744073709551612, 0]}}',
        b'{"a": {"dtype": "O", "shape": [1], "data_offsets": [0, 4]}}',
        b'{"a": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}',
        b'{"a": {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]}}',
        b'{"__metadata__": {"a": 1}}',
        b"[" * 5000,
    ],
)
def test_headers_of_weights_that_lie(folder: Path, name: str, header: bytes) -> None:
    for n_bytes in (len(header), len(header) + 1, 2**40, 2**64 - 1):
        (folder / name).write_bytes(n_bytes.to_bytes(8, "little") + header + bytes(4))
        assert not attempt(folder)


@pytest.mark.parametrize("name", HEADERS)
def test_nesting_without_end(folder: Path, name: str) -> None:
    path = folder / name
    whole = json.dumps(json.loads(path.read_text("utf-8")) | {"provenance": None})
    for depth in (100, 900, 3000, 100_000):
        for begin, end in (("[", "]"), ('{"a":', "}")):
            deep = begin * depth + "1" + end * depth
            path.write_text(whole.replace('"provenance": null', f'"provenance": {deep}'), "utf-8")
            attempt(folder)
            path.write_text(deep, "utf-8")
            assert not attempt(folder)


@pytest.mark.parametrize("name", [*HEADERS, *WEIGHTS])
def test_files_that_are_none(folder: Path, name: str) -> None:
    """A pipe would be waited for, and a device read, until the end of time."""
    path = folder / name
    path.unlink()
    assert not attempt(folder)
    os.mkfifo(path)
    assert not attempt(folder)
    path.unlink()
    path.symlink_to("/dev/zero")
    assert not attempt(folder)
    path.unlink()
    path.symlink_to(path.name)
    assert not attempt(folder)
    path.unlink()
    path.mkdir()
    assert not attempt(folder)


def test_a_header_too_large_to_be_one(folder: Path) -> None:
    with (folder / "voice.json").open("r+b") as file:
        file.truncate(2**34)  # of zeros, that take no room on the disk
    with pytest.raises(CheckpointError, match=r"voice\.json: is too large") as caught:
        load_voice(folder)
    assert caught.value.hint


def test_parts_that_are_files_and_files_that_are_parts(folder: Path) -> None:
    for part in ("acoustic", "vocoder"):
        shutil.rmtree(folder / part)
        (folder / part).write_text("{}")
        assert not attempt(folder)


@pytest.mark.parametrize(
    "line", ["", "abc  voice.json", f"{'0' * 64}  /etc/passwd", f"{'0' * 64}  ../../secret", "\0"]
)
def test_sums_that_lead_elsewhere(folder: Path, line: str) -> None:
    (folder / "SHA256SUMS").write_text(f"{line}\n", "utf-8")
    with pytest.raises(CheckpointError, match=r"SHA256SUMS:1: is not a sum"):
        check_sums(folder)
