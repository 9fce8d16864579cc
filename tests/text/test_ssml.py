"""SSML: what each element says, where it stands in the document, and that nothing is ignored."""

import itertools
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.errors import TextError
from tts.text import (
    ENGLISH_IPA,
    Mark,
    Pauses,
    SymbolTable,
    TextFrontEnd,
    explain,
    parse_ssml,
    read_aloud,
)
from tts.text.say_as import say_as


@pytest.fixture(scope="module")
def front_end() -> TextFrontEnd:
    return TextFrontEnd(SymbolTable(ENGLISH_IPA))


def spoken(front_end: TextFrontEnd, inside: str) -> list[str]:
    document = parse_ssml(f"<speak>{inside}</speak>")
    return [utterance.spoken for utterance in front_end.utterances(document)]


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("Hello &amp; goodbye", ["Hello and goodbye"]),
        ("H&#101;llo <!-- silent --> you", ["Hello you"]),
        ("<![CDATA[5 < 6 &amp;]]>", ["five less than six and amp;"]),
        ("one\n  line\r\nTwo", ["one line Two"]),
        ("<p><s>One</s><s>two</s></p><p>three</p>", ["One", "two", "three"]),
        ("a <sub alias='World Wide Web'>WWW</sub> page", ["a World Wide Web page"]),
        ("It is <say-as interpret-as='ordinal'>3</say-as>.", ["It is third."]),
        ("<emphasis level='none'>so</emphasis> it is", ["so it is"]),
        ("[[a]]", ["((a))"]),
        ("so <prosody rate='slow'>slow</prosody> now", ["so", "slow", "now"]),
        ("un<mark name='a'/>cut", ["uncut"]),
    ],
)  # fmt: skip
def test_words(front_end: TextFrontEnd, inside: str, words: list[str]) -> None:
    assert spoken(front_end, inside) == words


def test_places_are_those_of_the_document(front_end: TextFrontEnd) -> None:
    source = (
        "<speak>\n<p>Mr. <sub alias='Kay Jay'>K.</sub> &amp; e&#x301;t co.</p>"
        "<s><say-as interpret-as='date' format='dmy'>3/4/2020</say-as> it was.</s></speak>"
    )
    utterances = list(front_end.utterances(parse_ssml(source)))
    assert [(source[s.start : s.end], s.spoken) for u in utterances for s in u.spans] == [
        *(
            ("Mr.", "Mister"),
            ("K.", "Kay Jay"),
            ("&amp;", "and"),
            ("e&#x301;t", "ét"),
            ("co.", "co."),
        ),
        *(("3/4/2020", "April third, twenty twenty"), ("it", "it"), ("was.", "was.")),
    ]
    assert utterances[0].spans[1].rules == ("sub",)
    assert utterances[1].spans[0].rules[0] == "say-as date"
    assert all(source[u.start : u.end] == u.text for u in utterances)


def test_marks_stand_alone_among_the_words_of_an_alias() -> None:
    source = "<speak>It is <sub alias='five — six'>X</sub> - so.</speak>"
    (segment,) = parse_ssml(source).segments
    parts = explain(source, read_aloud(segment), str.upper)
    assert [(part.written, part.spoken, part.phonemes) for part in parts] == [
        ("It", "It", "IT"),
        ("is", "is", "IS"),
        ("X", "five six", "FIVE — SIX"),
        ("so.", "so.", "— SO."),
    ]


def test_manner_and_pauses(front_end: TextFrontEnd) -> None:
    source = (
        "<speak><break time='1s'/>Hi, <prosody rate='80%' volume='+6dB'>you <prosody rate='+50%' volume="
        "'silent'>there</prosody></prosody><break time='250ms'/><break strength='weak'/>Well."
        "<break strength='none'/> So. <p>End</p><s>Fin</s><break time='.5s'/></speak>"
    )
    pauses = Pauses(clause=0.1, sentence=0.2, paragraph=0.3)
    read = [
        (u.spoken, round(u.rate, 3), round(u.gain, 2), round(u.pause_s, 3), u.lead_s)
        for u in front_end.utterances(parse_ssml(source), pauses=pauses)
    ]
    assert read == [
        ("Hi,", 1.0, 1.0, 0.1, 1.0),
        ("you", 0.8, 2.0, 0.0, 0.0),
        ("there", 1.2, 0.0, 0.35, 0.0),
        ("Well.", 1.0, 1.0, 0.0, 0.0),
        ("So.", 1.0, 1.0, 0.3, 0.0),
        ("End", 1.0, 1.0, 0.3, 0.0),
        ("Fin", 1.0, 1.0, 0.5, 0.0),
    ]


def test_marks_stand_before_symbols(front_end: TextFrontEnd) -> None:
    source = (
        "<speak><mark name='a'/>One of the <mark name='b'/>tall<mark name='c'/>est. <mark name='d'/>Two."
        "<mark name='e'/><break time='1s'/><mark name='f'/></speak>"
    )
    one, two = front_end.utterances(parse_ssml(source))
    assert [mark.name for mark in (*one.marks, *two.marks)] == list("abcdef")
    assert one.marks[0].token == 0
    assert one.phonemes[one.marks[1].token :].startswith("tˈɔːl")
    assert one.marks[2].token == one.marks[1].token  # inside of a word
    assert two.marks == (Mark("d", 0), Mark("e", len(two.ids)), Mark("f", len(two.ids) + 1))


def test_phonemes_are_spoken_as_they_are(front_end: TextFrontEnd) -> None:
    source = (
        "<speak>A <phoneme ph='təˈmeɪ.ɾoʊ'>potato</phoneme>, "
        "<phoneme alphabet='x-arpabet' ph='L AO1 S AE1 L AH0 M OW0 S'>X &amp; Y</phoneme>.</speak>"
    )
    (utterance,) = front_end.utterances(parse_ssml(source))
    assert utterance.phonemes == "^ɐ təmˈeɪɾoʊ, lˈɔːsˈæləmoʊs.$"
    written = [(source[s.start : s.end], s.rules) for s in utterance.spans]
    assert "potato" in written[1][0] and "phoneme" in written[1][1]


def test_lexicons_are_named_by_the_document() -> None:
    document = parse_ssml(
        "<speak><lexicon uri='words/names.pls' type='application/pls+xml'/>a</speak>"
    )
    assert document.lexicons == (Path("words/names.pls"),)
    assert [segment.text for segment in document.segments] == ["a"]


def test_another_language(front_end: TextFrontEnd) -> None:
    source = (
        "<speak xml:lang='en'>Yes, <lang xml:lang='de-DE'>3 ja</lang> "
        "<p xml:lang='en-GB'>105</p></speak>"
    )
    assert [segment.language for segment in parse_ssml(source).segments] == [None, "de", "en-gb"]
    open_ended = TextFrontEnd(SymbolTable((*ENGLISH_IPA, "ɒ")))
    words = [(u.spoken, u.phonemes) for u in open_ended.utterances(parse_ssml(source))]
    assert words[:2] == [("Yes,", "^jˈɛs,$"), ("3 ja", "^dɾˈaɪ jˈɑː$")]
    assert words[2][0] == "one hundred and five"
    assert (
        next(iter(TextFrontEnd(front_end.symbols, "de").utterances("3 ja"))).phonemes
        == "^dɾˈaɪ jˈɑː$"
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("", "line 1, column 1: it is not well-formed: no element found"),
        ("<speak>a", "not well-formed: no element found"),
        ("<speak>\n <b>a</b></speak>", "line 2, column 2: the element <b> is not supported"),
        ("<speak><brek/></speak>", "<brek> is not supported; did you mean 'break'"),
        ("<speak><audio src='a'/></speak>", "<audio> is not supported"),
        ("<speak><voice name='a'>b</voice></speak>", "<voice> is not supported"),
        ("<speak><phoneme>b</phoneme></speak>", "<phoneme> needs the attribute ph"),
        ("<speak><phoneme ph='a!'>b</phoneme></speak>", "ph of <phoneme>: no phoneme is '!'"),
        ("<speak><phoneme ph='[a'>b</phoneme></speak>", "ph of <phoneme>: no phoneme is '['"),
        (
            "<speak><phoneme alphabet='x-sampa' ph='a'>b</phoneme></speak>",
            "alphabet of <phoneme>: 'x-sampa' is not supported: it may be ipa or x-arpabet",
        ),
        (
            "<speak><phoneme alphabet='x-arpabet' ph='A'>b</phoneme></speak>",
            "ph of <phoneme>: 'A' is no phone of ARPAbet",
        ),
        ("<speak><lexicon/></speak>", "<lexicon> needs the attribute uri"),
        ("<speak><lexicon uri='http://a/b'/></speak>", "'http://a/b' is no file in the working"),
        ("<speak><lexicon uri='/etc/passwd'/></speak>", "'/etc/passwd' is no file in the working"),
        ("<speak><lexicon uri='a/../../b'/></speak>", "'a/../../b' is no file in the working"),
        ("<p>a</p>", "<speak> must be the root"),
        ("<speak><speak>a</speak></speak>", "<speak> must be the root"),
        ("<speak version='2.0'>a</speak>", "the attribute version of <speak>: '2.0' is not supported"),
        ("<speak xmlns='urn:a'>a</speak>", "the attribute xmlns of <speak>"),
        ("<speak xml:base='a'>a</speak>", "the attribute xml:base of <speak> is not supported"),
        ("<speak><s><p>a</p></s></speak>", "<p> cannot stand inside <s>"),
        ("<speak><p><p>a</p></p></speak>", "<p> cannot stand inside <p>"),
        ("<speak><break>a</break></speak>", "<break> cannot hold text"),
        ("<speak><sub alias='a'><s>b</s></sub></speak>", "<sub> cannot hold <s>"),
        ("<speak><sub>a</sub></speak>", "<sub> needs the attribute alias"),
        ("<speak><prosody>a</prosody></speak>", "<prosody> needs an attribute: rate or volume"),
        ("<speak><prosody pitch='high'>a</prosody></speak>", "pitch of <prosody>: 'high' is not"),
        ("<speak><prosody range='low'>a</prosody></speak>", "range of <prosody> is not supported"),
        ("<speak><prosody rate='fats'>a</prosody></speak>", "rate of <prosody>: 'fats' is not known"),
        ("<speak><prosody rate='300%'>a</prosody></speak>", "rate of <prosody>: '300%' is out of range"),
        ("<speak><prosody rate='+1'>a</prosody></speak>", "rate of <prosody>: '+1' is no rate"),
        ("<speak><prosody volume='+40dB'>a</prosody></speak>", "<prosody>: '+40dB' is out of range"),
        ("<speak><prosody volume='7'>a</prosody></speak>", "volume of <prosody>: '7' is not known"),
        ("<speak><emphasis>a</emphasis></speak>", "level of <emphasis>: 'moderate' is not supported"),
        ("<speak><break time='1'/>a</speak>", "time of <break>: '1' is no time"),
        ("<speak><break time='11s'/>a</speak>", "time of <break>: '11s' is more than 10 seconds"),
        ("<speak><break strength='big'/>a</speak>", "strength of <break>: 'big' is not known"),
        ("<speak><lang xml:lang='xx'>a</lang></speak>", "xml:lang of <lang>: eSpeak NG does not know"),
        ("<speak><say-as interpret-as='date'>x</say-as></speak>", "<say-as>: 'x' cannot be read as 'date'"),
        ("<speak><say-as interpret-as='data'>x</say-as></speak>", "'data' is not known; did you mean 'date'"),
        ("<?xml-stylesheet href='a'?><speak>a</speak>", "it holds a processing instruction"),
        ("<!DOCTYPE speak><speak>a</speak>", "it holds a document type"),
        ("<speak>&nbsp;</speak>", "not well-formed: undefined entity"),
        ("<speak>a\ud800</speak>", "line 1, column 9: a lone surrogate is no character of XML"),
        ("<speak>a\0</speak>", "line 1, column 9: it is not well-formed"),
        ("<speak>" + "a<break time='10s'/>" * 61 + "</speak>", "more than 600 seconds of silence"),
        ("<speak>a" + "<break/>" * 101 + "</speak>", "more than 100 breaks stand side by side"),
        ("<speak><sub alias='" + "a" * 2001 + "'>b</sub></speak>", "<sub> says more than 2000 characters"),
    ],
)  # fmt: skip
def test_what_is_not_supported_is_named(document: str, message: str) -> None:
    with pytest.raises(TextError) as caught:
        parse_ssml(document)
    assert str(caught.value).startswith("SSML, line ")
    assert message in str(caught.value)
    assert "docs/ssml.md" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "kind", "form", "words"),
    [
        ("3/4/2020", "date", "dmy", "April third, twenty twenty"),
        ("3/4/2020", "date", "mdy", "March fourth, twenty twenty"),
        ("20200403", "date", "ymd", "April third, twenty twenty"),
        ("4/99", "date", "my", "April nineteen ninety nine"),
        ("Apr 3rd", "date", "md", "April third"),
        ("3", "date", "d", "the third"),
        ("2:30pm", "time", "hms12", "two thirty p m"),
        ("14:30", "time", "hms24", "fourteen thirty"),
        ("+1 (800) 555", "telephone", "1", "plus one, eight zero zero, five five five"),
        ("a1-B", "characters", "", "A one hyphen B"),
        ("ABC", "spell-out", "", "A B C"),
        ("007", "cardinal", "", "seven"),
        ("-1,234", "number", "", "minus one thousand two hundred thirty four"),
        ("21st", "ordinal", "", "twenty first"),
        ("1 3/4", "fraction", "", "one and three quarters"),
        ("5 km/h", "unit", "", "five kilometers per hour"),
        ("$42.01", "currency", "", "forty two dollars and one cent"),
        ("12-34", "digits", "", "one two three four"),
    ],
)  # fmt: skip
def test_say_as(text: str, kind: str, form: str, words: str) -> None:
    assert say_as(text, kind, form) == words


@pytest.mark.parametrize(
    ("text", "kind", "form", "language", "message"),
    [
        ("31/12", "date", "md", "en-us", "'31/12' cannot be read as 'date'"),
        (
            "3",
            "date",
            "ddd",
            "en-us",
            "the format 'ddd' of 'date' is not supported; its formats are mdy",
        ),
        ("13:00", "time", "hms12", "en-us", "cannot be read as 'time'"),
        ("3", "ordinal", "x", "en-us", "the format 'x' of 'ordinal' is not supported"),
        ("3", "ordinal", "", "de", "'ordinal' is not supported in the language 'de'"),
        ("a" * 1001, "characters", "", "en-us", "'characters' holds more than 1000 characters"),
        ("word", "cardinal", "", "en-us", "cannot be read as 'cardinal'"),
    ],
)
def test_say_as_refuses(text: str, kind: str, form: str, language: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        say_as(text, kind, form, language)


TAGS = ["<p>", "</p>", "<s>", "</s>", "<break/>", "<mark name='m'/>", "<prosody rate='slow'>", "</prosody>",
        "<sub alias='b'>", "</sub>", "&amp;", "&#233;", "<![CDATA[", "]]>", "a ", "Dr. ", "5 km. ", "\n",
        "[[", "é"]  # fmt: skip


@given(st.lists(st.sampled_from(TAGS), max_size=12))
@settings(deadline=None, max_examples=150)
def test_any_document_is_read_in_order_or_refused(parts: list[str]) -> None:
    source = f"<speak>a {''.join(parts)}</speak>"
    try:
        document = parse_ssml(source)
    except TextError:
        return
    utterances = list(TextFrontEnd(SymbolTable(ENGLISH_IPA)).utterances(document))
    spans = [span for utterance in utterances for span in utterance.spans]
    assert all(a.start < a.end <= b.start for a, b in itertools.pairwise(spans))
    elements = ElementTree.fromstring(source).iter("mark")  # those in CDATA are text
    assert sum(len(u.marks) for u in utterances) == len(list(elements))
    assert all(0 <= m.token <= len(u.ids) + 1 for u in utterances for m in u.marks)
