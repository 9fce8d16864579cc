"""Batches as pure functions of the training step: a run resumes exactly without any loader state.

A batch can be dealt out in shards, to several processes or to be seen one after the other. `share` is what a
shard counts in the mean over the whole batch.
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt
import torch

from tts.acoustic.base import AcousticBatch
from tts.audio.mel import linear_spectrogram
from tts.data.features import read_array
from tts.data.manifest import Utterance
from tts.data.prepared import PreparedCorpus, Split
from tts.errors import CorpusError
from tts.text import sentence_of
from tts.vocoder.base import VocoderBatch

__all__ = ["AcousticBatches", "Shard", "VocoderBatches", "acoustic_batch", "pinned", "to_device"]

_LENGTH_JITTER = 0.1

FloatArray = npt.NDArray[np.float32]
Batch = TypeVar("Batch", bound=AcousticBatch | VocoderBatch)


@dataclass(frozen=True, slots=True)
class Shard(Generic[Batch]):
    """A part of the batch of a step.

    Attributes:
        batch: never empty: what there is too little of comes twice, and counts nothing the second time.
        share: what it counts, from 0 to 1; the shares of a batch sum to 1.
    """

    batch: Batch
    share: float


def acoustic_batch(
    corpus: PreparedCorpus,
    utterances: list[Utterance],
    speakers: Sequence[str] = (),
    read: Sequence[str] | None = None,
    *,
    linear: bool = False,
) -> AcousticBatch:
    """Utterances padded to the longest: tokens with 0, spectrograms with silence.

    Args:
        corpus: the prepared corpus.
        utterances: of it.
        speakers: the names of the model's speakers; none for a model of one.
        read: what the model reads of each; None is their phonemes.
        linear: whether linear spectrograms are wanted. They are made of the sound each time, for they are
            too large to be kept.
    """
    if read is None:
        read = [utterance.phonemes for utterance in utterances]
    tokens = [corpus.symbols.encode(symbols) for symbols in read]
    mels = [corpus.mel_of(utterance) for utterance in utterances]
    token_lengths = torch.tensor([len(item) for item in tokens])
    mel_lengths = torch.tensor([item.shape[1] for item in mels])
    batch = AcousticBatch(
        tokens=torch.zeros(len(tokens), int(token_lengths.max()), dtype=torch.int64),
        token_lengths=token_lengths,
        mel=torch.full((len(mels), corpus.mel.n_mels, int(mel_lengths.max())), corpus.mel.silence),
        mel_lengths=mel_lengths,
        speakers=_speaker_ids(utterances, speakers),
        linear=_linear(corpus, utterances) if linear else None,
    )
    for i, (ids, mel) in enumerate(zip(tokens, mels, strict=True)):
        batch.tokens[i, : len(ids)] = torch.from_numpy(ids)
        batch.mel[i, :, : mel.shape[1]] = torch.from_numpy(mel)
    return batch


def _mixed(utterance: Utterance, phoneme_share: float, rng: np.random.Generator) -> str:
    """An utterance with some of its words in letters instead of phonemes (Deep Voice 3, section 3.2)."""
    if not utterance.words:
        return utterance.phonemes
    in_phonemes = rng.random(len(utterance.words)) < phoneme_share
    words = zip(utterance.words, in_phonemes, strict=True)
    return sentence_of(
        phonemes if chosen or not letters else letters for (phonemes, letters), chosen in words
    )


def _speaker_ids(utterances: Sequence[Utterance], speakers: Sequence[str]) -> torch.Tensor | None:
    """Who speaks each utterance, as an index into `speakers`; None when those are none. Shape: (B,)."""
    if not speakers:
        return None
    return torch.tensor([speakers.index(utterance.speaker) for utterance in utterances])


def _linear(corpus: PreparedCorpus, utterances: list[Utterance]) -> torch.Tensor:
    """Shape: (B, n_fft / 2 + 1, T)."""
    n_frames = max(utterance.n_frames for utterance in utterances)
    padded = torch.full((len(utterances), corpus.mel.n_bins, n_frames), corpus.mel.silence)
    for item, utterance in zip(padded, utterances, strict=True):
        found = linear_spectrogram(corpus.audio_of(utterance), corpus.mel)
        item[:, : utterance.n_frames] = torch.from_numpy(found)
    return padded


def to_device(batch: Batch, device: torch.device) -> Batch:
    """The same batch on a device; out of pinned memory it goes there while the device works."""
    return _each(batch, lambda tensor: tensor.to(device, non_blocking=True))


def pinned(batch: Batch) -> Batch:
    """The same batch in pinned memory, from which CUDA copies by itself."""
    return _each(batch, lambda tensor: tensor.pin_memory())


def _each(batch: Batch, change: Callable[[torch.Tensor], torch.Tensor]) -> Batch:
    values = {field.name: getattr(batch, field.name) for field in dataclasses.fields(batch)}
    return type(batch)(
        **{n: change(v) if isinstance(v, torch.Tensor) else v for n, v in values.items()}
    )


class AcousticBatches:
    """Whole utterances in batches of like length.

    Each epoch sorts the utterances by their length times a random factor near 1, cuts the line at the same
    places, and takes the pieces in random order: neighbours change, padding stays small, and every epoch
    has as many steps as the other.

    Args:
        corpus: the prepared corpus.
        split: which utterances.
        batch_size: utterances in a batch; the last piece may hold fewer.
        batch_frames: instead, mel frames in a batch with its padding, about: short utterances come in
            larger batches.
        speakers: the names of the model's speakers, in the order of their ids; none for a model of one.
        phoneme_share: of a corpus of mixed input, the share of words that are read in phonemes, the others in
            letters; drawn for each word anew.
        seed: decides the order, and those draws.
        linear: whether the model learns the linear spectrogram too.
    """

    def __init__(
        self,
        corpus: PreparedCorpus,
        split: Split,
        *,
        batch_size: int | None = None,
        batch_frames: int | None = None,
        speakers: Sequence[str] = (),
        phoneme_share: float = 1.0,
        seed: int = 0,
        linear: bool = False,
    ) -> None:
        if (batch_size is None) == (batch_frames is None):
            raise ValueError("give either batch_size or batch_frames")
        self.corpus, self.speakers, self.seed = corpus, speakers, seed
        self.phoneme_share, self.linear = phoneme_share, linear
        self.utterances = corpus.utterances(split)
        self._n_frames = np.array([utterance.n_frames for utterance in self.utterances])
        self._cuts = [0]
        longest_first = np.sort(self._n_frames)[::-1]
        while self._cuts[-1] < len(longest_first):
            start = self._cuts[-1]
            size = batch_size or max(1, (batch_frames or 0) // int(longest_first[start]))
            self._cuts.append(min(start + size, len(longest_first)))

    def __len__(self) -> int:
        """The number of batches of an epoch."""
        return len(self._cuts) - 1

    def at(self, step: int) -> AcousticBatch:
        """The batch of a step, counted from 0 over all epochs."""
        return self.shard(step, 0, 1).batch

    def shard(self, step: int, index: int, n: int) -> Shard[AcousticBatch]:
        """Every n-th utterance of the batch of a step; it counts as many frames as it has."""
        whole = self._chosen(step)
        # A generator of its own, so that these draws leave those of the order as they are.
        rng = np.random.default_rng((self.seed, step, 1))
        read = [_mixed(utterance, self.phoneme_share, rng) for utterance in whole]
        share = sum(u.n_frames for u in whole[index::n]) / sum(u.n_frames for u in whole)
        mine = slice(index, None, n) if index < len(whole) else slice(1)
        batch = acoustic_batch(
            self.corpus, whole[mine], self.speakers, read[mine], linear=self.linear
        )
        return Shard(batch, share)

    def ids(self, step: int) -> list[str]:
        """The clips in the batch of a step."""
        return [utterance.id for utterance in self._chosen(step)]

    def _chosen(self, step: int) -> list[Utterance]:
        epoch, piece = divmod(step, len(self))
        rng = np.random.default_rng((self.seed, epoch))
        jitter = rng.uniform(1 - _LENGTH_JITTER, 1 + _LENGTH_JITTER, len(self._n_frames))
        order = np.argsort(self._n_frames * jitter)[::-1]
        piece = int(rng.permutation(len(self))[piece])
        chosen = order[self._cuts[piece] : self._cuts[piece + 1]]
        return [self.utterances[i] for i in chosen]


@dataclass(frozen=True, slots=True)
class _Crop:
    """What of a clip is in a batch, and whether its mel is the predicted one."""

    utterance: Utterance
    start: int
    predicted: bool


class VocoderBatches:
    """Crops of random clips at random places: every second of sound is as likely as any other.

    Args:
        corpus: the prepared corpus.
        split: which utterances; those shorter than a crop are left out.
        batch_size: crops in a batch.
        crop_frames: mel frames of a crop.
        speakers: the names of the model's speakers, in the order of their ids; none for a model of one.
        seed: decides the crops.
        predicted: a folder of mels that an acoustic model predicted, as `tts predict` leaves it.
        predicted_share: the share of crops whose mel is taken from there.

    Raises:
        CorpusError: when no clip is long enough, or a predicted mel is missing.
    """

    def __init__(
        self,
        corpus: PreparedCorpus,
        split: Split,
        *,
        batch_size: int,
        crop_frames: int,
        speakers: Sequence[str] = (),
        seed: int = 0,
        predicted: Path | None = None,
        predicted_share: float = 0.0,
    ) -> None:
        self.corpus, self.speakers, self.seed = corpus, speakers, seed
        self.batch_size, self.crop_frames = batch_size, crop_frames
        self.utterances = [u for u in corpus.utterances(split) if u.n_frames >= crop_frames]
        if not self.utterances:
            raise CorpusError(
                f"{corpus.folder}: no {split} clip is {crop_frames} frames long",
                hint="choose a smaller crop: [batches] crop_frames",
            )
        frames = np.array([utterance.n_frames for utterance in self.utterances])
        self._shares = frames / frames.sum()
        self._predicted = predicted if predicted_share > 0 else None
        self._predicted_share = predicted_share
        if self._predicted is not None:
            files = [f"{utterance.id}.safetensors" for utterance in self.utterances]
            missing = [name for name in files if not (self._predicted / name).is_file()]
            if missing:
                raise CorpusError(
                    f"{predicted}: {len(missing)} predicted mels are missing, first {missing[0]}",
                    hint="write them: tts predict RUN CORPUS OUT",
                )

    def at(self, step: int) -> VocoderBatch:
        """The batch of a step, counted from 0."""
        return self.shard(step, 0, 1).batch

    def shard(self, step: int, index: int, n: int) -> Shard[VocoderBatch]:
        """Every n-th crop of the batch of a step."""
        whole = self._crops(step)
        mine = whole[index::n]
        audio, mels = [], []
        for crop in mine or whole[:1]:
            start, stop = crop.start, crop.start + self.crop_frames
            mel_of = self._predicted_mel if crop.predicted else self.corpus.mel_of
            mels.append(mel_of(crop.utterance)[:, start:stop])
            audio.append(self.corpus.audio_of(crop.utterance, start, stop))
        batch = VocoderBatch(
            audio=torch.from_numpy(np.stack(audio)),
            mel=torch.from_numpy(np.stack(mels)),
            speakers=_speaker_ids([crop.utterance for crop in mine or whole[:1]], self.speakers),
        )
        return Shard(batch, len(mine) / len(whole))

    def ids(self, step: int) -> list[str]:
        """The clips in the batch of a step."""
        return [crop.utterance.id for crop in self._crops(step)]

    def _crops(self, step: int) -> list["_Crop"]:
        rng = np.random.default_rng((self.seed, step))
        crops = []
        for i in rng.choice(len(self.utterances), self.batch_size, p=self._shares):
            utterance = self.utterances[i]
            start = int(rng.integers(0, utterance.n_frames - self.crop_frames + 1))
            crops.append(_Crop(utterance, start, rng.random() < self._predicted_share))
        return crops

    def _predicted_mel(self, utterance: Utterance) -> FloatArray:
        assert self._predicted is not None
        path = self._predicted / f"{utterance.id}.safetensors"
        try:
            mel: FloatArray = read_array(path, "mel")
        except (OSError, ValueError) as error:
            raise CorpusError(
                f"{path}: cannot be read: {error}",
                hint="write it again: tts predict RUN CORPUS OUT",
            ) from None
        if mel.shape != (self.corpus.mel.n_mels, utterance.n_frames):
            raise CorpusError(
                f"{path}: has the shape {mel.shape}, "
                f"expected {(self.corpus.mel.n_mels, utterance.n_frames)}",
                hint="predict the mels of this very corpus: tts predict RUN CORPUS OUT",
            )
        return mel
