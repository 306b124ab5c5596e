"""Where an agent's log lines are kept: cut at 1024 characters, 1 MiB per agent, ids from one sequence for all agents.

Safe to use from any thread. A batch that does not fit is refused whole and marks the log as overflowed; what was
stored before stays. It forgets nothing and writes nothing to disk.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Final, NamedTuple

__all__ = ["MAX_CHARACTERS", "QUOTA_BYTES", "IdSequence", "LogLine", "LogStore"]

MAX_CHARACTERS: Final = 1024
QUOTA_BYTES: Final = 1 << 20

Listener = Callable[[Sequence["LogLine"]], None]


class LogLine(NamedTuple):
    """One stored line of an agent's log."""

    id: int
    created_at: datetime
    output: str
    level: str
    source_id: str


class IdSequence:
    """Increasing ids, shared by every log of a deployment."""

    def __init__(self, first: int = 1) -> None:
        self._next = first
        self._lock = Lock()

    def take(self, count: int) -> int:
        """Reserves `count` ids that follow one another and returns the first."""
        with self._lock:
            first = self._next
            self._next += count
            return first


@dataclass(eq=False)
class LogStore:
    """One agent's log.

    Args:
        ids: the deployment's sequence.
        quota: bytes of UTF-8 this log may hold, counted before lines are cut.
    """

    ids: IdSequence
    quota: int = QUOTA_BYTES
    length: int = field(default=0, init=False)
    overflowed: bool = field(default=False, init=False)
    _lines: list[LogLine] = field(default_factory=list, init=False, repr=False)
    _listeners: list[Listener] = field(default_factory=list, init=False, repr=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def append(self, source_id: str, lines: Sequence[tuple[str, str]], *, at: datetime) -> bool:
        """Stores one batch; all its lines get the time `at`.

        Args:
            source_id: the log source the lines came from.
            lines: (level, output) pairs, in order.
            at: when the server received the batch, aware.

        Returns:
            Whether the batch fitted; if not, nothing of it is stored and `overflowed` is set.
        """
        size = sum(len(output.encode("utf-8", "replace")) for _level, output in lines)
        with self._lock:
            if self.length + size > self.quota:
                self.overflowed = True
                return False
            first = self.ids.take(len(lines))
            batch = [
                LogLine(first + n, at, output[:MAX_CHARACTERS], level, source_id)
                for n, (level, output) in enumerate(lines)
            ]
            self._lines.extend(batch)
            self.length += size
            listeners = tuple(self._listeners)
        for listener in listeners if batch else ():
            listener(batch)
        return True

    def after(self, id: int = 0) -> list[LogLine]:
        """The lines whose id is greater than `id`, in the order of their ids."""
        with self._lock:
            return self._lines[bisect_right(self._lines, id, key=lambda line: line.id) :]

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` with every later batch, on the thread that appends it; returns what ends that."""
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock, suppress(ValueError):
                self._listeners.remove(listener)

        return stop
