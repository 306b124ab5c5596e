"""Ctrl-C while a runbook runs: first the kernel is interrupted, then it is given two seconds, then it is ended.

SIGTERM and a closed terminal do the same without being asked twice. Whatever was in force before is put back.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, Self

__all__ = ["GRACE", "Interrupts"]

GRACE = 2.0
"""Seconds a kernel has to end what it does, once it was told in earnest."""
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class Interrupts:
    """Signals of this process, as what is to happen to a kernel; to be used in a `with` block.

    Args:
        say: tells a person what happens.
    Attributes:
        count: how often it was asked to end so far.
        asking: a question is at the terminal now: Ctrl-C ends that one.
    """

    def __init__(self, interrupt: Callable[[], None], kill: Callable[[], None], say: Callable[[str], None]) -> None:
        self._interrupt, self._kill, self._say = interrupt, kill, say
        self._loop = asyncio.get_running_loop()
        self._before: dict[signal.Signals, Any] = {}
        self.count = 0
        self.asking = False

    def __enter__(self) -> Self:
        # Only the main thread may; elsewhere somebody else has the signals.
        if threading.current_thread() is threading.main_thread():
            for name in _NAMES:
                with suppress(AttributeError, OSError):
                    number = getattr(signal, name)
                    self._before[number] = signal.signal(number, self._caught)
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def again(self) -> None:
        """One more request to end; the first interrupts, any other also ends the kernel after GRACE."""
        self.count += 1
        self._interrupt()
        if self.count == 1:
            self._say("interrupted; once more ends the kernel")
        else:
            self._loop.call_later(GRACE, self._kill)
            self._say(f"the kernel is ended in {GRACE:.0f} s")

    def _caught(self, number: int, _: FrameType | None) -> None:
        if self.asking:
            raise KeyboardInterrupt
        if number != signal.SIGINT:
            self.count += 1
        self._loop.call_soon_threadsafe(self.again)
