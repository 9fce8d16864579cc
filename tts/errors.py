"""Every error and warning of the package, in one tree.

TTSError                    anything a user can mend; the CLI prints it and exits with 1
├── ConfigError             an unknown key, a wrong type, a value out of range
├── TextError               nothing to speak, or (strict) a character that cannot be spoken
├── LexiconError            a lexicon that cannot be read, or has phonemes that the voice lacks
├── PhonemizerError         eSpeak NG cannot be loaded or does not know the language
├── AudioError              a sound that cannot be read, written or played
├── CorpusError             a corpus that is incomplete or unfit for training
├── CheckpointError         a model folder that is missing, broken or of another format
│   └── MelMismatchError    two parts that disagree on what a mel spectrogram is
├── VoiceNotFoundError      no such voice
├── KernelError             the compiled kernel cannot be loaded or refuses a model
├── SynthesisError          a model that could not speak the text
├── TrainingError           a run that cannot start, resume or go on
└── EvaluationError         a measure or a report that something is missing for

TTSWarning                  something the user should know; speech goes on
├── UnspeakableWarning      a character was left out
├── OmittedWarning          part of a book was left out, such as images
├── AuditWarning            an utterance failed its audit, after all that was tried
│   └── UnfinishedWarning   it was cut before the attention reached its end
└── SlowVocoderWarning      the compiled kernel is missing, so PyTorch speaks
"""

__all__ = [
    "AudioError",
    "AuditWarning",
    "CheckpointError",
    "ConfigError",
    "CorpusError",
    "EvaluationError",
    "KernelError",
    "LexiconError",
    "MelMismatchError",
    "OmittedWarning",
    "PhonemizerError",
    "SlowVocoderWarning",
    "SynthesisError",
    "TTSError",
    "TTSWarning",
    "TextError",
    "TrainingError",
    "UnfinishedWarning",
    "UnspeakableWarning",
    "VoiceNotFoundError",
]


class TTSError(Exception):
    """A problem the user can mend: `str(error)` says what and where, `error.hint` what to do."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigError(TTSError):
    """A configuration holds an unknown key, a wrong type or a value out of range."""


class TextError(TTSError):
    """The text holds nothing to speak, or a character that strict mode refuses."""


class LexiconError(TTSError):
    """A lexicon cannot be read, or holds phonemes that the voice has no symbols for."""


class PhonemizerError(TTSError):
    """eSpeak NG cannot be loaded, or does not know the language."""


class AudioError(TTSError):
    """A sound cannot be read, written or played."""


class CorpusError(TTSError):
    """A corpus is incomplete or unfit for training."""


class CheckpointError(TTSError):
    """A model folder is missing, broken or of another format."""


class MelMismatchError(CheckpointError):
    """Two parts disagree on what a mel spectrogram is; the message names the field."""


class VoiceNotFoundError(TTSError):
    """No voice has this name, and no voice folder lies at this path."""


class KernelError(TTSError):
    """The compiled kernel cannot be loaded, or refuses a model's sizes."""


class SynthesisError(TTSError):
    """A model could not speak the text."""


class TrainingError(TTSError):
    """A training run cannot start, resume or go on."""


class EvaluationError(TTSError):
    """Something is missing for a measure or a report."""


class TTSWarning(UserWarning):
    """Something the user should know; speech goes on."""


class UnspeakableWarning(TTSWarning):
    """A character that cannot be spoken was left out; the message names it and its position."""


class OmittedWarning(TTSWarning):
    """Part of a book was left out; the message counts what, such as images and blocks of code."""


class SlowVocoderWarning(TTSWarning):
    """The compiled kernel is missing, so the PyTorch loop speaks; the message says how much slower."""


class AuditWarning(TTSWarning):
    """An utterance failed its audit, after all that was tried; the message says how."""


class UnfinishedWarning(AuditWarning):
    """An utterance was cut before the attention reached its end."""
