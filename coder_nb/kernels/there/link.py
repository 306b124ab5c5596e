"""The keeper's end of the line: a socket only its user can reach, and one connection at a time, the newest."""

from __future__ import annotations

import socket
import time
from contextlib import suppress

import zmq

from .lasting import Broken, Lasting
from .messages import Unpacker

__all__ = ["Link"]

_TICK = 5.0
"""Seconds between two signs of life on a connection."""
_SILENCE = 30.0
"""Seconds after which a connection that is silent is one no more."""
_READ = 256 * 1024


class Link:
    """What is said here comes to the other end once, and whole, over however many connections.

    Args:
        listener: listens for connections.
        name: the stream's.
        poller: is told of what to wait for.
    """

    def __init__(self, listener: socket.socket, name: bytes, poller: zmq.Poller) -> None:
        self._listener, self._poller = listener, poller
        self._stream, self._unpacker = Lasting(name, first=True), Unpacker()
        self._connection: socket.socket | None = None
        self._writing = b""
        self._heard = self._ticked = self._left = time.monotonic()
        listener.setblocking(False)
        poller.register(listener.fileno(), zmq.POLLIN)

    @property
    def connected(self) -> bool:
        """Whether there is a connection."""
        return self._connection is not None

    @property
    def away(self) -> float:
        """Seconds without one; 0 where there is one."""
        return 0.0 if self.connected else time.monotonic() - self._left

    @property
    def pending(self) -> int:
        """Bytes the other end has not acknowledged."""
        return self._stream.pending

    def say(self, message: bytes) -> None:
        """Says something to the other end, now or once it is back."""
        self._stream.write(message)

    def prepare(self) -> None:
        """Before waiting: says what to wait for, and gives a sign of life where one is due."""
        if self._connection is None:
            return
        now = time.monotonic()
        if now - self._heard > _SILENCE:
            self.hang_up()
            return
        if now - self._ticked > _TICK:
            self._ticked = now
            self._stream.acknowledge()
        writes = self._writing or self._stream.has_outgoing()
        self._poller.register(self._connection.fileno(), zmq.POLLIN | (zmq.POLLOUT if writes else 0))

    def handle(self, ready: dict[object, int]) -> list[tuple[str, list[bytes]]]:
        """After waiting: reads and writes; gives the messages that have come."""
        if ready.get(self._listener.fileno()):
            self._accept()
            return []
        event = ready.get(self._connection.fileno(), 0) if self._connection else 0
        messages: list[tuple[str, list[bytes]]] = []
        try:
            if event & ~zmq.POLLOUT:
                messages = self._read()
            if event & zmq.POLLOUT:
                self._write()
        except BlockingIOError:
            pass
        except (OSError, Broken):
            self.hang_up()
        return messages

    def hang_up(self) -> None:
        """Ends the connection, where there is one."""
        if self._connection is not None:
            self._poller.unregister(self._connection.fileno())
            self._connection.close()
            self._connection = None
            self._left = time.monotonic()

    def close(self) -> None:
        """Ends the connection and the listening."""
        self.hang_up()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            connection, _ = self._listener.accept()
            self.hang_up()
            connection.setblocking(False)
            self._connection, self._writing = connection, b""
            self._stream.connected()
            self._heard = self._ticked = time.monotonic()

    def _read(self) -> list[tuple[str, list[bytes]]]:
        assert self._connection is not None
        data = self._connection.recv(_READ)
        if not data:
            self.hang_up()
            return []
        self._heard = time.monotonic()
        return self._unpacker.feed(self._stream.feed(data))

    def _write(self) -> None:
        if self._connection is not None:
            data = self._writing or self._stream.outgoing()
            self._writing = data
            self._writing = data[self._connection.send(data) :]
