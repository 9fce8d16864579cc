"""Model folders and voice folders on the disk.

    kathleen/
      voice.json            `VoiceConfig`
      MODEL_CARD.md
      SHA256SUMS            the sums of all the other files, for `tts doctor`
      acoustic/             a model folder, and so is vocoder/:
        config.json         format number, kind, model, its config, the whole mel spec, the names of its
                            speakers if there are several, provenance, and for an acoustic model the
                            symbols and the language
        model.safetensors   the weights

A folder is loaded strictly or refused with the key that is wrong; nothing is unpickled. What is
written is written beside its place and then renamed into it, so that half of it is never seen. PyTorch is
imported by the functions that need it, so that listing voices is quick.
"""

from tts.checkpoint.headers import FORMAT
from tts.checkpoint.models import (
    LoadedAcoustic,
    LoadedVocoder,
    check_same_speakers,
    load_acoustic,
    load_speakers,
    load_speaking_acoustic,
    load_speaking_vocoder,
    load_vocoder,
    save_model,
)
from tts.checkpoint.settings import VoiceConfig, load_voice_config, save_voice_config
from tts.checkpoint.sums import SUMS_FILE, check_installed, check_sums, voice_digest, write_sums

__all__ = [
    "FORMAT",
    "SUMS_FILE",
    "LoadedAcoustic",
    "LoadedVocoder",
    "VoiceConfig",
    "check_installed",
    "check_same_speakers",
    "check_sums",
    "load_acoustic",
    "load_speakers",
    "load_speaking_acoustic",
    "load_speaking_vocoder",
    "load_vocoder",
    "load_voice_config",
    "save_model",
    "save_voice_config",
    "voice_digest",
    "write_sums",
]
