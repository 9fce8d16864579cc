"""Spoken words to IPA, by eSpeak NG through `phonemizer`."""

import contextlib
import itertools
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tts.config import nearest
from tts.errors import PhonemizerError
from tts.text.languages import is_english

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

__all__ = ["EspeakPhonemizer"]

# eSpeak NG keeps the path of its data in a buffer of 160 bytes, appends file names to it, cuts it when it
# is longer, and then ends the process because the files are not there.
_MAX_DATA_PATH = 120

# joblib, which phonemizer imports, sets this variable for its own processes.
_OF_JOBLIB = "KMP_INIT_AT_FORK"

# Marks that end a clause. A dot, comma or colon inside a number does not.
_BREAK = re.compile(r"((?:[;!?—…]|(?<!\d)[.,:]|[.,:](?!\d))+)")
# Marks that stand around words without ending a clause.
_WRAP = re.compile(r'(["()]+)')
_UNHEARABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
# eSpeak NG names the retroflex sounds of Mandarin with a dot, which would be taken for a full stop.
_DOTTED = {"s.": "ʂ", "z.": "ʐ", "i.": "ɨ"}
_DOT = re.compile(r"([szi]?)[.,;:!?]")

_TIES = re.compile(r"[_\u035c\u0361\u200d]+")

# The name of the letter, where eSpeak NG would say the article: a m, the A team, A B C. A hyphen tells it.
_LETTER_A = re.compile(r"(?<![\w'-])(?:a(?= m\b)|(?<=[\w] )A(?! [A-Z]{2})(?= |$)|A(?= [B-HJ-Z]\b))")

# eSpeak NG loses the end of a word of more than about 130 letters.
_GIANT_WORD = re.compile(r"(\S{60})(?=\S)")


class EspeakPhonemizer:
    """Turns spoken words into IPA, with stress and punctuation kept in place.

    The library keeps its state in global variables, so two threads must never be inside the same copy of it.
    Each call borrows an idle backend (a private copy of the library, made when none is idle) and gives it
    back: a thread always works alone on one, and there are never more than the threads that spoke at once.

    Args:
        language: a language code of eSpeak NG.

    Raises:
        PhonemizerError: when the first call finds that eSpeak NG cannot be loaded or lacks the language.
    """

    def __init__(self, language: str = "en-us") -> None:
        self.language = language
        self._idle: list[Any] = []  # append and pop are atomic
        self._data_copy: TemporaryDirectory[str] | None = None
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {"language": self.language}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["language"])  # type: ignore[misc]

    def __call__(self, text: str) -> str:
        """The phonemes of one sentence of spoken words, on one line."""
        text = _UNHEARABLE.sub(" ", text)
        with self._backend() as backend:
            parts = _BREAK.split(text)
            # re.split gives clause, marks, clause, marks, ..., clause
            spoken = [
                part if i % 2 else self._clause(backend, part) for i, part in enumerate(parts)
            ]
        return " ".join("".join(spoken).split())

    def _clause(self, backend: Any, clause: str) -> str:
        """The phonemes of a clause, with its outer spaces and its quotes and brackets in place.

        eSpeak NG must see the clause whole: cut at the quotes, the first word of `a "thing"` would be spoken
        as the name of a letter. But it joins some words ("of the"), so quotes cannot be put back by counting
        words. Each of several runs between marks is phonemised alone as well, which tells how many of the
        clause's tokens belong to it; where the counts disagree, the runs are spoken alone.
        """
        parts = _WRAP.split(clause)
        runs = parts[0::2]
        phonemes = [_ipa(backend, run) for run in runs]
        if len([run for run in runs if run.strip()]) > 1:
            whole = _ipa(backend, " ".join(runs)).split()
            counts = [len(alone.split()) for alone in phonemes]
            if sum(counts) == len(whole):
                tokens = iter(whole)
                phonemes = [" ".join(itertools.islice(tokens, count)) for count in counts]
        parts[0::2] = map(_pad, phonemes, runs)
        return "".join(parts)

    @contextlib.contextmanager
    def _backend(self) -> Iterator[Any]:
        try:
            backend = self._idle.pop()
        except IndexError:
            backend = self._build()
        try:
            yield backend
        finally:
            self._idle.append(backend)

    def _build(self) -> Any:
        """One more backend: a private copy of the library, with data."""
        import logging  # here, as what follows, for the quick import of the text path

        was_set = _OF_JOBLIB in os.environ
        try:
            import espeakng_loader
            from phonemizer.backend import EspeakBackend
            from phonemizer.backend.espeak.wrapper import EspeakWrapper
        except ImportError as error:
            raise PhonemizerError(
                f"the phonemizer cannot be loaded: {error}",
                hint="pip install phonemizer espeakng-loader; US English is spoken without them too, "
                "with --phonemizer builtin",
            ) from None
        if not was_set:  # the environment is the user's, and that of the programs that he starts
            os.environ.pop(_OF_JOBLIB, None)
        library = Path(espeakng_loader.get_library_path())
        try:
            data = self._short_path(Path(espeakng_loader.get_data_path()))
        except (RuntimeError, OSError) as error:
            raise PhonemizerError(
                f"the data of eSpeak NG cannot be used: {error}",
                hint="pip install --force-reinstall espeakng-loader",
            ) from None
        # Without these files the C code would end the process instead of returning an error.
        for path in (library, data / "phontab", data / "phondata", data / "phonindex"):
            if not path.is_file():
                raise PhonemizerError(
                    f"{path}: this file of eSpeak NG is missing",
                    hint="pip install --force-reinstall espeakng-loader",
                )
        if not hasattr(EspeakWrapper, "set_data_path"):
            raise PhonemizerError(
                "this release of phonemizer cannot be told where the data of eSpeak NG is",
                hint="pip install 'phonemizer>=3.4'",
            )
        # An unregistered logger: phonemizer would otherwise reset the handlers of a global one.
        logger = logging.Logger("tts.text.phonemes", logging.CRITICAL + 1)
        with self._lock:
            EspeakWrapper.set_library(str(library))
            EspeakWrapper.set_data_path(str(data))
            try:
                languages = EspeakBackend.supported_languages()
                if self.language not in languages:
                    raise PhonemizerError(
                        f"eSpeak NG does not know the language {self.language!r}"
                        f"{nearest(self.language, languages)}",
                        hint="English is en-us; any language code of eSpeak NG is possible",
                    )
                return EspeakBackend(
                    self.language,
                    with_stress=True,
                    language_switch="remove-flags",
                    logger=logger,
                )
            except (RuntimeError, OSError) as error:
                raise PhonemizerError(
                    f"eSpeak NG cannot be loaded from {library}: {error}",
                    hint="pip install --force-reinstall espeakng-loader",
                ) from None

    def _short_path(self, data: Path) -> Path:
        """The data's path, or that of a temporary copy when it is too long for eSpeak NG.

        A link would not do: phonemizer resolves it.
        """
        if len(str(data.resolve()).encode()) <= _MAX_DATA_PATH:
            return data
        with self._lock:
            if self._data_copy is None:
                import shutil
                import tempfile

                folder = tempfile.TemporaryDirectory(prefix="espeak-")
                copy = Path(folder.name).resolve() / "espeak-ng-data"
                if len(str(copy).encode()) > _MAX_DATA_PATH:
                    raise PhonemizerError(
                        f"{data}: this path is too long for eSpeak NG, and so is {copy}",
                        hint="set TMPDIR to a folder with a short path",
                    )
                shutil.copytree(data, copy)
                self._data_copy = folder
            return Path(self._data_copy.name).resolve() / "espeak-ng-data"


def _ipa(backend: Any, words: str) -> str:
    """The phonemes of words without punctuation, joined by single spaces."""
    words = " ".join(words.split())
    if is_english(backend.language):
        words = _LETTER_A.sub("A-", words)
    words = _GIANT_WORD.sub(r"\1 ", words)
    if not words:
        return ""
    lines = backend.phonemize([words], strip=True)
    phonemes = _DOT.sub(lambda dotted: _DOTTED.get(dotted[0], dotted[1]), " ".join(lines))
    return " ".join(_TIES.sub("", phonemes).split())


def _pad(phonemes: str, clause: str) -> str:
    """The phonemes of a clause with a space where the clause begins or ends with one."""
    if not phonemes:
        return " " if clause else ""
    before = " " if clause[:1].isspace() else ""
    after = " " if clause[-1:].isspace() else ""
    return f"{before}{phonemes}{after}"
