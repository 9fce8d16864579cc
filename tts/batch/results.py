"""What became of each line of a batch, kept in `results.jsonl`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from tts.config import from_dict, to_dict
from tts.errors import TTSError
from tts.files import whole_file

__all__ = ["Outcome", "read_results", "results_file", "rewrite_results"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one line.

    Attributes:
        line: its number in the manifest.
        id: its name.
        status: whether it was spoken.
        file: the sound's name in the folder of the batch; empty when it failed.
        size: of the file, in bytes.
        duration_s: of the sound.
        seconds: that speaking took.
        fingerprint: of the text, the options and the voice; see `tts.batch.run`.
        good: whether every utterance passed its audit.
        warnings: what the voice warned of.
        error: why it failed.
        hint: what to do about it.
    """

    line: int
    id: str
    status: Literal["spoken", "failed"]
    file: str = ""
    size: int = 0
    duration_s: float = 0.0
    seconds: float = 0.0
    fingerprint: str = ""
    good: bool = True
    warnings: tuple[str, ...] = ()
    error: str = ""
    hint: str = ""

    @classmethod
    def failed(cls, line: int, id: str, error: Exception) -> Self:
        """That of a line for which an error was raised."""
        if isinstance(error, TTSError):
            return cls(line=line, id=id, status="failed", error=str(error), hint=error.hint)
        return cls(line=line, id=id, status="failed", error=f"{type(error).__name__}: {error}")

    def is_there(self, folder: Path) -> bool:
        """Whether its sound lies in the folder as it was written."""
        path = folder / self.file
        return self.status == "spoken" and path.is_file() and path.stat().st_size == self.size

    def to_json(self) -> str:
        """One line, without what says nothing."""
        told = {"line", "id", "status", "good"}
        values = {k: v for k, v in to_dict(self).items() if k in told or v not in ("", 0, [])}
        return json.dumps(values)


def results_file(folder: Path, shard_index: int, shard_count: int) -> Path:
    """Where the outcomes of a shard are: each machine writes a file of its own."""
    name = "results" if shard_count == 1 else f"results-{shard_index}-of-{shard_count}"
    return folder / f"{name}.jsonl"


def read_results(path: Path) -> list[Outcome]:
    """The outcomes in a file, without the last if writing it was cut short; none when there is no file."""
    outcomes = []
    if path.is_file():
        with path.open("rb") as file:
            for content in file:
                try:
                    outcomes.append(from_dict(Outcome, json.loads(content), where=str(path)))
                except (ValueError, TTSError):
                    continue  # torn by a kill, or of another version: it is spoken again
    return outcomes


def rewrite_results(path: Path, outcomes: list[Outcome]) -> None:
    """Writes the outcomes from which a batch goes on, whole or not at all."""
    with whole_file(path) as part:
        part.write_text("".join(f"{outcome.to_json()}\n" for outcome in outcomes), encoding="utf-8")
