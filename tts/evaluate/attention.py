"""How the attention of an acoustic model fails: it skips, repeats, or never ends."""

from collections.abc import Sequence

from tts.acoustic.alignment import alignment_figures
from tts.acoustic.speech import Spoken
from tts.evaluate.measures import Figures, Ratio

__all__ = ["attention_figures"]


def attention_figures(outputs: Sequence[Spoken], frames_per_second: float) -> Figures:
    """Whether any of the utterances of a sentence skips, repeats or is endless.

    Args:
        outputs: what a model said of each utterance, spoken by itself.
        frames_per_second: of its mel.
    """
    found = [
        alignment_figures(output.alignment, output.frames_per_step / frames_per_second)
        for output in outputs
    ]
    unfinished = any(not output.finished for output in outputs)
    return {
        "attention_skip": Ratio(float(any(figures.skips for figures in found))),
        "attention_repeat": Ratio(float(any(figures.repeats for figures in found))),
        "attention_endless": Ratio(float(unfinished or any(figures.rests for figures in found))),
    }
