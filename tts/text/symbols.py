"""The symbols that a voice can speak, and their ids."""

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from tts.errors import TextError
from tts.text.languages import is_english

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = [
    "BEGIN",
    "END",
    "ENGLISH_CHARACTERS",
    "ENGLISH_IPA",
    "ENGLISH_MIXED",
    "ENGLISH_SYMBOLS",
    "LETTERS",
    "MODIFIERS",
    "PADDING",
    "PUNCTUATION",
    "SymbolTable",
    "TextInput",
    "corpus_symbols",
]

TextInput = Literal["phonemes", "characters", "mixed"]
"""What a model reads: IPA, the letters of words, or either, word by word."""

PADDING = "_"
BEGIN = "^"
END = "$"

PUNCTUATION: tuple[str, ...] = (".", ",", ";", ":", "!", "?", "—", "…", '"', "(", ")")
"""The punctuation that is kept, because it is heard; the rest is silent or becomes one of these."""

MODIFIERS: tuple[str, ...] = (
    *("ˈ", "ˌ", "ː", "ʲ"),
    *("\N{COMBINING VERTICAL LINE BELOW}", "\N{COMBINING TILDE}"),
)
"""Symbols that are no sounds by themselves: stress, length, and what changes the sound before them."""

# Written down from what eSpeak NG 1.52 emits for en-us over all of LJ Speech, every entry of its English
# dictionary, 576,000 words out of package summaries, random letters, and each Latin letter with a diacritic;
# the sounds of loan words come last. One symbol is one code point, so that the diphthong "aɪ" and the
# affricate "tʃ" are two symbols each. The position of a symbol never changes: new ones are appended.
# fmt: off
ENGLISH_IPA: tuple[str, ...] = (
    PADDING, BEGIN, END, " ",
    *PUNCTUATION,
    "ˈ", "ˌ", "ː",
    # vowels
    "a", "e", "i", "o", "u", "æ", "ɐ", "ɑ", "ɔ", "ə", "ɚ", "ɛ", "ɜ", "ɪ", "ʊ", "ʌ", "ᵻ",
    # consonants
    "b", "d", "f", "h", "j", "k", "l", "m", "n", "p", "s", "t", "v", "w", "z",
    "ð", "ŋ", "ɡ", "ɹ", "ɾ", "ʃ", "ʒ", "ʔ", "θ",
    "\N{COMBINING VERTICAL LINE BELOW}",  # syllabic: the n of "button"
    # sounds of loan words
    "r",  # Messrs., brochure: eSpeak NG writes it for an r that it does not link
    "x",  # loch
    "ç",  # Utrecht
    "ɬ",  # Llanelli
    "ɲ",  # the letter ɲ
    "ʲ",  # jalapeno
    "\N{COMBINING TILDE}",  # nasal: croissant, denouement
)
# fmt: on

_ANY_LANGUAGE = ENGLISH_IPA[: ENGLISH_IPA.index("ː") + 1]

LETTERS: tuple[str, ...] = (*string.ascii_uppercase, "'")
"""The letters of words that are not written in phonemes. IPA holds none of these."""

ENGLISH_CHARACTERS: tuple[str, ...] = (PADDING, BEGIN, END, " ", *PUNCTUATION, *LETTERS)

ENGLISH_MIXED: tuple[str, ...] = (*ENGLISH_IPA, *LETTERS)

ENGLISH_SYMBOLS: Mapping[TextInput, tuple[str, ...]] = MappingProxyType(
    {"phonemes": ENGLISH_IPA, "characters": ENGLISH_CHARACTERS, "mixed": ENGLISH_MIXED}
)
"""The symbols of an English voice, by what it reads."""


def corpus_symbols(reads: TextInput, language: str, texts: Iterable[str]) -> tuple[str, ...]:
    """The symbols of a voice that is trained on these texts.

    The list of American English is complete. Other kinds of English add what their texts hold beyond it, and
    other languages begin with nothing but punctuation and stress.

    Args:
        reads: what the model reads.
        language: a language code of eSpeak NG.
        texts: all that it is trained on, in symbols.
    """
    if reads == "characters" or language == "en-us":
        return ENGLISH_SYMBOLS[reads]
    base = ENGLISH_SYMBOLS[reads] if is_english(language) else _ANY_LANGUAGE
    return (*base, *sorted({symbol for text in texts for symbol in text} - set(base)))


@dataclass(frozen=True)
class SymbolTable:
    """The symbols of a model in the order of their ids; it is stored with the model.

    Args:
        symbols: one code point each, no two alike; the first, with id 0, is padding.

    Raises:
        TextError: when a symbol is there twice, is not one code point, or the first is not padding.
    """

    symbols: tuple[str, ...]
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ids: dict[str, int] = {}
        for symbol in self.symbols:
            if len(symbol) != 1:
                raise TextError(f"symbol table: {symbol!r} is not one code point")
            if symbol in ids:
                raise TextError(f"symbol table: {_name(symbol)} is there twice")
            ids[symbol] = len(ids)
        if ids.get(PADDING) != 0:
            raise TextError(f"symbol table: the first symbol must be the padding {PADDING!r}")
        object.__setattr__(self, "_ids", ids)

    def __len__(self) -> int:
        return len(self.symbols)

    def __contains__(self, symbol: object) -> bool:
        return symbol in self._ids

    @property
    def input(self) -> TextInput:
        """What a model of these symbols reads."""
        if not set(LETTERS) <= set(self.symbols):
            return "phonemes"
        return "characters" if set(self.symbols) <= set(ENGLISH_CHARACTERS) else "mixed"

    def encode(self, phonemes: str) -> "npt.NDArray[np.int64]":
        """The ids of a phoneme string.

        Returns:
            int64 ids. Shape: (L,), one for each code point.

        Raises:
            TextError: for the first symbol that is not in the table.
        """
        import numpy as np  # half of what it would take to import this room

        try:
            return np.array([self._ids[symbol] for symbol in phonemes], dtype=np.int64)
        except KeyError as error:
            symbol = str(error.args[0])
            raise TextError(
                f"phoneme {phonemes.index(symbol) + 1}: the model has no symbol {_name(symbol)}",
                hint="phonemise the text with the front end that the model was trained with",
            ) from None

    def decode(self, ids: Iterable[int]) -> str:
        """The phoneme string of ids; `decode(encode(phonemes)) == phonemes`.

        Raises:
            TextError: for an id that is not in the table.
        """
        symbols = []
        for number in ids:
            if not 0 <= number < len(self.symbols):
                raise TextError(f"id {number} is not in a table of {len(self.symbols)} symbols")
            symbols.append(self.symbols[number])
        return "".join(symbols)


def _name(symbol: str) -> str:
    return f"{symbol!r} (U+{ord(symbol):04X})"
