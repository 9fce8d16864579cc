"""What is wrong with a corpus, as values: gathered to the end, sorted, and told together."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tts.errors import CorpusError

__all__ = ["CAUSES", "SEVERITIES", "Finding", "Group", "Severity", "raise_errors"]

Severity = Literal["error", "warning", "note"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""From what stops `prepare`, over what harms a voice, to what is worth a look."""

CAUSES: dict[str, str] = {
    "folder": "the corpus cannot be read",
    "metadata": "lines of the metadata are malformed",
    "encoding": "the metadata are not UTF-8",
    "duplicate id": "one id stands for two recordings",
    "hold out": "clips to hold out are not there",
    "missing": "sound files are missing",
    "unreadable": "sound files are broken",
    "sample rate": "the sample rate is not that of the corpus",
    "no numbers": "samples are no numbers",
    "silent": "nothing is heard",
    "no speech": "the text has no word to speak",
    "nothing left": "no clip is left to train on",
    "misfit": "the text does not fit the sound",
    "same sound": "two ids stand for the same recording",
    "clipped": "the recording was driven too hard",
    "length": "clips are too short or too long, and are left out",
    "unspoken": "characters cannot be spoken, and are left out",
    "noise": "noise lies close below the speech",
    "channels": "several channels are mixed to one",
    "narrow band": "the treble is missing",
    "pause": "a long pause lies inside the clip",
    "offset": "the wave does not swing around zero",
    "level": "the level is far from that of the others",
    "silence": "long silence before or after the speech",
    "pace": "characters per second are far from those of the others",
    "digits": "digits and signs are left to be read out",
    "takes": "texts are there more than once",
    "amount": "there is little speech",
}
"""Every cause of a finding in the order in which they matter, and what it means."""

_NAMED = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is wrong, or worth a look.

    Attributes:
        severity: "error" stops `prepare`, "warning" harms a voice, "note" is worth a look.
        cause: a key of `CAUSES`.
        message: what, and where.
        hint: what to do.
        clip: the id of the clip, empty for the corpus as a whole.
        weight: how bad, among those of one cause.
    """

    severity: Severity
    cause: str
    message: str
    hint: str
    clip: str = ""
    weight: float = 0.0

    def __post_init__(self) -> None:
        assert self.cause in CAUSES


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one severity and cause, the worst first."""

    severity: Severity
    cause: str
    findings: list[Finding]

    @property
    def meaning(self) -> str:
        """What the cause is, in words."""
        return CAUSES[self.cause]

    @property
    def hint(self) -> str:
        """What to do about the worst of them."""
        return self.findings[0].hint


def raise_errors(findings: Iterable[Finding], folders: Sequence[Path]) -> None:
    """Raises one CorpusError for all the errors among the findings; nothing happens when there are none."""
    errors = [finding for finding in findings if finding.severity == "error"]
    if not errors:
        return
    if len(errors) == 1:
        raise CorpusError(errors[0].message, hint=errors[0].hint)
    lines = [f"{' and '.join(map(str, folders))}: {len(errors)} problems"]
    lines += [f"  {error.message}" for error in errors[:_NAMED]]
    if len(errors) > _NAMED:
        command = shlex.join(["tts", "data", "check", *map(str, folders), "--json"])
        lines.append(f"  ... and {len(errors) - _NAMED} more; all of them: {command}")
    hints = dict.fromkeys(error.hint for error in errors if error.hint)
    raise CorpusError("\n".join(lines), hint="; ".join(hints))
