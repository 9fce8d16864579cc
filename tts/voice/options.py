"""The options of one call, and what is refused of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tts.config import nearest
from tts.errors import ConfigError
from tts.text.pauses import Pauses

__all__ = ["SynthesisOptions", "check_speaker"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SynthesisOptions:
    """The options of one call, as opposed to the settings of a voice.

    Attributes:
        speed: how fast to speak; 2.0 takes half as long.
        seed: decides all that is random; the same seed gives the same samples.
        strict: refuse a character that cannot be spoken, instead of leaving it out with a warning.
        speaker: who speaks, one of `Voice.speakers`; None is the first.
        threads: how many utterances are made at once; None is what suits the voice and the machine.
        pauses: seconds of silence that differ from the voice's: "clause", "sentence", "paragraph".
        ssml: whether the text is SSML.

    Raises:
        ConfigError: when a value is out of range.
    """

    speed: float = 1.0
    seed: int = 0
    strict: bool = False
    speaker: str | None = None
    threads: int | None = None
    pauses: Mapping[str, float] | None = None
    ssml: bool = False

    def __post_init__(self) -> None:
        if not 0.5 <= self.speed <= 2.0:  # NaN as well
            raise ConfigError(
                f"speed {self.speed} is out of range", hint="choose a speed from 0.5 to 2.0"
            )
        if self.seed < 0:
            raise ConfigError(f"seed {self.seed} is negative", hint="choose a seed of 0 or more")
        if self.threads is not None and self.threads < 1:
            raise ConfigError(
                f"threads {self.threads} is out of range", hint="choose 1 or more threads"
            )
        Pauses().changed(self.pauses or {})


def check_speaker(speaker: str | None, speakers: Sequence[str], voice: str) -> None:
    """Refuses a name that is not one of the speakers of a voice. Raises ConfigError."""
    if speaker is not None and speaker not in speakers:
        raise ConfigError(
            f"the voice {voice!r} has no speaker {speaker!r}{nearest(speaker, speakers)}",
            hint=f"its speaker{'s' * (len(speakers) > 1)}: {', '.join(speakers)}",
        )
