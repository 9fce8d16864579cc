"""A phonemizer that heeds the user's lexicon, phonemes that stand in the text, and heteronyms."""

import functools
import re
from collections.abc import Collection, Iterable, Sequence, Set

from tts.errors import LexiconError
from tts.text.ipa import INLINE, check_inline, lacking, tidy_ipa, with_s
from tts.text.lexicon import Entry, Lexicon
from tts.text.normalize import INLINE_RULE, LEXICON_RULE, SpokenSpan, Written, normalize
from tts.text.overrides import Override, replaced_words, say
from tts.text.words import MARKS, Phonemize, owners

__all__ = ["HETERONYM_RULE", "Pronouncer"]

HETERONYM_RULE = "heteronym"

_NO_MARKS = str.maketrans(dict.fromkeys(MARKS, " "))
# A word that the normaliser leaves as it is: it can be looked up in what is spoken.
_PLAIN = r"[^\W\d_]+(?:['-][^\W\d_]+)*'?"
_GLUED = r"(\[\[[^\[\]]*\]\](?:'s\b)?)"
_CAPITALS = "[A-Z]{2}"
_NAMED = 5


class Pronouncer:
    """Phonemes of spoken words: those of a phonemizer, but for the words that are known better.

    A sentence is phonemised as a whole and then the phonemes of single words are replaced, so that the others
    keep their context. A sentence without such words costs a look at each of its words. It may be used by any
    number of threads at once if the phonemizer may, and pickled likewise.

    Args:
        phonemize: any phonemizer.
        language: its language code; heteronyms are those of US English.
        lexicon: of the user, or of the voice.
        known: the symbols that the voice has for phonemes, see `phonemes_among`; None allows all of IPA.
        with_heteronyms: whether to tell heteronyms by their context.

    Raises:
        LexiconError: for all entries with a phoneme that the voice lacks.
    """

    def __init__(
        self,
        phonemize: Phonemize,
        language: str = "en-us",
        lexicon: Lexicon = Lexicon(),  # noqa: B008, a value
        known: Collection[str] | None = None,
        *,
        with_heteronyms: bool = True,
    ) -> None:
        self.phonemize = phonemize
        self.language = language
        self.lexicon = lexicon
        self._known = known
        self._with_heteronyms = with_heteronyms and language == "en-us"
        self._entries = {entry.word: entry for entry in lexicon.entries}
        self._phonemes = _checked(lexicon, language, known)
        self._longest: dict[str, int] = {}  # how many words, by the first one in lower case
        for parts in (word.split() for word in self._entries):
            first = parts[0].lower()
            self._longest[first] = max(self._longest.get(first, 0), len(parts))
        self._forms = _forms_of(lexicon)
        self.written = Written(tuple(self._forms), self._spoken) if self._forms else None

    def __call__(self, spoken: str) -> str:
        """The phonemes of one sentence of spoken words, on one line."""
        if self._is_plain(spoken):
            return self.phonemize(spoken)
        words = self._words(spoken)
        overrides = [o for o in self._overrides(words) if o.phonemes or o.respelled]
        if not overrides:
            return self.phonemize(spoken)
        return say(words, overrides, self.phonemize)

    def respelled(self, spoken: str) -> str:
        """The words of a sentence as the lexicon respells them, for a voice that reads letters."""
        words = self._words(spoken)
        respelled = [override for override in self._overrides(words) if override.respelled]
        return " ".join(replaced_words(words, respelled)[0]) if respelled else spoken

    def check(self, text: str) -> None:
        """Refuses inline phonemes that cannot be spoken.

        Raises:
            TextError: with the position of the first.
        """
        if "[[" in text:
            check_inline(text, self._known, self.language)

    def noted(self, spoken: str, spans: Iterable[SpokenSpan]) -> tuple[SpokenSpan, ...]:
        """The spans of a sentence, with what this adds to the rules by which their words are said."""
        if self._is_plain(spoken):
            return tuple(spans)
        spans = list(spans)
        words = self._words(spoken)
        overrides = self._overrides(words)
        if not overrides:
            return tuple(spans)
        places = owners(words, spans)
        for override in overrides:
            those = set(places[override.first : override.last])
            for place in sorted(place for place in those if place is not None):
                span = spans[place]
                rules, unsure = span.rules, span.unsure
                inside = override.rule == INLINE_RULE and LEXICON_RULE in rules
                if (override.phonemes or override.respelled) and not inside:
                    rules = tuple(dict.fromkeys((*rules, override.rule)))
                if override.unsure:
                    unsure = (*unsure, override.unsure)
                spans[place] = span._replace(rules=rules, unsure=unsure)
        return tuple(spans)

    def _is_plain(self, spoken: str) -> bool:
        """Whether a look tells that nothing is known of any word: the quick way for most sentences."""
        if "[[" in spoken or self._longest:
            return False
        if not self._with_heteronyms:
            return True
        return _heteronyms().isdisjoint(spoken.lower().translate(_NO_MARKS).split())

    def _words(self, spoken: str) -> list[str]:
        """The words of a sentence; one of several parts is cut where a part is to be replaced."""
        if "-" not in spoken and "[[" not in spoken:
            return spoken.split()
        words: list[str] = []
        for word in spoken.split():
            if "[[" in word:
                words += _unglued(word)
                continue
            parts = list(filter(None, word.split("-")))
            bare = [part.strip(MARKS) for part in parts]
            cut = self._entry(word.strip(MARKS)) is None and any(map(self._entry, bare))
            words += parts if cut else [word]
        return words

    def _overrides(self, words: Sequence[str]) -> list[Override]:
        """What is known of the words of a sentence, in order."""
        told = _chosen(tuple(words)) if self._with_heteronyms else ()
        chosen = {override.first: override for override in told}
        found: list[Override] = []
        i = 0
        while i < len(words):
            override = self._inline(words, i) if "[[" in words[i] else self._looked_up(words, i)
            override = override or chosen.get(i)
            if override is not None:
                found.append(override)
            i = override.last if override else i + 1
        return found

    def _inline(self, words: Sequence[str], i: int) -> Override | None:
        match = INLINE.search(words[i])
        if match is None:
            return None
        phonemes = tidy_ipa(match[1], self.language)
        owned = words[i][match.end() :].startswith("'s")
        return Override(i, i + 1, with_s(phonemes) if owned else phonemes, "", INLINE_RULE)

    def _looked_up(self, words: Sequence[str], i: int) -> Override | None:
        """The longest entry of the lexicon that begins at a word."""
        if not self._longest:
            return None
        first = words[i].strip(MARKS)
        longest = self._longest.get(first.lower(), 0)
        if not longest and "'" in first:
            longest = self._longest.get(first.rpartition("'")[0].lower(), 0)
        for n in range(min(longest, len(words) - i), 0, -1):
            inside = words[i : i + n]
            if any(word[-1] in MARKS for word in inside[:-1]) or any(
                word[0] in MARKS for word in inside[1:]
            ):
                continue
            whole = " ".join(word.strip(MARKS) for word in inside)
            for bare, ending in ((whole, ""), *_without_ending(whole)):
                entry = self._entry(bare)
                if entry is not None:
                    return self._override(entry, ending, i, i + n)
        return None

    def _entry(self, word: str) -> Entry | None:
        """The entry of a word: as it is written, or else in lower case."""
        return self._entries.get(word) or self._entries.get(word.lower())

    def _override(self, entry: Entry, ending: str, first: int, last: int) -> Override:
        if entry.respelled:
            return Override(first, last, "", self._respelled(entry) + ending, LEXICON_RULE)
        phonemes = self._phonemes[entry.word]
        return Override(
            first, last, with_s(phonemes) if ending == "'s" else phonemes, "", LEXICON_RULE
        )

    def _respelled(self, entry: Entry) -> str:
        return normalize(entry.respelled, self.language)

    def _spoken(self, form: str) -> str:
        """What stands in the spoken words for a form that was looked up as it is written."""
        entry = self._forms[form] if form in self._forms else self._forms[form.lower()]
        if entry.respelled:
            return self._respelled(entry)
        return " ".join(f"[[{word}]]" for word in self._phonemes[entry.word].split())


def _forms_of(lexicon: Lexicon) -> dict[str, Entry]:
    """What is looked up before any rule: entries with digits, signs, or capitals side by side.

    So are names in capitals, LOS ALAMOS, which rules would read as letters or as other words.
    """
    forms: dict[str, Entry] = {}
    for entry in lexicon.entries:
        plain = all(re.fullmatch(_PLAIN, part) for part in entry.word.split())
        if not plain or re.search(_CAPITALS, entry.word):
            forms[entry.word] = entry
    for entry in lexicon.entries:
        if entry.word != entry.word.lower() and len(entry.word) > 2:
            forms.setdefault(entry.word.upper(), entry)
    return forms


def _unglued(word: str) -> list[str]:
    """Inline phonemes and what a rule wrote at them without a space, each with its marks."""
    words: list[str] = []
    lead = ""
    for part in filter(None, re.split(_GLUED, word)):
        if any(map(str.isalnum, part)):
            words.append(lead + part.strip("-"))
            lead = ""
        elif words:
            words[-1] += part
        else:
            lead = part
    return words


def _checked(lexicon: Lexicon, language: str, known: Collection[str] | None) -> dict[str, str]:
    """The phonemes of each word of a lexicon, if the voice has symbols for all of them."""
    phonemes = {e.word: tidy_ipa(e.phonemes, language) for e in lexicon.entries if e.phonemes}
    faults = [
        f"{entry.where or 'lexicon'}: {entry.word!r} needs {', '.join(strange)}"
        for entry in lexicon.entries
        if entry.phonemes and (strange := lacking(phonemes[entry.word], known))
    ]
    if faults:
        more = [f"and {len(faults) - _NAMED} more"] if len(faults) > _NAMED else []
        raise LexiconError(
            f"the voice has no symbol for phonemes of the lexicon: {'; '.join(faults[:_NAMED] + more)}",
            hint="`tts phonemize` shows how the phonemes of its language are written; or respell the word",
        )
    return phonemes


def _without_ending(word: str) -> list[tuple[str, str]]:
    """A word without the ending of a possessive, and the ending."""
    return [(word.removesuffix(end), end) for end in ("'s", "'") if word.endswith(end)]


@functools.cache
def _heteronyms() -> Set[str]:
    """The words that are heteronyms. They are read when they are first asked for: imports are quick."""
    from tts.text.heteronyms import heteronyms

    return heteronyms().keys()


@functools.lru_cache(maxsize=64)
def _chosen(words: tuple[str, ...]) -> tuple[Override, ...]:
    """What is known of the heteronyms of a sentence, which is asked for once for sound and once for spans."""
    from tts.text.context import Context
    from tts.text.heteronyms import choose, heteronyms

    table = heteronyms()
    context = Context(words)
    chosen: list[Override] = []
    for i, word in enumerate(context.words):
        if word in table:
            choice = choose(word, context, i)
            sounds = frozenset(table[word].readings.values())
            chosen.append(
                Override(i, i + 1, choice.phonemes, "", HETERONYM_RULE, choice.unsure, sounds)
            )
    return tuple(chosen)
