"""The silence between what is spoken."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tts.config import nearest
from tts.errors import ConfigError

__all__ = ["PauseName", "Pauses"]

PauseName = Literal["clause", "sentence", "paragraph"]

_MAX_S = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Pauses:
    """Seconds of silence between utterances.

    Attributes:
        clause: after a piece of a sentence that is too long to be spoken at once.
        sentence: after a sentence.
        paragraph: after a paragraph, which a blank line ends.
    """

    clause: float = 0.15
    sentence: float = 0.3
    paragraph: float = 0.6

    def __post_init__(self) -> None:
        for name, seconds in dataclasses.asdict(self).items():
            if not 0.0 <= seconds <= _MAX_S:  # NaN as well
                raise ValueError(f"the pause {name} must be from 0 to {_MAX_S:g} seconds")

    def changed(self, changes: Mapping[str, float]) -> "Pauses":
        """These pauses but for some. Raises ConfigError for an unknown name, or a value out of range."""
        names = tuple(field.name for field in dataclasses.fields(self))
        for name in changes:
            if name not in names:
                raise ConfigError(
                    f"unknown pause {name!r}{nearest(name, names)}",
                    hint=f"the pauses are {', '.join(names)}",
                )
        try:
            return dataclasses.replace(self, **{name: float(s) for name, s in changes.items()})
        except (TypeError, ValueError) as error:
            raise ConfigError(f"pauses: {error}", hint="give seconds: sentence=0.5") from None

    def seconds(self, name: PauseName) -> float:
        """How long a pause is."""
        return float(getattr(self, name))
