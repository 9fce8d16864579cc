"""What is between the models and the sound: an utterance as it is drawn, and the pieces that it comes in."""

import contextlib
import itertools
from collections.abc import Generator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tts.audio.wav import AudioMark
from tts.text.frontend import Utterance
from tts.voice.report import Attempt, Report, UtteranceReport
from tts.voice.retakes import Decoded
from tts.voice.timing import SentenceTime

__all__ = ["Drawn", "Piece", "marks_of", "report_of", "timed"]

FloatArray = npt.NDArray[np.float32]


class Drawn(NamedTuple):
    """What is known of an utterance before its first sample.

    Attributes:
        utterance: what is spoken.
        mel: as the vocoder reads it. Shape: (M, T).
        seed: of its vocoder.
        decoded: what the acoustic model said.
        times: of its words.
        mark_shares: how much of it is spoken before each mark of the utterance.
    """

    utterance: Utterance
    mel: FloatArray
    seed: int
    decoded: Decoded
    times: SentenceTime
    mark_shares: tuple[float, ...]

    @property
    def attempt(self) -> Attempt:
        """What is told of the attempt that is heard."""
        return self.decoded.attempts[self.decoded.kept]


class Piece(NamedTuple):
    """A piece of what is spoken.

    Attributes:
        samples: Shape: (S,).
        share: how much of its utterance is spoken when it ends.
        mel: of its utterance. Shape: (M, T).
        start: samples of the utterance before it.
        sentence: the times of its utterance.
        report: of the utterance that ends with it, else None.
        marks: the places in it that have a name.
    """

    samples: FloatArray
    share: float
    mel: FloatArray
    start: int
    sentence: SentenceTime
    report: UtteranceReport | None
    marks: tuple[AudioMark, ...] = ()


def timed(pieces: Generator[Piece], sample_rate: int) -> Generator[Piece]:
    """The same pieces, the times of their utterances counted from the first sample of all."""
    n_before = 0
    with contextlib.closing(pieces):
        for piece in pieces:
            if piece.start == 0:
                sentence = piece.sentence.later(n_before / sample_rate)
            yield piece._replace(sentence=sentence)
            n_before += len(piece.samples)


def marks_of(pieces: Sequence[Piece]) -> tuple[AudioMark, ...]:
    """The marks of all pieces, their places in the whole."""
    starts = itertools.accumulate((len(piece.samples) for piece in pieces), initial=0)
    return tuple(
        AudioMark(name, start + sample)
        for start, piece in zip(starts, pieces, strict=False)
        for name, sample in piece.marks
    )


def report_of(pieces: Sequence[Piece]) -> Report:
    """The reports of the utterances that end in these pieces."""
    reports = (piece.report for piece in pieces)
    return Report(utterances=tuple(report for report in reports if report is not None))
