"""Unicode clean-up: any text to letters, digits, and the few signs that the rules know.

`sayable` is the one place that decides what a character becomes, so that the warning about characters which
cannot be spoken and the text that is spoken never disagree.
"""

import re
import unicodedata

__all__ = ["clean", "is_speakable", "sayable"]

# What is written to the left of the colon becomes what is to the right of it, character by character.
_TABLE: dict[str, str] = {
    # quotes
    "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "″": '"', "「": '"', "」": '"',
    "『": '"', "』": '"', "〝": '"', "〞": '"',
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "‹": "'", "›": "'", "′": "'", "`": "'", "´": "'",
    "ʼ": "'", "ʻ": "'", "ʹ": "'",
    # dashes
    "‐": "-", "‑": "-", "‒": "–", "–": "–", "—": "—", "―": "—", "⸺": "—", "⸻": "—", "−": "−",
    # stops
    "…": "…", "。": ". ", "、": ", ", "¡": " ", "¿": " ", "‼": "!!", "⁇": "??", "⁈": "?!", "⁉": "!?",
    "؟": "?", "،": ",", "؛": ";", "·": " ",
    # brackets, and marks of layout that are silent
    "[": "(", "]": ")", "{": "(", "}": ")", "【": "(", "】": ")", "〈": "(", "〉": ")",
    "•": " ", "‣": " ", "▪": " ", "●": " ", "○": " ", "■": " ", "□": " ", "◦": " ", "⁃": " ",
    "†": " ", "‡": " ", "|": " ", "¦": " ", "¨": " ", "¯": " ", "¸": " ",
    # money
    "$": "$", "£": "£", "€": "€", "¥": "¥", "¢": "¢", "₹": "₹", "₩": "₩", "₽": "₽", "₿": "₿",
    # signs that have a name
    "°": "°", "±": "±", "×": "×", "÷": "÷", "≈": "≈", "≠": "≠", "≤": "≤", "≥": "≥", "√": "√",
    "∞": "∞", "→": "→", "⁄": "⁄", "§": "§", "¶": "¶", "©": "©", "®": "®", "™": "™", "№": "№",
    "²": "²", "³": "³", "µ": "μ", "ª": "a", "º": "o",
    # letters without a decomposition into ASCII
    "ʔ": "'", "ə": "uh", "ẞ": "SS", "ƒ": "f",
}  # fmt: skip

# Printable ASCII that goes through as it is; what the rules have no word for is dropped in the end.
_ASCII = frozenset(map(chr, range(0x20, 0x7F)))

# eSpeak NG reads these in its English rules: Latin-1 and Latin Extended-A letters.
_LETTERS = frozenset(
    c for c in map(chr, range(0xC0, 0x180)) if unicodedata.category(c) in ("Lu", "Ll")
)

_QUOTE = re.compile(
    r"(?<![\w'])'(?!(?:tis|twas|twere|twill|twixt|em|cause|til|till|n|bout|round|neath|cept|[0-9]0s)\b)"
    r"(?=\w)|(?<=[\w.,!?;:])'(?!\w)",
    re.IGNORECASE,
)


def sayable(character: str) -> str | None:
    """What one character becomes before the rules see it, or None when it cannot be spoken.

    An empty string or a space means that the character is legitimately silent.
    """
    if character in _TABLE:
        return _TABLE[character]
    if character in _ASCII or character in _LETTERS:
        return character
    category = unicodedata.category(character)
    if character.isspace() or category in ("Zs", "Zl", "Zp"):
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
    text = text.translate(table)
    text = re.sub(r"\.{3,}|(?:\. ){2,}\.(?!\w)", "…", text)
    text = re.sub(r"(?<![-\w])[-–](?= )|(?<= )[-–](?![-\w])|-{2,}|(?<=[^\W\d])–(?=\w)", " — ", text)
    return " ".join(_single_quotes(text).split())


def _decomposed(character: str) -> str | None:
    """A compatibility form in known characters: a ligature, a full-width or a circled character."""
    parts = [
        part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part)
    ]
    if parts == [character]:
        return None
    plain = [_TABLE.get(part, part) for part in parts]
    if not parts or any(part not in _TABLE and part not in _ASCII for part in parts):
        return None
    joined = "".join(plain)
    # A half, a circled one: apart from the digits beside it.
    return f" {joined} " if joined[0].isdigit() else joined


def _greek(character: str) -> str | None:
    name = unicodedata.name(character, "")
    letter = name.partition(" LETTER ")[2].partition(" WITH ")[0].lower()
    return f" {letter.removeprefix('final ')} " if letter else None


def _single_quotes(text: str) -> str:
    """Single quotes around words as double ones; an apostrophe stays."""
    is_open = False

    def double(match: re.Match[str]) -> str:
        nonlocal is_open
        before = match.string[match.start() - 1 : match.start()]
        opens = not before or not (before.isalnum() or before in ".,!?;:")
        if opens == is_open:
            return match.group()
        is_open = opens
        return '"'

    return _QUOTE.sub(double, text)
