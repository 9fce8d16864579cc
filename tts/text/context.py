"""Whether a word is a verb in its sentence, by the words around it: rules that are sure, or say nothing.

A tagger for one question, about words that are either a verb or else a noun or adjective. It looks at a
few words to both sides, at most up to the next mark.
"""

import re
from collections.abc import Sequence

from tts.text.words import MARKS

__all__ = ["Context", "is_verb"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# fmt: off
DETERMINERS = _set(
    "a an the this these those my your his her its our their some any every each no another whose"
)
NUMBERS = _set(
    "one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred "
    "thousand million several few many"
)
PREPOSITIONS = _set(
    "of in on at by for with from into about without under over during after before through against "
    "between among per via within onto across beyond behind toward towards despite"
)
MODALS = _set(
    "will would can could may might must shall should cannot can't couldn't won't wouldn't shan't "
    "shouldn't mustn't do don't did didn't doesn't let lets let's please i'll you'll we'll they'll "
    "he'll she'll it'll i'd you'd we'd they'd gonna gotta wanna helped"
)
BE = _set(
    "am is are was were be been being i'm you're we're they're he's she's it's isn't aren't wasn't "
    "weren't"
)
HAVE = _set(
    "have has had having haven't hasn't hadn't i've you've we've they've"
)
MANY = _set(
    "i you we they"
)
ONE = _set(
    "he she it"
)
# After these, "to" leads to a thing: "due to use", "the road to record profits".
_TO_A_THING = _set(
    "due according thanks owing prior contrary compared relating addition response relation access up "
    "back down close similar subject opposed next"
)
# What rises and falls, does so to records.
_TO_A_MARK = _set(
    "rose rise rises rising fell fall falls falling grew jumped climbed soared dropped"
)
_DEGREES = _set(
    "very so too quite rather extremely really fairly"
)
_ADVERBS = _set(
    "not never always often also just still even ever only already again usually sometimes rarely "
    "seldom soon now then hardly both all almost"
)
_NO_ADVERBS = _set(
    "early daily weekly monthly yearly family july italy supply reply friendly lovely ugly holy "
    "assembly likely elderly lonely deadly costly only apply rely fly"
)
_ADJECTIVES = _set(
    "new old good bad great big small little long short high low first second third last next best "
    "worst better worse other same own whole main major minor recent early late daily weekly annual "
    "final full free fresh hot cold warm dry strong heavy light dark young poor rich public private "
    "local foreign special single double common proper fair rough wide large huge vast sudden sharp "
    "slight further extra clear deep latest real total entire secret wild modern human joint direct "
    "wrong right top fine open correct such certain past present current world more less most least"
)
_ADJECTIVE = re.compile(r".{2,}(?:al|ous|ive|able|ible|ful|ic|less|ary|ish|ern|est)$")
_VERBS = _set(
    "is are was were be been has have had will would can could may might must shall should does do did "
    "isn't aren't wasn't weren't won't can't said says became becomes seems seemed came comes went goes "
    "made makes"
)
_OBJECTS = _set(
    "the a an this these those my your his her its our their me him them us it you myself yourself "
    "himself herself itself ourselves themselves all every each any no everything everyone something "
    "anything nothing how what whether"
)
_PLURALS = _set(
    "people men women children police mice teeth feet others who which that most many some"
)
_MANY_OF = frozenset({"these", "those", "both", "many", "most", "all", "few", "several"}) | NUMBERS
_INFINITIVES = _set(
    "make makes made making see saw watch watched hear heard help helps helping"
)
# fmt: on


class Context:
    """The words of a sentence, lower case and without marks, and where marks stand between them.

    Args:
        words: the spoken words with their punctuation.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.words = [word.strip(MARKS).lower() for word in words]
        self._ends = [
            not bare or word[-1] in MARKS for word, bare in zip(words, self.words, strict=True)
        ]
        self._begins = [word[0] in MARKS for word in words]
        self._capital = [word[:1].isupper() for word in words]
        # A title: Most Words Begin So.
        self._all_capitals = 2 * sum(self._capital) > len(words)

    def at(self, i: int, step: int) -> str:
        """The word `step` words from word i, empty where the sentence or a mark ends before."""
        j = i
        for _ in range(abs(step)):
            j += 1 if step > 0 else -1
            if not 0 <= j < len(self.words):
                return ""
            left, right = (j - 1, j) if step > 0 else (j, j + 1)
            if self._ends[left] or self._begins[right]:
                return ""
        return self.words[j]

    def before(self, i: int) -> str:
        """The word before word i and its adverbs."""
        return self.at(i, self.step_before(i))

    def step_before(self, i: int) -> int:
        """The step from word i to the word before it and its adverbs."""
        step = -1
        while is_adverb(self.at(i, step)):
            step -= 1
        return step

    def is_name(self, i: int) -> bool:
        """Whether word i is written as names are: with a capital, though no sentence begins there."""
        return self._capital[i] and i > 0 and not self._begins[i] and not self._all_capitals

    def near(self, i: int, words: frozenset[str], reach: int = 8) -> bool:
        """Whether one of some words is within reach of word i."""
        around = self.words[max(0, i - reach) : i] + self.words[i + 1 : i + 1 + reach]
        return not words.isdisjoint(around)


def is_verb(context: Context, i: int, *, is_s_form: bool = False) -> bool | None:
    """Whether word i is a verb, rather than a noun or adjective; None where that is not sure.

    Args:
        context: the sentence.
        i: the place of the word.
        is_s_form: whether it is "records" and not "record".
    """
    step = context.step_before(i)
    if context.at(i, step) in _DEGREES or context.is_name(i):
        return False
    for test in (_by_subject, _by_phrase, _by_following):
        found = test(context, i, step, is_s_form)
        if found is not None:
            return found
    return None


def is_adverb(word: str) -> bool:
    return word in _ADVERBS or (word.endswith("ly") and word not in _NO_ADVERBS)


def _by_subject(context: Context, i: int, step: int, is_s_form: bool) -> bool | None:
    """By the word before, where that is a small one."""
    before, earlier = context.at(i, step), context.at(i, step - 1)
    if before == "to":
        if earlier in _TO_A_THING:
            return False
        return None if earlier in _TO_A_MARK or is_s_form else True
    if before in MODALS:
        return None if is_s_form else True
    if before in MANY or before == "who":
        return True if not is_s_form or before == "who" else None
    if before in ONE:
        if is_s_form:
            return True
        return True if earlier in MODALS or earlier in _INFINITIVES else None
    if before in DETERMINERS or before in PREPOSITIONS or before.endswith(("'s", "s'")):
        if before in ("her", "his") and earlier in _INFINITIVES and not is_s_form:
            return None
        return False
    if before in NUMBERS and is_s_form:
        return False
    if before in BE or before in HAVE:
        return False
    return None


def _by_phrase(context: Context, i: int, step: int, is_s_form: bool) -> bool | None:
    """By the phrase that it ends: "a new record", "the world record", "the farmers produce the"."""
    first = -1
    while _is_adjective(context.at(i, first)):
        first -= 1
    head, between, following = context.at(i, first), context.at(i, -1), context.at(i, 1)
    described = first < -1 and head not in MANY and head not in ONE
    plural = _is_plural(between)
    if following in _OBJECTS:
        # A verb, where it agrees with its subject: "hospital records every", "farmers record the".
        if is_s_form and _is_noun(between) and between not in _ADJECTIVES and not plural:
            return True
        return True if plural and not is_s_form else (False if described else None)
    if described:
        return False
    if not is_s_form and plural and context.at(i, -2) in _MANY_OF:
        return True
    has_determiner = any(context.at(i, -n) in DETERMINERS for n in (2, 3)) and between not in _VERBS
    if following in _VERBS:
        return (
            False if has_determiner or not between or (_is_noun(between) and not plural) else None
        )
    if has_determiner and _is_noun(between) and plural == is_s_form:
        # "the world record" and "the sales records" are things: a verb would agree with its subject.
        return False
    return None


def _by_following(context: Context, i: int, step: int, is_s_form: bool) -> bool | None:
    """By what follows: "Record the song", "and use it", "use of"."""
    before, following = context.at(i, step), context.at(i, 1)
    if following == "of":
        return False
    if before in ("", "and", "or", "but", "then"):
        if following in _OBJECTS and not is_s_form:
            return True
        if following in _VERBS or (not before and not following):
            return False
    if before in ("that", "which") and is_s_form and following in _OBJECTS:
        return True
    return None


def _is_adjective(word: str) -> bool:
    return word in _ADJECTIVES or _ADJECTIVE.match(word) is not None


def _is_noun(word: str) -> bool:
    """Whether a word may be a noun: it is none of the small ones."""
    small = (DETERMINERS, PREPOSITIONS, MODALS, BE, HAVE, MANY, ONE, _VERBS, _ADVERBS, NUMBERS)
    return (
        bool(word)
        and word not in ("to", "and", "or", "but", "that", "as", "than")
        and not any(word in words for words in small)
        and not is_adverb(word)
        and not word.endswith(("ed", "ing"))
    )


def _is_plural(word: str) -> bool:
    return word in _PLURALS or (
        word.endswith("s") and not word.endswith(("ss", "us", "is", "'s")) and _is_noun(word)
    )
