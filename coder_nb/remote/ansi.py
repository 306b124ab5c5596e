"""Terminal colours as HTML, and text without what else a terminal would obey. Text in, text out.

Colours only: what moves a cursor, names a window or asks the terminal for an answer is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from coder_nb import look

__all__ = ["coloured", "html", "lines", "plain", "unfinished"]

ESCAPE = re.compile(
    "\x1b(?:"
    r"\[(?P<sgr>[0-9;:]*)m"
    r"|\[[0-?]*[ -/]*(?:[@-~]|\Z)"
    "|[]PX^_][^\x07\x1b]*(?:\x07|\x1b\\\\)?"
    r"|[ -/]*[0-~]"
    "|)"
)
_UNFINISHED = re.compile("\x1b(?:\\[[0-?]*[ -/]*|[]PX^_][^\x07\x1b]*\x1b?|[ -/]*)\\Z")
_STYLE = {
    1: ("font-weight", "bold"),
    2: ("opacity", ".7"),
    3: ("font-style", "italic"),
    4: ("text-decoration", "underline"),
    9: ("text-decoration", "line-through"),
}
_OFF = {
    21: "font-weight",
    23: "font-style",
    24: "text-decoration",
    29: "text-decoration",
    39: "color",
    49: "background",
}
# As all of look's colours these read on light and on dark.
_COLOURS = ("#7b7b7b", look.BAD, look.GOOD, look.WARN, look.BUSY, "#b455c8", "#1393a5", "#8a8a8a")
_STEPS = (0, 95, 135, 175, 215, 255)


def lines(text: str) -> str:
    """Text as it is left to read after carriage returns: of each line what was written last."""
    if "\r" not in text:
        return text
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))


def plain(text: str) -> str:
    """Text without escape sequences."""
    return ESCAPE.sub("", text) if "\x1b" in text else text


def coloured(text: str) -> str:
    """Text in which colours are the only escape sequences."""
    return ESCAPE.sub(lambda found: found[0] if found["sgr"] is not None else "", text) if "\x1b" in text else text


def unfinished(text: str) -> bool:
    """Whether an escape sequence, which the text begins with, has not come to its end."""
    return _UNFINISHED.match(text) is not None


def html(text: str) -> str:
    """Text as HTML, its colours as inline styles; everything else in it is escaped."""
    return "".join(_spans(text))


def _spans(text: str) -> Iterator[str]:
    style: dict[str, str] = {}
    at = 0
    for found in ESCAPE.finditer(text):
        yield _span(text[at : found.start()], style)
        at = found.end()
        if found["sgr"] is not None:
            _apply(found["sgr"], style)
    yield _span(text[at:], style)


def _span(text: str, style: dict[str, str]) -> str:
    if not text or not style:
        return look.safe(text)
    return f'<span style="{";".join(f"{name}:{value}" for name, value in style.items())}">{look.safe(text)}</span>'


def _apply(codes: str, style: dict[str, str]) -> None:
    left = [int(code or 0) if len(code) < 6 else -1 for code in re.split("[;:]", codes)]
    while left:
        code = left.pop(0)
        if code == 0:
            style.clear()
        elif code in (38, 48):
            if colour := _indexed(left):
                style["color" if code == 38 else "background"] = colour
        elif code in _STYLE:
            name, value = _STYLE[code]
            style[name] = value
        elif code == 22:
            style.pop("font-weight", None)
            style.pop("opacity", None)
        elif code in _OFF:
            style.pop(_OFF[code], None)
        elif 30 <= code <= 37 or 90 <= code <= 97:
            style["color"] = _COLOURS[code % 10]
        elif 40 <= code <= 47 or 100 <= code <= 107:
            style["background"] = f"{_COLOURS[code % 10]}55"


def _indexed(left: list[int]) -> str:
    """The colour that 38 or 48 begins: `5;n` of 256, or `2;r;g;b`."""
    kind = left.pop(0) if left else 0
    if kind == 5 and left:
        number = min(left.pop(0), 255)
        if 0 <= number < 16:
            return _COLOURS[number % 8]
        if number >= 232:
            grey = 8 + 10 * (number - 232)
            return f"#{grey:02x}{grey:02x}{grey:02x}"
        if number < 0:
            return ""
        number -= 16
        return "#" + "".join(f"{_STEPS[number // size % 6]:02x}" for size in (36, 6, 1))
    if kind == 2:
        parts, left[:3] = left[:3], []
        if len(parts) == 3:
            return "#" + "".join(f"{max(0, min(part, 255)):02x}" for part in parts)
    return ""
