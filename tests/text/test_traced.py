"""Where spoken words come from: every one from characters of the text, in order, none from the same twice."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.text.test_normalize import CASES, TRAPS
from tts.text import ENGLISH_IPA, SymbolTable, TextFrontEnd, explain, normalize, read_aloud, trace
from tts.text.normalize import RULES, Traced, is_speakable

LANGUAGES = ("en-us", "en-gb")


def spans_of(text: str, language: str = "en-us") -> list[tuple[str, str, str]]:
    """(written, spoken, rules) of each span."""
    return [
        (text[span.start : span.end], span.spoken, ", ".join(span.rules))
        for span in trace(text, language).spans()
    ]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Hello, you.", [("Hello,", "Hello,", ""), ("you.", "you.", "")]),
        (
            "Dr.  Smith paid $3.50",
            [
                ("Dr.", "Doctor", "title before"),
                ("Smith", "Smith", ""),
                ("paid", "paid", ""),
                ("$3.50", "three dollars and fifty cents", "money"),
            ],
        ),
        ("on Main St.", [("on", "on", ""), ("Main", "Main", ""), ("St.", "Street.", "street")]),
        (
            "May 5, 1999",
            [("May", "May", ""), ("5, 1999", "fifth, nineteen ninety nine", "date month first")],
        ),
        ("so\u00adft\u200b ware", [("so\u00adft", "soft", ""), ("ware", "ware", "")]),
        ("cafe\u0301 ½", [("cafe\u0301", "café", ""), ("½", "one half", "fraction")]),
        ("a 👍🏽 b", [("a", "a", ""), ("👍🏽", "thumbs up", "emoji"), ("b", "b", "")]),
        ("one-two — three", [("one-two", "one-two", ""), ("three", "three", "")]),
        ("\t“Hi” \n", [("“Hi”", '"Hi"', "")]),
        ("12km", [("12km", "twelve kilometers", "unit")]),
        ("5-6", [("5", "five", "number"), ("-", "to", "range"), ("6", "six", "number")]),
    ],
)  # fmt: skip
def test_spans(text: str, spans: list[tuple[str, str, str]]) -> None:
    assert spans_of(text) == spans


@pytest.mark.parametrize(
    ("text", "unsure"),
    [
        ("St. Mary", ()),
        ("in St. Mary", ()),
        ("near St. Mary", ("Saint, or Street",)),
        ("3/4", ("a fraction, or a day and a month",)),
        ("3/4 of it", ()),
        ("1900", ("a year, or a number",)),
        ("in 1900", ()),
        ("3/4/2020", ("the month first, or the day",)),
        ("13/4/2020", ()),
        ("300 K", ("a unit, or a letter",)),
    ],
)
def test_a_guess_says_so(text: str, unsure: tuple[str, ...]) -> None:
    assert tuple(doubt for span in trace(text).spans() for doubt in span.unsure) == unsure


def check(text: str, language: str) -> None:
    """What holds for any text."""
    traced = trace(text, language)
    assert traced.text == normalize(text, language)
    assert len(traced.origins) == len(traced.text)
    starts = [origin.start for origin in traced.origins]
    ends = [origin.end for origin in traced.origins]
    assert starts == sorted(starts)
    assert ends == sorted(ends)
    assert all(0 <= origin.start < origin.end <= len(text) for origin in traced.origins)
    names = {rule.name for rule in RULES} | {"", "emoji", "character"}
    assert {origin.rule for origin in traced.origins} <= names
    spans = list(traced.spans())
    position = 0
    for span in spans:
        assert position <= span.start < span.end <= len(text)  # in order, nothing twice
        written = text[span.start : span.end]
        assert any(is_speakable(c) and not c.isspace() for c in written)  # nothing from nowhere
        position = span.end
    heard = [word for word in traced.text.split() if any(map(str.isalnum, word))]
    said = [word for span in spans for word in span.spoken.split() if any(map(str.isalnum, word))]
    assert said == heard  # all that is spoken is in a span
    for span in spans:  # what no rule wrote is as it was written
        if not span.rules:
            letters = unicodedata.normalize("NFC", text[span.start : span.end])
            written = re.sub(
                r"[^\w]", "", "".join(c for c in letters if unicodedata.category(c) != "Cf")
            )
            spoken = re.sub(r"[^\w]", "", span.spoken)
            assert spoken.replace("_", "") in written.replace("_", "") or not written.isascii()


@given(st.lists(st.sampled_from(TRAPS.split(" ")), max_size=14), st.sampled_from(["", " "]),
       st.sampled_from(LANGUAGES))  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_any_text_of_traps(fragments: list[str], joint: str, language: str) -> None:
    check(joint.join(fragments), language)


@given(st.text(max_size=80), st.sampled_from(LANGUAGES))
@settings(max_examples=150, deadline=None)
def test_any_characters(text: str, language: str) -> None:
    check(text, language)


@pytest.mark.parametrize("text", [written for written, _ in CASES])
def test_the_tables(text: str) -> None:
    for language in LANGUAGES:
        check(f"so {text} then", language)


@given(st.text("ab 1.-x", max_size=30))
@settings(deadline=None)
def test_replacing_is_that_of_re(text: str) -> None:
    pattern = re.compile(r"[0-9]+|a b| +")
    traced = Traced.of(text).replaced(pattern, lambda match: f"<{match.group()}>", "name")
    assert traced.text == pattern.sub(lambda match: f"<{match.group()}>", text)
    for character, origin in zip(traced.text, traced.origins, strict=True):
        if not origin.rule:
            assert text[origin.start : origin.end] == character
        else:
            found = pattern.search(text, origin.start)
            assert found is not None
            assert found.span() == origin[:2]


def test_spans_of_an_utterance_are_of_the_whole_text() -> None:
    front_end = TextFrontEnd(SymbolTable(ENGLISH_IPA), max_chars=40)
    text = (
        "“One,” said Dr. No.\n\n  He paid $5, and then he went on for 12 km, as they all did. Two?"
    )
    utterances = list(front_end.utterances(text))
    spans = [span for utterance in utterances for span in utterance.spans]
    assert len(utterances) > 3
    assert [text[span.start : span.end] for span in spans][:4] == ["“One,”", "said", "Dr.", "No."]
    for utterance in utterances:
        words = " ".join(span.spoken for span in utterance.spans)
        assert words == utterance.spoken
        assert utterance.start <= utterance.spans[0].start
        assert utterance.spans[-1].end <= utterance.end
    covered = "".join(text[span.start : span.end] for span in spans)
    assert re.sub(r"\s", "", covered) == re.sub(r"\s", "", text)


def test_what_is_explained_is_what_is_spoken() -> None:
    """Spans in words and, as stand-ins for phonemes, in upper case; "of the" is joined as eSpeak NG does."""

    def phonemize(words: str) -> str:
        return words.upper().replace("OF THE", "OFTHE")

    text = "Half of the $5 — “on Main St.”  And of. The end."
    readings = read_aloud(text)
    parts = explain(text, readings, phonemize)
    joined = " ".join(phonemize(reading.spoken) for reading in readings)
    assert " ".join(part.phonemes for part in parts) == joined
    assert " ".join(part.spoken for part in parts) == (
        'Half of the five dollars "on Main Street." And of. The end.'
    )
    assert ("of the", "OFTHE") in [(part.written, part.phonemes) for part in parts]
    assert all(text[part.start : part.end] == part.written for part in parts)


def test_british_or_american() -> None:
    assert normalize("3/4/2020", "en-gb-x-rp") == "the third of April, twenty twenty"
    assert normalize("3/4/2020", "en-us") == "March fourth, twenty twenty"
    front_end = TextFrontEnd(SymbolTable((*ENGLISH_IPA, "ɒ")), "en-gb")
    (utterance,) = front_end.utterances("105")
    assert utterance.spoken == "one hundred and five"
