"""The text front end of a voice: any text to utterances, each with the ids that a model reads."""

import copy
import dataclasses
import itertools
import re
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tts.errors import TextError, UnspeakableWarning
from tts.text.document import Document, Segment
from tts.text.ipa import masked, phonemes_among
from tts.text.languages import is_english
from tts.text.lexicon import Lexicon
from tts.text.marks import Mark, marks_in
from tts.text.normalize import SpokenSpan, trace
from tts.text.pauses import PauseName, Pauses
from tts.text.phonemizers import PhonemizerName, build_phonemizer
from tts.text.pronounce import Pronouncer
from tts.text.sentences import Span, split_long, split_sentences
from tts.text.symbols import BEGIN, END, PADDING, PUNCTUATION, SymbolTable
from tts.text.unspeakable import strange_in, unspeakable
from tts.text.words import Phonemize, Word, aligned_words, spell

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["TextFrontEnd", "Utterance", "sentence_of"]

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
_SILENT_SYMBOLS = frozenset((*PUNCTUATION, " ", PADDING, BEGIN, END))

# What is certainly nothing but punctuation, and needs no look at the rules.
_SILENT = re.compile(r"[\s.,;:!?\"'()\[\]{}*_~|-]*")

# A number is spoken far longer than it is written: a piece is cut again when its words are longer than
# this many times `max_chars`.
_MAX_GROWTH = 2
_MIN_PIECE = 10


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
        pause_s: the silence to put after it, 0 after the last one unless it is asked for.
        spans: which words speak for which characters of the whole text, in order and without overlap.
        rate: how many times as fast as the voice it is spoken.
        gain: how many times as loud.
        lead_s: the silence to put before it, 0 unless the text begins with one.
        marks: the names of places in it, in order.
        language: of its words, where that is not the voice's.
    """

    text: str
    start: int
    end: int
    spoken: str
    phonemes: str
    ids: "npt.NDArray[np.int64]"
    pause_s: float
    spans: tuple[SpokenSpan, ...] = ()
    rate: float = 1.0
    gain: float = 1.0
    lead_s: float = 0.0
    marks: tuple[Mark, ...] = ()
    language: str | None = None


class TextFrontEnd:
    """Text to utterances: clean-up, sentences, words, phonemes, ids.

    The symbols tell what is read. With letters among them, a word whose phonemes the table lacks is read in
    letters; with letters alone, no phonemizer is needed.

    It may be used by any number of threads at once, and may be pickled.

    Args:
        symbols: the symbol table of the model.
        language: the language code of eSpeak NG.
        max_chars: longer sentences are cut; about the longest that models are trained on.
        pauses: the silence between utterances.
        any_symbol: read what the table lacks as well, for a corpus that is to tell which symbols there are.
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
        pauses: Pauses | None = None,
        any_symbol: bool = False,
        lexicon: Lexicon | None = None,
        heteronyms: bool = True,
        phonemizer: PhonemizerName = "espeak",
    ) -> None:
        self.symbols = symbols
        self.language = language
        self.max_chars = max_chars
        self.pauses = pauses or Pauses()
        self.any_symbol = any_symbol
        self._heteronyms = heteronyms
        self._phonemizer_name = phonemizer
        self._pronouncers = {language: self._pronouncer_of(language, lexicon or Lexicon())}

    def with_lexicon(self, lexicon: Lexicon) -> "TextFrontEnd":
        """The same front end with a lexicon, whose entries go before those that it has.

        Raises:
            LexiconError: when it has phonemes that the model lacks.
        """
        front_end = copy.copy(self)
        known = self._pronouncers[self.language]
        own = self._pronouncer_of(self.language, known.lexicon | lexicon, known.phonemize)
        front_end._pronouncers = {self.language: own}
        return front_end

    def _pronouncer_of(
        self, language: str, lexicon: Lexicon, phonemize: Phonemize | None = None
    ) -> Pronouncer:
        name = self._phonemizer_name if language == self.language else "espeak"
        return Pronouncer(
            phonemize or build_phonemizer(name, language),
            language,
            lexicon,
            phonemes_among(self.symbols),
            with_heteronyms=self._heteronyms,
        )

    def utterances(
        self, text: str | Document, *, strict: bool = False, pauses: Pauses | None = None
    ) -> Iterator[Utterance]:
        """The utterances of a text of any length, made as they are asked for.

        A character that cannot be spoken is left out, and named in an `UnspeakableWarning`.

        Args:
            text: any text, or a document in segments.
            strict: refuse a character that cannot be spoken.
            pauses: instead of those of the front end.

        Raises:
            TextError: at once, when there is nothing to speak, for inline phonemes that are no phonemes of
                the model, or, if strict, for such a character.
            PhonemizerError: at once, when eSpeak NG cannot be used.
        """
        document = Document.of(text) if isinstance(text, str) else text
        strange = self._unspeakable(document, strict)
        utterances = self._utterances(document, strict, pauses or self.pauses)
        first = next(utterances, None)
        if first is None:
            raise _nothing("".join(segment.text for segment in document.segments), strange)
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
        strange = self._unspeakable(Document.of(text), strict)
        call = _Call(text, strict, set())
        written = self._pronouncer(self.language).written
        sentences = [trace(s.text, self.language, written).text for s in split_sentences(text)]
        words = [word for spoken in sentences for word in self._words(spoken, self.language, call)]
        if not words:
            raise _nothing(text, strange)
        if strange:
            warnings.warn(f"left out: {strange}", UnspeakableWarning, stacklevel=2)
        return words

    def symbols_of(self, spoken: str, language: str | None = None) -> str:
        """Spoken words in the symbols that the model reads, those that it lacks among them."""
        return " ".join(word.symbols for word in self._read(spoken, language or self.language))

    def strange_in(self, utterance: Utterance) -> tuple[str, ...]:
        """The characters of an utterance that cannot be spoken, each once."""
        language = utterance.language or self.language
        strange = strange_in(masked(utterance.text), language, self._asked)
        return tuple(
            character for character in dict.fromkeys(utterance.text) if character in strange
        )

    def _unspeakable(self, document: Document, strict: bool) -> str:
        """Names what cannot be spoken of a document.

        Raises:
            TextError: if strict, for that, and always for inline phonemes that are none.
        """
        for segment in document.segments:
            self._pronouncer(segment.language or self.language).check(segment.text)
        strange = unspeakable(document.segments, self.language, self._asked)
        if strange and strict:
            raise TextError(strange, hint="remove it, or speak without --strict")
        return strange

    @property
    def _asked(self) -> Callable[[str], Phonemize] | None:
        """What is asked for the names of signs."""
        return None if self.symbols.input == "characters" else self._phonemizer

    def _phonemizer(self, language: str) -> Phonemize:
        return self._pronouncer(language).phonemize

    def _pronouncer(self, language: str) -> Pronouncer:
        """What pronounces a language, which is kept."""
        if language not in self._pronouncers:
            self._pronouncers.setdefault(language, self._pronouncer_of(language, Lexicon()))
        return self._pronouncers[language]

    def _utterances(self, document: Document, strict: bool, pauses: Pauses) -> Iterator[Utterance]:
        """Each utterance with the pause to the next one, which has to be known for that."""
        call = _Call(document.source, strict, set())
        waiting: Utterance | None = None
        pause_s: float = 0.0
        asked_s: float | None = None  # instead of the pause
        names: list[str] = []  # of marks that stand before the next utterance
        for segment in document.segments:
            marks = deque(segment.marks)
            is_first = True
            for pause, utterance in self._of_segment(segment, marks, call):
                if waiting is not None:
                    natural_s = pause_s if is_first or pause is None else pauses.seconds(pause)
                    silence_s = natural_s if asked_s is None else asked_s
                    yield dataclasses.replace(waiting, pause_s=silence_s)
                    waiting = utterance
                else:
                    waiting = dataclasses.replace(utterance, lead_s=asked_s or 0.0)
                if names:
                    leading = (Mark(name, 0) for name in names)
                    waiting = dataclasses.replace(waiting, marks=(*leading, *waiting.marks))
                pause_s, asked_s, names, is_first = 0.0, None, [], False
            if waiting is not None and marks and not is_first:
                ends = (Mark(name, len(waiting.ids)) for name, _ in marks)
                waiting = dataclasses.replace(waiting, marks=(*waiting.marks, *ends))
            elif marks:
                names += [name for name, _ in marks]
            if segment.pause is not None:
                pause_s = max(pause_s, pauses.seconds(segment.pause))
            for silence in segment.breaks:
                seconds = silence if isinstance(silence, float) else pauses.seconds(silence)
                asked_s = (asked_s or 0.0) + seconds
        if waiting is not None:
            ends = (Mark(name, len(waiting.ids) + 1) for name in names)
            marked = (*waiting.marks, *ends)
            yield dataclasses.replace(waiting, pause_s=asked_s or 0.0, marks=marked)

    def _of_segment(
        self, segment: Segment, marks: deque[tuple[str, int]], call: "_Call"
    ) -> Iterator[tuple[PauseName | None, Utterance]]:
        """The utterances of a segment, and which pause is before each but the first."""
        end: int | None = None
        for sentence in split_sentences(segment.text):
            is_within = False
            for piece, utterance in self._pieces(segment, sentence, self.max_chars, marks, call):
                pause: PauseName | None = None
                if end is not None:
                    is_far = not is_within and _PARAGRAPH.search(segment.text, end, piece.start)
                    pause = "clause" if is_within else "paragraph" if is_far else "sentence"
                yield pause, utterance
                end, is_within = piece.end, True

    def _pieces(
        self,
        segment: Segment,
        span: Span,
        max_chars: int,
        marks: deque[tuple[str, int]],
        call: "_Call",
    ) -> Iterator[tuple[Span, Utterance]]:
        """The utterances of one sentence, without their pauses, each with its place in the segment."""
        language = segment.language or self.language
        for piece in split_long(span, max_chars):
            if _SILENT.fullmatch(piece.text):
                continue
            pronounce = self._pronouncer(language)
            traced = trace(piece.text, language, pronounce.written)
            spoken = traced.text
            words: list[Word] = []
            n_heard = len(spoken)
            if not is_english(language):  # there numbers are still in digits
                words = self._words(spoken, language, call)
                n_heard = sum(len(word.symbols) for word in words)
            half = len(piece.text) // 2 + 1
            grown = n_heard > _MAX_GROWTH * self.max_chars and len(piece.text) > _MIN_PIECE
            if grown and split_long(piece, half) != [piece]:  # inline phonemes are not cut
                yield from self._pieces(segment, piece, half, marks, call)
                continue
            words = words or self._words(spoken, language, call)
            if not words:
                continue
            phonemes = sentence_of(word.symbols for word in words)
            start, end = segment.place(piece.start, piece.end)
            spans = pronounce.noted(spoken, traced.spans(piece.start))
            reads = self.symbols.input != "characters"
            yield (
                piece,
                Utterance(
                    call.source[start:end],
                    start,
                    end,
                    spoken,
                    phonemes,
                    self.symbols.encode(phonemes),
                    0.0,
                    tuple(segment.placed(spans)),
                    rate=segment.rate,
                    gain=segment.gain,
                    language=segment.language,
                    marks=marks_in(marks, piece, traced, phonemes, pronounce if reads else None),
                ),
            )

    def _words(self, spoken: str, language: str, call: "_Call") -> list[Word]:
        """Spoken words in symbols of the model; none when nothing is heard.

        Args:
            spoken: words and punctuation.
            language: what they are words of.
            call: whether a phoneme that the model lacks is refused, and which were already warned about.
        """
        if is_english(language) and not any(map(str.isalnum, spoken)):
            return []
        words = self._read(spoken, language)
        heard = set().union(*(word.symbols for word in words))
        lacking = heard.difference(self.symbols.symbols)
        if lacking and not self.any_symbol:
            names = ", ".join(f"{symbol!r} (U+{ord(symbol):04X})" for symbol in sorted(lacking))
            message = f"the voice has no symbol for the phoneme {names} in {spoken!r}"
            if call.strict:
                raise TextError(message, hint="change the word, or speak without --strict")
            if lacking - call.unknown:
                warnings.warn(f"left out: {message}", UnspeakableWarning, stacklevel=4)
                call.unknown.update(lacking)
            kept = ["".join(s for s in word.symbols if s not in lacking) for word in words]
            words = [Word(symbols, word.letters) for symbols, word in zip(kept, words, strict=True)]
            heard -= lacking
        return words if heard - _SILENT_SYMBOLS else []

    def _read(self, spoken: str, language: str) -> list[Word]:
        """Spoken words as the model reads them, or would if it had all symbols."""
        pronounce = self._pronouncer(language)
        match self.symbols.input:
            case "phonemes":
                return [Word(pronounce(spoken))]
            case "characters":
                return [Word(spell(pronounce.respelled(spoken)))]
            case "mixed":
                words = aligned_words(spoken, pronounce)
                return [
                    word if self._is_known(word) else Word(word.letters, word.letters)
                    for word in words
                ]

    def _is_known(self, word: Word) -> bool:
        """Whether the phonemes of a word are there, and the model has symbols for all of them."""
        is_there = self.any_symbol or all(symbol in self.symbols for symbol in word.symbols)
        return bool(word.symbols) and is_there


class _Call(NamedTuple):
    """What one call was asked.

    Attributes:
        source: all of the text.
        strict: whether to refuse what cannot be spoken.
        unknown: the phonemes that were already warned about; new ones are added.
    """

    source: str
    strict: bool
    unknown: set[str]


def sentence_of(words: Iterable[str]) -> str:
    """Words in symbols as one string, from "^" to "$"."""
    return f"{BEGIN}{' '.join(filter(None, words))}{END}"


def _nothing(text: str, strange: str) -> TextError:
    """The error for a text without anything to speak."""
    why = strange or ("it holds only punctuation" if text.strip() else "it is empty")
    return TextError(f"nothing to speak: {why}", hint="give a text with at least one word")
