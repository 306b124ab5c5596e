"""What an agent measures, live: the newest values and their recent past. Pages get the items that are new.

`.frame` is the history this has seen: a row for each value of each item.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from coder_nb import look
from coder_nb.api.metadata import MetadataItem
from coder_nb.frames import display
from coder_nb.streams.feed import Feed, Gap, Listener, State
from coder_nb.widgets.view import View

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["MetadataView"]

POINTS = 120
"""Values of an item that a page draws."""
HISTORY = 10_000
"""Values of an item that are kept for `.frame`."""
_LONGEST = 2_000
_STOPPED, _OFF = State("ended", "stopped here"), State("ended", "live views are turned off by CODER_NB_LIVE=0")


class MetadataView(View):
    """Values that change.

    Args:
        feed: gives all items whenever one has changed.
        frame: makes a metadata frame of them.
        title: whose they are.
        first: the items there are already; shown where no page is.
        warn_at: per cent from which on a value is pointed out.
    """

    def __init__(
        self,
        feed: Feed[list[MetadataItem]],
        *,
        frame: Callable[[Sequence[MetadataItem]], DataFrame],
        title: str,
        first: Sequence[MetadataItem],
        warn_at: float = 90.0,
    ) -> None:
        self._feed = feed
        self._make = frame
        self._frame = frame(first)
        self._warn_at = warn_at
        self._history: dict[str, deque[MetadataItem]] = {}
        self._sent: dict[str, object] = {}
        self._fresh = True
        self._told: State | None = None
        self._listener: Listener[list[MetadataItem]] | None = None
        self._keep(first)
        super().__init__("metadata", title=title)

    @property
    def frame(self) -> DataFrame:
        """Every value that was seen, as `Agent.metadata` has it: a row each, item by item, in the order of times."""
        with self._lock:
            self._drain()
            seen = [item for kept in self._history.values() for item in kept]
        return self._make(seen)

    @property
    def state(self) -> State:
        """What the stream is doing."""
        return _OFF if self.off else _STOPPED if self._stopped else self._feed.state

    def _looked_at(self, looking: bool) -> None:
        with self._lock:
            listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()
        if looking and not self._stopped:
            self._listener = self._feed.listen(self._wake)

    def _end(self) -> None:
        with self._lock:
            self._drain()
        self._looked_at(False)

    def _anew(self) -> None:
        self._fresh, self._told = True, None

    def _batch(self) -> tuple[dict[str, object], Sequence[bytes]] | None:
        self._drain()
        items = {item["key"]: item for item in map(_item, self._frame.to_dict("records"))}
        new = {key: item for key, item in items.items() if self._fresh or self._sent.get(key) != item}
        body: dict[str, object] = {}
        if self._fresh:
            past = {key: self._past(key) for key in items}
            body = {"order": list(items), "past": past, "warn_at": self._warn_at}
        elif list(items) != list(self._sent):
            body["order"] = list(items)
        if new:
            body["items"] = list(new.values())
        self._sent, self._fresh = dict(items), False
        if (state := self.state) != self._told:
            self._told = state
            # The page's clock may be another one than ours.
            retry = None if state.retry_at is None else max(0.0, round(state.retry_at - time.time(), 1))
            body["state"] = {"name": state.name, "why": look.visible(state.why), "retry": retry}
        return (body, ()) if body else None

    def _past(self, key: str) -> list[float]:
        """The numbers of an item that are to be drawn, the newest last."""
        newest = list(self._history.get(key, ()))[-POINTS:]
        found = (
            number if (share := _percent(record)) is None else share
            for record in self._make(newest).to_dict("records")
            if not pd.isna(number := record["number"])
        )
        return [float(number) for number in found]

    def _drain(self) -> None:
        for snapshot in self._listener.take() if self._listener is not None else ():
            if not isinstance(snapshot, Gap):
                self._frame = self._make(snapshot)
                self._keep(snapshot)

    def _keep(self, items: Sequence[MetadataItem]) -> None:
        for item in items:
            kept = self._history.setdefault(look.visible(item.description.key), deque(maxlen=HISTORY))
            # The same value is told again and again until there is a new one.
            if not kept or kept[-1].result.collected_at != item.result.collected_at:
                kept.append(item)

    def _static_text(self) -> str:
        return display.text(self._frame)

    def _static_html(self) -> str:
        return display.html(self._frame, most=200) or look.safe(display.text(self._frame))


def _item(record: dict[Any, Any]) -> dict[str, Any]:
    """One item as pages get it; the age is theirs to count from when it was collected."""
    number, collected = record["number"], record["collected"]
    return {
        "key": look.visible(str(record["key"])),
        "name": look.visible(str(record["name"] or record["key"])),
        "value": look.visible(_text(record["value"]))[:_LONGEST],
        "number": None if pd.isna(number) else float(number),
        "unit": look.visible(_text(record["unit"])),
        "percent": _percent(record),
        "error": look.visible(_text(record["error"]))[:_LONGEST],
        "at": None if pd.isna(collected) else round(collected.timestamp(), 1),
        "age": None if pd.isna(record["age"]) else round(record["age"].total_seconds()),
    }


def _percent(record: dict[Any, Any]) -> float | None:
    """The share that a value names, which is what people watch: 8 of "1.8/23.5 GiB (8%)"."""
    found = re.search(r"(\d+(?:\.\d+)?)\s?%", _text(record["value"]))
    return float(found[1]) if found else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
