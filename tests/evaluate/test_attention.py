"""Failures of attention, on alignments drawn by hand."""

import numpy as np
import pytest

from tts.acoustic.speech import Spoken
from tts.evaluate.attention import attention_figures

FRAMES_PER_SECOND = 80.0
STEP_S = 0.05  # four frames


def output(path: list[int] | np.ndarray, n_tokens: int = 40, *, finished: bool = True) -> Spoken:
    """What a model says whose steps look at these tokens."""
    alignment = np.eye(n_tokens, dtype=np.float32)[np.asarray(path)]
    mel = np.zeros((8, 4 * len(alignment)), dtype=np.float32)
    return Spoken(mel=mel, alignment=alignment, finished=finished, frames_per_step=4)


def failures(*outputs: Spoken) -> list[str]:
    figures = attention_figures(outputs, FRAMES_PER_SECOND)
    assert set(figures) == {"attention_skip", "attention_repeat", "attention_endless"}
    assert all(figure.weight == 1 for figure in figures.values())
    return [key.removeprefix("attention_") for key, figure in figures.items() if figure.total]


diagonal = np.arange(40)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (diagonal, []),
        (np.repeat(diagonal, 3), []),  # slowly
        (np.concatenate([diagonal[:20], np.full(16, 20), diagonal[20:]]), []),  # a pause
        (np.concatenate([diagonal[:20], diagonal[23:]]), []),  # four symbols on
        (np.concatenate([diagonal[:20], diagonal[24:]]), ["skip"]),
        (np.concatenate([diagonal[:20], diagonal[17:]]), []),  # two back
        (np.concatenate([diagonal[:20], diagonal[15:]]), ["repeat"]),
        (np.concatenate([diagonal[:20], np.full(25, 20), diagonal[20:]]), ["endless"]),
        (np.concatenate([diagonal, np.full(30, 39)]), ["endless"]),
        (np.concatenate([diagonal[:30], diagonal[5:20], diagonal[30:]]), ["skip", "repeat"]),
    ],
)
def test_failures(path: np.ndarray, expected: list[str]) -> None:
    assert failures(output(path)) == expected


def test_what_was_cut_is_endless() -> None:
    assert failures(output(diagonal, finished=False)) == ["endless"]


def test_one_utterance_of_a_sentence_is_enough() -> None:
    assert failures(output(diagonal), output(diagonal[::2][:8])) == []
    assert failures(output(diagonal), output(diagonal[::6])) == ["skip"]
