"""What python3's relay says: frames, written by a thread of its own where the terminal does not take them at once.

Its text goes along with that of `python3`. It imports nothing of this package.
"""

from __future__ import annotations

import contextlib
import os
import select
import struct
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

OPEN, OPENED, REFUSED, DATA, END, RESET, CREDIT, PING, PONG, GOODBYE = range(1, 11)
HEADER = struct.Struct(">BII")
LITTLE = 2048
"""Bytes that a terminal most likely takes at once."""


class Said:
    """Frames on their way to the client. One thread says them.

    A terminal takes a few KB at a time. One write that waits within the system is much cheaper than being told each
    time that there is room: so there is a descriptor that never waits, one that may, and a thread that does.
    """

    def __init__(self, quick: int, terminal: int, wake: Callable[[], None]) -> None:
        self.quick, self.terminal, self.wake = quick, terminal, wake
        self.waiting = bytearray()
        self.given = b""
        self.hung_up = False
        self.news = threading.Condition()
        self.over = False
        self.thread = threading.Thread(target=self.write, daemon=True)
        self.thread.start()

    def say(self, kind: int, id: int, payload: bytes | memoryview = b"") -> None:
        """One frame; it waits for `flush`."""
        self.waiting += HEADER.pack(kind, id, len(payload))
        self.waiting += payload

    def flush(self) -> None:
        """Has what waits written, once what waited before is; little is written at once."""
        if self.given:
            return
        if 0 < len(self.waiting) <= LITTLE:
            try:
                with contextlib.suppress(BlockingIOError):
                    del self.waiting[: os.write(self.quick, self.waiting)]
            except OSError:
                self.hung_up = True
        if self.waiting:
            with self.news:
                self.given, self.waiting = bytes(self.waiting), bytearray()
                self.news.notify()

    def end(self) -> None:
        """Returns when all is written, or cannot be."""
        while self.waiting and not self.hung_up:
            self.flush()
            with self.news:
                self.news.wait_for(lambda: not self.given)
        with self.news:
            self.over = True
            self.news.notify()
        self.thread.join()

    def write(self) -> None:
        """Writes, in a thread of its own."""
        while True:
            with self.news:
                self.news.wait_for(lambda: self.given or self.over)
                view = memoryview(self.given)
            if not view:
                return
            try:
                while view:
                    try:
                        view = view[os.write(self.terminal, view) :]
                    except BlockingIOError:
                        select.select([], [self.terminal], [])
            except OSError:
                self.hung_up = True
            with self.news:
                self.given = b""
                self.news.notify()
            self.wake()
