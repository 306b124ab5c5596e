"""A table as HTML: readable in light and dark without knowing which, and without <style>, which untrusted notebooks and
static pages strip. Everything is escaped; only http and https become links.
"""

from __future__ import annotations

from coder_nb import look
from coder_nb.frames.display.table import DASH, Cell, Column, Table

__all__ = ["draw"]

# Each pair: first what an untrusted notebook's sanitizer lets pass, then what we mean.
_MONO = "font-family:monospace;font-family:var(--jp-code-font-family,monospace)"
_TABLE = "border:0;border-collapse:collapse;margin:0;table-layout:auto;width:auto"
_CELL = "text-align:left;vertical-align:top;padding:1px 16px 1px 0;border:0"
_FLOWS = "white-space:pre-wrap;overflow-wrap:break-word;overflow-wrap:anywhere;min-width:12em;max-width:80em"
_DIM = "opacity:.72"


def draw(table: Table) -> str:
    """The table's HTML, the same for the same table."""
    styles = [_style(column) for column in table.columns]
    gap, after = table.gap
    rows = [_row(cells, table.columns, styles) for cells in table.rows]
    if gap:
        rows.insert(after, _gap(gap, table))
    head = "".join(map(_head, table.columns))
    return (
        f'<div {look.AS_IT_IS} style="max-width:100%;overflow-x:auto">'
        f'<table style="{_TABLE}">{_caption(table)}'
        f'<thead><tr style="background:none">{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
        f"{_footer(table)}</div>"
    )


def _caption(table: Table) -> str:
    what, whose, where = table.title
    title = f"<b>{look.safe(what)}</b>" + (f" of <b>{look.safe(whose)}</b>" if whose else "")
    rest = " · ".join(look.safe(part) for part in ((f"on {where}" if where else ""), *table.facts) if part)
    notes = "".join(f'<div style="{look.ink("warn")}">{look.safe(note)}</div>' for note in table.notes)
    return (
        '<caption style="caption-side:top;text-align:left;white-space:nowrap;padding:2px 0 6px;color:inherit">'
        f'{title} <span style="{_DIM}">{rest}</span>{notes}</caption>'
    )


def _head(column: Column) -> str:
    note = f' <span style="font-weight:normal;{_DIM}">{look.safe(column.note)}</span>' if column.note else ""
    align = "right" if column.right else "left"
    style = (
        f"text-align:{align};vertical-align:bottom;padding:1px 16px 3px 0;border:0;font-weight:600;white-space:nowrap"
    )
    return f'<th style="{style}">{look.safe(column.name)}{note}</th>'


def _style(column: Column) -> str:
    style = _CELL.replace("left", "right", 1) if column.right else _CELL
    style += f";{_FLOWS}" if column.flows else ";white-space:nowrap"
    if column.code:
        style += f";{_MONO};word-break:break-all;word-break:break-word"
    if column.right or column.name == "time":
        style += ";font-variant-numeric:tabular-nums"
    return style


def _row(cells: list[Cell], columns: list[Column], styles: list[str]) -> str:
    drawn = (
        f'<td style="{style}">{_inside(cell, column)}</td>'
        for cell, column, style in zip(cells, columns, styles, strict=True)
    )
    return f'<tr style="background:{_ground(cells, columns)}">{"".join(drawn)}</tr>'


def _ground(cells: list[Cell], columns: list[Column]) -> str:
    """A row's ground: a log line of level error stands out while one scrolls."""
    level = next((cell.tone for cell, column in zip(cells, columns, strict=True) if column.name == "level"), "")
    return "rgba(217,54,54,.09)" if level == "error" else "none"


def _inside(cell: Cell, column: Column) -> str:
    text = look.link(cell.url, cell.text) if cell.url else look.safe(cell.text)
    style = look.ink(cell.tone)
    if cell.text == DASH or (column.quiet and not style):
        style = _DIM
    if column.name == "level" and cell.tone == "error":
        style += ";font-weight:600"
    return f'<span style="{style}">{text}</span>' if style else text


def _gap(left_out: int, table: Table) -> str:
    style = f"{_CELL};padding:5px 0;{_DIM}"
    text = f"⋮ {left_out:,} more in the frame"
    return f'<tr style="background:none"><td colspan="{len(table.columns)}" style="{style}">{text}</td></tr>'


def _footer(table: Table) -> str:
    if not table.hidden:
        return ""
    names = look.safe(", ".join(table.hidden))
    return f'<div style="padding:5px 0 2px;font-size:.92em;{_DIM}">also in the frame: {names}</div>'
