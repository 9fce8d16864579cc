"""What a recogniser hears: errors, and the rule of skips, repeats and babble on literal pairs."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from tts.audio.wav import Audio
from tts.errors import EvaluationError
from tts.evaluate.words import (
    aligned_words,
    failure_of,
    load_recogniser,
    spoken_words,
    word_figures,
)


def edit_distance(a: str | list[str], b: str | list[str]) -> int:
    """Levenshtein's recurrence, the slow way."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, World!", "hello world"),
        ("She's well-known.", "shes well known"),
        ("It has 20 keys.", "it has twenty keys"),
        ("A, B, C, D.", "abcd"),
        ("ABCD", "abcd"),
        ("I saw a bird.", "i saw a bird"),
        ("...", ""),
    ],
)
def test_words_are_what_is_spoken(text: str, words: str) -> None:
    assert spoken_words(text) == words


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("The birch canoe slid on the smooth planks.", "The birch canoe slid on smooth blanks"),
        ("One two three four.", "One two two three four, five."),
        ("Twenty men.", ""),
        ("All is well.", "All is well"),
    ],
)
def test_errors_are_edit_distances(text: str, heard: str) -> None:
    figures = word_figures(text, heard)
    reference, hypothesis = spoken_words(text), spoken_words(heard)
    errors = edit_distance(reference.split(), hypothesis.split())
    assert figures["wer"] == (errors, len(reference.split()))
    assert figures["cer"] == (edit_distance(reference, hypothesis), len(reference))
    assert figures["heard_failure"].total == (failure_of(text, heard) is not None)


@pytest.mark.parametrize(
    ("text", "heard", "failure"),
    [
        # what recognisers do with natural speech
        ("The cat sat on the mat.", "The cat sat on the mat.", None),
        ("The cat sat on the mat.", "A bat sat on a mat", None),
        ("A, B, C, D, E, F.", "ABCDEF", None),
        ("Nevertheless.", "Never the less", None),
        ("No, no, no, no, no.", "No, no, no.", None),
        ("Yes.", "Yet.", None),
        ("In 1999 it was new.", "In nineteen ninety-nine, it was new.", None),
        # too little
        ("Yes.", "", "skip"),
        (
            "The old man went down to the sea in a small boat.",
            "The old man in a small boat",
            "skip",
        ),
        ("One two three four five six.", "One two three", "skip"),
        # too much of the same
        (
            "The old man went home.",
            "The old man went home, the old man went home",
            "repeat",
        ),
        ("No, no.", "No no no no no no no", "repeat"),
        # too much of something else
        ("Yes.", "Yes the weather was rather fine", "babble"),
        ("The old man went home.", "The old man was there and then they all went home", "babble"),
        # nothing right for long
        (
            "She gave him seven yellow pears for his trouble.",
            "She more than any fellow bears for his trouble",
            "babble",
        ),
    ],
)
def test_the_rule_of_failures(text: str, heard: str, failure: str | None) -> None:
    assert failure_of(text, heard) == failure


def test_words_are_aligned() -> None:
    aligned = aligned_words("The cat sat down on the mat.", "A cat sat on the mat too")
    assert [tuple(map(" ".join, words)) for words in aligned] == [
        ("the", "a", "cat sat"),
        ("down", "", "on the mat"),
        ("", "too", ""),
    ]
    assert aligned_words("One two.", "") == [(["one", "two"], [], [])]


def test_no_recogniser_without_faster_whisper(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(EvaluationError, match="not installed") as caught:
        load_recogniser(tmp_path, "en")
    assert caught.value.hint == "pip install 'saywave[eval]'"


def test_no_recogniser_without_its_folder(tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper")
    with pytest.raises(EvaluationError, match=r"base: is no faster-whisper model, it has no model"):
        load_recogniser(tmp_path / "base", "en")


def test_a_broken_recogniser(tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper")
    (tmp_path / "model.bin").write_bytes(b"nothing")
    with pytest.raises(EvaluationError, match="cannot be loaded"):
        load_recogniser(tmp_path, "en")


@pytest.mark.skipif("SAYWAVE_ASR" not in os.environ, reason="the folder of a recogniser")
def test_a_real_recogniser_hears_silence() -> None:
    recognise = load_recogniser(Path(os.environ["SAYWAVE_ASR"]), "en")
    assert recognise(Audio(np.zeros(16000, np.float32), 16000)) == ""
