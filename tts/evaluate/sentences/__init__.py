"""What is spoken: held-out clips of a corpus, the lines of a file, or one of the lists that ship."""

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal, TypeVar

from tts.audio.wav import Audio, read_wav
from tts.data.corpus import Clip, read_ljspeech
from tts.data.prepare import Utterance
from tts.data.prepared import PreparedCorpus, Split
from tts.errors import CorpusError, TextError

__all__ = ["Sentence", "held_out_sentences", "lines_of", "shipped_sentences", "speaker_recordings"]

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One text.

    Attributes:
        id: what the sounds of it are called.
        text: what is to be said.
        recording: a natural recording of it, if there is one.
    """

    id: str
    text: str
    recording: Path | None = None


def held_out_sentences(
    corpus: Path, prepared: Path, n: int | None = None, speaker: str | None = None
) -> list[Sentence]:
    """One clip of each of `n` texts that `tts prepare` kept out of training, evenly chosen.

    Args:
        corpus: the recordings.
        prepared: what `tts prepare` made of them, and maybe of other corpora.
        n: how many; all without it.
        speaker: whose clips; anyone's without it.

    Raises:
        CorpusError: when either folder is none, they do not belong together, or nothing was held out.
    """
    by_id = _clips(corpus)
    held_out = _utterances(prepared, "validation", speaker)
    if not held_out:
        whose = "" if speaker is None else f" of {speaker!r}"
        raise CorpusError(
            f"{prepared}: holds no clip{whose} out of training",
            hint="give sentences: --plain, --hard or --texts",
        )
    by_text = {item.text: _clip(by_id, item.id, corpus, prepared) for item in reversed(held_out)}
    clips = _evenly([by_text[text] for text in sorted(by_text)], n)
    return [Sentence(clip.id, clip.text, clip.audio_path) for clip in clips]


def speaker_recordings(
    corpus: Path, prepared: Path, n: int = 30, speaker: str | None = None
) -> list[Audio]:
    """Recordings of the training texts, evenly chosen, to know the speaker by.

    The arguments are those of `held_out_sentences`.

    Raises:
        CorpusError, AudioError: when a folder is none, they do not belong together, or a sound is broken.
    """
    by_id = _clips(corpus)
    chosen = _evenly(_utterances(prepared, "train", speaker), n)
    clips = [_clip(by_id, item.id, corpus, prepared) for item in chosen]
    return [Audio(*read_wav(clip.audio_path)) for clip in clips]


def shipped_sentences(name: Literal["plain", "hard"]) -> list[Sentence]:
    """The 60 plain or the 100 hard sentences that come with the package."""
    path = resources.files("tts.evaluate.sentences").joinpath(f"{name}.txt")
    return _lines(path.read_text(encoding="utf-8"), name)


def lines_of(path: Path) -> list[Sentence]:
    """The sentences of a text file, one a line; empty lines are passed over.

    Raises:
        TextError: when it cannot be read or holds nothing.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise TextError(
            f"{path}: cannot be read: {error.strerror}", hint="give a UTF-8 text file"
        ) from None
    except UnicodeDecodeError as error:
        raise TextError(
            f"{path}: is not UTF-8 text, at byte {error.start + 1}",
            hint="convert it: iconv -f WINDOWS-1252 -t UTF-8 FILE",
        ) from None
    sentences = _lines(content, path.stem)
    if not sentences:
        raise TextError(f"{path}: holds no sentence", hint="write one sentence a line")
    return sentences


def _lines(content: str, name: str) -> list[Sentence]:
    """Each line by its number: NAME-001 is the first, whatever lies between."""
    lines = enumerate(content.splitlines(), start=1)
    return [Sentence(f"{name}-{i:03d}", line.strip()) for i, line in lines if line.strip()]


def _utterances(prepared: Path, split: Split, speaker: str | None) -> list[Utterance]:
    """The utterances of a split that a speaker says, or anyone."""
    utterances = PreparedCorpus.load(prepared).utterances(split)
    return [item for item in utterances if speaker in (None, item.speaker)]


def _clips(corpus: Path) -> dict[str, Clip]:
    return {clip.id: clip for clip in read_ljspeech(corpus)}


def _clip(by_id: dict[str, Clip], clip_id: str, corpus: Path, prepared: Path) -> Clip:
    if clip_id not in by_id:
        raise CorpusError(
            f"{corpus}: has no clip {clip_id!r}, which {prepared} was prepared from",
            hint="give the corpus that `tts prepare` was given",
        )
    return by_id[clip_id]


def _evenly(items: list[Item], n: int | None) -> list[Item]:
    """`n` of the items, evenly chosen; all of them when there are no more."""
    n = len(items) if n is None else n
    return items[:: max(1, len(items) // n)][:n]
