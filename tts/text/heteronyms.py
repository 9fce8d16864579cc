"""English words that are spelled alike and said differently, and how the words around them tell which it is.

A table: each word has its readings, in the symbols of US English voices, and tests, of which the first that
is sure decides. Where none is, the phonemizer says what it would, and the doubt is shown.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from tts.text.context import (
    BE,
    DETERMINERS,
    HAVE,
    MANY,
    MODALS,
    NUMBERS,
    ONE,
    PREPOSITIONS,
    Context,
    is_verb,
)
from tts.text.ipa import with_s

__all__ = ["Choice", "Heteronym", "choose", "heteronyms"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


class Test(NamedTuple):
    """One test of a word's neighbours.

    Args:
        reading: what it says when it holds.
        where: "verb" or "noun" by `is_verb`; "before" or "after", the next word; "near", some words around;
            "past" or "present", the tense of "read"; "else", always.
        words: which.
    """

    reading: str
    where: str
    words: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Heteronym:
    """A word with its readings by name, and its tests in order."""

    readings: Mapping[str, str]
    tests: tuple[Test, ...]
    is_s_form: bool = False


class Choice(NamedTuple):
    """The phonemes of a word, or what may be meant where that is not sure."""

    phonemes: str = ""
    unsure: str = ""


def choose(word: str, context: Context, i: int) -> Choice:
    """How a heteronym is said.

    Args:
        word: in lower case, one of `heteronyms`.
        context: its sentence.
        i: its place there.
    """
    heteronym = heteronyms()[word]
    for test in heteronym.tests:
        if _holds(test, context, i, heteronym.is_s_form):
            return Choice(phonemes=heteronym.readings[test.reading])
    return Choice(unsure=f"{word}: {' or '.join(heteronym.readings)}")


def _holds(test: Test, context: Context, i: int, is_s_form: bool) -> bool:
    match test.where:
        case "verb":
            return is_verb(context, i, is_s_form=is_s_form) is True
        case "noun":
            return is_verb(context, i, is_s_form=is_s_form) is False
        case "before":
            return context.at(i, -1) in test.words or context.before(i) in test.words
        case "after":
            return context.at(i, 1) in test.words
        case "near":
            return context.near(i, test.words)
        case "past":
            return _is_past(context, i)
        case "present":
            return _is_present(context, i)
        case where:
            assert where == "else", where
            return True


_PAST = _set("yesterday ago last earlier once had said thought found knew saw told")
_PRESENT = _set("every often usually always daily now today tomorrow don't do can will")
_HELPERS = _set("did does let make made help could")


def _is_present(context: Context, i: int) -> bool:
    """Whether "read" is asked or told: "did she read", "Read the"."""
    before, following = context.at(i, -1), context.at(i, 1)
    return context.at(i, -2) in MODALS or (not before and following in DETERMINERS)


def _is_past(context: Context, i: int) -> bool:
    """Whether "read" is in the past: there is no -s, or the sentence says when."""
    before, earlier = context.at(i, -1), context.at(i, -2)
    if before in ("that", "which") and any(word.endswith("ed") for word in context.words[:i]):
        return True  # a sign that read
    if earlier in HAVE:
        return True  # have you read
    if before.endswith("ly") and (earlier in DETERMINERS or earlier in BE):
        return True  # a widely read book
    singular = before in ONE or (
        before.isalpha() and earlier in DETERMINERS and not before.endswith("s")
    )
    if singular and not context.near(i, _HELPERS, 3):
        return True
    if before == "and" and earlier.endswith("ed"):
        return True
    return context.near(i, _PAST, 12) and not context.near(i, _PRESENT, 12)


# Stress, or the last vowel, tells the verb from the noun or adjective.
_PAIRS = """
abstract ˈæbstɹækt ɐbstɹˈækt          | abuse ɐbjˈuːs ɐbjˈuːz
addict ˈædɪkt ɐdˈɪkt                  | advocate ˈædvəkət ˈædvəkˌeɪt
affiliate ɐfˈɪlɪət ɐfˈɪlɪˌeɪt         | aggregate ˈæɡɹɪɡət ˈæɡɹɪɡˌeɪt
alternate ˈɔːltɚnət ˈɔːltɚnˌeɪt       | animate ˈænɪmət ˈænɪmˌeɪt
appropriate ɐpɹˈoʊpɹɪət ɐpɹˈoʊpɹɪˌeɪt | approximate ɐpɹˈɑːksɪmət ɐpɹˈɑːksɪmˌeɪt
articulate ɑːɹtˈɪkjʊlət ɑːɹtˈɪkjʊlˌeɪt
attribute ˈætɹɪbjˌuːt ɐtɹˈɪbjuːt      | combine kˈɑːmbaɪn kəmbˈaɪn
compound kˈɑːmpaʊnd kəmpˈaʊnd         | compress kˈɑːmpɹɛs kəmpɹˈɛs
conduct kˈɑːndʌkt kəndˈʌkt            | conflict kˈɑːnflɪkt kənflˈɪkt
conscript kˈɑːnskɹɪpt kənskɹˈɪpt      | console kˈɑːnsoʊl kənsˈoʊl
construct kˈɑːnstɹʌkt kənstɹˈʌkt      | contest kˈɑːntɛst kəntˈɛst
contract kˈɑːntɹækt kəntɹˈækt         | contrast kˈɑːntɹæst kəntɹˈæst
converse kˈɑːnvɜːs kənvˈɜːs           | convert kˈɑːnvɜːt kənvˈɜːt
convict kˈɑːnvɪkt kənvˈɪkt            | coordinate koʊˈɔːɹdᵻnət koʊˈɔːɹdɪnˌeɪt
decrease dˈiːkɹiːs dᵻkɹˈiːs           | defect dˈiːfɛkt dᵻfˈɛkt
degenerate dᵻdʒˈɛnɚɹət dᵻdʒˈɛnɚɹˌeɪt  | delegate dˈɛlɪɡət dˈɛlɪɡˌeɪt
deliberate dᵻlˈɪbɚɹət dᵻlˈɪbɚɹˌeɪt    | digest dˈaɪdʒɛst daɪdʒˈɛst
discharge dˈɪstʃɑːɹdʒ dɪstʃˈɑːɹdʒ     | discount dˈɪskaʊnt dɪskˈaʊnt
duplicate dˈuːplᵻkət dˈuːplᵻkˌeɪt     | elaborate ᵻlˈæbɚɹət ᵻlˈæbɚɹˌeɪt
escort ˈɛskɔːɹt ɛskˈɔːɹt              | estimate ˈɛstᵻmət ˈɛstᵻmˌeɪt
excuse ɛkskjˈuːs ɛkskjˈuːz            | exploit ˈɛksplɔɪt ɛksplˈɔɪt
export ˈɛkspɔːɹt ɛkspˈɔːɹt            | extract ˈɛkstɹækt ɛkstɹˈækt
fragment fɹˈæɡmənt fɹæɡmˈɛnt          | graduate ɡɹˈædʒuːət ɡɹˈædʒuːˌeɪt
house hˈaʊs hˈaʊz                     | implant ˈɪmplænt ɪmplˈænt
import ˈɪmpɔːɹt ɪmpˈɔːɹt              | incline ˈɪnklaɪn ɪnklˈaɪn
increase ˈɪŋkɹiːs ɪŋkɹˈiːs            | initiate ɪnˈɪʃɪət ɪnˈɪʃɪˌeɪt
insert ˈɪnsɜːt ɪnsˈɜːt                | insult ˈɪnsʌlt ɪnsˈʌlt
intimate ˈɪntᵻmət ˈɪntᵻmˌeɪt          | moderate mˈɑːdɚɹət mˈɑːdɚɹˌeɪt
object ˈɑːbdʒɛkt ɑːbdʒˈɛkt            | perfect pˈɜːfɛkt pɚfˈɛkt
permit pˈɜːmɪt pɚmˈɪt                 | pervert pˈɜːvɜːt pɚvˈɜːt
predicate pɹˈɛdᵻkət pɹˈɛdᵻkˌeɪt
produce pɹˈɑːduːs pɹədˈuːs            | progress pɹˈɑːɡɹɛs pɹəɡɹˈɛs
project pɹˈɑːdʒɛkt pɹədʒˈɛkt          | protest pɹˈoʊtɛst pɹətˈɛst
rebel ɹˈɛbəl ɹᵻbˈɛl                   | recall ɹˈiːkɔːl ɹᵻkˈɔːl
record ɹˈɛkɚd ɹᵻkˈɔːɹd                | refill ɹˈiːfɪl ɹᵻfˈɪl
refund ɹˈiːfʌnd ɹᵻfˈʌnd               | refuse ɹˈɛfjuːs ɹᵻfjˈuːz
reject ɹˈiːdʒɛkt ɹᵻdʒˈɛkt             | segment sˈɛɡmənt sɛɡmˈɛnt
separate sˈɛpɹət sˈɛpɚɹˌeɪt           | subject sˈʌbdʒɛkt səbdʒˈɛkt
subordinate səbˈɔːɹdᵻnət səbˈɔːɹdᵻnˌeɪt | survey sˈɜːveɪ sɚvˈeɪ
suspect sˈʌspɛkt səspˈɛkt             | syndicate sˈɪndᵻkət sˈɪndᵻkˌeɪt
torment tˈɔːɹmɛnt tɔːɹmˈɛnt           | transfer tɹˈænsfɜː tɹænsfˈɜː
transplant tɹˈænsplænt tɹænsplˈænt    | transport tɹˈænspɔːɹt tɹænspˈɔːɹt
update ˈʌpdeɪt ʌpdˈeɪt                | upgrade ˈʌpɡɹeɪd ʌpɡɹˈeɪd
use jˈuːs jˈuːz                       | upset ˈʌpsɛt ʌpsˈɛt
"""
# Adjectives for the most part, which have no plural; and plurals that are said as the verb is.
_NO_S_FORM = _set(
    "appropriate approximate elaborate deliberate articulate animate moderate separate alternate house"
)

# word; name and phonemes of each reading; tests, "reading where: words".
_SENSES = """
read; present ɹˈiːd, past ɹˈɛd
  past before: BE HAVE well having; past after: by; present before: to MODALS
  present before: good quick must interesting required; present present
  past past
  present near: every often usually always daily; present before: DETERMINERS
lead; front lˈiːd, metal lˈɛd
  metal after: pipe pipes paint paints poisoning bullet bullets shot acid battery batteries ore glass
  metal after: weights mine mines; metal after: pencil pencils oxide sulfide ingots sheet crystal roof
  metal near: metal copper zinc tin iron mercury; metal near: arsenic cadmium toxic molten melted
  front after: to the role singer guitar guitarist actor actress vocals; front after: in by over a
  metal before: of containing contain contains contained; front verb; front before: DETERMINERS took take
  metal after: is was has are
live; verb lˈɪv, adjective lˈaɪv
  adjective before: went go goes going broadcast aired streamed played; adjective before: BE
  adjective after: music show shows broadcast broadcasts audience audiences wire wires ammunition coverage
  adjective after: stream action
  adjective after: performance performances animals concert concerts album television tv bait bullets fire
  adjective after: birds stock; adjective before: a this any
  verb after: in at on together alone here there without near abroad happily longer long
  verb after: with under among forever by; verb verb; adjective before: the DETERMINERS of
lives; verb lˈɪvz, noun lˈaɪvz
  noun before: DETERMINERS NUMBERS PREPOSITIONS many most human save saved lost risk risked private daily
  noun before: people's women's; verb after: in at on alone here there near abroad with next under by
  verb before: ONE who that which; verb verb
close; verb klˈoʊz, near klˈoʊs
  near before: come came comes coming stay stayed get got gets getting stand stood how too so very as keep
  near before: kept draw drew; near before: pretty really sit sat BE
  near after: friend friends friendship call relative relatives attention up by together
  near after: range quarters look watch enough relationship relationships contact tie ties proximity race
  near after: game second; near after: combat inspection examination family cousin contest
  verb after: down of; verb after: the your his her its it their our my a an; verb verb; near after: to
  near noun
wind; air wˈɪnd, turn wˈaɪnd
  turn verb; turn after: up down around; air noun; air before: the a strong cold north south east west
  air after: turbine
  air after: turbines power farm farms energy speed speeds instrument instruments tunnel blew was and from
winds; air wˈɪndz, turn wˈaɪndz
  turn before: ONE road path river trail street stream that which; turn after: its around; air noun
  air before: strong high westerly easterly trade; air after: were are blew of
wound; injury wˈuːnd, turned wˈaʊnd
  turned after: up down around round through along its; injury before: DETERMINERS; turned before: HAVE
  turned before: ONE MANY tightly tight road river path trail which string wire rope clock; injury verb
  injury noun; injury after: him her them me us himself
tear; drop tˈɪɹ, rip tˈɛɹ
  drop after: gas gassed duct ducts drop drops rolled ran fell stained; rip after: to on of
  rip near: ligament muscle injury injuries knee shoulder hamstring triceps biceps tissue fabric cloth
  rip near: paper seam; rip after: up down apart off out open away; rip verb; rip before: and; rip after: in
  drop before: single
tears; drops tˈɪɹz, rips tˈɛɹz
  drops before: in into of with to shed her his my their your our burst no bitter happy hot
  rips before: ONE who; drops noun; rips after: up down apart off out the
  drops after: ran rolled fell streamed were
bow; bend bˈaʊ, knot bˈoʊ
  knot after: tie ties and string window windows collector; bend after: shock wave thruster
  knot near: arrow arrows violin ribbon cello archer string hair quiver strings hunting
  bend near: ship stern deck boat curtain audience vessel king queen starboard port
  bend near: torpedo torpedoes guns hull collision damage damages sonar; bend after: down to out before
  bend verb; bend before: take took deep
bows; bend bˈaʊz, knots bˈoʊz
  knots near: arrow arrows violin ribbon ribbons archers hair archer
  bend near: ship stern deck king audience; bend before: ONE; bend after: down to
row; line ɹˈoʊ, quarrel ɹˈaʊ
  quarrel before: blazing furious flaming; quarrel near: quarrel neighbours shouting; line else
sow; seed sˈoʊ, pig sˈaʊ
  pig near: pig pigs piglets boar boars litter farrowing sty; seed verb
  seed near: seeds seed reap wheat fields; pig noun
bass; music bˈeɪs, fish bˈæs
  fish near: fish fishing lake sea caught catch river angler anglers trout striped largemouth smallmouth
  fish near: grilled pond; fish near: perch hook bait; music else
dove; bird dˈʌv, dived dˈoʊv
  dived after: into in under down off deep straight for beneath headfirst; dived before: ONE MANY; bird noun
does; verb dˈʌz, deer dˈoʊz
  deer before: bucks stags and two three several; deer near: deer bucks fawns stag; verb else
desert; leave dᵻzˈɜːt, sand dˈɛzɚt
  leave verb; sand noun; sand after: island sand sun storm
deserts; leave dᵻzˈɜːts, sand dˈɛzɚts
  leave before: just ONE who; sand noun; leave verb
minute; time mˈɪnɪt, tiny maɪnˈuːt
  tiny before: BE very so too extremely most incredibly
  tiny after: details detail amounts amount particles particle quantities
  tiny after: traces changes quantity differences fraction fractions fragments examination organisms
  tiny after: adjustments; time else
content; stuff kˈɑːntɛnt, pleased kəntˈɛnt
  pleased after: with to
  pleased before: BE seem seemed seems feel felt feels quite very perfectly remained MODALS; stuff noun
invalid; wrong ɪnvˈælɪd, ill ˈɪnvəlɪd
  ill after: wife mother father husband sister brother chair carriage soldiers; ill near: nurse bedridden
  wrong before: BE an considered declared become became
  wrong after: password argument name date number input value
resume; go ɹᵻzˈuːm, paper ɹˈɛzʊmˌeɪ
  go verb; paper noun; paper near: job employer employers
entrance; door ˈɛntɹəns, charm ɛntɹˈæns
  charm verb; door noun
incense; smoke ˈɪnsɛns, anger ɪnsˈɛns
  anger verb; smoke noun; smoke near: burn burned burning sticks
buffet; meal bəfˈeɪ, strike bˈʌfɪt
  strike verb; meal noun; meal after: lunch dinner breakfast table car
sewer; pipe sˈuːɚ, tailor sˈoʊɚ
  tailor near: needle thread dress cloth; pipe else
present; noun pɹˈɛzənt, verb pɹɪzˈɛnt
  verb before: MANY MODALS to who; noun after: within among; verb verb; noun noun
associate; noun ɐsˈoʊsɪət, verb ɐsˈoʊsɪˌeɪt
  noun after: professor justice minister editor director dean member producer architect architects
  verb verb; noun noun
"""

_SETS = {"BE": BE, "HAVE": HAVE, "MODALS": MODALS, "ONE": ONE, "MANY": MANY}
_SETS |= {"DETERMINERS": DETERMINERS, "NUMBERS": NUMBERS, "PREPOSITIONS": PREPOSITIONS}
_BY_TAG = (Test("verb", "verb"), Test("noun", "noun"))


def _pairs() -> dict[str, Heteronym]:
    table: dict[str, Heteronym] = {}
    for row in _PAIRS.replace("|", "\n").strip().splitlines():
        word, noun, verb = row.split()
        table[word] = Heteronym({"noun": noun, "verb": verb}, _BY_TAG)
        if word not in _NO_S_FORM:
            plural = f"{word}es" if word.endswith("s") else f"{word}s"
            table[plural] = Heteronym(
                {"noun": with_s(noun), "verb": with_s(verb)}, _BY_TAG, is_s_form=True
            )
    return table


def _senses() -> dict[str, Heteronym]:
    table: dict[str, Heteronym] = {}
    for row in _SENSES.strip().splitlines():
        if not row.startswith(" "):
            word, _, readings = row.partition("; ")
            is_s_form = word.endswith("s") and word not in ("bass", "does")
            table[word] = Heteronym(_named(readings), (), is_s_form)
            continue
        tests = tuple(_test(part) for part in row.split(";"))
        old = table[word]
        table[word] = Heteronym(old.readings, (*old.tests, *tests), old.is_s_form)
    return table


def _named(readings: str) -> dict[str, str]:
    """ "front lˈiːd, metal lˈɛd" by name."""
    return dict(reading.split() for reading in readings.split(", "))


def _test(row: str) -> Test:
    head, _, names = row.partition(":")
    reading, where = head.split()
    words: set[str] = set()
    for name in names.split():
        words |= _SETS.get(name, frozenset({name}))
    return Test(reading, where, frozenset(words))


@functools.cache
def heteronyms() -> Mapping[str, Heteronym]:
    """The table, by the word in lower case."""
    return MappingProxyType(_pairs() | _senses())
