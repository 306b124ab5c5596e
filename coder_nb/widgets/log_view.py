"""An agent's log in the notebook, live: lines go to the pages that show it, and `.frame` is what has come.

It filters nothing itself: which lines are seen is each page's own business. It shows a snapshot where no page is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from coder_nb import frames, look
from coder_nb.api.logs import AgentLog
from coder_nb.errors import CoderError
from coder_nb.frames.escapes import plain
from coder_nb.streams.feed import Feed, Gap
from coder_nb.widgets.feed_view import FeedView
from coder_nb.widgets.log_rows import Row, Rows

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["LogView"]

_SHOWN = 200
"""Lines of the text and HTML beside the widget."""
_TAKEN = 5_000


class LogView(FeedView[AgentLog]):
    """A log that grows.

    Args:
        feed: where lines come from.
        title: whose log it is.
        names: display names of log sources by their ids, as far as they are known.
        sources: tells them anew; asked when there is an unknown one.
        first: lines that are there already; shown where no page is.
        level: which lines pages show at first: at least this level.
        source: and only of this source, by name or id.
        grep: and only those whose text this regular expression finds.
        attrs: what `.frame` says of itself.
    """

    _shown: Any = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        feed: Feed[AgentLog],
        *,
        title: str,
        names: Mapping[str, str] | None = None,
        sources: Callable[[], Mapping[str, str]] | None = None,
        first: Sequence[AgentLog] = (),
        level: str | None = None,
        source: str | None = None,
        grep: str | None = None,
        attrs: Mapping[str, Any] | None = None,
    ) -> None:
        self._name_sources = sources
        self._names = dict(names or {})
        self._attrs = dict(attrs or {})
        self._rows = Rows()
        self._rows.add(first)
        self._marked: set[int] = set()
        super().__init__("logs", feed, title=title)
        self._shown = {"level": level or "", "source": source or "", "grep": grep or ""}

    @property
    def frame(self) -> DataFrame:
        """What has come, as `Agent.logs` gives it: the newest 100,000 lines."""
        with self._lock:
            self._drain()
            records = self._rows.records()
        return frames.logs(records, sources=self._names, attrs=self._attrs)

    @property
    def selection(self) -> DataFrame:
        """The lines that are marked in a page."""
        with self._lock:
            records = [record for record in self._rows.records() if record.id in self._marked]
        return frames.logs(records, sources=self._names, attrs=self._attrs)

    def _anew(self) -> None:
        self._rows.anew()
        self._told = None

    def _batch(self) -> tuple[dict[str, object], Sequence[bytes]] | None:
        self._drain(_TAKEN)
        rows, state = self._rows.take(), self._new_state()
        if rows is None and not state:
            return None
        content, buffers = rows or ({}, [])
        if "sources" in content:
            content["sources"] = [self._named(id) for id in content["sources"]]  # type: ignore[attr-defined]
        content |= state
        return content, buffers

    def _asked(self, message: dict[str, Any], buffers: Sequence[memoryview]) -> None:
        if message.get("type") == "select" and buffers:
            with self._lock:
                self._marked = {int(id) for id in np.frombuffer(bytes(buffers[0]), "<f8")}

    def _drain(self, limit: int | None = None) -> None:
        if self._listener is not None:
            self._rows.add(self._listener.take(limit))

    def _named(self, source_id: str) -> list[str]:
        if source_id not in self._names and self._name_sources is not None:
            # A name is not worth a line: without one it keeps its id.
            with suppress(CoderError):
                self._names.update(self._name_sources())
            self._names.setdefault(source_id, source_id or "–")
        return [source_id, look.visible(self._names.get(source_id, source_id or "–"))]

    def _static_text(self) -> str:
        rows = self._rows.newest(_SHOWN)
        return "\n".join([self._head(), *("  ".join(cell for cell in self._cells(row) if cell) for row in rows)])

    def _static_html(self) -> str:
        rows = "".join(self._row(row) for row in self._rows.newest(_SHOWN))
        return (
            f"<div>{look.dim(self._head())}</div>"
            f'<div {look.AS_IT_IS} style="max-height:24em;overflow:auto;font-family:monospace;white-space:pre-wrap;'
            f'overflow-wrap:anywhere;text-align:left">{rows}</div>'
        )

    def _head(self) -> str:
        count = len(self._rows)
        cut = f", the last {_SHOWN} of them here" if count > _SHOWN else ""
        return f"{self.title}: {count:,} line{'' if count == 1 else 's'}{cut}"

    def _cells(self, row: Row) -> tuple[str, str, str, str]:
        """Time, level, source and text, harmless."""
        if isinstance(row, Gap):
            return "", "", "", f"… {row.lost:,} lines are missing …"
        name = self._names.get(row.source_id, "")
        at = f"{row.created_at:%Y-%m-%d %H:%M:%S}"
        return at, look.visible(row.level), look.visible(name), look.visible(plain(row.output), keep="\t")

    def _row(self, row: Row) -> str:
        at, level, source, text = self._cells(row)
        toned = f'<span style="{look.ink(level)}">{look.safe(level)}</span>'
        return f"<div>{look.dim(' '.join((at, source)))} {toned} {look.safe(text)}</div>"
