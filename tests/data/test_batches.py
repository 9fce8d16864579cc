"""Batches: pure functions of the step, whose shapes and shares are what they claim."""

import dataclasses
from collections import Counter

import numpy as np
import pytest
import torch

from tts.audio.mel import linear_spectrogram
from tts.data.batches import AcousticBatches, VocoderBatches, to_device
from tts.data.features import write_arrays
from tts.data.prepare import prepare
from tts.data.prepared import PreparedCorpus
from tts.errors import CorpusError

from .conftest import MEL, hum


@pytest.fixture
def prepared(corpus, config, tmp_path) -> PreparedCorpus:
    prepare(corpus, tmp_path / "out", dataclasses.replace(config, n_validation_texts=0))
    return PreparedCorpus.load(tmp_path / "out")


def same(a, b) -> bool:
    pairs = [(getattr(a, field.name), getattr(b, field.name)) for field in dataclasses.fields(a)]
    return all(x is y is None or torch.equal(x, y) for x, y in pairs)


@pytest.mark.parametrize("memory_bytes", [0, 3000, 1 << 30])
def test_a_batch_depends_on_seed_and_step_alone(prepared, memory_bytes):
    again = PreparedCorpus.load(prepared.folder, memory_bytes=memory_bytes)
    for make in (
        lambda corpus, seed: AcousticBatches(corpus, "train", batch_size=2, seed=seed),
        lambda corpus, seed: VocoderBatches(
            corpus, "train", batch_size=3, crop_frames=8, seed=seed
        ),
    ):
        first, second = make(prepared, 1), make(again, 1)
        forwards = [first.at(step) for step in range(7)]
        backwards = [second.at(step) for step in reversed(range(7))][::-1]
        assert all(same(a, b) for a, b in zip(forwards, backwards, strict=True))
        other = make(prepared, 2)
        assert not all(same(batch, other.at(step)) for step, batch in enumerate(forwards))


def test_acoustic_batches_hold_each_utterance_once_an_epoch(prepared):
    batches = AcousticBatches(prepared, "train", batch_size=4, seed=3)
    assert len(batches) == 2
    lengths = sorted(utterance.n_frames for utterance in prepared.utterances())
    for epoch in range(5):
        seen = [batches.at(2 * epoch + piece) for piece in range(2)]
        assert sorted(torch.cat([b.mel_lengths for b in seen]).tolist()) == lengths


def test_acoustic_batches_are_padded(prepared):
    batch = AcousticBatches(prepared, "train", batch_size=6).at(0)
    assert batch.mel.shape == (6, 8, int(batch.mel_lengths.max()))
    assert batch.tokens.shape == (6, int(batch.token_lengths.max()))
    assert batch.tokens.dtype == batch.token_lengths.dtype == batch.mel_lengths.dtype == torch.int64
    by_length = {u.n_frames: u for u in prepared.utterances()}
    for i in range(6):
        utterance = by_length[int(batch.mel_lengths[i])]
        n_tokens, n_frames = int(batch.token_lengths[i]), utterance.n_frames
        assert prepared.symbols.decode(batch.tokens[i, :n_tokens].tolist()) == utterance.phonemes
        assert not batch.tokens[i, n_tokens:].any()
        np.testing.assert_array_equal(batch.mel[i, :, :n_frames], prepared.mel_of(utterance))
        assert (batch.mel[i, :, n_frames:] == MEL.silence).all()


def test_linear_spectrograms_come_when_asked_for(prepared):
    assert AcousticBatches(prepared, "train", batch_size=6).at(0).linear is None
    batch = AcousticBatches(prepared, "train", batch_size=6, linear=True).at(0)
    assert batch.linear.shape == (6, MEL.n_bins, batch.mel.shape[2])
    by_length = {u.n_frames: u for u in prepared.utterances()}
    for linear, length in zip(batch.linear, batch.mel_lengths.tolist(), strict=True):
        sound = prepared.audio_of(by_length[length])
        np.testing.assert_array_equal(linear[:, :length], linear_spectrogram(sound, MEL))
        assert (linear[:, length:] == MEL.silence).all()


def test_acoustic_batches_of_so_many_frames(prepared):
    batches = AcousticBatches(prepared, "train", batch_frames=160)
    sizes = {len(batches.at(step).mel_lengths) for step in range(len(batches))}
    assert len(sizes) > 1
    for step in range(3 * len(batches)):
        n_items, _, n_frames = batches.at(step).mel.shape
        assert n_items == 1 or n_items * n_frames <= 160 * 1.25  # neighbours change places
    with pytest.raises(ValueError, match="either"):
        AcousticBatches(prepared, "train")


def test_crops_are_parts_of_clips(prepared):
    batch = VocoderBatches(prepared, "train", batch_size=16, crop_frames=10).at(5)
    assert batch.audio.shape == (16, 640)
    assert batch.mel.shape == (16, 8, 10)
    clips = [(prepared.mel_of(u), prepared.audio_of(u)) for u in prepared.utterances()]
    for audio, mel in zip(batch.audio.numpy(), batch.mel.numpy(), strict=True):
        places = [
            (i, start)
            for i, (whole, _) in enumerate(clips)
            for start in range(whole.shape[1] - 9)
            if (whole[:, start : start + 10] == mel).all()
        ]
        assert len(places) == 1
        i, start = places[0]
        np.testing.assert_array_equal(clips[i][1][start * 64 : (start + 10) * 64], audio)


def test_crops_in_proportion_to_length_and_never_of_short_clips(prepared):
    lengths = {u.id: u.n_frames for u in prepared.utterances()}
    crop = sorted(lengths.values())[1]
    batches = VocoderBatches(prepared, "train", batch_size=64, crop_frames=crop)
    fit = {name: n for name, n in lengths.items() if n >= crop}
    assert [u.id for u in batches.utterances] == list(fit)
    first = {u.id: prepared.mel_of(u)[0] for u in prepared.utterances()}
    counts: Counter[str] = Counter()
    for step in range(20):
        for mel in batches.at(step).mel[:, 0].numpy():
            counts[next(n for n, m in first.items() if _contains(m, mel))] += 1
    for name, n_frames in fit.items():
        assert counts[name] / 1280 == pytest.approx(n_frames / sum(fit.values()), abs=0.05)


def test_predicted_mels_take_their_share(prepared, tmp_path):
    folder = tmp_path / "predicted"
    folder.mkdir()
    for utterance in prepared.utterances():
        nines = np.full((8, utterance.n_frames), 9, np.float32)
        write_arrays(folder / f"{utterance.id}.safetensors", mel=nines)

    def batches(share):
        return VocoderBatches(
            prepared,
            "train",
            batch_size=50,
            crop_frames=8,
            predicted=folder,
            predicted_share=share,
        )

    share = torch.stack([(batches(0.3).at(step).mel == 9).all((1, 2)) for step in range(10)])
    assert share.float().mean().item() == pytest.approx(0.3, abs=0.07)
    assert (batches(1.0).at(0).mel == 9).all()
    write_arrays(folder / "clip5.safetensors", mel=np.zeros((8, 3), np.float32))
    with pytest.raises(
        CorpusError, match=r"clip5\.safetensors: has the shape \(8, 3\), expected \(8, "
    ):
        [batches(1.0).at(step) for step in range(10)]
    (folder / "clip5.safetensors").write_bytes(b"no array")
    with pytest.raises(CorpusError, match=r"clip5\.safetensors: cannot be read"):
        [batches(1.0).at(step) for step in range(10)]
    (folder / "clip5.safetensors").unlink()
    with pytest.raises(
        CorpusError, match=r"1 predicted mels are missing, first clip5\.safetensors"
    ):
        batches(0.1)
    batches(0.0).at(0)


def test_a_crop_longer_than_every_clip(prepared):
    with pytest.raises(CorpusError, match="no train clip is 1000 frames long"):
        VocoderBatches(prepared, "train", batch_size=1, crop_frames=1000)


def test_to_device(prepared):
    batch = AcousticBatches(prepared, "train", batch_size=2).at(0)
    moved = to_device(batch, torch.device("meta"))
    assert moved.mel.device.type == "meta"
    assert moved.speakers is None


def test_the_key_tells_corpora_apart(prepared, corpus, config, tmp_path):
    prepare(corpus, tmp_path / "other", config)
    assert PreparedCorpus.load(tmp_path / "other").key != prepared.key
    assert PreparedCorpus.load(prepared.folder).key == prepared.key


def _contains(whole: np.ndarray, part: np.ndarray) -> bool:
    if len(whole) < len(part):
        return False
    windows = np.lib.stride_tricks.sliding_window_view(whole, len(part))
    return bool((windows == part).all(axis=1).any())


def test_batches_tell_who_speaks(two_corpora, config, tmp_path):
    """Ids are places in the model's list, whatever the corpus's; a model of one is told nothing."""
    prepare(two_corpora, tmp_path / "out", dataclasses.replace(config, n_validation_texts=0))
    corpus = PreparedCorpus.load(tmp_path / "out")
    names = ("clara", "bert", "anna")
    by_length = {u.n_frames: u.speaker for u in corpus.utterances()}
    by_mel = {u.id: (corpus.mel_of(u)[0], u.speaker) for u in corpus.utterances()}
    assert len(by_length) == 7

    acoustic = AcousticBatches(corpus, "train", batch_size=3, speakers=names)
    for step in range(len(acoustic)):
        batch = acoustic.at(step)
        assert batch.speakers.dtype == torch.int64
        own = [by_length[int(n)] for n in batch.mel_lengths]
        assert [names[i] for i in batch.speakers.tolist()] == own

    batch = VocoderBatches(corpus, "train", batch_size=20, crop_frames=8, speakers=names).at(0)
    assert batch.speakers.dtype == torch.int64
    own = [
        next(who for whole, who in by_mel.values() if _contains(whole, mel))
        for mel in batch.mel[:, 0].numpy()
    ]
    assert [names[i] for i in batch.speakers.tolist()] == own
    assert set(own) == {"anna", "bert"}

    assert AcousticBatches(corpus, "train", batch_size=3).at(0).speakers is None
    alone = VocoderBatches(corpus, "train", batch_size=20, crop_frames=8).at(0)
    assert alone.speakers is None
    assert torch.equal(alone.mel, batch.mel)


@pytest.fixture
def mixed(tmp_path, write_clip, config) -> PreparedCorpus:
    """Three clips of eight words each."""
    texts = ["One two three four five six seven eight.", "Cats of the house had been in bed."]
    for i, text in enumerate([*texts, "Eight dogs, seven cats and six birds sang."]):
        write_clip(tmp_path / "hums", f"clip{i}", hum(0.6 + 0.2 * i, i), text=text)
    settings = {"n_validation_texts": 0, "input": "mixed"}
    prepare(tmp_path / "hums", tmp_path / "out", dataclasses.replace(config, **settings))
    return PreparedCorpus.load(tmp_path / "out")


def read(corpus: PreparedCorpus, batch) -> dict[int, str]:
    """What a model reads, by the number of frames."""
    lengths, tokens = batch.token_lengths.tolist(), batch.tokens.tolist()
    decoded = [corpus.symbols.decode(ids[:n]) for ids, n in zip(tokens, lengths, strict=True)]
    return dict(zip(batch.mel_lengths.tolist(), decoded, strict=True))


def test_words_are_read_in_phonemes_or_letters_one_by_one(mixed):
    batches = AcousticBatches(mixed, "train", batch_size=3, phoneme_share=0.7, seed=4)
    in_phonemes = Counter[tuple[int, int]]()
    for step in range(300):
        for utterance in mixed.utterances():
            words = read(mixed, batches.at(step))[utterance.n_frames]
            assert words[0] + words[-1] == "^$"
            words = words[1:-1]
            for i, (phonemes, letters) in enumerate(utterance.words):
                in_phonemes[utterance.n_frames, i] += words.startswith(phonemes)
                own = phonemes if words.startswith(phonemes) else letters
                assert words.startswith(own)
                words = words[len(own) :].removeprefix(" ")
            assert not words
    for count in in_phonemes.values():  # each word by itself
        assert count / 300 == pytest.approx(0.7, abs=0.1)


def test_what_is_read_depends_on_seed_and_step_alone(mixed):
    def batches(**options) -> AcousticBatches:
        return AcousticBatches(mixed, "train", batch_size=2, **options)

    first, again = (batches(phoneme_share=0.5, seed=1) for _ in range(2))
    forwards = [first.at(step) for step in range(6)]
    backwards = [again.at(step) for step in reversed(range(6))][::-1]
    assert all(same(a, b) for a, b in zip(forwards, backwards, strict=True))
    epochs = [{**read(mixed, first.at(2 * i)), **read(mixed, first.at(2 * i + 1))} for i in (0, 1)]
    assert epochs[0] != epochs[1]  # drawn anew
    other = batches(phoneme_share=0.5, seed=2)
    assert not all(same(other.at(step), batch) for step, batch in enumerate(forwards))
    # The mels and their order are those without any draw of words.
    plain = [batches(seed=1).at(step) for step in range(6)]
    assert all(torch.equal(a.mel, b.mel) for a, b in zip(plain, forwards, strict=True))


@pytest.mark.parametrize(("share", "spelling"), [(1.0, 0), (0.0, 1)])
def test_all_in_phonemes_and_all_in_letters(mixed, share, spelling):
    whole = read(mixed, AcousticBatches(mixed, "train", batch_size=3, phoneme_share=share).at(0))
    for utterance in mixed.utterances():
        words = " ".join(word[spelling] for word in utterance.words)
        assert whole[utterance.n_frames] == f"^{words}$"
        assert spelling or whole[utterance.n_frames] == utterance.phonemes


def test_a_corpus_of_phonemes_takes_no_notice_of_the_share(prepared):
    shares = [AcousticBatches(prepared, "train", batch_size=3, phoneme_share=s) for s in (1.0, 0.0)]
    assert same(shares[0].at(0), shares[1].at(0))
