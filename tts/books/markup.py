"""HTML and Markdown: what is read of them.

Read is the text of the body, block by block: paragraphs, headings, items of lists with their numbers, tables
row by row with commas between the cells, verse line by line. Left out and counted are images, formulas, code
blocks, sound and film, fields of forms, lists of links, the numbers of pages, the marks of notes (not the
notes), and readings of ruby. What a page does not show (scripts, styles, what is hidden) is no part of it.
"""

import html
import re
from collections import Counter
from typing import Any

from tts.books.chapters import Block, Chapter, by_headings, one_line
from tts.errors import TextError

__all__ = [
    "blocks_of",
    "html_chapters",
    "local_name",
    "markdown_chapters",
    "parse_html",
    "parse_xml",
]

_OMITTED = {
    "img": "image", "svg": "image", "canvas": "image", "image": "image", "math": "formula",
    "audio": "sound or film", "video": "sound or film", "iframe": "sound or film",
    "object": "sound or film", "embed": "sound or film",
    "input": "form field", "select": "form field", "textarea": "form field", "button": "form field",
    "nav": "list of links", "rt": "ruby reading",
}  # fmt: skip
_NOT_SHOWN = frozenset(
    {"head", "script", "style", "template", "noscript", "title", "meta", "link", "rp"}
)
_INLINE = frozenset((
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "ins", "kbd", "label", "map", "mark", "output", "picture", "q", "ruby", "rb", "s", "samp",
    "small", "span", "strike", "strong", "sub", "sup", "time",
    "td", "th", "tt", "u", "var", "wbr", "switch", "case",
    "default",
))  # fmt: skip
_CELL = "\x1f"  # stands between two cells of a row; no XML holds it
_CELLS = re.compile(rf"\s*{_CELL}\s*")
_CODE = frozenset({"code", "samp", "kbd"})
_NOTE_ROLES = frozenset({"noteref", "doc-noteref"})
_PAGE_ROLES = frozenset({"pagebreak", "doc-pagebreak"})
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_SPACE = re.compile(r"[ \t\n\r\f]+")
_FRONT_MATTER = re.compile(r"\A---[^\S\n]*\n(?P<inside>.*?)\n(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)", re.S)
_TITLE_LINE = re.compile(r"^title:\s*[\"']?(.*?)[\"']?\s*$", re.M)
_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]*);")
_XML_ENTITIES = frozenset((b"amp", b"lt", b"gt", b"quot", b"apos"))
_INSTALL = "pip install 'saywave[books]'"


def html_chapters(
    content: bytes, name: str, omitted: "Counter[str]"
) -> tuple[str, str, tuple[Chapter, ...]]:
    """The title, the author and the chapters of an HTML file; what is left out is counted."""
    root = parse_html(content, name)
    if root is None:
        return "", "", ()
    title = one_line("".join(root.xpath("string((//title)[1])")))
    author = one_line("".join(root.xpath("(//meta[@name='author']/@content)[1]")))
    blocks = blocks_of(root, omitted)
    return title, author, by_headings(blocks, title)


def markdown_chapters(
    text: str, name: str, omitted: "Counter[str]"
) -> tuple[str, str, tuple[Chapter, ...]]:
    """The title, no author, and the chapters of a Markdown file (CommonMark, tables, strikethrough)."""
    try:
        from markdown_it import MarkdownIt
    except ImportError:
        raise TextError(
            f"{name}: markdown-it-py, which reads Markdown, is missing", hint=_INSTALL
        ) from None
    text, title = text.replace("\r\n", "\n"), ""
    if front := _FRONT_MATTER.match(text):
        omitted["front matter"] += 1
        text = text[front.end() :]
        found = _TITLE_LINE.search(front["inside"])
        title = one_line(found[1]) if found else ""
    markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    root = parse_html(markdown.render(text).encode(), name)
    blocks = [] if root is None else blocks_of(root, omitted)
    if not title:
        first = [block for block in blocks if block.level == 1]
        title = one_line(first[0].text) if len(first) == 1 else ""
    return title, "", by_headings(blocks, title)


def parse_html(content: bytes, name: str) -> Any:
    """The root element of an HTML file, None if there is nothing in it."""
    etree = _lxml(name)
    if not content.strip():
        return None
    # lxml's own guess, without a declaration, is Latin-1.
    encoding = "utf-8" if _is_utf8(content) else None
    parser = etree.HTMLParser(
        encoding=encoding, no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    return etree.fromstring(content, parser)


def parse_xml(content: bytes, name: str) -> Any:
    """The root element of an XML file, in which entities of HTML are allowed.

    Raises:
        TextError: when it is not well-formed.
    """
    etree = _lxml(name)
    parser = etree.XMLParser(
        resolve_entities="internal",
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(_ENTITY.sub(_character, content), parser)
    except etree.XMLSyntaxError as error:
        raise TextError(f"{name}: is broken: {error}", hint="open it in another program") from None


def blocks_of(root: Any, omitted: "Counter[str]") -> list[Block]:
    """The blocks of a document, in order; what is left out is counted by what it is.

    Args:
        root: an element of lxml.
        omitted: the counts, which are added to.
    """
    from lxml import etree

    made = _Blocks()
    walk = etree.iterwalk(root, events=("start", "end"))
    skipped: Any = None
    for event, element in walk:
        name = local_name(element)
        if event == "start":
            made.anchors.extend(filter(None, (element.get("id"), element.get("name"))))
            reason = _reason(element, name)
            if reason is not None:
                if reason:
                    omitted[reason] += 1
                if name in ("pre", "nav"):
                    made.flush()
                skipped = element
                walk.skip_subtree()
                continue
            made.begin(element, name)
        else:
            if element is skipped:
                skipped = None
            else:
                made.end(name)
            if element is not root:
                made.add(element.tail)
    made.flush()
    return made.blocks


class _Blocks:
    """Blocks while they are made: the one that is being written, and those that are done."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.anchors: list[str] = []
        self._words: list[str] = []
        self._level = 0
        self._verse = 0  # how many elements deep white space counts
        self._numbers: list[int | None] = []  # of the next item of each list that is open

    def begin(self, element: Any, name: str) -> None:
        if name not in _INLINE:
            self.flush()
        if re.fullmatch("h[1-6]", name):
            self._level = int(name[1])
        match name:
            case "pre":
                self._verse += 1
            case "br":
                self._words.append("\n")
            case "q":
                self._words.append("“")
            case "td" | "th" if "".join(self._words).strip():
                self._words.append(_CELL)
            case "ul" | "ol":
                start = element.get("start") or "1"
                number = int(start) if re.fullmatch("[0-9]{1,6}", start) else 1
                self._numbers.append(number if name == "ol" else None)
            case "li" if self._numbers and self._numbers[-1] is not None:
                self._words.append(f"{self._numbers[-1]}. ")
                self._numbers[-1] += 1
        self.add(element.text)

    def end(self, name: str) -> None:
        if name == "q":
            self._words.append("”")
        if name not in _INLINE:
            self.flush()
        if name == "pre":
            self._verse -= 1
        elif name in ("ul", "ol"):
            self._numbers.pop()
        elif re.fullmatch("h[1-6]", name):
            self._level = 0

    def add(self, text: str | None) -> None:
        if text:
            self._words.append(text if self._verse else _SPACE.sub(" ", text))

    def flush(self) -> None:
        """Ends the block. Nothing but the number of an item waits for the paragraph inside of it."""
        words = _CELLS.sub(", ", "".join(self._words))
        lines = (_SPACE.sub(" ", line).strip() for line in words.split("\n"))
        text = "\n".join(filter(None, lines))
        if re.fullmatch(r"[0-9]+\.", text):
            return
        self._words.clear()
        if text:
            anchors = tuple(self.anchors)
            self.blocks.append(Block(text=text, level=self._level, anchors=anchors))
            self.anchors.clear()


def _reason(element: Any, name: str) -> str | None:
    """What an element that is not read counts as; empty if it does not count, None if it is read."""
    if (
        name in _NOT_SHOWN
        or element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
    ):
        return ""
    if re.search(r"display:\s*none", element.get("style") or ""):
        return ""
    roles = set((element.get(_EPUB_TYPE) or element.get("epub:type") or "").split())
    roles.add(element.get("role") or "")
    if roles & _PAGE_ROLES:
        return "page number" if "".join(element.itertext()).strip() else ""
    if (name == "a" and roles & _NOTE_ROLES) or (name == "sup" and _has_link(element)):
        return "note mark"
    first = next(iter(element), None)
    if name == "pre" and not (element.text or "").strip() and local_name(first) in _CODE:
        return "code block"
    return _OMITTED.get(name)


def _has_link(element: Any) -> bool:
    return any(local_name(inner) == "a" and inner.get("href") for inner in element.iter())


def local_name(element: Any) -> str:
    """The name of an element without its name space; of what is no element, an empty one."""
    tag = getattr(element, "tag", None)
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _character(match: "re.Match[bytes]") -> bytes:
    """A named entity as the number of its character, or as it is where XML knows it, or nobody does."""
    if match[1] in _XML_ENTITIES:
        return match[0]
    text = html.entities.html5.get(f"{match[1].decode()};")
    return match[0] if text is None else "".join(f"&#{ord(c)};" for c in text).encode()


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _lxml(name: str) -> Any:
    try:
        from lxml import etree
    except ImportError:
        raise TextError(
            f"{name}: lxml, which reads HTML and EPUB, is missing", hint=_INSTALL
        ) from None
    return etree
