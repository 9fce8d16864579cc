"""What is spoken."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tts.data.corpus import read_ljspeech
from tts.data.manifest import PrepareConfig
from tts.data.prepare import prepare
from tts.data.prepared import PreparedCorpus
from tts.errors import CorpusError, TextError
from tts.evaluate.sentences import Recordings, Sentence, lines_of, shipped_sentences
from tts.evaluate.words import spoken_words


def test_the_lists_that_ship() -> None:
    plain, hard = shipped_sentences("plain"), shipped_sentences("hard")
    assert (len(plain), len(hard)) == (60, 100)
    assert len({s.text for s in plain + hard}) == 160
    assert plain[0].id == "plain-001"
    assert hard[-1].id == "hard-100"
    assert all(spoken_words(s.text) for s in plain + hard)
    assert all(7 <= len(s.text.split()) <= 14 for s in plain)
    lengths = [len(s.text.split()) for s in hard]
    assert sum(n == 1 for n in lengths) >= 10
    assert sum(n >= 60 for n in lengths) >= 10
    assert sum(len(s.text) <= 2 for s in hard) >= 5  # single letters
    repeated = [
        s for s in hard if len(set(spoken_words(s.text).split())) * 2 <= len(s.text.split())
    ]
    assert len(repeated) >= 15


def test_lines_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("\ufeffHello there.\n\n  Good bye. \n", encoding="utf-8")
    assert lines_of(path) == [
        Sentence("mine-001", "Hello there."),
        Sentence("mine-003", "Good bye."),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b" \n", "holds no sentence"), (b"ab\xff", "is not UTF-8 text, at byte 3"), (None, "No such")],
)
def test_a_file_without_lines(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "mine.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TextError, match=message) as caught:
        lines_of(path)
    assert caught.value.hint


def test_held_out_clips(hums) -> None:
    held_out = {u.id: u.text for u in PreparedCorpus.load(hums.prepared).utterances("validation")}
    sentences = Recordings.load(*hums).held_out()
    assert {s.id: s.text for s in sentences} == held_out
    paths = {clip.id: clip.audio_path for clip in read_ljspeech(hums.folder)}
    assert all(s.recording == paths[s.id] for s in sentences)
    assert len(Recordings.load(*hums).held_out(2)) == 2


def test_few_of_the_held_out_texts_are_evenly_chosen(hums, tmp_path: Path) -> None:
    """Six of ten are not the first six."""
    mel, ids = PreparedCorpus.load(hums.prepared).mel, tuple(f"clip{i}" for i in range(10))
    prepare(hums.folder, tmp_path, PrepareConfig(mel=mel, hold_out=ids))
    recordings = Recordings.load(hums.folder, tmp_path)
    everything = [sentence.id for sentence in recordings.held_out()]
    chosen = [everything.index(sentence.id) for sentence in recordings.held_out(6)]
    assert chosen == np.linspace(0, 10, 6, endpoint=False).astype(int).tolist()
    assert len(recordings.held_out(11)) == 10


def test_the_speaker_is_known_by_other_recordings(hums) -> None:
    recordings = Recordings.load(*hums).of_speaker()
    train = PreparedCorpus.load(hums.prepared).utterances("train")
    assert len(recordings) == len(train) == 27
    assert [round(r.duration_s, 2) for r in recordings] == [
        round(0.5 + 0.02 * int(u.id.removeprefix("clip")), 2) for u in train
    ]


def test_a_corpus_of_something_else(hums, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "wavs").mkdir(parents=True)
    shutil.copy(hums.folder / "wavs" / "clip0.flac", other / "wavs" / "a.flac")
    (other / "metadata.csv").write_text("a|One.")
    recordings = Recordings.load(other, hums.prepared)
    for read in (recordings.held_out, recordings.of_speaker):
        with pytest.raises(
            CorpusError, match=r"other: has no clip 'clip\d+', which .* was prepared"
        ):
            read()


def test_a_corpus_of_which_nothing_was_held_out(hums, tmp_path: Path) -> None:
    mel = PreparedCorpus.load(hums.prepared).mel
    prepare(hums.folder, tmp_path, PrepareConfig(mel=mel, n_validation_texts=0))
    with pytest.raises(CorpusError, match="holds no clip out of training"):
        Recordings.load(hums.folder, tmp_path).held_out()
