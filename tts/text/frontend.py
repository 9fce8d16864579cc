"""The text front end of a voice: any text to utterances, each with the ids that a model reads."""

import copy
import dataclasses
import itertools
import re
import unicodedata
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tts.errors import TextError, UnspeakableWarning
from tts.text.ipa import masked, phonemes_among
from tts.text.lexicon import Lexicon
from tts.text.normalize import SpokenSpan, is_speakable, trace
from tts.text.phonemizers import PhonemizerName, build_phonemizer
from tts.text.pronounce import Pronouncer
from tts.text.sentences import Span, split_long, split_sentences
from tts.text.symbols import BEGIN, END, PADDING, PUNCTUATION, SymbolTable
from tts.text.words import Phonemize, Word, aligned_words, spell

__all__ = ["PAUSES_S", "TextFrontEnd", "Utterance", "sentence_of", "unspeakable"]

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
        phonemes: their phonemes, or their letters for a model that reads those, from "^" to "$".
        ids: the ids of those, int64. Shape: (L,).
        pause_s: the silence to put after it, 0 after the last one.
        spans: which words speak for which characters of the whole text, in order and without overlap.
    """

    text: str
    start: int
    end: int
    spoken: str
    phonemes: str
    ids: npt.NDArray[np.int64]
    pause_s: float
    spans: tuple[SpokenSpan, ...] = ()


class TextFrontEnd:
    """Text to utterances: clean-up, sentences, words, phonemes, ids.

    The symbols tell what is read. With letters among them, a word whose phonemes the table lacks is read in
    letters; with letters alone, no phonemizer is needed.

    It may be used by any number of threads at once, and may be pickled.

    Args:
        symbols: the symbol table of the model.
        language: the language code of eSpeak NG.
        max_chars: longer sentences are cut; about the longest that models are trained on.
        lexicon: how some words are pronounced.
        heteronyms: whether the context tells how words like "read" are said, or it is left to the phonemizer.
        phonemizer: eSpeak NG, or what is built in for US English.

    Raises:
        LexiconError: when the lexicon has phonemes that the model lacks.
        PhonemizerError: when nothing is built in for the language.
    """

    def __init__(
        self,
        symbols: SymbolTable,
        language: str = "en-us",
        max_chars: int = 140,
        *,
        lexicon: Lexicon | None = None,
        heteronyms: bool = True,
        phonemizer: PhonemizerName = "espeak",
    ) -> None:
        self.symbols = symbols
        self.language = language
        self.max_chars = max_chars
        self._heteronyms = heteronyms
        self._pronounce = self._pronouncer(
            build_phonemizer(phonemizer, language), lexicon or Lexicon()
        )

    def with_lexicon(self, lexicon: Lexicon) -> "TextFrontEnd":
        """The same front end with a lexicon, whose entries go before those that it has.

        Raises:
            LexiconError: when it has phonemes that the model lacks.
        """
        front_end = copy.copy(self)
        known = self._pronounce
        front_end._pronounce = self._pronouncer(known.phonemize, known.lexicon | lexicon)
        return front_end

    def _pronouncer(self, phonemize: Phonemize, lexicon: Lexicon) -> Pronouncer:
        return Pronouncer(
            phonemize,
            self.language,
            lexicon,
            phonemes_among(self.symbols),
            with_heteronyms=self._heteronyms,
        )

    def utterances(self, text: str, *, strict: bool = False) -> Iterator[Utterance]:
        """The utterances of a text of any length, made as they are asked for.

        A character that cannot be spoken is left out, and named in an `UnspeakableWarning`.

        Args:
            text: any text.
            strict: refuse a character that cannot be spoken.

        Raises:
            TextError: at once, when there is nothing to speak, for inline phonemes that are no phonemes of
                the model, or, if strict, for such a character.
            PhonemizerError: at once, when eSpeak NG cannot be used.
        """
        self._pronounce.check(text)
        strange = unspeakable(text)
        if strange and strict:
            raise TextError(strange, hint="remove it, or speak without --strict")
        utterances = self._utterances(text, strict)
        first = next(utterances, None)
        if first is None:
            raise _nothing(text, strange)
        if strange:
            warnings.warn(f"left out: {strange}", UnspeakableWarning, stacklevel=2)
        return itertools.chain((first,), utterances)

    def phonemes_of(self, text: str, *, strict: bool = False) -> str:
        """The phonemes of a whole transcript as one string from "^" to "$", however long it is.

        A transcript of one sentence gives exactly what `utterances` gives.

        Raises:
            TextError, PhonemizerError: as `utterances` does.
        """
        return sentence_of(word.symbols for word in self.words_of(text, strict=strict))

    def words_of(self, text: str, *, strict: bool = False) -> list[Word]:
        """The words of a whole transcript, whose symbols are those of `phonemes_of`.

        Where the model reads phonemes and letters, each word has both; else a sentence is in one piece.

        Raises:
            TextError, PhonemizerError: as `utterances` does.
        """
        self._pronounce.check(text)
        strange = unspeakable(text)
        if strange and strict:
            raise TextError(strange, hint="remove it, or speak without --strict")
        unknown: set[str] = set()
        written = self._pronounce.written
        sentences = [trace(s.text, self.language, written).text for s in split_sentences(text)]
        words = [word for spoken in sentences for word in self._words(spoken, unknown, strict)]
        if not words:
            raise _nothing(text, strange)
        if strange:
            warnings.warn(f"left out: {strange}", UnspeakableWarning, stacklevel=2)
        return words

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
            traced = trace(piece.text, self.language, self._pronounce.written)
            spoken = traced.text
            half = len(piece.text) // 2 + 1
            grown = len(spoken) > _MAX_GROWTH * self.max_chars and len(piece.text) > _MIN_PIECE
            if grown and split_long(piece, half) != [piece]:  # inline phonemes are not cut
                yield from self._pieces(piece, half, unknown, strict)
                continue
            words = self._words(spoken, unknown, strict)
            if words:
                phonemes = sentence_of(word.symbols for word in words)
                ids = self.symbols.encode(phonemes)
                spans = self._pronounce.noted(spoken, traced.spans(piece.start))
                yield Utterance(
                    piece.text, piece.start, piece.end, spoken, phonemes, ids, 0.0, spans
                )

    def _words(self, spoken: str, unknown: set[str], strict: bool) -> list[Word]:
        """Spoken words in symbols of the model; none when nothing is heard.

        Args:
            spoken: words and punctuation.
            unknown: the phonemes that were already warned about; new ones are added.
            strict: refuse a phoneme that the model lacks.
        """
        if not any(map(str.isalnum, spoken)):
            return []
        words = self._read(spoken)
        lacking = {symbol for word in words for symbol in word.symbols} - set(self.symbols.symbols)
        if lacking:
            names = ", ".join(f"{symbol!r} (U+{ord(symbol):04X})" for symbol in sorted(lacking))
            message = f"the voice has no symbol for the phoneme {names} in {spoken!r}"
            if strict:
                raise TextError(message, hint="change the word, or speak without --strict")
            if lacking - unknown:
                warnings.warn(f"left out: {message}", UnspeakableWarning, stacklevel=4)
                unknown |= lacking
            kept = ["".join(s for s in word.symbols if s not in lacking) for word in words]
            words = [Word(symbols, word.letters) for symbols, word in zip(kept, words, strict=True)]
        return words if {s for word in words for s in word.symbols} - _SILENT_SYMBOLS else []

    def _read(self, spoken: str) -> list[Word]:
        """Spoken words as the model reads them, or would if it had all symbols."""
        match self.symbols.input:
            case "phonemes":
                return [Word(self._pronounce(spoken))]
            case "characters":
                return [Word(spell(self._pronounce.respelled(spoken)))]
            case "mixed":
                words = aligned_words(spoken, self._pronounce)
                return [
                    word if self._is_known(word) else Word(word.letters, word.letters)
                    for word in words
                ]

    def _is_known(self, word: Word) -> bool:
        """Whether the phonemes of a word are there, and the model has symbols for all of them."""
        return bool(word.symbols) and all(symbol in self.symbols for symbol in word.symbols)


def sentence_of(words: Iterable[str]) -> str:
    """Words in symbols as one string, from "^" to "$"."""
    return f"{BEGIN}{' '.join(filter(None, words))}{END}"


def _nothing(text: str, strange: str) -> TextError:
    """The error for a text without anything to speak."""
    why = strange or ("it holds only punctuation" if text.strip() else "it is empty")
    return TextError(f"nothing to speak: {why}", hint="give a text with at least one word")


def unspeakable(text: str) -> str:
    """Names each character that cannot be spoken and where it first is; empty when there is none."""
    text = masked(text)  # phonemes between brackets are no characters to speak
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
