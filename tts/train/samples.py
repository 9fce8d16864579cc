"""What a model says by itself while it trains: the losses do not tell whether it can.

An acoustic model speaks fixed sentences, as the first of its speakers, each left as a plot of its attention
and mel and as sound by Griffin-Lim. A vocoder speaks the true mel of the start of two validation clips.
"""

import copy
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from tts.acoustic import AcousticModel
from tts.audio.mel import MelConfig, griffin_lim, mel_spectrogram
from tts.audio.wav import write_wav
from tts.data.prepared import PreparedCorpus
from tts.errors import TrainingError
from tts.text import TextFrontEnd
from tts.train.recipe import Recipe
from tts.vocoder import Vocoder

__all__ = ["Sampler", "build_sampler"]

FloatArray = npt.NDArray[np.float32]
Sampler = Callable[[AcousticModel | Vocoder, Path], dict[str, float]]

_N_CLIPS = 2


def build_sampler(recipe: Recipe, corpus: PreparedCorpus, speakers: Sequence[str] = ()) -> Sampler:
    """What the loop calls at each `sample_every`, with the model and a folder for the files.

    It returns figures that are worth a curve; nothing is written and returned when there is nothing to say.

    Args:
        recipe: the recipe.
        corpus: what is trained on.
        speakers: the names of the model's speakers; none for a model of one.

    Raises:
        TrainingError: when the plots are wanted but matplotlib is missing.
        TextError: when a sentence of the recipe cannot be spoken.
    """
    if not recipe.train.sample_every:
        return lambda model, folder: {}
    if recipe.kind == "vocoder":
        return _vocoder_sampler(corpus, recipe.train.sample_s, speakers)
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise TrainingError(
            "the plots of [train] sample_every need matplotlib, which is not installed",
            hint="pip install 'saywave[train]', or set sample_every = 0",
        ) from None
    return _acoustic_sampler(corpus, recipe.train.sentences, speakers)


def _acoustic_sampler(
    corpus: PreparedCorpus, sentences: tuple[str, ...], speakers: Sequence[str]
) -> Sampler:
    front_end = TextFrontEnd(corpus.symbols, corpus.language)
    spoken = [front_end.phonemes_of(sentence) for sentence in sentences]

    def sample(model: AcousticModel | Vocoder, folder: Path) -> dict[str, float]:
        assert isinstance(model, AcousticModel)
        figures: list[dict[str, float]] = []
        device = next(model.parameters()).device
        for i, phonemes in enumerate(spoken):
            ids = torch.from_numpy(corpus.symbols.encode(phonemes))[None].to(device)
            output = model.infer(
                ids,
                torch.tensor([ids.shape[1]], device=device),
                speakers=torch.tensor([0], device=device) if speakers else None,
            )
            n_frames = int(output.lengths[0])
            n_steps = max(1, n_frames // output.frames_per_step)
            alignment = output.alignment[0, :n_steps].float().cpu().numpy()
            mel = output.mel[0, :, :n_frames].float().cpu().numpy()
            folder.mkdir(parents=True, exist_ok=True)
            _plot(phonemes, alignment, mel, folder / f"sentence-{i}.png")
            sound = griffin_lim(mel, corpus.mel, n_iterations=30)
            write_wav(folder / f"sentence-{i}.flac", np.clip(sound, -1, 1), corpus.mel.sample_rate)
            figures.append(
                {
                    # share of the tokens that some step looked at, how sure the steps were of theirs
                    "coverage": float(np.minimum(alignment.sum(axis=0), 1.0).mean()),
                    "focus": float(alignment.max(axis=1).mean()),
                    "finished": float(output.finished[0]),
                    "seconds": n_frames / corpus.mel.frames_per_second,
                }
            )
        return {name: float(np.mean([f[name] for f in figures])) for name in (figures or [{}])[0]}

    return sample


def _vocoder_sampler(corpus: PreparedCorpus, sample_s: float, speakers: Sequence[str]) -> Sampler:
    utterances = (corpus.utterances("validation") or corpus.utterances("train"))[:_N_CLIPS]
    n_frames = max(1, round(sample_s * corpus.mel.frames_per_second))

    def sample(model: AcousticModel | Vocoder, folder: Path) -> dict[str, float]:
        assert isinstance(model, Vocoder)
        from tts.vocoder.compiled import fast_vocoder

        speaks = fast_vocoder(copy.deepcopy(model).cpu())
        folder.mkdir(parents=True, exist_ok=True)
        distances, levels = [], []
        for utterance in utterances:
            mel = np.ascontiguousarray(corpus.mel_of(utterance)[:, :n_frames])
            true = corpus.audio_of(utterance, 0, mel.shape[1])
            own = torch.tensor([speakers.index(utterance.speaker)]) if speakers else None
            sound = speaks.infer(torch.from_numpy(mel)[None], speakers=own)[0].numpy()
            path = folder / f"{utterance.id}.flac"
            write_wav(path, np.clip(sound, -1, 1), corpus.mel.sample_rate)
            distances.append(_mel_distance(sound, mel, corpus.mel))
            levels.append(20 * np.log10((_rms(sound) + 1e-9) / (_rms(true) + 1e-9)))
        return {"mel_distance": float(np.mean(distances)), "level_db": float(np.mean(levels))}

    return sample


def _mel_distance(sound: FloatArray, mel: FloatArray, config: MelConfig) -> float:
    """Mean difference of the log mel, in nepers, between a sound and the mel that it was made from."""
    return float(np.abs(mel_spectrogram(sound, config) - mel).mean()) * config.log_std


def _rms(samples: FloatArray) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def _plot(phonemes: str, alignment: FloatArray, mel: FloatArray, path: Path) -> None:
    """The attention over the phonemes above the mel, on one axis of time."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 8), layout="constrained")
    FigureCanvasAgg(figure)
    top, bottom = figure.subplots(2, 1)
    top.imshow(alignment.T, origin="lower", aspect="auto", interpolation="nearest", vmin=0.0)
    top.set_yticks(range(len(phonemes)), list(phonemes), fontsize=5)
    top.set_xlabel("decoder step")
    bottom.imshow(mel, origin="lower", aspect="auto", interpolation="nearest")
    bottom.set_xlabel("frame")
    bottom.set_ylabel("mel band")
    figure.savefig(path, dpi=100)
