"""The work on one item, which any process on any machine may do."""

import functools
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

from tts.batch.results import Outcome
from tts.errors import TTSWarning
from tts.voice import DEFAULT_VOICE, Voice, load_voice

__all__ = ["Item", "Manner", "speak_item"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Manner:
    """Who speaks, and how.

    Attributes:
        voice: a name or a folder.
        speaker: who of its speakers; None is the first.
        speed: as `Voice.synthesize` has it.
        seed: the same.
        strict: the same.
    """

    voice: str = DEFAULT_VOICE
    speaker: str | None = None
    speed: float = 1.0
    seed: int = 0
    strict: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Item(Manner):
    """A text that is to be spoken into a file.

    Attributes:
        line: its number in the manifest.
        id: the name of its file, without the suffix.
        text: any text.
        fingerprint: of all that its sound is a function of; see `tts.batch.run`.
    """

    line: int
    id: str
    text: str
    fingerprint: str = ""


def speak_item(item: Item, folder: str, suffix: str) -> Outcome:
    """Speaks an item into its file; whatever goes wrong is its outcome.

    Args:
        item: what to speak.
        folder: of the batch.
        suffix: one of `tts.audio.wav.FORMATS`.
    """
    start = time.perf_counter()
    path = Path(folder) / f"{item.id}{suffix}"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", TTSWarning)
        try:
            audio = _voice(item.voice).synthesize(
                item.text,
                speed=item.speed,
                seed=item.seed,
                strict=item.strict,
                speaker=item.speaker,
                threads=1,  # the items are what the cores share
            )
            audio.save(path)
        except Exception as error:  # one item, of which the others must not hear
            return Outcome.failed(item.line, item.id, error)
    return Outcome(
        line=item.line,
        id=item.id,
        status="spoken",
        file=path.name,
        size=path.stat().st_size,
        duration_s=round(audio.duration_s, 3),
        seconds=round(time.perf_counter() - start, 3),
        fingerprint=item.fingerprint,
        good=audio.report.good,
        warnings=tuple(str(w.message) for w in caught if issubclass(w.category, TTSWarning)),
    )


@functools.lru_cache(maxsize=4)
def _voice(name: str) -> Voice:
    """The voices that this process spoke with last."""
    return load_voice(name)
