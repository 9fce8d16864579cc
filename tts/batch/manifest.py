"""The manifest of a batch: a JSON object a line, each a text and how it is to be spoken."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tts.batch.results import Outcome
from tts.batch.work import Item, Manner
from tts.config import from_dict, to_dict
from tts.errors import ConfigError, TTSError
from tts.voice import SynthesisOptions

__all__ = ["Shard", "count_lines", "read_manifest"]

# The name of a file on any system, that no shell takes for an option and no folder hides.
_ID = re.compile(r"\w[\w.-]{0,99}")


@dataclass(frozen=True, slots=True)
class Shard:
    """Every n-th line of a manifest, beginning with the `index`-th, for one of `count` machines.

    Raises:
        ConfigError: unless 1 <= index <= count.
    """

    index: int = 1
    count: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.index <= self.count:
            raise ConfigError(
                f"shard {self.index}/{self.count} does not exist",
                hint="the first of four is 1/4, the last 4/4",
            )

    def has(self, line: int) -> bool:
        """Whether a line, counted from 1, belongs to it."""
        return (line - self.index) % self.count == 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line(Manner):
    """What a line may hold."""

    text: str
    id: str = ""


def count_lines(path: Path, shard: Shard) -> int:
    """How many lines of a shard hold something. Raises ConfigError when the manifest cannot be read."""
    return sum(1 for _ in _lines(path, shard))


def read_manifest(path: Path, defaults: Manner, shard: Shard) -> Iterator[Item | Outcome]:
    """The items of a shard, in order, and in the place of a line that is wrong its failure.

    A line without an id is called by its number, with six digits. `defaults` holds for what a line does not
    say, or says to be null.

    Raises:
        ConfigError: when the file cannot be read.
    """
    taken: dict[str, int] = {}
    for number, content in _lines(path, Shard()):
        found = _read(content, number, f"{path}: line {number}", defaults, taken)
        if shard.has(number):
            yield found


def _lines(path: Path, shard: Shard) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            for number, content in enumerate(file, start=1):
                if shard.has(number) and content.strip():
                    yield number, content
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read: {error.strerror}",
            hint='give a file of lines such as {"id": "hello", "text": "Hello."}',
        ) from None


def _read(
    content: bytes, number: int, where: str, defaults: Manner, taken: dict[str, int]
) -> Item | Outcome:
    name = f"{number:06d}"
    try:
        values = _json(content, where)
        # First of all, so that what else is wrong with the line is told under its name.
        name = _name(values.get("id", name), number, where, taken)
        unsaid = {k: v for k, v in to_dict(defaults).items() if values.get(k) is None}
        line = to_dict(from_dict(_Line, values | unsaid, where=where))
        try:
            SynthesisOptions(speed=line["speed"], seed=line["seed"])
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}", hint=error.hint) from None
    except TTSError as error:
        return Outcome.failed(number, name, error)
    return Item(**{**line, "line": number, "id": name})


def _name(id: object, number: int, where: str, taken: dict[str, int]) -> str:
    """An id that is fit for a file, and that no line before has."""
    if not isinstance(id, str) or not _ID.fullmatch(id):
        raise ConfigError(
            f"{where}: the id {id!r} is no name of a file",
            hint="up to 100 letters, digits, dots, hyphens and underscores",
        )
    first = taken.setdefault(id.casefold(), number)  # which some systems take for the same file
    if first != number:
        raise ConfigError(
            f"{where}: the id {id!r} is that of line {first}", hint="give each its own"
        )
    return id


def _json(content: bytes, where: str) -> dict[str, object]:
    try:
        values = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{where}: is not UTF-8, at byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"{where}: is not JSON: {error.msg} at character {error.pos + 1}"
        ) from None
    except RecursionError:
        raise ConfigError(f"{where}: is nested too deeply") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{where}: is no JSON object", hint='{"id": "hello", "text": "Hello."}')
    return values
