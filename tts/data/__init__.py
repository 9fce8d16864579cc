"""Corpora: read them, prepare features once, and draw batches from those.

corpus     `read_ljspeech`, `read_corpora`: the clips of folders in LJSpeech's layout
prepare    `prepare`: trimmed, levelled sound and its mel, cached by what they depend on; no torch
prepared   `PreparedCorpus`: what `prepare` left, read back strictly; no torch
batches    `AcousticBatches` and `VocoderBatches`: pure functions of the training step
"""
