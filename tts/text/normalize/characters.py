"""Unicode clean-up: any text to letters, digits, and the signs that the rules know.

`sayable` is the one place that decides what a character becomes, so that the warning about characters that
cannot be spoken and the text that is spoken never disagree.
"""

import functools
import re
import unicodedata

from tts.text.languages import is_english
from tts.text.normalize import neutral
from tts.text.normalize.emoji import EMOJI, emoji_name
from tts.text.normalize.held import Written, hold
from tts.text.normalize.money import SIGNS as CURRENCY_SIGNS
from tts.text.normalize.signs import SPOKEN
from tts.text.normalize.traced import Origin, Traced

__all__ = ["clean", "is_speakable", "sayable"]

# Each character of a key becomes the value.
_TABLE: dict[str, str] = {
    character: plain
    for characters, plain in {
        "“”„‟«»″「」『』〝〞《》": '"',
        "‘’‚‛‹›´ʼʻʹ": "'",
        "‐‑": "-",
        "‒–": "–",
        "—―⸺⸻": "—",
        "。": ". ",
        "、": ", ",
        "،": ",",
        "؛": ";",
        "؟": "?",
        "।॥۔։።༎": ". ", "၊": ", ", "׀": "|", "־": "-", "׳": "'", "״": '"',
        "[{【〈": "(",
        "]}】〉": ")",
        "µ": "μ",
        # Marks of layout are silent, and so are the signs that open a Spanish question.
        "`•‣▪●○■□◦⁃·†‡¦¨¯¸¡¿": " ",
        "⁰": "^0", "¹": "^1", "⁴": "^4", "⁵": "^5", "⁶": "^6", "⁷": "^7", "⁸": "^8", "⁹": "^9",
        "⁻": "^-", "ẞ": "SS",
    }.items()
    for character in characters
}  # fmt: skip

# Signs that a rule speaks, besides all of printable ASCII.
_SIGNS = frozenset("…−μ") | CURRENCY_SIGNS | {sign for sign in SPOKEN if not sign.isascii()}
_ASCII = frozenset(map(chr, range(0x20, 0x7F)))

# The English rules of eSpeak NG read these: the letters of Latin-1 and Latin Extended-A.
_LETTERS = frozenset(
    c for c in map(chr, range(0xC0, 0x180)) if unicodedata.category(c) in ("Lu", "Ll")
)
_KNOWN = _ASCII | _SIGNS | _LETTERS | frozenset("–—")

# A character and the accents, vowel signs and jamo that may be composed with it.
_CLUSTER = re.compile(
    r"(?s).[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0900-\u0dff\u0e31-\u0eb9"
    r"\u0f18-\u0fbc\u1000-\u1064\u1160-\u11ff\u1ab0-\u1aff\u1b00-\u1b44\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f"
    r"\U00011000-\U00011fff]*"
)
_MANY_MARKS = 30  # at one letter: as many as Unicode's stream-safe text format has
_ELLIPSIS = re.compile(r"\.{3,}|\. \. \.(?: \.)?")
_DASHES = frozenset("-–*—")
_BULLET = re.compile(r"^\s*[-–*—]+\s+")
_DASH = re.compile(
    r"(?<![0-9 ]) +[-–] +|(?<=[0-9]) +[-–] +(?![0-9 ])|-{2,}|(?<=[^\W\d])(?<!\d[ap]m)"
    r"(?<!\d [ap]m)–(?=\w)|–(?=\s)|(?<=\s)–(?![\d.$£€])"
)
# An apostrophe that begins a word is a quote, unless letters were left out there.
_QUOTE = re.compile(
    r"(?<![\w'])'(?!(?:tis|twas|twere|twill|em|cause|til|till|n|bout|round|[0-9]0s|[0-9]{2}(?!'))\b)(?=\w)"
    r"|(?<=[\w.,!?;:…])'(?!\w)",
    re.IGNORECASE,
)


@functools.lru_cache(maxsize=4096)
def sayable(character: str, language: str = "en-us") -> str | None:
    """What one character becomes before the rules see it, or None when it cannot be spoken.

    An empty string or a space means that the character is legitimately silent.
    """
    composed = unicodedata.normalize("NFC", character)  # as `clean` sees it
    if composed != character:
        parts = [sayable(part, language) for part in composed]
        return None if None in parts else "".join(filter(None, parts))
    if not is_english(language):
        return _foreign(character, language)
    if character in _TABLE:
        return _TABLE[character]
    if character in _KNOWN:
        return character
    category = unicodedata.category(character)
    if _is_space(character):
        return " "
    if category == "Nd":
        return str(unicodedata.digit(character))
    # Joiners, soft hyphens, marks of direction and variation; accents that follow their letter.
    if category == "Cf" or "\ufe00" <= character <= "\ufe0f" or "\u0300" <= character <= "\u036f":
        return ""
    if "\U0001f3fb" <= character <= "\U0001f3ff":  # a skin tone
        return ""
    if "\U0001f1e6" <= character <= "\U0001f1ff":  # half a flag
        return f" {chr(ord(character) - 0x1F1E6 + ord('A'))} "
    if "\u0370" <= character <= "\u03ff" and category in ("Lu", "Ll"):
        return _greek(character)
    if EMOJI.fullmatch(character):
        name = emoji_name(character)
        return f" {name} " if name else None
    return _decomposed(character)


def _is_space(character: str) -> bool:
    """Whether it is white space; of the control characters, those of layout alone are."""
    return character in "\t\n\v\f\r\x85" or (
        character.isspace() and unicodedata.category(character) != "Cc"
    )


def is_speakable(character: str, language: str = "en-us") -> bool:
    """Whether a character is spoken or legitimately silent."""
    return sayable(character, language) is not None


def clean(text: str, language: str = "en-us", written: Written | None = None) -> Traced:
    """The text in letters, digits and known signs; what cannot be spoken becomes a space.

    Args:
        text: any text.
        language: a language code of eSpeak NG.
        written: forms that are held back, as inline phonemes are: there is a name for each.
    """
    traced = _sayable_parts(hold(_composed(text), written), language).squeezed()
    if ".." in traced.text or ". ." in traced.text:
        traced = traced.replaced(_ELLIPSIS, lambda match: "…")
    if not _DASHES.isdisjoint(traced.text):
        traced = traced.replaced(_BULLET, lambda match: "").replaced(_DASH, lambda match: " — ")
    if "'" in traced.text:
        traced = traced.rewritten(_single_quotes(traced.text))
    return traced.squeezed()


def _composed(text: str) -> Traced:
    """Letters and their accents as one character (NFC), wherever there is one."""
    traced = Traced.of(text)
    if text.isascii():
        return traced
    # To put marks in order takes the square of their number, and nobody reads so many.
    if len(text) > _MANY_MARKS and (marks := "".join(filter(unicodedata.combining, set(text)))):
        few = re.compile(f"([{marks}]{{{_MANY_MARKS}}})[{marks}]+")
        traced = traced.replaced(few, lambda match: match[1])
        text = traced.text
    if unicodedata.is_normalized("NFC", text):
        return traced
    parts = [(m.group(), m.start(), m.end()) for m in _CLUSTER.finditer(text)]
    composed = [unicodedata.normalize("NFC", part) for part, _, _ in parts]
    whole = unicodedata.normalize("NFC", text)
    if "".join(composed) != whole:  # never seen; then all comes from all
        return Traced(whole, [Origin(0, traced.origins[-1].end)] * len(whole))
    origins: list[Origin] = []
    for (part, start, end), plain in zip(parts, composed, strict=True):
        if part == plain:
            origins += traced.origins[start:end]
        else:
            place = Origin(traced.origins[start].start, traced.origins[end - 1].end)
            origins += [place] * len(plain)
    return Traced("".join(composed), origins)


def _sayable_parts(traced: Traced, language: str) -> Traced:
    """Each emoji by its name, which is English, each other character as what `sayable` makes of it."""
    if not traced.text.isascii() and is_english(language):
        traced = traced.replaced(EMOJI, _emoji, "emoji")
    said = {c: sayable(c, language) for c in set(traced.text)}
    strange = {c: " " if plain is None else plain for c, plain in said.items() if plain != c}
    if not strange:
        return traced
    if all(len(plain) == 1 and not plain.isalnum() for plain in strange.values()):
        return traced.rewritten(traced.text.translate({ord(c): strange[c] for c in strange}))
    texts: list[str] = []
    origins: list[Origin] = []
    for character, origin in zip(traced.text, traced.origins, strict=True):
        plain = strange.get(character, character)
        texts.append(plain)
        if plain == character or not any(map(str.isalnum, plain)):
            origins += [origin] * len(plain)
        else:
            origins += [Origin(origin.start, origin.end, "character")] * len(plain)
    return Traced("".join(texts), origins)


def _emoji(match: re.Match[str]) -> str:
    """A name, with commas that set it apart from words; a sign that the rules know stays."""
    if match.group() in SPOKEN:
        return match.group()
    name = emoji_name(match.group())
    return f" {name} " if name else match.group()


def _foreign(character: str, language: str) -> str | None:
    """`sayable` in a language that is not English: letters as they are, digits, and the marks of all."""
    plain = neutral.letter(character, language)
    if plain is not None:
        return plain
    if character in _TABLE:
        return _TABLE[character]
    if character in neutral.SIGNS or character in _KNOWN:
        return character
    if "\uff01" <= character <= "\uffee":  # a full-width mark, whose space is part of it
        plain = _decomposed(character)
        return f"{plain} " if plain is not None and plain in ",;:!?" else plain
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.digit(character))
    if _is_space(character):
        return " "
    return "" if category == "Cf" else None


def _decomposed(character: str) -> str | None:
    """A ligature, a full-width or circled character, a letter with a rare accent in plain characters."""
    parts = [
        _TABLE.get(part, part)
        for part in unicodedata.normalize("NFKD", character)
        if not unicodedata.combining(part)
    ]
    plain = "".join(parts)
    if not plain or plain == character or any(part not in _KNOWN for part in plain):
        return None
    # A half and a circled one stand apart from the digits beside them.
    return f" {plain} " if plain[0].isdigit() else plain


def _greek(character: str) -> str | None:
    """The name of a Greek letter."""
    name = unicodedata.name(character, "")
    letter = name.partition(" LETTER ")[2].partition(" WITH ")[0].lower()
    return f" {letter.removeprefix('final ').replace('lamda', 'lambda')} " if letter else None


def _single_quotes(text: str) -> str:
    """Single quotes around words as double ones; an apostrophe stays."""
    is_open = False

    def double(match: re.Match[str]) -> str:
        nonlocal is_open
        opens = not re.match(r"[\w.,!?;:…]", match.string[match.start() - 1 : match.start()])
        if opens == is_open:
            return match.group()
        is_open = opens
        return '"'

    return _QUOTE.sub(double, text)
