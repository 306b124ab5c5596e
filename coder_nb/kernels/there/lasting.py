"""A stream of bytes that outlasts the connections it goes over: protocol only, bytes in and bytes out, no socket.

Every byte has a number. What the other end has not acknowledged is kept, and sent again on the next connection from
exactly where the other end is: nothing is lost, and nothing comes twice.
"""

from __future__ import annotations

import struct
from collections import deque

__all__ = ["Broken", "Lasting"]

_HEAD = struct.Struct("!cQI")
_HELLO, _DATA, _ACK = b"H", b"D", b"A"
_PIECE = 64 * 1024
_OFTEN = 256 * 1024
"""Bytes received until they are acknowledged without being asked for."""


class Broken(Exception):
    """What came over a connection cannot be of this stream; another connection is needed."""


class Lasting:
    """One end of a stream.

    Args:
        name: what both ends call the stream, so that no other is taken for it; 16 bytes.
        first: whether this end speaks first on a new connection; the other waits until it has.
    """

    def __init__(self, name: bytes, *, first: bool) -> None:
        self._name, self._first = name, first
        self._unsent: deque[bytes] = deque()
        self._sent: deque[bytes] = deque()
        self._base = self._next = self._end = 0
        self._received = self._told = 0
        self._held = b""
        self._met = self._greeted = self._due = False

    @property
    def pending(self) -> int:
        """Bytes written that the other end has not acknowledged."""
        return self._end - self._base

    @property
    def met(self) -> bool:
        """Whether the other end has been heard on this connection."""
        return self._met

    def connected(self) -> None:
        """There is a new connection; the one before is of no use any more."""
        self._held = b""
        self._met, self._greeted, self._due = False, False, False

    def write(self, data: bytes) -> None:
        """Takes bytes for the other end."""
        self._end += len(data)
        for at in range(0, len(data), _PIECE):
            self._unsent.append(data[at : at + _PIECE])

    def acknowledge(self) -> None:
        """Has the next of `outgoing` say how far we are, whether that is news or not."""
        self._due = True

    def has_outgoing(self) -> bool:
        """Whether `outgoing` would give anything."""
        if not self._greeted:
            return self._first or self._met
        return self._met and bool(self._unsent or self._due or self._received - self._told >= _OFTEN)

    def outgoing(self, most: int = 4 * _PIECE) -> bytes:
        """What is to be written to the connection next, some `most` bytes; b"" where there is nothing."""
        if not self.has_outgoing():
            return b""
        parts = []
        if not self._greeted:
            self._greeted = True
            self._told = self._received
            parts.append(_HEAD.pack(_HELLO, self._received, len(self._name)) + self._name)
        if not self._met:
            return b"".join(parts)
        if self._due or self._received - self._told >= _OFTEN:
            self._due, self._told = False, self._received
            parts.append(_HEAD.pack(_ACK, self._received, 0))
        while self._unsent and most > 0:
            piece = self._unsent.popleft()
            self._sent.append(piece)
            parts += [_HEAD.pack(_DATA, self._next, len(piece)), piece]
            self._next += len(piece)
            most -= len(piece)
        return b"".join(parts)

    def feed(self, data: bytes) -> bytes:
        """What a piece from the connection adds to what the other end wrote; cut anywhere.

        Raises:
            Broken: it is nothing of this stream.
        """
        data = self._held + data if self._held else data
        before, at = self._received, 0
        new: list[bytes] = []
        try:
            while len(data) - at >= _HEAD.size:
                kind, number, length = _HEAD.unpack_from(data, at)
                self._check(kind, length)
                end = at + _HEAD.size + length
                if end > len(data):
                    break
                self._take(kind, number, data[at + _HEAD.size : end], new)
                at = end
        except Broken:
            # What came just before is not handed out, so it is to come again.
            self._received = before
            raise
        self._held = data[at:]
        return b"".join(new)

    def _check(self, kind: bytes, length: int) -> None:
        expected = {_HELLO: length == len(self._name), _DATA: 0 < length <= _PIECE, _ACK: length == 0}
        if not expected.get(kind, False) or self._met == (kind == _HELLO):
            raise Broken("not a record of this stream")

    def _take(self, kind: bytes, number: int, content: bytes, new: list[bytes]) -> None:
        if kind == _DATA:
            if number != self._received:
                raise Broken("bytes are missing")
            self._received += len(content)
            new.append(content)
        elif kind == _ACK:
            self._forget(number)
        else:
            if content != self._name:
                raise Broken("another stream")
            self._rewind(number)
            self._met = True

    def _forget(self, number: int) -> None:
        if not self._base <= number <= self._next:
            raise Broken("acknowledged what was not sent")
        while self._sent and self._base + len(self._sent[0]) <= number:
            self._base += len(self._sent.popleft())

    def _rewind(self, number: int) -> None:
        """The other end has all before this byte, and nothing from it on."""
        self._forget(number)
        self._unsent.extendleft(reversed(self._sent))
        self._sent.clear()
        if number > self._base:
            self._unsent[0] = self._unsent[0][number - self._base :]
        self._base = self._next = number
