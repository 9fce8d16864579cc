"""How the user wants words to be pronounced: `Lexicon`, and the files that it is read from.

    # names.txt
    Siobhan    = /ʃɪˈvɔːn/              IPA between slashes
    Nguyen     = W IH1 N                ARPAbet: capitals, with digits for the stress of vowels
    Los Alamos = loss alamose           anything else is read in its place
    nginx      = engine X

An entry in lower case is for the word in any case. One with capitals is for the word in just that case, or
all in capitals, and goes first. PLS files of the W3C are read too (`tts.text.pls`).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tts.errors import LexiconError
from tts.text.arpabet import arpabet_to_ipa, looks_like_arpabet

__all__ = ["Entry", "Lexicon", "entries_of", "load_lexicon", "read_lexicon"]

# Strings, compiled when a file is read: the import of the text path is quick.
_COMMENT = r"(?:^|\s)#.*"
_SLASHES = r"/([^/]+)/"
_NAMED = 20


class Entry(NamedTuple):
    """One word, or several that are said as one.

    Args:
        word: as it is written.
        phonemes: its IPA, as it is written down; empty where it is respelled.
        respelled: the words that are read in its place.
        where: the file and line that it comes from, for messages.
    """

    word: str
    phonemes: str = ""
    respelled: str = ""
    where: str = ""


@dataclass(frozen=True)
class Lexicon:
    """Pronunciations of words, a value; `a | b` has those of both, and those of b where both have one."""

    entries: tuple[Entry, ...] = ()

    def __or__(self, other: "Lexicon") -> "Lexicon":
        both = {entry.word: entry for entry in (*self.entries, *other.entries)}
        return Lexicon(tuple(both.values()))

    def __bool__(self) -> bool:
        return bool(self.entries)


def load_lexicon(*paths: str | Path) -> Lexicon:
    """Reads lexicon files; where two have the same word, the later one is heard.

    Args:
        paths: each a text file as this module describes, or, if it ends in .pls or .xml, a PLS file.

    Raises:
        LexiconError: for the first file that cannot be read; it tells all that is wrong in it.
    """
    lexicon = Lexicon()
    for path in map(Path, paths):
        try:
            content = path.read_bytes()
        except OSError as error:
            raise LexiconError(
                f"{path}: cannot be read: {error.strerror}", hint="give a lexicon file"
            ) from None
        if path.suffix.lower() in (".pls", ".xml"):
            from tts.text.pls import read_pls

            lexicon |= read_pls(content, str(path))
            continue
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise LexiconError(
                f"{path}: is not UTF-8 text, at byte {error.start + 1}",
                hint="convert it: iconv -f WINDOWS-1252 -t UTF-8 FILE",
            ) from None
        lexicon |= read_lexicon(text, str(path))
    return lexicon


def read_lexicon(text: str, name: str = "lexicon") -> Lexicon:
    """A lexicon from its text.

    Args:
        text: one entry a line.
        name: of the file, for messages.

    Raises:
        LexiconError: for all lines that cannot be understood.
    """
    found: list[Entry] = []
    faults: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        plain = re.sub(_COMMENT, "", line).strip()
        if not plain:
            continue
        word, equals, said = (part.strip() for part in plain.partition("="))
        try:
            if not equals:
                raise ValueError("no = between the word and its pronunciation")
            found.append(_entry(word, said, f"{name}, line {number}"))
        except ValueError as error:
            faults.append((number, str(error)))
    return entries_of(found, faults, name)


def entries_of(found: Iterable[Entry], faults: Iterable[tuple[int, str]], name: str) -> Lexicon:
    """The lexicon of a file, unless something is wrong in it.

    Args:
        found: its entries.
        faults: the lines in which something else is wrong, and what.
        name: of the file.

    Raises:
        LexiconError: for all faults, and for words that are there twice.
    """
    entries: dict[str, Entry] = {}
    faults = list(faults)
    for entry in found:
        first = entries.setdefault(entry.word, entry)
        if (first.phonemes, first.respelled) != (entry.phonemes, entry.respelled):
            number = int(entry.where.rpartition(" ")[2])
            faults.append((number, f"{entry.word!r} is there already: {first.where}"))
    if faults:
        faults.sort()
        lines = [f"line {number}: {fault}" for number, fault in faults[:_NAMED]]
        if len(faults) > _NAMED:
            lines.append(f"and {len(faults) - _NAMED} more")
        raise LexiconError(
            f"{name}: {len(faults)} fault{'s' * (len(faults) > 1)}: {'; '.join(lines)}",
            hint="an entry is a line like  Siobhan = /ʃɪˈvɔːn/  or  Nguyen = W IH1 N  or  nginx = engine X",
        )
    return Lexicon(tuple(entries.values()))


def _entry(word: str, said: str, where: str) -> Entry:
    """An entry. Raises ValueError, for the user."""
    word = plain_word(word)
    if not any(map(str.isalnum, word)):
        raise ValueError(f"no word before the =: {word!r}")
    if not said:
        raise ValueError(f"no pronunciation of {word!r} after the =")
    if said.startswith("/") or said.endswith("/"):
        match = re.fullmatch(_SLASHES, said)
        if match is None or not any(map(str.isalpha, match[1])):
            raise ValueError(f"IPA stands between two slashes, this does not: {said}")
        return Entry(word, phonemes=match[1].strip(), where=where)
    if looks_like_arpabet(said):
        return Entry(word, phonemes=arpabet_to_ipa(said), where=where)
    if not any(map(str.isalnum, said)):
        raise ValueError(f"nothing that can be read after the =: {said!r}")
    return Entry(word, respelled=said, where=where)


def plain_word(word: str) -> str:
    """A word as it is looked up: one space between its parts, a plain apostrophe, composed letters."""
    return unicodedata.normalize("NFC", " ".join(word.split())).replace("’", "'")
