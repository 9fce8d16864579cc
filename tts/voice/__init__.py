"""A voice: text front end, acoustic model and vocoder, which agree on symbols and mel.

    text -- front end --> utterances -- acoustic model --> mel -- vocoder --> samples, and a pause
                                              '--- as one of its speakers ---'

Griffin-Lim reads the linear spectrogram instead, from models that predict it.

Utterances are spoken one by one, so a text may be of any length; each draws from a seed of its own, so that
it sounds the same whatever is spoken with it at once. PyTorch is imported where a voice is loaded.
"""

from tts.checkpoint import VoiceConfig
from tts.voice.audit import AuditLimits
from tts.voice.installed import DEFAULT_VOICE, find_voice, list_voices, voice_speakers
from tts.voice.loading import load_voice, synthesize
from tts.voice.options import SynthesisOptions, check_speaker
from tts.voice.provenance import speech_tags
from tts.voice.report import Report
from tts.voice.retakes import Decoded
from tts.voice.timing import Speech
from tts.voice.voice import Voice, utterance_seed

__all__ = [
    "DEFAULT_VOICE",
    "AuditLimits",
    "Decoded",
    "Report",
    "Speech",
    "SynthesisOptions",
    "Voice",
    "VoiceConfig",
    "check_speaker",
    "find_voice",
    "list_voices",
    "load_voice",
    "speech_tags",
    "synthesize",
    "utterance_seed",
    "voice_speakers",
]
