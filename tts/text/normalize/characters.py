"""Unicode clean-up: any text to letters, digits, and the few signs that the rules know.

`sayable` is the one place that decides what a character becomes, so that the warning about characters that
cannot be spoken and the text that is spoken never disagree.
"""

import re
import unicodedata

__all__ = ["clean", "is_speakable", "sayable"]

# Each character of a key becomes the value.
_TABLE: dict[str, str] = {
    character: plain
    for characters, plain in {
        "“”„‟«»″「」『』〝〞": '"',
        "‘’‚‛‹›′´ʼʻʹ": "'",
        "‐‑": "-",
        "‒–": "–",
        "—―⸺⸻": "—",
        "。": ". ",
        "、": ", ",
        "،": ",",
        "؛": ";",
        "؟": "?",
        "[{【〈": "(",
        "]}】〉": ")",
        "µ": "μ",
        # Marks of layout are silent, and so are the signs that open a Spanish question.
        "`•‣▪●○■□◦⁃·†‡|¦¨¯¸¡¿": " ",
        "⁰": "^0", "¹": "^1", "⁴": "^4", "⁵": "^5", "⁶": "^6", "⁷": "^7", "⁸": "^8", "⁹": "^9",
        "⁻": "^-", "ẞ": "SS",
    }.items()
    for character in characters
}  # fmt: skip

# Signs that a rule speaks, besides all of printable ASCII.
_SIGNS = frozenset("…−$£€¥¢₹₩₽₿°±×÷≈≠≤≥√∞→⁄§¶©®™№²³μ")
_ASCII = frozenset(map(chr, range(0x20, 0x7F)))

# The English rules of eSpeak NG read these: the letters of Latin-1 and Latin Extended-A.
_LETTERS = frozenset(
    c for c in map(chr, range(0xC0, 0x180)) if unicodedata.category(c) in ("Lu", "Ll")
)
_KNOWN = _ASCII | _SIGNS | _LETTERS | frozenset("–—")

_ELLIPSIS = re.compile(r"\.{3,}|\. \. \.(?: \.)?")
_BULLET = re.compile(r"^\s*[-–*—]+\s+")
_DASH = re.compile(
    r"(?<![0-9 ]) +[-–] +|(?<=[0-9]) +[-–] +(?![0-9 ])|-{2,}|(?<=[^\W\d])–(?=\w)|–(?=\s)|(?<=\s)–(?![\d.$£€])"
)
# An apostrophe that begins a word is a quote, unless letters were left out there.
_QUOTE = re.compile(
    r"(?<![\w'])'(?!(?:tis|twas|twere|twill|em|cause|til|till|n|bout|round|[0-9]0s|[0-9]{2}(?!'))\b)(?=\w)"
    r"|(?<=[\w.,!?;:…])'(?!\w)",
    re.IGNORECASE,
)


def sayable(character: str) -> str | None:
    """What one character becomes before the rules see it, or None when it cannot be spoken.

    An empty string or a space means that the character is legitimately silent.
    """
    if character in _TABLE:
        return _TABLE[character]
    if character in _KNOWN:
        return character
    category = unicodedata.category(character)
    if (character.isspace() and category != "Cc") or character in "\t\n\v\f\r\x85":
        return " "
    if category == "Nd":
        return str(unicodedata.digit(character))
    # Joiners, soft hyphens, marks of direction and variation; accents that follow their letter.
    if category == "Cf" or "\ufe00" <= character <= "\ufe0f" or "\u0300" <= character <= "\u036f":
        return ""
    if "\u0370" <= character <= "\u03ff" and category in ("Lu", "Ll"):
        return _greek(character)
    return _decomposed(character)


def is_speakable(character: str) -> bool:
    """Whether a character is spoken or legitimately silent."""
    return sayable(character) is not None


def clean(text: str) -> str:
    """The text in letters, digits and known signs; what cannot be spoken becomes a space."""
    text = unicodedata.normalize("NFC", text)
    table: dict[int, str] = {}
    for character in set(text):
        plain = sayable(character)
        table[ord(character)] = " " if plain is None else plain
    text = " ".join(text.translate(table).split())
    text = _DASH.sub(" — ", _BULLET.sub("", _ELLIPSIS.sub("…", text)))
    return " ".join(_single_quotes(text).split())


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
