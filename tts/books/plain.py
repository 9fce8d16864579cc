"""Plain text: its bytes, and its chapters."""

import re

from tts.books.chapters import Chapter, one_line
from tts.errors import TextError

__all__ = ["decoded", "plain_chapters"]

_NUMBER = (
    r"(?:[0-9]{1,3}|[ivxlc]{1,8}|(?:the )?(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twenty|thirty|forty|fifty|sixty)(?:[- ]\w+)?|first|second"
    r"|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last))\b"
)
_HEADING = re.compile(
    r"(?:\A|(?<=\n))[^\S\n]*(?P<title>"
    rf"(?i:(?:chapter|part|book|volume|letter|act)\s{_NUMBER}|prologue|epilogue|preface|foreword|introduction"
    r"|afterword|conclusion|(?:appendix|interlude)\b(?:\s\w{1,4}\b)?)"
    # Then nothing, or the title after a mark, or in capitals: "Chapter 3 was long." is no heading.
    r"(?:[^\S\n]*[.:—–-][^\n]{0,80}|[^\S\n]+[A-Z][^\n]{0,80})?)[^\S\n]*"
    r"(?P<second>\n[^\S\n]*[^\s][^\n]{0,79})?(?=\n[^\S\n]*\n|\s*\Z)"
)
_BLANK_BEFORE = re.compile(r"\n[^\S\n]*\n\s*\Z|\A\s*\Z")
_LOOK_BACK = 80


def decoded(content: bytes, name: str) -> str:
    """The text of a file; `name` is for messages. Raises TextError when it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TextError(
            f"{name}: is not UTF-8 text, at byte {error.start + 1}",
            hint="convert it: iconv -f WINDOWS-1252 -t UTF-8 FILE",
        ) from None


def plain_chapters(text: str) -> tuple[Chapter, ...]:
    """The chapters of a text, which together are all of it.

    One begins where a line such as "CHAPTER IV", "Part Two: The Sea" or "Prologue" stands between blank
    lines, with one more line for its title or not. A text without such lines is one chapter. A heading that
    nothing follows, as that of a part or in a list of contents, is spoken with the next chapter.
    """
    text = text.replace("\r\n", "\n")
    marks = [
        (match.start(), match.end(), _title(match))
        for match in _HEADING.finditer(text)
        if _BLANK_BEFORE.search(text[max(0, match.start() - _LOOK_BACK) : match.start()])
    ]
    chapters: list[Chapter] = []
    start, body, title = 0, 0, ""
    for next_start, next_body, next_title in (*marks, (len(text), len(text), "")):
        if any(map(str.isalnum, text[body:next_start])):
            chapters.append(Chapter(title=title, text=text[start:next_start].strip()))
            start = next_start
        body, title = next_body, next_title
    rest = text[start:].strip()
    if rest and chapters:
        last = chapters[-1]
        chapters[-1] = Chapter(title=last.title, text=f"{last.text}\n\n{rest}")
    return tuple(chapters) or (Chapter(title="", text=text),)


def _title(match: "re.Match[str]") -> str:
    """The line of a heading, with the second one if that is a title too and no sentence."""
    title, second = one_line(match["title"]), one_line(match["second"] or "")
    return f"{title}: {second}" if second and second[-1].isalnum() else title
