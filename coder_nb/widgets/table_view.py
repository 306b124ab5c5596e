"""A table in the notebook, live: ports, containers, workspaces. Pages get what has changed, row by row.

What can be done with a row is asked of the page's reader first, and done by callbacks this was given; nothing of it
happens by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coder_nb import look
from coder_nb.errors import CoderError
from coder_nb.frames import display
from coder_nb.streams.feed import Feed, Gap
from coder_nb.widgets.feed_view import FeedView
from coder_nb.widgets.patches import Row, Sheet, keyed

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Action", "TableView"]

_STATIC, _ROWS = 200, 5_000


@dataclass(frozen=True, slots=True)
class Action:
    """What can be done with a row.

    Attributes:
        label: of its button: a verb.
        asks: what the reader is asked before.
        where: whether a row has it, by its values.
        does: does it, given the row's values; what it raises is shown in the row.
    """

    label: str
    asks: str
    where: Callable[[Mapping[str, Any]], bool]
    does: Callable[[Mapping[str, Any]], object]


class TableView(FeedView[Any]):
    """A frame that changes.

    Args:
        feed: gives a snapshot whenever there is a new one.
        frame: makes a frame of ours of a snapshot.
        title: what it shows.
        key: the columns that tell which row is which.
        first: the frame there is already; shown where no page is.
        empty: what to say of no rows.
        actions: what can be done with rows, by names.
    """

    def __init__(
        self,
        feed: Feed[Any],
        *,
        frame: Callable[[Any], DataFrame],
        title: str,
        key: Sequence[str],
        first: DataFrame,
        empty: str = "nothing there",
        actions: Mapping[str, Action] | None = None,
    ) -> None:
        self._make = frame
        self._key = list(key)
        self._frame = first
        self._empty = empty
        self._actions = dict(actions or {})
        self._sheet = Sheet()
        self._columns: list[list[object]] = []
        self._fresh = self._new = True
        super().__init__("table", feed, title=title)

    @property
    def frame(self) -> DataFrame:
        """The newest state."""
        with self._lock:
            self._drain()
            return self._frame.copy()

    def _anew(self) -> None:
        self._fresh, self._told = True, None

    def _batch(self) -> tuple[dict[str, object], Sequence[bytes]] | None:
        self._drain()
        body: dict[str, object] = {}
        if self._fresh or self._new:
            columns, rows = self._rows()
            body = self._whole(columns, rows) if self._fresh or columns != self._columns else self._sheet.patch(rows)
            self._fresh = self._new = False
        body |= self._new_state()
        return (body, ()) if body else None

    def _whole(self, columns: list[list[object]], rows: list[Row]) -> dict[str, object]:
        self._columns = columns
        actions = {name: [action.label, action.asks] for name, action in self._actions.items()}
        return {"columns": columns, "empty": self._empty, "actions": actions, **self._sheet.whole(rows)}

    def _rows(self) -> tuple[list[list[object]], list[Row]]:
        """Heads of columns, and rows, as pages show them."""
        from coder_nb.frames.display.table import table

        shown = table(self._frame, most=_ROWS)
        if shown is None:
            raise TypeError("a live table shows frames of coder_nb's own kinds")
        columns: list[list[object]] = [
            [look.visible(f"{column.name.replace('_', ' ')} {column.note}".strip()), int(column.right)]
            for column in shown.columns
        ]
        rows = [
            Row(key, [_cell(cell.text, cell.tone, cell.url) for cell in cells], self._offered(record))
            for (key, record), cells in zip(self._records(), shown.rows, strict=True)
        ]
        return columns, rows

    def _records(self) -> list[tuple[str, dict[str, Any]]]:
        """Keys and values of the rows that pages show."""
        records = [
            {str(name): value for name, value in record.items()}
            for record in self._frame.head(_ROWS).to_dict("records")
        ]
        keys = keyed(["·".join(look.visible(str(record[name])) for name in self._key) for record in records])
        return list(zip(keys, records, strict=True))

    def _offered(self, record: Mapping[str, Any]) -> list[str]:
        return [name for name, action in self._actions.items() if action.where(record)]

    def _asked(self, message: dict[str, Any], buffers: Sequence[memoryview]) -> None:
        if message.get("type") != "do" or message.get("action") not in self._actions:
            return None
        name, key = str(message["action"]), str(message.get("key"))
        with self._lock:
            record = dict(self._records()).get(key)
        if record is None or not self._actions[name].where(record):
            return self._say({"key": key, "error": "that is no longer possible: the row has changed"})
        # What is done may take long, and pages are answered meanwhile.
        does = threading.Thread(target=self._do, args=(name, key, record), name="coder-nb:action", daemon=True)
        return does.start()

    def _do(self, name: str, key: str, record: Mapping[str, Any]) -> None:
        try:
            self._actions[name].does(record)
        except CoderError as error:
            said = error.message if not error.hint else f"{error.message}. {error.hint}"
            self._say({"key": key, "error": look.visible(said)})
        except Exception as error:
            self._say({"key": key, "error": f"{type(error).__name__}: {look.visible(str(error))}"})
        else:
            self._say({"key": key, "done": name})

    def _drain(self) -> None:
        for snapshot in self._listener.take() if self._listener is not None else ():
            if not isinstance(snapshot, Gap):
                self._frame, self._new = self._make(snapshot), True

    def _static_text(self) -> str:
        return display.text(self._frame)

    def _static_html(self) -> str:
        return display.html(self._frame, most=_STATIC) or look.safe(display.text(self._frame))


def _cell(text: str, tone: str, url: str | None) -> str | list[str]:
    text = look.visible(text)
    if url:
        return [text, tone, look.visible(url)]
    return [text, tone] if tone else text
