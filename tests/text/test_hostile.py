"""Hostile text: an error or speech, in time and memory that grow with the text and no faster."""

import itertools
import time
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.errors import TTSError
from tts.text import ENGLISH_IPA, SymbolTable, TextFrontEnd, normalize, parse_ssml, split_sentences

LANGUAGES = ("en-us", "de", "cmn", "ar")


@pytest.fixture(scope="module")
def front_ends() -> dict[str, TextFrontEnd]:
    table = SymbolTable(ENGLISH_IPA)
    return {language: TextFrontEnd(table, language) for language in LANGUAGES}


UNITS = {
    "no space": "a", "digits": "7", "brackets": "[", "surrogates": "\ud83d", "directions": "\u200f\u202e",
    "NUL": "\0", "accents": "a\u0316\u0301", "marks alone": "\u0316\u0301", "Tibetan marks": "\u0f71\u0f72",
    "quotes": '"', "apostrophes": "'a", "lines": "\n", "dashes": "- ", "commas": "7,", "sequence": "👨\u200d",
    "flags": "🇩", "jamo": "\u1112\u1161\u11ab", "ideographs": "漢", "joiners": "\u200d", "powers": "^2",
    "dots": ".a",
}  # fmt: skip


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_a_lot_of_anything(front_ends: dict[str, TextFrontEnd], unit: str) -> None:
    text = unit * (60_000 // len(unit)) + " a"
    start = time.process_time()
    for front_end in front_ends.values():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                assert list(itertools.islice(front_end.utterances(text), 2))
            except TTSError as error:
                str(error).encode()  # an error is fine, of the tree
    split_sentences(text)
    # Of what takes the square of its length, this would take minutes.
    assert time.process_time() - start < 20


@pytest.mark.parametrize("marks", ["\u0316\u0301", "\u0f71\u0f72", "\u0e38\u0e48"])
def test_marks_are_composed_in_linear_time(marks: str) -> None:
    start = time.process_time()
    normalize("a" + marks * 50_000)
    assert time.process_time() - start < 10  # it took minutes


HOSTILE_SSML = {
    "nested": "<speak>" + "<prosody rate='100%'>" * 10_000,
    "laughs": '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><speak>&b;</speak>',
    "external": '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><speak>&a;</speak>',
    "attributes": "<speak " + " ".join(f"a{i}='1'" for i in range(10_000)) + "/>",
    "alias": f"<speak><sub alias='{'b' * 300_000}'>3</sub></speak>",
    "tag": f"<speak><{'a' * 300_000}/></speak>",
    "breaks": "<speak>a" + "<break time='0s'/>" * 20_000 + "</speak>",
    "brackets": "<" * 300_000,
}
LONG_SSML = {
    "text": "<speak>" + "a" * 300_000 + "</speak>",
    "references": "<speak>" + "&#97; " * 50_000 + "</speak>",
    "pauses": "<speak>" + "a<break/>" * 20_000 + "</speak>",
    "marks": "<speak>" + "a <mark name='b'/>" * 15_000 + "</speak>",
    "words": "<speak>" + "<say-as interpret-as='ordinal'>3</say-as> " * 5_000 + "</speak>",
    "manners": "<speak>" + "<prosody rate='slow'>a</prosody> " * 10_000 + "</speak>",
}


@pytest.mark.parametrize("document", HOSTILE_SSML.values(), ids=HOSTILE_SSML)
def test_hostile_documents_are_refused_at_once(document: str) -> None:
    start = time.process_time()
    with pytest.raises(TTSError) as caught:
        parse_ssml(document)
    assert len(str(caught.value)) < 400
    assert time.process_time() - start < 2


@pytest.mark.parametrize("document", LONG_SSML.values(), ids=LONG_SSML)
def test_long_documents_are_read_in_linear_time(
    front_ends: dict[str, TextFrontEnd], document: str
) -> None:
    start = time.process_time()
    utterances = front_ends["en-us"].utterances(parse_ssml(document))
    assert len(list(itertools.islice(utterances, 5))) == 5
    assert time.process_time() - start < 10


STRANGE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\0\ud800\u200f\u202e\u0301\u0316[]<&'\"-.1 \n\u200d漢ا"),
    ),
    max_size=60,
)


@given(STRANGE, st.sampled_from(LANGUAGES))
@settings(deadline=None, max_examples=150)
def test_any_text_is_spoken_or_refused(
    front_ends: dict[str, TextFrontEnd], text: str, language: str
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            utterances = list(front_ends[language].utterances(text))
        except TTSError as error:
            str(error).encode()
            return
    spans = [span for utterance in utterances for span in utterance.spans]
    assert all(0 <= a.start < a.end <= b.start for a, b in itertools.pairwise(spans))
    assert all(text[u.start : u.end] == u.text for u in utterances)


@given(STRANGE)
@settings(deadline=None, max_examples=100)
def test_any_document_is_read_or_refused(text: str) -> None:
    for document in (text, f"<speak>{text}</speak>"):
        try:
            parse_ssml(document)
        except TTSError as error:
            str(error).encode()
