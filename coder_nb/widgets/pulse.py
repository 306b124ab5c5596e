"""Whether the kernel hears what pages say: it does not while a cell runs, so their silence then says nothing."""

from __future__ import annotations

import sys
import time
from typing import Any

__all__ = ["Pulse"]

EVERY = 5.0
PROMPT = 1.0


class Pulse:
    """Asks the kernel's loop for a sign of life now and then. Without a kernel there is none."""

    def __init__(self) -> None:
        self._asked: float | None = None
        self._last = 0.0
        self._prompt = False

    def felt(self, now: float) -> bool:
        """Whether a sign came promptly since the last time it was felt; asks for the next one every five seconds."""
        felt, self._prompt = self._prompt, False
        if self._asked is None and now - self._last >= EVERY:
            self._ask(now)
        return felt

    def _ask(self, now: float) -> None:
        self._asked = self._last = now
        loop = _loop()
        if loop is not None:
            loop.add_callback(self._answered)

    def _answered(self) -> None:
        asked, self._asked = self._asked, None
        self._prompt = asked is not None and time.monotonic() - asked < PROMPT


def _loop() -> Any:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(getattr(shell, "kernel", None), "io_loop", None)
