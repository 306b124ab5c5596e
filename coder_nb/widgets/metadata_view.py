"""What an agent measures, live: the newest values and their recent past. Pages get the items that are new.

`.frame` is the history this has seen: a row for each value of each item.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from coder_nb import look
from coder_nb.api.metadata import MetadataItem
from coder_nb.frames import display
from coder_nb.streams.feed import Feed, Gap
from coder_nb.widgets.feed_view import FeedView

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["MetadataView"]

POINTS = 120
"""Values of an item that a page draws."""
HISTORY = 10_000
"""Values of an item that are kept for `.frame`."""
_LONGEST = 2_000


class MetadataView(FeedView[list[MetadataItem]]):
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
        self._make = frame
        self._frame = frame(first)
        self._warn_at = warn_at
        self._history: dict[str, deque[MetadataItem]] = {}
        self._sent: dict[str, object] = {}
        self._fresh = True
        self._keep(first)
        super().__init__("metadata", feed, title=title)

    @property
    def frame(self) -> DataFrame:
        """Every value that was seen, as `Agent.metadata` has it: a row each, item by item, in the order of times."""
        with self._lock:
            self._drain()
            seen = [item for kept in self._history.values() for item in kept]
        return self._make(seen)

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
        body |= self._new_state()
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
