"""What readers make: blocks of text, put together to chapters."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Block", "Chapter", "by_headings", "joined_chapters", "one_line"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Chapter:
    """A chapter as it is spoken.

    Attributes:
        title: one line; empty where it has none.
        text: all of it, its heading as well.
    """

    title: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A paragraph, a heading or a row of a table.

    Attributes:
        text: what is spoken.
        level: of a heading, from 1; 0 is none.
        anchors: by what names links lead to it.
    """

    text: str
    level: int = 0
    anchors: tuple[str, ...] = ()


def by_headings(blocks: Sequence[Block], title: str) -> tuple[Chapter, ...]:
    """Chapters that begin with the headings of the highest level that there is more than once.

    Args:
        blocks: all of a document.
        title: of what stands before the first of those headings.
    """
    counts = Counter(block.level for block in blocks if block.level)
    level = min((level for level, count in counts.items() if count > 1), default=0)
    groups: list[tuple[str, list[Block]]] = [(title, [])]
    for block in blocks:
        if 0 < block.level <= level:
            groups.append((one_line(block.text), []))
        groups[-1][1].append(block)
    return joined_chapters(groups)


def joined_chapters(groups: Iterable[tuple[str, Sequence[Block]]]) -> tuple[Chapter, ...]:
    """Titled blocks as chapters; headings alone, as of a part, are spoken with the next one."""
    chapters: list[tuple[str, list[Block]]] = []
    waiting: list[Block] = []
    for title, blocks in groups:
        waiting.extend(blocks)
        if any(not block.level for block in blocks):
            chapters.append((title, waiting))
            waiting = []
        last_title = title
    if waiting and chapters:
        chapters[-1][1].extend(waiting)
    elif waiting:
        chapters.append((last_title, waiting))
    return tuple(
        Chapter(title=title, text="\n\n".join(block.text for block in blocks))
        for title, blocks in chapters
    )


def one_line(text: str) -> str:
    """A heading as a title."""
    return " ".join(text.split())
