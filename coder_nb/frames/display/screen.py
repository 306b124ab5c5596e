"""A table as plain text, for terminals and for a notebook's text form: aligned by the width characters really take.

No control character of a server's reaches the terminal, so nothing in a log line can act there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from coder_nb.frames.display.table import Cell, Column, Table
from coder_nb.look import visible

__all__ = ["columns_of", "draw"]

_BETWEEN = "  "


def draw(table: Table, width: int) -> str:
    """The table's text, the same for the same table; no line is wider than `width` columns."""
    heads = [_head(column) for column in table.columns]
    rows = [[_flat(cell, column) for cell, column in zip(row, table.columns, strict=True)] for row in table.rows]
    widths = _fit(table.columns, heads, rows, width)
    lines = [*_wrapped(_caption(table), width)]
    lines += [line for note in table.notes for line in _wrapped(f"! {visible(note)}", width)]
    lines += _lines(
        [list(_wrapped(head, size, " _")) for head, size in zip(heads, widths, strict=False)], table.columns, widths
    )
    gap, after = table.gap
    left_out = list(_wrapped(f"⋮ {gap:,} more in the frame", width)) if gap else []
    drawn = [list(_lines(_broken(row, table.columns, widths), table.columns, widths)) for row in rows]
    for part in (*drawn[:after], left_out, *drawn[after:]):
        lines += part
    hidden = table.hidden + [column.name for column in table.columns[len(widths) :]]
    if hidden:
        lines += _wrapped(f"also in the frame: {visible(', '.join(hidden))}", width)
    return "\n".join(line.rstrip() for line in lines)


def columns_of(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.combining(char) or char in "\u200c\u200d\ufe0e\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _caption(table: Table) -> str:
    what, whose, where = table.title
    title = f"{what} of {whose}" if whose else what
    return visible(", ".join((f"{title} on {where}" if where else title, *table.facts)))


def _head(column: Column) -> str:
    return visible(f"{column.name} {column.note}".rstrip())


def _flat(cell: Cell, column: Column) -> str:
    text = cell.text.expandtabs(4)
    return visible(text, keep="\n" if column.flows else "")


def _fit(columns: Sequence[Column], heads: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """A width for each column, so that together they fit; last columns for which there is no room get none.

    First the heads break, then long text flows, and only then is anything cut.
    """
    cells = [
        max((columns_of(line) for row in rows for line in row[index].split("\n")), default=0)
        for index in range(len(columns))
    ]
    words = [max(columns_of(word) for word in re.split("(?<=_)| ", head)) for head in heads]
    sizes = [max(cell, columns_of(head)) for cell, head in zip(cells, heads, strict=True)]
    room = width - len(_BETWEEN) * (len(sizes) - 1)
    flowing = [index for index, column in enumerate(columns) if column.flows]
    whole = {index: max(cells[index], words[index]) for index in range(len(sizes)) if index not in flowing}
    unbroken = {index: min(24, max(14, _longest_word(row[index] for row in rows))) for index in flowing}
    for least in (whole, dict.fromkeys(flowing, 30), unbroken, dict.fromkeys(flowing, 14), dict.fromkeys(whole, 16)):
        _shrink(sizes, room, least)
    if sum(sizes) <= room:
        return sizes
    if len(sizes) == 1:
        return [width]
    return _fit(columns[:-1], heads[:-1], rows, width)


def _longest_word(texts: Iterable[str]) -> int:
    return max((columns_of(word) for text in texts for word in text.split()), default=0)


def _shrink(sizes: list[int], room: int, least: Mapping[int, int]) -> None:
    """Takes from the widest columns, but leaves each its least, until all fit into the room."""
    while sum(sizes) > room:
        able = [index for index in least if sizes[index] > least[index]]
        if not able:
            return
        sizes[max(able, key=lambda index: sizes[index])] -= 1


def _broken(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> list[list[str]]:
    """The lines of each cell: flowing columns take as many as they need, the others end in an ellipsis."""
    return [
        list(_wrapped(cell, size)) if column.flows else [_cut(cell, size)]
        for cell, column, size in zip(cells, columns, widths, strict=False)
    ]


def _lines(parts: Sequence[Sequence[str]], columns: Sequence[Column], widths: Sequence[int]) -> Iterator[str]:
    """One row of cells that may be several lines high."""
    for index in range(max(map(len, parts))):
        yield _BETWEEN.join(
            _pad(part[index] if index < len(part) else "", size, column.right)
            for part, column, size in zip(parts, columns, widths, strict=False)
        )


def _pad(text: str, size: int, right: bool) -> str:
    space = " " * (size - columns_of(text))
    return space + text if right else text + space


def _cut(text: str, size: int) -> str:
    if columns_of(text) <= size:
        return text
    kept = ""
    for char in text:
        if columns_of(kept) + _columns(char) > size - 1:
            break
        kept += char
    return kept + "…"


def _wrapped(text: str, size: int, breaks: str = " ") -> Iterator[str]:
    """Lines no wider than size, broken after one of `breaks` where there is one in the second half."""
    for line in text.split("\n"):
        rest = line
        while columns_of(rest) > size:
            end = _end(rest, size, breaks)
            yield rest[:end].rstrip()
            rest = rest[end:].removeprefix(" ")
        yield rest


def _end(text: str, size: int, breaks: str) -> int:
    taken = end = 0
    while taken + _columns(text[end]) <= size:
        taken += _columns(text[end])
        end += 1
    if text[end] == " ":
        return max(end, 1)
    after = max(text.rfind(mark, end // 3, end) for mark in breaks) + 1
    return after or max(end, 1)
