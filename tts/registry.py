"""Names for models: a registration is a name, a config type and one decorator."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from tts.config import from_dict, nearest
from tts.errors import ConfigError

Model = TypeVar("Model")

__all__ = ["Registry"]


class Registry(Generic[Model]):
    """Maps the name of a model to its config type and its class.

    >>> vocoders = Registry("vocoder")
    >>> @vocoders.register("wavenet", WaveNetConfig)
    ... class WaveNet(Vocoder): ...
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, tuple[type, Callable[..., Model]]] = {}

    def register(
        self, name: str, config_type: type
    ) -> Callable[[Callable[..., Model]], Callable[..., Model]]:
        """Decorator: enters a class, built as `cls(config, ...)`, under `name`."""

        def enter(cls: Callable[..., Model]) -> Callable[..., Model]:
            if name in self._entries:
                raise ValueError(f"{self.kind} {name!r} is registered twice")
            self._entries[name] = (config_type, cls)
            return cls

        return enter

    def names(self) -> list[str]:
        """The registered names, sorted."""
        return sorted(self._entries)

    def config_type(self, name: str) -> type:
        """The config type of a model. Raises ConfigError for an unknown name."""
        return self._entry(name)[0]

    def config(self, name: str, values: Mapping[str, Any], where: str) -> Any:
        """The strict config of a model from plain values; `where` names their source in errors."""
        return from_dict(self.config_type(name), values, where=where)

    def build(self, name: str, config: Any, *args: Any, **kwargs: Any) -> Model:
        """A new model `name` with `config`. Raises ConfigError for an unknown name."""
        return self._entry(name)[1](config, *args, **kwargs)

    def _entry(self, name: str) -> tuple[type, Callable[..., Model]]:
        try:
            return self._entries[name]
        except KeyError:
            raise ConfigError(
                f"unknown {self.kind} {name!r}",
                hint=f"choose one of: {', '.join(self.names())}{nearest(name, self.names())}",
            ) from None
