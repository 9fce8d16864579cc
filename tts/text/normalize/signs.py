"""The signs that have a name: of mathematics, of code, of layout."""

import re

from tts.text.normalize.rule import DIGITS, Pattern, Rule, words
from tts.text.normalize.variety import Variety

__all__ = ["LAST_RULES", "LAYOUT_RULES", "RULES", "SPOKEN", "sign_name"]

SPOKEN: dict[str, str] = {
    "&": "and", "+": "plus", "=": "equals", "@": "at", "%": "percent", "#": "number",
    "°": "degrees", "±": "plus or minus", "×": "times", "÷": "divided by", "≈": "about",
    "≠": "is not equal to", "≤": "is at most", "≥": "is at least", "<": "less than",
    ">": "greater than", "√": "the square root of", "∞": "infinity", "→": "to", "⁄": "over",
    "§": "section", "¶": "paragraph", "©": "copyright", "®": "", "™": "", "№": "number",
    "²": "squared", "³": "cubed", "¢": "cents", "\\": "backslash", "∑": "the sum of", "∏": "the product of",
    "∫": "the integral of", "∂": "partial", "∇": "nabla", "∈": "is in", "∉": "is not in", "∩": "intersection",
    "∪": "union", "⊂": "is a subset of", "∀": "for all", "∃": "there exists",
    "∅": "the empty set", "¬": "not",
    "∧": "and", "∨": "or", "∠": "angle", "⊥": "is perpendicular to", "∥": "is parallel to",
    "≡": "is equivalent to",
    "∝": "is proportional to", "∴": "therefore", "∵": "because", "⇒": "implies", "←": "from",
    "↔": "to and from",
    "‰": "per mille", "′": "prime", "″": "double prime", "♯": "sharp", "♭": "flat", "♮": "natural",
    "✓": "check", "✔": "check", "✗": "cross", "✘": "cross", "★": "star", "☆": "star", "♠": "spades",
    "♣": "clubs", "♥": "hearts", "♦": "diamonds", "↑": "up", "↓": "down", "℅": "care of", "℗": "copyright",
    "∆": "delta", "Ω": "omega", "∘": "of", "⋅": "times", "∙": "times", "⊕": "plus",
    "≪": "is much less than", "≫": "is much greater than",
}  # fmt: skip
"""What a sign is called where no rule reads it."""

# Operators of programming languages, which are spelled.
_OPERATORS: dict[str, str] = {
    "==": "equals equals", "===": "triple equals", "!=": "is not equal to", "!==": "is not equal to",
    "<=": "is at most", ">=": "is at least", "&&": "and", "||": "or", ":=": "becomes", "+=": "plus equals",
    "-=": "minus equals", "<<": "shift left", ">>": "shift right", "::": "colon colon", "=>": "to",
    "++": "plus plus",
}  # fmt: skip

# The name of a sign that is quoted alone.
_QUOTED: dict[str, str] = {
    ",": "comma", ";": "semicolon", ":": "colon", "!": "exclamation mark", "?": "question mark", "/": "slash",
    "-": "hyphen", "_": "underscore", "*": "asterisk", "~": "tilde", "^": "caret",
    "|": "vertical bar", "'": "apostrophe",
    "#": "hash", "@": "at sign", "&": "ampersand", "%": "percent sign", "$": "dollar sign",
    "=": "equals sign",
    "+": "plus sign", "\\": "backslash", "<": "less than sign", ">": "greater than sign",
}  # fmt: skip


def sign_name(sign: str, variety: Variety) -> str:
    """What a sign is called by itself; empty when it has no name here."""
    if sign == "!" and not variety.has_and:
        return "exclamation point"
    if sign == ".":
        return variety.stop
    if sign in ("(", ")"):
        return f"{'open' if sign == '(' else 'close'} {variety.brackets}"
    return _QUOTED.get(sign) or SPOKEN.get(sign, "")


def _quoted(match: re.Match[str], variety: Variety) -> str:
    return f'"{sign_name(match.group(1), variety)}"'


def _snake(match: re.Match[str], variety: Variety) -> str:
    return match.group().replace("_", " underscore ")


RULES = (
    Rule("and or", Pattern(r"\band ?/ ?or\b", re.IGNORECASE), "and or", needs=frozenset("/")),
    Rule("not applicable", Pattern(r"(?<!\w)[nN]/[aA](?!\w)"), "N A", needs=frozenset("/")),
    Rule("with", Pattern(r"(?<!\w)w/(?=\s|[a-z]{2})(?!o\b)"), "with ", needs=frozenset("/")),
    Rule("without", Pattern(r"(?<!\w)w/o(?=\s)"), "without ", needs=frozenset("/")),
    Rule(
        "quoted sign",
        Pattern(r"\"([.,;:!?/_*~^|'#@&%$=+\\<>()-])\""),
        _quoted,
        needs=frozenset('"'),
    ),
    Rule(
        "operator",
        Pattern(
            rf"(?<![=<>!&|+:-])(?:{words(*(o for o in _OPERATORS if o != '++'))})(?![=<>&|+:-])"
        ),
        lambda match, variety: f" {_OPERATORS[match.group()]} ",
        needs=frozenset("=&|<>:"),
    ),
    Rule(
        "markdown underline",
        Pattern(r"(?<!\w)_{1,2}(?=[^\W_])|(?<=[^\W_])_{1,2}(?!\w)"),
        " ",
        needs=frozenset("_"),
    ),
    Rule(
        "snake case", Pattern(r"[^\W_]{1,40}(?:_[^\W_]{1,40}){1,8}"), _snake, needs=frozenset("_")
    ),
    # 7 - 2 = 5: a dash between the numbers of an equation
    Rule(
        "difference",
        Pattern(r"(?<=[0-9A-Za-z)]) ?[-–−] ?(?=[0-9A-Za-z(][0-9A-Za-z().]{0,8} ?[=<>≤≥≈≠])"),
        " minus ",
        needs=frozenset("=<>≤≥≈≠"),
    ),
    Rule(
        "negative letter",
        Pattern(r"(?<=[=+*/(<>≤≥] )[-−](?=[a-z]\b)|(?<=[=(])[-−](?=[a-z]\b)"),
        " minus ",
        needs=frozenset("-−"),
    ),
    Rule(
        "product",
        Pattern(r"(?<=[0-9)]) ?\* ?(?=[0-9(])|(?<=[0-9)]) ?[⋅·] ?(?=[0-9(])"),
        " times ",
        needs=frozenset("*⋅·"),
    ),
    Rule(
        "division",
        Pattern(r"(?<=[0-9)]) / (?=[0-9(][0-9.]{0,8} ?=)|(?<=\)) ?/ ?(?=[0-9(])"),
        " divided by ",
        needs=frozenset("/"),
    ),
    Rule(
        "chess capture",
        Pattern(r"\b([KQRBN])?([a-h])?x(?=[a-h][1-8]\b)"),
        lambda match, variety: f"{' '.join(filter(None, match.groups()))} takes ",
        needs=DIGITS,
    ),
    Rule(
        "chess check",
        Pattern(r"(?<=\b[a-h][1-8])[+#]|(?<=[KQRBN][a-h][1-8])[+#]"),
        lambda match, variety: " check " if match.group() == "+" else " mate ",
        needs=frozenset("+#"),
    ),
    Rule(
        "chess move",
        Pattern(r"\b([KQRBN])([a-h]?)([a-h])([1-8])(?![\w])"),
        lambda match, variety: " ".join(filter(None, match.groups()[:3])) + f" {match.group(4)}",
        needs=DIGITS,
    ),
    Rule(
        "castling",
        Pattern(r"\b[O0]-[O0](-[O0])?(?!\w|-)"),
        lambda match, variety: "castles queenside" if match.group(1) else "castles kingside",
        needs=frozenset("-"),
    ),
)

# What is left of marks in the end, in any language.
LAYOUT_RULES: tuple[Rule, ...] = (
    # Marks of layout are silent. A hyphen or an apostrophe is left only inside a word.
    Rule("silent", Pattern(r"[*_^~|/\[\]{}]"), " ", needs=frozenset("*_^~|/[]{}")),
    Rule("dash", Pattern(r"(?<=\w)[-–](?=\w)"), "-", needs=frozenset("–")),
    Rule("no dash", Pattern(r"(?<!\w)[-–]|[-–](?!\w)"), " ", needs=frozenset("-–")),
    Rule("no apostrophe", Pattern(r"(?<!\w)'(?!\w)"), " ", needs=frozenset("'")),
    Rule("empty", Pattern(r'\(\s*\)|""'), " ", needs=frozenset('("')),
    Rule("repeated", Pattern(r"([.,;:!?—…])(?:\s*\1)+"), lambda match, variety: match.group(1)),
    Rule("spaced dash", Pattern(r"—"), " — ", needs=frozenset("—")),
    Rule("space before", Pattern(r"(?<!\s)\s+(?=[.,;:!?…)])"), ""),
    Rule("space after", Pattern(r"(?<=\()\s+"), "", needs=frozenset("(")),
)

LAST_RULES: tuple[Rule, ...] = (
    Rule("slash", Pattern(r"(?<=[^\W_])\s?/\s?(?=[^\W_])"), " slash ", needs=frozenset("/")),
    Rule("arrow", Pattern(r"(?<![-=])[-=]+>"), " to ", needs=frozenset(">")),
    Rule(
        "sign",
        Pattern("[" + re.escape("".join(SPOKEN)) + "]"),
        lambda match, variety: f" {SPOKEN[match.group()]} ",
        needs=frozenset(SPOKEN),
    ),
    *LAYOUT_RULES,
)
