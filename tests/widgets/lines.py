"""Logs whose lines come when a test says so, and what a page makes of the batches they are sent in."""

from __future__ import annotations

import struct
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from coder_nb.api.logs import AgentLog
from coder_nb.streams.feed import Feed, Running
from coder_nb.streams.state import LIVE, State
from tests.widgets.line import Page

NOW = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)


class Lines:
    """A source of lines, and its feed.

    Attributes:
        runs: how often it was started.
    """

    def __init__(self) -> None:
        self.feed: Feed[AgentLog] = Feed(lambda: self, title="lines")
        self.runs = 0
        self.last = 0
        self._running: Running[AgentLog] | None = None
        self._began = threading.Event()

    def run(self, feed: Running[AgentLog]) -> None:
        """Is live until it is stopped."""
        self._running = feed
        self.runs += 1
        feed.turn(LIVE)
        self._began.set()
        feed.stopped.wait()
        self._began.clear()

    def began(self) -> bool:
        """Waits until somebody listens."""
        return self._began.wait(5)

    def push(self, *texts: str, level: str = "info", source: str = "a") -> None:
        """Lines come."""
        assert self.began()
        assert self._running is not None
        rows = [AgentLog(self.last + n, NOW, text, level, source) for n, text in enumerate(texts, 1)]
        self.last += len(rows)
        self._running.came(rows)

    def turn(self, state: State) -> None:
        """The state is another one."""
        assert self._running is not None
        self._running.turn(state)


def texts(page: Page) -> list[str]:
    """All lines that a page has got."""
    return [text for body, buffers in page.batches if "n" in body for text in unpack(body["n"], buffers)]


def unpack(n: int, buffers: Sequence[bytes]) -> list[str]:
    """The texts of a batch."""
    lengths = struct.unpack_from(f"<{n}I", buffers[0], 12 * n)
    found, at = [], 0
    for length in lengths:
        found.append(buffers[1][at : at + length].decode())
        at += length
    return found
