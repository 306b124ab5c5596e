"""urllib3's connections with an end: an exchange keeps a deadline and can be cut short, idle ones are not used again.

They stay quiet too: `http.client`'s debug output and urllib3's warning would print headers and repeat our own words.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import socket
import time
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, cast

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from urllib3._base_connection import BaseHTTPConnection

    from coder_nb.transport.exchange import Call
    from coder_nb.transport.limits import Limits

__all__ = ["POOLS", "Connection", "Exchange", "TlsConnection"]


class Exchange:
    """One request and its answer while they are under way. Inside `with`, this thread's connections belong to it.

    Args:
        call: what is sent; it decides which of the limits apply.
        limits: the limits.

    Attributes:
        read: seconds it waits without a byte.
        whole: seconds it may take in all.
        phase: connecting (name, TCP, proxy, TLS), waiting (sending, and for the first byte back) or reading (the body).
        reused: whether the connection had carried an earlier exchange.
        cut: whether it was cut short from outside.
    """

    def __init__(self, call: Call, limits: Limits) -> None:
        self.limits = limits
        self.read = limits.dial if call.dials_agent else limits.read
        self.whole = limits.exchange
        if call.patient:
            self.read = self.whole = limits.patient
        self.phase: Literal["connecting", "waiting", "reading"] = "waiting"
        self.reused = True
        self.cut = False
        self._deadline = time.monotonic() + self.whole
        self._socket: socket.socket | None = None
        self._incoming: io.BufferedReader[_Reader] | None = None

    def __enter__(self) -> Exchange:
        self._token = _under_way.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _under_way.reset(self._token)
        self._socket = self._incoming = None

    @property
    def expired(self) -> bool:
        """Whether its time is up."""
        return time.monotonic() >= self._deadline

    def patience(self, usual: float | None) -> float:
        """How long to wait for the next byte, in seconds.

        Raises:
            TimeoutError: not at all: its time is up, or it was cut short.
        """
        left = self._deadline - time.monotonic()
        if self.cut or left <= 0:
            raise TimeoutError("the exchange is over")
        return left if usual is None else min(usual, left)

    def hurry(self, seconds: float) -> None:
        """Leave it no more time than this."""
        self._deadline = min(self._deadline, time.monotonic() + seconds)

    def listen(self, to: socket.socket, through: io.BufferedReader[_Reader]) -> None:
        """Remember the socket it waits on, for `cut_short`, and what has been taken from it, for `rest`."""
        self._socket, self._incoming = to, through

    def take_over(self) -> tuple[socket.socket, bytes]:
        """The socket, and what was taken from it and not looked at yet. Nothing more is read through the exchange."""
        assert self._socket is not None and self._incoming is not None, "nothing has been answered"
        self._incoming.raw.dry = True
        return self._socket, self._incoming.peek()

    def cut_short(self) -> None:
        """End it from another thread: a blocked read returns at once."""
        self.cut = True
        waiting = self._socket
        # Unwrapped, since SSLSocket.shutdown would take away the TLS state the other thread is using.
        raw = getattr(waiting, "socket", waiting)
        if raw is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(raw, socket.SHUT_RDWR)


_under_way: ContextVar[Exchange] = ContextVar("coder_nb_exchange")


class _Reader(io.RawIOBase):
    """What `http.client` reads from: a socket whose every read keeps the exchange's deadline.

    A timeout on the socket alone is for each read: a server that drips a byte a second never meets it.
    """

    def __init__(self, sock: socket.socket, exchange: Exchange) -> None:
        self._socket = sock
        self._exchange = exchange
        self._usual = sock.gettimeout()
        self._file = sock.makefile("rb", buffering=0)
        self.dry = False

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._socket.fileno()

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        if self.dry:
            return None
        self._socket.settimeout(self._exchange.patience(self._usual))
        try:
            return self._file.readinto(buffer)
        finally:
            with contextlib.suppress(OSError):
                self._socket.settimeout(self._usual)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Source:
    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    def makefile(self, mode: str) -> io.BufferedReader[_Reader]:
        exchange = _under_way.get()
        through = io.BufferedReader(_Reader(self._socket, exchange))
        exchange.listen(self._socket, through)
        return through


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(cast(socket.socket, _Source(sock)), *args, **kwargs)


class Connection(HTTPConnection):
    """A connection whose every use belongs to the exchange that is under way in its thread."""

    # Fixed here, so that http.client.HTTPConnection.debuglevel = 1 elsewhere does not print our headers.
    debuglevel = 0
    response_class = _Response
    _last_used = 0.0

    def connect(self) -> None:
        exchange = _under_way.get()
        exchange.phase, exchange.reused = "connecting", False
        super().connect()
        exchange.phase = "waiting"

    @property
    def is_connected(self) -> bool:
        fresh = time.monotonic() - self._last_used < _under_way.get().limits.idle
        return fresh and super().is_connected

    def getresponse(self) -> Any:
        self._last_used = time.monotonic()
        return super().getresponse()


class TlsConnection(Connection, HTTPSConnection):
    """The same with TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = TlsConnection

    def _validate_conn(self, conn: BaseHTTPConnection) -> None:
        # As in urllib3, without its warning about unchecked certificates: whoever asked for that is told once, by us.
        if conn.is_closed:
            conn.connect()


POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _Pool, "https": _TlsPool}
"""The pools by scheme, for a PoolManager's `pool_classes_by_scheme`."""
