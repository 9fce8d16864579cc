"""The symbol table: ids, errors, and that the English list covers what eSpeak NG says."""

import pickle
import unicodedata

import numpy as np
import pytest

from tts.errors import TextError
from tts.text import ENGLISH_IPA, ENGLISH_SYMBOLS, EspeakPhonemizer, SymbolTable

# Sentences that between them hold every sound of the list.
SOUNDS = [
    "The quick brown fox jumps over the lazy dog, then hides; why? Nobody knows!",
    "She sells sea shells: pleasure, treasure, the usual beige garage, judge and church.",
    'He said "thin things think" (this and that) — button, kitten, better water…',
    "Boy, how now, brown cow? Go home, eat food, look at the bird, father, all of you sing.",
    "It is a rented house that opened again.",
    "Messrs. Mannlicher at the loch in Utrecht, Llanelli, jalapeno, croissant, denouement.",
    "ɲ",
]


@pytest.fixture
def table() -> SymbolTable:
    return SymbolTable(ENGLISH_IPA)


def test_ids_go_there_and_back(table: SymbolTable) -> None:
    ids = table.encode("^həlˈoʊ, wˈɜːld!$")
    assert ids.dtype == np.int64
    assert ids.shape == (17,)
    assert table.decode(ids) == "^həlˈoʊ, wˈɜːld!$"
    assert table.encode("").shape == (0,)


def test_positions_never_change(table: SymbolTable) -> None:
    """Voices are stored with these ids: new symbols are appended."""
    assert "".join(ENGLISH_IPA) == (
        '_^$ .,;:!?—…"()ˈˌːaeiouæɐɑɔəɚɛɜɪʊʌᵻbdfhjklmnpstvwzðŋɡɹɾʃʒʔθ\u0329rxçɬɲʲ\u0303'
    )
    assert len(table) == len(ENGLISH_IPA) == 67
    assert table.encode("_^$ .").tolist() == [0, 1, 2, 3, 4]


def test_symbols_are_single_and_named(table: SymbolTable) -> None:
    assert all(len(symbol) == 1 and unicodedata.name(symbol) for symbol in ENGLISH_IPA)
    assert len(set(ENGLISH_IPA)) == len(ENGLISH_IPA)
    assert "ə" in table
    assert "漢" not in table


def test_english_is_covered_and_no_symbol_is_idle(table: SymbolTable) -> None:
    phonemize = EspeakPhonemizer()
    spoken = "".join(phonemize(sentence) for sentence in SOUNDS)
    assert table.decode(table.encode(spoken)) == spoken
    idle = set(ENGLISH_IPA) - set(spoken) - set("_^$")
    assert not idle


def test_unknown_symbol_is_named(table: SymbolTable) -> None:
    with pytest.raises(TextError, match=r"phoneme 3: the model has no symbol 'ж' \(U\+0436\)") as e:
        table.encode("^aж$")
    assert e.value.hint


@pytest.mark.parametrize("number", [-1, 67])
def test_unknown_id_is_named(table: SymbolTable, number: int) -> None:
    with pytest.raises(TextError, match=f"id {number} is not in a table of 67 symbols"):
        table.decode([1, number])


@pytest.mark.parametrize(
    ("symbols", "message"),
    [
        (("_", "a", "a"), r"'a' \(U\+0061\) is there twice"),
        (("_", "aɪ"), "'aɪ' is not one code point"),
        (("a", "_"), "the first symbol must be the padding"),
        ((), "the first symbol must be the padding"),
    ],
)
def test_bad_tables_are_refused(symbols: tuple[str, ...], message: str) -> None:
    with pytest.raises(TextError, match=message):
        SymbolTable(symbols)


def test_tables_compare_and_travel(table: SymbolTable) -> None:
    assert table == SymbolTable(ENGLISH_IPA)
    assert table != SymbolTable(("_", "a"))
    assert pickle.loads(pickle.dumps(table)) == table
    with pytest.raises(AttributeError):
        table.symbols = ()  # type: ignore[misc]


def test_the_symbols_tell_what_is_read() -> None:
    for kind, symbols in ENGLISH_SYMBOLS.items():
        assert SymbolTable(symbols).input == kind
    assert ENGLISH_SYMBOLS["phonemes"] == ENGLISH_IPA
    assert ENGLISH_SYMBOLS["mixed"][: len(ENGLISH_IPA)] == ENGLISH_IPA
    assert "".join(ENGLISH_SYMBOLS["mixed"][len(ENGLISH_IPA) :]) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ'"
    assert "".join(ENGLISH_SYMBOLS["characters"]) == (
        '_^$ .,;:!?—…"()' + "ABCDEFGHIJKLMNOPQRSTUVWXYZ'"
    )
    assert SymbolTable(("_", "a", "A")).input == "phonemes"
