"""Languages other than English: their codes, their clean-up, and numbers that eSpeak NG reads."""

import pytest

from tts.errors import PhonemizerError, UnspeakableWarning
from tts.text import (
    ENGLISH_IPA,
    ENGLISH_SYMBOLS,
    EspeakPhonemizer,
    SymbolTable,
    TextFrontEnd,
    check_language,
    corpus_symbols,
    language_of_tag,
    languages,
    normalize,
    split_sentences,
)


def test_the_languages_are_those_of_the_library() -> None:
    from phonemizer.backend import EspeakBackend

    EspeakPhonemizer()("a")  # which tells phonemizer where the library is
    assert set(languages()) == set(EspeakBackend.supported_languages())


def test_an_unknown_language_is_refused_with_the_nearest() -> None:
    check_language("de")
    with pytest.raises(PhonemizerError, match=r"language 'enus'; did you mean 'en-us'\?"):
        check_language("enus")


@pytest.mark.parametrize(
    ("tag", "default", "language"),
    [
        ("de-DE", "en-us", "de"),
        ("en", "en-gb", "en-gb"),
        ("en-US", "en-gb", "en-us"),
        ("en-AU", "de", "en-us"),
        ("zh-CN", "en-us", "cmn"),
        ("pt-BR", "en-us", "pt-br"),
        ("fr", "en-us", "fr-fr"),
        ("no", "en-us", "nb"),
    ],
)
def test_tags_of_the_web(tag: str, default: str, language: str) -> None:
    assert language_of_tag(tag, default) == language


def test_an_unknown_tag() -> None:
    with pytest.raises(PhonemizerError, match="does not know the language 'xx-YY'"):
        language_of_tag("xx-YY", "en-us")


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("de", "»3 Äpfel« – 3,50 € usw. -5 °C (*fett*) [a] ...", '"3 Äpfel" — 3,50 € usw. -5 °C (fett) (a)…'),
        ("de", "ﬁ ① Ａ", "fi 1 A"),
        ("el", "Τι κάνεις; Καλά· ναι", "Τι κάνεις? Καλά; ναι"),
        ("hi", "नमस्ते। ३", "नमस्ते. 3"),
        ("cmn", "“你好”，世界。３％", '"你好", 世界. 3%'),
        ("ja", "カナ、漢字", "カナ,"),  # whose readings eSpeak NG does not know
        ("fa", "می\u200cخواهم؟", "می\u200cخواهم?"),
        ("ca", "col·lecció", "col·lecció"),
        ("th", "น้ำ", "น้ำ"),
        ("uk", "м’я", "м'я"),
    ],
)  # fmt: skip
def test_what_all_languages_share(language: str, text: str, spoken: str) -> None:
    assert normalize(text, language) == spoken


@pytest.mark.parametrize(
    ("language", "text", "phonemes"),
    [
        ("de", "3", "dɾˈaɪ"),
        ("es", "3", "tɾˈes"),
        ("ru", "3", "trʲˈi"),
        ("cmn", "世界。三", "ʂˈɨ5 tɕˈiɛ5. sˈa5n"),  # no full stop inside of a sound
    ],
)
def test_numbers_and_letters_are_read_in_the_language(
    language: str, text: str, phonemes: str
) -> None:
    assert EspeakPhonemizer(language)(normalize(text, language)).startswith(phonemes)


def test_sentences_of_other_scripts() -> None:
    assert [s.text for s in split_sentences("नमस्ते। हाँ। ۔")][:2] == ["नमस्ते।", "हाँ।"]
    assert [s.text for s in split_sentences("你好。再见！")] == ["你好。", "再见！"]


def test_a_sign_without_a_name_is_named() -> None:
    front_end = TextFrontEnd(SymbolTable((*ENGLISH_IPA, "ʏ")), "de")
    with pytest.warns(UnspeakableWarning, match=r"2 characters .*'漢' U\+6F22 .* at character 5"):
        assert [u.phonemes for u in front_end.utterances("5 % 漢★")] == ["^fˈʏnf pɾoːtsˈɛnt$"]


def test_symbols_come_from_the_corpus() -> None:
    assert corpus_symbols("phonemes", "en-us", ["ɒ"]) == ENGLISH_IPA
    assert corpus_symbols("phonemes", "en-gb", ["^ɒa$"]) == (*ENGLISH_IPA, "ɒ")
    assert corpus_symbols("characters", "en-gb", ["^A$"]) == ENGLISH_SYMBOLS["characters"]
    assert corpus_symbols("mixed", "en-gb", ["ɒ"]) == (*ENGLISH_SYMBOLS["mixed"], "ɒ")
    russian = corpus_symbols("phonemes", "ru", ["^mʲˈir.$", "ʌ"])
    assert russian == (*ENGLISH_IPA[:18], "i", "m", "r", "ʌ", "ʲ")
    assert SymbolTable(russian).input == "phonemes"
