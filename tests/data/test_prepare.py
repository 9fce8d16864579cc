"""Preparing a corpus: what is computed, what is kept, what is refused."""

import dataclasses
import json
import os
from pathlib import Path

import numpy as np
import pytest

from tts.audio.loudness import loudness_lufs
from tts.audio.mel import mel_spectrogram
from tts.data.manifest import PrepareConfig
from tts.data.prepare import prepare, validation_texts
from tts.data.prepared import PreparedCorpus
from tts.errors import CorpusError
from tts.text import ENGLISH_SYMBOLS

from .conftest import MEL, RATE, hum


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_features(corpus, config, tmp_path):
    told: list[tuple[int, int]] = []
    summary = prepare(corpus, tmp_path / "out", config, progress=lambda *parts: told.append(parts))
    assert (summary.n_train, summary.n_validation, summary.n_cached) == (5, 1, 0)
    assert summary.skipped == summary.warnings == ()
    assert told[-1] == (6, 6)
    assert told == sorted(told)
    assert len(told) == 18  # each clip's text is read, its sound checked, then analysed

    prepared = PreparedCorpus.load(tmp_path / "out")
    assert prepared.mel == MEL
    assert prepared.name == "hums"
    assert prepared.speakers == summary.speakers == ("hums",)
    utterances = prepared.utterances()
    assert [u.id for u in utterances] == [f"clip{i}" for i in range(6)]
    assert utterances[0].text == "One."
    assert utterances[0].phonemes == "^wˌʌn.$"
    for utterance in utterances:
        audio, mel = prepared.audio_of(utterance), prepared.mel_of(utterance)
        assert audio.dtype == mel.dtype == np.float32
        assert mel.shape == (8, utterance.n_frames)
        assert len(audio) == utterance.n_frames * MEL.hop
        np.testing.assert_array_equal(mel, mel_spectrogram(audio, MEL))
        assert loudness_lufs(audio, RATE) == pytest.approx(-23.0, abs=0.3)
        np.testing.assert_array_equal(prepared.audio_of(utterance, 2, 5), audio[128:320])
    assert summary.seconds == pytest.approx(sum(u.n_frames for u in utterances) * MEL.hop / RATE)


def test_the_texts_of_named_clips_are_held_out(tmp_path, write_clip, config):
    for i, text in enumerate(["One.", "Two.", "One.", "Three."]):
        write_clip(tmp_path / "hums", f"clip{i}", hum(0.5, i), text=text)
    config = dataclasses.replace(config, hold_out=("clip0", "clip3"))
    summary = prepare(tmp_path / "hums", tmp_path / "out", config)
    assert (summary.n_train, summary.n_validation) == (1, 3)
    held_out = PreparedCorpus.load(tmp_path / "out").utterances("validation")
    assert [utterance.id for utterance in held_out] == ["clip0", "clip2", "clip3"]


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (("clip9", "clip0"), "'clip9'"),
        (("x", "clip9", "y"), "'clip9', 'x', 'y'"),
        (tuple("abcdefgh"), "'a', 'b', 'c', 'd', 'e', nor 3 others of the list"),
    ],
)
def test_a_clip_to_hold_out_must_be_there(corpus, config, tmp_path, ids, message):
    with pytest.raises(CorpusError) as raised:
        prepare(corpus, tmp_path / "out", dataclasses.replace(config, hold_out=ids))
    assert str(raised.value) == f"to hold out: there is no clip {message}"
    assert not (tmp_path / "out").exists()


def test_clips_to_hold_out_are_told_with_all_that_is_wrong(corpus, config, tmp_path):
    (corpus / "wavs" / "clip1.wav").write_bytes(b"RIFF")
    with pytest.raises(CorpusError, match="2 problems") as raised:
        prepare(corpus, tmp_path / "out", dataclasses.replace(config, hold_out=("x",)))
    assert "there is no clip 'x'" in str(raised.value)
    assert "clip1" in str(raised.value)


def test_several_processes_make_the_same_files(tmp_path, write_clip, config):
    for i in range(10):
        write_clip(tmp_path / "hums", f"clip{i}", hum(0.5, i))
    prepare(tmp_path / "hums", tmp_path / "one", config)
    prepare(tmp_path / "hums", tmp_path / "two", config, n_jobs=2)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert len(files(tmp_path / "one")) == 12


def test_silence_is_trimmed_but_for_a_margin(tmp_path, write_clip, config):
    quiet = np.zeros(2 * RATE, dtype=np.float32)
    write_clip(tmp_path / "hums", "a", np.concatenate([quiet, hum(1.0), quiet]))
    prepare(tmp_path / "hums", tmp_path / "out", config)
    corpus = PreparedCorpus.load(tmp_path / "out")
    (utterance,) = corpus.utterances()
    audio = corpus.audio_of(utterance)
    # librosa looks at frames of 1,024 samples, so that it finds the ends only to a quarter of a second
    assert 1.15 - 0.01 <= len(audio) / RATE <= 1.15 + 2 * 1024 / RATE
    loud = np.flatnonzero(np.abs(audio) > 0.01)
    assert loud[0] / RATE >= 0.05
    assert (len(audio) - loud[-1]) / RATE >= 0.1


def test_the_level_is_lowered_for_a_peak(tmp_path, write_clip, config):
    click = 0.01 * hum(1.0)
    click[2000] = 0.9
    write_clip(tmp_path / "hums", "a", click)
    prepare(tmp_path / "hums", tmp_path / "out", dataclasses.replace(config, trim_db=100.0))
    corpus = PreparedCorpus.load(tmp_path / "out")
    audio = corpus.audio_of(corpus.utterances()[0])
    assert np.abs(audio).max() == pytest.approx(0.99, abs=1e-3)
    assert loudness_lufs(audio, RATE) < -23.0


def test_features_are_reused(corpus, config, tmp_path):
    out = tmp_path / "out"
    prepare(corpus, out, config)
    before = {path: path.stat().st_mtime_ns for path in out.glob("features-*/*")}
    assert prepare(corpus, out, config).n_cached == 6
    assert {path: path.stat().st_mtime_ns for path in out.glob("features-*/*")} == before

    os.utime(corpus / "wavs" / "clip0.wav", ns=(1, 1))  # a changed recording
    (next(out.glob("features-*")) / "clip1.safetensors").write_bytes(b"cut off")
    assert prepare(corpus, out, config).n_cached == 4

    other = dataclasses.replace(config, mel=dataclasses.replace(MEL, n_mels=10))
    assert prepare(corpus, out, other).n_cached == 0
    assert len(list(out.glob("features-*"))) == 2
    assert PreparedCorpus.load(out).mel.n_mels == 10
    for change in ({"n_validation_texts": 0}, {"max_s": 1.0}, {"resample": True}):
        assert prepare(corpus, out, dataclasses.replace(config, **change)).n_cached == 6
    for change in ({"level_lufs": -20.0}, {"trim_db": 40.0}, {"lead_s": 0.1}, {"tail_s": 0.2}):
        changed = dataclasses.replace(config, **change)
        assert changed.features_key != config.features_key


def test_reading_the_texts_is_told(corpus, config, tmp_path, monkeypatch):
    prepare(corpus, tmp_path / "out", config)
    told: list[tuple[int, int]] = []
    prepare(corpus, tmp_path / "out", config, progress=lambda *parts: told.append(parts))
    assert told == [(i, 6) for i in range(1, 7)]


def test_clips_of_unfit_length_are_left_out_by_name(corpus, config, tmp_path):
    summary = prepare(corpus, tmp_path / "out", dataclasses.replace(config, min_s=0.6, max_s=1.2))
    assert [line.split(":")[0] for line in summary.skipped] == ["clip0", "clip5"]
    assert summary.skipped[0].endswith("s long, min_s 0.6")
    assert summary.skipped[1].endswith("s long, max_s 1.2")
    assert summary.n_train + summary.n_validation == 4
    with pytest.raises(CorpusError, match="no clip is left"):
        prepare(corpus, tmp_path / "out", dataclasses.replace(config, min_s=5.0))


def test_what_cannot_be_spoken_is_told(tmp_path, write_clip, config):
    write_clip(tmp_path / "hums", "a", hum(1.0), text="Hello 你.")
    (line,) = prepare(tmp_path / "hums", tmp_path / "out", config).warnings
    assert line.startswith("a: left out: ")
    assert "你" in line


@pytest.mark.parametrize(
    ("samples", "rate", "text", "message"),
    [
        (np.zeros(RATE), RATE, "Hello.", r"bad \(.*bad\.wav\): is silent"),
        (1e-5 * hum(1.0), RATE, "Hello.", "bad .*: is silent"),
        (hum(1.0), 8000, "Hello.", "its sample rate is 8000 Hz, expected 4000 Hz"),
        (np.zeros(0), RATE, "Hello.", "bad: .*holds no samples"),
        (hum(1.0), RATE, "...", "bad: its text: nothing to speak"),
    ],
)
def test_one_bad_clip_and_nothing_is_written(
    corpus, config, tmp_path, write_clip, samples, rate, text, message
):
    write_clip(corpus, "bad", samples, rate, text)
    with pytest.raises(CorpusError, match=message) as caught:
        prepare(corpus, tmp_path / "out", config)
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_no_sound(corpus, config, tmp_path):
    (corpus / "wavs" / "clip2.wav").write_bytes(b"RIFF of the ocean")
    with pytest.raises(CorpusError, match=r"clip2: .*is not a sound file"):
        prepare(corpus, tmp_path / "out", config)


def test_samples_that_are_no_numbers(corpus, config, tmp_path):
    import soundfile

    broken = hum(1.0)
    broken[5] = np.nan
    soundfile.write(corpus / "wavs" / "clip2.wav", broken, RATE, subtype="FLOAT")
    with pytest.raises(CorpusError, match=r"clip2 .*holds samples that are no numbers"):
        prepare(corpus, tmp_path / "out", config)


def test_all_bad_clips_are_told_and_an_older_preparation_stays(
    corpus, config, tmp_path, write_clip
):
    prepare(corpus, tmp_path / "out", config)
    before = files(tmp_path / "out")
    write_clip(corpus, "bad1", np.zeros(RATE))
    write_clip(corpus, "bad2", hum(1.0), 8000)
    with pytest.raises(CorpusError, match=r"2 problems\n.*bad1.*\n.*bad2"):
        prepare(corpus, tmp_path / "out", config, n_jobs=2)
    assert files(tmp_path / "out") == before


def test_resampling_when_asked_for(tmp_path, write_clip, config):
    write_clip(tmp_path / "hums", "a", np.repeat(hum(1.0), 2), 2 * RATE)
    prepare(tmp_path / "hums", tmp_path / "out", dataclasses.replace(config, resample=True))
    corpus = PreparedCorpus.load(tmp_path / "out")
    assert corpus.utterances()[0].n_frames == pytest.approx(RATE / MEL.hop, abs=1)


def test_a_killed_process_leaves_no_part_behind(corpus, config, tmp_path):
    folder = tmp_path / "out" / f"features-{config.features_key}"
    folder.mkdir(parents=True)
    (folder / ".clip0.safetensors.123.part").touch()
    (tmp_path / "out" / ".manifest.jsonl.123.part").touch()
    prepare(corpus, tmp_path / "out", config)
    assert not [name for name in files(tmp_path / "out") if name.endswith(".part")]


def test_a_folder_that_cannot_be_written(corpus, config, tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(CorpusError, match="cannot be written"):
        prepare(corpus, tmp_path / "out", config)


def test_whole_texts_are_held_out():
    texts = [f"{i:04}" for i in range(1080)]
    held_out = validation_texts(texts + texts, 40)
    assert held_out == set(texts[13::27][:40])  # the rule that the shipped voice was trained with
    assert len(held_out) == 40
    assert validation_texts(texts, 0) == set()
    assert validation_texts(["a"], 40) == set()
    assert validation_texts(["a", "b", "c", "d"], 40) == {"c"}
    assert len(validation_texts(texts[:100], 40)) == 10


def test_takes_of_a_text_are_on_one_side(corpus, config, tmp_path):
    prepare(corpus, tmp_path / "out", config)
    sides: dict[str, set[str]] = {}
    for utterance in PreparedCorpus.load(tmp_path / "out").utterances():
        sides.setdefault(utterance.text, set()).add(utterance.split)
    assert all(len(splits) == 1 for splits in sides.values())


def test_input_in_letters_and_mixed(tmp_path, write_clip, config):
    write_clip(tmp_path / "hums", "a", hum(1.0), text="One of the $2 bills.")
    out = tmp_path / "out"
    prepare(tmp_path / "hums", out, config)
    (plain,) = PreparedCorpus.load(out).utterances()
    assert plain.phonemes == "^wˈʌn ʌvðə tˈuː dˈɑːlɚ bˈɪlz.$"
    assert plain.words == ()

    assert prepare(tmp_path / "hums", out, dataclasses.replace(config, input="mixed")).n_cached == 1
    mixed = PreparedCorpus.load(out)
    assert mixed.symbols.symbols == ENGLISH_SYMBOLS["mixed"]
    assert mixed.utterances()[0].phonemes == plain.phonemes
    assert mixed.utterances()[0].words == (
        *(("wˈʌn", "ONE"), ("ʌvðə", "OF THE"), ("tˈuː", "TWO")),
        *(("dˈɑːlɚ", "DOLLAR"), ("bˈɪlz.", "BILLS.")),
    )
    manifest = (out / "manifest.jsonl").read_text()
    (out / "manifest.jsonl").write_text(manifest.replace('"ONE"', '"ONE", "EIN"'))
    with pytest.raises(CorpusError, match="line 1: words must be pairs of phonemes and letters"):
        PreparedCorpus.load(out)

    prepare(tmp_path / "hums", out, dataclasses.replace(config, input="characters"))
    letters = PreparedCorpus.load(out)
    assert letters.symbols.symbols == ENGLISH_SYMBOLS["characters"]
    assert letters.utterances()[0].phonemes == "^ONE OF THE TWO DOLLAR BILLS.$"
    assert letters.utterances()[0].words == ()
    assert len({corpus.key for corpus in (mixed, letters)}) == 2


def test_letters_need_no_phonemizer(corpus, config, tmp_path, monkeypatch):
    monkeypatch.setattr("tts.text.phonemes.EspeakPhonemizer.__call__", None)
    prepare(corpus, tmp_path / "out", dataclasses.replace(config, input="characters"))
    assert PreparedCorpus.load(tmp_path / "out").utterances()[0].phonemes == "^ONE.$"


def test_the_phonemizer_is_chosen_and_stored(corpus, config, tmp_path, monkeypatch):
    prepare(corpus, tmp_path / "espeak", config)
    assert PreparedCorpus.load(tmp_path / "espeak").phonemizer == "espeak"
    monkeypatch.setattr("tts.text.phonemes.EspeakPhonemizer.__call__", None)
    prepare(corpus, tmp_path / "out", dataclasses.replace(config, phonemizer="builtin"))
    prepared = PreparedCorpus.load(tmp_path / "out")
    assert prepared.phonemizer == "builtin"
    assert prepared.utterances()[0].phonemes == "^wˈʌn.$"


def test_several_corpora_make_one(two_corpora, config, tmp_path):
    config = dataclasses.replace(config, n_validation_texts=2)
    summary = prepare(two_corpora, tmp_path / "out", config)
    prepared = PreparedCorpus.load(tmp_path / "out")
    assert prepared.speakers == summary.speakers == ("anna", "bert")
    assert prepared.name == "anna + bert"
    utterances = prepared.utterances()
    assert [u.id for u in utterances] == ["a0", "a1", "a2", "b0", "b1", "b2", "b3"]
    assert [u.speaker for u in utterances] == ["anna"] * 3 + ["bert"] * 4
    # "One.", the third of the five texts in order, is held out of both
    held_out = prepared.utterances("validation")
    assert [(u.id, u.text) for u in held_out] == [("a0", "One."), ("b0", "One.")]
    assert prepare(two_corpora, tmp_path / "out", config).n_cached == 7
    prepare(two_corpora[::-1], tmp_path / "out", config)
    assert PreparedCorpus.load(tmp_path / "out").speakers == ("bert", "anna")
    prepare(two_corpora[:1], tmp_path / "out", config)
    assert PreparedCorpus.load(tmp_path / "out").speakers == ("anna",)


def test_ids_that_corpora_share_are_refused(two_corpora, config, tmp_path, write_clip):
    write_clip(two_corpora[1], "a1", hum(0.5))
    with pytest.raises(
        CorpusError, match=r"bert/metadata\.csv, line 5: the id 'a1' is there twice"
    ):
        prepare(two_corpora, tmp_path / "out", config)
    assert not (tmp_path / "out").exists()


def test_what_is_wrong_with_several_corpora_is_told_together(
    two_corpora, config, tmp_path, write_clip
):
    for corpus in two_corpora:
        write_clip(corpus, f"bad-{corpus.name}", np.zeros(RATE))
    with pytest.raises(CorpusError, match=r"anna and .*bert: 2 problems\n.*bad-anna.*\n.*bad-bert"):
        prepare(two_corpora, tmp_path / "out", config)


@pytest.mark.parametrize(
    "change", [{"level_lufs": 0.0}, {"trim_db": 0.0}, {"min_s": 0.0}, {"n_validation_texts": -1}]
)
def test_settings_out_of_range(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        PrepareConfig(**change)


def test_a_broken_preparation_is_refused(corpus, config, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(CorpusError, match="is no prepared corpus"):
        PreparedCorpus.load(out)
    prepare(corpus, out, config)
    header, manifest = (out / "corpus.json").read_text(), (out / "manifest.jsonl").read_text()

    def refused(match: str) -> None:
        with pytest.raises(CorpusError, match=match) as caught:
            PreparedCorpus.load(out)
        assert "tts prepare" in caught.value.hint
        (out / "corpus.json").write_text(header)
        (out / "manifest.jsonl").write_text(manifest)

    (out / "corpus.json").write_text("{")
    refused("not valid JSON")
    (out / "corpus.json").write_text(json.dumps({**json.loads(header), "format": 99}))
    refused("format 99, expected 2")
    (out / "corpus.json").write_text(json.dumps({**json.loads(header), "extra": 1}))
    refused("unknown key 'extra'")
    (out / "corpus.json").write_text(json.dumps({**json.loads(header), "symbols": ["a"]}))
    refused("symbol table")
    (out / "manifest.jsonl").write_text(manifest + "{\n")
    refused(r"manifest\.jsonl, line 7: is not valid JSON")
    (out / "manifest.jsonl").write_text(manifest.replace("n_frames", "frames"))
    refused("line 1: unknown key 'frames'")
    (out / "manifest.jsonl").write_text(manifest[: manifest.index("\n") + 1])
    refused(r"not that of corpus\.json")
    (out / "manifest.jsonl").write_text(manifest.replace('"speaker": "hums"', '"speaker": "who"'))
    refused(r"not that of corpus\.json")
    features = next(out.glob("features-*")) / "clip3.safetensors"
    whole = features.read_bytes()
    features.write_bytes(whole[:100])
    corrupt = PreparedCorpus.load(out)
    with pytest.raises(CorpusError, match=r"clip3\.safetensors: cannot be read"):
        corrupt.mel_of(corrupt.utterances()[3])
    features.unlink()
    refused(r"1 feature files are missing, first clip3\.safetensors")
