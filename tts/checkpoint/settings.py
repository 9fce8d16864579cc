"""The settings of a voice, in its `voice.json`."""

from dataclasses import dataclass, field
from pathlib import Path

from tts.checkpoint.headers import FORMAT, read_header, write_json
from tts.config import to_dict
from tts.errors import CheckpointError
from tts.files import whole_file
from tts.text.pauses import Pauses
from tts.text.phonemizers import PhonemizerName

__all__ = ["VOICE_FILE", "VoiceConfig", "load_voice_config", "save_voice_config"]

VOICE_FILE = "voice.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class VoiceConfig:
    """The settings of a voice, as its `voice.json` holds them.

    Attributes:
        format: the format number of the file.
        name: what it is called.
        language: the language code of eSpeak NG; the acoustic model must agree.
        phonemizer: "espeak" or "builtin"; files that are older than this setting lack it.
        description: one line for people.
        licence: of the weights.
        temperature: scales the spread of the vocoder's draws.
        sharpening: scales how far each mel band swings about its mean, before the vocoder. A model trained
            to the mean error predicts too little of it (Toda and Tokuda 2007, "global variance").
        contrast: of the postfilter that the vocoder's sound passes (`tts.audio.postfilter`): 1 only brings
            each band to the level that the mel says, more also sharpens the harmonics, 0 is none.
        level_lufs: the loudness that its speech is brought to.
        pauses: the silence between its utterances.
    """

    format: int = FORMAT
    name: str
    language: str
    phonemizer: PhonemizerName = "espeak"
    description: str
    licence: str
    temperature: float = 1.0
    sharpening: float = 1.0
    contrast: float = 0.0
    level_lufs: float = -20.0
    pauses: Pauses = field(default_factory=Pauses)

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise ValueError(f"format must be {FORMAT}")
        if not 0.0 < self.temperature <= 2.0:
            raise ValueError("temperature must be above 0 and at most 2")
        if not 0.5 <= self.sharpening <= 2.0:
            raise ValueError("sharpening must be from 0.5 to 2")
        if self.contrast != 0.0 and not 1.0 <= self.contrast <= 4.0:
            raise ValueError("contrast must be 0, or from 1 to 4")
        if not -60.0 <= self.level_lufs <= -5.0:
            raise ValueError("level_lufs must be from -60 to -5")


def load_voice_config(folder: Path) -> VoiceConfig:
    """The settings of a voice folder. Raises CheckpointError when they are missing or broken."""
    lacking = {"pauses": to_dict(Pauses()), "phonemizer": "espeak"}
    return read_header(folder / VOICE_FILE, VoiceConfig, None, lacking)


def save_voice_config(folder: Path, config: VoiceConfig) -> None:
    """Writes `voice.json` into an existing folder, whole or not at all.

    Raises:
        CheckpointError: when it cannot be written; an older one is as it was.
    """
    try:
        with whole_file(folder / VOICE_FILE) as part:
            write_json(part, to_dict(config))
    except OSError as error:
        raise CheckpointError(f"{folder}: cannot be written: {error.strerror}") from None
