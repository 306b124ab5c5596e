"""A WebSocket, from the handshake to its end: `receive` and `send` whole messages, `close` from any thread.

Its framing is our own, not websocket-client's, which checks no size before it keeps a frame, reads a refusal without a
limit, and takes many times as long over a short message.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from types import TracebackType

from coder_nb.errors import ProtocolError, TransportError
from coder_nb.transport.ended import Ended
from coder_nb.transport.exchange import tidy
from coder_nb.transport.limits import Limits
from coder_nb.transport.line import Line
from coder_nb.transport.websocket_protocol import (
    ABNORMAL,
    NORMAL,
    TOO_BIG,
    Broken,
    Close,
    Message,
    Parser,
    Ping,
    binary_frame,
    close_frame,
    ping_frame,
    pong_frame,
)

__all__ = ["Message", "WebSocket"]

_PIECE = 256 * 1024


class WebSocket:
    """An open WebSocket. One thread at a time receives; any thread may send and close.

    Args:
        line: the connection, the handshake done.
        endpoint: for errors: "GET /api/v2/…".
        limits: how long a silence and how large a message may be.
        ping: seconds of silence after which to ask whether the server is there, for endpoints that never ask it
            themselves; None never asks.

    Attributes:
        endpoint: as it was given.
        ended: how it came to its end; None while it is open.
    """

    def __init__(self, line: Line, endpoint: str, limits: Limits, *, ping: float | None = None) -> None:
        self.endpoint = endpoint
        self.ended: Ended | None = None
        self._line = line
        self._limits = limits
        self._ping = ping
        self._parser = Parser(largest=limits.message)
        self._ready: deque[Message] = deque()
        self._owed: deque[bytes] = deque()
        self._fault: ProtocolError | None = None
        self._silent = self._asked = 0.0
        self._receiving = threading.Lock()
        self._sending = threading.Lock()
        self._ending = threading.Lock()

    def __repr__(self) -> str:
        return f"WebSocket({self.endpoint!r}, {'open' if self.ended is None else self.ended})"

    def __enter__(self) -> WebSocket:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def receive(self, timeout: float | None = None) -> Message | None:
        """The next message, as soon as it is whole.

        Pings are answered meanwhile, and so only while something receives. After `Limits.silence` without a byte the
        connection counts as dead.

        Args:
            timeout: seconds to wait, None for as long as it takes. Ctrl-C and `close` end the wait at once.
        Returns:
            The message; None at the end, which `ended` then explains. A connection that breaks is an end too.
        Raises:
            TimeoutError: no whole message in time; it can be asked for again.
            ProtocolError: what came is no WebSocket, or larger than `Limits.message`. It is closed.
        """
        if self._ready:
            return self._ready.popleft()
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._receiving:
            while not self._ready and self.ended is None:
                self._take(self._more(deadline))
            if self._ready:
                return self._ready.popleft()
            fault, self._fault = self._fault, None
        if fault is not None:
            raise fault
        return None

    def send(self, data: bytes) -> None:
        """Send a message of bytes, waiting until it is on its way.

        Raises:
            TransportError: it has ended, or the server takes nothing any more; some of it may have been sent.
        """
        frame = binary_frame(data)
        with self._sending:
            self._write(frame)
        self._settle()

    def close(self) -> None:
        """End it, and what waits on it in other threads, at once. May be called twice."""
        self._end(Ended(NORMAL, "closed here", here=True), close_frame(NORMAL))
        self._ready.clear()

    def _more(self, deadline: float | None) -> bytes:
        """The next bytes; none at the end, and after a ping of our own."""
        started = time.monotonic()
        left = self._limits.silence - self._silent
        if self._ping is not None:
            left = min(left, self._asked + self._ping - self._silent)
        wait = left if deadline is None else min(left, deadline - started)
        try:
            data = self._line.read(_PIECE, max(0.0, wait))
        except TimeoutError:
            self._silent += time.monotonic() - started
            if wait < left:
                raise TimeoutError(f"{self.endpoint}: no message in time") from None
            self._ask()
            return b""
        except OSError as error:
            self._end(Ended(ABNORMAL, f"the connection broke: {tidy(error.strerror or 'TLS failed', 80).lower()}"))
            return b""
        self._silent = self._asked = 0.0
        if not data:
            self._end(Ended(ABNORMAL, "the connection ended without a word"))
        return data

    def _ask(self) -> None:
        """What to do about a silence."""
        if self._silent >= self._limits.silence:
            self._end(Ended(ABNORMAL, f"nothing came for {self._limits.silence:g} s"))
        elif self._ping is not None:
            self._asked = self._silent
            self._owed.append(ping_frame())
            self._settle()

    def _take(self, data: bytes) -> None:
        try:
            for event in self._parser.feed(data):
                if isinstance(event, Message):
                    self._ready.append(event)
                elif isinstance(event, Ping):
                    self._owed.append(pong_frame(event.data))
                elif isinstance(event, Close):
                    self._end(Ended(event.code, tidy(event.reason, 123)), close_frame(event.code))
                    break
        except Broken as error:
            self._end(Ended(error.code, error.reason, here=True), close_frame(error.code))
            hint = "Limits(message=…) raises the limit" if error.code == TOO_BIG else "is something in front of Coder?"
            # Raised when what was good before it has been received.
            self._fault = ProtocolError(f"{self.endpoint} sent {error.reason}", hint=hint)
        self._settle()

    def _settle(self) -> None:
        """Sends the pongs and pings that are due, unless another thread is sending: that one then does it."""
        while self._owed and self.ended is None and self._sending.acquire(blocking=False):
            try:
                while self._owed:
                    self._write(self._owed.popleft())
            except TransportError:
                return
            finally:
                self._sending.release()

    def _write(self, frame: bytes) -> None:
        try:
            self._line.write(frame)
        except OSError as error:
            why = "took nothing more" if isinstance(error, TimeoutError) else "broke"
            self._end(Ended(ABNORMAL, f"the connection {why}"))
        except BaseException:
            # Interrupted within a frame: what would follow could not be told from its rest.
            self._end(Ended(ABNORMAL, "interrupted while sending", here=True))
            raise
        if self.ended is not None:
            raise TransportError(
                f"{self.endpoint} has ended: {self.ended.code} {self.ended.reason}".rstrip(), hint="open it again"
            )

    def _end(self, how: Ended, last: bytes = b"") -> None:
        with self._ending:
            if self.ended is None:
                self.ended = how
        if last and self._sending.acquire(blocking=False):
            try:
                self._line.post(last)
            finally:
                self._sending.release()
        self._line.shut()
