"""A recorded stream that a server tells what it likes on: its messages, in order, and after the last one silence.

One comes once as much was sent to the server as had been when it came, and what had been asked before was asked. What
is replayed again, because nothing newer was recorded, has no end.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from coder_nb.transport.cassette.exchange import Exchange, Frame
from coder_nb.transport.cassette.tape import Tape
from coder_nb.transport.websocket_protocol import Message, servers_close_frame, servers_frame, spoken

__all__ = ["FeedLine", "Framed", "events_frames", "websocket_frames"]

Framed = Callable[[Frame | None], bytes]
"""The bytes that bring a message; for None, those of the end."""

_ENDED: Final = b""


def websocket_frames(exchange: Exchange) -> Framed:
    """How a WebSocket's messages are brought."""

    def framed(frame: Frame | None) -> bytes:
        if frame is not None:
            return servers_frame(Message(frame.text, frame.data))
        return servers_close_frame(exchange.code, exchange.reason) if exchange.end == "closed" else _ENDED

    return framed


def events_frames(exchange: Exchange) -> Framed:
    """How the events of a chunked body are brought."""

    def framed(frame: Frame | None) -> bytes:
        if frame is not None:
            return b"%x\r\n%b\r\n" % (len(frame.data), frame.data)
        return b"0\r\n\r\n" if exchange.end == "closed" else _ENDED

    return framed


class FeedLine:
    """The server's side of a recorded stream.

    Args:
        tape: the replay.
        exchange: the stream.
        framed: how its messages are brought.
    """

    def __init__(self, tape: Tape, exchange: Exchange, framed: Framed) -> None:
        self._tape, self._exchange, self._framed = tape, exchange, framed
        self._next = 0
        self._sent = 0
        self._due = 0
        self._last = exchange.ended
        self._last_at = time.monotonic()
        # Whoever opens it again because it had ended would do so for ever.
        self._over = tape.repeats(exchange)
        self._shut = False

    def read(self, most: int, timeout: float | None) -> bytes:
        """The next message, as soon as it may come; none bytes at the end.

        Raises:
            TimeoutError: none in time.
        """
        end = None if timeout is None else time.monotonic() + timeout
        with self._tape.news:
            while not self._shut:
                pause = self._pause()
                if pause == 0.0:
                    return self._take()
                left = None if end is None else end - time.monotonic()
                if left is not None and left <= 0:
                    raise TimeoutError
                self._tape.news.wait(min((it for it in (pause, left) if it is not None), default=None))
        return _ENDED

    def write(self, data: bytes) -> None:
        """Takes what is sent; how much it is, is all that counts.

        Raises:
            OSError: it has ended.
        """
        message = spoken(data)
        with self._tape.news:
            if self._shut:
                raise OSError("shut")
            self._sent += len(message.data) if message else 0
            self._tape.news.notify_all()

    def post(self, data: bytes) -> None:
        """Nobody is there to hear it."""

    def shut(self) -> None:
        """Ends it, and every wait on it."""
        with self._tape.news:
            self._shut = True
            self._tape.news.notify_all()

    def _pause(self) -> float | None:
        """Seconds until the next message, or the end, may come; None where that is not for time to tell."""
        frames = self._exchange.frames
        while self._next < len(frames) and frames[self._next].sent:
            self._due += len(frames[self._next].data)
            self._next += 1
        if self._next == len(frames):
            return None if not self._exchange.end or self._over else self._due_in(frames[-1].at if frames else 0.0)
        return self._due_in(frames[self._next].at)

    def _due_in(self, at: float) -> float | None:
        if self._sent < self._due:
            return None
        if left := self._tape.patience(at):
            return left
        if self._tape.speed:
            return max(0.0, self._last_at + (at - self._last) / self._tape.speed - time.monotonic())
        return 0.0

    def _take(self) -> bytes:
        frames = self._exchange.frames
        if self._next == len(frames):
            self._over = True
            self._shut = self._exchange.end == "eof"
            return self._framed(None)
        frame = frames[self._next]
        self._next += 1
        self._last, self._last_at = frame.at, time.monotonic()
        return self._framed(frame)
