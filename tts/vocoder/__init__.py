"""Vocoders: mel spectrograms to samples. Importing this registers every one of them."""

from tts.vocoder import wavenet as wavenet  # registers its model
from tts.vocoder.base import Vocoder, VocoderBatch, vocoders

__all__ = ["Vocoder", "VocoderBatch", "vocoders"]
