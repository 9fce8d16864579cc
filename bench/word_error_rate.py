"""Word error rate of a voice on the held-out sentences of a corpus, beside the natural recordings.

    python bench/word_error_rate.py kathleen --corpus CORPUS --prepared FOLDER --asr WHISPER [-n 30]

CORPUS is in LJSpeech's layout, FOLDER what `tts prepare` made of it (it knows which texts are held out), and
WHISPER a local folder for faster-whisper. Rows: the natural recording, the voice's vocoder on the natural
mel (copy synthesis), and the voice on the text. Both sides of the comparison pass our own text
normalisation, so that "20" and "twenty" are the same word.
"""

import argparse
import re
import statistics
import sys
import time
from pathlib import Path

import jiwer
import numpy as np
from faster_whisper import WhisperModel

from tts import load_voice
from tts.audio.loudness import normalise_loudness
from tts.audio.mel import mel_spectrogram
from tts.audio.wav import read_wav, write_wav
from tts.data.corpus import read_ljspeech
from tts.data.prepared import PreparedCorpus
from tts.text.normalize import normalize


def main() -> None:
    """Prints one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("voice", help="name or folder of the voice")
    parser.add_argument("--corpus", type=Path, required=True, help="recordings, LJSpeech's layout")
    parser.add_argument(
        "--prepared", type=Path, required=True, help="what `tts prepare` made of it"
    )
    parser.add_argument("--asr", required=True, help="local folder of a faster-whisper model")
    parser.add_argument(
        "-n", type=int, default=30, help="how many sentences (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="folder to keep the sounds in")
    options = parser.parse_args()
    voice = load_voice(options.voice)
    recogniser = WhisperModel(options.asr, device="cpu", compute_type="int8", cpu_threads=2)
    clips = held_out_clips(options.corpus, options.prepared, options.n)

    def natural(clip):
        return read_wav(clip.audio_path)

    def copy_synthesis(clip):
        samples, rate = read_wav(clip.audio_path)
        return voice.vocode(
            mel_spectrogram(levelled(samples, rate), voice.mel_config), seed=0
        ), rate

    def spoken(clip):
        audio = voice.synthesize(clip.text, seed=options.seed)
        return audio.samples, audio.sample_rate

    print("| what | word error rate | 95 % interval | sentences | real-time factor |")
    print("|---|---|---|---|---|")
    for what, make in (
        ("natural recordings", natural),
        ("copy synthesis", copy_synthesis),
        (f"voice {voice.name}", spoken),
    ):
        references, hypotheses, factors = [], [], []
        for clip in clips:
            start = time.perf_counter()
            samples, rate = make(clip)
            factors.append((time.perf_counter() - start) / (len(samples) / rate))
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                write_wav(options.keep / f"{what.split()[0]}-{clip.id}.flac", samples, rate)
            references.append(words(clip.text))
            hypotheses.append(words(recognise(recogniser, samples, rate)))
            if references[-1] != hypotheses[-1]:
                print(f"{what}: {references[-1]} -> {hypotheses[-1]}", file=sys.stderr)
        rate = jiwer.wer(references, hypotheses)
        low, high = interval(references, hypotheses)
        factor = "" if make is natural else f"{statistics.median(factors):.2f}"
        print(f"| {what} | {rate:.1%} | {low:.1%} to {high:.1%} | {len(clips)} | {factor} |")


def held_out_clips(corpus, prepared, n):
    """One clip of each of `n` held-out texts, evenly chosen."""
    by_id = {clip.id: clip for clip in read_ljspeech(corpus)}
    held_out = PreparedCorpus.load(prepared).utterances("validation")
    by_text = {item.text: by_id[item.id] for item in reversed(held_out)}
    texts = sorted(by_text)
    return [by_text[text] for text in texts[:: max(1, len(texts) // n)][:n]]


def levelled(samples, rate):
    """The sound at the loudness that `tts prepare` gives its clips."""
    return normalise_loudness(samples, rate, target_lufs=-23.0, peak=0.99)


def recognise(recogniser, samples, rate):
    """What the recogniser hears."""
    import librosa

    heard = librosa.resample(np.asarray(samples, np.float32), orig_sr=rate, target_sr=16000)
    segments, _ = recogniser.transcribe(heard, language="en", beam_size=5)
    return " ".join(segment.text for segment in segments)


def words(text):
    """Lower-case words without punctuation, numbers spelled out."""
    spoken = normalize(text).lower().replace("-", " ").replace("'", "")
    return " ".join(re.findall(r"[^\W_]+", spoken))


def interval(references, hypotheses, rounds=1000):
    """Bootstrap over sentences."""
    rng = np.random.default_rng(0)
    pairs = [jiwer.process_words(r, h) for r, h in zip(references, hypotheses, strict=True)]
    errors = np.array([p.substitutions + p.deletions + p.insertions for p in pairs])
    lengths = np.array([len(r.split()) for r in references])
    picks = rng.integers(0, len(errors), (rounds, len(errors)))
    return np.percentile(errors[picks].sum(1) / lengths[picks].sum(1), [2.5, 97.5])


if __name__ == "__main__":
    main()
