"""The elements of SSML that are supported, with their attributes, and where each may stand."""

from collections.abc import Mapping, Sequence

from tts.config import nearest

__all__ = ["EMPTY", "NAMED", "REPLACED", "check_element"]

NAMED = 60
"""How many characters of a name an error shows."""

EMPTY = frozenset({"break", "mark", "lexicon"})
"""Elements that hold nothing."""

REPLACED = frozenset({"sub", "say-as", "phoneme"})
"""Elements that hold text and nothing else, and something else is read in its place."""

# Which attributes an element may have.
_ATTRIBUTES: dict[str, frozenset[str]] = {
    "speak": frozenset({"version", "xml:lang", "xmlns", "xmlns:xsi", "xsi:schemaLocation"}),
    "p": frozenset({"xml:lang"}),
    "s": frozenset({"xml:lang"}),
    "lang": frozenset({"xml:lang"}),
    "break": frozenset({"time", "strength"}),
    "sub": frozenset({"alias"}),
    "say-as": frozenset({"interpret-as", "format"}),
    "prosody": frozenset({"rate", "volume", "pitch"}),
    "emphasis": frozenset({"level"}),
    "mark": frozenset({"name"}),
    "phoneme": frozenset({"ph", "alphabet"}),
    "lexicon": frozenset({"uri", "type"}),
}
_REQUIRED = {
    "sub": "alias",
    "say-as": "interpret-as",
    "mark": "name",
    "lang": "xml:lang",
    "phoneme": "ph",
    "lexicon": "uri",
}
_VALUES: dict[str, dict[str, tuple[str, ...]]] = {
    "speak": {"version": ("1.1", "1.0"), "xmlns": ("http://www.w3.org/2001/10/synthesis",)},
    "prosody": {"pitch": ("default", "medium")},
    "emphasis": {"level": ("none",)},
    "phoneme": {"alphabet": ("ipa", "x-arpabet")},
}
_DEFAULTS = {"emphasis": "moderate"}
_REASONS = {
    "prosody": "the pitch of a voice is its own",
    "emphasis": "a voice cannot stress a word more than it does",
}


def check_element(name: str, attributes: Mapping[str, str], around: Sequence[str]) -> None:
    """Refuses an element that is not supported, or stands where it may not.

    Args:
        name: of the element.
        attributes: as they are written.
        around: the names of the elements that it stands in, the root first.

    Raises:
        ValueError: what it says is for the user.
    """
    if name not in _ATTRIBUTES:
        known = nearest(name, _ATTRIBUTES)
        raise ValueError(f"the element <{name[:NAMED]}> is not supported{known}")
    if bool(around) == (name == "speak"):
        raise ValueError("<speak> must be the root, and nothing else can be")
    if around and around[-1] in EMPTY | REPLACED:
        raise ValueError(f"<{around[-1]}> cannot hold <{name}>")
    if name in ("p", "s") and ("s" in around or (name == "p" and "p" in around)):
        raise ValueError(f"<{name}> cannot stand inside <{'s' if 's' in around else 'p'}>")
    for attribute in attributes:
        if attribute not in _ATTRIBUTES[name]:
            known = nearest(attribute, _ATTRIBUTES[name])
            raise ValueError(
                f"the attribute {attribute[:NAMED]} of <{name}> is not supported{known}"
            )
    required = _REQUIRED.get(name)
    if required and not attributes.get(required, "").strip():
        raise ValueError(f"<{name}> needs the attribute {required}")
    for attribute, values in _VALUES.get(name, {}).items():
        value = attributes.get(attribute, _DEFAULTS.get(name, values[0]))
        if value not in values:
            reason = _REASONS.get(name, f"it may be {' or '.join(values)}")
            raise ValueError(
                f"the attribute {attribute} of <{name}>: {value!r} is not supported: {reason}"
            )
