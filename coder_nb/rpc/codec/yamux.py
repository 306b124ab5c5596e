"""yamux, protocol version 0: many streams over one flow of bytes, each with a window of its own. Either side. No I/O.

What came in is told as events, what is to go out is collected for `take`. Bytes of a stream count as received when they
come and are credited when they have been used (`used`), so a slow reader holds up its own stream and no other.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Final

from coder_nb.errors import ProtocolError

__all__ = [
    "WINDOW",
    "Data",
    "Event",
    "Finished",
    "Flag",
    "GoneAway",
    "Kind",
    "Opened",
    "Ponged",
    "Reset",
    "Roomier",
    "Yamux",
]

WINDOW: Final = 256 * 1024
"""Bytes each side may have sent on a stream without their having been used; the protocol's own beginning."""
STREAMS: Final = 256
_HEADER: Final = struct.Struct(">BBHII")
_LARGEST: Final = 0xFFFFFFFF


class Kind(IntEnum):
    """What a frame is."""

    DATA = 0
    WINDOW_UPDATE = 1
    PING = 2
    GO_AWAY = 3


class Flag(IntFlag):
    """What else it says; on a ping SYN asks and ACK answers."""

    SYN = 1
    ACK = 2
    FIN = 4
    RST = 8


@dataclass(frozen=True, slots=True)
class Opened:
    """The other side has opened a stream; only where this one accepts them."""

    stream: int


@dataclass(frozen=True, slots=True)
class Data:
    """Some bytes of a stream, cut anywhere."""

    stream: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Roomier:
    """More may be sent on a stream."""

    stream: int


@dataclass(frozen=True, slots=True)
class Finished:
    """Nothing more comes on a stream; it may still be sent to."""

    stream: int


@dataclass(frozen=True, slots=True)
class Reset:
    """A stream is dead in both directions."""

    stream: int


@dataclass(frozen=True, slots=True)
class Ponged:
    """The answer to a ping."""

    value: int


@dataclass(frozen=True, slots=True)
class GoneAway:
    """The other side takes no new streams; `reason` 0 is a proper end, 1 and 2 are failures."""

    reason: int


Event = Opened | Data | Roomier | Finished | Reset | Ponged | GoneAway


@dataclass(slots=True)
class _Stream:
    """What is known of a live stream; `unused` bytes have come and are not credited yet."""

    sendable: int = WINDOW
    receivable: int = WINDOW
    unused: int = 0
    finished: bool = False
    theirs_finished: bool = False


class Yamux:
    """One side of a session.

    Args:
        accepts: whether this is the side that is dialled: it takes streams, and opens none.
    """

    def __init__(self, *, accepts: bool = False) -> None:
        self._accepts = accepts
        self._streams: dict[int, _Stream] = {}
        self._next = 1
        self._out = bytearray()
        self._head = bytearray()
        self._into: int | None = None
        self._left = 0
        self._end = Flag(0)

    def take(self) -> bytes:
        """All that is to be sent now."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def open(self) -> int:
        """Opens a stream; its number."""
        stream, self._next = self._next, self._next + 2
        self._streams[stream] = _Stream()
        self._frame(Kind.WINDOW_UPDATE, Flag.SYN, stream, 0)
        return stream

    def room(self, stream: int) -> int:
        """Bytes that may be sent on a stream now; 0 for one that is no more."""
        known = self._streams.get(stream)
        return 0 if known is None or known.finished else known.sendable

    def send(self, stream: int, data: bytes) -> None:
        """Sends on a stream, no more than there is `room` for: beyond it the other side ends the whole session."""
        if not 0 < len(data) <= self.room(stream):
            raise ValueError(f"{len(data)} bytes, and room for {self.room(stream)}")
        self._streams[stream].sendable -= len(data)
        self._frame(Kind.DATA, Flag(0), stream, len(data))
        self._out += data

    def used(self, stream: int, count: int) -> None:
        """Bytes of a stream have been used; the other side is told of the room once that is worth a frame."""
        known = self._streams.get(stream)
        if known is None or known.theirs_finished:
            return
        known.unused -= min(count, known.unused)
        credit = WINDOW - known.unused - known.receivable
        if credit >= WINDOW // 2:
            known.receivable += credit
            self._frame(Kind.WINDOW_UPDATE, Flag(0), stream, credit)

    def finish(self, stream: int) -> None:
        """Sends nothing more on a stream."""
        known = self._streams.get(stream)
        if known is None or known.finished:
            return
        known.finished = True
        self._frame(Kind.WINDOW_UPDATE, Flag.FIN, stream, 0)
        self._bury(stream)

    def forget(self, stream: int) -> None:
        """Finishes a stream and passes over what still comes on it."""
        self.finish(stream)
        self._streams.pop(stream, None)

    def reset(self, stream: int) -> None:
        """Ends a stream in both directions."""
        if self._streams.pop(stream, None) is not None:
            self._frame(Kind.WINDOW_UPDATE, Flag.RST, stream, 0)

    def ping(self, value: int) -> None:
        """Asks whether the other side is there."""
        self._frame(Kind.PING, Flag.SYN, 0, value)

    def go_away(self, reason: int = 0) -> None:
        """Says that no new streams are taken."""
        self._frame(Kind.GO_AWAY, Flag(0), 0, reason)

    def receive(self, data: bytes) -> Iterator[Event]:
        """What these bytes say, however they are cut; to be iterated to the end.

        Raises:
            ProtocolError: no yamux, or more on a stream than its window; what came before has been given.
        """
        at = 0
        while at < len(data):
            if self._left:
                piece = data[at : at + self._left]
                at, self._left = at + len(piece), self._left - len(piece)
                yield from self._body(piece)
                continue
            need = _HEADER.size - len(self._head)
            self._head += data[at : at + need]
            at += need
            if len(self._head) == _HEADER.size:
                head = _HEADER.unpack(self._head)
                self._head.clear()
                yield from self._header(*head)

    def _header(self, version: int, kind: int, flags: int, stream: int, value: int) -> Iterator[Event]:
        if version != 0 or kind > Kind.GO_AWAY:
            raise ProtocolError(f"no yamux frame: version {version}, type {kind}", hint=_BETWEEN)
        if kind == Kind.PING:
            if flags & Flag.SYN:
                self._frame(Kind.PING, Flag.ACK, 0, value)
            elif flags & Flag.ACK:
                yield Ponged(value)
        elif kind == Kind.GO_AWAY:
            yield GoneAway(value)
        else:
            yield from self._of_stream(kind, flags, stream, value)

    def _of_stream(self, kind: int, flags: int, stream: int, value: int) -> Iterator[Event]:
        if stream == 0:
            raise ProtocolError("a yamux frame of no stream, where it needs one", hint=_BETWEEN)
        if flags & Flag.SYN:
            yield from self._begun(stream)
        known = self._streams.get(stream)
        if flags & Flag.RST and known is not None:
            del self._streams[stream]
            known = None
            yield Reset(stream)
        if kind == Kind.DATA:
            self._announced(known, stream, value, Flag(flags))
            if not value:
                yield from self._ended()
        else:
            if known is not None and value:
                known.sendable += value
                if known.sendable > _LARGEST:
                    raise ProtocolError(f"a yamux window of {known.sendable:,} bytes", hint=_BETWEEN)
                yield Roomier(stream)
            self._into, self._end = stream, Flag(flags)
            yield from self._ended()

    def _begun(self, stream: int) -> Iterator[Event]:
        if stream in self._streams:
            raise ProtocolError(f"yamux stream {stream} opened a second time", hint=_BETWEEN)
        if not self._accepts or len(self._streams) >= STREAMS:
            self._frame(Kind.WINDOW_UPDATE, Flag.RST, stream, 0)
            return
        self._streams[stream] = _Stream()
        self._frame(Kind.WINDOW_UPDATE, Flag.ACK, stream, 0)
        yield Opened(stream)

    def _announced(self, known: _Stream | None, stream: int, size: int, flags: Flag) -> None:
        """A body is to come. Checked before any of it is kept; that of a stream that is no more is passed over."""
        self._into, self._left, self._end = stream, size, flags
        if known is None:
            return
        if size > known.receivable:
            raise ProtocolError(
                f"{size:,} bytes on yamux stream {stream}, which had room for {known.receivable:,}", hint=_BETWEEN
            )
        known.receivable -= size

    def _body(self, piece: bytes) -> Iterator[Event]:
        stream = self._into
        known = None if stream is None else self._streams.get(stream)
        if stream is not None and known is not None and not known.theirs_finished:
            known.unused += len(piece)
            yield Data(stream, piece)
        if not self._left:
            yield from self._ended()

    def _ended(self) -> Iterator[Event]:
        """A frame of a stream is whole: what its flags say holds now."""
        stream, end = self._into, self._end
        self._into, self._end = None, Flag(0)
        known = None if stream is None else self._streams.get(stream)
        if stream is not None and known is not None and end & Flag.FIN and not known.theirs_finished:
            known.theirs_finished = True
            self._bury(stream)
            yield Finished(stream)

    def _bury(self, stream: int) -> None:
        known = self._streams[stream]
        if known.finished and known.theirs_finished:
            del self._streams[stream]

    def _frame(self, kind: Kind, flags: Flag, stream: int, value: int) -> None:
        self._out += _HEADER.pack(0, kind, flags, stream, value)


_BETWEEN: Final = "is something in front of Coder?"
