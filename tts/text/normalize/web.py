"""E-mail addresses, web addresses, file paths, hashtags and handles."""

import re

from tts.text.normalize.numbers import digits
from tts.text.normalize.rule import DOT_INSIDE, Pattern, Rule
from tts.text.normalize.variety import Variety

__all__ = ["RULES"]

_SIGNS = {
    ".": " dot ", "@": " at ", "/": " slash ", "-": " dash ", "_": " underscore ",
    ":": " colon ", "\\": " backslash ",
    "?": " question mark ", "=": " equals ", "&": " and ", "#": " hash ", "+": " plus ",
    "%": " percent ", "~": " tilde ",
}  # fmt: skip
_SIGN = re.compile("[" + re.escape("".join(_SIGNS)) + "]")

# Endings of file names that are said as words; the others are spelt.
_WORD_ENDINGS = frozenset((
    "doc", "zip", "app", "log", "dot", "text", "data", "mov", "bat", "bin", "com", "org", "net", "gov",
    "edu", "info", "json", "toml", "yaml",
))  # fmt: skip
_ENDINGS = (
    "pdf|txt|docx?|xlsx?|pptx?|csv|tsv|json|xml|html?|css|js|ts|py|rb|rs|go|java|c|h|cpp|exe|dll|zip|gz|tar|mp3|mp4|wav|flac|ogg"
    "|jpe?g|png|gif|svg|md|log|ini|cfg|toml|ya?ml|sh|bat|iso|mov|avi|epub"
)
_DOMAINS = "com|org|net|edu|gov|io|co|uk|info|dev|ai|app|eu|us|ca|de|fr|au|tv|me"
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9]{2})")


def _address(match: re.Match[str], variety: Variety) -> str:
    address = re.sub("^(?:https?|ftp)://", "", match.group(), flags=re.IGNORECASE)
    if address.lower().startswith("www."):
        address = "w w w." + address[4:]
    address = re.sub(
        r"\.(uk|us|eu|tv|fr)\b", lambda country: f".{country.group(1).upper()}", address.rstrip("/")
    )
    return _said(address)


def _said(written: str) -> str:
    """Each sign by its name, digits one by one."""
    written = re.sub(r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])", " ", written)
    written = re.sub(r"[0-9]{3,}|0[0-9]+", lambda run: digits(run.group()), written)
    return _SIGN.sub(lambda sign: _SIGNS[sign.group()], written)


def _file(match: re.Match[str], variety: Variety) -> str:
    """report_v2.pdf, /usr/bin/env: with the ending spelt unless it is a word."""
    path, dot, ending = match.group().rpartition(".")
    if dot and re.fullmatch(_ENDINGS, ending, re.IGNORECASE):
        return f"{_said(path)} dot {_ending(ending)}"
    return f" {_said(match.group())} "


def _ending(ending: str) -> str:
    if ending.lower() in _WORD_ENDINGS:
        return ending.lower()
    letters = ending.rstrip("0123456789")
    return _said(" ".join(letters.upper()) + ending[len(letters) :])


def _hashtag(match: re.Match[str], variety: Variety) -> str:
    return f"hashtag {_CAMEL.sub(' ', match.group(1)).replace('_', ' ')}"


def _handle(match: re.Match[str], variety: Variety) -> str:
    return f"at {_said(match.group(1))}"


RULES = (
    Rule(
        "address",
        Pattern(
            r"(?<![\w@.])(?:(?:https?|ftp)://[^\s\"<>()]{1,300}[\w/]|www\.[\w.-]{1,200}\w(?:/[\w./?=&#-]{0,200}[\w/])?"
            r"|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"
            rf"|[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,2}}\.(?:{_DOMAINS})(?:/[\w./?=&#-]{{0,200}}[\w/])?(?![\w@]|\.\w))",
            re.IGNORECASE,
        ),
        _address,
        needs=DOT_INSIDE,
    ),
    Rule(
        "file",
        Pattern(
            rf"(?<![\w@.])(?:[A-Za-z]:\\|~/|\.{{1,2}}/|/)?(?:[\w-]{{1,64}}[/\\]){{0,12}}[\w-]{{1,64}}\.(?:tar\.)?(?:{_ENDINGS})(?![\w@]|\.\w)"
        ),
        _file,
        needs=DOT_INSIDE,
    ),
    Rule(
        "path",
        Pattern(
            r"(?<![\w@.])(?:[A-Za-z]:\\(?:[\w.-]{1,64}\\?){0,12}|~/(?:[\w.-]{1,64}/?){1,12}"
            r"|(?<![\w<>)*])/(?:[\w.-]{1,64}/){1,12}[\w.-]{0,64}(?<![.-])|(?<![\w<>)*])/(?:usr|etc|home|var|tmp|bin|dev|opt)\b)"
        ),
        _file,
        needs=frozenset("/\\"),
    ),
    Rule("sharp", Pattern(r"(?<=\b[CF])#"), " sharp ", needs=frozenset("#")),
    Rule(
        "hashtag",
        Pattern(r"(?<![\w&#])#(?=[^\W\d])(?!(?=[a-fA-F]{1,5}[0-9])[0-9a-fA-F]{6}\b)(\w{1,100})"),
        _hashtag,
        needs=frozenset("#"),
    ),
    Rule(
        "handle",
        Pattern(r"(?<![\w@.])@(?=[A-Za-z_])(\w{1,50})(?![@])"),
        _handle,
        needs=frozenset("@"),
    ),
)
