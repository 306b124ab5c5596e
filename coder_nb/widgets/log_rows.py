"""Log lines as a page gets them: columns of numbers and one text, a hundred bytes a line less than JSON takes.

What has come is kept here, the newest 100,000 lines, for pages that come later. No I/O, no widgets.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from coder_nb.api.logs import AgentLog
from coder_nb.credentials.seen import mask
from coder_nb.frames.schema import LEVELS
from coder_nb.streams.feed import Gap

__all__ = ["KEPT", "Row", "Rows", "lines"]

Row = AgentLog | Gap

KEPT = 100_000
"""Lines that are kept, here and in each page."""
_SLACK = 10_000
"""Lines above that before the oldest are forgotten, so that forgetting costs little."""
_BYTES = 192 * 1024
"""Text of one batch."""
_LONGEST = 16_384
"""Characters of a line that a page gets; servers keep 1,024."""
_MOST = 5_000
"""Lines of one batch."""
_GAP = len(LEVELS) + 1
"""The code that stands for missing lines where a line has its level; the one below it is an unknown level."""


class Rows:
    """The lines that have come, and how far they are told."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._told = 0
        self._last = 0
        self._sources: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, rows: Sequence[Row]) -> None:
        """More lines, in the order of their ids; what is known already is left out."""
        for row in rows:
            if isinstance(row, Gap):
                self._rows.append(row)
            elif row.id > self._last:
                self._last = row.id
                self._rows.append(row)
        if (excess := len(self._rows) - KEPT) > _SLACK:
            untold = excess - self._told
            self._rows[:excess] = [Gap(untold)] if untold > 0 and self._told else []
            self._told = max(0, -untold)

    def newest(self, count: int) -> list[Row]:
        """The last ones."""
        return self._rows[-count:] if count else []

    def records(self) -> list[AgentLog]:
        """Those that are lines."""
        return lines(self._rows)

    def anew(self) -> None:
        """Everything is to be told again."""
        self._told = 0
        self._sources = {}

    def take(self) -> tuple[dict[str, object], list[bytes]] | None:
        """The next lines to be told, and the ids of sources a page has not heard of; None if there are none."""
        rows, texts, size = [], [], 0
        for row in self._rows[self._told : self._told + _MOST]:
            text = (f"{row.lost:,}" if isinstance(row, Gap) else mask(row.output)[:_LONGEST]).encode("utf-8", "replace")
            rows.append(row)
            texts.append(text)
            size += len(text)
            if size >= _BYTES:
                break
        if not rows:
            return None
        self._told += len(rows)
        known = len(self._sources)
        content = self._columns(rows, texts)
        return {**content[0], "sources": list(self._sources)[known:]}, content[1]

    def _columns(self, rows: list[Row], texts: list[bytes]) -> tuple[dict[str, object], list[bytes]]:
        ids, times, levels, sources = [], [], [], []
        last, at = 0, 0.0
        for row in rows:
            if isinstance(row, Gap):
                level, source = _GAP, 0
            else:
                last, at = row.id, row.created_at.timestamp() * 1000
                level = LEVELS.index(row.level) if row.level in LEVELS else _GAP - 1
                source = self._sources.setdefault(row.source_id, len(self._sources))
            ids.append(last)
            times.append(at)
            levels.append(level)
            sources.append(source)
        # A gap at the front has the time and id of the line behind it.
        first = next((index for index, row in enumerate(rows) if not isinstance(row, Gap)), None)
        if first:
            ids[:first], times[:first] = [ids[first]] * first, [times[first]] * first
        id = ids[0]
        columns = (
            np.array(times, "<f8"),
            np.array([each - id for each in ids], "<u4"),
            np.array([len(text) for text in texts], "<u4"),
            np.array(sources, "<u2"),
            np.array(levels, "u1"),
        )
        return {"n": len(rows), "id": id}, [b"".join(c.tobytes() for c in columns), b"".join(texts)]


def lines(rows: Sequence[Row]) -> list[AgentLog]:
    """Those that are lines, not gaps."""
    return [row for row in rows if not isinstance(row, Gap)]
