"""What `<say-as>` says: the kinds of W3C's note "SSML 1.0 say-as attribute values", and others in use."""

import itertools
import re
import unicodedata
from collections.abc import Callable

from tts.config import nearest
from tts.text.languages import is_english
from tts.text.normalize import normalize, variety_of
from tts.text.normalize.dates import spoken_date
from tts.text.normalize.fractions import spoken_fraction
from tts.text.normalize.numbers import NUMBER, cardinal, digits, number, ordinal
from tts.text.normalize.signs import sign_name
from tts.text.normalize.variety import Variety

__all__ = ["SAY_AS", "say_as"]

_MAX_CHARS = 1000  # nobody spells a book, and a sentence of names of letters is cut
_DATE_FORMATS = ("mdy", "dmy", "ymd", "md", "dm", "ym", "my", "d", "m", "y")
_CLOCK = re.compile(
    r"([01]?[0-9]|2[0-4])(?:[:.]([0-5][0-9])(?:[:.]([0-5][0-9]))?)? ?(?:([ap])\.?m?\.?)?",
    re.IGNORECASE,
)


def say_as(text: str, kind: str, form: str = "", language: str = "en-us") -> str:
    """The words for a text that is said to be of a kind.

    Args:
        text: what is written.
        kind: `interpret-as`, one of `SAY_AS`.
        form: `format`, which dates and times have.
        language: the language code of eSpeak NG. Only English has all kinds.

    Raises:
        ValueError: when the kind or the format is unknown, or the text is not written so.
    """
    if kind not in SAY_AS:
        raise ValueError(f"{kind!r} is not known{nearest(kind, SAY_AS)}")
    forms = _FORMS.get(kind, ("",))
    if form not in forms and not (kind == "telephone" and form.isdecimal()):
        known = ", ".join(filter(None, forms))
        raise ValueError(
            f"the format {form!r} of {kind!r} is not supported"
            + (f"; its formats are {known}" if known else "")
        )
    if not is_english(language) and kind not in _NEUTRAL:
        raise ValueError(f"{kind!r} is not supported in the language {language!r}")
    plain = " ".join(text.split())
    if len(plain) > _MAX_CHARS:
        raise ValueError(f"{kind!r} holds more than {_MAX_CHARS} characters")
    spoken = SAY_AS[kind](plain, form, language)
    if not spoken:
        raise ValueError(f"{plain!r} cannot be read as {kind!r}")
    return spoken


def _cardinal(text: str, form: str, language: str) -> str:
    if not re.fullmatch(rf"[-−+]?{NUMBER}", text) or not is_english(language):
        return text if re.fullmatch(r"[-−+]?[0-9]+", text) else ""
    sign = {"-": "minus ", "−": "minus ", "+": "plus "}.get(text[0], "")
    value = text.lstrip("-−+")
    plain = value.replace(",", "")
    if plain.isdecimal() and len(plain.lstrip("0")) <= 18:  # 007 is seven here
        return sign + cardinal(int(plain), variety_of(language))
    return sign + number(value, variety_of(language))


def _ordinal(text: str, form: str, language: str) -> str:
    match = re.fullmatch(r"([0-9]{1,18})(?:st|nd|rd|th|\.)?", text.replace(",", ""), re.IGNORECASE)
    return ordinal(int(match[1]), variety_of(language)) if match else ""


def _characters(text: str, form: str, language: str) -> str:
    """Letters, digits and signs one by one, by their names."""
    names = [_name(c, variety_of(language)) if is_english(language) else c for c in text]
    return " ".join(" ".join(names).split())


def _name(character: str, variety: Variety) -> str:
    if character.isdecimal():
        return digits(str(unicodedata.digit(character)))
    if character.isalpha():
        return character.upper()
    if character.isspace():
        return ","
    name = sign_name(character, variety)
    return name or unicodedata.name(character, "").lower().replace("-", " ")


def _digits(text: str, form: str, language: str) -> str:
    if not re.fullmatch(r"[0-9][0-9 ,.-]*", text):
        return ""
    plain = re.sub(r"[^0-9]", "", text)
    return digits(plain) if is_english(language) else " ".join(plain)


def _telephone(text: str, form: str, language: str) -> str:
    """Groups of digits with a breath between them; letters by their names."""
    text = re.sub(r"(?:\bext(?:ension)?\b\.?|(?<=[0-9 ])x(?= ?[0-9]))", "#", text, flags=re.I)
    if not re.fullmatch(r"\+?[0-9A-Za-z ().#*/-]*", text) or not any(map(str.isdigit, text)):
        return ""
    signs = {"+": "plus", "#": "extension", "*": "star"}
    variety = variety_of(language)
    groups = re.findall(r"[0-9]+|[A-Za-z]+|[+#*]", text)
    said = [
        signs[group] if group in signs
        else digits(group, variety.oh) if group[0].isdigit()
        else " ".join(group.upper())
        for group in groups
    ]  # fmt: skip
    joined = ", ".join(said)
    return re.sub(r"\b(plus|extension|star), ", r"\1 ", joined)


def _date(text: str, form: str, language: str) -> str:
    """A date by the order of its parts, which are parted by any mark; 20200403 as well."""
    variety = variety_of(language)
    form = form or ("dmy" if variety.day_first else "mdy")
    parts = re.findall(r"[0-9]+|[A-Za-z]+", re.sub(r"(?<=[0-9])(?:st|nd|rd|th)\b", "", text))
    widths = {"d": 2, "m": 2, "y": 4}
    cuts = list(itertools.accumulate((widths[part] for part in form), initial=0))
    if len(parts) == 1 < len(form) and len(parts[0]) == cuts[-1]:
        parts = [text[a:b] for a, b in itertools.pairwise(cuts)]
    if len(parts) != len(form):
        return ""
    return spoken_date(dict(zip(form, parts, strict=True)), variety)


def _time(text: str, form: str, language: str) -> str:
    match = _CLOCK.fullmatch(text)
    if not match or (form == "hms24" and match[4]) or (form == "hms12" and int(match[1]) > 12):
        return ""
    hour, minute, second, half = match.groups()
    written = f"{hour}:{minute or '00'}" + (f":{second}" if second else "")
    return normalize(f"{written} {half}m" if half else written, language)


def _fraction(text: str, form: str, language: str) -> str:
    match = re.fullmatch(r"(?:([0-9]{1,9})[ +])?([0-9]{1,9}) ?[/⁄] ?([0-9]{1,9})", text)
    return spoken_fraction(match[1], match[2], match[3], variety_of(language)) if match else ""


def _written(text: str, form: str, language: str) -> str:
    """By the rules for written text, which know units and money; there must be a number."""
    spoken = normalize(text, language)
    return spoken if any(map(str.isdigit, text)) and not any(map(str.isdigit, spoken)) else ""


SAY_AS: dict[str, Callable[[str, str, str], str]] = {
    "date": _date,
    "time": _time,
    "telephone": _telephone,
    "characters": _characters,
    "spell-out": _characters,
    "verbatim": _characters,
    "digits": _digits,
    "cardinal": _cardinal,
    "number": _cardinal,
    "ordinal": _ordinal,
    "fraction": _fraction,
    "unit": _written,
    "currency": _written,
}
"""How each kind of text is said."""

_FORMS: dict[str, tuple[str, ...]] = {
    "date": ("", *_DATE_FORMATS),
    "time": ("", "hms12", "hms24"),
    "characters": ("", "characters"),
    "telephone": ("",),  # or the code of a country, which tells nothing more of how to say it
}
_NEUTRAL = frozenset({"characters", "spell-out", "verbatim", "digits", "cardinal", "number"})
