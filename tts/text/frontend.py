"""The text front end of a voice: any text to utterances, each with the ids that a model reads."""

import dataclasses
import itertools
import re
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tts.errors import TextError, UnspeakableWarning
from tts.text.normalize import is_speakable, normalize
from tts.text.phonemes import EspeakPhonemizer
from tts.text.sentences import Span, split_long, split_sentences
from tts.text.symbols import BEGIN, END, PADDING, PUNCTUATION, SymbolTable

__all__ = ["PAUSES_S", "TextFrontEnd", "Utterance"]

PAUSES_S: dict[str, float] = {"clause": 0.15, "sentence": 0.3, "paragraph": 0.6}
"""Seconds of silence after a piece of a cut sentence, after a sentence, and after a paragraph."""

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
_SILENT_SYMBOLS = frozenset((*PUNCTUATION, " ", PADDING, BEGIN, END))

# What is certainly nothing but punctuation, and needs no look at the rules.
_SILENT = re.compile(r"[\s.,;:!?\"'()\[\]{}*_~|-]*")

# A number is spoken far longer than it is written: a piece is cut again when its words are longer than
# this many times `max_chars`.
_MAX_GROWTH = 2
_MIN_PIECE = 10

_NAMED = 5


@dataclass(frozen=True, eq=False)
class Utterance:
    """What is spoken in one go.

    Args:
        text: the slice of the text that this speaks.
        start: its first character in the whole text.
        end: one past its last character.
        spoken: the words, as they are said.
        phonemes: their phonemes, from "^" to "$".
        ids: the ids of the phonemes, int64. Shape: (L,).
        pause_s: the silence to put after it, 0 after the last one.
    """

    text: str
    start: int
    end: int
    spoken: str
    phonemes: str
    ids: npt.NDArray[np.int64]
    pause_s: float


class TextFrontEnd:
    """Text to utterances: clean-up, sentences, words, phonemes, ids.

    It may be used by any number of threads at once, and may be pickled.

    Args:
        symbols: the symbol table of the model.
        language: the language code of eSpeak NG.
        max_chars: longer sentences are cut; about the longest that models are trained on.
    """

    def __init__(self, symbols: SymbolTable, language: str = "en-us", max_chars: int = 140) -> None:
        self.symbols = symbols
        self.language = language
        self.max_chars = max_chars
        self._phonemize = EspeakPhonemizer(language)

    def utterances(self, text: str, *, strict: bool = False) -> Iterator[Utterance]:
        """The utterances of a text of any length, made as they are asked for.

        A character that cannot be spoken is left out, and named in an `UnspeakableWarning`.

        Args:
            text: any text.
            strict: refuse a character that cannot be spoken.

        Raises:
            TextError: at once, when there is nothing to speak, or, if strict, for such a character.
            PhonemizerError: at once, when eSpeak NG cannot be used.
        """
        unspeakable = _unspeakable(text)
        if unspeakable and strict:
            raise TextError(unspeakable, hint="remove it, or speak without --strict")
        utterances = self._utterances(text, strict)
        first = next(utterances, None)
        if first is None:
            raise _nothing(text, unspeakable)
        if unspeakable:
            warnings.warn(f"left out: {unspeakable}", UnspeakableWarning, stacklevel=2)
        return itertools.chain((first,), utterances)

    def phonemes_of(self, text: str, *, strict: bool = False) -> str:
        """The phonemes of a whole transcript as one string from "^" to "$", however long it is.

        A transcript of one sentence gives exactly what `utterances` gives.

        Raises:
            TextError, PhonemizerError: as `utterances` does.
        """
        unspeakable = _unspeakable(text)
        if unspeakable and strict:
            raise TextError(unspeakable, hint="remove it, or speak without --strict")
        unknown: set[str] = set()
        spoken = [self._phonemes(normalize(s.text), unknown, strict) for s in split_sentences(text)]
        phonemes = " ".join(filter(None, spoken))
        if not phonemes:
            raise _nothing(text, unspeakable)
        if unspeakable:
            warnings.warn(f"left out: {unspeakable}", UnspeakableWarning, stacklevel=2)
        return f"{BEGIN}{phonemes}{END}"

    def _utterances(self, text: str, strict: bool) -> Iterator[Utterance]:
        """Each utterance with the pause to the next one, which has to be known for that."""
        unknown: set[str] = set()
        waiting: Utterance | None = None
        sentence_ends = False
        for sentence in split_sentences(text):
            sentence_ends = True
            for utterance in self._pieces(sentence, self.max_chars, unknown, strict):
                if waiting is not None:
                    gap = text[waiting.end : utterance.start] if sentence_ends else ""
                    pause = "clause" if not sentence_ends else "sentence"
                    if _PARAGRAPH.search(gap):
                        pause = "paragraph"
                    yield dataclasses.replace(waiting, pause_s=PAUSES_S[pause])
                waiting, sentence_ends = utterance, False
        if waiting is not None:
            yield waiting

    def _pieces(
        self, span: Span, max_chars: int, unknown: set[str], strict: bool
    ) -> Iterator[Utterance]:
        """The utterances of one sentence, without their pauses."""
        for piece in split_long(span, max_chars):
            if _SILENT.fullmatch(piece.text):
                continue
            spoken = normalize(piece.text)
            if len(spoken) > _MAX_GROWTH * self.max_chars and len(piece.text) > _MIN_PIECE:
                yield from self._pieces(piece, len(piece.text) // 2 + 1, unknown, strict)
                continue
            phonemes = self._phonemes(spoken, unknown, strict)
            if phonemes:
                phonemes = f"{BEGIN}{phonemes}{END}"
                ids = self.symbols.encode(phonemes)
                yield Utterance(piece.text, piece.start, piece.end, spoken, phonemes, ids, 0.0)

    def _phonemes(self, spoken: str, unknown: set[str], strict: bool) -> str:
        """The phonemes of spoken words, in symbols of the model; empty when none of them is heard.

        Args:
            spoken: words and punctuation.
            unknown: the phonemes that were already warned about; new ones are added.
            strict: refuse a phoneme that the model lacks.
        """
        if not any(map(str.isalnum, spoken)):
            return ""
        phonemes = self._phonemize(spoken)
        lacking = {symbol for symbol in phonemes if symbol not in self.symbols}
        if lacking:
            names = ", ".join(f"{symbol!r} (U+{ord(symbol):04X})" for symbol in sorted(lacking))
            message = f"the voice has no symbol for the phoneme {names} in {spoken!r}"
            if strict:
                raise TextError(message, hint="change the word, or speak without --strict")
            if lacking - unknown:
                warnings.warn(f"left out: {message}", UnspeakableWarning, stacklevel=4)
                unknown |= lacking
            phonemes = "".join(symbol for symbol in phonemes if symbol in self.symbols)
        return phonemes if set(phonemes) - _SILENT_SYMBOLS else ""


def _nothing(text: str, unspeakable: str) -> TextError:
    """The error for a text without anything to speak."""
    why = unspeakable or ("it holds only punctuation" if text.strip() else "it is empty")
    return TextError(f"nothing to speak: {why}", hint="give a text with at least one word")


def _unspeakable(text: str) -> str:
    """Names each character that cannot be spoken and where it first is; empty when there is none."""
    strange = {character for character in set(text) if not is_speakable(character)}
    if not strange:
        return ""
    first: dict[str, int] = {}
    count = 0
    for position, character in enumerate(text, start=1):
        if character in strange:
            first.setdefault(character, position)
            count += 1
    named = [f"{_name(c)} at character {i}" for c, i in itertools.islice(first.items(), _NAMED)]
    others = count - len(named)
    if others:
        named.append(f"and {others} more")
    return f"{count} character{'s' * (count > 1)} cannot be spoken: {', '.join(named)}"


def _name(character: str) -> str:
    """A character for a message: itself where it can be printed, its code point and its name."""
    names = {"Cc": "CONTROL CHARACTER", "Cs": "LONE SURROGATE"}
    kind = names.get(unicodedata.category(character), "UNNAMED CHARACTER")
    name = unicodedata.name(character, kind)
    glyph = f"{character!r} " if character.isprintable() else ""
    return f"{glyph}U+{ord(character):04X} {name}"
