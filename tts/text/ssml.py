"""SSML (W3C, Speech Synthesis Markup Language 1.1): a document to the segments that are spoken.

    Hello, <break time="1s"/><prosody rate="slow">Mr. <sub alias="Kay">K.</sub></prosody>
    -> Segment("Hello, ", breaks=(1.0,)), Segment("Mr. Kay", rate=0.75)

What is not supported is an error with its place, and is never ignored. Entities are off: a document that
declares any is refused before it is read.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn
from xml.parsers import expat

from tts.errors import PhonemizerError, TextError
from tts.text.arpabet import arpabet_to_ipa
from tts.text.document import Document, Run, Segment
from tts.text.ipa import lacking, tidy_ipa
from tts.text.languages import language_of_tag
from tts.text.pauses import PauseName
from tts.text.say_as import say_as
from tts.text.ssml_elements import EMPTY, NAMED, REPLACED, check_element
from tts.text.ssml_values import gain_of, pause_of, rate_of, seconds_of

__all__ = ["parse_ssml"]

_MAX_DEPTH = 100
_MAX_SILENCE_S = 600.0
_MAX_BREAKS = 100
_MAX_SAID = 2000
_PLAIN = str.maketrans("[]\n\r\t", "()   ")
_RANKS: tuple[PauseName | None, ...] = (None, "clause", "sentence", "paragraph")
_ENDS: dict[str, PauseName] = {
    **dict.fromkeys(".!?…。！？।؟۔", "sentence"),
    **dict.fromkeys(",;:—،", "clause"),
}  # fmt: skip


def parse_ssml(source: str, *, language: str = "en-us") -> Document:
    """What a document says.

    Args:
        source: the document, whose root is `<speak>`.
        language: of the voice; `xml:lang` says where another one is spoken.

    Raises:
        TextError: for what is no SSML or is not supported, with its line and column.
    """
    try:
        content = source.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _error(source, error.start, "a lone surrogate is no character of XML") from None
    return _Reader(source, content, language).read()


@dataclass(frozen=True, kw_only=True)
class _Element:
    """An open element, and how what is inside of it is read."""

    name: str = ""
    start: int = 0
    attributes: Mapping[str, str] = field(default_factory=dict)
    n_texts: int = 0
    language: str | None = None
    rate: float = 1.0
    gain: float = 1.0

    @property
    def manner(self) -> tuple[str | None, float, float]:
        """What a segment has one of."""
        return self.language, self.rate, self.gain


@dataclass
class _Reader:
    """One pass over a document."""

    source: str
    content: bytes
    language: str
    stack: list[_Element] = field(default_factory=lambda: [_Element()])
    segments: list[Segment] = field(default_factory=list)
    lexicons: list[Path] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    marks: list[tuple[str, int]] = field(default_factory=list)
    n_chars: int = 0  # of the texts
    silence_s: float = 0.0
    in_cdata: bool = False
    byte: int = 0  # where the parser was last, in bytes and in characters
    char: int = 0

    def read(self) -> Document:
        parser = self.parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartCdataSectionHandler = lambda: setattr(self, "in_cdata", True)
        parser.EndCdataSectionHandler = lambda: setattr(self, "in_cdata", False)
        parser.StartDoctypeDeclHandler = self._refuse("a document type, which may declare entities")
        parser.EntityDeclHandler = self._refuse("an entity")
        parser.ProcessingInstructionHandler = self._refuse("a processing instruction")
        try:
            parser.Parse(self.content, True)
        except expat.ExpatError as error:
            place = len(self.content[: parser.ErrorByteIndex].decode("utf-8", "ignore"))
            self._fail(f"it is not well-formed: {expat.ErrorString(error.code)}", place)
        if self.marks:
            self.segments.append(Segment(text="", marks=tuple(self.marks)))
        return Document(
            source=self.source, segments=tuple(self.segments), lexicons=tuple(self.lexicons)
        )

    # -- the parser's events ----------------------------------------------------------------------------

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        at, outer = self._place(), self.stack[-1]
        try:
            check_element(name, attributes, [element.name for element in self.stack[1:]])
        except ValueError as error:
            self._fail(str(error), at)
        element = replace(
            outer, name=name, start=at, attributes=attributes, n_texts=len(self.texts)
        )
        if (tag := attributes.get("xml:lang")) is not None:
            try:
                language = language_of_tag(tag, self.language)
            except PhonemizerError as error:
                self._fail(f"the attribute xml:lang of <{name}>: {error}", at)
            element = replace(element, language=None if language == self.language else language)
        if name == "prosody":
            element = self._prosody(element)
        if name in ("p", "s"):
            self._close(outer, "paragraph" if name == "p" else "sentence")
        elif element.manner != outer.manner:
            self._close(outer, self._natural())
        self.stack.append(element)
        if len(self.stack) > _MAX_DEPTH:
            self._fail(f"its elements are nested more than {_MAX_DEPTH} deep", at)

    def _end(self, name: str) -> None:
        element = self.stack.pop()
        match name:
            case "p" | "s":
                self._close(element, "paragraph" if name == "p" else "sentence")
            case "break":
                self._break(element)
            case "lexicon":
                self._lexicon(element)
            case "mark":
                self.marks.append((element.attributes["name"], self.n_chars))
            case "sub" | "say-as" | "phoneme":
                self._replace(element)
            case _ if name == "speak" or element.manner != self.stack[-1].manner:
                self._close(element, self._natural())

    def _text(self, text: str) -> None:
        at = self._place()
        if self.stack[-1].name in EMPTY and text.strip():
            self._fail(f"<{self.stack[-1].name}> cannot hold text", at)
        end = at + len(text)
        if not self.in_cdata and self.source[at] == "&":
            end = self.source.index(";", at) + 1
        elif self.source[at] == "\r":
            end = at + 1 + self.source.startswith("\n", at + 1)
        self._append(_plain(text), at, end)

    def _refuse(self, what: str) -> Callable[..., None]:
        def refuse(*_: object) -> None:
            self._fail(f"it holds {what}, which is not supported", self._place())

        return refuse

    # -- elements ---------------------------------------------------------------------------------------

    def _prosody(self, element: _Element) -> _Element:
        """The element with its rate and gain, which begin as those around it."""
        given = element.attributes
        if not given:
            self._fail("<prosody> needs an attribute: rate or volume", element.start)
        rate, gain = element.rate, element.gain
        if "rate" in given:
            rate = self._value(element, "rate", lambda value: rate_of(value, element.rate))
        if "volume" in given:
            gain = self._value(element, "volume", lambda value: gain_of(value, element.gain))
        return replace(element, rate=rate, gain=gain)

    def _break(self, element: _Element) -> None:
        pause = self._value(element, "strength", pause_of, "medium")
        if "time" in element.attributes:
            pause = self._value(element, "time", seconds_of)
        self.silence_s += pause if isinstance(pause, float) else 0.0
        if self.silence_s > _MAX_SILENCE_S:
            self._fail(
                f"it asks for more than {_MAX_SILENCE_S:g} seconds of silence", element.start
            )
        self._close(element, None)
        if not self.segments:
            self.segments.append(Segment(text=""))
        last = self.segments[-1]
        if len(last.breaks) >= _MAX_BREAKS:
            self._fail(f"more than {_MAX_BREAKS} breaks stand side by side", element.start)
        if not last.breaks and last.text:  # a mark since then stands before the silence
            ends = ((name, len(last.text)) for name, _ in self.marks)
            last, self.marks = replace(last, marks=(*last.marks, *ends)), []
        self.segments[-1] = replace(last, breaks=(*last.breaks, pause))

    def _lexicon(self, element: _Element) -> None:
        """Adds a lexicon, which a document may only take from where it is read: it may be a stranger's."""
        uri = element.attributes["uri"].strip()
        path = PurePosixPath(uri)
        if ":" in uri or path.is_absolute() or ".." in path.parts:
            self._fail(
                f"<lexicon>: {uri[:NAMED]!r} is no file in the working folder or in one below it",
                element.start,
            )
        self.lexicons.append(Path(path))

    def _replace(self, element: _Element) -> None:
        """Puts what is to be read in the place of what an element holds."""
        written = "".join(self.texts[element.n_texts :])
        if element.name == "sub":
            said, rule = _plain(element.attributes["alias"]), "sub"
        elif element.name == "phoneme":
            said, rule = self._value(element, "ph", functools.partial(_inline, element)), "phoneme"
        else:
            kind, form = element.attributes["interpret-as"], element.attributes.get("format", "")
            said, rule = "", f"say-as {kind}"
            try:
                said = say_as(written, kind, form, element.language or self.language)
            except ValueError as error:
                self._fail(f"<say-as>: {error}", element.start)
        if len(said) > _MAX_SAID:
            self._fail(f"<{element.name}> says more than {_MAX_SAID} characters", element.start)
        self.n_chars -= len(written)
        del self.texts[element.n_texts :]
        start, end = element.start, max(self._place(), element.start + 1)
        if written:
            end = self.runs[-1].end
        while self.runs and self.runs[-1].at >= self.n_chars:
            start = self.runs.pop().start
        self._append(said, start, end, rule)

    def _value(
        self, element: _Element, name: str, read: Callable[[str], Any], default: str = ""
    ) -> Any:
        try:
            return read(element.attributes.get(name, default))
        except ValueError as error:
            self._fail(f"the attribute {name} of <{element.name}>: {error}", element.start)

    # -- segments ---------------------------------------------------------------------------------------

    def _append(self, text: str, start: int, end: int, rule: str = "") -> None:
        """Goes on with a text, which speaks for `source[start:end]`."""
        if not text:
            return
        is_copy = not rule and end - start == len(text)
        if is_copy and self._goes_on(start):
            self.runs[-1] = self.runs[-1]._replace(end=end)
        else:
            self.runs.append(Run(self.n_chars, start, end, rule))
        self.texts.append(text)
        self.n_chars += len(text)

    def _goes_on(self, start: int) -> bool:
        """Whether the last run is the source itself and ends there, in no element that is to be replaced."""
        inside = self.stack[-1]
        if not self.runs or (inside.name in REPLACED and len(self.texts) == inside.n_texts):
            return False
        last = self.runs[-1]
        return (
            not last.rule and last.end == start and last.end - last.start == self.n_chars - last.at
        )

    def _natural(self) -> PauseName | None:
        """The pause after what was read last, by its last mark."""
        end = "".join(self.texts[-4:]).rstrip().rstrip("\"'”’)»」』")
        return _ENDS.get(end[-1:])

    def _close(self, element: _Element, pause: PauseName | None) -> None:
        """Ends the segment that is being read, in the manner of an element; a blank one is none."""
        text = "".join(self.texts)
        if text.strip():
            segment = Segment(
                text=text,
                runs=tuple(self.runs),
                language=element.language,
                rate=element.rate,
                gain=element.gain,
                pause=pause,
                marks=tuple(self.marks),
            )
            self.segments.append(segment)
            self.marks = []
        elif self.segments and _RANKS.index(pause) > _RANKS.index(self.segments[-1].pause):
            self.segments[-1] = replace(self.segments[-1], pause=pause)
        self.marks = [(name, 0) for name, _ in self.marks]
        self.texts, self.runs, self.n_chars = [], [], 0

    # -- places -----------------------------------------------------------------------------------------

    def _place(self) -> int:
        """Which character of the source the parser is at; it never goes back."""
        byte = self.parser.CurrentByteIndex
        self.char += len(self.content[self.byte : byte].decode("utf-8"))
        self.byte = byte
        return self.char

    def _fail(self, what: str, at: int) -> NoReturn:
        raise _error(self.source, at, what)


def _plain(text: str) -> str:
    """Text as it is read: lines do not matter, and no brackets begin phonemes."""
    return text.translate(_PLAIN)


def _error(source: str, at: int, what: str) -> TextError:
    line = source.count("\n", 0, at) + 1
    column = at - source.rfind("\n", 0, at)
    return TextError(
        f"SSML, line {line}, column {column}: {what}",
        hint="what is supported is in docs/ssml.md",
    )


def _inline(element: _Element, ph: str) -> str:
    """Phonemes as they stand in a text, each word in its brackets. Raises ValueError for what is none."""
    if element.attributes.get("alphabet") == "x-arpabet":
        ph = arpabet_to_ipa(ph)
    if strange := lacking(tidy_ipa(ph), None):
        raise ValueError(f"no phoneme is {', '.join(strange[:3])}")
    return " ".join(f"[[{word}]]" for word in ph.split())
