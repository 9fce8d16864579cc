"""How exact the times of words are, against a recogniser's and, where it is installed, a forced aligner's.

    python bench/timings.py --asr WHISPER [--voice kathleen] [--sentences plain] [-n 60]

The recogniser is faster-whisper with word times. The aligner is pocketsphinx (`pip install pocketsphinx`, its
model is inside), which is told the words and finds each to 10 ms. Prints a Markdown table: the error of ours,
and of the two against each other, for each word that both have.
"""

import argparse
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import jiwer
import numpy as np
from faster_whisper import WhisperModel

from tts.audio.wav import Audio
from tts.evaluate.resample import at_16_khz, levelled
from tts.evaluate.sentences import shipped_sentences
from tts.voice import Speech, load_voice


class Timed(NamedTuple):
    """A word and when it is spoken."""

    word: str
    start_s: float
    end_s: float


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--asr", type=Path, required=True, help="folder of a faster-whisper model")
    parser.add_argument("--voice", default="kathleen", help="default: %(default)s")
    parser.add_argument("--sentences", choices=("plain", "hard"), default="plain")
    parser.add_argument("-n", type=int, default=60, help="sentences; default: %(default)s")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    model = WhisperModel(
        str(options.asr), device="cpu", compute_type="int8", local_files_only=True, cpu_threads=1
    )
    voice = load_voice(options.voice)
    errors: dict[str, list[tuple[float, float]]] = {}
    sentences = shipped_sentences(options.sentences)[: options.n]
    for sentence in sentences:
        speech = voice.synthesize(sentence.text)
        times = {"ours": ours(speech), "the recogniser": recognised(model, speech)}
        times["the aligner"] = aligned(speech)
        for one, other in (
            ("ours", "the recogniser"),
            ("ours", "the aligner"),
            ("the recogniser", "the aligner"),
        ):
            pairs = errors.setdefault(f"{one} against {other}", [])
            pairs += [
                (a.start_s - b.start_s, a.end_s - b.end_s)
                for a, b in both(times[one], times[other])
            ]
    print(f"{len(sentences)} {options.sentences} sentences\n")
    print("| | words | edge | median error, ms | within 50 ms | 95 %, ms | bias, ms |")
    print("|---|---|---|---|---|---|---|")
    for name, found in errors.items():
        for edge, column in (("starts", 0), ("ends", 1)) if found else ():
            e = np.array(found)[:, column] * 1000
            print(
                f"| {name} | {len(e)} | {edge} | {np.median(abs(e)):.0f} | {(abs(e) <= 50).mean():.0%} "
                f"| {np.quantile(abs(e), 0.95):.0f} | {np.median(e):+.0f} |"
            )


def ours(speech: Speech) -> list[Timed]:
    return [Timed(_plain(word.spoken), word.start_s, word.end_s) for word in speech.words]


def recognised(model: WhisperModel, speech: Audio) -> list[Timed]:
    segments, _ = model.transcribe(
        at_16_khz(levelled(speech)), language="en", beam_size=5, word_timestamps=True
    )
    words = (word for segment in segments for word in segment.words or ())
    return [Timed(_plain(w.word), w.start, w.end) for w in words if _plain(w.word)]


def aligned(speech: Speech) -> list[Timed]:
    """By pocketsphinx; nothing without it, or where its dictionary lacks a word."""
    try:
        import pocketsphinx
    except ImportError:
        return []
    decoder = pocketsphinx.Decoder(samprate=16000, loglevel="FATAL", bestpath=False)
    words = [word.spoken.lower().replace("’", "'") for word in speech.words]
    words = [part for word in words for part in word.split("-")]
    if any(decoder.lookup_word(word) is None for word in words):
        return []
    decoder.set_align_text(" ".join(words))
    samples = np.clip(at_16_khz(levelled(speech)), -1.0, 1.0)
    decoder.start_utt()
    decoder.process_raw((samples * 32767).astype(np.int16).tobytes(), full_utt=True)
    decoder.end_utt()
    spoken = [s for s in decoder.seg() if s.word[0] not in "<["]
    return [Timed(_plain(s.word), s.start_frame / 100, (s.end_frame + 1) / 100) for s in spoken]


def both(one: Sequence[Timed], other: Sequence[Timed]) -> Iterator[tuple[Timed, Timed]]:
    """The words that both have, in order."""
    if not one or not other:
        return
    said, heard = (" ".join(timed.word for timed in side) for side in (one, other))
    for chunk in jiwer.process_words(said, heard).alignments[0]:
        if chunk.type == "equal":
            yield from zip(
                one[chunk.ref_start_idx : chunk.ref_end_idx],
                other[chunk.hyp_start_idx : chunk.hyp_end_idx],
                strict=True,
            )


def _plain(word: str) -> str:
    return re.sub(r"\(\d\)|[^a-z]", "", word.lower())


if __name__ == "__main__":
    main()
