"""Every system on every sentence, by every ruler."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tts.audio.loudness import loudness_lufs
from tts.audio.wav import Audio
from tts.errors import EvaluationError
from tts.evaluate.acoustics import Features, comparison, features_of, pitch_figures
from tts.evaluate.attention import attention_figures
from tts.evaluate.measures import MEASURES, Estimate, Figures, Ratio, estimate
from tts.evaluate.predictors import Ruler, load_distillmos, load_dnsmos, load_speaker
from tts.evaluate.resample import levelled
from tts.evaluate.sentences import Sentence
from tts.evaluate.systems import Sample, System, recording_of
from tts.evaluate.words import (
    Recogniser,
    failure_of,
    load_recogniser,
    recogniser_language,
    word_figures,
)

__all__ = ["Evaluation", "Result", "Rulers", "evaluate", "load_rulers"]

FULL_SCALE = 0.999  # of 1.0: 16-bit sound ends at 32,767 / 32,768


@dataclass(frozen=True, eq=False, slots=True)
class Rulers:
    """What measures, apart from what always can.

    Attributes:
        recogniser: what hears words, if there is one.
        predictors: of opinion scores and likeness.
        left_out: lines that say what is not measured, why, and what to do about it.
    """

    recogniser: Recogniser | None = None
    predictors: tuple[Ruler, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Result:
    """A sentence by a system, measured.

    Attributes:
        sentence: what was to be said.
        sample: what was said.
        figures: by the keys of the measures.
        heard: by the recogniser; None without one.
    """

    sentence: Sentence
    sample: Sample
    figures: Figures
    heard: str | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Evaluation:
    """All that was measured.

    Attributes:
        target: the voice or folder.
        sentences: what was spoken, for people.
        seed: of the voice.
        results: of each system by its key, in the order of the sentences.
        single: figures of a system that are no mean over sentences, by the key of the measure.
        left_out: as `Rulers` has it.
    """

    target: str
    sentences: str
    seed: int
    results: Mapping[str, Sequence[Result]]
    single: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    def estimates(self, system: str) -> dict[str, Estimate]:
        """The figures of a system by measure, in the order of the table; those there are."""
        found = {}
        for key in (measure.key for measure in MEASURES):
            ratios = [r.figures[key] for r in self.results[system] if key in r.figures]
            if any(ratio.weight > 0 for ratio in ratios):
                found[key] = estimate(ratios)
            elif key in self.single.get(system, {}):
                value = self.single[system][key]
                found[key] = Estimate(value, value, value, 1)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Everything but the sounds, for JSON."""
        return {
            "format": 1,
            "target": self.target,
            "sentences": self.sentences,
            "seed": self.seed,
            "left_out": list(self.left_out),
            "systems": {
                system: {
                    "measures": {
                        key: dataclasses.asdict(figure)
                        for key, figure in self.estimates(system).items()
                    },
                    "sentences": [_result_to_dict(result) for result in results],
                }
                for system, results in self.results.items()
            },
        }


def load_rulers(
    asr: Path | None, language: str, speaker: Callable[[], list[Audio]] | None
) -> Rulers:
    """All rulers that are installed.

    Args:
        asr: the local folder of a faster-whisper model.
        language: the language code of the voice, such as "en-us".
        speaker: reads recordings of the speaker that are not measured.

    Raises:
        EvaluationError: when the recogniser that was asked for cannot be had.
    """
    recogniser, left_out = None, []
    if asr is None:
        left_out.append("words: give --asr DIR, the local folder of a faster-whisper model")
    else:
        recogniser = load_recogniser(asr, recogniser_language(language))
    loaders: dict[str, Callable[[], Ruler]] = {
        "predicted opinion score": load_distillmos,
        "DNSMOS": load_dnsmos,
    }
    if speaker is None:
        left_out.append("speaker similarity: give --corpus and --prepared, to know the speaker by")
    else:
        read = speaker
        loaders["speaker similarity"] = lambda: load_speaker(read())
    predictors = []
    for what, load in loaders.items():
        try:
            predictors.append(load())
        except EvaluationError as error:
            left_out.append(f"{what}: {error}; {error.hint}")
    return Rulers(recogniser, tuple(predictors), tuple(left_out))


def evaluate(
    systems: Mapping[str, System],
    sentences: Sequence[Sentence],
    rulers: Rulers,
    *,
    keep: Callable[[str, Sentence, Audio], None] | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> dict[str, list[Result]]:
    """Lets every system speak every sentence and measures it.

    Args:
        systems: by their keys.
        sentences: what is spoken.
        rulers: what measures.
        keep: called with every sound.
        progress: called with the sounds done and their number.

    Returns:
        The results of each system in the order of the sentences.

    Raises:
        TTSError: when a sentence cannot be spoken or a recording cannot be read.
    """
    results: dict[str, list[Result]] = {system: [] for system in systems}
    n_done = 0
    with ThreadPoolExecutor() as pool:
        for sentence in sentences:
            recording = None if sentence.recording is None else features_of(recording_of(sentence))
            for key, system in systems.items():
                sample = system(sentence)  # while nothing else runs: it is timed
                if keep is not None:
                    keep(key, sentence, sample.audio)
                result = measure_sample(
                    sentence, sample, rulers, pool, recording, is_recording=key == "natural"
                )
                results[key].append(result)
                n_done += 1
                if progress is not None:
                    progress(n_done, len(sentences) * len(systems))
    return results


def measure_sample(
    sentence: Sentence,
    sample: Sample,
    rulers: Rulers,
    pool: Executor,
    recording: Features | None,
    *,
    is_recording: bool,
) -> Result:
    """All figures of one sound, by all rulers at once: most of their work is done outside Python.

    Args:
        sentence: what was to be said.
        sample: what was said.
        rulers: what measures.
        pool: threads for them.
        recording: what there is to compare with, if anything.
        is_recording: whether the sound is that recording.
    """
    audio, recogniser = levelled(sample.audio), rulers.recogniser
    hearing = None if recogniser is None else pool.submit(recogniser, audio)
    predicting = [pool.submit(predictor, audio) for predictor in rulers.predictors]
    figures = level_figures(sample.audio)
    if is_recording and recording is not None:
        figures |= pitch_figures(recording)
    else:
        ours = features_of(audio)
        figures |= pitch_figures(ours)
        figures |= {} if recording is None else comparison(ours, recording)
    for future in predicting:
        figures |= future.result()
    if sample.outputs:
        figures |= attention_figures(sample.outputs, sample.frames_per_second)
    if sample.seconds is not None:
        figures["real_time_factor"] = Ratio(sample.seconds, sample.audio.duration_s)
    heard = None
    if hearing is not None:
        heard = hearing.result()
        figures |= word_figures(sentence.text, heard, sentence.language)
    # What a predictor has no number for, of silence say, was not measured: n tells.
    figures = {key: ratio for key, ratio in figures.items() if np.isfinite(ratio).all()}
    return Result(sentence, sample, figures, heard)


def level_figures(audio: Audio) -> Figures:
    """How loud the sound is, and how much of it is clipped."""
    n_clipped = int((np.abs(audio.samples) >= FULL_SCALE).sum())
    figures = {"clipping": Ratio(n_clipped, len(audio.samples))}
    loudness = loudness_lufs(audio.samples, audio.sample_rate)
    if np.isfinite(loudness):
        figures["loudness"] = Ratio(loudness)
    return figures


def _result_to_dict(result: Result) -> dict[str, Any]:
    values: dict[str, Any] = {"id": result.sentence.id, "text": result.sentence.text}
    if result.heard is not None:
        values["heard"] = result.heard
        values["failure"] = failure_of(result.sentence.text, result.heard, result.sentence.language)
    figures = result.figures.items()
    return values | {key: r.total / r.weight for key, r in figures if r.weight > 0}
