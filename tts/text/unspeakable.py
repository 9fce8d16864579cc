"""What of a text cannot be spoken: named, with its place."""

import itertools
import unicodedata
from collections.abc import Callable, Iterable, Sequence

from tts.text.document import Segment
from tts.text.ipa import masked
from tts.text.languages import is_english
from tts.text.normalize import SIGNS, is_speakable
from tts.text.words import Phonemize

__all__ = ["strange_in", "unspeakable"]

_NAMED = 5


def unspeakable(
    text: str | Sequence[Segment],
    language: str = "en-us",
    phonemizer: Callable[[str], Phonemize] | None = None,
) -> str:
    """Names each character that cannot be spoken and where it first is; empty when there is none.

    Args:
        text: any text, or the segments of one, whose places are told in their source.
        language: the language code of eSpeak NG.
        phonemizer: gives the phonemizer of a language, which is asked whether it has a name for a sign;
            English has for all.
    """
    segments = [Segment(text=text)] if isinstance(text, str) else text
    first: dict[str, int] = {}
    count = 0
    for segment in segments:
        written = masked(segment.text)  # phonemes between brackets are no characters to speak
        strange = strange_in(written, segment.language or language, phonemizer)
        if not strange:
            continue
        for index, character in enumerate(written):
            if character in strange:
                count += 1
                if character not in first:
                    first[character] = segment.place(index, index + 1)[0] + 1
    if not count:
        return ""
    named = [f"{_name(c)} at character {i}" for c, i in itertools.islice(first.items(), _NAMED)]
    others = count - len(named)
    if others:
        named.append(f"and {others} more")
    return f"{count} character{'s' * (count > 1)} cannot be spoken: {', '.join(named)}"


def strange_in(text: str, language: str, phonemizer: Callable[[str], Phonemize] | None) -> set[str]:
    """The characters of a text that cannot be spoken in a language."""
    there = set(text)
    strange = {character for character in there if not is_speakable(character, language)}
    if phonemizer is not None and not is_english(language):
        strange |= set(_without_name(there & SIGNS, phonemizer(language)))
    return strange


def _without_name(signs: Iterable[str], phonemize: Phonemize) -> Iterable[str]:
    """The signs that are not said in a language."""
    return (sign for sign in signs if not any(map(str.isalpha, phonemize(sign))))


def _name(character: str) -> str:
    """A character for a message: itself where it can be printed, its code point and its name."""
    names = {"Cc": "CONTROL CHARACTER", "Cs": "LONE SURROGATE"}
    kind = names.get(unicodedata.category(character), "UNNAMED CHARACTER")
    name = unicodedata.name(character, kind)
    glyph = f"{character!r} " if character.isprintable() else ""
    return f"{glyph}U+{ord(character):04X} {name}"
