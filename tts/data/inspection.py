"""One clip looked at before anything is computed of it: its text, and its sound."""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tts.audio.loudness import loudness_lufs
from tts.audio.wav import read_wav
from tts.data.corpus import Clip
from tts.data.findings import Finding
from tts.data.manifest import PrepareConfig
from tts.data.sound import clipped_samples, cut_off
from tts.errors import AudioError, ConfigError, TextError
from tts.text import SymbolTable, TextFrontEnd, Word, corpus_symbols, is_english

__all__ = ["Recording", "corpus_front_end", "inspect_sound", "inspect_texts"]

FloatArray = npt.NDArray[np.float32]

_SILENT_PEAK = 0.001  # 60 dB below full scale
_CLIPPED_SHARE = 1e-4  # so few samples of a clip at the top are no harm


@dataclass(frozen=True, eq=False, slots=True)
class Recording:
    """The sound of a clip, its channels mixed. Shape: samples (S,)."""

    samples: FloatArray
    sample_rate: int
    n_channels: int


def corpus_front_end(config: PrepareConfig) -> TextFrontEnd:
    """What reads the texts of a corpus, which tells the symbols of other languages than American English.

    Raises:
        ConfigError: when letters are to be read in a language whose letters are not known.
    """
    if config.input != "phonemes" and not is_english(config.language):
        raise ConfigError(
            f"the input {config.input!r} is of English, and the language is {config.language!r}",
            hint="prepare with --input phonemes",
        )
    symbols = SymbolTable(corpus_symbols(config.input, config.language, ()))
    return TextFrontEnd(
        symbols,
        config.language,
        any_symbol=config.language != "en-us",
        heteronyms=False,
        phonemizer=config.phonemizer,
    )


def inspect_texts(
    clips: Sequence[Clip], front_end: TextFrontEnd, advance: Callable[[], None]
) -> tuple[dict[str, list[Word]], list[Finding]]:
    """The words of each text as read, and what is wrong with the texts; a text of several takes is told once.

    Args:
        clips: the clips.
        front_end: what speaks them.
        advance: called once a clip.
    """
    words: dict[str, list[Word]] = {}
    findings: list[Finding] = []
    seen: set[str] = set()
    for clip in clips:
        advance()
        if clip.text in seen:
            continue
        seen.add(clip.text)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                words[clip.text] = front_end.words_of(clip.text)
            except TextError as error:
                findings.append(_error(clip, "no speech", f"its text: {error}", error.hint))
        findings += [
            _warning(clip, "unspoken", str(warning.message), "write it in words")
            for warning in caught
        ]
    return words, findings


def inspect_sound(
    clip: Clip, sample_rate: int, *, resample: bool = False
) -> tuple[Recording | None, list[Finding]]:
    """The sound of a clip, unless something of it stops `prepare`, and what is wrong with it.

    Args:
        clip: the clip; its file is there.
        sample_rate: of the corpus.
        resample: whether another one will do.
    """
    where = f"({clip.audio_path}): "
    try:
        samples, rate = read_wav(clip.audio_path)
        if missing := cut_off(clip.audio_path):
            raise AudioError(f"{clip.audio_path}: is cut off: {missing}")
    except AudioError as error:  # it names the file
        hint = "replace the file, or remove its line"
        return None, [_error(clip, "unreadable", str(error), hint)]
    if rate != sample_rate and not resample:
        hint = (
            f"convert it (sox IN -r {sample_rate} OUT, or ffmpeg -i IN -ar {sample_rate} OUT), "
            "or prepare with --resample"
        )
        message = f"{where}its sample rate is {rate} Hz, expected {sample_rate} Hz"
        return None, [_error(clip, "sample rate", message, hint)]
    if not np.isfinite(samples).all():
        message = f"{where}holds samples that are no numbers"
        return None, [_error(clip, "no numbers", message, "export it again")]
    if np.abs(samples).max() < _SILENT_PEAK or not math.isfinite(loudness_lufs(samples, rate)):
        hint = "record it again, or remove its line from metadata.csv"
        return None, [_error(clip, "silent", f"{where}is silent", hint)]
    recording = Recording(samples, rate, _n_channels(clip))
    return recording, _doubts(clip, recording, sample_rate)


def _doubts(clip: Clip, recording: Recording, sample_rate: int) -> list[Finding]:
    """What does not stop `prepare`, but will be heard."""
    findings = []
    share = clipped_samples(recording.samples) / len(recording.samples)
    if share > _CLIPPED_SHARE:
        findings.append(
            _warning(
                clip,
                "clipped",
                f"is clipped: {share:.2%} of its samples are at the very top of the wave",
                "record it again with less gain; a voice learns the crackle",
                share,
            )
        )
    if recording.n_channels > 1:
        findings.append(
            _warning(
                clip,
                "channels",
                f"has {recording.n_channels} channels, which are mixed to one",
                "keep the better one if the microphones stood apart: sox IN OUT remix 1",
            )
        )
    if recording.sample_rate < sample_rate:
        findings.append(
            _warning(
                clip,
                "narrow band",
                f"was recorded at {recording.sample_rate} Hz: nothing of it lies above "
                f"{recording.sample_rate / 2:g} Hz",
                "leave such clips out: a voice takes on their dull sound",
                float(sample_rate - recording.sample_rate),
            )
        )
    return findings


def _n_channels(clip: Clip) -> int:
    import soundfile

    return int(soundfile.info(str(clip.audio_path)).channels)


def _error(clip: Clip, cause: str, message: str, hint: str) -> Finding:
    colon = " " if message.startswith("(") else ": "
    return Finding(
        severity="error",
        cause=cause,
        message=f"{clip.id}{colon}{message}",
        hint=hint,
        clip=clip.id,
    )


def _warning(clip: Clip, cause: str, message: str, hint: str, weight: float = 0.0) -> Finding:
    return Finding(
        severity="warning",
        cause=cause,
        message=f"{clip.id}: {message}",
        hint=hint,
        clip=clip.id,
        weight=weight,
    )
