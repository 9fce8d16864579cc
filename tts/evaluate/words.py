"""What a recogniser hears, against what was to be said."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tts.audio.wav import Audio
from tts.errors import EvaluationError
from tts.evaluate.measures import Figures, Ratio
from tts.evaluate.resample import at_16_khz
from tts.text.normalize import normalize

__all__ = [
    "Failure",
    "Recogniser",
    "aligned_words",
    "failure_of",
    "load_recogniser",
    "recogniser_language",
    "spoken_words",
    "word_figures",
]

Recogniser = Callable[[Audio], str]
Failure = Literal["skip", "repeat", "babble"]

_TOLERATED = (
    2  # words lost or added in a row: recognisers join, split and drop small words by themselves
)
_WRONG = 5  # words in a row, none of which is right: nobody could follow


def load_recogniser(folder: Path, language: str) -> Recogniser:
    """A model of faster-whisper in a local folder, on the CPU in int8; nothing is ever downloaded.

    Args:
        folder: with model.bin, as `ct2-transformers-converter` writes it.
        language: its code, such as "en".

    Raises:
        EvaluationError: when faster-whisper or the model is missing or broken.
    """
    try:
        import ctranslate2
        from faster_whisper import WhisperModel
    except ImportError:
        raise EvaluationError(
            "a recogniser needs faster-whisper, which is not installed",
            hint="pip install 'saywave[eval]'",
        ) from None
    if not (folder / "model.bin").is_file():
        raise EvaluationError(
            f"{folder}: is no faster-whisper model, it has no model.bin",
            hint="give the local folder of one, such as a copy of Systran/faster-whisper-base",
        )
    try:
        model = WhisperModel(str(folder), device="cpu", compute_type="int8", local_files_only=True)
    except (RuntimeError, ValueError, OSError) as error:
        raise EvaluationError(
            f"{folder}: cannot be loaded: {' '.join(str(error).split())}",
            hint="copy the model again; a whole one is never downloaded here",
        ) from None

    def recognise(audio: Audio) -> str:
        ctranslate2.set_random_seed(0)  # where it is unsure, Whisper draws
        segments, _ = model.transcribe(at_16_khz(audio), language=language, beam_size=5)
        return " ".join(segment.text.strip() for segment in segments)

    return recognise


def recogniser_language(language: str) -> str:
    """What Whisper calls a language of eSpeak NG."""
    primary = language.partition("-")[0]
    return {"cmn": "zh", "nb": "no", "yue": "zh", "hak": "zh"}.get(primary, primary)


def spoken_words(text: str, language: str = "en-us") -> str:
    """Lower-case words without punctuation, numbers of English spelled out: "20" and "twenty" are the same.

    Letters in a row are one word, because how a recogniser writes a spelled word is its own affair: "A, B, C"
    and "ABC" are the same too.
    """
    spoken = normalize(text, language).lower().replace("-", " ").replace("'", "").replace("’", "")
    # The vowel signs of many scripts are marks, which "\w" leaves out.
    heard = (c if unicodedata.category(c)[0] in "LMN" else " " for c in spoken)
    words = " ".join("".join(heard).split())
    return re.sub(r"\b[a-z](?: [a-z]\b)+", lambda letters: letters[0].replace(" ", ""), words)


def word_figures(text: str, heard: str, language: str = "en-us") -> Figures:
    """Word and character errors, and whether words were skipped, repeated or babbled."""
    import jiwer

    reference, hypothesis = spoken_words(text, language), spoken_words(heard, language)
    words = jiwer.process_words(reference, hypothesis)
    letters = jiwer.process_characters(reference, hypothesis)
    return {
        "wer": Ratio(_errors(words), len(reference.split())),
        "cer": Ratio(_errors(letters), len(reference)),
        "heard_failure": Ratio(float(failure_of(text, heard, language) is not None)),
    }


def failure_of(text: str, heard: str, language: str = "en-us") -> Failure | None:
    """Whether what was heard lacks a stretch of the text or holds one too many.

    Both are aligned word by word with the fewest errors. In each stretch between two words that are right, of
    r words to be said and h heard, it is
        a skip     when r - h > 2, or nothing at all was heard,
        a repeat   when h - r > 2 and most of the words too many are those around them,
        babble     when h - r > 2 otherwise, or five words or more are said and none of them is right.
    Less than that happens to recognisers with natural speech. The worst counts: babble, repeat, then skip.
    """
    reference, hypothesis = (
        spoken_words(text, language).split(),
        spoken_words(heard, language).split(),
    )
    if not hypothesis:
        return "skip" if reference else None
    found = {_judge(stretch) for stretch in _stretches(reference, hypothesis)}
    order: tuple[Failure, ...] = ("babble", "repeat", "skip")
    return next((failure for failure in order if failure in found), None)


def aligned_words(
    text: str, heard: str, language: str = "en-us"
) -> list[tuple[list[str], list[str], list[str]]]:
    """The alignment with the fewest errors: words missed, wrong ones in their place, right ones after."""
    stretches = _stretches(
        spoken_words(text, language).split(), spoken_words(heard, language).split()
    )
    return [(stretch.said, stretch.heard, stretch.right) for stretch in stretches]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Words to be said and those wrongly heard in their place, the words around, and the right ones after."""

    said: list[str]
    heard: list[str]
    around: set[str]
    right: list[str]


def _judge(stretch: _Stretch) -> Failure | None:
    n_said, n_heard = len(stretch.said), len(stretch.heard)
    if n_said - n_heard > _TOLERATED:
        return "skip"
    if n_heard - n_said > _TOLERATED:
        known = sum(word in stretch.around for word in stretch.heard)
        return "repeat" if 2 * known > n_heard else "babble"
    return "babble" if min(n_said, n_heard) >= _WRONG else None


def _stretches(reference: list[str], hypothesis: list[str]) -> list[_Stretch]:
    import jiwer

    aligned = jiwer.process_words(" ".join(reference), " ".join(hypothesis)).alignments[0]
    rights = [
        (c.ref_start_idx, c.ref_end_idx, c.hyp_start_idx) for c in aligned if c.type == "equal"
    ]
    rights.append((len(reference), len(reference), len(hypothesis)))
    stretches = []
    said = heard = 0
    for start, end, heard_start in rights:
        n_near = heard_start - heard + _TOLERATED
        stretches.append(
            _Stretch(
                said=reference[said:start],
                heard=hypothesis[heard:heard_start],
                around=set(reference[max(0, said - n_near) : start + n_near]),
                right=reference[start:end],
            )
        )
        said, heard = end, heard_start + end - start
    return stretches


def _errors(output: "jiwer.WordOutput | jiwer.CharacterOutput") -> int:  # type: ignore[name-defined] # noqa: F821
    return int(output.substitutions + output.deletions + output.insertions)
