"""Draws the log-mel spectrogram of a recording above that of the same sentence spoken by a voice.

python bench/spectrogram.py kathleen RECORDING "TEXT" docs/spectrogram.png
"""

import argparse
from pathlib import Path

import matplotlib

from tts import load_voice
from tts.audio.loudness import normalise_loudness
from tts.audio.mel import mel_spectrogram
from tts.audio.wav import read_wav


def main() -> None:
    """Writes the picture."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("voice", help="name or folder of the voice")
    parser.add_argument("recording", type=Path, help="the sentence, spoken by the person")
    parser.add_argument("text", help="the sentence")
    parser.add_argument("picture", type=Path, help="the PNG to write")
    options = parser.parse_args()

    matplotlib.use("Agg")
    from matplotlib import pyplot

    voice = load_voice(options.voice)
    mel_config = voice.acoustic.mel_config
    samples, rate = read_wav(options.recording)
    spoken = voice.synthesize(options.text)
    figure, axes = pyplot.subplots(2, 1, figsize=(9, 6), sharex=True, layout="constrained")
    for axis, title, sound in (
        (axes[0], f"natural: {options.text}", samples),
        (axes[1], f"synthesised: {options.text}", spoken.samples),
    ):
        levelled = normalise_loudness(sound, rate, -23.0, peak=0.99)
        mel = mel_spectrogram(levelled, mel_config)
        axis.imshow(
            mel,
            origin="lower",
            aspect="auto",
            vmin=-2.5,
            vmax=3.0,
            extent=(0, mel.shape[1] / mel_config.frames_per_second, 0, mel_config.n_mels),
        )
        axis.set(title=title, ylabel="mel band")
    axes[1].set_xlabel("seconds")
    figure.savefig(options.picture, dpi=90)


if __name__ == "__main__":
    main()
