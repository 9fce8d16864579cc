"""HTML and Markdown: literal input, what is spoken of it, and what is told to be left out."""

import sys
import warnings
from collections import Counter
from pathlib import Path

import pytest

from tts.books import read_book
from tts.books.markup import blocks_of, parse_html
from tts.errors import OmittedWarning, TextError


def spoken(html: str) -> tuple[list[str], dict[str, int]]:
    omitted: Counter[str] = Counter()
    blocks = blocks_of(parse_html(f"<body>{html}</body>".encode(), "a.html"), omitted)
    return [block.text for block in blocks], dict(omitted)


@pytest.mark.parametrize(
    ("html", "texts", "omitted"),
    [
        ("<p>One  \n two</p>three<div>four</div>", ["One two", "three", "four"], {}),
        ("a<b>b</b>c <i>d</i>&nbsp;e&eacute;", ["abc d\xa0eé"], {}),
        ("<p>Roses<br>Violets<br/>Sugar</p>", ["Roses\nViolets\nSugar"], {}),
        ("<ul><li>a</li><li><p>b</p><p>c</p></li></ul>", ["a", "b", "c"], {}),
        ("<ol><li>a<ul><li>b</li></ul><li><p>c</p></ol>", ["1. a", "b", "2. c"], {}),
        ("<ol start=7><li>a<li>b</ol>", ["7. a", "8. b"], {}),
        (
            "<table><tr><th>Name</th> <th> Age</th></tr><tr><td>Ann</td>\n<td>5</td></table>",
            ["Name, Age", "Ann, 5"],
            {},
        ),
        ("<q>Yes</q>, he said", ["“Yes”, he said"], {}),
        ("x<sup>2</sup> <code>f</code>", ["x2 f"], {}),
        ("<pre>Tyger\n  burning</pre>", ["Tyger\nburning"], {}),
        ("<blockquote>a</blockquote><dl><dt>b<dd>c</dl>", ["a", "b", "c"], {}),
        ("a<!-- b --><script>c</script><style>d</style><p hidden>e</p><p>f</p>", ["a", "f"], {}),
        ("<p style='display: none'>a</p><i aria-hidden=true>b</i>c", ["c"], {}),
        ("a<img alt='b'>c<svg><text>d</text></svg>", ["ac"], {"image": 2}),
        ("x<pre><code>a = 1</code></pre>b", ["x", "b"], {"code block": 1}),
        ("<nav>a</nav><math><mi>x</mi></math>b", ["b"], {"list of links": 1, "formula": 1}),
        (
            "a<video>b</video><input><button>c</button>",
            ["a"],
            {"sound or film": 1, "form field": 2},
        ),
        ("a<sup><a href='#1'>1</a></sup> b", ["a b"], {"note mark": 1}),
        ("a<a role='doc-noteref' href='#1'>1</a> b", ["a b"], {"note mark": 1}),
        ("<ruby>a<rp>(</rp><rt>b</rt><rp>)</rp></ruby>", ["a"], {"ruby reading": 1}),
        ("a<span role='doc-pagebreak'>12</span>b", ["ab"], {"page number": 1}),
        ("<p></p> \n <div> </div>", [], {}),
    ],
)
def test_what_is_spoken(html: str, texts: list[str], omitted: dict[str, int]) -> None:
    assert spoken(html) == (texts, omitted)


def test_deep_nesting_loses_nothing() -> None:
    assert spoken("<div>" * 600 + "deep" + "</div>" * 600 + "<p>after</p>")[0] == ["deep", "after"]


def test_chapters_of_html(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(
        "<html><head><title>A\n Book</title><meta name='author' content='Ann'></head><body><h1>A Book</h1>"
        "<h2>First<br>one</h2><p>a</p><h3>Section</h3><p>b</p><h2>Part</h2><h2>Second</h2><p>c</p>"
        "<h2>Last</h2></body></html>"
    )
    book = read_book(path)
    assert (book.title, book.author) == ("A Book", "Ann")
    assert [(chapter.title, chapter.text) for chapter in book.chapters] == [
        ("First one", "A Book\n\nFirst\none\n\na\n\nSection\n\nb"),
        ("Second", "Part\n\nSecond\n\nc\n\nLast"),
    ]
    assert book.text == "\n\n".join(chapter.text for chapter in book.chapters)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<p>café</p>".encode(), "café"),
        (b"<meta charset='latin-1'><p>caf\xe9</p>", "café"),
        (b"<p>caf\xe9</p>", "café"),
        ("<p>café</p>".encode("utf-16"), "café"),
    ],
)
def test_encodings(tmp_path: Path, content: bytes, text: str) -> None:
    (tmp_path / "a.htm").write_bytes(content)
    assert read_book(tmp_path / "a.htm").text == text


def test_markdown(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "---\ntitle: 'The Sea'\nauthor: x\n---\nBefore.\n\n# One\n\nA *b* [c](d) ~~e~~ `f`.\r\n\r\n"
        "```\ncode\n```\n\n"
        "![alt](g.png)\n\n1. h\n2. i\n\n| k | l |\n|---|---|\n| m | n |\n\n# Two\n\n> o &amp; <b>p</b>\n",
        "utf-8",
    )
    with pytest.warns(OmittedWarning) as told:
        book = read_book(path)
    assert [str(w.message) for w in told if w.category is OmittedWarning] == [
        f"{path}: left out: code block (1), front matter (1), image (1)"
    ]
    assert book.title == "The Sea"
    assert [(chapter.title, chapter.text) for chapter in book.chapters] == [
        ("The Sea", "Before."),
        ("One", "One\n\nA b c e f.\n\n1. h\n\n2. i\n\nk, l\n\nm, n"),
        ("Two", "Two\n\no & p"),
    ]


def test_a_single_heading_is_the_title_of_a_letter(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A letter\n\nDear Ann.\n\n## P.S.\n\nBye.\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        book = read_book(tmp_path / "a.md")
    assert book.title == "A letter"
    assert [chapter.text for chapter in book.chapters] == ["A letter\n\nDear Ann.\n\nP.S.\n\nBye."]


@pytest.mark.parametrize(
    ("name", "package", "message"),
    [
        ("a.md", "markdown_it", "markdown-it-py, which reads Markdown, is missing"),
        ("a.md", "lxml", "lxml, which reads HTML and EPUB, is missing"),
        ("a.html", "lxml", "lxml, which reads HTML and EPUB, is missing"),
    ],
)
def test_a_missing_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str, message: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    (tmp_path / name).write_text("Yes.")
    with pytest.raises(TextError, match=message) as caught:
        read_book(tmp_path / name)
    assert caught.value.hint == "pip install 'saywave[books]'"
