"""dRPC: one call on one stream, as packets with a kind and an increasing number, cut into frames. Either side. No I/O.

Sizes are checked when they are announced, before what they announce is kept; metadata of a call is never sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from coder_nb.errors import ProtocolError

__all__ = ["FRAME", "LARGEST", "Kind", "Packet", "Packets", "Speaker", "error_of", "varint"]

FRAME: Final = 64 * 1024
"""Bytes of a frame at most, as sent; others may cut as they like."""
LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a packet at most, both ways."""

_DONE: Final = 0x01
_CONTROL: Final = 0x80
_VARINT: Final = 10
_HINT: Final = "is something in front of Coder?"


class Kind(IntEnum):
    """What a packet is."""

    INVOKE = 1
    MESSAGE = 2
    ERROR = 3
    CANCEL = 4
    CLOSE = 5
    CLOSE_SEND = 6
    METADATA = 7


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet, whole."""

    kind: Kind
    data: bytes = b""


def varint(number: int) -> bytes:
    """A number of up to 64 bits, seven bits a byte, the lowest first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def error_of(data: bytes) -> tuple[int, str]:
    """Code and text of an error packet; what is too short for a code has none."""
    if len(data) < 8:
        return 0, data.decode("utf-8", "replace")
    return int.from_bytes(data[:8], "big"), data[8:].decode("utf-8", "replace")


class Speaker:
    """Makes the packets of one direction of one call."""

    def __init__(self) -> None:
        self._message = 0

    def invoke(self, path: str) -> bytes:
        """Begins a call."""
        return self._packet(Kind.INVOKE, path.encode())

    def message(self, data: bytes) -> bytes:
        """One message.

        Raises:
            ValueError: larger than the other side takes.
        """
        if len(data) > LARGEST:
            raise ValueError(f"a message of {len(data):,} bytes; {LARGEST:,} is the most")
        return self._packet(Kind.MESSAGE, data)

    def error(self, text: str, *, code: int = 0) -> bytes:
        """The end of a call that failed."""
        return self._packet(Kind.ERROR, code.to_bytes(8, "big") + text.encode())

    def close_send(self) -> bytes:
        """No more messages from this side."""
        return self._packet(Kind.CLOSE_SEND)

    def close(self) -> bytes:
        """The end of a call."""
        return self._packet(Kind.CLOSE)

    def _packet(self, kind: Kind, data: bytes = b"") -> bytes:
        self._message += 1
        out = bytearray()
        for start in range(0, max(len(data), 1), FRAME):
            piece = data[start : start + FRAME]
            done = start + FRAME >= len(data)
            out.append(kind << 1 | (_DONE if done else 0) | (_CONTROL if kind is Kind.CANCEL else 0))
            out += varint(1) + varint(self._message) + varint(len(piece)) + piece
        return bytes(out)


class Packets:
    """An incremental reader of packets.

    Args:
        largest: bytes of one packet, over all of its frames.
    """

    def __init__(self, *, largest: int = LARGEST) -> None:
        self._largest = largest
        self._head = bytearray()
        self._numbers: list[int] = []
        self._number = self._bits = 0
        self._control: int | None = None
        self._left = 0
        self._last = (0, 0)
        self._open: tuple[tuple[int, int], int] | None = None
        self._whole = bytearray()
        self._skip = False

    def feed(self, data: bytes) -> Iterator[Packet]:
        """The packets that these bytes complete; to be iterated to the end.

        Raises:
            ProtocolError: no dRPC, numbers that do not increase, or larger than the limit.
        """
        at = 0
        while at < len(data):
            if self._control is None:
                self._control = data[at]
                self._numbers, at = [], at + 1
            elif len(self._numbers) < 3:
                self._digit(data[at])
                at += 1
                if len(self._numbers) == 3:
                    self._begin()
                    if not self._left:
                        yield from self._end()
            else:
                piece = data[at : at + self._left]
                at, self._left = at + len(piece), self._left - len(piece)
                if not self._skip:
                    self._whole += piece
                if not self._left:
                    yield from self._end()

    def _digit(self, byte: int) -> None:
        self._number |= (byte & 0x7F) << self._bits
        self._bits += 7
        if byte & 0x80:
            if self._bits >= 7 * _VARINT:
                raise ProtocolError("a dRPC number of more than ten bytes", hint=_HINT)
            return
        if self._number >> 64:
            raise ProtocolError("a dRPC number of more than 64 bits", hint=_HINT)
        self._numbers.append(self._number)
        self._number = self._bits = 0

    def _begin(self) -> None:
        """A frame's head is whole: whether such a one may come now."""
        assert self._control is not None
        stream, message, size = self._numbers
        kind, id = (self._control & ~_CONTROL) >> 1, (stream, message)
        if size > self._largest:
            raise ProtocolError(f"a dRPC frame of {size:,} bytes; {self._largest:,} is the most", hint=_HINT)
        self._left = size
        self._skip = bool(self._control & _CONTROL) and kind not in Kind._value2member_map_
        if self._skip:
            return
        if kind not in Kind._value2member_map_:
            raise ProtocolError(f"a dRPC packet of an unknown kind, {kind}", hint=_HINT)
        if self._open is not None and self._open[0] == id:
            if self._open[1] != kind:
                raise ProtocolError("a dRPC packet that changes its kind", hint=_HINT)
        elif not stream or not message or id <= self._last:
            raise ProtocolError(f"a dRPC packet out of turn: {stream}.{message} after {self._last}", hint=_HINT)
        else:
            # What a packet that is given up had until now is dropped.
            self._whole.clear()
            self._open, self._last = (id, kind), id
        if len(self._whole) + size > self._largest:
            raise ProtocolError(f"a dRPC packet of more than {self._largest:,} bytes", hint=_HINT)

    def _end(self) -> Iterator[Packet]:
        """A frame is whole; so may be its packet."""
        assert self._control is not None
        done, self._control = self._control & _DONE, None
        if self._skip or not done or self._open is None:
            return
        packet = Packet(Kind(self._open[1]), bytes(self._whole))
        self._whole.clear()
        self._open = None
        yield packet
