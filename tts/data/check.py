"""`tts data check`: all that is wrong with a corpus, or unusual in it, before anything is trained on it."""

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tts.data.corpus import Clip, find_clips
from tts.data.findings import CAUSES, SEVERITIES, Finding, Group, Severity
from tts.data.inspection import corpus_front_end, inspect_sound, inspect_texts
from tts.data.manifest import PrepareConfig
from tts.data.measured import MeasuredClip
from tts.data.outliers import among_others, by_itself, of_the_corpus, same_sounds
from tts.data.pace import Pace, fit_pace
from tts.data.parallel import parallel_map
from tts.data.sound import fingerprint, measure
from tts.text import sentence_of

__all__ = ["CheckReport", "check"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckReport:
    """What `check` found.

    Attributes:
        corpora: the folders.
        clips: every clip of theirs.
        findings: what is wrong or unusual, the worst first.
        paces: of each speaker of whom there are enough clips to tell.
    """

    corpora: tuple[Path, ...]
    clips: tuple[MeasuredClip, ...]
    findings: tuple[Finding, ...]
    paces: dict[str, Pace]

    @property
    def blocks(self) -> bool:
        """Whether something stops `prepare`."""
        return any(finding.severity == "error" for finding in self.findings)

    @property
    def seconds(self) -> float:
        """The length of all sound."""
        return sum(clip.sound.seconds for clip in self.clips if clip.sound)

    def groups(self) -> list[Group]:
        """The findings by what they are, in their order."""
        found: dict[tuple[Severity, str], list[Finding]] = {}
        for finding in self.findings:
            found.setdefault((finding.severity, finding.cause), []).append(finding)
        return [Group(*key, findings) for key, findings in found.items()]

    def worst(self, n: int) -> list[MeasuredClip]:
        """The clips that most is wrong with, the worst first: by severity, then by cause."""
        found: dict[str, list[tuple[int, int, float]]] = {}
        for finding in self.findings:
            found.setdefault(finding.clip, []).append(_rank(finding))
        named = [clip for clip in self.clips if clip.clip.id in found]
        return sorted(named, key=lambda clip: sorted(found[clip.clip.id]))[:n]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for machines."""
        return {
            "corpora": [str(folder) for folder in self.corpora],
            "blocks": self.blocks,
            "seconds": self.seconds,
            "paces": {name: dataclasses.asdict(pace) for name, pace in self.paces.items()},
            "findings": [dataclasses.asdict(finding) for finding in self.findings],
            "clips": [
                {
                    "id": clip.clip.id,
                    "speaker": clip.clip.speaker,
                    "text": clip.clip.text,
                    "audio": str(clip.clip.audio_path),
                    "phonemes": clip.phonemes,
                    "sound": dataclasses.asdict(clip.sound) if clip.sound else None,
                }
                for clip in self.clips
            ],
        }


def check(
    corpora: Sequence[Path],
    config: PrepareConfig | None = None,
    *,
    n_jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> CheckReport:
    """Looks at every text and every sound of some corpora in LJSpeech's layout; nothing is written.

    Args:
        corpora: folders with `metadata.csv` and `wavs/`.
        config: how they are to be prepared.
        n_jobs: processes to use; 1 stays in this one.
        progress: called with the clips done and their number.

    Raises:
        PhonemizerError: when eSpeak NG cannot be used.
        ConfigError: when letters are to be read in another language than English.
    """
    config = config or PrepareConfig()
    clips, findings = find_clips(corpora)
    done = itertools.count(1)

    def advance() -> None:
        if progress is not None:
            progress(next(done) // 2, len(clips))

    words, more = inspect_texts(clips, corpus_front_end(config), advance)
    findings += more
    phonemes = {text: sentence_of(word.symbols for word in read) for text, read in words.items()}
    measured: list[MeasuredClip] = []
    for clip, more in parallel_map(
        partial(_measure, phonemes=phonemes, config=config), clips, n_jobs
    ):
        advance()
        measured.append(clip)
        findings += more
        findings += by_itself(clip, config)
    speakers: dict[str, list[MeasuredClip]] = {}
    for clip in measured:
        speakers.setdefault(clip.clip.speaker, []).append(clip)
    paces = {speaker: fit_pace(_lengths(theirs)) for speaker, theirs in speakers.items()}
    for speaker, theirs in speakers.items():
        findings += among_others(theirs, paces[speaker])
    findings += same_sounds(measured)
    findings += of_the_corpus(measured)
    return CheckReport(
        corpora=tuple(corpora),
        clips=tuple(measured),
        findings=tuple(sorted(findings, key=_rank)),
        paces={speaker: pace for speaker, pace in paces.items() if pace is not None},
    )


def _measure(
    clip: Clip, phonemes: Mapping[str, str], config: PrepareConfig
) -> tuple[MeasuredClip, list[Finding]]:
    """A clip in figures, and what is wrong with its sound; a missing one is told with the metadata."""
    spoken = phonemes.get(clip.text, "")
    if not clip.audio_path.is_file():
        return MeasuredClip(clip=clip, phonemes=spoken), []
    recording, findings = inspect_sound(clip, config.mel.sample_rate, resample=config.resample)
    if recording is None:
        return MeasuredClip(clip=clip, phonemes=spoken), findings
    samples, rate = recording.samples, recording.sample_rate
    sound = measure(samples, rate, n_channels=recording.n_channels, trim_db=config.trim_db)
    prints = fingerprint(samples, rate, trim_db=config.trim_db)
    return MeasuredClip(clip=clip, phonemes=spoken, sound=sound, fingerprint=prints), findings


def _lengths(clips: Iterable[MeasuredClip]) -> list[tuple[int, float]]:
    """Phonemes and seconds of speech of each clip that has both."""
    return [(len(c.phonemes), c.sound.speech_s) for c in clips if c.sound and c.phonemes]


def _rank(finding: Finding) -> tuple[int, int, float]:
    """Sorts findings: by severity, by cause, the worst first."""
    causes = list(CAUSES)
    return SEVERITIES.index(finding.severity), causes.index(finding.cause), -finding.weight
