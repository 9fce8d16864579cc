"""Strict configs: every path of `from_dict`, `to_dict`, `load_toml` and `override`."""

import json
import math
from dataclasses import dataclass, field
from typing import Any, Literal, Optional

import pytest

from tts.config import from_dict, load_toml, nearest, override, to_dict
from tts.errors import ConfigError


@dataclass(frozen=True, kw_only=True, slots=True)
class Inner:
    size: int = 3
    rate: float = 0.5

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError("size must be positive")


@dataclass(frozen=True, kw_only=True, slots=True)
class Outer:
    name: str
    width: int = 1
    scale: float = 1.0
    flag: bool = False
    kind: Literal["a", "b"] = "a"
    bands: Literal[1, 4] = 4
    limit: int | None = None
    old: Optional[float] = None  # noqa: UP045 - the other spelling of the same
    sizes: tuple[int, ...] = (1, 2)
    inner: Inner = Inner()
    layers: tuple[Inner, ...] = ()
    maybe: Inner | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    plain: dict = field(default_factory=dict)  # type: ignore[type-arg]


def build(**values: Any) -> Outer:
    return from_dict(Outer, {"name": "x", **values}, where="here")


ACCEPTED = [
    ("width", 7, 7),
    ("width", -7, -7),
    ("scale", 2.5, 2.5),
    ("scale", 2, 2.0),  # an int is a float without loss
    ("flag", True, True),
    ("flag", False, False),
    ("kind", "b", "b"),
    ("bands", 1, 1),
    ("limit", None, None),
    ("limit", 5, 5),
    ("old", None, None),
    ("old", 5, 5.0),
    ("sizes", [3, 4, 5], (3, 4, 5)),
    ("sizes", (3,), (3,)),
    ("sizes", [], ()),
    ("inner", {}, Inner()),
    ("inner", {"size": 9}, Inner(size=9)),
    ("inner", Inner(size=4), Inner(size=4)),
    ("layers", [{"size": 1}, {"rate": 2}], (Inner(size=1), Inner(rate=2.0))),
    ("maybe", None, None),
    ("maybe", {"size": 2}, Inner(size=2)),
    ("extra", {"any": [1, {"thing": None}]}, {"any": [1, {"thing": None}]}),
    ("plain", {"k": 1}, {"k": 1}),
]


@pytest.mark.parametrize(("key", "given", "expected"), ACCEPTED)
def test_accepted(key, given, expected):
    value = getattr(build(**{key: given}), key)
    assert value == expected
    assert type(value) is type(expected)


REFUSED = [
    ("width", 1.0, "here: width: expected int, found 1.0"),
    ("width", True, "here: width: expected int, found True"),  # a bool is no int
    ("width", "1", "here: width: expected int, found '1'"),
    ("width", None, "here: width: expected int, found None"),
    ("scale", True, "here: scale: expected float, found True"),
    ("scale", "1.0", "here: scale: expected float, found '1.0'"),
    ("flag", 1, "here: flag: expected bool, found 1"),
    ("name", 1, "here: name: expected str, found 1"),
    ("kind", "c", "here: kind: 'c' is not one of 'a', 'b'"),
    ("kind", None, "here: kind: None is not one of 'a', 'b'"),
    ("bands", 2, "here: bands: 2 is not one of 1, 4"),
    ("limit", "5", "here: limit: expected int, found '5'"),
    ("limit", True, "here: limit: expected int, found True"),
    ("old", "x", "here: old: expected float, found 'x'"),
    ("sizes", 3, "here: sizes: expected a list, found 3"),
    ("sizes", "34", "here: sizes: expected a list, found '34'"),
    ("sizes", [3, "4"], "here: sizes[1]: expected int, found '4'"),
    ("inner", 3, "here: inner: expected a table, found 3"),
    ("inner", {"size": 0}, "here: inner: size must be positive"),
    ("inner", {"size": 1.5}, "here: inner: size: expected int, found 1.5"),
    ("inner", {"sice": 1}, "here: inner: unknown key 'sice'; did you mean 'size'?"),
    ("inner", {"zzz": 1}, "here: inner: unknown key 'zzz'"),
    ("layers", [{}, {"rote": 1}], "here: layers[1]: unknown key 'rote'; did you mean 'rate'?"),
    ("maybe", [], "here: maybe: expected a table, found []"),
    ("extra", [], "here: extra: expected a table, found []"),
    ("plain", 1, "here: plain: expected a table, found 1"),
]


@pytest.mark.parametrize(("key", "given", "message"), REFUSED)
def test_refused(key, given, message):
    with pytest.raises(ConfigError) as caught:
        build(**{key: given})
    assert str(caught.value) == message


@pytest.mark.parametrize("value", [True, 1.0, 4.0])
def test_a_literal_int_is_no_bool_and_no_float(value):
    with pytest.raises(ConfigError):
        build(bands=value)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_float_is_finite(value):
    with pytest.raises(ConfigError):
        build(scale=value)


def test_missing_key():
    with pytest.raises(ConfigError, match=r"^here: missing key 'name'$"):
        from_dict(Outer, {}, where="here")


@pytest.mark.parametrize("values", [3, None, [], "name"])
def test_no_table(values):
    with pytest.raises(ConfigError, match=r"^here: expected a table"):
        from_dict(Outer, values, where="here")


def test_unknown_key_lists_the_valid_ones():
    with pytest.raises(ConfigError) as caught:
        build(widht=2)
    assert str(caught.value) == "here: unknown key 'widht'; did you mean 'width'?"
    assert caught.value.hint.startswith("valid keys: name, width, scale, flag, kind")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("resudual_dim", "; did you mean 'residual_dim'?"),
        ("skip", "; did you mean 'skip_dim'?"),
        ("banana", ""),
        ("", ""),
    ],
)
def test_nearest(name, expected):
    assert nearest(name, iter(["residual_dim", "skip_dim"])) == expected


def test_round_trip_through_json():
    config = Outer(
        name="ü",
        limit=3,
        old=0.1,
        sizes=(),
        layers=(Inner(), Inner(size=8)),
        maybe=Inner(rate=0.25),
    )
    plain = to_dict(config)
    assert plain["inner"] == {"size": 3, "rate": 0.5}
    assert plain["layers"] == [{"size": 3, "rate": 0.5}, {"size": 8, "rate": 0.5}]
    assert plain["sizes"] == []
    assert list(plain) == list(Outer.__dataclass_fields__)
    assert from_dict(Outer, json.loads(json.dumps(plain)), where="json") == config


def test_load_toml(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text('name = "é"\n[inner]\nsize = 2\n', encoding="utf-8")
    assert load_toml(path) == {"name": "é", "inner": {"size": 2}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name = ", "is not valid TOML"),
        (b"a = 1\na = 2", "is not valid TOML"),
        (b"a = '\xff'", "is not valid TOML"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_load_toml_refuses(tmp_path, content, message):
    path = tmp_path / "a.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_toml(path)
    assert str(caught.value).startswith(f"{path}: {message}")


def test_load_toml_refuses_a_folder(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_toml(tmp_path)


OVERRIDES = [
    ([], {"train": {"steps": 1}, "list": [1]}),
    (["train.steps=100"], {"train": {"steps": 100}, "list": [1]}),
    (["train.rate=1e-3"], {"train": {"steps": 1, "rate": 1e-3}, "list": [1]}),
    (["train.name=fast"], {"train": {"steps": 1, "name": "fast"}, "list": [1]}),
    (['train.name="7"'], {"train": {"steps": 1, "name": "7"}, "list": [1]}),
    (["train.on=true"], {"train": {"steps": 1, "on": True}, "list": [1]}),
    (["train.limit=null"], {"train": {"steps": 1, "limit": None}, "list": [1]}),
    (["list=[2, 3]"], {"train": {"steps": 1}, "list": [2, 3]}),
    (["new.deep.key=a=b"], {"train": {"steps": 1}, "list": [1], "new": {"deep": {"key": "a=b"}}}),
    (["train="], {"train": "", "list": [1]}),
    (["train.steps=2", "train.steps=3"], {"train": {"steps": 3}, "list": [1]}),
    (['train={"steps": 9}'], {"train": {"steps": 9}, "list": [1]}),
]


@pytest.mark.parametrize(("settings", "expected"), OVERRIDES)
def test_override(settings, expected):
    values = {"train": {"steps": 1}, "list": [1]}
    assert override(values, settings) == expected
    assert values == {"train": {"steps": 1}, "list": [1]}, "the original must stay"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("train.steps", "--set train.steps: expected KEY.KEY=VALUE"),
        ("=3", "--set =3: expected KEY.KEY=VALUE"),
        ("", "--set : expected KEY.KEY=VALUE"),
        ("train.steps.deep=3", "--set train.steps.deep=3: 'steps' is a value, not a table"),
        ("list.x=3", "--set list.x=3: 'list' is a value, not a table"),
    ],
)
def test_override_refuses(setting, message):
    with pytest.raises(ConfigError) as caught:
        override({"train": {"steps": 1}, "list": [1]}, [setting])
    assert str(caught.value) == message
