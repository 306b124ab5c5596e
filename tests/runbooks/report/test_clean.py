"""HTML of others made harmless: what acts or loads is gone, what reads well stays."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.runbooks.report.clean import clean

HOSTILE = [
    "<script>fetch('http://evil.example')</script>",
    "<img src='http://evil.example/a.png'>",
    "<img src='data:text/html;base64,AAAA'>",
    "<img src='data:image/png;base64,AAAA' onerror='alert(1)'>",
    "<style>@import 'http://evil.example/x.css';</style>",
    "<div style='background:url(http://evil.example/b)'>x</div>",
    "<div style='background:u\\72l(http://evil.example/b)'>x</div>",
    "<div style='background-image:image-set(\"http://evil.example/b\" 1x)'>x</div>",
    "<div style='position:fixed;top:0;left:0'>x</div>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<svg><image href='http://evil.example/a.png'/></svg>",
    "<link rel='stylesheet' href='http://evil.example/x.css'>",
    "<meta http-equiv='refresh' content='0;url=http://evil.example'>",
    "<base href='http://evil.example/'>",
    "<form action='http://evil.example'><input name='a'><button>go</button></form>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='http://[broken'>x</a>",
    "<body background='http://evil.example/a.png'>",
    "<table background='http://evil.example/a.png'><tr><td>x</table>",
    "<video poster='http://evil.example/a.png'></video>",
    "<object data='http://evil.example/a.swf'></object>",
    "<math><mtext><img src='http://evil.example/a.png'></mtext></math>",
    "<noscript><img src='http://evil.example/a.png'></noscript>",
    "<textarea></textarea><script>alert(1)</script>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
]
ACTS = re.compile(r"evil|alert|\bon\w+\s*=|javascript:|<(?:script|style|iframe|svg|link|meta|base|form|object)\b", re.I)


@pytest.mark.parametrize("html", HOSTILE)
def test_what_acts_or_loads_is_gone(html: str) -> None:
    """No script, no handler and no address that a browser would ask for is left; text around it stays."""
    cleaned = clean(f"<p>before</p>{html}")
    assert not ACTS.search(cleaned), cleaned
    assert "position" not in cleaned
    assert cleaned.startswith("<p>before</p>")


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ("<b>a</b> &amp; &lt;i&gt;", "<b>a</b> &amp; &lt;i&gt;"),
        (
            '<td colspan="2" style="color:red; padding: 2px">x</td>',
            '<td colspan="2" style="color:red;padding:2px">x</td>',
        ),
        (
            '<a href="https://e.example/?a=1&amp;b=2">x</a>',
            '<a href="https://e.example/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">x</a>',
        ),
        ('<img alt="p" src="data:image/png;base64,AA==">', '<img alt="p" src="data:image/png;base64,AA==">'),
        ('<span style="color:color-mix(in srgb,#1a8a4a 70%,currentColor)">x</span>',) * 2,
        ("<p><b>x<i>y</p>z", "<p><b>x<i>y</i></b></p>z"),
        ("</div>x", "x"),
        ("a\x1b[31mb\u202ec", "a␛[31mb�c"),
        ("<blink>x</blink>", "x"),
    ],
)
def test_what_reads_well_stays(html: str, cleaned: str) -> None:
    """Tables, colours, links and pictures in the page come out as they were, balanced and escaped."""
    assert clean(html) == cleaned


class _Balanced(HTMLParser):
    """Fails on an element that is closed without being open, or is left open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("br", "hr", "img", "col", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


PIECES = st.sampled_from(
    [
        *HOSTILE,
        "<b>",
        "</b>",
        "<table><tr><td>",
        "</table>",
        "<p ",
        "=\"'",
        ">",
        "<",
        "&#x3c;script&#x3e;",
        "</",
        "x",
        "<!--",
    ]
)


@given(st.lists(PIECES | st.text(max_size=8), max_size=12))
def test_whatever_comes_the_result_is_balanced_and_stays_as_it_is(pieces: list[str]) -> None:
    """Broken pages cannot break the page around them, and cleaning a clean page changes nothing."""
    cleaned = clean("".join(pieces))
    reader = _Balanced()
    reader.feed(cleaned)
    reader.close()
    assert reader.open == []
    assert not re.search(r"<(?:script|style|iframe|svg|link|meta|base|form|object)\b|\bsrc=\"http", cleaned)
    assert clean(cleaned) == cleaned
