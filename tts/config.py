"""Strict reading and writing of frozen dataclasses; knows no model.

TOML for people, JSON for machines. An unknown key, a missing key and a wrong type are refused with the
place and the nearest valid name.
"""

import copy
import dataclasses
import difflib
import functools
import json
import math
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from tts.errors import ConfigError

Config = TypeVar("Config")

__all__ = ["from_dict", "load_toml", "nearest", "override", "to_dict"]


def nearest(name: str, choices: Iterable[str]) -> str:
    """A "; did you mean ...?" for an unknown name, or an empty string."""
    match = difflib.get_close_matches(name, list(choices), n=1)
    return f"; did you mean {match[0]!r}?" if match else ""


def to_dict(config: Any) -> dict[str, Any]:
    """A frozen dataclass as plain values that JSON and TOML can hold."""
    return {
        field.name: _to_plain(getattr(config, field.name)) for field in dataclasses.fields(config)
    }


def from_dict(cls: type[Config], values: Mapping[str, Any], *, where: str) -> Config:
    """Builds the dataclass `cls` from plain values, strictly.

    Args:
        cls: a frozen dataclass, whose fields may be dataclasses themselves.
        values: plain values, as JSON or TOML give them.
        where: the source of the values, for error messages.

    Raises:
        ConfigError: for an unknown key, a missing key, a wrong type, or a value that `cls` refuses.
    """
    if not isinstance(values, Mapping):
        raise ConfigError(f"{where}: expected a table, found {values!r}")
    fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    for key in values:
        if key not in fields:
            raise ConfigError(
                f"{where}: unknown key {key!r}{nearest(key, fields)}",
                hint=f"valid keys: {', '.join(fields)}",
            )
    hints = _hints(cls)  # type: ignore[arg-type]
    arguments = {}
    for name, field in fields.items():
        if name in values:
            arguments[name] = _coerce(hints[name], values[name], f"{where}: {name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise ConfigError(f"{where}: missing key {name!r}")
    try:
        return cls(**arguments)
    except (ValueError, OverflowError) as error:  # raised by a config's own __post_init__
        raise ConfigError(f"{where}: {error}") from None


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    """The types of the fields of a class, which take longer to find out than a line of a manifest to read."""
    return typing.get_type_hints(cls)


def load_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file. Raises ConfigError when it cannot be read or parsed."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}") from None


def override(values: dict[str, Any], settings: Iterable[str]) -> dict[str, Any]:
    """A copy of nested `values` with settings such as `train.steps=100` applied.

    The right side is read as JSON where it is JSON, else as a string.

    Raises:
        ConfigError: when a setting has no `=`, or a path runs through something that is no table.
    """
    result = copy.deepcopy(values)
    for setting in settings:
        path, equals, text = setting.partition("=")
        if not equals or not path:
            raise ConfigError(f"--set {setting}: expected KEY.KEY=VALUE")
        try:
            value = json.loads(text)
        except json.JSONDecodeError:
            value = text
        *parents, leaf = path.split(".")
        table = result
        for parent in parents:
            table = table.setdefault(parent, {})
            if not isinstance(table, dict):
                raise ConfigError(f"--set {setting}: {parent!r} is a value, not a table")
        table[leaf] = value
    return result


def _to_plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return to_dict(value)
    if isinstance(value, (tuple, list)):
        return [_to_plain(item) for item in value]
    return value


def _coerce(hint: Any, value: Any, where: str) -> Any:
    """`value` as the annotated type `hint`: scalars, literals, optionals, tuples and dataclasses."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if dataclasses.is_dataclass(hint):
        if isinstance(value, hint):  # type: ignore[arg-type]
            return value
        return from_dict(hint, value, where=where)  # type: ignore[arg-type]
    if origin is typing.Literal:
        if not any(value == choice and type(value) is type(choice) for choice in arguments):
            choices = ", ".join(map(repr, arguments))
            raise ConfigError(f"{where}: {value!r} is not one of {choices}")
        return value
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        (inner,) = [argument for argument in arguments if argument is not type(None)]
        return _coerce(inner, value, where)
    if origin is tuple:
        if not isinstance(value, (list, tuple)):
            raise ConfigError(f"{where}: expected a list, found {value!r}")
        return tuple(_coerce(arguments[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if hint is dict or origin is dict:
        if not isinstance(value, dict):
            raise ConfigError(f"{where}: expected a table, found {value!r}")
        return value
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise ConfigError(f"{where}: the number is too large") from None
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise ConfigError(f"{where}: expected {hint.__name__}, found {value!r}")
    if hint is float and not math.isfinite(value):
        raise ConfigError(f"{where}: expected a finite number, found {value!r}")
    return value
