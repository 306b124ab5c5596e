"""Keeps a kernel and its conversation, whatever becomes of the connections to it: one thread, one loop.

It ends itself when it is asked to, and when nobody has returned for long.
"""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Sequence
from contextlib import suppress

import zmq

from .kernel import Kernel
from .link import Link
from .messages import KEEPER, note, read_note
from .place import Place

__all__ = ["Keeper"]

_MOST = 256 * 1024 * 1024
"""Bytes kept for the other end; a kernel's output beyond is dropped, and that is said."""
_FAREWELL = 5.0
"""Seconds for the other end to hear that this one ends."""
_ROUND = 1000
"""Milliseconds between two looks at the clock."""


class Keeper:
    """The loop.

    Args:
        place: where its files go.
        listener: the socket it listens on.
        idle: seconds without a connection after which it ends.
    """

    def __init__(self, place: Place, listener: socket.socket, *, idle: float) -> None:
        self._place, self._idle = place, idle
        self._poller = zmq.Poller()
        self._link = Link(listener, place.name, self._poller)
        self._kernel = Kernel(place, self._poller, self._link.say, lambda: self._link.pending < _MOST)
        self._ending: float | None = None

    def run(self) -> None:
        """Runs until it is over; then nothing is left of it."""
        reads, writes = socket.socketpair()
        for end in (reads, writes):
            end.setblocking(False)
        # A signal ends the wait for whatever else.
        signal.set_wakeup_fd(writes.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: self._end())
        self._poller.register(reads.fileno(), zmq.POLLIN)
        try:
            while not self._over():
                self._round(reads)
        finally:
            self._kernel.end()
            self._link.close()
            self._place.remove()

    def _round(self, woken: socket.socket) -> None:
        self._link.prepare()
        self._place.tell(connected=self._link.connected)
        self._place.flush()
        ready = dict(self._poller.poll(_ROUND))
        if ready.get(woken.fileno()):
            with suppress(BlockingIOError):
                woken.recv(4096)
        for channel, frames in self._link.handle(ready):
            if channel == KEEPER:
                self._told(frames)
            else:
                self._kernel.pass_on(channel, frames)
        self._kernel.handle(ready)

    def _told(self, frames: Sequence[bytes]) -> None:
        verb, about = read_note(frames)
        if verb == "begin":
            self._kernel.begin(about)
        elif verb == "signal":
            self._kernel.signal(int(about["number"]))
        elif verb == "end":
            self._end()

    def _end(self) -> None:
        if self._ending is None:
            self._ending = time.monotonic()
            self._link.say(note("over"))

    def _over(self) -> bool:
        if self._ending is None:
            return self._link.away > self._idle
        return not self._link.connected or time.monotonic() - self._ending > _FAREWELL
