"""The languages of eSpeak NG: which there are, which are English, and which one a tag of the web means."""

import functools
import re
from pathlib import Path

from tts.config import nearest
from tts.errors import PhonemizerError

__all__ = ["check_language", "is_english", "language_of_tag", "languages"]

# What the web calls otherwise than eSpeak NG does (BCP 47; Mandarin and Cantonese are kinds of Chinese).
_RENAMED = {"zh": "cmn", "zh-hk": "yue", "zh-yue": "yue", "no": "nb", "iw": "he", "in": "id"}
_IDENTIFIER = re.compile(r"^language +(\S+)", re.MULTILINE)

# What English asks of eSpeak NG is there in any release of it.
_ALWAYS = frozenset({"en-us", "en-gb"})


def is_english(language: str) -> bool:
    """Whether the conventions of English are those of a language code."""
    return language == "en" or language.startswith("en-")


@functools.lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """The language codes of eSpeak NG, read from its data, without the library itself.

    Raises:
        PhonemizerError: when its data is not there.
    """
    try:
        import espeakng_loader
    except ImportError as error:
        raise PhonemizerError(
            f"the phonemizer cannot be loaded: {error}",
            hint="pip install phonemizer espeakng-loader",
        ) from None
    try:
        data = Path(espeakng_loader.get_data_path())
        files = [path for path in (data / "lang").rglob("*") if path.is_file()]
        # The first code of a file is the one that is its own.
        found = (_IDENTIFIER.search(path.read_text("utf-8", "replace")) for path in files)
        return tuple(sorted({match[1] for match in found if match}))
    except (RuntimeError, OSError) as error:
        raise PhonemizerError(
            f"the data of eSpeak NG cannot be used: {error}",
            hint="pip install --force-reinstall espeakng-loader",
        ) from None


def check_language(language: str) -> None:
    """Refuses a code that eSpeak NG does not know. Raises PhonemizerError, with the nearest one."""
    if language not in _ALWAYS and language not in languages():
        raise PhonemizerError(
            f"eSpeak NG does not know the language {language!r}{nearest(language, languages())}",
            hint="English is en-us; any language code of eSpeak NG is possible",
        )


def language_of_tag(tag: str, default: str) -> str:
    """The language code of eSpeak NG for a tag such as "de-DE" or "zh-CN" (BCP 47).

    Args:
        tag: a language, with or without its region.
        default: the language of the voice, which a tag without a region means where it is of that language.

    Raises:
        PhonemizerError: when eSpeak NG has none such.
    """
    plain = tag.strip().lower()
    primary = plain.partition("-")[0]
    own = default.partition("-")[0]
    if plain == default.lower() or (plain == primary and _RENAMED.get(primary, primary) == own):
        return default
    known = {language.lower(): language for language in languages()}
    for candidate in (plain, _RENAMED.get(plain), primary, _RENAMED.get(primary)):
        if candidate in known:
            return known[candidate]
    # "en" and "fr" are there with a region only.
    regional = {"en": "en-us", "fr": "fr-fr"}.get(primary)
    if regional in known:
        return str(regional)
    raise PhonemizerError(
        f"eSpeak NG does not know the language {tag!r}{nearest(plain, known)}",
        hint="English is en-us; any language code of eSpeak NG is possible",
    )
