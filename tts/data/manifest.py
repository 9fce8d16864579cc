"""What a prepared corpus is: the settings it was made with, and what its two text files hold."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Literal

from tts.audio.mel import MelConfig
from tts.config import to_dict
from tts.text import PhonemizerName, TextInput

__all__ = ["CORPUS_FORMAT", "FULL_SCALE", "CorpusHeader", "PrepareConfig", "Utterance"]

CORPUS_FORMAT = 2

FULL_SCALE = 32767
"""What 1.0 is in the int16 sound of the features."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PrepareConfig:
    """How a corpus is prepared.

    Attributes:
        mel: what a mel spectrogram is; its sample rate is the corpus's.
        language: the language code of eSpeak NG.
        phonemizer: "espeak" or "builtin", which is for US English.
        input: what is read: phonemes, the letters of words, or either, word by word.
        level_lufs: the loudness that every clip is brought to, as far as its peak allows.
        trim_db: what lies this far below a clip's loudest frame, at either end, is cut off ...
        lead_s, tail_s: ... but for so much before the first sound and after the last.
        min_s, max_s: clips that are shorter or longer after that are left out.
        n_validation_texts: texts kept apart to watch the training by, with all their takes.
        hold_out: ids of clips whose texts are kept apart instead, for a split that stays the same.
        resample: convert clips of another sample rate, instead of refusing them.
    """

    mel: MelConfig = field(default_factory=MelConfig)
    language: str = "en-us"
    phonemizer: PhonemizerName = "espeak"
    input: TextInput = "phonemes"
    level_lufs: float = -23.0
    trim_db: float = 30.0
    lead_s: float = 0.05
    tail_s: float = 0.1
    min_s: float = 0.3
    max_s: float = 20.0
    n_validation_texts: int = 40
    hold_out: tuple[str, ...] = ()
    resample: bool = False

    def __post_init__(self) -> None:
        if not -60.0 <= self.level_lufs <= -5.0:
            raise ValueError("level_lufs must be from -60 to -5")
        if self.trim_db <= 0 or min(self.lead_s, self.tail_s) < 0:
            raise ValueError("trim_db must be positive, lead_s and tail_s not negative")
        if not 0 < self.min_s < self.max_s:
            raise ValueError("0 < min_s < max_s must hold")
        if self.n_validation_texts < 0:
            raise ValueError("n_validation_texts must not be negative")

    @property
    def features_key(self) -> str:
        """Names the features that these settings make: a hash of all that they depend on."""
        values = [CORPUS_FORMAT, to_dict(self.mel), self.level_lufs, self.trim_db]
        values += [self.lead_s, self.tail_s]
        return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:12]


@dataclass(frozen=True, kw_only=True, slots=True)
class CorpusHeader:
    """The `corpus.json` of a prepared corpus.

    Attributes:
        format: the format number of the folder.
        name: of the corpus, for people.
        config: how it was prepared.
        features: the folder of the features, inside the prepared corpus.
        symbols: what token ids stand for.
        speakers: who speaks, in the order of their first clips.
        n_train, n_validation: how many clips the manifest lists.
    """

    format: int
    name: str
    config: PrepareConfig
    features: str
    symbols: tuple[str, ...]
    speakers: tuple[str, ...]
    n_train: int
    n_validation: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Utterance:
    """One line of `manifest.jsonl`.

    Attributes:
        id, speaker, text: as the corpus has them.
        phonemes: what is read, from "^" to "$": phonemes, or letters where the corpus is prepared so.
        n_frames: mel frames.
        split: which side it is on.
        words: for mixed input, the phonemes and the letters of each word.
    """

    id: str
    speaker: str
    text: str
    phonemes: str
    n_frames: int
    split: Literal["train", "validation"]
    words: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        if any(len(word) != 2 for word in self.words):
            raise ValueError("words must be pairs of phonemes and letters")
