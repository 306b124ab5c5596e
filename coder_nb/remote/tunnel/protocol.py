"""What is said between here and a relay in a workspace, protocol only: values in, bytes and text out. No socket.

Both directions are frames: kind, connection, length, payload. Down they are raw. Up they are lines of base64, as what
is typed into a terminal is UTF-8. Nothing is kept of a payload that is longer than it may be.
"""

from __future__ import annotations

import binascii
import struct
import zlib
from collections.abc import Iterator
from enum import IntEnum
from typing import Final, NamedTuple

__all__ = [
    "ALL",
    "BLOCK",
    "FITTING",
    "LONGEST",
    "WINDOW",
    "Armour",
    "Frame",
    "Frames",
    "Garbled",
    "Kind",
    "Target",
    "credit",
    "credited",
    "frame",
    "spelled",
]

Target = tuple[str, int] | str
"""What to connect to in the workspace: host and port, or the path of a unix socket."""

ALL: Final = 0
"""The number that stands for no connection: pings, and the goodbye."""
WINDOW: Final = 1024 * 1024
"""Bytes of one connection that may be on their way in one direction before its receiver has passed some of them on."""
LONGEST: Final = 64 * 1024
"""Bytes of a payload at most."""
BLOCK: Final = 48 * 1024 - 48
"""Bytes that go up as one line: in base64, with its newline, it fits into one message."""

_WORTH: Final = 512
"""Bytes from which on a line is worth making smaller."""
_SAMPLE: Final = 2048
_SMALLER: Final = 0.7
_LONG: Final = 16
"""Lines at most that are left as they are before it is tried again."""

_HEADER: Final = struct.Struct(">BII")
FITTING: Final = BLOCK - _HEADER.size
"""Bytes of data that make a frame which fills a line."""
_CREDIT: Final = struct.Struct(">I")


class Kind(IntEnum):
    """What a frame says."""

    OPEN = 1
    """Connect to what the payload names. Data may follow at once."""
    OPENED = 2
    REFUSED = 3
    """The payload says why, here and in RESET and GOODBYE."""
    DATA = 4
    END = 5
    """No more data comes in this direction; the other goes on."""
    RESET = 6
    """The connection is over in both directions, and what was on its way is lost."""
    CREDIT = 7
    """So many more bytes may be sent."""
    PING = 8
    PONG = 9
    GOODBYE = 10


class Frame(NamedTuple):
    """One frame; of DATA one frame may come as several, as its payload comes."""

    kind: Kind
    id: int
    payload: bytes = b""

    @property
    def text(self) -> str:
        """The payload of a frame that gives a reason."""
        return self.payload.decode("utf-8", "replace")


class Garbled(Exception):
    """This is not what a relay says."""


def frame(kind: Kind, id: int, payload: bytes | memoryview = b"") -> bytes:
    """One frame as it travels."""
    return _HEADER.pack(kind, id, len(payload)) + payload


def credit(id: int, size: int) -> bytes:
    """The frame that allows so many more bytes."""
    return frame(Kind.CREDIT, id, _CREDIT.pack(size))


def credited(payload: bytes) -> int:
    """How many more bytes a frame allows.

    Raises:
        Garbled: it is no number.
    """
    if len(payload) != _CREDIT.size:
        raise Garbled("a credit that is no number")
    return int(_CREDIT.unpack(payload)[0])


def spelled(target: Target) -> bytes:
    """A target as OPEN names it.

    >>> spelled(("db.internal", 5432)), spelled("/run/app.sock")
    (b'tcp db.internal 5432', b'unix /run/app.sock')
    """
    if isinstance(target, str):
        return b"unix " + target.encode("utf-8", "surrogateescape")
    host, port = target
    return f"tcp {host} {port}".encode()


class Armour:
    """Makes lines of text from frames: base64, of what zlib has made smaller where that pays.

    What is typed travels as JSON, which doubles or sextuples quotes, backslashes and control characters: 94 characters
    take one byte. Measured in Python, characters a byte and MB/s of making and of reading them: base64 1.33, 1220 and
    390; base85 1.25, 21 and 13; 13 bits in two characters 1.23, 23 and 23; seven bits each, the 34 awkward ones in two
    bytes, 1.45; a byte a character, likewise, 1.63, 1800 and 45. A terminal takes 20 to 50 MB/s: only base64 is never
    what is waited for. zlib at level 1 gives back more than its third on most of what is not random.

    Args:
        squeezes: whether the other side knows zlib.
    """

    def __init__(self, *, squeezes: bool) -> None:
        self._squeezes = squeezes
        self._wasted = 0
        self._rest = 0

    def line(self, data: bytes) -> str:
        """Frames as a line; one made smaller begins with `~`."""
        if self._squeezes and len(data) >= _WORTH and self._pays(data):
            return "~" + binascii.b2a_base64(zlib.compress(data, 1)).decode("ascii")
        return binascii.b2a_base64(data).decode("ascii")

    def _pays(self, data: bytes) -> bool:
        """Whether zlib makes it much smaller, as its beginning tells; not tried again at once where it did not."""
        if self._rest:
            self._rest -= 1
            return False
        sample = data[:_SAMPLE]
        if len(zlib.compress(sample, 1)) < len(sample) * _SMALLER:
            self._wasted = 0
            return True
        self._wasted += 1
        self._rest = min(self._wasted, _LONG)
        return False


class Frames:
    """Reads frames, in whatever pieces they come. Data is given on at once, however little of it has come."""

    def __init__(self) -> None:
        self._held = b""
        self._kind = Kind.DATA
        self._id = ALL
        self._left = 0

    def feed(self, data: bytes) -> Iterator[Frame]:
        """What these bytes add.

        Raises:
            Garbled: no frames. What was good before it is given first.
        """
        if self._held:
            data, self._held = self._held + data, b""
        at, end = 0, len(data)
        while at < end:
            if self._left:
                piece = data[at : at + self._left]
                at += len(piece)
                self._left -= len(piece)
                yield Frame(Kind.DATA, self._id, piece)
                continue
            begins = at + _HEADER.size
            if begins > end:
                break
            kind, id, length = _HEADER.unpack_from(data, at)
            self._check(kind, length)
            if kind == Kind.DATA:
                at, self._id, self._left = begins, id, length
                continue
            if begins + length > end:
                break
            at = begins + length
            yield Frame(Kind(kind), id, data[begins:at])
        self._held = data[at:]

    def _check(self, kind: int, length: int) -> None:
        if not Kind.OPEN <= kind <= Kind.GOODBYE:
            raise Garbled(f"a frame of kind {kind}")
        if length > LONGEST:
            raise Garbled(f"a frame of {length:,} bytes")
