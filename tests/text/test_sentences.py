"""Where sentences end, and that nothing is lost between them."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.text import Span, split_long, split_sentences

# The mark | stands where the text is to be split.
SENTENCES = [
    "Hello there.| How are you?| I'm fine!| Bye.",
    "No stop at the end",
    "What?!| No!!| Yes.",
    "hello there.| how are you.| fine",
    "Dr. Smith met Mr. and Mrs. Jones on Main St.| The end.",
    "See St. Paul and Mt. Everest.| Then rest.",
    "It costs $3.50.| That is 3.14 vs. 2.71 etc.| Then he left.",
    "He lives in the U.S.| He likes it.",
    "The U.S. Army came.| J. K. Rowling wrote.| John F. Kennedy spoke.",
    "Take vitamin C.| It is good.| So did I.| He left.",
    "At 3 p.m.| He left at 4 p.m. on Monday.",
    "Acme Inc. announced it.| It is Acme Inc.| He said so.",
    "He has a Ph.D.| They know Ph.D. students.",
    '"What?" he asked.| "Stop!"| She ran.| (He left.)| Then.',
    "“One.”| “Two!”| ‘Three?’ said he.",
    "Then... nothing.| Wait…| What?",
    "Well...| Yes",
    "This, e.g. that, i.e. those.| See p. 5 and No. 7.| Fig. 3 shows it.",
    "Is it No. 1?| No.| He said no.",
    "Jan. 5 was cold.| It snowed in Jan.| We froze.",
    "It was 1999.| Then 2000 came.| Version 2.5 is out.",
    "See www.example.com.| Then write to me@example.com now.",
    "It is 5 ft. tall.| It was (est. 1697) old.| Use Apt. 4.",
    "'Really?' — she asked.| 10th Ave. & 42nd St.| 5! = 120.",
    "Plan B.| Then C.",
    "Chapter One\n|\nIt was a dark\nand stormy night.\n| The rain fell.",
    "The Raven\n|Once upon a midnight dreary\n|While I pondered",
    "A line that was wrapped by an editor at a width of seventy\nFrench francs goes on.",
    "1. First item\n|2. Second item\n|- Third\n|* Fourth",
    "Buy:\n|- milk\n|- bread\n|\nThen rest.",
    "日本語。|中国！|終わり",
    "One.\r\n|\r\nTwo.",
    "   Spaces.   |  More.   ",
    "",
    "   \n\n ",
]


@pytest.mark.parametrize("marked", SENTENCES)
def test_table(marked: str) -> None:
    expected = [piece.strip() for piece in marked.split("|") if piece.strip()]
    assert [span.text for span in split_sentences(marked.replace("|", ""))] == expected


LONG = [
    ("one two; three four five", 15, ["one two;", "three four five"]),
    ("one, two three four five six", 20, ["one, two three", "four five six"]),
    ("we went there, and we came back", 20, ["we went there,", "and we came back"]),
    ("the cat sat down and the dog ran off", 24, ["the cat sat down", "and the dog ran off"]),
    ("aaa bbb ccc ddd", 8, ["aaa bbb", "ccc ddd"]),
    ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
    ("ab cdefghijk", 4, ["ab", "cdef", "ghij", "k"]),
    ("short", 10, ["short"]),
]


@pytest.mark.parametrize(("text", "max_chars", "pieces"), LONG)
def test_long_sentences(text: str, max_chars: int, pieces: list[str]) -> None:
    assert [span.text for span in split_long(Span(text, 7, 7 + len(text)), max_chars)] == pieces


TRAPS = 'Hello|Dr.|e.g.|U.S.|x|5|.|?|!|...|"|”|)|,|;| |and|J.| and |。|- |1. | |\n|\n\n|\t|\u3000|\x1c|\x85'
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(TRAPS.split("|")), max_size=60).map("".join),
)


def assert_nothing_is_lost(text: str, start: int, spans: list[Span]) -> None:
    """The spans of `text`, whose first character has the offset `start`."""
    position = start
    for span in spans:
        assert span.start >= position
        assert not text[position - start : span.start - start].strip()
        assert span.text == text[span.start - start : span.end - start]
        assert span.text == span.text.strip() != ""
        position = span.end
    assert not text[position - start :].strip()


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_no_sentence_is_lost(text: str) -> None:
    assert_nothing_is_lost(text, 0, split_sentences(text))


@given(TEXTS, st.integers(1, 40), st.integers(0, 9))
@settings(max_examples=150, deadline=None)
def test_no_piece_is_lost(text: str, max_chars: int, start: int) -> None:
    text = text.strip()
    spans = split_long(Span(text, start, start + len(text)), max_chars)
    assert_nothing_is_lost(text, start, spans)
    assert all(len(span.text) <= max_chars for span in spans)


@pytest.mark.parametrize("unit", ["a", " ", "\n", "\n ", "!", '"', ".", "A. ", "a\n", "- ", "? "])
def test_time_is_linear(unit: str) -> None:
    text = unit * (40_000 // len(unit))
    start = time.process_time()
    split_sentences(text)
    split_long(Span(text, 0, len(text)), 140)
    assert time.process_time() - start < 2
