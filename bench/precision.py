"""What each precision of the kernel costs a trained voice: the likelihood of held-out speech.

    python bench/precision.py [VOICE] [PREPARED] [--isa ISA]

PREPARED is the folder that `tts prepare CORPUS PREPARED --hold-out FILE` wrote. Its validation clips,
with the mels of the recordings, are forced upon the kernel, and the likelihood of each sample is read off its
params. For a vocoder of one speaker. Prints a Markdown table: nats a sample of the scaled sub-bands (lower is
better); what is lost against float32, with a standard error over the clips; and how much of the likelihood
that is.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from tts.checkpoint import load_vocoder
from tts.data.prepared import PreparedCorpus
from tts.kernels import PRECISIONS, chosen_isa, isas
from tts.vocoder.compiled import compiled_wavenet
from tts.vocoder.wavenet import WaveNet
from tts.voice import find_voice


def main() -> None:
    """Measures all precisions."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("voice", nargs="?", default="kathleen", help="default: %(default)s")
    parser.add_argument("prepared", nargs="?", type=Path, default=Path("cache/kathleen"))
    parser.add_argument("--isa", choices=isas(), default=chosen_isa())
    options = parser.parse_args()

    torch.set_num_threads(1)
    net = load_vocoder(find_voice(options.voice) / "vocoder").model.eval()
    assert isinstance(net, WaveNet)
    corpus = PreparedCorpus.load(options.prepared)
    clips = [
        (torch.from_numpy(corpus.mel_of(clip))[None], torch.from_numpy(corpus.audio_of(clip))[None])
        for clip in corpus.utterances("validation")
    ]
    nats = {precision: measure(net, options.isa, precision, clips) for precision in PRECISIONS}
    weights = np.array([audio.shape[1] for _, audio in clips], dtype=np.float64)
    exact = np.average(nats["float32"], weights=weights)
    print(
        f"{len(clips)} clips, {weights.sum() / net.mel_config.sample_rate:.0f} s, {options.isa}\n"
    )
    print("| precision | nats a sample | lost | of the likelihood |")
    print("|---|---|---|---|")
    for precision, values in nats.items():
        losses = values - nats["float32"]
        lost = np.average(losses, weights=weights)
        error = losses.std() / np.sqrt(len(losses))
        mean = np.average(values, weights=weights)
        share = 100.0 * lost / abs(exact)
        print(f"| {precision} | {mean:.4f} | {lost:.4f} ± {error:.4f} | {share:.2f} % |")


@torch.inference_mode()
def measure(
    net: WaveNet, isa: str, precision: str, clips: list[tuple[torch.Tensor, torch.Tensor]]
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Nats a sample of each clip, but for its start. Shape: -> (n_clips,)."""
    kernel = compiled_wavenet(net, isa, precision).kernel
    means = []
    for mel, audio in clips:
        bands = net.split(audio)
        params = kernel.teacher_forced(
            kernel.initial_state(), net.conditions(mel)[0].numpy(), bands[0].numpy()
        )
        nll = net.likelihood.nll(torch.from_numpy(params), bands[0])
        means.append(float(nll[net.config.receptive_field :].double().mean()))
    return np.array(means)


if __name__ == "__main__":
    main()
