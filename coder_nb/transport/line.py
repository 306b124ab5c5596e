"""A connection one thread reads while others write to it and close it. Knows bytes only, nothing of what they mean.

A wait never holds a lock: reading does not wait for writing, nor the other way round, and `shut` ends both at once.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Protocol, cast

from urllib3.util.ssltransport import SSLTransport
from urllib3.util.wait import wait_for_read, wait_for_write

__all__ = ["Closable", "Duplex", "Line", "Socket"]

Socket = socket.socket | ssl.SSLSocket | SSLTransport
"""A connection: plain, in TLS, or in TLS through a proxy that is spoken to in TLS."""


class Closable(Protocol):
    """Anything that is closed once."""

    def close(self) -> None:
        """Close it."""


class Duplex(Protocol):
    """Bytes both ways, as `Line` explains them: a connection, one that is recorded, or one out of a recording."""

    def read(self, most: int, timeout: float | None) -> bytes:
        """What has come, waiting for the first byte of it."""

    def write(self, data: bytes) -> None:
        """Send all of it."""

    def post(self, data: bytes) -> None:
        """Send it if that can be done without waiting; else never mind."""

    def shut(self) -> None:
        """End the connection, and every wait on it."""


class Line:
    """A connected socket.

    Args:
        sock: the socket; this owns it from now on.
        rest: bytes that were taken from it already.
        limit: seconds a write may wait without the other side taking anything.
        owner: what else has a hold on the socket, to be closed with it.
    """

    def __init__(self, sock: Socket, rest: bytes, *, limit: float, owner: Closable | None = None) -> None:
        sock.settimeout(0)
        self._socket = sock
        self._waitable = cast(socket.socket, sock)
        self._rest = rest
        self._limit = limit
        self._owner = owner
        # OpenSSL: one call at a time on a connection. None of these calls waits.
        self._calling = threading.Lock()
        self._counting = threading.Lock()
        self._users = 0
        self._shut = False

    def read(self, most: int, timeout: float | None) -> bytes:
        """What has come, waiting for the first byte of it.

        Args:
            most: bytes to take.
            timeout: seconds to wait, None for ever.
        Returns:
            At least one byte; none at the end of the connection, and when it was shut.
        Raises:
            TimeoutError: nothing came in time.
            OSError: the connection broke.
        """
        if self._rest:
            rest, self._rest = self._rest, b""
            return rest
        end = None if timeout is None else time.monotonic() + timeout
        with self._used():
            while not self._shut:
                try:
                    with self._calling:
                        return cast(bytes, self._socket.recv(most) or b"")  # TLS in TLS says 0 for the end
                except (BlockingIOError, ssl.SSLWantReadError):
                    ready = wait_for_read
                except ssl.SSLWantWriteError:
                    ready = wait_for_write
                if not ready(self._waitable, None if end is None else max(0.0, end - time.monotonic())):
                    raise TimeoutError
        return b""

    def write(self, data: bytes) -> None:
        """Send all of it. One thread at a time.

        Raises:
            TimeoutError: the other side takes nothing more.
            OSError: the connection broke, or was shut.
        """
        view = memoryview(data)
        with self._used():
            while view:
                if self._shut:
                    raise OSError("shut")
                view = view[self._send(view) :]

    def post(self, data: bytes) -> None:
        """Send it if that can be done without waiting; else never mind."""
        with contextlib.suppress(OSError), self._used(), self._calling:
            if not self._shut:
                self._socket.send(data)

    def shut(self) -> None:
        """End the connection, and every wait on it, from any thread. May be called twice."""
        with self._counting:
            if self._shut:
                return
            self._shut = True
            # Unwrapped, since SSLSocket.shutdown would take away the TLS state another thread may be using.
            raw = self._socket.socket if isinstance(self._socket, SSLTransport) else self._socket
            with contextlib.suppress(OSError):
                socket.socket.shutdown(raw, socket.SHUT_RDWR)
            if not self._users:
                self._let_go()

    def _send(self, view: memoryview) -> int:
        """Sends some of it, or waits until that can be done."""
        try:
            with self._calling:
                if isinstance(self._socket, SSLTransport):
                    return self._send_through(self._socket, view)
                return self._socket.send(view)
        except (BlockingIOError, ssl.SSLWantWriteError):
            ready = wait_for_write
        except ssl.SSLWantReadError:
            ready = wait_for_read
        if not ready(self._waitable, self._limit):
            raise TimeoutError
        return 0

    def _send_through(self, tunnel: SSLTransport, view: memoryview) -> int:
        # It loses what does not fit at once, so here, and only here, a write waits with the lock.
        tunnel.settimeout(self._limit)
        try:
            tunnel.sendall(bytes(view))
        finally:
            tunnel.settimeout(0)
        return len(view)

    @contextlib.contextmanager
    def _used(self) -> Iterator[None]:
        """Keeps the descriptor: closed under a waiting thread, its number could become another connection's."""
        with self._counting:
            self._users += 1
        try:
            yield
        finally:
            with self._counting:
                self._users -= 1
                if self._shut and not self._users:
                    self._let_go()

    def _let_go(self) -> None:
        self._socket.close()
        if self._owner is not None:
            self._owner.close()
