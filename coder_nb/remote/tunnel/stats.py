"""What a tunnel has done: counted by its threads, told as a value that no longer changes."""

from __future__ import annotations

import threading
from dataclasses import dataclass

__all__ = ["Counter", "Stats"]


@dataclass(frozen=True, slots=True)
class Stats:
    """How a tunnel is.

    Attributes:
        state: open, opening, lost (the next connection begins another session) or closed.
        relay: which one runs, or ran last, in the workspace.
        connections: how many there were so far.
        open: how many there are.
        refused: how many the target did not take.
        failed: how many were cut off, or never got as far as the target.
        bytes_in, bytes_out: what came from the workspace, and what went there.
        sessions: how many terminals were opened for it.
        drops: how many of them were lost.
        reason: why the last connection or session failed; "" where none has.
    """

    state: str
    relay: str
    connections: int
    open: int
    refused: int
    failed: int
    bytes_in: int
    bytes_out: int
    sessions: int
    drops: int
    reason: str

    def __str__(self) -> str:
        said = f"{self.state}, {self.relay} relay, {self.connections} connections ({self.open} open)"
        said += f", {_size(self.bytes_in)} in, {_size(self.bytes_out)} out"
        if self.drops:
            said += f", {self.drops} of {self.sessions} sessions lost"
        return f"{said}; last failure: {self.reason}" if self.reason else said

    def rows(self) -> list[tuple[str, str]]:
        """Labels and HTML."""
        from coder_nb import look

        failed = f"{self.refused} refused, {self.failed} failed"
        rows = [
            ("state", look.state(self.state)),
            ("relay", look.safe(self.relay)),
            ("connections", f"{self.connections:,}, {self.open:,} open, {failed}"),
            ("bytes", f"{_size(self.bytes_in)} in, {_size(self.bytes_out)} out"),
            ("sessions", f"{self.sessions}, {self.drops} lost"),
        ]
        return [*rows, ("last failure", look.safe(self.reason))] if self.reason else rows


def _size(count: int) -> str:
    size, unit = float(count), "B"
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:,.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"


class Counter:
    """Counts for one tunnel. Safe to use from any thread."""

    def __init__(self) -> None:
        self.connections = 0
        self.relay = ""
        self._refused = self._failed = self._in = self._out = self._sessions = self._drops = 0
        self._reason = ""
        self._lock = threading.Lock()

    def moved(self, into: int, out: int) -> None:
        """Bytes that came, and bytes that went."""
        with self._lock:
            self._in += into
            self._out += out

    def lost(self, reason: str, refused: bool) -> None:
        """A connection that failed."""
        with self._lock:
            self._refused += refused
            self._failed += not refused
            self._reason = reason

    def began(self, relay: str) -> None:
        """Another session."""
        with self._lock:
            self._sessions += 1
            self.relay = relay

    def dropped(self, reason: str) -> None:
        """A session that was lost."""
        with self._lock:
            self._drops += 1
            self._reason = reason

    def stats(self, open: int, state: str) -> Stats:
        """What it is by now."""
        with self._lock:
            return Stats(
                state=state,
                relay=self.relay,
                connections=self.connections,
                open=open,
                refused=self._refused,
                failed=self._failed,
                bytes_in=self._in,
                bytes_out=self._out,
                sessions=self._sessions,
                drops=self._drops,
                reason=self._reason,
            )
