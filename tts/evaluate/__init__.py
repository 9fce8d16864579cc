"""What measures a voice: its speech beside natural recordings, copy synthesis and Griffin-Lim.

sentences   what is spoken, with recordings where a corpus has them
systems     who speaks it: a sentence becomes a `Sample`
rulers      each measures a sample: words, opinion, speaker, acoustics, level, attention, cost
run         every system on every sentence: an `Evaluation`
table, report   how an evaluation is shown
"""

from tts.evaluate.measures import MEASURES, Estimate, Measure, estimate
from tts.evaluate.run import Evaluation, evaluate
from tts.evaluate.sentences import Sentence

__all__ = ["MEASURES", "Estimate", "Evaluation", "Measure", "Sentence", "estimate", "evaluate"]
