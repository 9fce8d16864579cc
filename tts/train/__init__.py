"""Training: one loop for every model, and what a run leaves behind.

recipe     `load_recipe`: a TOML file as strict, frozen dataclasses
schedule   learning rate, decay of the averaged weights, and plateau, as functions of what they change with
resume     where a run begins: in an empty folder, or at its newest snapshot
setup      what a run needs before the first step: device, batches, first weights
warmstart  a run that starts from the weights of another
loop       `train`: the loop
feed       batches prepared ahead
learner    what learns: weights, their average, the optimizer; a batch may come in shards
processes  several processes that train one model
reports    what a run tells while it goes on
runs       a run's folder and its snapshots
metrics    the figures of a run, and the file that holds them
samples    what the model says by itself while it trains
predict    `predict_mels`: the mels that an acoustic run predicts, to train a vocoder on
pack       `pack`: the averaged weights of a run as one part of a voice
"""
