"""Text to utterances: ids, pauses, offsets, warnings, errors, and texts of any length."""

import itertools
import pickle
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.errors import TextError, UnspeakableWarning
from tts.text import ENGLISH_IPA, ENGLISH_SYMBOLS, Pauses, SymbolTable, TextFrontEnd, Word


@pytest.fixture(scope="module")
def front_end() -> TextFrontEnd:
    return TextFrontEnd(SymbolTable(ENGLISH_IPA))


def test_an_utterance_is_whole(front_end: TextFrontEnd) -> None:
    (utterance,) = front_end.utterances("  Dr. Smith paid $5. ")
    assert utterance.text == "Dr. Smith paid $5."
    assert (utterance.start, utterance.end) == (2, 20)
    assert utterance.spoken == "Doctor Smith paid five dollars."
    assert utterance.phonemes == "^dˈɑːktɚ smˈɪθ pˈeɪd fˈaɪv dˈɑːlɚz.$"
    assert utterance.ids.dtype == np.int64
    assert front_end.symbols.decode(utterance.ids) == utterance.phonemes
    assert utterance.pause_s == 0.0


def test_pauses(front_end: TextFrontEnd) -> None:
    text = "One. Two.\n\nThree, which goes on and on until it is cut somewhere. *** Four."
    short = TextFrontEnd(front_end.symbols, max_chars=40)
    spoken = [(u.text, u.pause_s) for u in short.utterances(text)]
    assert spoken == [
        ("One.", Pauses().sentence),
        ("Two.", Pauses().paragraph),
        ("Three, which goes on and on", Pauses().clause),
        ("until it is cut somewhere.", Pauses().sentence),
        ("*** Four.", 0.0),
    ]


def test_offsets_point_into_the_text(front_end: TextFrontEnd) -> None:
    text = "“One,” he said.\n\n  Two?\tThree — " + "and so on, " * 40 + "the end."
    utterances = list(front_end.utterances(text))
    position = 0
    for utterance in utterances:
        assert text[utterance.start : utterance.end] == utterance.text
        assert not text[position : utterance.start].strip()
        assert len(utterance.text) <= front_end.max_chars
        position = utterance.end
    assert position == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "Hello, world!",
        "Dr. Smith paid $3.50 in 1999 (so he said).",
        '"No," said J. K. Rowling at 3:05 a.m.',
        "  Café — naïve…  ",
        "no stop",
    ],
)
def test_a_transcript_is_spoken_as_an_utterance(front_end: TextFrontEnd, text: str) -> None:
    (utterance,) = front_end.utterances(text)
    assert front_end.phonemes_of(text) == utterance.phonemes


def test_a_transcript_of_any_length_is_one_string(front_end: TextFrontEnd) -> None:
    text = "One sentence. *** Another, " + "and so on, " * 40 + "the end."
    phonemes = front_end.phonemes_of(text)
    assert phonemes.startswith("^wˈʌn sˈɛntəns. ɐnˈʌðɚ, ")
    assert phonemes.endswith("ðɪ ˈɛnd.$")
    assert phonemes.count("^") == phonemes.count("$") == 1


def test_utterances_are_made_when_asked_for(front_end: TextFrontEnd) -> None:
    utterances = front_end.utterances("This is a sentence. " * 20_000)
    start = time.process_time()
    assert len(list(itertools.islice(utterances, 3))) == 3
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize("unit", ["a", "7", "(", "ab ", "a."])
def test_a_million_characters(front_end: TextFrontEnd, unit: str) -> None:
    text = unit * (1_000_000 // len(unit)) + " a"
    start = time.process_time()
    list(itertools.islice(front_end.utterances(text), 3))
    assert time.process_time() - start < 4


def test_numbers_do_not_grow_beyond_what_a_model_can_say(front_end: TextFrontEnd) -> None:
    utterances = list(front_end.utterances("7" * 300))
    assert sum(u.spoken.count("seven") for u in utterances) == 300
    assert all(len(u.spoken) <= 2 * front_end.max_chars for u in utterances)


# -- what cannot be spoken ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Hi ѣ!", "1 character cannot be spoken: 'ѣ' U+0463 CYRILLIC SMALL LETTER YAT at character 4"),
        ("a漢b漢", "2 characters cannot be spoken: '漢' U+6F22 CJK UNIFIED IDEOGRAPH-6F22 at character 2"),
        ("a\x00b", "cannot be spoken: U+0000 CONTROL CHARACTER at character 2"),
        ("a\ud83db", "cannot be spoken: U+D83D LONE SURROGATE at character 2"),
        ("привет a", "6 characters cannot be spoken: 'п' U+043F CYRILLIC SMALL LETTER PE at character 1"),
        ("a \ue000", "cannot be spoken: U+E000 UNNAMED CHARACTER at character 3"),
    ],
)  # fmt: skip
def test_what_is_left_out_is_named(front_end: TextFrontEnd, text: str, message: str) -> None:
    with pytest.warns(UnspeakableWarning) as caught:
        utterances = list(front_end.utterances(text))
    assert utterances
    assert len(caught) == 1
    assert str(caught[0].message).startswith("left out: ")
    assert message in str(caught[0].message)
    str(caught[0].message).encode()  # no surrogate gets into a message
    with pytest.warns(UnspeakableWarning):
        assert front_end.phonemes_of(text) == utterances[0].phonemes
    for speak in (front_end.utterances, front_end.phonemes_of):
        with pytest.raises(TextError) as e:
            speak(text, strict=True)
        assert message in str(e.value)
        assert "--strict" in e.value.hint


def test_many_are_counted(front_end: TextFrontEnd) -> None:
    with pytest.warns(UnspeakableWarning, match=r"9 characters .* and 4 more$"):
        front_end.utterances("a 一二三四五六七八九")


@pytest.mark.parametrize(
    "text",
    [
        "café naïve Zürich Dvořák Nguyễn Łódź",
        "“Quotes” ‘and’ (brackets) [and] {more}, *stars* _and_ ~such~ | bars • dots † # %",
        "a\u200bb\ufeffc\u00add e\ufe0f \u202aleft\u202c e\u0301",
        "dash – dash — dash ‑ dash\u2009thin\u3000wide\r\nline\x0cpage",
        "½ ² ° € £ ¥ × ÷ ± → ∞ α β Ω ™ © ® § ¶ … ﬁ Ａ １ № ℃ ①",
        "".join(map(chr, range(0x20, 0x7F))),
    ],
)
def test_what_is_silent_or_spoken_is_not_named(front_end: TextFrontEnd, text: str) -> None:
    assert list(front_end.utterances(text, strict=True))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "nothing to speak: it is empty"),
        (" \n\t ", "nothing to speak: it is empty"),
        ("...", "nothing to speak: it holds only punctuation"),
        ("*** !? ()", "nothing to speak: it holds only punctuation"),
        ("漢", "nothing to speak: 1 character cannot be spoken: '漢'"),
        ("ѣ.", "nothing to speak: 1 character cannot be spoken: 'ѣ'"),
    ],
)
def test_nothing_to_speak(front_end: TextFrontEnd, text: str, message: str) -> None:
    for speak in (front_end.utterances, front_end.phonemes_of):
        with pytest.raises(TextError) as e:
            speak(text)
        assert str(e.value).startswith(message)
        assert e.value.hint


def test_phonemes_that_the_voice_lacks() -> None:
    front_end = TextFrontEnd(SymbolTable(tuple(s for s in ENGLISH_IPA if s != "x")))
    with pytest.warns(
        UnspeakableWarning, match=r"no symbol for the phoneme 'x' \(U\+0078\) in 'a loch"
    ):
        (first, second) = front_end.utterances("a loch. loch")
    assert (first.phonemes, second.phonemes) == ("^ɐ lˈɑː.$", "^lˈɑː$")
    with pytest.raises(TextError, match="no symbol for the phoneme 'x'"):
        front_end.phonemes_of("a loch", strict=True)


# -- letters ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mixed() -> TextFrontEnd:
    return TextFrontEnd(SymbolTable(ENGLISH_SYMBOLS["mixed"]))


@pytest.mark.parametrize(
    "text",
    ["Hello, world!", "Dr. Smith paid $3.50 in 1999 (so he said).", "One of the best. Or not?"],
)
def test_mixed_input_is_read_in_phonemes(
    mixed: TextFrontEnd, front_end: TextFrontEnd, text: str
) -> None:
    assert mixed.phonemes_of(text) == front_end.phonemes_of(text)
    for ours, theirs in zip(mixed.utterances(text), front_end.utterances(text), strict=True):
        assert ours.phonemes == theirs.phonemes
        np.testing.assert_array_equal(ours.ids, theirs.ids)


def test_mixed_input_has_the_letters_of_each_word(mixed: TextFrontEnd) -> None:
    assert mixed.words_of("One of the best. $2?") == [
        Word("wˈʌn", "ONE"),
        Word("ʌvðə", "OF THE"),
        Word("bˈɛst.", "BEST."),
        Word("tˈuː", "TWO"),
        Word("dˈɑːlɚz?", "DOLLARS?"),
    ]


def test_a_word_without_phonemes_is_read_in_letters(mixed: TextFrontEnd) -> None:
    lacks_x = tuple(s for s in mixed.symbols.symbols if s != "x")
    front_end = TextFrontEnd(SymbolTable(lacks_x))
    assert front_end.symbols.input == "mixed"
    (utterance,) = front_end.utterances("the loch, too", strict=True)
    assert utterance.phonemes == "^ðə LOCH, tˈuː$"
    assert front_end.symbols.decode(utterance.ids) == utterance.phonemes
    assert front_end.words_of("the loch, too")[1] == Word("LOCH,", "LOCH,")


def test_characters_need_no_phonemizer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tts.text.phonemes.EspeakPhonemizer.__call__", None)
    front_end = TextFrontEnd(SymbolTable(ENGLISH_SYMBOLS["characters"]))
    text = "Dr. Smith paid $3.50 — at 3:05 a.m. (café)!"
    letters = "^DOCTOR SMITH PAID THREE DOLLARS AND FIFTY CENTS — AT THREE OH FIVE A M (CAFE)!$"
    (utterance,) = front_end.utterances(text)
    assert utterance.phonemes == front_end.phonemes_of(text) == letters
    assert front_end.symbols.decode(utterance.ids) == letters
    assert front_end.words_of("Hi. Ho?") == [Word("HI."), Word("HO?")]
    with pytest.raises(TextError, match="nothing to speak"):
        front_end.phonemes_of("...")


# -- any text, any thread -----------------------------------------------------------------------------


@given(st.text(max_size=80))
@settings(max_examples=100, deadline=None)
def test_any_text(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnspeakableWarning)
        try:
            utterances = list(FRONT_END.utterances(text))
        except TextError:  # nothing to speak
            return
    for utterance in utterances:
        assert text[utterance.start : utterance.end] == utterance.text
        assert utterance.phonemes[0] + utterance.phonemes[-1] == "^$"
        assert set(utterance.phonemes[1:-1]) <= set(ENGLISH_IPA[3:])


FRONT_END = TextFrontEnd(SymbolTable(ENGLISH_IPA))


@given(st.text(max_size=80), st.sampled_from(["characters", "mixed"]))
@settings(max_examples=100, deadline=None)
def test_any_text_with_letters(text: str, kind: str) -> None:
    """What has phonemes has letters, which are symbols of the table."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnspeakableWarning)
        try:
            expected = FRONT_END.phonemes_of(text)
        except TextError:  # nothing to speak
            return
        front_end = LETTERS_TOO[kind]
        words = front_end.words_of(text, strict=False)
    symbols = set(front_end.symbols.symbols)
    assert all(set("".join(word)) <= symbols for word in words)
    if kind == "mixed" and not any(word.symbols == word.letters for word in words):
        assert " ".join(word.symbols for word in words) == expected[1:-1]


LETTERS_TOO = {
    kind: TextFrontEnd(SymbolTable(ENGLISH_SYMBOLS[kind])) for kind in ("characters", "mixed")
}


def test_threads_and_processes(front_end: TextFrontEnd) -> None:
    text = "Threads speak at once. Each says $3.50, and none hears the others!"
    copy = pickle.loads(pickle.dumps(front_end))
    expected = [u.phonemes for u in copy.utterances(text)]
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda _: list(front_end.utterances(text)), range(40)))
    assert all([u.phonemes for u in result] == expected for result in results)
