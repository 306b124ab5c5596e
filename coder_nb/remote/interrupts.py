"""Ctrl-C as something that is asked for, instead of an exception that may strike between any two steps.

Only where Python's own handler is in place and on the main thread; elsewhere nothing is changed.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType

from coder_nb.closing import Closing

__all__ = ["Interrupts"]


class Interrupts(Closing):
    """Counts Ctrl-C while its block lasts. One that nobody has asked for when the next comes is raised then."""

    def __init__(self) -> None:
        self._pressed = 0
        self._ours = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if self._ours:
            signal.signal(signal.SIGINT, self._press)

    def take(self) -> int:
        """How often it was pressed since the last time."""
        pressed, self._pressed = self._pressed, 0
        return pressed

    def close(self) -> None:
        """Puts Python's handler back."""
        if self._ours:
            self._ours = False
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _press(self, number: int, frame: FrameType | None) -> None:
        self._pressed += 1
        if self._pressed > 1:
            # Whoever should have asked is busy with something that does not end.
            raise KeyboardInterrupt
