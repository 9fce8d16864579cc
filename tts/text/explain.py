"""What is made of a text, span by span: which words, by what rule, in what phonemes."""

from collections.abc import Sequence
from dataclasses import dataclass

from tts.text.document import Segment
from tts.text.normalize import SpokenSpan, trace
from tts.text.pronounce import Pronouncer
from tts.text.sentences import split_long, split_sentences
from tts.text.words import Phonemize, aligned_runs, owners

__all__ = ["Explained", "Reading", "explain", "phonemes_of", "read_aloud"]

# Nobody writes longer sentences, and a megabyte without a full stop takes its time.
_MAX_CHARS = 2000


@dataclass(frozen=True)
class Reading:
    """How one sentence is spoken.

    Args:
        spoken: its words with their punctuation.
        spans: which of them speak for which characters of the whole text.
    """

    spoken: str
    spans: tuple[SpokenSpan, ...]


@dataclass(frozen=True)
class Explained:
    """One stretch of a text and what is made of it.

    Args:
        start: its first character.
        end: one past its last character.
        written: the stretch.
        spoken: its words.
        phonemes: their phonemes.
        rules: the names of the rules that wrote the words; none where it is read as it is written.
        unsure: the other readings that it may have.
    """

    start: int
    end: int
    written: str
    spoken: str
    phonemes: str
    rules: tuple[str, ...]
    unsure: tuple[str, ...]


def read_aloud(
    text: str | Segment, language: str = "en-us", pronounce: Pronouncer | None = None
) -> list[Reading]:
    """The sentences of a text as they are spoken; positions are in the whole text, or in its source.

    Args:
        text: any text, or a segment of a document.
        language: a language code of eSpeak NG.
        pronounce: what knows how some words are pronounced; the spans tell which those are.
    """
    segment = Segment(text=text) if isinstance(text, str) else text
    sentences = split_sentences(segment.text)
    pieces = [piece for sentence in sentences for piece in split_long(sentence, _MAX_CHARS)]
    written = pronounce.written if pronounce else None
    readings: list[Reading] = []
    for piece in pieces:
        words = trace(piece.text, language, written)
        if words.text:
            spans = tuple(words.spans(piece.start))
            noted = pronounce.noted(words.text, spans) if pronounce else spans
            readings.append(Reading(words.text, tuple(segment.placed(noted))))
    return readings


def phonemes_of(readings: Sequence[Reading], phonemize: Phonemize) -> str:
    """The phonemes of all sentences, on one line."""
    return " ".join(filter(None, (phonemize(reading.spoken) for reading in readings)))


def explain(text: str, readings: Sequence[Reading], phonemize: Phonemize) -> list[Explained]:
    """Every span of a text with its phonemes.

    Spans whose words are joined in speech ("of the") are one.

    Args:
        text: the whole text.
        readings: what `read_aloud` made of it.
        phonemize: phonemes of words.
    """
    return [part for reading in readings for part in _explain(text, reading, phonemize)]


def _explain(text: str, reading: Reading, phonemize: Phonemize) -> list[Explained]:
    places = owners(reading.spoken.split(), reading.spans)
    explained: list[Explained] = []
    tokens: list[str] = []
    inside: dict[int, SpokenSpan] = {}
    n_words = 0
    for words, phonemes in aligned_runs(reading.spoken, phonemize):
        tokens += phonemes
        run = places[n_words : n_words + len(words)]
        inside |= {place: reading.spans[place] for place in run if place is not None}
        n_words += len(words)
        goes_on = n_words < len(places) and places[n_words] in inside
        if inside and not goes_on:
            explained.append(_joined(text, list(inside.values()), tokens))
            tokens, inside = [], {}
    return explained


def _joined(text: str, spans: Sequence[SpokenSpan], tokens: Sequence[str]) -> Explained:
    start, end = spans[0].start, spans[-1].end
    return Explained(
        start,
        end,
        text[start:end],
        " ".join(span.spoken for span in spans),
        " ".join(tokens),
        tuple(dict.fromkeys(rule for span in spans for rule in span.rules)),
        tuple(dict.fromkeys(doubt for span in spans for doubt in span.unsure)),
    )
