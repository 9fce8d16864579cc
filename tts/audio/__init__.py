"""Sound: what a mel spectrogram is, sound files, loudness, sub-bands. Never imports torch.

mel         `MelConfig`, `mel_spectrogram`, `linear_spectrogram`, and Griffin-Lim from either
wav         `Audio`, `read_wav`, `write_wav`, `wav_bytes`
loudness    `loudness_lufs`, `normalise_loudness`
play        `play` through whichever player there is
postfilter  `postfilter`: what a vocoder's mel says of its sound
pqmf        the four sub-bands of a vocoder
companding  mu-law
"""

from tts.audio.loudness import loudness_lufs, normalise_loudness
from tts.audio.mel import (
    MelConfig,
    check_same_mel,
    griffin_lim,
    griffin_lim_linear,
    linear_spectrogram,
    mel_spectrogram,
)
from tts.audio.wav import Audio, read_wav, wav_bytes, write_wav

__all__ = [
    "Audio",
    "MelConfig",
    "check_same_mel",
    "griffin_lim",
    "griffin_lim_linear",
    "linear_spectrogram",
    "loudness_lufs",
    "mel_spectrogram",
    "normalise_loudness",
    "read_wav",
    "wav_bytes",
    "write_wav",
]
