"""Words that are spelled alike: every sentence of the table, and what is not told where nothing is sure."""

from pathlib import Path

import pytest

from tts.text import (
    ENGLISH_IPA,
    EspeakPhonemizer,
    Pronouncer,
    SymbolTable,
    normalize,
    phonemes_among,
)
from tts.text.context import Context, is_verb
from tts.text.heteronyms import choose, heteronyms
from tts.text.ipa import lacking
from tts.text.words import aligned_runs

ESPEAK = EspeakPhonemizer()
ROWS = [
    line.split("\t")
    for line in (Path(__file__).parent / "heteronyms.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
UNTOLD = {"Metals contract when they cool.", "Cows digest grass slowly.", "Wear appropriate shoes."}
"""Sentences that no rule is sure of."""


def test_both_readings_are_in_the_table() -> None:
    assert len(ROWS) >= 190
    for word in {word for word, _, _ in ROWS}:
        readings = {reading for other, reading, _ in ROWS if other == word}
        assert readings == set(heteronyms()[word].readings), word


@pytest.mark.parametrize(("word", "reading", "sentence"), ROWS, ids=lambda text: text)
def test_a_sentence_is_read_right(word: str, reading: str, sentence: str) -> None:
    words = normalize(sentence).split()
    context = Context(words)
    choice = choose(word, context, context.words.index(word))
    if sentence in UNTOLD:
        assert choice == ("", f"{word}: noun or verb")
        return
    phonemes = heteronyms()[word].readings[reading]
    assert choice == (phonemes, "")
    spoken = Pronouncer(ESPEAK)(" ".join(words))
    assert phonemes in [token.strip('.,!?;"') for token in spoken.split()]


@pytest.mark.parametrize(("word", "reading", "sentence"), ROWS[::7], ids=lambda text: text)
def test_the_other_words_are_those_of_the_phonemizer(
    word: str, reading: str, sentence: str
) -> None:
    spoken = normalize(sentence)
    runs = zip(aligned_runs(spoken, ESPEAK), aligned_runs(spoken, Pronouncer(ESPEAK)), strict=True)
    for (words, alone), (same, told) in runs:
        assert words == same
        if word not in " ".join(words).lower():
            assert alone == told


def test_readings_are_in_the_symbols_of_voices() -> None:
    known = phonemes_among(SymbolTable(ENGLISH_IPA))
    for word, heteronym in heteronyms().items():
        assert len(heteronym.readings) == 2, word
        assert len(set(heteronym.readings.values())) == 2, word
        for phonemes in heteronym.readings.values():
            assert not lacking(phonemes, known), word
            assert phonemes.count("ˈ") == 1, word
        assert {test.reading for test in heteronym.tests} <= set(heteronym.readings), word
        for test in heteronym.tests:
            assert test.where in {
                "verb",
                "noun",
                "before",
                "after",
                "near",
                "past",
                "present",
                "else",
            }, word
            assert bool(test.words) == (test.where in {"before", "after", "near"}), word


@pytest.mark.parametrize(
    ("sentence", "word", "verb"),
    [
        ("they always record it", "record", True),
        ("a strong and new record", "record", False),
        ("due to record profits", "record", False),
        ("prices rose to record highs", "record", None),
        ("the world record", "record", False),
        ("these farmers record", "record", True),
        ("make her record it", "record", None),
        ("the Record Office", "record", False),
        ("and record the rain", "record", True),
        ("the machine records the rain", "records", True),
        ("two records", "records", False),
        ("she records", "records", True),
        ("band records", "records", None),
        ("the hospital records every birth", "records", True),
        ("so separate", "separate", False),
        ("stop. record", "record", False),
    ],
)
def test_verbs_are_told(sentence: str, word: str, verb: bool | None) -> None:
    context = Context(sentence.split())
    place = context.words.index(word)
    assert is_verb(context, place, is_s_form=word.endswith("s")) is verb


def test_a_doubt_is_told_and_nothing_is_changed() -> None:
    pronounce = Pronouncer(ESPEAK)
    assert pronounce("I read it.") == ESPEAK("I read it.")
    context = Context(["I", "read", "it."])
    assert choose("read", context, 1) == ("", "read: present or past")
