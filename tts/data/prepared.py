"""A prepared corpus, as `tts.data.prepare` leaves it on the disk."""

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tts.audio.mel import MelConfig
from tts.config import from_dict
from tts.data.features import read_array
from tts.data.manifest import CORPUS_FORMAT, FULL_SCALE, CorpusHeader, Utterance
from tts.errors import ConfigError, CorpusError, TextError
from tts.text import SymbolTable

__all__ = ["PreparedCorpus", "Split"]

Split = Literal["train", "validation"]

_AGAIN = "prepare the corpus again: tts prepare CORPUS OUT"


class PreparedCorpus:
    """The utterances of a prepared corpus with their features.

    Features are read when they are first asked for, and kept as long as all kept ones fit into
    `memory_bytes`; what lies beyond is read from the disk each time.

    Attributes:
        folder: where it is.
        name: of the corpus.
        mel: what its spectrograms are.
        language: the language code of eSpeak NG of its phonemes.
        phonemizer: what made those.
        symbols: what the ids of its tokens stand for.
        speakers: who speaks.
    """

    def __init__(
        self, folder: Path, header: CorpusHeader, utterances: list[Utterance], memory_bytes: int
    ) -> None:
        self.folder = folder
        self.name = header.name
        self.mel: MelConfig = header.config.mel
        self.language = header.config.language
        self.phonemizer = header.config.phonemizer
        self.symbols = SymbolTable(header.symbols)
        self.speakers = header.speakers
        self._features = folder / header.features
        self._utterances = utterances
        self._memory_left = memory_bytes
        self._kept: dict[tuple[str, str], npt.NDArray[Any]] = {}

    @classmethod
    def load(cls, folder: Path, *, memory_bytes: int = 4 << 30) -> "PreparedCorpus":
        """The prepared corpus of a folder.

        Raises:
            CorpusError: when it is missing, broken, of another format, or not complete.
        """
        header = _header(folder / "corpus.json")
        utterances = _manifest(folder / "manifest.jsonl")
        n_train = sum(utterance.split == "train" for utterance in utterances)
        counts = (n_train, len(utterances) - n_train)
        speakers = tuple(dict.fromkeys(utterance.speaker for utterance in utterances))
        if (*counts, speakers) != (header.n_train, header.n_validation, header.speakers):
            raise CorpusError(f"{folder}: manifest.jsonl is not that of corpus.json", hint=_AGAIN)
        present = {path.stem for path in (folder / header.features).glob("*.safetensors")}
        missing = [utterance.id for utterance in utterances if utterance.id not in present]
        if missing:
            raise CorpusError(
                f"{folder / header.features}: {len(missing)} feature files are missing, "
                f"first {missing[0]}.safetensors",
                hint=_AGAIN,
            )
        try:
            return cls(folder, header, utterances, memory_bytes)
        except TextError as error:
            raise CorpusError(f"{folder / 'corpus.json'}: {error}", hint=_AGAIN) from None

    def utterances(self, split: Split | None = None) -> list[Utterance]:
        """The utterances of a split, or all, in the order of the corpus."""
        return [u for u in self._utterances if split is None or u.split == split]

    @property
    def key(self) -> str:
        """A hash of what training sees: tells whether two prepared corpora are the same."""
        lines = [dataclasses.astuple(utterance) for utterance in self._utterances]
        return hashlib.sha256(json.dumps([self._features.name, lines]).encode()).hexdigest()[:16]

    def mel_of(self, utterance: Utterance) -> npt.NDArray[np.float32]:
        """The mel spectrogram. Shape: (M, T)."""
        return self._read(utterance.id, "mel")

    def audio_of(
        self, utterance: Utterance, start: int = 0, stop: int | None = None
    ) -> npt.NDArray[np.float32]:
        """The samples of the frames from `start` up to `stop`. Shape: ((stop - start) * hop,)."""
        hop = self.mel.hop
        stop = utterance.n_frames if stop is None else stop
        samples = self._read(utterance.id, "audio")[start * hop : stop * hop]
        return samples.astype(np.float32) / np.float32(FULL_SCALE)

    def _read(self, name: str, member: str) -> npt.NDArray[Any]:
        kept = self._kept.get((name, member))
        if kept is not None:
            return kept
        path = self._features / f"{name}.safetensors"
        try:
            values = read_array(path, member)
        except (OSError, ValueError) as error:
            raise CorpusError(f"{path}: cannot be read: {error}", hint=_AGAIN) from None
        if values.nbytes <= self._memory_left:
            self._memory_left -= values.nbytes
            self._kept[name, member] = values
        return values


def _header(path: Path) -> CorpusHeader:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CorpusError(
            f"{path.parent}: is no prepared corpus: {path.name}: {error.strerror}", hint=_AGAIN
        ) from None
    except ValueError:
        raise CorpusError(f"{path}: is not valid JSON", hint=_AGAIN) from None
    found = values.get("format") if isinstance(values, dict) else None
    if found != CORPUS_FORMAT:
        raise CorpusError(f"{path}: format {found!r}, expected {CORPUS_FORMAT}", hint=_AGAIN)
    try:
        return from_dict(CorpusHeader, values, where=str(path))
    except ConfigError as error:
        raise CorpusError(str(error), hint=_AGAIN) from None


def _manifest(path: Path) -> list[Utterance]:
    utterances = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: cannot be read: {error}", hint=_AGAIN) from None
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        where = f"{path}, line {number}"
        try:
            utterances.append(from_dict(Utterance, json.loads(line), where=where))
        except ValueError:
            raise CorpusError(f"{where}: is not valid JSON", hint=_AGAIN) from None
        except ConfigError as error:
            raise CorpusError(str(error), hint=_AGAIN) from None
    return utterances
