"""A session: many calls over one WebSocket, one thread that always reads, and waits that end in every thread at once.

The thread only sorts what comes into its streams, which are bounded by their windows: whoever is slow holds up no other
call, and the server's questions whether we are there are answered while nobody asks anything.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from coder_nb.closing import Closing
from coder_nb.errors import CoderError, ProtocolError, TransportError
from coder_nb.rpc.codec.yamux import Data, Event, Finished, GoneAway, Opened, Ponged, Reset, Roomier, Yamux

if TYPE_CHECKING:
    from coder_nb.transport.websocket import WebSocket

__all__ = ["Channel", "Session"]

PIECE: Final = 64 * 1024
WRITE_SECONDS: Final = 30.0


class Session(Closing):
    """A session on an open WebSocket, which it owns. Any thread may use and close it.

    Args:
        socket: just opened.
    """

    def __init__(self, socket: WebSocket) -> None:
        self.endpoint = socket.endpoint
        self._socket = socket
        self._yamux = Yamux()
        self._channels: dict[int, Channel] = {}
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._fault: CoderError | None = None
        self._leaving = False
        self._process = os.getpid()
        self._reader = threading.Thread(target=self._read, name="coder-nb:rpc", daemon=True)
        self._reader.start()

    def __repr__(self) -> str:
        return f"Session({self.endpoint!r}, {'open' if self.ended is None else self.ended.message})"

    @property
    def ended(self) -> CoderError | None:
        """Why it is over; None while it is open."""
        return self._fault

    def open(self) -> Channel:
        """A new stream.

        Raises:
            TransportError, ProtocolError: the session is over, or the server takes no more calls.
        """
        with self._changed:
            self._check()
            if self._leaving:
                raise TransportError(f"{self.endpoint} takes no more calls", hint="connect again")
            channel = Channel(self, self._yamux.open())
            self._channels[channel.stream] = channel
        return channel

    def close(self) -> None:
        """Ends it, and every wait on it in other threads. May be called twice."""
        self._lose(TransportError(f"{self.endpoint} was closed here", hint="connect again"))
        self._socket.close()
        if self._reader is not threading.current_thread() and self._process == os.getpid():
            self._reader.join()

    def _check(self) -> None:
        if self._process != os.getpid():
            raise TransportError(f"{self.endpoint} was opened before this process was forked", hint="connect again")
        if self._fault is not None:
            raise self._fault

    def _lose(self, fault: CoderError) -> None:
        with self._changed:
            self._fault = self._fault or fault
            self._changed.notify_all()

    def _read(self) -> None:
        fault: CoderError = TransportError(f"{self.endpoint} has ended", hint="connect again")
        try:
            while (message := self._socket.receive()) is not None:
                if message.text:
                    raise ProtocolError(f"{self.endpoint} sent text", hint="is something in front of Coder?")
                with self._changed:
                    for event in self._yamux.receive(message.data):
                        self._note(event)
                    self._changed.notify_all()
                self._flush()
            ended = self._socket.ended
            if ended is not None and ended.reason:
                fault.message += f": {ended.code} {ended.reason}"
        except ProtocolError as error:
            fault = ProtocolError(f"{self.endpoint}: {error.message}", hint=error.hint)
        except CoderError as error:
            fault = error
        finally:
            self._lose(fault)
            self._socket.close()

    def _note(self, event: Event) -> None:
        match event:
            case GoneAway(reason):
                if reason:
                    raise ProtocolError(f"the server gave up the session, reason {reason}", hint="connect again")
                self._leaving = True
            case Opened() | Ponged():
                pass
            case Data() | Roomier() | Finished() | Reset():
                channel = self._channels.get(event.stream)
                if channel is not None:
                    channel._note(event)

    def _flush(self) -> None:
        """Sends what is to be sent, in the order in which it came to be."""
        with self._sending:
            with self._changed:
                out = self._yamux.take()
            if out:
                self._socket.send(out)


class Channel:
    """One stream: bytes both ways. One thread reads at a time, one writes."""

    def __init__(self, session: Session, stream: int) -> None:
        self.stream = stream
        self._session = session
        self._pieces: deque[bytes] = deque()
        self._finished = False
        self._reset = False

    @property
    def endpoint(self) -> str:
        """For errors."""
        return self._session.endpoint

    def read(self, deadline: float | None) -> bytes:
        """What has come, waiting for the first byte of it; b"" when nothing more comes.

        Args:
            deadline: by `time.monotonic`; None for as long as it takes.
        Raises:
            TimeoutError: nothing came in time.
            TransportError, ProtocolError: the session is over.
        """
        session = self._session
        with session._changed:
            while not self._pieces:
                if self._reset:
                    raise TransportError(f"{self.endpoint}: the server dropped the call", hint="try again")
                if self._finished:
                    return b""
                session._check()
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    raise TimeoutError(f"{self.endpoint}: nothing in time")
                session._changed.wait(left)
            piece = self._pieces.popleft()
            session._yamux.used(self.stream, len(piece))
        with suppress(TransportError):
            # What has come counts, also where the connection is gone by now.
            session._flush()
        return piece

    def write(self, data: bytes, *, timeout: float = WRITE_SECONDS) -> None:
        """Sends, in pieces, as the server makes room.

        Raises:
            TransportError: it is over, or there was no room in time.
        """
        session, view, end = self._session, memoryview(data), time.monotonic() + timeout
        while view:
            with session._changed:
                while not (room := session._yamux.room(self.stream)):
                    session._check()
                    left = end - time.monotonic()
                    if self._reset or left <= 0:
                        how = "dropped the call" if self._reset else f"took nothing for {timeout:g} s"
                        raise TransportError(f"{self.endpoint}: the server {how}", hint="try again")
                    session._changed.wait(left)
                session._check()
                piece = view[: min(room, PIECE)]
                session._yamux.send(self.stream, bytes(piece))
                view = view[len(piece) :]
            session._flush()

    def drop(self) -> None:
        """Finishes it, and passes over what still comes. May be called twice, and when all is over."""
        session = self._session
        with session._changed:
            session._channels.pop(self.stream, None)
            session._yamux.forget(self.stream)
            self._finished = True
            self._pieces.clear()
            session._changed.notify_all()
        if session.ended is None:
            with suppress(TransportError):
                session._flush()

    def _note(self, event: Data | Roomier | Finished | Reset) -> None:
        match event:
            case Data(_, data):
                self._pieces.append(data)
            case Finished():
                self._finished = True
            case Reset():
                self._pieces.clear()
                self._reset = True
            case Roomier():
                pass
