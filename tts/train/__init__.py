"""Training: one loop for every model, and what a run leaves behind.

recipe     `load_recipe`: a TOML file as strict, frozen dataclasses
schedule   the learning rate and the decay of the averaged weights, as functions of the step
loop       `train`: the loop
runs       a run's folder: snapshots and metrics
samples    what the model says by itself while it trains
predict    `predict_mels`: the mels that an acoustic run predicts, to train a vocoder on
pack       `pack`: the averaged weights of a run as one part of a voice
"""
