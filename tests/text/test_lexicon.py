"""Pronunciations of the user: the text format, ARPAbet, IPA as people write it, PLS, and what is refused."""

from pathlib import Path

import pytest

from tts.errors import LexiconError
from tts.text import EspeakPhonemizer, Lexicon, load_lexicon, read_lexicon
from tts.text.arpabet import arpabet_to_ipa
from tts.text.ipa import tidy_ipa, with_s
from tts.text.pls import read_pls


def test_a_line_an_entry() -> None:
    lexicon = read_lexicon(
        "# names\n\nSiobhan = /ʃɪˈvɔːn/   # IPA\nLos  Alamos = loss alamose\n"
        "Nguyen = W IH1 N\nC# = see sharp\nO’Brien = oh brian\nSQL = S Q L\n"
    )
    assert [(e.word, e.phonemes, e.respelled) for e in lexicon.entries] == [
        ("Siobhan", "ʃɪˈvɔːn", ""),
        ("Los Alamos", "", "loss alamose"),
        ("Nguyen", "wˈɪn", ""),
        ("C#", "", "see sharp"),
        ("O'Brien", "", "oh brian"),
        ("SQL", "", "S Q L"),
    ]
    assert [e.where for e in lexicon.entries][:2] == ["lexicon, line 3", "lexicon, line 4"]


def test_a_lexicon_is_a_value() -> None:
    one, other = read_lexicon("a = /ə/\nb = bee"), read_lexicon("a = /eɪ/")
    assert one == read_lexicon("a = /ə/\nb = bee")
    assert hash(one) == hash(read_lexicon("a = /ə/\nb = bee"))
    assert [(e.word, e.phonemes) for e in (one | other).entries] == [("a", "eɪ"), ("b", "")]
    assert one.entries[0].phonemes == "ə"
    assert one
    assert not Lexicon()


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text(
        "good = /ɡʊd/\nno pronunciation\n= /ə/\na =\nb = /ə\nc = //\nd = QQ1 R\ne = AH ER1\n"
        "good = /ɡuːd/\nf = ...\n",
        encoding="utf-8",
    )
    with pytest.raises(LexiconError) as caught:
        load_lexicon(path)
    assert str(caught.value) == (
        f"{path}: 9 faults: line 2: no = between the word and its pronunciation; "
        "line 3: no word before the =: ''; "
        "line 4: no pronunciation of 'a' after the =; "
        "line 5: IPA stands between two slashes, this does not: /ə; "
        "line 6: IPA stands between two slashes, this does not: //; "
        "line 7: 'QQ1' is no phone of ARPAbet; "
        "line 8: the vowel AH needs its stress: AH0, AH1 or AH2; "
        f"line 9: 'good' is there already: {path}, line 1; "
        "line 10: nothing that can be read after the =: '...'"
    )
    assert "Siobhan = /ʃɪˈvɔːn/" in caught.value.hint


def test_many_faults_are_counted() -> None:
    with pytest.raises(LexiconError, match=r"30 faults: line 1: .*; and 10 more$"):
        read_lexicon("nothing\n" * 30)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"none\.txt: cannot be read: No such file"):
        load_lexicon(tmp_path / "none.txt")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9 = cafay")
    with pytest.raises(LexiconError, match=r"latin\.txt: is not UTF-8 text, at byte 4"):
        load_lexicon(tmp_path / "latin.txt")


def test_the_later_file_is_heard(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\ufeffx = ex\ny = why", encoding="utf-8")
    (tmp_path / "b.txt").write_text("x = eggs", encoding="utf-8")
    lexicon = load_lexicon(tmp_path / "a.txt", str(tmp_path / "b.txt"))
    assert {e.word: e.respelled for e in lexicon.entries} == {"x": "eggs", "y": "why"}
    assert load_lexicon() == Lexicon()


@pytest.mark.parametrize(
    ("word", "arpabet"),
    [  # as the CMU dictionary has them
        ("tomato", "T AH0 M EY1 T OW0"),
        ("water", "W AO1 T ER0"),
        ("party", "P AA1 R T IY0"),
        ("little", "L IH1 T AH0 L"),
        ("attitude", "AE1 T IH0 T UW2 D"),
        ("bird", "B ER1 D"),
        ("judge", "JH AH1 JH"),
        ("church", "CH ER1 CH"),
        ("measure", "M EH1 ZH ER0"),
        ("thing", "TH IH1 NG"),
        ("these", "DH IY1 Z"),
        ("house", "HH AW1 S"),
        ("boy", "B OY1"),
        ("yes", "Y EH1 S"),
        ("cat", "K AE1 T"),
        ("good", "G UH1 D"),
    ],
)
def test_arpabet_is_what_voices_are_trained_on(word: str, arpabet: str) -> None:
    assert arpabet_to_ipa(arpabet) == EspeakPhonemizer()(word)


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        ("təˈmeɪ.toʊ", "təmˈeɪtoʊ"),
        ("ˈt͡ʃɜːt͡ʃ", "tʃˈɜːtʃ"),
        ("ˈstrɛŋθ", "stɹˈɛŋθ"),
        ("ˌɪntəˈnæʃ.nəl", "ˌɪntənˈæʃnəl"),
        ("ˈgʊd 'gʊd", "ɡˈʊd ɡˈʊd"),
        ("bi:", "biː"),
        ("lɔ\u0303 l\u00f5", "lɔ\u0303 lo\u0303"),
        ("çə", "çə"),
        ("c\u0327ə", "çə"),
    ],
)
def test_ipa_is_brought_to_the_signs_of_voices(written: str, tidy: str) -> None:
    assert tidy_ipa(written, "en-us") == tidy
    assert tidy_ipa(tidy, "en-us") == tidy


def test_r_is_kept_where_it_is_one() -> None:
    assert tidy_ipa("ˈroxo", "es") == "rˈoxo"


@pytest.mark.parametrize("text", ["cats", "dogs", "horses", "churches", "maps", "judges", "laughs"])
def test_plurals(text: str) -> None:
    phonemize = EspeakPhonemizer()
    singular = text[:-2] if text.endswith(("ches", "ses", "ges")) else text[:-1]
    singular = {"hors": "horse", "judg": "judge"}.get(singular, singular)
    assert with_s(phonemize(singular)) == phonemize(text)


# -- PLS ----------------------------------------------------------------------------------------------

ROOT = (
    '<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" '
    'alphabet="ipa" xml:lang="en-US">'
)


def test_pls() -> None:
    """The examples of the recommendation, sections 4.5 to 4.9."""
    content = f"""<?xml version="1.0" encoding="UTF-8"?>
{ROOT}
  <meta name="author" content="no one"/>
  <metadata><rdf><about>ignored</about></rdf></metadata>
  <lexeme><grapheme>Siobhan</grapheme><grapheme>Siobhán</grapheme>
    <phoneme>ʃɪˈvɔːn</phoneme><example>Siobhan left.</example></lexeme>
  <lexeme><grapheme>W3C</grapheme><alias>World Wide Web Consortium</alias></lexeme>
  <lexeme><grapheme>read</grapheme><phoneme>ɹiːd</phoneme>
    <phoneme prefer="true" alphabet="ipa">ɹɛd</phoneme></lexeme>
</lexicon>""".encode()
    lexicon = read_pls(content, "names.pls")
    assert [(e.word, e.phonemes, e.respelled, e.where) for e in lexicon.entries] == [
        ("Siobhan", "ʃɪˈvɔːn", "", "names.pls, line 5"),
        ("Siobhán", "ʃɪˈvɔːn", "", "names.pls, line 5"),
        ("W3C", "", "World Wide Web Consortium", "names.pls, line 7"),
        ("read", "ɹɛd", "", "names.pls, line 8"),
    ]


@pytest.mark.parametrize("suffix", [".pls", ".XML"])
def test_pls_is_told_by_its_name(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"names{suffix}"
    path.write_text(
        f"{ROOT}<lexeme><grapheme>a</grapheme><phoneme>ə</phoneme></lexeme></lexicon>", "utf-8"
    )
    assert load_lexicon(path).entries[0].phonemes == "ə"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("<lexicon/>", "line 1: <lexicon> cannot stand as the root; it is <lexicon> of http"),
        (f"{ROOT}<rule/></lexicon>", "line 1: <rule> cannot stand in <lexicon>"),
        (f"{ROOT}<lexeme>\n<alias>b</alias></lexeme></lexicon>", "line 1: a <lexeme> without a <grapheme>"),
        (f"{ROOT}<lexeme><grapheme>a</grapheme></lexeme></lexicon>", "without a <phoneme> or <alias>"),
        (f"{ROOT}<lexeme><grapheme/><alias>b</alias></lexeme></lexicon>", "an empty <grapheme>"),
        (f"{ROOT}<lexeme><grapheme>a</grapheme><phoneme> </phoneme></lexeme></lexicon>",
         "an empty <phoneme>"),
        (f"{ROOT}<lexeme><grapheme>a</grapheme><phoneme alphabet='x-sampa'>E</phoneme></lexeme></lexicon>",
         "the alphabet 'x-sampa': only 'ipa' can be read"),
        (f"{ROOT}<lexeme role='claws:VVI'><grapheme>a</grapheme><alias>b</alias></lexeme></lexicon>",
         "the attribute 'role' of <lexeme> is not supported"),
        (f"{ROOT}<lexeme>words</lexeme></lexicon>", "text in <lexeme>: 'words'"),
        (f"{ROOT}\n<lexeme>", "line 2: not XML: no element found"),
        (f"<!DOCTYPE lexicon>\n{ROOT}</lexicon>", "line 1: a document type declaration, which is refused"),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>' + f"{ROOT}&b;</lexicon>",
         "a document type declaration, which is refused"),
        (f"{ROOT}&b;</lexicon>", "not XML: undefined entity"),
        ("<?xml version='1.0' encoding='klingon'?><a/>", "not XML: unknown encoding"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_pls(content: str, fault: str) -> None:
    with pytest.raises(LexiconError) as caught:
        read_pls(content.encode(), "names.pls")
    assert str(caught.value).startswith("names.pls: ")
    assert fault in str(caught.value)


def test_all_faults_of_pls_are_told_at_once() -> None:
    content = f"{ROOT}\n<rule/>\n<lexeme>\n<grapheme>a</grapheme></lexeme>\n<other/></lexicon>"
    with pytest.raises(LexiconError, match=r"3 faults: line 2: .*; line 3: .*; line 5: "):
        read_pls(content.encode(), "names.pls")


def test_deep_pls_takes_no_stack() -> None:
    content = f"{ROOT}<metadata>{'<a>' * 50_000}{'</a>' * 50_000}</metadata></lexicon>"
    assert read_pls(content.encode()) == Lexicon()
