"""saywave: a neural voice that speaks text.

>>> from tts import synthesize, load_voice
>>> audio = synthesize("Hello.")
>>> audio.save("hello.wav")
>>> voice = load_voice("kathleen")
>>> audio = voice.synthesize("Hello again.", speed=1.1, seed=7)

Names are imported when they are first used, so that `import tts` is quick.
"""

import importlib
from typing import TYPE_CHECKING, Any

from tts.errors import (
    AudioError,
    AuditWarning,
    CheckpointError,
    ConfigError,
    CorpusError,
    EvaluationError,
    KernelError,
    LexiconError,
    MelMismatchError,
    OmittedWarning,
    PhonemizerError,
    SlowVocoderWarning,
    SynthesisError,
    TextError,
    TrainingError,
    TTSError,
    TTSWarning,
    UnfinishedWarning,
    UnspeakableWarning,
    VoiceNotFoundError,
)

if TYPE_CHECKING:
    from tts.audio.wav import Audio
    from tts.text.lexicon import Lexicon, load_lexicon
    from tts.voice import (
        Speech,
        SynthesisOptions,
        Voice,
        VoiceConfig,
        find_voice,
        list_voices,
        load_voice,
        synthesize,
    )

    __version__: str

__all__ = [
    "Audio",
    "AudioError",
    "AuditWarning",
    "CheckpointError",
    "ConfigError",
    "CorpusError",
    "EvaluationError",
    "KernelError",
    "Lexicon",
    "LexiconError",
    "MelMismatchError",
    "OmittedWarning",
    "PhonemizerError",
    "SlowVocoderWarning",
    "Speech",
    "SynthesisError",
    "SynthesisOptions",
    "TTSError",
    "TTSWarning",
    "TextError",
    "TrainingError",
    "UnfinishedWarning",
    "UnspeakableWarning",
    "Voice",
    "VoiceConfig",
    "VoiceNotFoundError",
    "__version__",
    "find_voice",
    "list_voices",
    "load_lexicon",
    "load_voice",
    "synthesize",
]

_HOMES = {
    "Audio": "tts.audio.wav",
    "Lexicon": "tts.text.lexicon",
    "Speech": "tts.voice",
    "SynthesisOptions": "tts.voice",
    "Voice": "tts.voice",
    "VoiceConfig": "tts.voice",
    "find_voice": "tts.voice",
    "list_voices": "tts.voice",
    "load_lexicon": "tts.text.lexicon",
    "load_voice": "tts.voice",
    "synthesize": "tts.voice",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from tts.version import package_version

        return package_version()
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'tts' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
