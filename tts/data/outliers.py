"""What is unusual: in the figures of one clip, and in those of a clip among the others."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from tts.data.findings import Finding, Severity
from tts.data.manifest import PrepareConfig
from tts.data.measured import MeasuredClip
from tts.data.pace import Pace, robust_scale
from tts.text.normalize import normalize

__all__ = ["among_others", "by_itself", "of_the_corpus", "same_sounds"]

FloatArray = npt.NDArray[np.float32]

_MIN_SNR_DB = 15.0
_MAX_DC = 0.01
_MAX_PAUSE_S = 1.0
_MAX_SILENCE_S = 1.0
_MIN_BANDWIDTH = 0.6  # of half the sample rate
_FAR = 4.0  # standard deviations
_MIN_MISFIT = 1.3  # a clip's length over the one expected
_FAR_PACE = 5.0
_MIN_LEVEL_LU = 6.0
_MIN_OTHERS = 8
_LITTLE_S = 20 * 60.0
_FEW = 32  # clips, of which no mean is known well
_ALIKE, _ALIKE_OF_FEW = (
    0.975,
    0.99,
)  # other takes of one sentence by one voice reach 0.958 and 0.980
_SAME_LENGTH = 0.05
_BLOCK = 512
_SIGNS = re.compile(r"[0-9$£€¥%&@#+=°²³/]")


def by_itself(clip: MeasuredClip, config: PrepareConfig) -> Iterator[Finding]:
    """What is unusual in a clip, whatever the others are."""
    text, sound = clip.clip.text, clip.sound
    if signs := _SIGNS.findall(text):
        read = normalize(text, config.language)
        message = f"its text holds {''.join(dict.fromkeys(signs))!r}, read as {read!r}"
        yield _of(clip, "note", "digits", message, "write it as it is spoken", float(len(signs)))
    if sound is None:
        return
    length_s = min(sound.lead_s, config.lead_s) + min(sound.tail_s, config.tail_s)
    length_s += sound.seconds - sound.lead_s - sound.tail_s
    if not config.min_s <= length_s <= config.max_s:
        bounds = f"{config.min_s:g} to {config.max_s:g} s are kept"
        message = f"is {length_s:.1f} s long without its silence: {bounds}"
        yield _of(clip, "warning", "length", message, "cut it, or leave it out", length_s)
    if sound.snr_db < _MIN_SNR_DB:
        message = f"its quietest moments are only {sound.snr_db:.0f} dB below the speech"
        hint = "listen: hum, a fan or a room? clean it, or leave it out"
        yield _of(clip, "warning", "noise", message, hint, -sound.snr_db)
    half_rate = sound.sample_rate / 2
    if (
        sound.sample_rate >= config.mel.sample_rate
        and sound.bandwidth_hz < _MIN_BANDWIDTH * half_rate
    ):
        message = f"nothing is heard above {sound.bandwidth_hz:.0f} Hz, though it could hold {half_rate:g}"
        hint = "look for the recording before it was compressed or converted"
        yield _of(clip, "warning", "narrow band", message, hint, half_rate - sound.bandwidth_hz)
    if sound.pause_s > _MAX_PAUSE_S:
        message = f"pauses for {sound.pause_s:.1f} s between its words"
        hint = "shorten the pause, or cut the clip in two: the attention stumbles over silence"
        yield _of(clip, "warning", "pause", message, hint, sound.pause_s)
    if abs(sound.dc) > _MAX_DC:
        message = f"its wave swings around {sound.dc:+.3f}, not around 0"
        hint = "sox IN OUT highpass 20: silence is not found at its ends as it is"
        yield _of(clip, "warning", "offset", message, hint, abs(sound.dc))
    for seconds, place in ((sound.lead_s, "before"), (sound.tail_s, "after")):
        if seconds > _MAX_SILENCE_S:
            message = f"{seconds:.1f} s of silence {place} the speech; `tts prepare` cuts it off"
            yield _of(clip, "note", "silence", message, "nothing needs to be done", seconds)


def among_others(clips: Sequence[MeasuredClip], pace: Pace | None) -> Iterator[Finding]:
    """What of some clips of one speaker lies far from the rest."""
    heard = [clip for clip in clips if clip.sound and clip.phonemes]
    misfits = list(_misfits(heard, pace)) if pace else []
    yield from misfits
    if len(heard) < _MIN_OTHERS:
        return
    told = {misfit.clip for misfit in misfits}
    paces = np.log([max(clip.chars_per_s, 0.1) for clip in heard])
    usual = math.exp(float(np.median(paces)))
    for clip, z in zip(heard, _deviations(paces, 0.1), strict=True):
        if abs(z) >= _FAR_PACE and clip.clip.id not in told:
            message = f"{clip.chars_per_s:.1f} characters a second, where {usual:.1f} are usual"
            hint = "listen whether text and sound agree"
            yield _of(clip, "note", "pace", message, hint, abs(z))
    levels = np.array([clip.sound.level_lufs for clip in heard if clip.sound])
    aways = levels - np.median(levels)
    for clip, away, z in zip(heard, aways, _deviations(levels, 1.0), strict=True):
        if abs(z) >= _FAR and abs(away) >= _MIN_LEVEL_LU:
            side = "louder" if away > 0 else "quieter"
            message = (
                f"is {abs(away):.0f} LU {side} than most; `tts prepare` levels it, noise and all"
            )
            hint = "nothing, unless it sounds unlike the others"
            yield _of(clip, "note", "level", message, hint, abs(away))


def _misfits(clips: Sequence[MeasuredClip], pace: Pace) -> Iterator[Finding]:
    """Clips that are too long or too short for their text."""
    for clip in clips:
        assert clip.sound is not None
        speech_s, n_phonemes = clip.sound.speech_s, len(clip.phonemes)
        ratio = max(speech_s, 0.01) / pace.expected_s(n_phonemes)
        deviation = abs(pace.deviation(n_phonemes, speech_s))
        if deviation < _FAR or max(ratio, 1.0 / ratio) < _MIN_MISFIT:
            continue
        suspicion = (
            "are words missing from the text, or is there noise or a long breath?"
            if ratio > 1.0
            else "is the sound cut off, or does the text say more than the voice?"
        )
        message = (
            f"{speech_s:.1f} s of speech, where its text lets expect "
            f"{pace.expected_s(n_phonemes):.1f} s: {suspicion}"
        )
        hint = "listen, and mend the text or the sound"
        yield _of(clip, "warning", "misfit", message, hint, deviation)


def same_sounds(clips: Sequence[MeasuredClip]) -> Iterator[Finding]:
    """Recordings that are there under two ids, also when level, format or silence around them differ."""
    heard = [clip for clip in clips if clip.sound is not None and clip.fingerprint is not None]
    if len(heard) < 2:
        return
    prints = np.stack([clip.fingerprint for clip in heard if clip.fingerprint is not None])
    alike = _ALIKE_OF_FEW
    if len(heard) >= _FEW:  # what all speech of a voice has in common tells nothing
        prints, alike = prints - prints.mean(axis=0), _ALIKE
    prints /= np.linalg.norm(prints, axis=1, keepdims=True) + 1e-9
    told: set[int] = set()
    for i, j in _pairs(prints, alike):
        clip, other = heard[i], heard[j]
        assert clip.sound is not None and other.sound is not None
        lengths = clip.sound.speech_s, other.sound.speech_s
        if i in told or max(lengths) > (1.0 + _SAME_LENGTH) * min(lengths) + 0.03:
            continue
        told.add(i)
        exact = clip.sound.digest == other.sound.digest
        how = "is sample by sample" if exact else "sounds like"
        message = f"{how} the recording of {other.clip.id}"
        if clip.clip.text != other.clip.text:
            message += f", but their texts differ: {clip.clip.text!r}, {other.clip.text!r}"
        weight = 2.0 * (clip.clip.text != other.clip.text) + exact
        yield _of(clip, "warning", "same sound", message, "keep one of the two", weight)


def _pairs(prints: FloatArray, alike: float) -> Iterator[tuple[int, int]]:
    """The rows `(i, j)`, j before i, whose product is large enough, in blocks that fit into memory."""
    for start in range(0, len(prints), _BLOCK):
        block = prints[start : start + _BLOCK]
        products = block @ prints[: start + len(block)].T
        for row, j in np.argwhere(products >= alike):
            if j < start + row:
                yield start + int(row), int(j)


def of_the_corpus(clips: Sequence[MeasuredClip]) -> Iterator[Finding]:
    """What is worth saying of the clips as a whole."""
    takes = {text: n for text, n in Counter(c.clip.text for c in clips).items() if n > 1}
    if takes:
        text, most = max(takes.items(), key=lambda item: item[1])
        n = f"{len(takes)} text{'s are' if len(takes) > 1 else ' is'}"
        message = f"{n} there more than once, up to {most} times: {text!r}"
        hint = "nothing: takes of one text are kept on one side, training or validation"
        yield Finding(severity="note", cause="takes", message=message, hint=hint)
    seconds = sum(clip.sound.seconds for clip in clips if clip.sound)
    if 0 < seconds < _LITTLE_S:
        message = f"{seconds / 60:.1f} minutes of sound are little to learn a voice from"
        hint = "record an hour or more, or adapt a voice that is trained already"
        yield Finding(severity="note", cause="amount", message=message, hint=hint)


def _deviations(values: npt.NDArray[np.float64], least: float) -> npt.NDArray[np.float64]:
    """Standard deviations from the median, robustly; `least` is the smallest one assumed."""
    return (values - np.median(values)) / max(robust_scale(values), least)


def _of(
    clip: MeasuredClip, severity: Severity, cause: str, message: str, hint: str, weight: float
) -> Finding:
    return Finding(
        severity=severity,
        cause=cause,
        message=f"{clip.clip.id}: {message}",
        hint=hint,
        clip=clip.clip.id,
        weight=weight,
    )
