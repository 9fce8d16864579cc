"""From a corpus to what models train on: checked, trimmed, levelled sound with its mel and phonemes.

    OUT/
      corpus.json           `CorpusHeader`: the settings, the symbols, where the features are
      manifest.jsonl        `Utterance`: one line a clip
      features-<key>/       ID.safetensors each: mel (M, T) float32, audio (T * hop,) int16

The key is a hash of all that the features depend on, so changed settings never meet old features. The
whole corpus is checked before anything is written, and every file is there whole or not at all.
"""

import itertools
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tts.audio.loudness import normalise_loudness
from tts.audio.mel import mel_spectrogram
from tts.audio.wav import read_wav
from tts.config import to_dict
from tts.data.corpus import Clip, find_clips
from tts.data.features import read_array, read_shape, write_arrays
from tts.data.findings import Finding, raise_errors
from tts.data.inspection import corpus_front_end, inspect_sound, inspect_texts
from tts.data.manifest import CORPUS_FORMAT, FULL_SCALE, CorpusHeader, PrepareConfig, Utterance
from tts.data.parallel import parallel_map
from tts.errors import CorpusError
from tts.files import whole_file
from tts.text import Word, corpus_symbols, sentence_of

__all__ = ["PrepareSummary", "prepare", "validation_texts"]

_MAX_PEAK = 0.99
_NAMED = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class PrepareSummary:
    """What `prepare` did.

    Attributes:
        folder: the prepared corpus.
        speakers: who speaks in it.
        n_train, n_validation: clips of either split.
        n_cached: clips whose features were there already.
        seconds: length of all clips.
        skipped: one line for each clip that was left out, saying which and why.
        warnings: one line for each text of which something could not be spoken, and for each sound, if it
            was analysed in this call, that harms a voice.
    """

    folder: Path
    speakers: tuple[str, ...]
    n_train: int
    n_validation: int
    n_cached: int
    seconds: float
    skipped: tuple[str, ...]
    warnings: tuple[str, ...]


def prepare(
    corpora: Path | Sequence[Path],
    out: Path,
    config: PrepareConfig | None = None,
    *,
    n_jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> PrepareSummary:
    """Prepares corpora in LJSpeech's layout as one; features that are there already are kept.

    Args:
        corpora: the folder with `metadata.csv` and `wavs/`, or several of them.
        out: the folder to write; it may hold an earlier preparation.
        config: how; the defaults when there is none.
        n_jobs: processes to use; 1 stays in this one.
        progress: called with the clips done, as far as all stages of the work are, and their number.

    Raises:
        CorpusError: naming all that is wrong with the corpus; then `out` is as it was.
        PhonemizerError: when eSpeak NG cannot be used.
        ConfigError: when letters are to be read in another language than English.
    """
    config = config or PrepareConfig()
    folders = [corpora] if isinstance(corpora, Path) else list(corpora)
    clips, findings = find_clips(folders)
    findings += _unknown_clips(config.hold_out, clips)
    folder = out / f"features-{config.features_key}"
    fresh = {clip.id for clip in clips if _is_fresh(clip, folder)}
    stale = [clip for clip in clips if clip.id not in fresh]
    # The text of every clip is read; the sound of a stale one is checked, and then analysed.
    n_stages, stages = len(clips) + 2 * len(stale), itertools.count(1)

    def advance() -> None:
        if progress is not None:
            progress(next(stages) * len(clips) // n_stages, len(clips))

    words, more = inspect_texts(clips, corpus_front_end(config), advance)
    findings += more
    for more in parallel_map(partial(_inspect, config=config), stale, n_jobs):
        findings += more
        advance()
    raise_errors(findings, folders)

    try:
        folder.mkdir(parents=True, exist_ok=True)
        left = [
            *folder.glob(".*.part"),
            *out.glob(".corpus.json.*"),
            *out.glob(".manifest.jsonl.*"),
        ]
        for path in left:  # by a process that was killed
            path.unlink()
        write = partial(_write_features, config=config, folder=folder)
        for _ in parallel_map(write, stale, n_jobs):
            advance()
        name = " + ".join(corpus.resolve().name for corpus in folders)
        doubts = [finding.message for finding in findings]
        return _write_manifest(clips, out, folder, config, words, doubts, name, len(fresh))
    except OSError as error:
        raise CorpusError(
            f"{error.filename or out}: cannot be written: {error.strerror}",
            hint="choose another folder, or make room",
        ) from None


def validation_texts(texts: Iterable[str], n: int) -> set[str]:
    """The texts to hold out: `n` evenly spread ones, or one in ten if that is fewer.

    A text stands for all its takes, so that no sentence is on both sides.
    """
    ordered = sorted(set(texts))
    n = min(n, max(len(ordered) // 10, 1 if len(ordered) > 1 else 0))
    if n == 0:
        return set()
    spacing = len(ordered) // n
    first = 13 if spacing > 13 else spacing // 2
    return set(ordered[first::spacing][:n])


# -- before anything is written -----------------------------------------------------------------------


def _unknown_clips(hold_out: Sequence[str], clips: Sequence[Clip]) -> list[Finding]:
    """The ids to hold out that are none."""
    unknown = sorted(set(hold_out) - {clip.id for clip in clips})
    if not unknown:
        return []
    more = f", nor {len(unknown) - _NAMED} others of the list" if len(unknown) > _NAMED else ""
    named = ", ".join(map(repr, unknown[:_NAMED]))
    return [
        Finding(
            severity="error",
            cause="hold out",
            message=f"to hold out: there is no clip {named}{more}",
            hint="name clips of metadata.csv, without the ending of their file",
        )
    ]


def _inspect(clip: Clip, config: PrepareConfig) -> list[Finding]:
    """What is wrong with the sound of a clip; a missing one is told with the metadata."""
    if not clip.audio_path.is_file():
        return []
    return inspect_sound(clip, config.mel.sample_rate, resample=config.resample)[1]


def _is_fresh(clip: Clip, folder: Path) -> bool:
    """Whether the features of a clip are there, made of the file as it is now."""
    try:
        return bool((read_array(_features(clip, folder), "source") == _source(clip)).all())
    except (OSError, ValueError):
        return False


def _features(clip: Clip, folder: Path) -> Path:
    return folder / f"{clip.id}.safetensors"


def _source(clip: Clip) -> npt.NDArray[np.int64]:
    """Tells one state of a sound file from another: its size and the time of its last change."""
    stat = clip.audio_path.stat()
    return np.array([stat.st_size, stat.st_mtime_ns])


# -- features -----------------------------------------------------------------------------------------


def _write_features(clip: Clip, config: PrepareConfig, folder: Path) -> None:
    """Writes the mel and the sound of one clip, whole or not at all."""
    import librosa

    hop, sample_rate = config.mel.hop, config.mel.sample_rate
    samples, rate = read_wav(clip.audio_path)
    if rate != sample_rate:
        samples = librosa.resample(samples, orig_sr=rate, target_sr=sample_rate)
    _, (start, end) = librosa.effects.trim(
        samples, top_db=config.trim_db, frame_length=1024, hop_length=256
    )
    start = max(0, start - int(config.lead_s * sample_rate))
    end = min(len(samples), end + int(config.tail_s * sample_rate))
    samples = normalise_loudness(samples[start:end], sample_rate, config.level_lufs, peak=_MAX_PEAK)
    samples = np.pad(samples, (0, -len(samples) % hop))
    audio = np.round(samples * FULL_SCALE).astype(np.int16)
    # The mel is that of the stored sound, so that the two agree to the last bit.
    mel = mel_spectrogram(audio.astype(np.float32) / np.float32(FULL_SCALE), config.mel)
    write_arrays(_features(clip, folder), mel=mel, audio=audio, source=_source(clip))


# -- the manifest -------------------------------------------------------------------------------------


def _write_manifest(
    clips: Sequence[Clip],
    out: Path,
    folder: Path,
    config: PrepareConfig,
    words: dict[str, list[Word]],
    doubts: list[str],
    name: str,
    n_cached: int,
) -> PrepareSummary:
    """Writes `manifest.jsonl` and `corpus.json`, once all features are there."""
    held_out = {clip.text for clip in clips if clip.id in config.hold_out} or validation_texts(
        (clip.text for clip in clips), config.n_validation_texts
    )
    utterances: list[Utterance] = []
    skipped: list[str] = []
    for clip in clips:
        n_frames = read_shape(_features(clip, folder), "mel")[1]
        seconds = n_frames / config.mel.frames_per_second
        if not config.min_s <= seconds <= config.max_s:
            bound = (
                f"min_s {config.min_s:g}" if seconds < config.min_s else f"max_s {config.max_s:g}"
            )
            skipped.append(f"{clip.id}: {seconds:.2f} s long, {bound}")
            continue
        utterances.append(
            Utterance(
                id=clip.id,
                speaker=clip.speaker,
                text=clip.text,
                phonemes=sentence_of(word.symbols for word in words[clip.text]),
                n_frames=n_frames,
                split="validation" if clip.text in held_out else "train",
                words=tuple(words[clip.text]) if config.input == "mixed" else (),
            )
        )
    read = [text for u in utterances for text in (u.phonemes, *itertools.chain(*u.words))]
    n_train = sum(utterance.split == "train" for utterance in utterances)
    if n_train == 0:
        raise CorpusError(
            f"{name}: no clip is left to train on",
            hint=f"clips must be {config.min_s:g} to {config.max_s:g} s long: "
            "change min_s and max_s, or cut the recordings",
        )
    header = CorpusHeader(
        format=CORPUS_FORMAT,
        name=name,
        config=config,
        features=folder.name,
        symbols=corpus_symbols(config.input, config.language, read),
        speakers=tuple(dict.fromkeys(utterance.speaker for utterance in utterances)),
        n_train=n_train,
        n_validation=len(utterances) - n_train,
    )
    lines = [json.dumps(to_dict(utterance), ensure_ascii=False) for utterance in utterances]
    text = json.dumps(to_dict(header), ensure_ascii=False, indent=2)
    with (
        whole_file(out / "corpus.json") as header_path,  # which takes its place last
        whole_file(out / "manifest.jsonl") as manifest_path,
    ):
        manifest_path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        header_path.write_text(text + "\n", encoding="utf-8")
        # From here on until both are there, the folder is no prepared corpus rather than half of two.
        (out / "corpus.json").unlink(missing_ok=True)
    return PrepareSummary(
        folder=out,
        speakers=header.speakers,
        n_train=n_train,
        n_validation=header.n_validation,
        n_cached=n_cached,
        seconds=sum(u.n_frames for u in utterances) / config.mel.frames_per_second,
        skipped=tuple(skipped),
        warnings=tuple(doubts),
    )
