"""What a terminal would leave to read of a line: no escape sequences, and what the last carriage return left standing.

Pure text in, text out. Other control characters stay: who shows the text makes them harmless.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["plain", "plain_lines"]

# A sequence cut off by the end of the line counts too: the server cuts lines at 1,024 characters.
_ESCAPE = re.compile(
    "\x1b(?:"
    r"\[[0-?]*[ -/]*(?:[@-~]|\Z)"  # CSI: colours, cursor moves
    "|[]PX^_][^\x07\x1b]*(?:\x07|\x1b\\\\)?"  # OSC and other strings, up to BEL or ST: titles, links
    r"|[ -/]*[0-~]"  # two or three characters: character sets, reset
    "|)"
)


def plain(line: str) -> str:
    """One line without escape sequences and carriage returns.

    >>> plain("\\x1b[31merror:\\x1b[0m disk full")
    'error: disk full'
    >>> plain("10%\\r50%\\rdone\\r")
    'done'
    """
    line = _ESCAPE.sub("", line)
    if "\r" in line:
        # A return at the end has not been written over yet.
        line = "\n".join(part.rstrip("\r").rpartition("\r")[2] for part in line.split("\n"))
    return line


def plain_lines(lines: Sequence[str]) -> list[str] | None:
    """All lines plain, or None when they are so already."""
    odd = [index for index, line in enumerate(lines) if "\x1b" in line or "\r" in line]
    if not odd:
        return None
    cleaned = list(lines)
    for index in odd:
        cleaned[index] = plain(cleaned[index])
    return cleaned
