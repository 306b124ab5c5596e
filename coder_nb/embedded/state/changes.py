"""Tells who listens that something about a workspace is different now; what, they have to look up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Lock

__all__ = ["Changes"]


class Changes:
    """Calls its listeners. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._listeners: list[Callable[[], None]] = []

    def tell(self) -> None:
        """Something is different. Listeners are called on this thread."""
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls `listener` at each later change; returns what ends that."""
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock, suppress(ValueError):
                self._listeners.remove(listener)

        return stop
