"""Words in letters, and beside their phonemes."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.text import EspeakPhonemizer, SpokenSpan, Word, normalize, spell
from tts.text.symbols import ENGLISH_CHARACTERS, ENGLISH_IPA, LETTERS
from tts.text.words import aligned_words, owners


@pytest.fixture(scope="module")
def phonemize() -> EspeakPhonemizer:
    return EspeakPhonemizer()


@pytest.mark.parametrize(
    ("spoken", "letters"),
    [
        ("Hello, world!", "HELLO, WORLD!"),
        ("twenty-one dogs", "TWENTY ONE DOGS"),
        ("Don't, O'Brien's dogs' 'tis", "DON'T, O'BRIEN'S DOGS' 'TIS"),
        ("a ' lone apostrophe", "A LONE APOSTROPHE"),
        (
            'she said "no" (twice) — well… yes; or: no?',
            'SHE SAID "NO" (TWICE) — WELL… YES; OR: NO?',
        ),
        ("café naïve Ångström", "CAFE NAIVE ANGSTROM"),
        ("Łódź, Þór, Straße, œuvre, ĸ, ŋ", "LODZ, THOR, STRASSE, OEUVRE, K, NG"),
        ("FBI agent", "FBI AGENT"),
        ("five μ", "FIVE MU"),
        ("-", ""),
        ("", ""),
    ],
)
def test_spelling(spoken: str, letters: str) -> None:
    assert spell(spoken) == letters


def test_every_letter_that_is_spoken_has_a_spelling() -> None:
    """Those of Latin-1 and Latin Extended-A, which the normaliser keeps."""
    for letter in map(chr, range(0xC0, 0x180)):
        if unicodedata.category(letter) in ("Lu", "Ll"):
            assert re.fullmatch("[A-Z]{1,2}", spell(letter)), letter


def test_what_the_normaliser_leaves_has_a_spelling() -> None:
    """No sign is lost between two words: it is among the letters, or was spoken before."""
    for sign in map(chr, (*range(0x20, 0x7F), *range(0xA0, 0xC0), *range(0x2010, 0x2300))):
        spoken = normalize(f"a {sign} b")
        said = spoken.split()[1:-1]
        assert not any(map(str.isalnum, "".join(said))) or spell(" ".join(said)), sign


@given(st.text())
@settings(deadline=None)
def test_any_text_is_spelt_in_symbols_of_the_table(text: str) -> None:
    assert set(spell(normalize(text))) <= set(ENGLISH_CHARACTERS)
    assert set(spell(text)) <= set(ENGLISH_CHARACTERS)


def test_phonemes_hold_no_letters() -> None:
    assert not set(ENGLISH_IPA) & set(LETTERS)


@pytest.mark.parametrize(
    ("spoken", "words"),
    [
        ("Hello, world!", [("həlˈoʊ,", "HELLO,"), ("wˈɜːld!", "WORLD!")]),
        # joined by eSpeak NG: "of the", "had been"
        (
            "One of the best had been, in the end, of the house.",
            [
                *[("wˈʌn", "ONE"), ("ʌvðə", "OF THE"), ("bˈɛst", "BEST"), ("hɐdbɪn,", "HAD BEEN,")],
                *[("ɪnðɪ", "IN THE"), ("ˈɛnd,", "END,"), ("ʌvðə", "OF THE"), ("hˈaʊs.", "HOUSE.")],
            ],
        ),
        ("twenty-one dogs", [("twˈɛntiwˈʌn", "TWENTY ONE"), ("dˈɑːɡz", "DOGS")]),
        (
            'a "thing" (it is) — here',
            [
                *[("ɐ", "A"), ('"θˈɪŋ"', '"THING"'), ("(ɪɾ", "(IT"), ("ˈɪz)", "IS)"), ("—", "—")],
                ("hˈɪɹ", "HERE"),
            ],
        ),
        ("dogs - cats", [("dˈɑːɡz", "DOGS"), ("kˈæts", "CATS")]),
        ("of the", [("ʌvðə", "OF THE")]),
        ("word", [("wˈɜːd", "WORD")]),
    ],
)
def test_words_are_aligned(
    phonemize: EspeakPhonemizer, spoken: str, words: list[tuple[str, str]]
) -> None:
    assert aligned_words(spoken, phonemize) == [Word(*word) for word in words]


SENTENCES = [
    "It was to be feared that most of the prisoners would have been, in fact, let out of the house.",
    'He said that "none of the rest" (of them) could have been in the way — and that had been that.',
    "Mister O'Brien's dogs' kennels; a b c; F B I; the twenty-second of May, nineteen sixty-three.",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_nothing_is_lost(phonemize: EspeakPhonemizer, sentence: str) -> None:
    words = aligned_words(sentence, phonemize)
    assert " ".join(word.symbols for word in words) == phonemize(sentence)
    assert " ".join(word.letters for word in words) == spell(sentence)
    assert len(words) > 0.6 * len(sentence.split())
    for word in words:
        marks = [[c for c in spelt if c in '.,;:!?—…"()'] for spelt in word]
        assert marks[0] == marks[1]


def joining(*joined: str):
    """A phonemizer that knows which words are said as one; a word's phonemes are itself, in lower case."""

    def phonemize(text: str) -> str:
        text = text.lower()
        for words in joined:
            text = text.replace(words, words.replace(" ", ""))
        return text

    return phonemize


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A B C D", ["A", "B C", "D"]),
        ("B C B C", ["B C", "B C"]),
        ("E F G H I", ["E F G", "H", "I"]),
        ("B C, E F G. A", ["B C,", "E F G.", "A"]),
    ],
)
def test_runs_are_as_short_as_can_be_told(text: str, words: list[str]) -> None:
    found = aligned_words(text, joining("b c", "e f g"))
    assert [word.letters for word in found] == words
    assert [word.symbols for word in found] == [w.lower().replace(" ", "") for w in words]


def test_what_cannot_be_aligned_stays_in_one_piece() -> None:
    assert aligned_words("one two three", lambda text: "x y") == [Word("x y", "ONE TWO THREE")]
    assert aligned_words("one two three", lambda text: "") == [Word("", "ONE TWO THREE")]


def test_marks_that_disagree_are_not_aligned() -> None:
    """As many tokens as words, but a comma elsewhere: each word would get its neighbour's phonemes."""
    assert aligned_words("a b, c-d", lambda text: "ab, c d") == [Word("ab, c d", "A B, C D")]


@pytest.mark.parametrize(
    ("words", "spans", "places"),
    [
        ("it is three dollars .", ["it", "is", "three dollars"], [0, 1, 2, 2, None]),
        ('" a — (b)', ["a", "(b)"], [None, 0, None, 1]),
        ("one — two , three", ["one two", "three"], [0, 0, 0, None, 1]),
        ("a, — a! a", ["a, a!", "a"], [0, 0, 0, 1]),
        ("well known facts", ["well-known", "facts"], [0, 0, 1]),
    ],
)
def test_every_word_has_an_owner(words: str, spans: list[str], places: list[int | None]) -> None:
    found = owners(words.split(), [SpokenSpan(0, 1, spoken) for spoken in spans])
    assert found == places
