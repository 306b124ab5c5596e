"""Lines that stay open for a moment after a command, for the next one: many in a row are faster, and meet no limit.

Never keeps one for long: an open terminal counts as somebody at work, and keeps a workspace from stopping by itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final

from coder_nb.closing import Closing
from coder_nb.errors import CoderError
from coder_nb.remote.line import Line
from coder_nb.remote.protocol import mark

__all__ = ["KeptLines", "answers"]

FOR: Final = 5.0
"""Seconds."""
_TRUSTED: Final = 1.0
"""Seconds of silence after which a line is asked whether it is there, before anything is sent that must not be lost."""
_ANSWER: Final = 2.0
_MOST: Final = 8


@dataclass(frozen=True, slots=True)
class _Kept:
    key: Hashable
    line: Line
    until: float


class KeptLines(Closing):
    """Keeps lines by what they are good for. Safe to use from any thread."""

    def __init__(self) -> None:
        self._kept: list[_Kept] = []
        self._changed = threading.Condition()
        self._closer: threading.Thread | None = None
        self._closed = False

    def take(self, key: Hashable, open_line: Callable[[], Line]) -> Line:
        """A line that was kept under this key and answers, or else a new one; to be given back, or closed.

        Raises:
            CoderError: what opening raises.
        """
        while (line := self._pop(key)) is not None:
            if answers(line):
                return line
            line.close(wait=0.0)
        return open_line()

    def give_back(self, key: Hashable, line: Line) -> None:
        """Keeps a line on which nothing runs."""
        with self._changed:
            if not self._closed and not line.ended and sum(kept.key == key for kept in self._kept) < _MOST:
                self._kept.append(_Kept(key, line, time.monotonic() + FOR))
                if self._closer is None:
                    self._closer = threading.Thread(target=self._close_old, name="coder-nb:lines", daemon=True)
                    self._closer.start()
                return
        line.close()

    def close(self) -> None:
        """Closes all that are kept; keeps none from now on."""
        with self._changed:
            self._closed = True
            kept, self._kept = self._kept, []
            closer = self._closer
            self._changed.notify_all()
        for it in kept:
            it.line.close()
        if closer is not None:
            closer.join()

    def _pop(self, key: Hashable) -> Line | None:
        with self._changed:
            for at in range(len(self._kept) - 1, -1, -1):
                if self._kept[at].key == key:
                    return self._kept.pop(at).line
        return None

    def _close_old(self) -> None:
        while (old := self._old()) is not None:
            for it in old:
                it.line.close()

    def _old(self) -> list[_Kept] | None:
        """Those whose time is up, when it is; None once there is nothing to wait for."""
        with self._changed:
            if not self._kept or self._closed:
                self._closer = None
                return None
            self._changed.wait(max(0.0, min(it.until for it in self._kept) - time.monotonic()))
            now = time.monotonic()
            old = [it for it in self._kept if it.until <= now]
            self._kept = [it for it in self._kept if it.until > now]
            return old


def answers(line: Line) -> bool:
    """Whether a line on which nothing runs is there: one that was heard of just now is, others are asked."""
    if line.ended:
        return False
    if time.monotonic() - line.heard < _TRUSTED:
        return True
    wanted, said, deadline = mark("A", line.nonce), b"", time.monotonic() + _ANSWER
    try:
        line.send("printf '\\036A%s\\036' $_N")
        while wanted not in said:
            data = line.read(max(0.0, deadline - time.monotonic()))
            if not data:
                return False
            said += data
    except (CoderError, TimeoutError):
        return False
    return True
