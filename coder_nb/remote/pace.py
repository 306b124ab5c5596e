"""How fast a terminal is read while somebody looks at it: no faster than they take it, but never so slowly that the
server takes us for gone: it pings every 15 s, and its pings come behind all output that has not been read.
"""

from __future__ import annotations

import time
from threading import Condition
from typing import Final

from coder_nb.remote.tape import Tape

__all__ = ["Pace"]

AHEAD: Final = 4 * 1024 * 1024
"""Bytes that are read and not taken, at most, before reading waits."""
WINDOW: Final = 8.0
"""Seconds within which `LEAST` is to be read, or else reading no longer waits for a while."""
LEAST: Final = 6 * 1024 * 1024
"""More than what can be on its way before a ping: the buffers of both ends."""
FREE: Final = 16 * 1024 * 1024
"""Bytes read without waiting, in that while; of those what nobody has taken is lost."""


class Pace:
    """Holds up whoever reads. One thread reads, others take.

    Args:
        tape: what is read.
    """

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._taken: int | None = None
        self._news = Condition()
        self._window = (time.monotonic(), 0)
        self._free_until = 0

    def taken(self, at: int | None) -> None:
        """So much has been taken by all; None while nobody looks."""
        with self._news:
            self._taken = at
            self._news.notify_all()

    def release(self) -> None:
        """Nobody waits any longer, whoever looks."""
        self.taken(None)

    def keep(self) -> None:
        """Waits, where the reader is ahead of those who look."""
        with self._news:
            end, now = self._tape.end, time.monotonic()
            if end < self._free_until or self._near(end, AHEAD // 2):
                self._window = (now, end)
                return
            self._news.wait_for(
                lambda: self._near(end, AHEAD) or end < self._free_until, self._window[0] + WINDOW - now
            )
            since, at = self._window
            if time.monotonic() - since >= WINDOW:
                if end - at < LEAST:
                    self._free_until = end + FREE
                self._window = (time.monotonic(), end)

    def _near(self, end: int, most: int) -> bool:
        return self._taken is None or end - self._taken <= most
