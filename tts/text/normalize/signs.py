"""Addresses on the web, and the signs that have a name."""

import re

from tts.text.normalize.rule import Rule

__all__ = ["LAST_RULES", "RULES"]

_SIGNS: dict[str, str] = {
    "&": "and", "+": "plus", "=": "equals", "@": "at", "%": "percent", "#": "number",
    "°": "degrees", "±": "plus or minus", "×": "times", "÷": "divided by", "≈": "about",
    "≠": "is not equal to", "≤": "at most", "≥": "at least", "<": "less than",
    ">": "greater than", "√": "the square root of", "∞": "infinity", "→": "to", "⁄": "over",
    "§": "section", "¶": "paragraph", "©": "copyright", "®": "", "™": "", "№": "number",
    "²": "squared", "³": "cubed", "¢": "cents", "\\": "backslash",
}  # fmt: skip

_WEB = {
    ".": " dot ",
    "@": " at ",
    "/": " slash ",
    "-": " dash ",
    "_": " underscore ",
    ":": " colon ",
}


def _address(match: re.Match[str]) -> str:
    address = re.sub("^https?://", "", match.group(), flags=re.IGNORECASE)
    if address.lower().startswith("www."):
        address = "w w w." + address[4:]
    return "".join(_WEB.get(character, character) for character in address)


RULES = (
    Rule(
        "address",
        re.compile(
            r"(?<![\w@.])(?:https?://[^\s\"<>()]{1,300}[\w/]|www\.[\w.-]{1,200}\w(?:/[\w./-]{0,200}\w)?"
            r"|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"
            r"|[\w-]{1,63}\.(?:com|org|net|edu|gov|io)(?:/[\w./-]{0,200}\w)?(?![\w@]))",
            re.IGNORECASE,
        ),
        _address,
    ),
    Rule("sharp", re.compile(r"(?<=\b[CF])#"), lambda match: " sharp "),
    Rule("hashtag", re.compile(r"(?<![\w&#])#(?=[^\W\d])"), lambda match: "hashtag "),
    Rule("and or", re.compile(r"\band ?/ ?or\b", re.IGNORECASE), lambda match: "and or"),
    Rule("with", re.compile(r"(?<!\w)w/(?=\s)"), lambda match: "with "),
    Rule("without", re.compile(r"(?<!\w)w/o(?=\s)"), lambda match: "without "),
)

LAST_RULES = (
    Rule("slash", re.compile(r"(?<=[^\W_])\s?/\s?(?=[^\W_])"), lambda match: " slash "),
    Rule(
        "arrow",
        re.compile(r"(?<![-=])[-=]+>"),
        lambda match: " to ",
    ),
    Rule(
        "sign",
        re.compile("[" + re.escape("".join(_SIGNS)) + "]"),
        lambda match: f" {_SIGNS[match.group()]} ",
    ),
    # Marks of layout are silent. A hyphen or an apostrophe is left only inside a word.
    Rule("silent", re.compile(r"[*_^~|/\[\]{}]"), lambda match: " "),
    Rule("dash", re.compile(r"(?<=\w)[-–](?=\w)"), lambda match: "-"),
    Rule("no dash", re.compile(r"(?<!\w)[-–]|[-–](?!\w)"), lambda match: " "),
    Rule("no apostrophe", re.compile(r"(?<!\w)'(?!\w)"), lambda match: " "),
    Rule("empty", re.compile(r'\(\s*\)|""'), lambda match: " "),
    Rule("repeated", re.compile(r"([.,;:!?—…])(?:\s*\1)+"), lambda match: match.group(1)),
    Rule("spaced dash", re.compile(r"—"), lambda match: " — "),
    Rule("space before", re.compile(r"(?<!\s)\s+(?=[.,;:!?…)])"), lambda match: ""),
    Rule("space after", re.compile(r"(?<=\()\s+"), lambda match: ""),
)
