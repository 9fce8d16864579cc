"""What is told of speech: how each utterance was decoded, and whether it is good."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from tts.acoustic.speech import Retake
from tts.voice.audit import AttentionFigures, Finding, SoundFigures

__all__ = ["Attempt", "Report", "UtteranceReport"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One decoding of an utterance.

    Attributes:
        retake: how it differs from the first one; None for that.
        n_pieces: in how many pieces it was spoken.
        seed: of what is random in the acoustic model.
        attention: its figures; None from a model that tells no attention.
        findings: what is wrong with it; nothing when it is good.
    """

    retake: Retake | None
    n_pieces: int
    seed: int
    attention: AttentionFigures | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class UtteranceReport:
    """One utterance: what was tried, and what was kept.

    Attributes:
        text: what it speaks.
        start, end: the characters of that in the whole text.
        unspeakable: its characters that were left out, each once.
        seed: of its vocoder, and of the first attempt.
        attempts: in their order; the first one is the only one when it is good.
        kept: the index of the attempt that is heard.
        sound: figures of the sound.
        findings: what is wrong with what is heard, attention and sound.
    """

    text: str
    start: int
    end: int
    unspeakable: tuple[str, ...]
    seed: int
    attempts: tuple[Attempt, ...]
    kept: int
    sound: SoundFigures
    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        """Whether every check passed."""
        return not self.findings


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What is told of a whole text.

    Attributes:
        utterances: in their order.
    """

    utterances: tuple[UtteranceReport, ...] = ()

    @property
    def good(self) -> bool:
        """Whether every utterance is good."""
        return all(utterance.good for utterance in self.utterances)

    @property
    def bad(self) -> tuple[UtteranceReport, ...]:
        """The utterances that are not."""
        return tuple(utterance for utterance in self.utterances if not utterance.good)

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "good": self.good,
            "utterances": [
                {"good": each.good, **dataclasses.asdict(each)} for each in self.utterances
            ],
        }
