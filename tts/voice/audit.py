"""Whether an utterance was spoken well, from the attention of the acoustic model and from the sound.

Each check compares one figure with a limit. The limits lie outside of all that `kathleen` does in the
sentences that a recogniser understands (`bench/audit.py` prints both), by a margin for other voices; a decode
that really loses its way is far beyond them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from tts.acoustic.alignment import alignment_path
from tts.acoustic.speech import Spoken
from tts.text.symbols import BEGIN, END, MODIFIERS, PADDING, PUNCTUATION

__all__ = [
    "AttentionFigures",
    "AuditLimits",
    "Check",
    "Finding",
    "SoundFigures",
    "attention_figures",
    "attention_findings",
    "is_sounded",
    "sound_figures",
    "sound_findings",
]

FloatArray = npt.NDArray[np.floating]
# fmt: off
Check = Literal[
    "unfinished", "cut", "skip", "repeat", "stall", "pause", "slow", "unsure", "fast", "clipped", "silent"
]
# fmt: on

_LOOKED = 0.3  # of a step: less attention than that in all, and a token was passed over
_STRETCH = 8  # sounds: that many in a row cannot all be short ones
_UNHEARD = frozenset((*PUNCTUATION, *MODIFIERS, " ", PADDING, BEGIN, END))

_FULL_SCALE = 0.999  # as `tts evaluate` counts clipped samples
_FRAME_S = 0.01
_QUIET_DB = 45.0  # below the loudest frame: breath is above it, what lies between words is not


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditLimits:
    """What is still good. In brackets the range of the good utterances that the limits were set by.

    Attributes:
        missed: sounds in a row that were not looked at [0 to 2]; a short word has three.
        missed_at_end: the same at the end of the utterance [0], where nothing may be lost.
        fall: tokens that the attention falls back by [0 to 1.7]; marks of stress and length are tokens too.
        sound_s: seconds that one sound takes [to 0.23].
        pause_s: seconds that the attention stays at a token [to 0.8, at commas between letters].
        focus: mean of each step's largest weight [0.59 to 0.83].
        slowest_s: seconds that a sound takes in the mean [0.05 to 0.15].
        fastest_s: the same of the fastest eight in a row [0.027 and more]; hurried speech has 25 a second.
        clipped: share of the samples at full scale, as the vocoder made them [0].
        silence_s: seconds of silence inside the utterance [to 0.1].
    """

    missed: int = 3
    missed_at_end: int = 1
    fall: float = 3.0
    sound_s: float = 0.5
    pause_s: float = 1.6
    focus: float = 0.4
    slowest_s: float = 0.3
    fastest_s: float = 0.02
    clipped: float = 0.001
    silence_s: float = 1.5


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that failed.

    Attributes:
        check: which one.
        value: what was found.
        limit: what is still good.
        where: the symbols it was found at; empty for what is of the whole utterance.
    """

    check: Check
    value: float
    limit: float
    where: str = ""

    def __str__(self) -> str:
        place = f" at {self.where!r}" if self.where else ""
        return f"{_MEANINGS[self.check].format(self.value)}{place}"


_MEANINGS: dict[Check, str] = {
    "unfinished": "the model did not end by itself",
    "cut": "the last {:.0f} sounds are missing",
    "skip": "{:.0f} sounds in a row are missing",
    "repeat": "falls back by {:.1f} symbols",
    "stall": "one sound takes {:.1f} s",
    "pause": "stands still for {:.1f} s",
    "unsure": "unsure of its place in the text, {:.2f} of 1",
    "fast": "eight sounds in a row take {:.3f} s each",
    "slow": "a sound takes {:.2f} s in the mean",
    "clipped": "{:.1%} of the samples are at full scale",
    "silent": "{:.1f} s of silence",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class AttentionFigures:
    """The attention of one utterance in figures; times are at the model's own pace.

    Attributes:
        finished: whether the model ended by itself.
        coverage: the share of the sounds that were looked at.
        missed: sounds in a row that were not looked at, at most.
        missed_at_end: sounds at the end that were not.
        fall: tokens that it falls back by, at most.
        longest_sound_s: seconds of the longest sound.
        longest_pause_s: seconds at one token, at most.
        focus: mean of each step's largest weight.
        mean_sound_s: seconds of a sound in the mean, pauses apart.
        fastest_s: the same of the fastest eight in a row, or of all where there are fewer.
    """

    finished: bool
    coverage: float
    missed: int
    missed_at_end: int
    fall: float
    longest_sound_s: float
    longest_pause_s: float
    focus: float
    mean_sound_s: float
    fastest_s: float


class _Places(NamedTuple):
    """The token at which each figure was found."""

    missed: int
    fall: int
    sound: int
    pause: int
    fastest: int


@dataclass(frozen=True, slots=True)
class SoundFigures:
    """The sound of one utterance in figures.

    Attributes:
        clipped: the share of its samples at full scale, as the vocoder made them.
        silence_s: the longest silence inside it; all of it where nothing is heard.
        level_db: its root mean square in dB of full scale, as the vocoder made it.
    """

    clipped: float
    silence_s: float
    level_db: float


def is_sounded(symbols: str) -> npt.NDArray[np.bool_]:
    """Which symbols are sounds or letters, not marks or pauses. Shape: (L,)."""
    return np.array([symbol not in _UNHEARD for symbol in symbols])


def attention_figures(spoken: Spoken, symbols: str, step_s: float) -> AttentionFigures | None:
    """The figures of an utterance; None from a model that tells no attention.

    Args:
        spoken: what the model said.
        symbols: what it read, one for a token.
        step_s: seconds of a decoder step.
    """
    return _measured(spoken, symbols, step_s)[0] if spoken.alignment.any() else None


def attention_findings(
    spoken: Spoken, symbols: str, step_s: float, limits: AuditLimits
) -> tuple[Finding, ...]:
    """What is wrong with an utterance by its attention; a model that tells none has only not ended."""
    ended = () if spoken.finished else (Finding("unfinished", 0.0, 1.0),)
    if not spoken.alignment.any():
        return ended
    figures, at = _measured(spoken, symbols, step_s)

    def around(token: int) -> str:
        return symbols[max(0, token - 2) : token + 6].strip(BEGIN + END)

    above: tuple[tuple[Check, float, float, str], ...] = (
        ("cut", figures.missed_at_end, limits.missed_at_end, symbols[-9:-1]),
        ("skip", figures.missed, limits.missed, around(at.missed)),
        ("repeat", figures.fall, limits.fall, around(at.fall)),
        ("stall", figures.longest_sound_s, limits.sound_s, around(at.sound)),
        ("pause", figures.longest_pause_s, limits.pause_s, around(at.pause)),
        ("slow", figures.mean_sound_s, limits.slowest_s, ""),
    )
    below: tuple[tuple[Check, float, float, str], ...] = (
        ("unsure", figures.focus, limits.focus, ""),
        ("fast", figures.fastest_s, limits.fastest_s, around(at.fastest)),
    )
    return (
        *ended,
        *(Finding(*each) for each in above if each[1] > each[2]),
        *(Finding(*each) for each in below if each[1] < each[2]),
    )


def _measured(spoken: Spoken, symbols: str, step_s: float) -> tuple[AttentionFigures, _Places]:
    alignment, sounded = spoken.alignment, is_sounded(symbols)
    path = alignment_path(alignment)
    steps_at = alignment.sum(axis=0)
    passed = steps_at < _LOOKED
    missed, missed_at = _longest_run(passed, sounded)
    last_looked = int(np.flatnonzero(~passed & sounded).max(initial=-1))
    falls = np.maximum.accumulate(path) - path
    sound_s = steps_at[sounded] * step_s
    n = min(_STRETCH, len(sound_s))
    stretches = np.convolve(sound_s, np.full(n, 1.0 / n), mode="valid")
    tokens = np.flatnonzero(sounded)
    figures = AttentionFigures(
        finished=spoken.finished,
        coverage=float((~passed[sounded]).mean()),
        missed=missed,
        missed_at_end=int(sounded[last_looked + 1 :].sum()),
        fall=float(falls.max()),
        longest_sound_s=float(sound_s.max()),
        longest_pause_s=float(steps_at.max()) * step_s,
        focus=float(alignment.max(axis=1).mean()),
        mean_sound_s=float(sound_s.mean()),
        fastest_s=float(stretches.min()),
    )
    places = _Places(
        missed_at,
        int(path[falls.argmax()]),
        int(tokens[sound_s.argmax()]),
        int(steps_at.argmax()),
        int(tokens[stretches.argmin()]),
    )
    return figures, places


def _longest_run(passed: npt.NDArray[np.bool_], sounded: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """The most sounds in a row that were passed over, and the first token of them; marks do not count."""
    longest, at, run, start = 0, 0, 0, 0
    for token in np.flatnonzero(sounded):
        start = start if run else int(token)
        run = run + 1 if passed[token] else 0
        if run > longest:
            longest, at = run, start
    return longest, at


def sound_figures(chunks: Sequence[FloatArray], sample_rate: int) -> SoundFigures:
    """The figures of a sound in chunks, as the vocoder made it. Shape: (S,) in all."""
    samples = np.concatenate(chunks)
    n = max(1, round(_FRAME_S * sample_rate))
    n_frames = max(1, len(samples) // n)
    frames = np.resize(samples, n_frames * n).reshape(n_frames, n)
    power = np.square(frames, dtype=np.float64).mean(axis=1)
    loud = np.flatnonzero((power > power.max() * 10.0 ** (-_QUIET_DB / 10.0)) & (power > 0.0))
    gaps = np.diff(loud).max(initial=1) - 1 if len(loud) else n_frames
    mean = float(np.square(samples, dtype=np.float64).mean())
    return SoundFigures(
        clipped=float((np.abs(samples) >= _FULL_SCALE).mean()),
        silence_s=float(gaps) * n / sample_rate,
        level_db=float(10.0 * np.log10(max(mean, 1e-12))),
    )


def sound_findings(figures: SoundFigures, speed: float, limits: AuditLimits) -> tuple[Finding, ...]:
    """What is wrong with a sound; its pauses are longer or shorter by its speed."""
    found = []
    if figures.clipped > limits.clipped:
        found.append(Finding("clipped", figures.clipped, limits.clipped))
    limit_s = limits.silence_s / speed
    if figures.silence_s > limit_s or figures.level_db < _SILENCE_DB:
        found.append(Finding("silent", figures.silence_s, limit_s))
    return tuple(found)


_SILENCE_DB = -70.0  # of full scale: nothing is heard at all
