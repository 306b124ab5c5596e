"""One connection of a local program, carried by a relay: bytes between its socket and a channel, never more than fits.

Data goes to the socket in the thread that reads the terminal, as far as the socket takes it; all else is done in the
tunnel's own. A connection that does not end as it should is reset, so that whoever is at its end is told.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress

from coder_nb.remote.tunnel.channel import Channel
from coder_nb.remote.tunnel.protocol import FITTING

__all__ = ["Local"]


class Local:
    """A program's connection.

    Args:
        sock: its socket; this owns it from now on.
        changed: called by any thread when it waits for something else than before, or is over.
        count: is told how many bytes came in, and how many went out.
        lost: is told why it did not end as it should, and whether it was refused.
    """

    def __init__(
        self,
        sock: socket.socket,
        *,
        changed: Callable[[Local], None],
        count: Callable[[int, int], None],
        lost: Callable[[str, bool], None],
    ) -> None:
        sock.setblocking(False)
        with suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = sock
        self._changed, self._count, self._told = changed, count, lost
        self._channel: Channel | None = None
        self._lock = threading.Lock()
        self._waiting = bytearray()
        self._paused = False
        self._read_all = False
        self._ends = False
        self._shut = False
        self._over = False
        self._broken = False

    @property
    def over(self) -> bool:
        """Whether its socket is to be closed."""
        return self._over

    @property
    def waits(self) -> tuple[bool, bool]:
        """Whether it waits to be read, and to be written."""
        reading = self._channel is not None and not (self._paused or self._read_all or self._over)
        return reading, bool(self._waiting) and not self._over

    def through(self, channel: Channel) -> Local:
        """From now on this channel carries it."""
        self._channel = channel
        return self

    def read(self) -> None:
        """Takes what the program says, as much as may be sent."""
        channel = self._channel
        if channel is None or self._over:
            return
        # Before it is asked for, since it may be told of meanwhile.
        self._paused = True
        room = channel.room()
        if not room:
            return
        self._paused = False
        try:
            data = self.socket.recv(min(room, FITTING))
        except BlockingIOError:
            return
        except OSError:
            self._fail()
            return
        if data:
            self._count(0, len(data))
            channel.send(data)
            return
        self._read_all = True
        channel.end()
        self._settle()

    def write(self) -> None:
        """Gives the program what waits for it."""
        with self._lock:
            sent = self._give(self._waiting)
            del self._waiting[:sent]
        self._gave(sent)

    def close(self) -> None:
        """Closes its socket; where not all was said, its other side is told of a reset."""
        with self._lock:
            if not self._over or self._broken:
                with suppress(OSError):
                    self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._over = True
            self.socket.close()

    def opened(self) -> None:
        """Its target took it."""

    def data(self, piece: bytes) -> None:
        """Its target says this."""
        with self._lock:
            held = len(self._waiting)
            sent = 0 if held else self._give(piece)
            if sent < len(piece):
                self._waiting += piece[sent:]
        self._gave(sent)
        if self._waiting and not held:
            self._changed(self)

    def ended(self) -> None:
        """Its target says no more."""
        self._ends = True
        self._settle()

    def lost(self, reason: str, refused: bool) -> None:
        """It is over."""
        self._told(reason, refused)
        self._end()

    def room(self) -> None:
        """It may be read again."""
        self._paused = False
        self._changed(self)

    def _give(self, data: bytes | bytearray) -> int:
        try:
            return len(data) if self._over else self.socket.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            self._broken = True
            return len(data)

    def _gave(self, sent: int) -> None:
        if self._broken:
            self._fail()
        elif sent and self._channel is not None:
            self._count(sent, 0)
            self._channel.took(sent)
            self._settle()

    def _settle(self) -> None:
        """Passes on that the target is at its end, once all before it was; is over when both are."""
        with self._lock:
            if self._ends and not self._waiting and not self._shut and not self._over:
                self._shut = True
                with suppress(OSError):
                    self.socket.shutdown(socket.SHUT_WR)
            self._over = over = self._over or (self._shut and self._read_all)
        if over:
            self._changed(self)

    def _fail(self) -> None:
        """The program has gone."""
        if self._channel is not None:
            self._channel.reset()
        self._end()

    def _end(self) -> None:
        with self._lock:
            self._broken = self._over = True
        self._changed(self)
