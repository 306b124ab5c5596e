"""A table as pages keep it, and what brings it from one state to the next: rows by key, cells by column. No I/O.

A cell is its text, or [text, tone] or [text, tone, url] where it has those.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Patch", "Row", "Sheet", "keyed"]

Cell = str | Sequence[str]


@dataclass(frozen=True, slots=True)
class Row:
    """A row.

    Attributes:
        key: what tells that it is the same row later.
        cells: one for each column.
        actions: names of what can be done with it now.
    """

    key: str
    cells: Sequence[Cell]
    actions: Sequence[str] = ()


Patch = dict[str, object]


def keyed(keys: Sequence[str]) -> list[str]:
    """Keys that are each there once: what comes a second time is numbered."""
    seen: dict[str, int] = {}
    found = []
    for key in keys:
        seen[key] = seen.get(key, 0) + 1
        found.append(key if seen[key] == 1 else f"{key} #{seen[key]}")
    return found


@dataclass(slots=True)
class Sheet:
    """What the pages have. `patch` says what they lack, and takes it as sent."""

    _rows: dict[str, Row] = field(default_factory=dict)

    def whole(self, rows: Sequence[Row]) -> Patch:
        """Everything, for pages that have nothing."""
        self._rows = {row.key: row for row in rows}
        return {"rows": [_sent(row) for row in rows]}

    def patch(self, rows: Sequence[Row]) -> Patch:
        """From what they have to this; empty where that is the same."""
        before, self._rows = self._rows, {row.key: row for row in rows}
        patch: Patch = {}
        if gone := [key for key in before if key not in self._rows]:
            patch["gone"] = gone
        if added := [_sent(row) for row in rows if row.key not in before]:
            patch["add"] = added
        changed = {row.key: _changes(before[row.key], row) for row in rows if row.key in before}
        if changed := {key: cells for key, cells in changed.items() if cells}:
            patch["set"] = changed
        # Pages put what is new at the end; only another order has to be told.
        kept = [key for key in before if key in self._rows]
        if [*kept, *(row.key for row in rows if row.key not in before)] != [row.key for row in rows]:
            patch["order"] = [row.key for row in rows]
        return patch


def _sent(row: Row) -> list[object]:
    return [row.key, list(row.cells), *([list(row.actions)] if row.actions else [])]


def _changes(before: Row, after: Row) -> Mapping[str, object]:
    changed: dict[str, object] = {
        str(at): cell for at, (old, cell) in enumerate(zip(before.cells, after.cells, strict=True)) if old != cell
    }
    if list(before.actions) != list(after.actions):
        changed["a"] = list(after.actions)
    return changed
