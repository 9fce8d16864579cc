"""English without eSpeak NG: literal output, the lexicon, the forms of words, imports, strange input."""

import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.errors import PhonemizerError
from tts.text import ENGLISH_IPA, EspeakPhonemizer, SymbolTable, TextFrontEnd, build_phonemizer
from tts.text.english import EnglishPhonemizer, Lexicon, WordReader, built_in_lexicon

SENTENCES = {
    "Hello, world!": "həlˈoʊ, wˈɜːld!",
    "three point one four": "θɹˈiː pˈɔɪnt wˈʌn fˈɔːɹ",
    "the book, the apple": "ðə bˈʊk, ðɪ ˈæpəl",
    "of the in the": "ʌvðɪ ɪnðə",
    "to be heard, to Ann, up to": "təbi hˈɜːd, tʊ ˈæn, ˌʌp tuː",
    "other arts, other books": "ˈʌðɚɹ ˈɑːɹts, ˈʌðɚ bˈʊks",
    "it is what it was": "ɪɾ ɪz wʌt ɪt wʌz",
    "that cat. This is that.": "ðæt kˈæt. ðɪs ɪz ðˈæt.",
    # letters and initialisms, as the normaliser writes them
    "Nasa and the FBI": "nˈæsə ænd ðɪ ˌɛfbˌiːˈaɪ",
    "FBI's agents": "ˌɛfbˌiːˈaɪz ˈeɪdʒənts",
    "U S A today, five a m": "jˈuː ˈɛs ˈeɪ tədˈeɪ, fˈaɪv ˈeɪ ˈɛm",
    "the A team": "ðɪ ˈeɪ tˈiːm",
    "A man and a plan": "ɐ mˈæn ænd ɐ plˈæn",
    "vitamin C": "vˈaɪɾəmɪn sˈiː",
    # apostrophes, hyphens, accents
    "don't I'm O'Neill's": "dˈoʊnt aɪm oʊnˈiːlz",
    "the dogs' tails": "ðə dˈɑːɡz tˈeɪlz",
    "well-known re-enter": "wˈɛlnˈoʊn ɹˌiːˈɛntɚ",
    "mother-in-law": "mˈʌðɚɹɪnlˈɔː",
    "naïve": "naɪˈiːv",
    # what stands between words stays
    "What?! No… never.": "wˌʌt?! nˈoʊ… nˈɛvɚ.",
    "one — two—three": "wˈʌn — tˈuː—θɹˈiː",
    'a "thing" of the past': 'ɐ "θˈɪŋ" ʌvðə pˈæst',
    'he said "of the" end': 'hiː sˈɛd "ʌvðɪ" ˈɛnd',
    "dogs - cats": "dˈɑːɡz kˈæts",
    " two\nlines\t": "tˈuː lˈaɪnz",
    ".": ".",
    '"" ()': '"" ()',
    "": "",
    # what the normaliser would have written in words
    "3 B2": "θɹˈiː bˈiːtˈuː",
}

FORMS = {
    "cats": "kˈæts", "dogs": "dˈɑːɡz", "wishes": "wˈɪʃᵻz", "cities": "sˈɪɾiz", "cat's": "kˈæts",
    "dogs'": "dˈɑːɡz",
    "walked": "wˈɔːkt", "wished": "wˈɪʃt", "waited": "wˈeɪɾᵻd", "baked": "bˈeɪkt", "hissed": "hˈɪst",
    "waiting": "wˈeɪɾɪŋ", "baking": "bˈeɪkɪŋ", "stirring": "stˈɜːɹɪŋ", "catty": None,
    "happily": "hˈæpɪli", "sickness": "sˈɪknəs", "sickly": "sˈɪkli", "as": None, "sing": None,
}  # fmt: skip

KNOWN = {
    "cat": "kˈæt", "dog": "dˈɑːɡ", "wish": "wˈɪʃ", "city": "sˈɪɾi", "walk": "wˈɔːk", "wait": "wˈeɪt",
    "bake": "bˈeɪk", "hiss": "hˈɪs", "his": "hˈɪz", "stir": "stˈɜː", "happy": "hˈæpi", "full": "fˈʊl",
    "sick": "sˈɪk",
}  # fmt: skip


@pytest.mark.parametrize(("spoken", "phonemes"), SENTENCES.items())
def test_sentences(spoken: str, phonemes: str) -> None:
    assert EnglishPhonemizer()(spoken) == phonemes


@pytest.mark.parametrize(
    "spoken",
    [
        "Printing, then, for our purpose, may be considered as the art of making books.",
        "and they followed them very closely.",
        '"It was the best," she said, "of all the houses in the street."',
        "He asked for a glass of water, and the other man went out of the room.",
    ],
)
def test_plain_sentences_are_those_of_espeak(spoken: str) -> None:
    ours, theirs = EnglishPhonemizer()(spoken).split(), EspeakPhonemizer()(spoken).split()
    assert len(ours) == len(theirs)
    assert sum(a != b for a, b in zip(ours, theirs, strict=True)) <= 2


@pytest.mark.parametrize(("word", "ipa"), FORMS.items())
def test_forms_of_known_words(word: str, ipa: str | None) -> None:
    assert WordReader(KNOWN, lambda word: "?").known(word) == ipa


def test_what_no_rule_knows_is_read_by_its_letters() -> None:
    asked: list[str] = []

    def letters(word: str) -> str:
        asked.append(word)
        return f"<{word}>"

    read = WordReader(KNOWN, letters)
    assert read("zork") == "<zork>"
    assert read("zork's") == "<zork>z"
    assert read("brr") == "bˌiːˌɑːɹˈɑːɹ"  # nobody can say a word without a vowel
    assert "".join(read("za" * 100).split("<")).replace(">", "") == "za" * 100
    assert max(map(len, asked)) <= 40


def test_the_lexicon_finds_every_line(tmp_path: Path) -> None:
    words = {"a": "ɐ", "ab": "ˈæb", "abe": "ˈeɪb", "b": "bˈiː", "i'll": "aɪl", "zoo": "zˈuː"}
    path = tmp_path / "lexicon.txt"
    path.write_bytes(b"".join(sorted(f"{word} {ipa}\n".encode() for word, ipa in words.items())))
    lexicon = Lexicon(path)
    assert {word: lexicon.get(word) for word in words} == words
    assert [lexicon.get(word) for word in ("", "aa", "abc", "zoos", "zz", "ab ", "\ud800")] == [
        None
    ] * 7


def test_the_shipped_lexicon_is_sorted_and_in_symbols_of_voices() -> None:
    lines = (
        (Path(sys.modules["tts.text.english"].__file__).parent / "lexicon.txt")
        .read_bytes()
        .splitlines()
    )
    assert lines == sorted(lines)
    assert len(lines) > 50_000
    assert {c for line in lines for c in line.decode().partition(" ")[2]} <= set(ENGLISH_IPA)
    lexicon = built_in_lexicon()
    for line in lines[::500]:
        word, _, ipa = line.decode().partition(" ")
        assert lexicon.get(word) == ipa


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_gives_symbols_of_voices(text: str) -> None:
    assert set(EnglishPhonemizer()(text)) <= set(ENGLISH_IPA)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.from_regex(r"[a-zA-Z]{1,12}", fullmatch=True), min_size=1, max_size=5))
def test_no_word_is_dropped(words: list[str]) -> None:
    phonemize = EnglishPhonemizer()
    for word in words:
        assert phonemize(word)
    marked = phonemize(", ".join(words))
    assert all(marked.split(", "))
    assert marked.count(",") == len(words) - 1


def test_giants_end_in_time() -> None:
    phonemize = EnglishPhonemizer()
    assert phonemize("ba" * 2000).count("b") == 2000
    assert phonemize("bad " * 2000).count("b") == 2000


def test_threads_and_processes() -> None:
    phonemize = pickle.loads(pickle.dumps(EnglishPhonemizer()))
    alone = [phonemize(sentence) for sentence in SENTENCES]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(phonemize, list(SENTENCES) * 4)) == alone * 4


def test_the_front_end_speaks_without_the_other_libraries() -> None:
    code = (
        "import sys\n"
        "sys.modules.update(phonemizer=None, espeakng_loader=None)\n"
        "from tts.text import ENGLISH_IPA, SymbolTable, TextFrontEnd\n"
        "front_end = TextFrontEnd(SymbolTable(ENGLISH_IPA), phonemizer='builtin')\n"
        "(said,) = front_end.utterances('Dr. Xyloph paid for the dogs.')\n"
        "print(said.phonemes)\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("^dˈɑːktɚ zˈaɪl")
    assert done.stdout.endswith("pˈeɪd fɚðə dˈɑːɡz.$\n")


def test_the_choice() -> None:
    assert isinstance(build_phonemizer("espeak", "de"), EspeakPhonemizer)
    assert isinstance(build_phonemizer("builtin", "en-us"), EnglishPhonemizer)
    with pytest.raises(PhonemizerError, match="speaks en-us, not 'en-gb'") as e:
        TextFrontEnd(SymbolTable(ENGLISH_IPA), "en-gb", phonemizer="builtin")
    assert "espeak" in e.value.hint


def test_a_missing_espeak_tells_of_the_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(PhonemizerError, match="cannot be loaded") as e:
        EspeakPhonemizer()("hello")
    assert "--phonemizer builtin" in e.value.hint
