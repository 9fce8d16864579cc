"""A batch from its manifest to the last sound."""

import contextlib
import dataclasses
import functools
import hashlib
import itertools
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import tts
from tts.batch.engines import Engine
from tts.batch.manifest import Shard, count_lines, read_manifest
from tts.batch.results import Outcome, read_results, results_file, rewrite_results
from tts.batch.work import Item, Manner, speak_item
from tts.checkpoint import voice_digest
from tts.config import to_dict
from tts.errors import AudioError, SynthesisError, TTSError
from tts.voice import find_voice

__all__ = ["Summary", "speak_batch"]


@dataclass(frozen=True, slots=True)
class Summary:
    """How far a batch is.

    Attributes:
        total: lines of the shard.
        spoken: those spoken now.
        kept: those that had been spoken before.
        failed: those that could not be.
        bad: those that are there, but did not pass their audit.
        audio_s: the length of what was spoken now.
        seconds: since the beginning.
    """

    total: int
    spoken: int = 0
    kept: int = 0
    failed: int = 0
    bad: int = 0
    audio_s: float = 0.0
    seconds: float = 0.0

    def after(self, outcome: Outcome, seconds: float) -> "Summary":
        """The same with one more line done."""
        return dataclasses.replace(
            self,
            spoken=self.spoken + (outcome.status == "spoken"),
            failed=self.failed + (outcome.status == "failed"),
            bad=self.bad + (outcome.status == "spoken" and not outcome.good),
            audio_s=self.audio_s + outcome.duration_s,
            seconds=seconds,
        )

    @property
    def left_s(self) -> float | None:
        """How long the rest will take, as far as what was done tells; None before there is anything."""
        done = self.spoken + self.failed
        return self.seconds / done * (self.total - self.kept - done) if done else None


def speak_batch(
    manifest: Path,
    folder: Path,
    engine: Engine,
    *,
    defaults: Manner,
    shard: Shard,
    suffix: str = ".wav",
    report: Callable[[Outcome, Summary], object] = lambda outcome, summary: None,
) -> Summary:
    """Speaks each line of a manifest into `folder/ID.wav`; the outcomes go to `results.jsonl` there.

    What lies there already, spoken from the same text, options, voice and version, is kept. No line stops
    another.

    Args:
        manifest: a file of JSON lines.
        folder: is made when it is not there.
        engine: where the work is done.
        defaults: what holds for lines that do not say otherwise.
        shard: which of the lines.
        suffix: one of `tts.audio.wav.FORMATS`.
        report: called after each line that is done now.

    Raises:
        ConfigError: when the manifest cannot be read.
        AudioError: when the folder cannot be written to.
    """
    start = time.monotonic()
    path = results_file(folder, shard.index, shard.count)
    digest = functools.cache(voice_digest)

    def plan() -> Iterator[Item | Outcome]:
        planned = functools.partial(_planned, suffix=suffix, digest=digest)
        return map(planned, read_manifest(manifest, defaults, shard))

    total = count_lines(manifest, shard)
    with _writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        kept, failed = _sorted_out(plan(), folder)
        rewrite_results(path, kept)
    done = {outcome.line for outcome in (*kept, *failed)}
    to_speak = (item for item in plan() if isinstance(item, Item) and item.line not in done)
    work = functools.partial(speak_item, folder=str(folder.resolve()), suffix=suffix)
    n_bad = sum(not outcome.good for outcome in kept)
    summary = Summary(total, kept=len(kept), bad=n_bad)
    with _writable(folder), path.open("a", encoding="utf-8") as file:
        for outcome in itertools.chain(failed, engine(to_speak, work)):
            told = _checked(outcome, folder)
            file.write(f"{told.to_json()}\n")
            file.flush()
            summary = summary.after(told, time.monotonic() - start)
            report(told, summary)
    return dataclasses.replace(summary, seconds=time.monotonic() - start)


@contextlib.contextmanager
def _writable(folder: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise  # of who reports
    except OSError as error:
        raise AudioError(
            f"{error.filename or folder}: cannot be written: {error.strerror}",
            hint="choose another folder, or make room",
        ) from None


def _planned(
    found: Item | Outcome, *, suffix: str, digest: Callable[[Path], str]
) -> Item | Outcome:
    """An item with its fingerprint."""
    if isinstance(found, Outcome):
        return found
    try:
        voice = digest(find_voice(found.voice))
    except TTSError as error:
        return Outcome.failed(found.line, found.id, error)
    what = to_dict(dataclasses.replace(found, line=0, voice=voice))
    content = json.dumps([tts.__version__, suffix, what], sort_keys=True)
    return dataclasses.replace(found, fingerprint=hashlib.sha256(content.encode()).hexdigest())


def _sorted_out(
    plan: Iterator[Item | Outcome], folder: Path
) -> tuple[list[Outcome], list[Outcome]]:
    """What was spoken before, whichever shard it was in, and what cannot be spoken at all."""
    before = {
        outcome.id: outcome
        for path in sorted(folder.glob("results*.jsonl"))
        for outcome in read_results(path)
        if outcome.status == "spoken"
    }
    kept, failed = [], []
    for planned in plan:
        if isinstance(planned, Outcome):
            failed.append(planned)
            continue
        old = before.get(planned.id)
        if old is not None and old.fingerprint == planned.fingerprint and old.is_there(folder):
            kept.append(dataclasses.replace(old, line=planned.line))
    return kept, failed


def _checked(outcome: Outcome, folder: Path) -> Outcome:
    """An outcome; what another machine spoke into a folder of its own has failed."""
    if outcome.status == "failed" or outcome.is_there(folder):
        return outcome
    lost = SynthesisError(
        f"{outcome.file} was spoken, but is not in {folder}",
        hint="every machine must reach the folder under the same path",
    )
    return Outcome.failed(outcome.line, outcome.id, lost)
