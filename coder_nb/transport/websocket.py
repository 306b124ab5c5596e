"""A WebSocket, from the handshake to its end: `receive` and `send` whole messages, `close` from any thread.

Frames are websocket-client's (`websocket_protocol`); the handshake is a request like any other (`upgrade`), so that its
way, its limits and its refusals are too.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress

from coder_nb.errors import TransportError
from coder_nb.transport.exchange import tidy
from coder_nb.transport.incoming import ABNORMAL, Ended, Incoming
from coder_nb.transport.limits import Limits
from coder_nb.transport.line import Duplex
from coder_nb.transport.websocket_protocol import (
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


class WebSocket(Incoming[Message]):
    """An open WebSocket. One thread at a time receives; any thread may send and close.

    Pings are answered within `receive`, and so only while something receives.

    Args:
        line: the connection, the handshake done.
        endpoint: for errors: "GET /api/v2/…".
        limits: how long a silence and how large a message may be.
        ping: seconds of silence after which to ask whether the server is there, for endpoints that never ask it
            themselves; None never asks.
    """

    def __init__(self, line: Duplex, endpoint: str, limits: Limits, *, ping: float | None = None) -> None:
        super().__init__(line, endpoint, limits)
        self._ping = ping
        self._parser = Parser(largest=limits.message)
        self._owed: deque[bytes] = deque()
        self._sending = threading.Lock()
        self._mute = False

    def send(self, data: bytes) -> None:
        """Send a message of bytes, waiting until it is on its way.

        Raises:
            TransportError: it has ended, or the server takes nothing any more; some of it may have been sent.
        """
        frame = binary_frame(data)
        with self._sending:
            self._write(frame)
        self._settle()

    def more(self) -> bytes:
        """What is in further messages that have come already, up to the next one of text, as if they were one."""
        found: list[bytes] = []
        with suppress(IndexError):  # none, or none any more: it was closed meanwhile
            while not self._ready[0].text:
                found.append(self._ready.popleft().data)
        return b"".join(found)

    def _patience(self) -> float:
        left = super()._patience()
        return left if self._ping is None else min(left, self._ping - self._silent % self._ping)

    def _quiet(self) -> None:
        if self._ping is not None:
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
                    self._end(Ended(event.code, tidy(event.reason, 123)))
                    break
        except Broken as error:
            hint = "Limits(message=…) raises the limit" if error.code == TOO_BIG else "is something in front of Coder?"
            self._refuse(error.code, error.reason, hint)
        self._settle()

    def _settle(self) -> None:
        """Sends the pongs and pings that are due, unless another thread is sending: that one then does it."""
        while self._owed and self.ended is None and not self._mute and self._sending.acquire(blocking=False):
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
        except TimeoutError:
            self._end(Ended(ABNORMAL, "the connection took nothing more"))
        except OSError:
            # What has come already can still be received, and may say why.
            self._mute = True
        except BaseException:
            # Interrupted within a frame: what would follow could not be told from its rest.
            self._end(Ended(ABNORMAL, "interrupted while sending", here=True))
            raise
        if self.ended is not None or self._mute:
            how = f": {self.ended.code} {self.ended.reason}".rstrip() if self.ended else ""
            raise TransportError(f"{self.endpoint} has ended{how}", hint="open it again")

    def _end(self, how: Ended) -> None:
        # Also the answer to the server's own close frame. Left out where it would land within another frame.
        if how.clean and self.ended is None and self._sending.acquire(blocking=False):
            try:
                self._line.post(close_frame(how.code))
            finally:
                self._sending.release()
        super()._end(how)
