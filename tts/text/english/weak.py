"""Words whose sound depends on their neighbours, as eSpeak NG says them and voices are trained on them.

The words of grammar have a weak form within a clause, and some a strong one at its end: "this" is "ðɪs", and
"ðˈɪs" where nothing follows.
"""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["JOINED", "WEAK"]

# The form within a clause, and that at its end where it is another.
_FORMS = """
a ɐ ˈeɪ | an ɐn | the ðə | and ænd | to tə tuː | of ʌv | in ɪn | was wʌz | he hiː | that ðæt ðˈæt | his hɪz
as æz | by baɪ | were wɜː | for fɔːɹ | had hæd hˌæd | at æt | it ɪt | with wɪð | on ˌɔn ˈɔn | this ðɪs ðˈɪs
which wˌɪtʃ wˈɪtʃ | when wɛn wˌɛn | or ɔːɹ | is ɪz ˈɪz | but bˌʌt | not nˌɑːt nˈɑːt | from fɹʌm
their ðɛɹ | they ðeɪ | be biː bˈiː | i aɪ | him hˌɪm | who hˌuː hˈuː | her hɜː | these ðiːz ðˈiːz
them ðˌɛm | she ʃiː | are ɑːɹ | into ˌɪntʊ | about ɐbˌaʊt | so sˌoʊ sˈoʊ | would wʊd wˈʊd | have hæv hˈæv
some sˌʌm | its ɪts | any ˌɛni | than ðɐn | where wˌɛɹ wˈɛɹ | will wɪl wˈɪl | up ˌʌp ˈʌp
upon əpˌɑːn | you juː | without wɪðˌaʊt | through θɹuː | could kʊd kˈʊd | before bᵻfˌɔːɹ bᵻfˈɔːɹ
there ðɛɹ ðˈɛɹ | over ˌoʊvɚ ˈoʊvɚ | has hɐz hˈæz | should ʃˌʊd | if ɪf | while wˌaɪl | down dˌaʊn dˈaʊn
my maɪ | those ðoʊz ðˈoʊz | might mˌaɪt mˈaɪt | being bˌiːɪŋ | me mˌiː | under ˌʌndɚ ˈʌndɚ | we wiː
been bˌɪn | between bᵻtwˌiːn | can kæn kˈæn | having hˌævɪŋ | became bɪkˌeɪm | get ɡɛt ɡˈɛt
made mˌeɪd mˈeɪd | went wɛnt wˈɛnt | your jʊɹ | our ˌaʊɚ | us ˌʌs | am æm ˈæm | because bɪkˈʌz
i'm aɪm | i'll aɪl | i've aɪv | i'd aɪd | he's hiːz | she's ʃiːz | it's ɪts | we're wɪɹ | they're ðɛɹ
you're jʊɹ | that's ðæts | there's ðɛɹz | per pɜːɹ | until ʌntˈɪl | though ðˌoʊ | whether wˈɛðɚ
what wʌt wˌʌt
against ɐɡˈɛnst | among ɐmˌʌŋ | whose hˌuːz | across əkɹˈɑːs | above əbˌʌv | did dɪd dˈɪd | does dʌz dˈʌz
do duː dˈuː | must mˈʌst | shall ʃˌæl ʃˈæl | why wˌaɪ wˈaɪ | how hˌaʊ hˈaʊ | nor nˈɔːɹ | let's lɛts
"""

# Two words that are one in speech; "*" stands for the end of "the", which the next word decides.
_PAIRS = """
of the ʌvð* | in the ɪnð* | on the ɔnð* | that the ðætð* | from the fɹʌmð* | for the fɚð* | with the wɪðð*
was the wʌzð* | of a əvə | of an əvən | was a wʌzɐ | for a fɚɹə | for an fɚɹən | at a æɾə | that a ðˌæɾə
not a nˌɑːɾə | than a ðˌænə | had been hɐdbɪn | has been hˈæzbiːn | have been hɐvbɪn | would have wʊdhɐv
could have kˌʊdɐv | might have mˌaɪthɐv | may have mˌeɪhɐv | there was ðɛɹwˌʌz | there were ðɛɹwˌɜː
there are ðɛɹˌɑːɹ | did not dɪdnˌɑːt | do not duːnˌɑːt | does not dʌznˌɑːt | have not hɐvnˌɑːt
of which ʌvwˈɪtʃ | in which ɪnwˌɪtʃ | at once ɐtwˈʌns | that it ðˌɐɾɪt | out of ˌaʊɾəv | i am aɪɐm
i shall aɪʃˌɐl | we shall wiːʃˌɐl | that one ðˈætwˌʌn | no one nˈoʊwˈʌn | many of mˈɛnɪəv | to be təbi
"""


def _forms() -> dict[str, tuple[str, str]]:
    rows = [row.split() for line in _FORMS.split("\n") for row in line.split("|") if row.strip()]
    return {word: (forms[0], forms[-1]) for word, *forms in rows}


def _pairs() -> dict[tuple[str, str], str]:
    rows = [row.split() for line in _PAIRS.split("\n") for row in line.split("|") if row.strip()]
    return {(first, second): ipa for first, second, ipa in rows}


WEAK: Mapping[str, tuple[str, str]] = MappingProxyType(_forms())
"""Each word with its form within a clause and at the end of one."""

JOINED: Mapping[tuple[str, str], str] = MappingProxyType(_pairs())
"""Pairs of words that are said as one."""
