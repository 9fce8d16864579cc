"""The Pronunciation Lexicon Specification 1.0 of the W3C, read by a parser that opens no other file."""

from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from tts.errors import LexiconError
from tts.text.lexicon import Entry, Lexicon, entries_of, plain_word

__all__ = ["read_pls"]

_NAMESPACE = "http://www.w3.org/2005/01/pronunciation-lexicon"
_XML = "http://www.w3.org/XML/1998/namespace"
_SCHEMA = "http://www.w3.org/2001/XMLSchema-instance schemaLocation"
_SILENT = ("meta", "metadata", "example")  # about the file, not about how words are said
_INSIDE = {
    "": ("lexicon",),
    "lexicon": ("lexeme", "meta", "metadata"),
    "lexeme": ("grapheme", "phoneme", "alias", "example"),
}
_ATTRIBUTES = {
    "lexicon": {"version", "alphabet", f"{_XML} base", f"{_XML} lang", _SCHEMA},
    "lexeme": {f"{_XML} id"},
    "grapheme": {"orthography"},
    "phoneme": {"alphabet", "prefer"},
    "alias": {"prefer"},
}  # fmt: skip


@dataclass
class _Lexeme:
    line: int
    words: list[str] = field(default_factory=list)
    said: list[tuple[bool, str, str]] = field(default_factory=list)  # preferred, element, text


class _Stop(Exception):
    """What cannot be read on after."""


class _Reader:
    """Gathers entries and faults from the events of a parser; lines are where an element begins."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.entries: list[Entry] = []
        self.faults: list[tuple[int, str]] = []
        self.path: list[str] = []
        self.skipped = 0  # how deep inside an element that says nothing
        self.alphabet = ""
        self.text: list[str] = []
        self.attributes: dict[str, str] = {}
        self.lexeme = _Lexeme(0)
        self.line = 0
        self.parser: Any = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data

    def _refuse_doctype(self, *_: object) -> None:
        raise _Stop("a document type declaration, which is refused")

    def _fault(self, what: str, line: int = 0) -> None:
        self.faults.append((line or self.parser.CurrentLineNumber, what))

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        if self.skipped:
            self.skipped += 1
            return
        namespace, _, element = qualified.rpartition(" ")
        parent = self.path[-1] if self.path else ""
        if namespace != _NAMESPACE or element not in _INSIDE.get(parent, ()):
            place = f"in <{parent}>" if parent else f"as the root; it is <lexicon> of {_NAMESPACE}"
            if not parent:
                raise _Stop(f"<{element}> cannot stand {place}")
            self._fault(f"<{element}> cannot stand {place}")
            self.skipped = 1
            return
        if element in _SILENT:
            self.skipped = 1
            return
        for attribute in sorted(set(attributes) - _ATTRIBUTES[element]):
            self._fault(
                f"the attribute {attribute.rpartition(' ')[2]!r} of <{element}> is not supported"
            )
        self.path.append(element)
        self.attributes, self.text = attributes, []
        self.line = self.parser.CurrentLineNumber
        if element == "lexicon":
            self.alphabet = attributes.get("alphabet", "")
        elif element == "lexeme":
            self.lexeme = _Lexeme(self.line)

    def _data(self, data: str) -> None:
        if not self.skipped and self.path:
            if self.path[-1] in ("grapheme", "phoneme", "alias"):
                self.text.append(data)
            elif data.strip():
                self._fault(f"text in <{self.path[-1]}>: {data.strip()[:20]!r}")

    def _end(self, _: str) -> None:
        if self.skipped:
            self.skipped -= 1
            return
        element = self.path.pop()
        text = " ".join("".join(self.text).split())
        if element == "lexeme":
            self._close(self.lexeme)
        elif element == "grapheme":
            self.lexeme.words.append(plain_word(text))
            if not any(map(str.isalnum, text)):
                self._fault("an empty <grapheme>", self.line)
        elif element in ("phoneme", "alias"):
            alphabet = self.attributes.get("alphabet", self.alphabet)
            if element == "phoneme" and alphabet != "ipa":
                self._fault(f"the alphabet {alphabet!r}: only 'ipa' can be read", self.line)
            if not any(map(str.isalnum, text)):
                self._fault(f"an empty <{element}>", self.line)
            preferred = self.attributes.get("prefer") == "true"
            self.lexeme.said.append((preferred, element, text))

    def _close(self, lexeme: _Lexeme) -> None:
        """Keeps the entries of a lexeme: the pronunciation that is preferred, or else the first."""
        if not lexeme.words:
            self._fault("a <lexeme> without a <grapheme>", lexeme.line)
        if not lexeme.said:
            self._fault("a <lexeme> without a <phoneme> or <alias>", lexeme.line)
            return
        _, element, text = next((said for said in lexeme.said if said[0]), lexeme.said[0])
        where = f"{self.name}, line {lexeme.line}"
        for word in lexeme.words:
            if element == "phoneme":
                self.entries.append(Entry(word, phonemes=text, where=where))
            else:
                self.entries.append(Entry(word, respelled=text, where=where))


def read_pls(content: bytes, name: str = "lexicon") -> Lexicon:
    """A lexicon from a PLS file.

    Several graphemes of a lexeme are said alike. Of several pronunciations, the preferred one is taken, else
    the first. Document types, and with them entities, are refused.

    Args:
        content: the bytes of the file.
        name: of the file, for messages.

    Raises:
        LexiconError: for all that is wrong in it.
    """
    reader = _Reader(name)
    try:
        reader.parser.Parse(content, True)
    except (_Stop, expat.ExpatError) as error:
        line = getattr(error, "lineno", reader.parser.CurrentLineNumber)
        what = f"not XML: {error}" if isinstance(error, expat.ExpatError) else str(error)
        reader.faults.append((line, what))
    except (ValueError, LookupError) as error:  # an encoding that nobody knows
        raise LexiconError(f"{name}: not XML: {error}", hint="write it in UTF-8") from None
    return entries_of(reader.entries, reader.faults, name)
