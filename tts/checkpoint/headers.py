"""The JSON files of a folder, read strictly: the format number, the kind, every key."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from tts.config import from_dict, to_dict
from tts.errors import CheckpointError, ConfigError

__all__ = ["BROKEN", "FORMAT", "read_header", "refuse_missing", "write_json"]

FORMAT = 1
"""The number of the format that this version writes; it changes when old folders need an upgrade."""

BROKEN = "fetch or train it again"
"""What to do about a folder that nobody can mend."""

Header = TypeVar("Header")


def read_header(path: Path, cls: type[Header], kind: str | None) -> Header:
    """The strict contents of a JSON file of this format and kind."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        what = f"has no {path.name}" if path.parent.is_dir() else "there is no such folder"
        raise CheckpointError(
            f"{path.parent}: {what}", hint="give a folder that tts wrote; `tts voices` lists voices"
        ) from None
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):  # broken JSON or UTF-8
        raise CheckpointError(f"{path}: is not valid JSON", hint=BROKEN) from None
    if not isinstance(values, dict):
        raise CheckpointError(
            f"{path}: expected a table, found a {type(values).__name__}", hint=BROKEN
        )
    check_format(path, values.get("format"))
    if kind is not None and values.get("kind") != kind:
        raise CheckpointError(
            f"{path}: kind is {values.get('kind')!r}, expected {kind!r}",
            hint="acoustic models and vocoders are not interchangeable",
        )
    try:
        header = from_dict(cls, values, where=str(path))
        refuse_missing(header, values, str(path))
    except ConfigError as error:
        raise CheckpointError(str(error), hint=error.hint or BROKEN) from None
    return header


def check_format(path: Path, found: object) -> None:
    if found == FORMAT and not isinstance(found, bool):
        return
    if isinstance(found, int) and found > FORMAT:
        raise CheckpointError(
            f"{path}: format {found} is newer than format {FORMAT}, which this version reads",
            hint="pip install --upgrade saywave",
        )
    raise CheckpointError(f"{path}: unknown format {found!r}, expected {FORMAT}", hint=BROKEN)


def refuse_missing(config: Any, values: Mapping[str, Any], where: str) -> None:
    """Refuses stored values that lack a key: a default that changed since would be another model.

    Raises:
        ConfigError: naming the key.
    """
    _compare_keys(to_dict(config), values, where)


def _compare_keys(complete: Mapping[str, Any], values: Mapping[str, Any], where: str) -> None:
    for key, value in complete.items():
        if key not in values:
            raise ConfigError(
                f"{where}: missing key {key!r}",
                hint=f"add {key!r} with the value that the model was trained with",
            )
        if isinstance(value, dict) and isinstance(values[key], dict):
            _compare_keys(value, values[key], f"{where}: {key}")


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Writes values as JSON that people can read too."""
    path.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
