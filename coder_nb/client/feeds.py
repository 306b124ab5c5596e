"""The feeds of one connection: one for each agent and kind, whoever asks and however often. Closed with it.

A feed that nobody holds any more is forgotten, and what it kept with it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from coder_nb.closing import Closing

if TYPE_CHECKING:
    from coder_nb.streams.feed import Feed

__all__ = ["Feeds"]


class Feeds(Closing):
    """Feeds by what they follow."""

    def __init__(self) -> None:
        self._feeds: WeakValueDictionary[tuple[str, str], Feed[Any]] = WeakValueDictionary()
        self._closing: list[Feed[Any]] = []
        self._lock = threading.Lock()

    def get(self, key: str, kind: str, make: Callable[[], Feed[Any]]) -> Feed[Any]:
        """The feed of that kind, made if there is none yet.

        Args:
            key: whose it is, such as an agent's id, or its name in its workspace.
            kind: logs, metadata, containers, ports.
        """
        with self._lock:
            feed = self._feeds.get((key, kind))
            if feed is None:
                feed = self._feeds[key, kind] = make()
            return feed

    def close(self) -> None:
        """Ends all of them. What they have under way ends with the connection; `join` waits for that."""
        with self._lock:
            self._closing = list(self._feeds.values())
        for feed in self._closing:
            feed.end()

    def join(self) -> None:
        """Waits until all that were closed have ended."""
        while self._closing:
            self._closing.pop().join(2)
