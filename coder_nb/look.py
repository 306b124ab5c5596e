"""How what we show looks in HTML: colours that read on light and on dark, escaped text, safe links, small tables.

Inline styles only, since untrusted notebooks and static pages strip <style>. All that a server sends goes through here.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urlsplit

__all__ = ["AS_IT_IS", "TONES", "dim", "hide", "ink", "link", "pairs", "safe", "state", "table", "visible"]

# Alone they read on white and on dark grounds alike, at about 4:1; `ink` brings that to 4.5:1 and more.
GOOD, WARN, BAD, BUSY, QUIET = "#1a8a4a", "#a86a00", "#d93636", "#2f7de1", "#7b7b7b"

TONES: dict[str, str] = {
    **dict.fromkeys(("running", "connected", "ready", "healthy", "succeeded", "ok", "done", "open"), GOOD),
    **dict.fromkeys(("warn", "start_timeout", "outdated", "dirty", "shutdown_timeout", "unknown", "declined",
                     "warning"), WARN),
    **dict.fromkeys(
        ("error", "failed", "unhealthy", "disconnected", "timeout", "start_error", "exit_failure", "timed_out",
         "pipes_left_open", "shutdown_error", "lost", "problem"),
        BAD,
    ),
    **dict.fromkeys(("pending", "starting", "stopping", "connecting", "initializing", "created", "shutting_down",
                     "canceling", "deleting", "info", "note", "opening"), BUSY),
    **dict.fromkeys(("stopped", "off", "disabled", "canceled", "deleted", "debug", "trace",
                     "unavailable", "not_run", "skipped", "closed"), QUIET),
}  # fmt: skip
"""The colour of every state word Coder uses; a word that is not here keeps the text's own colour."""


hide: Callable[[str], str] = str
"""Hides secrets in what is shown. Knows none until `coder_nb.credentials.seen` puts its `mask` here."""


def visible(text: str, *, keep: str = "") -> str:
    """Text in which nothing can act: control characters, and marks that turn the direction of writing, made visible;
    and no secret that this process has seen.

    Args:
        keep: control characters that stay as they are.
    """
    text = hide(text)
    if text.isprintable():
        return text
    return "".join(char if char in keep or char.isprintable() else _visible(char) for char in text)


def _visible(char: str) -> str:
    kind = unicodedata.category(char)
    if kind == "Cc":
        return chr(0x2400 + ord(char)) if char < " " else "␡" if char == "\x7f" else "�"
    if kind == "Zs":
        return " "
    # Joiners only shape letters and emoji; private and newer characters are somebody's symbols.
    return "�" if kind in ("Cf", "Zl", "Zp", "Cs") and char not in "\u200c\u200d" else char


def safe(text: object) -> str:
    """Text for HTML: escaped, and `visible`, so that nothing in it can act and no secret is seen."""
    return html.escape(visible(str(text), keep="\t\n"))


def ink(word: str) -> str:
    """CSS for the colour of a state word; "" where it has none.

    Mixed with the colour of the text around, it is darker on light grounds and lighter on dark ones: at least 4.5:1 in
    JupyterLab and VS Code. A browser or a sanitizer that does not know `color-mix` takes the plain colour.
    """
    colour = TONES.get(word.lower())
    return f"color:{colour};color:color-mix(in srgb,{colour} 70%,currentColor)" if colour else ""


def state(word: str) -> str:
    """A state word in its colour; a dot before it, so that it does not speak by colour alone."""
    return f'<span style="white-space:nowrap;{ink(word)}">●&nbsp;{safe(word)}</span>' if word else dim("–")


def dim(text: object) -> str:
    """Text that matters less."""
    return f'<span style="opacity:.7">{safe(text)}</span>'


def link(url: str | None, text: object) -> str:
    """A link, for http and https only; anything else is text."""
    try:
        opens = bool(url) and urlsplit(url).scheme in ("http", "https")
    except ValueError:  # such as a bracket that is not closed
        opens = False
    if not url or not opens:
        return safe(text)
    return f'<a href="{html.escape(hide(url))}" target="_blank" rel="noopener noreferrer">{safe(text)}</a>'


AS_IT_IS = 'class="mathjax_ignore tex2jax_ignore"'
"""An attribute of HTML whose text is no mathematics: JupyterLab would set what is between two dollars."""

_CELL = "text-align:left;vertical-align:top;padding:2px 14px 2px 0;border:0;background:none;max-width:60em"
_TABLE = (
    f'<table {AS_IT_IS} style="border:0;border-collapse:collapse;margin:2px 0 6px 0;background:none;font-size:inherit">'
)


def table(rows: Iterable[Sequence[str]], *, head: Sequence[str] = ()) -> str:
    """A table without rules or stripes. Cells are HTML already, heads are text."""
    titles = "".join(f'<th style="{_CELL};font-weight:normal">{dim(title)}</th>' for title in head)
    first = f'<tr style="background:none">{titles}</tr>' if titles else ""
    body = "".join(
        '<tr style="background:none">' + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in row) + "</tr>"
        for row in rows
    )
    return f"{_TABLE}{first}{body}</table>"


def pairs(rows: Iterable[tuple[str, object]]) -> str:
    """Labels and texts, a row each."""
    return table([dim(label), safe(text)] for label, text in rows)
