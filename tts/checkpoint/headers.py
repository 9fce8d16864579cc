"""The JSON files of a folder, read strictly: the format number, the kind, every key."""

import json
import stat
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from tts.config import from_dict, to_dict
from tts.errors import CheckpointError, ConfigError

__all__ = ["BROKEN", "FORMAT", "check_regular", "read_header", "refuse_missing", "write_json"]

FORMAT = 1
"""The number of the format that this version writes; it changes when old folders need an upgrade."""

BROKEN = "fetch or train it again"
"""What to do about a folder that nobody can mend."""

Header = TypeVar("Header")

_MAX_BYTES = 2**24  # the largest headers hold a recipe and a list of symbols: some kilobytes


def read_header(
    path: Path,
    cls: type[Header],
    kind: str | None,
    defaults: Mapping[str, Any] = MappingProxyType({}),
) -> Header:
    """The strict contents of a JSON file of this format and kind; `defaults` are what older files lack."""
    try:
        check_regular(path, _MAX_BYTES)
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
    values = {**defaults, **values}
    try:
        header = from_dict(cls, values, where=str(path))
        refuse_missing(header, values, str(path))
    except ConfigError as error:
        raise CheckpointError(str(error), hint=error.hint or BROKEN) from None
    except RecursionError:
        raise CheckpointError(f"{path}: is nested too deeply", hint=BROKEN) from None
    return header


def check_regular(path: Path, max_bytes: int | None = None) -> None:
    """Refuses what is there but no file, as a pipe, which would be waited for, and a file that is too large.

    Raises:
        OSError: when nothing is there.
        CheckpointError: when it is not to be opened.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise CheckpointError(f"{path}: is not a file", hint=BROKEN)
    if max_bytes is not None and found.st_size > max_bytes:
        raise CheckpointError(
            f"{path}: is too large, {found.st_size} bytes of at most {max_bytes}", hint=BROKEN
        )


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
