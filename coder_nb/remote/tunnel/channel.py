"""One connection of a relay, this side: how much it may send, what was said of it, and to whom that is told.

It knows no sockets: whoever asked for the connection is told by the methods of `Receiver`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from coder_nb.remote.tunnel.protocol import FITTING, WINDOW, Frame, Garbled, Kind, credit, credited, frame

__all__ = ["Channel", "Receiver"]

Say = Callable[[bytes], None]
"""Takes a frame that is to be sent."""


class Receiver(Protocol):
    """Is told of a connection by the thread that reads the terminal, and must not wait."""

    def opened(self) -> None:
        """The target has taken the connection."""

    def data(self, piece: bytes) -> None:
        """The target has said more; `Channel.took` says when it was passed on."""

    def ended(self) -> None:
        """The target says no more; it may be told more."""

    def lost(self, reason: str, refused: bool) -> None:
        """The connection is over, and this is the last call: refused by the target, reset, or its relay is gone."""

    def room(self) -> None:
        """`Channel.room` is more than it was when it was 0."""


class Channel:
    """One connection. Any thread may call it.

    Args:
        id: its number.
        receiver: makes what is told of it.
        say: sends a frame.
        room: how many bytes of data may wait to be sent, by all connections together.
        gone: is told its number once it is over.
    """

    def __init__(
        self,
        id: int,
        receiver: Callable[[Channel], Receiver],
        say: Say,
        room: Callable[[], int],
        gone: Callable[[int], None],
    ) -> None:
        self.id = id
        self._say, self._shared, self._gone = say, room, gone
        self._lock = threading.Lock()
        self._credit = WINDOW
        self._unread = 0
        self._owed = 0
        self._short = False
        self._ended_here = False
        self._ended_there = False
        self._over = False
        self.receiver = receiver(self)

    @property
    def over(self) -> bool:
        """Whether both directions have ended."""
        return self._over

    def room(self) -> int:
        """How many bytes `send` takes now; once it was 0 the receiver is told when there is room."""
        with self._lock:
            most = min(self._credit, self._shared())
            self._short = most <= 0
        return max(0, most)

    def send(self, data: bytes) -> None:
        """Sends data, of which there is at most `room`."""
        with self._lock:
            if self._over or self._ended_here:
                return
            self._credit -= len(data)
            for at in range(0, len(data), FITTING):
                self._say(frame(Kind.DATA, self.id, data[at : at + FITTING]))

    def end(self) -> None:
        """Says that no more data is sent; the target may say more."""
        with self._lock:
            if self._over or self._ended_here:
                return
            self._ended_here = True
            self._over = self._ended_there
            self._say(frame(Kind.END, self.id))
        if self._over:
            self._gone(self.id)

    def reset(self) -> None:
        """Ends it both ways, whatever is on its way; the receiver is told nothing more."""
        with self._lock:
            if self._over:
                return
            self._over = True
            self._say(frame(Kind.RESET, self.id))
        self._gone(self.id)

    def took(self, size: int) -> None:
        """So many bytes of data were passed on, and as many more may come."""
        with self._lock:
            self._owed += size
            self._unread -= size
            if self._owed >= WINDOW // 4 and not self._over and not self._ended_there:
                self._say(credit(self.id, self._owed))
                self._owed = 0

    def hear(self, heard: Frame) -> None:
        """What the relay says of this connection.

        Raises:
            Garbled: that cannot be said of a connection.
        """
        receiver = self.receiver
        match heard.kind:
            case _ if self._over:
                return
            case Kind.DATA:
                with self._lock:
                    self._unread += len(heard.payload)
                    if self._unread > WINDOW:
                        raise Garbled("more than it may")
                receiver.data(heard.payload)
            case Kind.CREDIT:
                with self._lock:
                    self._credit += credited(heard.payload)
                self.recall()
            case Kind.OPENED:
                receiver.opened()
            case Kind.END:
                with self._lock:
                    self._ended_there = True
                    self._over = self._ended_here
                if self._over:
                    self._gone(self.id)
                receiver.ended()
            case Kind.RESET | Kind.REFUSED:
                self.lose(heard.text or "the connection was reset", refused=heard.kind == Kind.REFUSED)
            case _:
                raise Garbled(f"{heard.kind.name} for a connection")

    def recall(self) -> None:
        """Tells the receiver that there is room, if it waits for some."""
        with self._lock:
            short = self._short and min(self._credit, self._shared()) > 0
            if short:
                self._short = False
        if short:
            self.receiver.room()

    def lose(self, reason: str, *, refused: bool = False) -> None:
        """Ends it, from outside."""
        with self._lock:
            over, self._over = self._over, True
        if not over:
            self._gone(self.id)
            self.receiver.lost(reason, refused)
