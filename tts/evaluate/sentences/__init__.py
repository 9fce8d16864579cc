"""What is spoken: held-out clips of a corpus, the lines of a file, or one of the lists that ship."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

from tts.audio.wav import Audio, read_wav
from tts.data.corpus import Clip, read_ljspeech
from tts.data.prepared import PreparedCorpus, Split
from tts.errors import CorpusError, TextError

__all__ = ["Recordings", "Sentence", "lines_of", "shipped_sentences"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One text.

    Attributes:
        id: what the sounds of it are called.
        text: what is to be said.
        recording: a natural recording of it, if there is one.
        language: the language code of eSpeak NG.
    """

    id: str
    text: str
    recording: Path | None = None
    language: str = "en-us"


@dataclass(frozen=True, eq=False, slots=True)
class Recordings:
    """A corpus, and what `tts prepare` made of it, maybe with other corpora.

    Attributes:
        corpus: the folder of the recordings.
        prepared: which texts were held out, and who speaks.
        clips: of the corpus, by their ids.
    """

    corpus: Path
    prepared: PreparedCorpus
    clips: Mapping[str, Clip]

    @classmethod
    def load(cls, corpus: Path, prepared: Path) -> "Recordings":
        """Reads both. Raises CorpusError when either folder is none, or broken."""
        if not corpus.is_dir():
            raise CorpusError(f"{corpus}: no such folder", hint="give the folder of a corpus")
        clips = {clip.id: clip for clip in read_ljspeech(corpus)}
        return cls(corpus, PreparedCorpus.load(prepared), clips)

    def held_out(self, n: int | None = None, speaker: str | None = None) -> list[Sentence]:
        """One clip of each of `n` texts that `tts prepare` kept out of training, evenly chosen.

        Args:
            n: how many; all without it.
            speaker: whose clips; anyone's without it.

        Raises:
            CorpusError: when nothing was held out, or the two folders do not belong together.
        """
        held_out = self._said("validation", speaker)
        if not held_out:
            whose = "" if speaker is None else f" of {speaker!r}"
            raise CorpusError(
                f"{self.prepared.folder}: holds no clip{whose} out of training",
                hint="give sentences: --plain, --hard or --texts",
            )
        by_text = {clip.text: clip for clip in reversed(held_out)}
        texts = sorted(by_text)
        n = min(n or len(texts), len(texts))
        chosen = [by_text[texts[i * len(texts) // n]] for i in range(n)]
        return [Sentence(clip.id, clip.text, clip.audio_path) for clip in chosen]

    def of_speaker(self, n: int = 30, speaker: str | None = None) -> list[Audio]:
        """Recordings of the training texts, every so many, to know the speaker by.

        Other ones would make another figure of each voice: at worst 0.01.

        Args:
            n: how many; all when there are no more.
            speaker: whose; anyone's without it.

        Raises:
            CorpusError, AudioError: when the two folders do not belong together, or a sound is broken.
        """
        clips = self._said("train", speaker)
        chosen = clips[:: max(1, len(clips) // n)][:n]
        return [Audio(*read_wav(clip.audio_path)) for clip in chosen]

    def _said(self, split: Split, speaker: str | None) -> list[Clip]:
        """The clips of a split that a speaker says, or anyone."""
        utterances = self.prepared.utterances(split)
        return [self._clip(item.id) for item in utterances if speaker in (None, item.speaker)]

    def _clip(self, clip_id: str) -> Clip:
        if clip_id not in self.clips:
            raise CorpusError(
                f"{self.corpus}: has no clip {clip_id!r}, which {self.prepared.folder} was prepared from",
                hint="give the corpus that `tts prepare` was given",
            )
        return self.clips[clip_id]


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
