"""Acoustic models: symbol ids to mel spectrograms. Importing this registers every one of them."""

from tts.acoustic import deepvoice3 as deepvoice3  # registers its model
from tts.acoustic import tacotron as tacotron
from tts.acoustic import tacotron2 as tacotron2
from tts.acoustic.base import AcousticBatch, AcousticModel, AcousticOutput, acoustic_models

__all__ = ["AcousticBatch", "AcousticModel", "AcousticOutput", "acoustic_models"]
