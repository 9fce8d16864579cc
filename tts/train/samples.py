"""What a model says by itself while it trains: the losses do not tell whether it can.

An acoustic model speaks fixed sentences, as the first of its speakers, and two validation clips, each left as
a plot of its attention and mel and as sound by Griffin-Lim; a clip also with the true frames before. All
figures are those of free-running speech. A vocoder speaks the true mel of the start of two validation clips.
"""

import copy
import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from tts.acoustic import AcousticModel, AcousticOutput
from tts.acoustic.alignment import alignment_figures, alignment_of
from tts.audio.mel import MelConfig, griffin_lim, griffin_lim_linear, mel_spectrogram
from tts.audio.wav import write_wav
from tts.data.batches import acoustic_batch, to_device
from tts.data.prepared import PreparedCorpus
from tts.errors import TrainingError
from tts.text import TextFrontEnd
from tts.train.pictures import Said, plot_attention
from tts.train.recipe import Recipe
from tts.train.watch import evenly
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
    front_end = TextFrontEnd(corpus.symbols, corpus.language, phonemizer=corpus.phonemizer)
    spoken = [front_end.phonemes_of(sentence) for sentence in sentences]
    clips = evenly(corpus.utterances("validation") or corpus.utterances("train"), _N_CLIPS)

    def sample(model: AcousticModel | Vocoder, folder: Path) -> dict[str, float]:
        assert isinstance(model, AcousticModel)
        figures: list[dict[str, float]] = []
        device = next(model.parameters()).device
        folder.mkdir(parents=True, exist_ok=True)
        for i, phonemes in enumerate(spoken):
            ids = torch.from_numpy(corpus.symbols.encode(phonemes))[None].to(device)
            output = model.infer(
                ids,
                torch.tensor([ids.shape[1]], device=device),
                speakers=torch.tensor([0], device=device) if speakers else None,
            )
            said = _said(output, ids.shape[1], corpus.mel)
            plot_attention(folder / f"sentence-{i}.png", phonemes, {"free-running": said})
            _write_sound(folder / f"sentence-{i}.flac", output, corpus.mel)
            figures.append(said.figures)
        for clip in clips:
            batch = to_device(acoustic_batch(corpus, [clip], speakers), device)
            n_tokens, true = len(clip.phonemes), corpus.mel_of(clip)
            outputs = {
                "teacher-forced": model.teacher_forced(batch),
                "free-running": model.infer(
                    batch.tokens, batch.token_lengths, speakers=batch.speakers
                ),
            }
            columns = {n: _said(output, n_tokens, corpus.mel) for n, output in outputs.items()}
            free = columns["free-running"]
            plot_attention(folder / f"{clip.id}.png", clip.phonemes, columns, recording=true)
            for name, output in outputs.items():
                _write_sound(folder / f"{clip.id}-{name}.flac", output, corpus.mel)
            ratio = {"length_ratio": free.mel.shape[1] / true.shape[1]}
            distance = {"mel_distance": _warped_distance(free.mel, true) * corpus.mel.log_std}
            figures.append({**free.figures, **ratio, **distance})
        names = dict.fromkeys(name for found in figures for name in found)
        return {n: float(np.mean([f[n] for f in figures if n in f])) for n in names}

    return sample


def _said(output: AcousticOutput, n_tokens: int, config: MelConfig) -> Said:
    """The first utterance of what a model said, without padding, in figures."""
    n_frames = int(output.lengths[0])
    alignment = alignment_of(output, 0, n_tokens)
    found = alignment_figures(alignment, output.frames_per_step / config.frames_per_second)
    figures = {name: float(value) for name, value in dataclasses.asdict(found).items()}
    figures["finished"] = float(output.finished[0])
    figures["seconds"] = n_frames / config.frames_per_second
    return Said(alignment, output.mel[0, :, :n_frames].float().cpu().numpy(), figures)


def _write_sound(path: Path, output: AcousticOutput, config: MelConfig) -> None:
    """The first utterance by Griffin-Lim, from the linear spectrogram where there is one."""
    spectrogram, invert = (
        (output.mel, griffin_lim) if output.linear is None else (output.linear, griffin_lim_linear)
    )
    valid = spectrogram[0, :, : int(output.lengths[0])].float().cpu().numpy()
    sound = invert(valid, config, n_iterations=30)
    write_wav(path, np.clip(sound, -1, 1), config.sample_rate)


def _warped_distance(ours: FloatArray, theirs: FloatArray) -> float:
    """The mean difference of two mels on their cheapest common path through time. Shape: (M, T) each."""
    from librosa.sequence import dtw

    _, path = dtw(ours, theirs, metric="cityblock")
    return float(np.abs(ours[:, path[:, 0]] - theirs[:, path[:, 1]]).mean())


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
            own = speakers.index(utterance.speaker) if speakers else None
            sound = np.concatenate(list(speaks.stream(mel, speaker=own)))
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
