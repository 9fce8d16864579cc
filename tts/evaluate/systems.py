"""Who speaks: the voice, nature, the vocoder alone, the acoustic model alone, or a folder of sounds.

voice           text -> acoustic model -> mel -> vocoder
natural         the recording
copy synthesis  recording -> mel -> vocoder: the best that the vocoder lets an acoustic model sound
Griffin-Lim     text -> acoustic model -> mel -> Griffin-Lim: the same mels without the vocoder
"""

import contextlib
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tts.acoustic.speech import Spoken
from tts.audio.loudness import normalise_loudness
from tts.audio.mel import mel_spectrogram
from tts.audio.wav import FORMATS, Audio, read_wav
from tts.errors import AudioError, AuditWarning
from tts.evaluate.resample import at_rate
from tts.evaluate.sentences import Sentence
from tts.voice import Decoded, Voice, load_voice

__all__ = [
    "SYSTEMS",
    "Sample",
    "System",
    "natural",
    "recording_of",
    "sounds_system",
    "voice_systems",
]

SYSTEMS: dict[str, str] = {
    "voice": "the voice",
    "natural": "natural recordings",
    "copy": "copy synthesis",
    "griffin_lim": "Griffin-Lim",
    "sounds": "the sounds",
}
"""The keys of the systems and what people call them, in the order of the table."""

_PREPARED_LUFS = -23.0  # the loudness that `tts prepare` gives its clips
_PREPARED_PEAK = 0.99
_READY = Sentence("ready", "Ready.")
_NAMED = 5


@dataclass(frozen=True, eq=False, slots=True)
class Sample:
    """A sentence as a system speaks it.

    Attributes:
        audio: the sound.
        seconds: what making it took; None where nothing was made.
        outputs: what the acoustic model gave, an utterance each.
        frames_per_second: of those outputs.
    """

    audio: Audio
    seconds: float | None = None
    outputs: tuple[Spoken, ...] = ()
    frames_per_second: float = 1.0


System = Callable[[Sentence], Sample]


def voice_systems(
    folder: Path, seed: int, *, recordings: bool, speaker: str | None = None
) -> dict[str, System]:
    """The systems of a voice; nature and copy synthesis only where there are recordings.

    Args:
        folder: of the voice.
        seed: of what is random.
        recordings: whether there are any.
        speaker: which of the voice's speakers; None is the first.

    Raises:
        CheckpointError: when the voice is broken.
    """
    voice = load_voice(folder)
    griffin_lim = load_voice(folder, vocoder="griffin_lim")
    for each in (voice, griffin_lim):
        _speak(each, _READY, seed, speaker)  # what the first call loads is not the pace of a voice
    systems: dict[str, System] = {"voice": lambda sentence: _speak(voice, sentence, seed, speaker)}
    if recordings:
        systems["natural"] = natural
        systems["copy"] = lambda sentence: _copy(voice, sentence, seed, speaker)
    systems["griffin_lim"] = lambda sentence: _speak(griffin_lim, sentence, seed, speaker)
    return systems


def sounds_system(folder: Path, sentences: list[Sentence]) -> System:
    """Another system's speech: the file ID.wav or ID.flac of each sentence.

    Raises:
        AudioError: naming the sounds that are missing, or else those that are broken.
    """
    paths = {sentence.id: _sound_path(folder, sentence.id) for sentence in sentences}
    missing = [name for name, path in paths.items() if path is None]
    if missing:
        names = ", ".join(missing[:_NAMED]) + (", ..." if len(missing) > _NAMED else "")
        raise AudioError(
            f"{folder}: {len(missing)} of {len(paths)} sounds are missing: {names}",
            hint="name each sound after its sentence, ID.wav or ID.flac, or choose fewer with -n",
        )
    broken = []
    for path in paths.values():
        try:
            _read(path)
        except AudioError as error:
            broken.append(str(error))
    if broken:
        lines = [f"{folder}: {len(broken)} of {len(paths)} sounds are broken", *broken[:_NAMED]]
        lines += [f"... and {len(broken) - _NAMED} more"] if len(broken) > _NAMED else []
        raise AudioError("\n  ".join(lines), hint="make them again, or choose fewer with -n")
    return lambda sentence: Sample(_read(paths[sentence.id]))


def natural(sentence: Sentence) -> Sample:
    """The recording."""
    return Sample(recording_of(sentence))


def recording_of(sentence: Sentence) -> Audio:
    """The natural recording of a sentence that has one."""
    return _read(sentence.recording)


def _sound_path(folder: Path, name: str) -> Path | None:
    return next((p for p in (folder / f"{name}{ext}" for ext in FORMATS) if p.is_file()), None)


def _read(path: Path | None) -> Audio:
    assert path is not None
    samples, sample_rate = read_wav(path)
    if not np.isfinite(samples).all():
        raise AudioError(f"{path}: holds samples that are no numbers", hint="export it again")
    return Audio(samples, sample_rate)


def _speak(voice: Voice, sentence: Sentence, seed: int, speaker: str | None) -> Sample:
    with _watched(voice) as outputs, warnings.catch_warnings():
        warnings.simplefilter("ignore", AuditWarning)  # it is counted instead
        start = time.perf_counter()
        # One thread: what the model gives is in order, and the time does not depend on the cores.
        audio = voice.synthesize(sentence.text, seed=seed, speaker=speaker, threads=1)
        seconds = time.perf_counter() - start
    rate = voice.acoustic.mel_config.frames_per_second
    return Sample(audio, seconds, tuple(outputs), rate)


def _copy(voice: Voice, sentence: Sentence, seed: int, speaker: str | None) -> Sample:
    """What the vocoder makes of the recording's mel, prepared as in training."""
    mel_config = voice.acoustic.mel_config
    samples = at_rate(recording_of(sentence), mel_config.sample_rate)
    samples = normalise_loudness(
        samples, mel_config.sample_rate, _PREPARED_LUFS, peak=_PREPARED_PEAK
    )
    mel = mel_spectrogram(samples, mel_config)
    start = time.perf_counter()
    sound = np.concatenate(list(voice.vocode(mel, seed=seed, speaker=speaker)))
    seconds = time.perf_counter() - start
    audio = Audio(np.clip(sound, -1.0, 1.0), mel_config.sample_rate)
    return Sample(audio, seconds)


@contextlib.contextmanager
def _watched(voice: Voice) -> Iterator[list[Spoken]]:
    """What the acoustic model says while the block runs, retakes apart; a voice keeps only the sound."""
    outputs: list[Spoken] = []
    decode = voice.decode

    def watch(*args: object, **options: object) -> Decoded:
        decoded = decode(*args, **options)  # type: ignore[arg-type]
        outputs.append(decoded.spoken)
        return decoded

    voice.decode = watch  # type: ignore[method-assign]
    try:
        yield outputs
    finally:
        del voice.decode
