"""Reading a corpus in LJSpeech's layout, and every way in which one can be wrong."""

from pathlib import Path

import pytest

from tts.data.corpus import read_corpora, read_ljspeech
from tts.errors import CorpusError

FIXTURES = Path(__file__).parents[1] / "fixtures" / "ljspeech"


def make(folder: Path, metadata: str, audio: str = "") -> Path:
    (folder / "wavs").mkdir()
    (folder / "metadata.csv").write_text(metadata, encoding="utf-8")
    for name in audio.split():
        (folder / "wavs" / name).touch()
    return folder


def test_real_clips():
    clips = read_ljspeech(FIXTURES)
    assert [clip.id for clip in clips] == ["LJ001-0002", "LJ001-0008", "LJ029-0048", "LJ039-0025"]
    assert clips[2].text == "On November eight, nineteen sixty-three,"  # the normalised column
    assert clips[0].audio_path == FIXTURES / "wavs" / "LJ001-0002.flac"


def test_what_a_line_may_look_like(tmp_path):
    metadata = '\ufeffa|One\r\nb|"2"|two \n\nc|Three|\nd|\u2028 Line|\n'
    clips = read_ljspeech(make(tmp_path, metadata, "a.wav b.flac c.wav c.flac d.wav"))
    assert [(clip.id, clip.text) for clip in clips] == [
        ("a", "One"),
        ("b", "two"),
        ("c", "Three"),
        ("d", "Line"),
    ]
    assert clips[1].audio_path.name == "b.flac"
    assert clips[2].audio_path.name == "c.wav"


@pytest.mark.parametrize(
    ("metadata", "audio", "message"),
    [
        ("a\n", "a.wav", "metadata.csv, line 1: 1 column where 2 to 4 are expected"),
        ("a|b|c|d|e\n", "a.wav", "metadata.csv, line 1: 5 columns where 2 to 4 are expected"),
        ("a|x\na|y\n", "a.wav", "metadata.csv, line 2: the id 'a' is there twice, first in line 1"),
        ("a|x\n../a|y\n", "a.wav", "line 2: the id '../a' cannot be the name of a file"),
        ("|x\n", "a.wav", "line 1: the id '' cannot be the name of a file"),
        ("a||\n", "a.wav", "line 1: the text of 'a' is empty"),
        ("a|x\nb|y\n", "a.wav", "line 2: the audio of 'b' is missing: "),
        ("\n", "", "metadata.csv: holds no clip"),
        (f"{'A long sentence. ' * 20}|a\n", "a.wav", "line 1: the id 'A long sentence. A long"),
        (f"{'ä' * 101}|x\n", "a.wav", "...' is longer than 200 bytes"),
    ],
)
def test_one_problem_is_one_line(tmp_path, metadata, audio, message):
    with pytest.raises(CorpusError) as caught:
        read_ljspeech(make(tmp_path, metadata, audio))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    assert caught.value.hint


def test_many_problems_are_told_together(tmp_path):
    metadata = "bad\n" + "".join(f"clip{i}|text\n" for i in range(14))
    with pytest.raises(CorpusError) as caught:
        read_ljspeech(make(tmp_path, metadata, "clip0.wav"))
    lines = str(caught.value).split("\n")
    assert lines[0] == f"{tmp_path}: 14 problems"
    assert len(lines) == 12
    assert "line 1: 1 column" in lines[1]
    assert "line 3: the audio of 'clip1'" in lines[2]
    assert lines[-1] == f"  ... and 4 more; all of them: tts data check {tmp_path} --json"
    assert caught.value.hint.count(";") == 1  # each hint once


def test_missing_folder_and_metadata(tmp_path):
    with pytest.raises(CorpusError, match="no such folder"):
        read_ljspeech(tmp_path / "nowhere")
    with pytest.raises(CorpusError, match=r"metadata\.csv: cannot be read: No such file"):
        read_ljspeech(tmp_path)
    (tmp_path / "metadata.csv").write_bytes(b"a|good\nb|caf\xe9\n")
    with pytest.raises(CorpusError, match=r"metadata\.csv, line 2: is not UTF-8"):
        read_ljspeech(tmp_path)


def test_the_speaker_is_the_folder_or_the_fourth_column(tmp_path):
    (tmp_path / "anna").mkdir()
    metadata = "a|x\nb|x|y\nc|x|y|Bert\nd|x||Bert\ne|x|y|\n"
    clips = read_ljspeech(make(tmp_path / "anna", metadata, "a.wav b.wav c.wav d.wav e.wav"))
    assert [(clip.text, clip.speaker) for clip in clips] == [
        ("x", "anna"),
        ("y", "anna"),
        ("y", "Bert"),
        ("x", "Bert"),
        ("y", "anna"),
    ]


def test_a_corpus_that_is_given_by_a_dot_has_a_speaker(tmp_path, monkeypatch):
    (tmp_path / "anna").mkdir()
    make(tmp_path / "anna", "a|x\n", "a.wav")
    monkeypatch.chdir(tmp_path / "anna")
    assert read_ljspeech(Path())[0].speaker == "anna"


def test_several_corpora(tmp_path):
    for name, clips in (("anna", "a|x\nb|y\n"), ("bert", "c|x\n\nb|z\na|z\n")):
        (tmp_path / name).mkdir()
        make(tmp_path / name, clips, "a.wav b.wav c.wav")
    anna, bert = tmp_path / "anna", tmp_path / "bert"
    with pytest.raises(CorpusError) as caught:
        read_corpora([anna, bert])
    assert str(caught.value).split("\n") == [
        f"{anna} and {bert}: 2 problems",
        f"  {bert}/metadata.csv, line 3: the id 'b' is there twice, first in {anna}/metadata.csv, line 2",
        f"  {bert}/metadata.csv, line 4: the id 'a' is there twice, first in {anna}/metadata.csv, line 1",
    ]
    assert "rename the clips" in caught.value.hint
    (bert / "metadata.csv").write_text("c|x\n")
    clips = read_corpora([bert, anna])
    assert [(clip.id, clip.speaker) for clip in clips] == [
        ("c", "bert"),
        ("a", "anna"),
        ("b", "anna"),
    ]
