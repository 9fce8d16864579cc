"""The varieties of English whose conventions differ."""

from dataclasses import dataclass

__all__ = ["AMERICAN", "BRITISH", "Variety", "variety_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Variety:
    """How a variety of English says what it writes.

    Args:
        has_and: "one hundred and five", and "two thousand and five".
        day_first: 3/4/2020 is the third of April, and May 5 is "May the fifth".
        nought: what 0 is called before and after a decimal point.
        oh: what 0 is called in telephone numbers.
        stop: what the sign "." is called.
        brackets: what "(" and ")" are called.
        spelling: American spellings of units and titles, and how they are written here.
    """

    has_and: bool
    day_first: bool
    nought: str
    oh: str
    stop: str
    brackets: str
    spelling: tuple[tuple[str, str], ...] = ()

    def spelt(self, words: str) -> str:
        """Words as this variety spells them."""
        for american, here in self.spelling:
            words = words.replace(american, here)
        return words


AMERICAN = Variety(
    has_and=False,
    day_first=False,
    nought="zero",
    oh="zero",
    stop="period",
    brackets="parenthesis",
)

BRITISH = Variety(
    has_and=True,
    day_first=True,
    nought="nought",
    oh="oh",
    stop="full stop",
    brackets="bracket",
    spelling=(
        ("meter", "metre"), ("liter", "litre"), ("Honor", "Honour"), ("ruble", "rouble"),
        ("color", "colour"), ("gray", "grey"),
    ),
)  # fmt: skip


def variety_of(language: str) -> Variety:
    """The conventions for a language code of eSpeak NG; American ones unless it is British."""
    return BRITISH if language.startswith("en-gb") else AMERICAN
