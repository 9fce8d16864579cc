"""The choice of what turns spoken words into phonemes."""

from collections.abc import Callable
from typing import Literal, get_args

from tts.errors import PhonemizerError
from tts.text.phonemes import EspeakPhonemizer

__all__ = ["PHONEMIZERS", "PhonemizerName", "build_phonemizer"]

PhonemizerName = Literal["espeak", "builtin"]
"""eSpeak NG, for all its languages, or the lexicon and the model of this package, for en-us."""

PHONEMIZERS: tuple[PhonemizerName, ...] = get_args(PhonemizerName)

_BUILT_IN_LANGUAGE = "en-us"


def build_phonemizer(name: PhonemizerName, language: str) -> Callable[[str], str]:
    """What gives the phonemes of one sentence of spoken words; nothing is loaded before its first call.

    Raises:
        PhonemizerError: when nothing is built in for the language.
    """
    if name == "espeak":
        return EspeakPhonemizer(language)
    if language != _BUILT_IN_LANGUAGE:
        raise PhonemizerError(
            f"the built-in phonemizer speaks {_BUILT_IN_LANGUAGE}, not {language!r}",
            hint="choose the phonemizer espeak for other languages",
        )
    from tts.text.english import EnglishPhonemizer

    return EnglishPhonemizer()
