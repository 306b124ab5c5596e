"""HTML that something in a notebook gave, made harmless for a page of ours: no script, no address that is loaded.

Only what is on the lists below comes out, written anew with everything escaped; anything else is dropped. It does not
keep a page that was broken as it was.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

from coder_nb.look import safe

__all__ = ["clean"]

_VOID: Final = frozenset({"br", "hr", "img", "col", "wbr"})
_KEPT: Final = (
    "a abbr b blockquote caption cite code colgroup dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 i "
    "ins kbd li mark ol p pre q s samp section small span strong sub summary sup table tbody td tfoot th thead time tr "
    "u ul var"
)
_TAGS: Final = _VOID | set(_KEPT.split())
_NEVER: Final = (
    "script style head title iframe frame frameset object embed applet template noscript noembed noframes svg math "
    "canvas audio video select textarea button form xmp plaintext"
)
_DROPPED: Final = frozenset(_NEVER.split())
"""Dropped with all that is in them."""
_ATTRIBUTES: Final = frozenset({"colspan", "rowspan", "align", "valign", "title", "alt", "open", "start", "scope"})
_NUMBERS: Final = frozenset({"width", "height"})
_PICTURE: Final = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]+", re.ASCII)
_PROPERTY: Final = re.compile(
    r"(?:background|background-color|border(?:-\w+)*|caption-side|color|display|(?:max-|min-)?(?:width|height)|"
    r"float|font(?:-\w+)*|gap|grid-template-columns|align-items|flex(?:-\w+)*|justify-content|letter-spacing|"
    r"line-height|list-style-type|margin(?:-\w+)*|opacity|overflow(?:-\w+)*|padding(?:-\w+)*|table-layout|"
    r"text-(?:align|decoration|indent|overflow|transform|wrap)|vertical-align|white-space|word-(?:break|spacing))",
    re.ASCII,
)
# No backslash, which can spell a name differently.
_VALUE: Final = re.compile(r"[\w\s.,%#'\"+*/!()-]*", re.ASCII)
_FUNCTION: Final = re.compile(r"([\w-]*)\(")
_FUNCTIONS: Final = {
    "",
    "rgb",
    "rgba",
    "hsl",
    "hsla",
    "var",
    "calc",
    "color-mix",
    "min",
    "max",
    "clamp",
    "minmax",
    "repeat",
}


def clean(html: str) -> str:
    """The same page, as far as it is harmless: balanced, escaped, loading nothing."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.result()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._open: list[str] = []
        self._dropping: list[str] = []

    def result(self) -> str:
        """What is left, with every element closed."""
        return "".join([*self._out, *(f"</{tag}>" for tag in reversed(self._open))])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._dropping or tag in _DROPPED:
            if tag in _DROPPED and tag not in ("embed", "frame"):
                self._dropping.append(tag)
            return
        if tag not in _TAGS:
            return
        kept = "".join(_attribute(tag, name, value or "") for name, value in attrs)
        if tag == "img" and " src=" not in kept:
            return
        self._out.append(f"<{tag}{kept}>")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # HTML knows no <b/>: it opens b.
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._dropping:
            if tag == self._dropping[-1]:
                self._dropping.pop()
            return
        if tag in self._open:
            while self._open:
                last = self._open.pop()
                self._out.append(f"</{last}>")
                if last == tag:
                    break

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self._out.append(safe(data))


def _attribute(tag: str, name: str, value: str) -> str:
    """An attribute, as it is written; "" for none."""
    if name == "style":
        kept = _style(value)
        return f' style="{escape(kept)}"' if kept else ""
    if name in _ATTRIBUTES:
        return f' {name}="{safe(value)}"'
    if name in _NUMBERS and re.fullmatch(r"\d{1,5}(?:px|%)?", value, re.ASCII):
        return f' {name}="{value}"'
    if tag == "a" and name == "href" and _opens(value):
        return f' href="{escape(value)}" target="_blank" rel="noopener noreferrer"'
    if tag == "img" and name == "src" and _PICTURE.fullmatch(value):
        return f' src="{value}"'
    return ""


def _opens(address: str) -> bool:
    try:
        return urlsplit(address).scheme in ("http", "https")
    except ValueError:
        return False


def _style(text: str) -> str:
    kept: list[str] = []
    for declaration in text.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip().lower(), value.strip()
        if _PROPERTY.fullmatch(name) and _VALUE.fullmatch(value) and _harmless(value):
            kept.append(f"{name}:{value}")
    return ";".join(kept)


def _harmless(value: str) -> bool:
    return all(name.lower() in _FUNCTIONS for name in _FUNCTION.findall(value)) and "/*" not in value
