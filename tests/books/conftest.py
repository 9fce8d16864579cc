"""Books that are made for a test."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>"""


def page(body: str) -> str:
    """A page as EPUB has them, with an empty title, which HTML would read otherwise."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
        f"<head><title/></head><body>{body}</body></html>"
    )


def package(items: Mapping[str, str], spine: str, attributes: str = "") -> str:
    manifest = "".join(f'<item id="{key}" {text}/>' for key, text in items.items())
    return (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The  Sea</dc:title>'
        "<dc:creator>A. Writer</dc:creator><dc:creator>B. Other</dc:creator></metadata>"
        f"<manifest>{manifest}</manifest><spine {attributes}>{spine}</spine></package>"
    )


def xhtml(href: str, more: str = "") -> str:
    return f'href="{href}" media-type="application/xhtml+xml" {more}'


def write_epub(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """A ZIP file with the container and these files in it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        for name, content in {"META-INF/container.xml": CONTAINER, **files}.items():
            archive.writestr(name, content)
    return path


def sea(path: Path, **more: str | bytes) -> Path:
    """A whole EPUB 3: a title page, two chapters, the first of two sections, and notes apart."""
    nav = page(
        '<nav epub:type="toc"><h1>Contents</h1><ol><li><a href="one%20a.xhtml">One: Out</a>'
        '<ol><li><a href="one%20a.xhtml#s2">A section</a></li></ol></li>'
        '<li><span>Part Two</span><ol><li><a href="two.xhtml#start">Two: Back</a></li></ol></li></ol></nav>'
    )
    items = {
        "nav": xhtml("nav.xhtml", 'properties="nav"'),
        "cover": 'href="cover.png" media-type="image/png"',
        "title": xhtml("title.xhtml"),
        "one": xhtml("one%20a.xhtml"),
        "two": xhtml("two.xhtml"),
        "notes": xhtml("notes.xhtml"),
    }
    spine = "".join(f'<itemref idref="{key}"/>' for key in ("cover", "title", "nav", "one", "two"))
    spine += '<itemref idref="notes" linear="no"/>'
    files: dict[str, str | bytes] = {
        "OPS/book.opf": package(items, spine),
        "OPS/nav.xhtml": nav,
        "OPS/title.xhtml": page("<h1>The Sea</h1><p>By A.&nbsp;Writer.</p>"),
        "OPS/one a.xhtml": page(
            '<h2>One</h2><p>We went out<a epub:type="noteref" href="notes.xhtml#n">1</a>.</p>'
            '<span epub:type="pagebreak" id="p2">2</span>'
            '<h3 id="s2">Later</h3><p>It rained &mdash; a lot.</p>'
        ),
        "OPS/two.xhtml": page('<h2 id="start">Two</h2><img src="ship.png"/><p>We came back.</p>'),
        "OPS/notes.xhtml": page("<p>A note.</p>"),
    }
    return write_epub(path, {**files, **more})
