"""IPA by eSpeak NG: literal output, threads, and what happens when it cannot be loaded."""

import logging
import multiprocessing
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import espeakng_loader
import pytest
from phonemizer.backend.espeak.wrapper import EspeakWrapper

from tts.errors import PhonemizerError
from tts.text import EspeakPhonemizer, normalize

PHONEMES = {
    "Hello, world!": "həlˈoʊ, wˈɜːld!",
    "five": "fˈaɪv",
    "three point one four": "θɹˈiː pˈɔɪnt wˈʌn fˈɔːɹ",
    "read the book, I read it": "ɹˈiːd ðə bˈʊk, aɪ ɹˈiːd ɪt",
    "of the in the": "ʌvðɪ ɪnðə",
    "NASA and the FBI": "nˈæsɐ ænd ðɪ ˌɛfbˌiːˈaɪ",
    "HELLO WORLD": "həlˈoʊ wˈɜːld",
    # apostrophes and hyphens
    "don't": "dˈoʊnt",
    "'tis the season": "tˈɪz ðə sˈiːzən",
    "the dogs' tails": "ðə dˈɑːɡz tˈeɪlz",
    "rock 'n' roll": "ɹˈɑːk ˈɛn ɹˈoʊl",
    "O'Neill's": "oʊnˈiːlz",
    "I I'm I'll": "aɪ aɪm aɪl",
    "well-known re-enter": "wˈɛlnˈoʊn ɹˌiːˈɛntɚ",
    "e-mail x-ray": "ˈiːmˈeɪl ˈɛksɹˈeɪ",
    # punctuation stays where it was
    "What?! No… never.": "wˌʌt?! nˈoʊ… nˈɛvɚ.",
    "...wait": "...wˈeɪt",
    "one — two—three": "wˌʌn — tˈuː—θɹˈiː",
    "one,two;three": "wˌʌn,tˈuː;θɹˈiː",
    "hello . world": "həlˈoʊ . wˈɜːld",
    ",leading comma": ",lˈiːdɪŋ kˈɑːmə",
    "the, apple": "ðə, ˈæpəl",
    "the apple": "ðɪ ˈæpəl",
    ":;": ":;",
    ".": ".",
    '"" ()': '"" ()',
    "": "",
    # quotes and brackets do not cut the clause
    '"Hello," he said, "don\'t go!"': '"həlˈoʊ," hiː sˈɛd, "dˈoʊnt ɡˈoʊ!"',
    'a "thing" of the past': 'ɐ "θˈɪŋ" ʌvðə pˈæst',
    'the "old" man': 'ðɪ "ˈoʊld" mˈæn',
    'he said "of the" end': 'hiː sˈɛd "ʌvðɪ" ˈɛnd',
    "(yes) no": "(jˈɛs) nˈoʊ",
    "yes (no)": "jˈɛs (nˈoʊ)",
    '(nested "quote" here)': '(nˈɛstᵻd "kwˈoʊt" hˈɪɹ)',
    # the letter A is not the article
    "three oh five a m": "θɹˈiː ˈoʊ fˈaɪv ˈeɪ ˈɛm",
    "the A team": "ðɪ ˈeɪ tˈiːm",
    "J A Smith": "dʒˈeɪ ˈeɪ smˈɪθ",
    "U S A today": "jˈuː ˈɛs ˈeɪ tədˈeɪ",
    "A man and a plan": "ɐ mˈæn ænd ɐ plˈæn",
    "THIS IS A TEST": "ðɪs ɪz ɐ tˈɛst",
    # foreign letters and sounds
    "Zürich café naïve": "zˈuːɹɪtʃ kæfˈeɪ naɪˈiːv",
    "loch croissant": "lˈɑːx kwˈɑːsɑ\u0303",
    # white space and characters that are no text
    " two\nlines\t": "tˈuː lˈaɪnz",
    "nul\x00and\ud800": "nˈʌl ænd",
}

SENTENCES = [
    normalize(f"{text} In {1900 + i} the {i}th of {i + 2} clerks said {text} again.")
    for i in range(3)
    for text in PHONEMES
]


@pytest.fixture(scope="module")
def phonemize() -> EspeakPhonemizer:
    return EspeakPhonemizer()


@pytest.fixture
def espeak_restored() -> Iterator[None]:
    """Undoes what a test that moves eSpeak NG leaves behind in phonemizer."""
    yield
    EspeakWrapper.set_library(espeakng_loader.get_library_path())
    EspeakWrapper.set_data_path(espeakng_loader.get_data_path())


@pytest.mark.parametrize(("text", "phonemes"), PHONEMES.items())
def test_table(phonemize: EspeakPhonemizer, text: str, phonemes: str) -> None:
    assert phonemize(text) == phonemes


def test_the_order_of_calls_changes_nothing(phonemize: EspeakPhonemizer) -> None:
    forward = [phonemize(sentence) for sentence in SENTENCES]
    backward = [phonemize(sentence) for sentence in reversed(SENTENCES)]
    assert forward == backward[::-1]


def test_punctuation_is_kept_in_order(phonemize: EspeakPhonemizer) -> None:
    marks = '.,;:!?—…"()'
    for sentence in SENTENCES:
        kept = [character for character in phonemize(sentence) if character in marks]
        assert kept == [character for character in sentence if character in marks]


def test_threads_give_what_one_thread_gives() -> None:
    phonemize = EspeakPhonemizer()
    alone = [phonemize(sentence) for sentence in SENTENCES]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(phonemize, SENTENCES * 4))
    assert together == alone * 4
    assert 1 <= len(phonemize._idle) <= 4


def test_one_thread_holds_one_backend() -> None:
    phonemize = EspeakPhonemizer()
    assert not phonemize._idle  # nothing is loaded before the first call
    phonemize("one")
    (backend,) = phonemize._idle
    phonemize("two")
    assert phonemize._idle == [backend]


def test_giant_words_and_long_clauses_are_whole(phonemize: EspeakPhonemizer) -> None:
    assert phonemize("ba" * 500).count("b") == 500
    assert phonemize("bad " * 2000).count("b") == 2000


def test_travels_between_processes(phonemize: EspeakPhonemizer) -> None:
    phonemize("warm")
    copy = pickle.loads(pickle.dumps(phonemize))
    assert copy("Hello, world!") == "həlˈoʊ, wˈɜːld!"


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_survives_a_fork(phonemize: EspeakPhonemizer) -> None:
    phonemize("warm")
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply(phonemize, ("Hello, world!",)) == "həlˈoʊ, wˈɜːld!"
    assert phonemize("Hello, world!") == "həlˈoʊ, wˈɜːld!"


def test_no_log_and_no_handler(phonemize: EspeakPhonemizer) -> None:
    logger = logging.getLogger("phonemizer")
    handler = logging.NullHandler()
    logger.addHandler(handler)
    try:
        EspeakPhonemizer()("nothing is reset")
        assert handler in logger.handlers
    finally:
        logger.removeHandler(handler)


def test_nothing_heavy_is_imported_before_the_first_call() -> None:
    code = (
        "import sys, tts.text\n"
        "tts.text.EspeakPhonemizer()\n"
        "print([m for m in ('phonemizer', 'espeakng_loader', 'num2words', 'torch') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


# -- what can be wrong --------------------------------------------------------------------------------


def test_unknown_language() -> None:
    with pytest.raises(
        PhonemizerError, match="does not know the language 'en-uk'; did you mean"
    ) as e:
        EspeakPhonemizer("en-uk")("hello")
    assert "en-us" in e.value.hint


def test_other_languages_speak() -> None:
    assert EspeakPhonemizer("de")("Guten Tag!") == "ɡˈuːtən tˈɑːk!"


@pytest.mark.parametrize("missing", ["phonemizer.backend", "espeakng_loader"])
def test_missing_package(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(PhonemizerError, match="the phonemizer cannot be loaded") as e:
        EspeakPhonemizer()("hello")
    assert "pip install" in e.value.hint


def test_old_phonemizer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(EspeakWrapper, "set_data_path")
    with pytest.raises(PhonemizerError, match="cannot be told where the data"):
        EspeakPhonemizer()("hello")


def test_missing_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Asked for its data in an empty folder, the C code would end the process."""
    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(tmp_path))
    with pytest.raises(PhonemizerError, match="phontab: this file of eSpeak NG is missing") as e:
        EspeakPhonemizer()("hello")
    assert "espeakng-loader" in e.value.hint


def test_no_data_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise RuntimeError("data path not exists")

    monkeypatch.setattr(espeakng_loader, "get_data_path", fail)
    with pytest.raises(PhonemizerError, match="the data of eSpeak NG cannot be used"):
        EspeakPhonemizer()("hello")


def test_missing_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(espeakng_loader, "get_library_path", lambda: str(tmp_path / "none.so"))
    with pytest.raises(PhonemizerError, match=r"none\.so: this file of eSpeak NG is missing"):
        EspeakPhonemizer()("hello")


@pytest.mark.usefixtures("espeak_restored")
def test_broken_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "broken.so"
    broken.write_bytes(b"no library")
    monkeypatch.setattr(espeakng_loader, "get_library_path", lambda: str(broken))
    with pytest.raises(PhonemizerError, match="eSpeak NG cannot be loaded from"):
        EspeakPhonemizer()("hello")


@pytest.mark.usefixtures("espeak_restored")
def test_long_data_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """eSpeak NG cuts a path after 160 bytes, so the data is copied to a shorter one."""
    folder = tmp_path / ("long" * 30) / "espeak-ng-data"
    other_languages = shutil.ignore_patterns("[!e]*_dict", "e[!n]_dict")
    shutil.copytree(espeakng_loader.get_data_path(), folder, ignore=other_languages)
    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(folder))
    phonemize = EspeakPhonemizer()
    assert phonemize("Hello, world!") == "həlˈoʊ, wˈɜːld!"
    assert phonemize._data_copy is not None
    # Where every path is long, there is nothing left but to say so.
    monkeypatch.setattr("tempfile.tempdir", str(folder.parent))
    with pytest.raises(PhonemizerError, match="too long for eSpeak NG") as e:
        EspeakPhonemizer()("hello")
    assert "TMPDIR" in e.value.hint
