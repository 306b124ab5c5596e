"""One connection into a workspace for a program of this process: read, write, end, close. No local port, no thread.

Nothing is sent twice, and what was lost is never read as a proper end.
"""

from __future__ import annotations

import threading
import time

from coder_nb import look
from coder_nb.closing import Closing
from coder_nb.errors import AgentUnavailable, ConnectionLost
from coder_nb.remote.tunnel.channel import Channel

__all__ = ["Connection"]


class Connection(Closing):
    """A connection a relay carries, made by `Relay.connect`. One thread at a time reads, one writes, any closes.

    Args:
        target: what it leads to, for people.
    """

    def __init__(self, target: str) -> None:
        self._target = look.visible(target)
        self._news = threading.Condition()
        self._held = bytearray()
        self._opened = False
        self._ended = False
        self._closed = False
        self._reason: str | None = None
        self._refused = False
        self._channel: Channel | None = None

    def __repr__(self) -> str:
        how = "closed" if self._closed else self._reason or ("open" if self._opened else "opening")
        return f"Connection to {self._target}: {how}"

    def read(self, timeout: float | None = None) -> bytes:
        """All that has come, waiting for the first of it; cut anywhere.

        Args:
            timeout: seconds to wait, None for as long as it takes. `close` ends the wait at once.
        Returns:
            At least one byte; b"" at the end, as the other side has said it, or when it was closed here.
        Raises:
            TimeoutError: nothing came in time.
            ConnectionLost: it was reset, or its relay is gone; what had come before has been read.
        """
        with self._news:
            if not self._news.wait_for(lambda: self._held or self._ended or self._done, timeout):
                raise TimeoutError("nothing came in time")
            data = bytes(self._held)
            self._held.clear()
            if not data and not self._ended:
                self._check()
        if data and self._channel is not None:
            self._channel.took(len(data))
        return data

    def write(self, data: bytes, timeout: float | None = None) -> None:
        """Sends all of it; returns when it is on its way, which waits for a target that does not read.

        Args:
            data: any bytes.
            timeout: seconds to wait, None for as long as it takes.
        Raises:
            TimeoutError: not all of it went in time; how much did is unknown.
            ConnectionLost: it is over; what arrived is unknown.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        view = memoryview(data)
        while view:
            with self._news:
                self._check()
                channel = self._channel
                if channel is None or self._closed:
                    raise ConnectionLost(f"the connection to {self._target} was closed")
                room = channel.room()
                if not room:
                    left = None if deadline is None else deadline - time.monotonic()
                    if not self._news.wait(left):
                        raise TimeoutError("not all of it could be sent in time")
                    continue
            channel.send(bytes(view[:room]))
            view = view[room:]

    def end(self) -> None:
        """Says that nothing more is written; what the other side says can still be read."""
        if self._channel is not None:
            self._channel.end()

    def close(self) -> None:
        """Ends it both ways. A second time does nothing."""
        with self._news:
            self._closed = True
            self._news.notify_all()
            proper = self._ended and not self._held
        if self._channel is not None:
            if proper:
                self._channel.end()
            self._channel.reset()

    def through(self, channel: Channel) -> Connection:
        """From now on this channel carries it."""
        self._channel = channel
        return self

    def wait_open(self, timeout: float | None) -> None:
        """Returns when the target has taken it.

        Raises:
            AgentUnavailable: the target refused it, or did not answer in time.
            ConnectionLost: the relay is gone.
        """
        with self._news:
            ready = self._news.wait_for(lambda: self._opened or self._done, timeout)
            if self._refused or not ready:
                why = self._reason or f"no answer within {timeout:g} s"
                raise AgentUnavailable(f"no connection to {self._target} in the workspace: {why}", hint="does it run?")
            if not self._opened:
                self._check()

    @property
    def _done(self) -> bool:
        return self._closed or self._reason is not None

    def _check(self) -> None:
        if self._reason is not None and not self._closed:
            raise ConnectionLost(f"the connection to {self._target} is lost: {self._reason}")

    # What follows is called by the thread that reads the terminal.

    def opened(self) -> None:
        """The target has taken it."""
        with self._news:
            self._opened = True
            self._news.notify_all()

    def data(self, piece: bytes) -> None:
        """The target has said this."""
        with self._news:
            if not self._closed:
                self._held += piece
                self._news.notify_all()

    def ended(self) -> None:
        """The target says no more."""
        with self._news:
            self._ended = True
            self._news.notify_all()

    def lost(self, reason: str, refused: bool) -> None:
        """It is over."""
        with self._news:
            self._reason, self._refused = look.visible(reason), refused
            self._news.notify_all()

    def room(self) -> None:
        """There may be room."""
        with self._news:
            self._news.notify_all()
