"""Word error rate of a voice on the held-out sentences of a corpus, beside the natural recordings.

    python bench/word_error_rate.py kathleen --corpus CORPUS --prepared FOLDER --asr WHISPER [-n 30]

CORPUS is in LJSpeech's layout, FOLDER what `tts prepare` made of it (it knows which texts are held out), and
WHISPER a local folder for faster-whisper. Rows: the natural recording, the voice's vocoder on the natural
mel (copy synthesis), the voice with Griffin-Lim in place of its vocoder, and the voice. Both sides of the
comparison pass our own text normalisation, so that "20" and "twenty" are the same word.
"""

import argparse
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jiwer
import librosa
import numpy as np
import numpy.typing as npt
import torch
from faster_whisper import WhisperModel

from tts import Audio, Voice, load_voice
from tts.audio.loudness import normalise_loudness
from tts.audio.mel import mel_spectrogram
from tts.audio.wav import read_wav
from tts.data.corpus import Clip, read_ljspeech
from tts.data.prepared import PreparedCorpus
from tts.text.normalize import normalize

PREPARED_LUFS = -23.0  # the loudness that `tts prepare` gives its clips


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("voice", help="name or folder of the voice")
    parser.add_argument("--corpus", type=Path, required=True, help="recordings, LJSpeech's layout")
    parser.add_argument(
        "--prepared", type=Path, required=True, help="what `tts prepare` made of it"
    )
    parser.add_argument("--asr", required=True, help="local folder of a faster-whisper model")
    parser.add_argument(
        "-n", type=int, default=30, help="how many sentences (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the voice (default: %(default)s)")
    parser.add_argument("--keep", type=Path, help="folder to keep the sounds in")
    options = parser.parse_args()
    voice = load_voice(options.voice)
    griffin_lim = load_voice(options.voice, vocoder="griffin_lim")
    recogniser = WhisperModel(options.asr, device="cpu", compute_type="int8")
    clips = held_out_clips(options.corpus, options.prepared, options.n)
    rows: dict[str, Callable[[Clip], Audio]] = {
        "natural recordings": natural,
        "copy synthesis": lambda clip: copy_synthesis(clip, voice, options.seed),
        "with Griffin-Lim": lambda clip: griffin_lim.synthesize(clip.text, seed=options.seed),
        "the voice": lambda clip: voice.synthesize(clip.text, seed=options.seed),
    }

    print("| what | word error rate | 95 % interval | sentences | real-time factor |")
    print("|---|---|---|---|---|")
    for what, make in rows.items():
        references, hypotheses, factors = [], [], []
        for clip in clips:
            start = time.perf_counter()
            audio = make(clip)
            factors.append((time.perf_counter() - start) / audio.duration_s)
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                audio.save(options.keep / f"{what.replace(' ', '-')}-{clip.id}.flac")
            references.append(words(clip.text))
            hypotheses.append(words(recognise(recogniser, audio)))
            if references[-1] != hypotheses[-1]:
                print(f"{what}: {references[-1]} -> {hypotheses[-1]}", file=sys.stderr)
        low, high = interval(references, hypotheses)
        factor = "" if make is natural else f"{statistics.median(factors):.2f}"
        print(
            f"| {what} | {jiwer.wer(references, hypotheses):.1%} | {low:.1%} to {high:.1%} "
            f"| {len(clips)} | {factor} |",
            flush=True,
        )


def held_out_clips(corpus: Path, prepared: Path, n: int) -> list[Clip]:
    """One clip of each of `n` held-out texts, evenly chosen."""
    by_id = {clip.id: clip for clip in read_ljspeech(corpus)}
    held_out = PreparedCorpus.load(prepared).utterances("validation")
    by_text = {item.text: by_id[item.id] for item in reversed(held_out)}
    texts = sorted(by_text)
    return [by_text[text] for text in texts[:: max(1, len(texts) // n)][:n]]


def natural(clip: Clip) -> Audio:
    """The recording."""
    samples, rate = read_wav(clip.audio_path)
    return Audio(samples, rate)


def copy_synthesis(clip: Clip, voice: Voice, seed: int) -> Audio:
    """What the vocoder makes of the recording's mel."""
    samples, rate = read_wav(clip.audio_path)
    levelled = normalise_loudness(samples, rate, PREPARED_LUFS, peak=0.99)
    mel = torch.from_numpy(mel_spectrogram(levelled, voice.acoustic.mel_config))
    sound = voice.vocoder.infer(mel[None], seed=seed, temperature=voice.config.temperature)
    return Audio(np.clip(sound[0].numpy(), -1, 1), rate)


def recognise(recogniser: WhisperModel, audio: Audio) -> str:
    """What the recogniser hears."""
    heard = librosa.resample(audio.samples, orig_sr=audio.sample_rate, target_sr=16000)
    segments, _ = recogniser.transcribe(heard, language="en", beam_size=5)
    return " ".join(segment.text for segment in segments)


def words(text: str) -> str:
    """Lower-case words without punctuation, numbers spelled out."""
    spoken = normalize(text).lower().replace("-", " ").replace("'", "")
    return " ".join(re.findall(r"[^\W_]+", spoken))


def interval(references: list[str], hypotheses: list[str]) -> npt.NDArray[np.float64]:
    """The word error rates between which 95 % of 1,000 bootstrap draws of sentences lie. Shape: (2,)."""
    pairs = [jiwer.process_words(r, h) for r, h in zip(references, hypotheses, strict=True)]
    errors = np.array([p.substitutions + p.deletions + p.insertions for p in pairs])
    lengths = np.array([len(reference.split()) for reference in references])
    drawn = np.random.default_rng(0).integers(0, len(errors), (1000, len(errors)))
    return np.percentile(errors[drawn].sum(axis=1) / lengths[drawn].sum(axis=1), [2.5, 97.5])


if __name__ == "__main__":
    main()
