"""Carries messages to a keeper and back, over however many connections that takes. Two threads; a read ends by closing.

A connection that breaks or falls silent is replaced, and both ends go on from the byte where they were. Gives up only
where the kernel cannot be there any more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from coder_nb.closing import Closing
from coder_nb.errors import CoderError
from coder_nb.kernels.there.lasting import Broken, Lasting
from coder_nb.kernels.there.messages import Unpacker

__all__ = ["Carrier", "Connection", "Lost"]

_TICK: Final = 5.0
"""Seconds between two signs of life on a connection."""
_SILENCE: Final = 15.0
"""Seconds after which a connection that is silent is one no more."""
_PAUSES: Final = (0.0, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds between attempts to connect; the last one is repeated."""


class Lost(CoderError):
    """The kernel cannot be there any more: its workspace was stopped, or it was ended from elsewhere."""


class Connection(Protocol):
    """Bytes to the keeper and back."""

    def read(self) -> bytes:
        """What has come, at least a byte; b"" at the end."""

    def write(self, data: bytes) -> None:
        """Sends all of it."""

    def close(self) -> None:
        """Ends it; a read that waits returns."""


class Carrier(Closing):
    """One end of the conversation with a keeper.

    Args:
        dial: makes a connection; raises Lost where that is of no use any more, another CoderError where it may be
            tried again.
        name: the stream's, 16 bytes.
        received: called in a thread with each message: its channel and frames.
        lost: called in a thread, once, when it has given up.
        notice: is told how it goes, for a log.
    """

    def __init__(
        self,
        dial: Callable[[], Connection],
        name: bytes,
        *,
        received: Callable[[str, list[bytes]], None],
        lost: Callable[[CoderError], None],
        notice: Callable[[str], None],
    ) -> None:
        self._dial, self._received, self._lost, self._notice = dial, received, lost, notice
        self._stream, self._unpacker = Lasting(name, first=False), Unpacker()
        self._news = threading.Condition()
        self._connection: Connection | None = None
        self._closed = False
        self._heard = self._ticked = time.monotonic()
        self._threads = [
            threading.Thread(target=self._read, name="coder-nb:kernel-reading", daemon=True),
            threading.Thread(target=self._write, name="coder-nb:kernel-writing", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def connected(self) -> bool:
        """Whether there is a connection on which the keeper has been heard."""
        with self._news:
            return self._connection is not None and self._stream.met

    def say(self, message: bytes) -> None:
        """Sends a message, now or once there is a connection."""
        with self._news:
            self._stream.write(message)
            self._news.notify_all()

    def close(self) -> None:
        """Ends the connection and the threads; what the keeper has not got by then it does not get."""
        with self._news:
            self._closed = True
            connection = self._connection
            self._news.notify_all()
        if connection is not None:
            connection.close()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()

    def _read(self) -> None:
        attempt = 0
        while not self._pause(_PAUSES[min(attempt, len(_PAUSES) - 1)]):
            attempt += 1
            try:
                connection = self._dial()
            except Lost as error:
                return self._lost(error)
            except CoderError as error:
                self._notice(f"no connection to the kernel yet: {error.message}")
                continue
            try:
                if self._listen(connection):
                    attempt = 0
            except Broken as error:
                return self._lost(Lost(f"what came from the workspace is no kernel's: {error}"))
        return None

    def _pause(self, seconds: float) -> bool:
        """Waits; whether it is over meanwhile."""
        with self._news:
            return self._news.wait_for(lambda: self._closed, seconds)

    def _listen(self, connection: Connection) -> bool:
        """Reads a connection to its end; whether the keeper was heard on it."""
        with self._news:
            self._stream.connected()
            self._connection = connection
            self._heard = self._ticked = time.monotonic()
            closed = self._closed
        try:
            while not closed and (data := connection.read()):
                self._take(data)
        except (CoderError, OSError) as error:
            self._notice(f"the connection to the kernel broke: {error}")
        finally:
            with self._news:
                self._connection = None
                met = self._stream.met
            connection.close()
        return met

    def _take(self, data: bytes) -> None:
        with self._news:
            self._heard = time.monotonic()
            try:
                new = self._stream.feed(data)
            except Broken as error:
                raise OSError(f"it was damaged: {error}") from None
            finally:
                self._news.notify_all()
        for channel, frames in self._unpacker.feed(new):
            self._received(channel, frames)

    def _write(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(self._has_work, _TICK if self._connection else None)
                if self._closed:
                    return
                connection, now = self._connection, time.monotonic()
                if connection is None:
                    continue
                silent = now - self._heard > _SILENCE
                if now - self._ticked >= _TICK:
                    self._ticked = now
                    self._stream.acknowledge()
                data = b"" if silent else self._stream.outgoing()
            try:
                if data:
                    connection.write(data)
            except (CoderError, OSError):
                silent = True
            if silent:
                self._hang_up(connection)

    def _has_work(self) -> bool:
        return self._closed or (self._connection is not None and self._stream.has_outgoing())

    def _hang_up(self, connection: Connection) -> None:
        """Ends a connection; the thread that reads it makes another."""
        connection.close()
        with self._news:
            self._news.wait_for(lambda: self._connection is not connection)
