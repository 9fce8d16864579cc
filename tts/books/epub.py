"""EPUB: pages of XHTML in a ZIP file, their order, a table of contents (EPUB 3.3; NCX of EPUB 2)."""

import io
import posixpath
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tts.books.chapters import Block, Chapter, joined_chapters, one_line
from tts.books.markup import blocks_of, local_name, parse_html, parse_xml
from tts.errors import TextError

__all__ = ["epub_chapters"]

_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_MAX_BYTES = 2**26  # of one page, unpacked: a longer one is a trap
_BROKEN = "open it in another program, or fetch it again"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """A line of the table of contents, the page it leads to, the place there, and its parent's page."""

    title: str
    page: str
    fragment: str
    parent_page: str | None


def epub_chapters(
    content: bytes, name: str, omitted: "Counter[str]"
) -> tuple[str, str, tuple[Chapter, ...]]:
    """The title, the author and the chapters of an EPUB; what is left out is counted.

    A chapter begins where an entry of the table of contents leads to: one of the first level, or below it one
    that leads to another page than the entry above. Without such a table each page is a chapter.

    Raises:
        TextError: when it is broken or protected.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _Epub(archive, name).read(omitted)
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise TextError(f"{name}: is not an EPUB: {error}", hint=_BROKEN) from None
    except RuntimeError:  # zipfile's word for a password
        raise _protected(name) from None


class _Epub:
    """The files of an EPUB.

    Args:
        archive: the ZIP file.
        name: of the book, for messages.
    """

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._name = name
        container = self._xml(_CONTAINER)
        paths = [e.get("full-path") for e in container.iter() if local_name(e) == "rootfile"]
        if not paths or not paths[0]:
            raise TextError(f"{name}: is not an EPUB: it names no package", hint=_BROKEN)
        self._package_path = unquote(paths[0])
        self._package = self._xml(self._package_path)
        self._items = {
            item.get("id"): item for item in self._package.iter() if local_name(item) == "item"
        }

    def read(self, omitted: "Counter[str]") -> tuple[str, str, tuple[Chapter, ...]]:
        title, author = self._metadata("title"), self._metadata("creator")
        pages = list(self._pages(omitted))
        self._refuse_protected(pages)
        blocks: list[Block] = []
        starts: dict[tuple[str, str], int] = {}
        firsts: list[int] = []
        for page in pages:
            root = self._page(page)
            found = [] if root is None else blocks_of(root, omitted)
            starts[page, ""] = len(blocks)
            firsts.append(len(blocks))
            for place, block in enumerate(found, start=len(blocks)):
                for anchor in block.anchors:
                    starts.setdefault((page, anchor), place)
            blocks += found
        marks: dict[int, str] = {}
        for entry in self._contents():
            place = starts.get(
                (entry.page, entry.fragment), starts.get((entry.page, ""), len(blocks))
            )
            is_chapter = entry.parent_page is None or entry.parent_page != entry.page
            if place < len(blocks) and is_chapter:
                marks.setdefault(place, entry.title)
        if not marks:
            marks = {
                place: _first_heading(blocks[place:]) for place in firsts if place < len(blocks)
            }
        marks.setdefault(0, title)
        places = sorted(marks)
        groups = [
            (marks[start], blocks[start:end])
            for start, end in zip(places, [*places[1:], len(blocks)], strict=True)
        ]
        return title, author, joined_chapters(groups)

    def _metadata(self, key: str) -> str:
        """The first such element of Dublin Core."""
        found = (e for e in self._package.iter() if local_name(e) == key)
        return (
            one_line("".join(element.itertext()))
            if (element := next(found, None)) is not None
            else ""
        )

    def _pages(self, omitted: "Counter[str]") -> Iterator[str]:
        """The paths of the pages that are read, in order."""
        for reference in (e for e in self._package.iter() if local_name(e) == "itemref"):
            item = self._items.get(reference.get("idref"))
            if item is None:
                raise TextError(
                    f"{self._name}: is broken: its order names {reference.get('idref')!r}, which it lacks",
                    hint=_BROKEN,
                )
            if reference.get("linear") == "no":
                omitted["auxiliary page"] += 1
            elif (item.get("media-type") or "").startswith("image/"):
                omitted["image"] += 1
            else:
                yield self._path(item.get("href") or "", self._package_path)

    def _contents(self) -> list[_Entry]:
        """The table of contents, in order; that of EPUB 3, else that of EPUB 2."""
        for item in self._items.values():
            if "nav" in (item.get("properties") or "").split():
                path = self._path(item.get("href") or "", self._package_path)
                root = self._page(path)
                lists = () if root is None else [e for e in root.iter() if local_name(e) == "nav"]
                for nav in lists:
                    if _epub_type(nav) in ("toc", ""):
                        return list(self._lines(nav, path, "li", None))
        for item in self._items.values():
            if item.get("media-type") == "application/x-dtbncx+xml":
                path = self._path(item.get("href") or "", self._package_path)
                maps = [e for e in self._xml(path).iter() if local_name(e) == "navmap"]
                return list(self._lines(maps[0], path, "navpoint", None)) if maps else []
        return []

    def _lines(self, inside: Any, path: str, kind: str, parent: str | None) -> Iterator[_Entry]:
        """The entries inside an element: of either form, `li` with a link, or `navPoint` with a label."""
        for element in inside:
            name = local_name(element)
            if name != kind:
                yield from self._lines(element, path, kind, parent)
                continue
            target = next((e for e in element.iter() if local_name(e) in ("a", "content")), None)
            page = parent
            if target is not None and (link := target.get("href") or target.get("src")):
                label = next(
                    (e for e in element.iter() if local_name(e) in ("a", "navlabel")), target
                )
                href, _, fragment = link.partition("#")
                page = self._path(href, path) if href else path
                title = one_line("".join(label.itertext()))
                yield _Entry(title=title, page=page, fragment=unquote(fragment), parent_page=parent)
            yield from self._lines(element, path, kind, page)

    def _page(self, path: str) -> Any:
        """A page, as the XML that it should be, else as HTML."""
        content = self._bytes(path)
        try:
            return parse_xml(content, f"{self._name}: {path}")
        except TextError:
            return parse_html(content, f"{self._name}: {path}")

    def _xml(self, path: str) -> Any:
        return parse_xml(self._bytes(path), f"{self._name}: {path}")

    def _bytes(self, path: str) -> bytes:
        try:
            with self._archive.open(path) as file:
                content = file.read(_MAX_BYTES + 1)
        except KeyError:
            raise TextError(f"{self._name}: is broken: {path} is missing", hint=_BROKEN) from None
        except zipfile.zlib.error as error:  # type: ignore[attr-defined]
            raise TextError(f"{self._name}: is broken: {path}: {error}", hint=_BROKEN) from None
        if len(content) > _MAX_BYTES:
            raise TextError(
                f"{self._name}: {path} is larger than {_MAX_BYTES} bytes", hint="split the page"
            )
        return content

    def _path(self, href: str, base: str) -> str:
        """The path in the archive that a link leads to from the file `base`."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(href)))

    def _refuse_protected(self, pages: Sequence[str]) -> None:
        """Refuses pages that are encrypted; fonts may be, nobody reads them aloud."""
        if _ENCRYPTION in self._archive.namelist():
            references = (
                e for e in self._xml(_ENCRYPTION).iter() if local_name(e) == "cipherreference"
            )
            if {unquote(e.get("URI") or "") for e in references} & set(pages):
                raise _protected(self._name)


def _epub_type(element: Any) -> str:
    """What a `nav` is for."""
    return element.get("{http://www.idpf.org/2007/ops}type") or element.get("epub:type") or ""


def _first_heading(blocks: Sequence[Block]) -> str:
    return next((one_line(block.text) for block in blocks[:3] if block.level), "")


def _protected(name: str) -> TextError:
    return TextError(
        f"{name}: is protected against copying (DRM), and cannot be read",
        hint="get it from where it is sold without",
    )
