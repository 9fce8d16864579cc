"""What goes before the phonemizer: the lexicon, inline phonemes, heteronyms; and what is left as it was."""

import pickle
import random
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.errors import LexiconError, TextError
from tts.text import (
    ENGLISH_IPA,
    ENGLISH_SYMBOLS,
    EspeakPhonemizer,
    Lexicon,
    Pronouncer,
    Span,
    SymbolTable,
    TextFrontEnd,
    explain,
    normalize,
    phonemes_among,
    read_aloud,
    read_lexicon,
    split_long,
    split_sentences,
    unspeakable,
)

ESPEAK = EspeakPhonemizer()
LEXICON = read_lexicon(
    """\
    Siobhan = /ʃɪˈvɔːn/
    tomato = T AH0 M EY1 T OW0
    Los Alamos = loss alamose
    Polish = /ˈpoʊlɪʃ/
    Jean-Luc = /ʒɑːnlˈuːk/
    k8s = kubernetes
    .net = dot nett
    C# = /siː ʃɑːɹp/
    NASA = N AE1 S AH0
    """
)


@pytest.fixture(scope="module")
def pronounce() -> Pronouncer:
    return Pronouncer(ESPEAK, lexicon=LEXICON, known=phonemes_among(SymbolTable(ENGLISH_IPA)))


@pytest.fixture(scope="module")
def front_end() -> TextFrontEnd:
    return TextFrontEnd(SymbolTable(ENGLISH_IPA), lexicon=LEXICON)


def said(front_end: TextFrontEnd, text: str) -> str:
    return " ".join(utterance.phonemes[1:-1] for utterance in front_end.utterances(text))


# -- the lexicon --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "phonemes"),
    [
        ("Siobhan left.", "ʃɪvˈɔːn lˈɛft."),
        ("Siobhan, SIOBHAN's (Siobhan).", "ʃɪvˈɔːn, ʃɪvˈɔːnz (ʃɪvˈɔːn)."),
        ("Tomato! TOMATO tomato's", "təmˈeɪɾoʊ! təmˈeɪɾoʊ təmˈeɪɾoʊz"),
        ("Polish polish, POLISH", "pˈoʊlɪʃ pˈɑːlɪʃ, pˈoʊlɪʃ"),
        ("Los Alamos's labs, LOS ALAMOS", "lˈɔs ɐlˈæmoʊsᵻz lˈæbz, lˈɔs ɐlˈæmoʊs"),
        ("Los, Alamos", "lˌɑːs, ˈæləmˌoʊz"),
        ("Jean-Luc eats tomato-soup.", "ʒɑːnlˈuːk ˈiːts təmˈeɪɾoʊ sˈuːp."),
        ("k8s and K8S", "kˌuːbɚnˈɛɾiːz ænd kˌuːbɚnˈɛɾiːz"),
        ("ASP.NET, .NET", "ˌeɪˌɛspˈiː dˈɑːt nˈɛt, dˈɑːt nˈɛt"),
        ("C#, NASA's", "siː ʃɑːɹp, nˈæsəz"),
        ("of the tomato of the sea", "ʌvðə təmˈeɪɾoʊ ʌvðə sˈiː"),
    ],
)
def test_words_of_the_lexicon(front_end: TextFrontEnd, text: str, phonemes: str) -> None:
    assert said(front_end, text) == phonemes


@pytest.mark.parametrize(
    "sentence",
    ["I {} it.", "Of the {} in the house.", "The {}, a {}!", '"{}" he said to a {} of the town.'],
)
def test_the_other_words_keep_their_sound(sentence: str) -> None:
    """A lexicon that says what the phonemizer says changes nothing."""
    pronounce = Pronouncer(ESPEAK, lexicon=read_lexicon(f"zebra = /{ESPEAK('zebra')}/"))
    text = sentence.replace("{}", "zebra")
    assert pronounce(text) == ESPEAK(text)


def test_any_phonemizer_is_wrapped() -> None:
    """One that joins "b c", and gives each word its letters."""

    def joining(text: str) -> str:
        return text.replace("b c", "bc")

    lexicon = read_lexicon("c = /ə/")
    assert Pronouncer(joining)("a b c d.") == "a bc d."
    assert Pronouncer(joining, lexicon=lexicon)("a b c, d.") == "a b ə, d."
    assert Pronouncer(joining, lexicon=lexicon)("c b c") == "ə b ə"
    both = read_lexicon("b = /ɪ/\nc = /ə/")
    assert Pronouncer(joining, lexicon=both)("a b c d.") == "a ɪ ə d."


def test_a_phoneme_that_the_voice_lacks_is_named() -> None:
    lexicon = read_lexicon("a = /ə/\nyear = /yøʀ/\nbad = /ɓə/", "names.txt")
    with pytest.raises(LexiconError) as caught:
        TextFrontEnd(SymbolTable(ENGLISH_IPA), lexicon=lexicon)
    assert str(caught.value) == (
        "the voice has no symbol for phonemes of the lexicon: "
        "names.txt, line 2: 'year' needs 'y' (U+0079), 'ø' (U+00F8), 'ʀ' (U+0280); "
        "names.txt, line 3: 'bad' needs 'ɓ' (U+0253)"
    )
    many = read_lexicon("\n".join(f"a{i} = /ɓ/" for i in range(9)).replace("a", "ab"))
    with pytest.raises(LexiconError, match="and 4 more"):
        TextFrontEnd(SymbolTable(ENGLISH_IPA)).with_lexicon(many)


def test_a_front_end_with_a_lexicon_is_another(front_end: TextFrontEnd) -> None:
    plain = TextFrontEnd(
        SymbolTable(ENGLISH_IPA), lexicon=read_lexicon("tomato = /ə/\nbay = /biː/")
    )
    other = plain.with_lexicon(LEXICON)
    assert said(plain, "Tomato bay") == "ə biː"
    assert said(other, "Tomato bay") == "təmˈeɪɾoʊ biː"
    assert said(other.with_lexicon(Lexicon()), "Tomato") == "təmˈeɪɾoʊ"


def test_threads_and_pickles(front_end: TextFrontEnd) -> None:
    copy = pickle.loads(pickle.dumps(front_end))
    texts = ["Siobhan's k8s, [[ˈæpl]]. I read it yesterday."] * 16
    expected = said(front_end, texts[0])
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda text: said(copy, text), texts)) == {expected}


def test_a_large_lexicon_is_looked_up_quickly() -> None:
    lines = [
        f"{a}{b}{c}{d}x{d} = /ə/"
        for a in "bcdfghjk"
        for b in "aeiou"
        for c in "lmnprst"
        for d in range(10)
    ]
    pronounce = Pronouncer(ESPEAK, lexicon=read_lexicon("\n".join(lines)))
    assert pronounce.written is not None
    pattern = pronounce.written.pattern("The bal0x0 is here.")
    assert pattern is not None
    assert pattern.pattern.count("|") < 3
    assert pronounce.written.pattern("Nothing is here.") is None


def test_letters_are_respelled() -> None:
    lexicon = read_lexicon("nginx = engine x\nk8s = kubernetes")
    letters = TextFrontEnd(SymbolTable(ENGLISH_SYMBOLS["characters"]), lexicon=lexicon)
    assert said(letters, "Nginx's k8s.") == "ENGINE X'S KUBERNETES."
    with pytest.raises(LexiconError, match=r"'a' needs 'ə' \(U\+0259\)"):
        letters.with_lexicon(read_lexicon("a = /ə/"))
    with pytest.raises(TextError, match="no phoneme of the voice: 'ə'"):
        letters.utterances("[[ə]]")


def test_mixed_voices_read_phonemes() -> None:
    mixed = TextFrontEnd(SymbolTable(ENGLISH_SYMBOLS["mixed"]), lexicon=LEXICON)
    assert said(mixed, "Siobhan's [[təmˈeɪɾoʊ]].") == "ʃɪvˈɔːnz təmˈeɪɾoʊ."


# -- inline phonemes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "spoken", "phonemes"),
    [
        ("I say [[təmˈeɪɾoʊ]].", "I say [[təmˈeɪɾoʊ]].", "aɪ sˈeɪ təmˈeɪɾoʊ."),
        ("[[təˈmeɪ.toʊ suːp]]!", "[[təˈmeɪ.toʊ]] [[suːp]]!", "təmˈeɪtoʊ suːp!"),
        ("the [[ˈæpl]], the [[bˈæt]]", "the [[ˈæpl]], the [[bˈæt]]", "ðɪ ˈæpl, ðə bˈæt"),
        ("Dr. [[smˈɪθ]] [[ɔː]] St.", "Doctor [[smˈɪθ]] [[ɔː]] Street.", "dˈɑːktɚ smˈɪθ ɔː stɹˈiːt."),
        ("[[smˈɪθ]]'s \"[[kˈæt]]\"", "[[smˈɪθ]]'s \"[[kˈæt]]\"", 'smˈɪθs "kˈæt"'),
        ("a[[ə]]b [[ə]]-based #[[ɔ]]", "a [[ə]] b [[ə]] based number [[ɔ]]",
         "ɐ ə bˈiː ə bˈeɪst nˈʌmbɚɹ ɔ"),
        ("5 [[kˈæt]] [[kˈæt]] for $5", "five [[kˈæt]] [[kˈæt]] for five dollars",
         "fˈaɪv kˈæt kˈæt fɔːɹ fˈaɪv dˈɑːlɚz"),
        ("x [[[ə]]] y", "x ([[ə]]) y", "ˈɛks (ə) wˈaɪ"),
    ],
)  # fmt: skip
def test_inline_phonemes(front_end: TextFrontEnd, text: str, spoken: str, phonemes: str) -> None:
    assert normalize(text) == spoken
    assert said(front_end, text) == phonemes
    assert front_end.phonemes_of(text) == f"^{phonemes}$"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Say [[tə", "character 5: the phonemes after [[ are not closed by ]]"),
        ("[[a]] [[tə]", "character 7: the phonemes after [[ are not closed by ]]"),
        ("[[t\nə]]", "character 1: the phonemes after [[ are not closed by ]]"),
        ("A [[kQt]]", "character 6: no phoneme of the voice: 'Q' (U+0051) in [[kQt]]"),
        ("[[ɓə]]", "character 3: no phoneme of the voice: 'ɓ' (U+0253) in [[ɓə]]"),
        ("[[a^]]", "character 4: no phoneme of the voice: '^' (U+005E) in [[a^]]"),
        ("[[a, b]]", "character 4: no phoneme of the voice: ',' (U+002C) in [[a, b]]"),
        ("x [[ ]]", "character 3: no phonemes in [[ ]]"),
        ("[[" + "a" * 201 + "]]", "character 1: 201 characters of phonemes between brackets"),
    ],
)
def test_inline_phonemes_that_cannot_be_spoken(
    front_end: TextFrontEnd, text: str, message: str
) -> None:
    for call in (front_end.utterances, front_end.phonemes_of):
        with pytest.raises(TextError) as caught:
            call(text)
        assert str(caught.value) == message
        assert caught.value.hint


def test_without_a_voice_all_of_ipa_is_known() -> None:
    pronounce = Pronouncer(EspeakPhonemizer("de"), "de")
    pronounce.check("[[yːbɐ ʀɔ̃ ʘ]]")
    with pytest.raises(TextError, match="no phoneme of the voice: '5'"):
        pronounce.check("[[a5]]")
    with pytest.raises(TextError, match="no phoneme of the voice: 'A'"):
        pronounce.check("[[A]]")


def test_sentences_leave_inline_phonemes_alone() -> None:
    text = "He left. [[nˈoʊ. jˈɛs]] he said? [[a. b; c]] went, e.g. [[x. y]] too."
    assert [span.text for span in split_sentences(text)] == [
        "He left.",
        "[[nˈoʊ. jˈɛs]] he said?",
        "[[a. b; c]] went, e.g. [[x. y]] too.",
    ]
    assert unspeakable("[[ʘ]] ʘ").startswith("1 character cannot be spoken: 'ʘ' U+0298")


@given(st.lists(st.sampled_from(["word", "[[a b. c, d]]", "[[" + "x" * 30 + "]]", "a,"]), max_size=12),
       st.integers(1, 40))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_inline_phonemes_are_never_cut(parts: list[str], max_chars: int) -> None:
    text = " ".join(parts)
    pieces = split_long(Span(text, 0, len(text)), max_chars)
    assert all(piece.text == text[piece.start : piece.end] for piece in pieces)
    assert "".join(piece.text for piece in pieces).replace(" ", "") == text.replace(" ", "")
    assert all(piece.text.count("[[") == piece.text.count("]]") for piece in pieces)


_BITS = [
    *(
        "Dr. ",
        "St. ",
        "$5 ",
        "3/4 ",
        "#",
        "@",
        " IV ",
        "12:30",
        "p.m.",
        "-",
        "--",
        "...",
        "'",
        '"',
        "(",
    ),
    *(
        ")",
        "[",
        "]",
        "www.",
        "example.com",
        "/",
        "\\",
        "5 km",
        "1999",
        "No. ",
        "e.g. ",
        "HELLO ",
        "a",
        "\n",
    ),
    *(
        "\n\n",
        "v2.1",
        "C++",
        "°F",
        "%",
        "x=",
        "😀",
        "é",
        "\u0301",
        "\u200d",
        "foo",
        "=",
        "_",
        "`",
        "*",
    ),
    *(
        "Name ",
        "Chapter ",
        "'s ",
        "1",
        "2020-01-02",
        "+1 555 123 4567",
        ":",
        ";",
        "!",
        "?",
        "— ",
        "k8s",
    ),
]


@pytest.mark.parametrize("seed", range(8))
def test_inline_phonemes_survive_any_text(seed: int) -> None:
    """What stands in brackets is spoken once and whole, whatever stands beside it."""
    draw = random.Random(seed)
    front_end = TextFrontEnd(SymbolTable(ENGLISH_IPA), max_chars=40, lexicon=LEXICON)
    for _ in range(25):
        parts = [draw.choice(_BITS) for _ in range(draw.randint(0, 9))]
        inline = [draw.choice(["x", "təmˈeɪɾoʊ", "ˈæpl sˈuːp"]) for _ in range(draw.randint(1, 3))]
        for phonemes in inline:
            parts.insert(draw.randint(0, len(parts)), f"[[{phonemes}]]")
        text = "".join(parts)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            utterances = list(front_end.utterances(text))
        words = [word for utterance in utterances for word in utterance.phonemes.split()]
        for word in " ".join(inline).split():
            assert any(word in token for token in words), (text, words)
        assert sum(u.spoken.count("[[") - u.spoken.count("[[nˈæsə") for u in utterances) == sum(
            len(phonemes.split()) for phonemes in inline
        ), text


# -- what is shown ------------------------------------------------------------------------------------


def test_explain_names_the_rules(pronounce: Pronouncer) -> None:
    text = "Siobhan read NASA's k8s, [[ˈæpl]], of the record 5."
    parts = explain(text, read_aloud(text, pronounce=pronounce), pronounce)
    assert [(part.written, part.phonemes, part.rules) for part in parts] == [
        ("Siobhan", "ʃɪvˈɔːn", ("lexicon",)),
        ("read", "ɹˈiːd", ()),
        ("NASA's", "nˈæsəz", ("lexicon",)),
        ("k8s,", "kˌuːbɚnˈɛɾiːz,", ("lexicon",)),
        ("[[ˈæpl]],", "ˈæpl,", ("inline phonemes",)),
        ("of the", "ʌvðə", ()),
        ("record", "ɹˈɛkɚd", ("heteronym",)),
        ("5.", "fˈaɪv.", ("number",)),
    ]
    assert [part.unsure for part in parts if part.unsure] == [("read: present or past",)]


def test_spans_of_an_utterance_name_the_rules(front_end: TextFrontEnd) -> None:
    (utterance,) = front_end.utterances("Use the Los Alamos [[ə b]].")
    assert [(s.start, s.end, s.spoken, s.rules) for s in utterance.spans] == [
        (0, 3, "Use", ("heteronym",)),
        (4, 7, "the", ()),
        (8, 11, "Los", ("lexicon",)),
        (12, 18, "Alamos", ("lexicon",)),
        (19, 27, "[[ə]] [[b]].", ("inline phonemes",)),
    ]


@pytest.mark.parametrize("text", ["Nothing here is unusual.", "It's 5 o'clock (e.g.).", "", "—"])
def test_what_is_not_known_is_left_to_the_phonemizer(text: str) -> None:
    pronounce = Pronouncer(ESPEAK)
    spoken = normalize(text)
    assert pronounce(spoken) == ESPEAK(spoken)
    (*readings,) = read_aloud(text)
    assert readings == read_aloud(text, pronounce=pronounce)


def test_heteronyms_can_be_left_to_the_phonemizer() -> None:
    symbols = SymbolTable(ENGLISH_IPA)
    text = "She read the record yesterday."
    assert said(TextFrontEnd(symbols), text) == "ʃiː ɹˈɛd ðə ɹˈɛkɚd jˈɛstɚdˌeɪ."
    assert said(TextFrontEnd(symbols, heteronyms=False), text) == ESPEAK(text)
    assert Pronouncer(EspeakPhonemizer("en-gb"), "en-gb")(text) == EspeakPhonemizer("en-gb")(text)
