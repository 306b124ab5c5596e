"""The one thread that sends for all views of this process, each at its own pace. It ends when nothing is to be sent.

Knows neither what is sent nor to whom: a view says when it may send next, and sends when its turn comes.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import Protocol

__all__ = ["PUMP", "Pump", "Pumped"]

LINGER = 5.0
"""Seconds the thread stays without work."""


class Pumped(Protocol):
    """What the pump asks of a view."""

    def due(self, now: float) -> float:
        """When it may send next, in monotonic seconds. Takes no lock."""
        ...

    def pumped(self, now: float) -> bool:
        """Send what is next; whether it wants another turn, when that is due. Raises nothing."""
        ...


class Pump:
    """Views that have something to send, and the thread that lets them."""

    def __init__(self) -> None:
        self._turns: dict[Pumped, float] = {}
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None

    def wake(self, view: Pumped) -> None:
        """The view has something to send. Cheap, from any thread."""
        if sys.is_finalizing():
            # Views are closed with the interpreter, when no thread can begin any more.
            return
        with self._change:
            at, before = view.due(time.monotonic()), self._turns.get(view)
            if before is not None and before <= at:
                return
            self._turns[view] = at
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="coder-nb:pump", daemon=True)
                self._thread.start()
            self._change.notify()

    def close(self) -> None:
        """Ends the thread; what is waiting is not sent."""
        with self._change:
            thread, self._thread = self._thread, None
            self._turns.clear()
            self._change.notify()
        if thread is not None and thread is not threading.current_thread():
            thread.join(2)

    def _run(self) -> None:
        while (view := self._next()) is not None:
            if view.pumped(time.monotonic()):
                with self._change:
                    at = view.due(time.monotonic())
                    self._turns[view] = min(at, self._turns.get(view, at))

    def _next(self) -> Pumped | None:
        """The view whose turn it is, taken from those that wait; None when the thread is to end."""
        idle = time.monotonic() + LINGER
        with self._change:
            while self._thread is threading.current_thread():
                now = time.monotonic()
                view = min(self._turns, key=self._turns.__getitem__, default=None)
                at = idle if view is None else self._turns[view]
                if at > now:
                    self._change.wait(at - now)
                elif view is None:
                    self._thread = None
                else:
                    del self._turns[view]
                    return view
        return None


PUMP = Pump()
