"""Registries: names, config types and what is said of a name that nobody knows."""

from dataclasses import dataclass
from typing import Any

import pytest

from tts.errors import ConfigError
from tts.registry import Registry


@dataclass(frozen=True, kw_only=True, slots=True)
class SmallConfig:
    size: int = 2


class Small:
    def __init__(self, config: SmallConfig, *args: Any, **kwargs: Any) -> None:
        self.config, self.args, self.kwargs = config, args, kwargs


@pytest.fixture
def registry() -> Registry[Any]:
    models: Registry[Any] = Registry("model")
    assert models.register("small", SmallConfig)(Small) is Small
    models.register("another", SmallConfig)(Small)
    return models


def test_names_are_sorted(registry):
    assert registry.names() == ["another", "small"]
    assert Registry("model").names() == []


def test_build_passes_everything_on(registry):
    model = registry.build("small", SmallConfig(size=5), 1, extra=2)
    assert isinstance(model, Small)
    assert (model.config.size, model.args, model.kwargs) == (5, (1,), {"extra": 2})


def test_config_is_strict(registry):
    assert registry.config_type("small") is SmallConfig
    assert registry.config("small", {"size": 7}, "file.toml") == SmallConfig(size=7)
    with pytest.raises(ConfigError) as caught:
        registry.config("small", {"sise": 7}, "file.toml")
    assert str(caught.value) == "file.toml: unknown key 'sise'; did you mean 'size'?"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("smal", "choose one of: another, small; did you mean 'small'?"),
        ("Xyz", "choose one of: another, small"),
        ("", "choose one of: another, small"),
    ],
)
def test_unknown_name(registry, name, hint):
    calls = [
        lambda: registry.build(name, SmallConfig()),
        lambda: registry.config_type(name),
        lambda: registry.config(name, {}, "x"),
    ]
    for call in calls:
        with pytest.raises(ConfigError) as caught:
            call()
        assert str(caught.value) == f"unknown model {name!r}"
        assert caught.value.hint == hint


def test_a_name_is_registered_once(registry):
    with pytest.raises(ValueError, match="model 'small' is registered twice"):
        registry.register("small", SmallConfig)(Small)
    assert registry.names() == ["another", "small"]


def test_registries_share_nothing(registry):
    assert Registry("other").names() == []


def test_the_models_of_the_package():
    from tts.acoustic import AcousticModel, acoustic_models
    from tts.audio.mel import MelConfig
    from tts.vocoder import Vocoder, vocoders

    assert "deepvoice3" in acoustic_models.names()
    assert "wavenet" in vocoders.names()
    for name in vocoders.names():
        config = vocoders.config(name, {}, "defaults")
        assert isinstance(vocoders.build(name, config, MelConfig()), Vocoder)
    for name in acoustic_models.names():
        config = acoustic_models.config(name, {}, "defaults")
        assert isinstance(acoustic_models.build(name, config, MelConfig(), 9), AcousticModel)
