"""Corpora: read them, prepare features once, and draw batches from those.

corpus     `find_clips`, `read_corpora`: the clips of folders in LJSpeech's layout
findings   `Finding`: one thing that is wrong; `raise_errors`
inspection what is wrong with one text, or one sound
check      `check`: all that is wrong or unusual, from `sound` (figures of a recording), `pace` (seconds a
           phoneme) and `outliers`; no torch
report     the check as an HTML page, with `charts`
manifest   what a prepared corpus is: `PrepareConfig`, `Utterance` and what else its files hold
prepare    `prepare`: trimmed, levelled sound and its mel, cached by what they depend on; no torch
prepared   `PreparedCorpus`: what `prepare` left, read back strictly; no torch
batches    `AcousticBatches` and `VocoderBatches`: pure functions of the training step
"""
