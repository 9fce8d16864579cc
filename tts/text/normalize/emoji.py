"""Emoji by their names: those of Unicode, and the short ones that people say where Unicode's are odd."""

import re
import unicodedata

__all__ = ["EMOJI", "emoji_name"]

_NAMES: dict[str, str] = {
    "❤": "red heart", "♥": "heart", "🧡": "orange heart", "💛": "yellow heart", "💚": "green heart",
    "💙": "blue heart", "💜": "purple heart", "🖤": "black heart", "👍": "thumbs up", "👎": "thumbs down",
    "😀": "grinning face", "😂": "face with tears of joy", "🤣": "rolling on the floor laughing",
    "😊": "smiling face with smiling eyes", "🙂": "slightly smiling face",
    "😍": "smiling face with heart eyes",
    "😘": "face blowing a kiss", "😭": "loudly crying face", "😎": "smiling face with sunglasses",
    "🙏": "folded hands", "👏": "clapping hands", "🎉": "party popper", "🔥": "fire", "💯": "hundred points",
    "💩": "pile of poo", "👋": "waving hand", "💪": "flexed biceps", "✨": "sparkles", "⭐": "star",
    "☀": "sun", "☁": "cloud", "☕": "hot beverage", "🍕": "pizza", "🎂": "birthday cake", "🚀": "rocket",
    "✅": "check mark", "❌": "cross mark", "⚠": "warning", "❗": "exclamation mark", "❓": "question mark",
    "🙌": "raising hands", "😢": "crying face", "😡": "enraged face", "🤔": "thinking face", "👀": "eyes",
    "🌍": "globe showing Europe and Africa", "🐶": "dog face", "🐱": "cat face", "👌": "OK hand",
    "✌": "victory hand", "☺": "smiling face", "☹": "frowning face", "✂": "scissors", "☎": "telephone",
    "✈": "airplane", "⚡": "high voltage", "☔": "umbrella with rain drops", "⏰": "alarm clock",
    "😉": "winking face", "😜": "winking face with tongue", "😴": "sleeping face", "🤷": "person shrugging",
    "🤦": "person facepalming", "👨": "man", "👩": "woman", "👧": "girl", "👦": "boy", "👶": "baby",
}  # fmt: skip

_FLAGS: dict[str, str] = {
    "US": "United States", "GB": "United Kingdom", "FR": "France", "DE": "Germany", "IT": "Italy",
    "ES": "Spain", "JP": "Japan", "CN": "China", "IN": "India", "CA": "Canada", "AU": "Australia",
    "BR": "Brazil", "MX": "Mexico", "UA": "Ukraine", "EU": "European Union", "IE": "Ireland",
    "NL": "Netherlands", "SE": "Sweden", "CH": "Switzerland", "KR": "South Korea", "NZ": "New Zealand",
}  # fmt: skip

_SKIN = "\U0001f3fb-\U0001f3ff"
_ONE = (
    r"[\u231a-\u23ff\u2600-\u2638\u263a-\u265f\u2661-\u2664\u2667-\u266c\u2670-\u2704\u2706-\u2712\u2714\u2716\u2719-\u27bf"
    r"\u2b05-\u2b07\u2b1b-\u2b55\U0001f300-\U0001f3fa\U0001f400-\U0001f64f\U0001f680-\U0001f6ff\U0001f7e0-\U0001f7eb"
    r"\U0001f900-\U0001faff]"
)
EMOJI = re.compile(
    rf"(?P<flag>[\U0001f1e6-\U0001f1ff]{{2}})|{_ONE}\ufe0f?[{_SKIN}]?(?:\u200d{_ONE}\ufe0f?[{_SKIN}]?){{0,4}}"
)
"""One emoji: a flag, or one with a skin tone, or several that are joined to one."""

_NOISE = re.compile(r" SIGN$|^WHITE (?=HEAVY|MEDIUM)|^HEAVY |^BLACK (?=[A-Z]+ (?:HEART|STAR)$)")


def emoji_name(emoji: str) -> str:
    """What an emoji is called in words; empty for one that has no name."""
    if "\U0001f1e6" <= emoji[0] <= "\U0001f1ff":
        country = "".join(chr(ord(letter) - 0x1F1E6 + ord("A")) for letter in emoji)
        return f"flag of {_FLAGS.get(country, ' '.join(country))}"
    parts = [part for part in re.split(f"[\u200d\ufe0f{_SKIN}]+", emoji) if part]
    return " ".join(filter(None, map(_name, dict.fromkeys(parts))))


def _name(character: str) -> str:
    if character in _NAMES:
        return _NAMES[character]
    name = _NOISE.sub("", unicodedata.name(character, ""))
    return "" if name in ("MALE", "FEMALE") else name.lower().replace("-", " ")
