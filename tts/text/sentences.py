"""Text to sentences, and a long sentence to pieces; nothing is lost between them and nothing said twice."""

import re
from dataclasses import dataclass

from tts.text.ipa import INLINE, masked
from tts.text.normalize.abbreviations import ABBREVIATIONS, BEFORE_NUMBER, DATES
from tts.text.normalize.titles import AFTER_NAME, TITLES

__all__ = ["Span", "split_long", "split_sentences"]


@dataclass(frozen=True)
class Span:
    """A slice of a text: `text == whole[start:end]`, without white space around it."""

    text: str
    start: int
    end: int


# Where a sentence may end: always at a blank line or before an item of a list, perhaps at the end of a line,
# and after a full stop and the like. The look-behind keeps a long run of marks from being tried from each.
_CANDIDATE = re.compile(
    r"(?P<break>\n[^\S\n]*(?=\n)|\n(?=[^\S\n]*(?:[-*•‣–]|[0-9]{1,3}[.)])[^\S\n]))"
    r"|(?P<line>\n)"
    r"|(?<![.!?…])(?P<marks>[.!?…]++)(?P<closers>[\"'”’)\]»]*+)(?=\s|$)"
    r"|(?P<wide>[。！？]++[」』”》）\"]*+|[।॥۔؟։።]++)"  # and those of Hindi, Urdu, Arabic, Armenian, Amharic
)
_LAST_WORD = re.compile(r"[\w.'’-]*$")
_NEXT = re.compile(r"\s*[\"'“‘(\[«]*(\w*)")
_GOES_ON = re.compile(r"\s*[-–—&=+,;:/]")
_NUMBER_ONLY = re.compile(r"(?:^|\n)\s*[\"'“‘(]*[0-9]{1,3}$|(?:^|\n)\s*[A-Za-z]$")

_LOOK_BACK = 40
_LOOK_AHEAD = 40
_SHORT_LINE = 45

_TITLES = frozenset(title.lower() for title in TITLES)
_BEFORE_NUMBER = frozenset(word.lower() for word in (*BEFORE_NUMBER, *DATES, "apt"))
# "ca. 1850" goes on whatever follows; "etc. Then" may end.
_NEVER_LAST = frozenset({"e.g", "i.e", "vs", "cf", "viz", "ca", "approx", "rs"})
_UNITS = frozenset({"ft", "in", "lb", "lbs", "oz", "mi", "min", "sec", "hr", "hrs", "est", "apt"})
_MAYBE_LAST = _UNITS | {word.lower() for word in (*ABBREVIATIONS, *AFTER_NAME)}

# After "the U.S." a capital may begin a name (the U.S. Army) or a sentence; these words begin a sentence.
_STARTERS = frozenset((
    "A", "An", "And", "As", "At", "But", "For", "He", "Her", "His", "How", "However", "I", "If",
    "In", "It", "Its", "My", "No", "Now", "Of", "On", "Or", "Our", "She", "So", "That", "The",
    "Their", "Then", "There", "These", "They", "This", "Those", "Though", "We", "What", "When",
    "Where", "While", "Who", "Why", "You", "Your",
))  # fmt: skip

# A sentence is cut at the best of these that there is, nearest to where pieces are equally long.
_CUTS = (
    re.compile(r"[;:.!?…][\"'”’)\]»]?(?=\s)|[—–](?=\S)|(?<=\s)[—–](?=\s)|[；：]"),
    re.compile(r"[,)][\"'”’]?(?=\s)|[，、،]"),
    re.compile(
        r"(?=\s(?:and|but|or|nor|yet|so|because|although|though|while|when|where|which|who|that|if"
        r"|unless|until|since|as|than|for)\s)"
    ),
    re.compile(r"(?=\s)"),
)


def split_sentences(text: str) -> list[Span]:
    """The sentences of a text, in order; everything outside of them is white space."""
    spans: list[Span] = []
    start = 0
    shape = masked(text)  # inline phonemes are one word
    for match in _CANDIDATE.finditer(shape):
        if _ends(shape, match):
            _append(spans, text, start, match.end())
            start = match.end()
    _append(spans, text, start, len(text))
    return spans


def split_long(span: Span, max_chars: int) -> list[Span]:
    """Cuts a sentence into pieces of at most `max_chars` characters; everything outside is white space.

    It is cut at clause punctuation, else at a comma, else before a conjunction, else between two words, and
    inside a word only when the word alone is too long. Inline phonemes are never cut, however long they are.

    Args:
        span: a sentence.
        max_chars: at least 1.
    """
    pieces: list[Span] = []
    start, end = span.start, span.end
    shape = masked(span.text)
    while end - start > max_chars:
        offset = start - span.start
        window = shape[offset : offset + max_chars + 1]
        cut = start + _cut(window, end - start, max_chars)
        if shape is not span.text:
            cut = span.start + _after_inline(span.text, cut - span.start)
        _append(pieces, span.text, start, cut, offset=span.start)
        start = cut
        while start < end and span.text[start - span.start].isspace():
            start += 1
    _append(pieces, span.text, start, end, offset=span.start)
    return pieces


def _cut(window: str, remaining: int, max_chars: int) -> int:
    """Where to cut what begins with `window`: at least 1, at most `max_chars`."""
    ideal = remaining / -(-remaining // max_chars)
    for pattern in _CUTS:
        places = [match.end() for match in pattern.finditer(window)]
        places = [place for place in places if max_chars / 4 <= place <= max_chars]
        if places:
            return min(places, key=lambda place: abs(place - ideal))
    places = [match.end() for match in _CUTS[-1].finditer(window) if match.end() >= 1]
    return min(places[-1], max_chars) if places else max_chars


def _after_inline(text: str, cut: int) -> int:
    """The place of a cut, or that after the inline phonemes which it would break."""
    start = text.rfind("[[", 0, cut + 1)
    match = INLINE.match(text, start) if start >= 0 else None
    return match.end() if match and match.start() < cut < match.end() else cut


def _append(spans: list[Span], text: str, start: int, end: int, offset: int = 0) -> None:
    """Adds text[start:end] without the white space around it, unless nothing is left."""
    start, end = start - offset, end - offset
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append(Span(text[start:end], start + offset, end + offset))


def _ends(text: str, match: re.Match[str]) -> bool:
    """Whether a sentence ends at a candidate."""
    if match["break"] is not None or match["wide"] is not None:
        return True
    following_text = text[match.end() : match.end() + _LOOK_AHEAD]
    following = _NEXT.match(following_text)
    next_word = following.group(1) if following else ""
    if match["line"] is not None:
        # A short line before a capital: a heading or a verse, not a paragraph that was wrapped.
        line_start = text.rfind("\n", 0, match.start()) + 1
        return match.start() - line_start < _SHORT_LINE and not next_word[:1].islower()
    if match["marks"] != "." or match["closers"]:
        return not next_word[:1].islower() and not _GOES_ON.match(following_text)
    if _GOES_ON.match(following_text):
        return False
    before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
    if _NUMBER_ONLY.search(before):  # "1. The first item of a list"
        return False
    found = _LAST_WORD.search(before)
    word = found.group().lstrip("'’-.") if found else ""
    return _may_end(word, next_word)


def _may_end(word: str, next_word: str) -> bool:
    """Whether a full stop after `word` ends a sentence and not only an abbreviation."""
    lower = word.lower()
    if not next_word:
        return True
    if len(word) == 1 and word.isupper() and word != "I":
        return next_word in _STARTERS  # an initial (John F. Kennedy), or the end (vitamin C. It)
    if word[:1].isupper() and lower in _TITLES and word not in AFTER_NAME:
        return False
    if word in TITLES:  # Dr. and St. may end a sentence, as Drive and Street
        return next_word in _STARTERS or next_word[:1].isdigit()
    if lower in _NEVER_LAST:
        return False
    if lower in _BEFORE_NUMBER and next_word[:1].isdigit():
        return False
    if "." in word and word.replace(".", "").isupper():
        return next_word in _STARTERS
    if lower in _MAYBE_LAST or "." in word:
        return not next_word[:1].islower()
    return True
