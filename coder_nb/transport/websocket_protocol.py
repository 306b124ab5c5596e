"""WebSocket, the client's side, protocol only: bytes in, in pieces of any size, messages and signals out. No socket.

Frames are websocket-client's, which stays behind this module. Added is what it leaves out: sizes are checked when they
are announced, before what they announce is kept. Text is given as it came: whoever decodes it finds out if it is UTF-8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, cast

from websocket import ABNF, WebSocketProtocolException
from websocket._abnf import frame_buffer

__all__ = [
    "PROTOCOL_ERROR",
    "TOO_BIG",
    "Broken",
    "Close",
    "Message",
    "Parser",
    "Ping",
    "binary_frame",
    "close_frame",
    "ping_frame",
    "pong_frame",
    "servers_close_frame",
    "servers_frame",
    "spoken",
]

PROTOCOL_ERROR: Final = 1002
NO_CODE: Final = 1005
"""Stands for a close frame that names no code."""
TOO_BIG: Final = 1009

_LONGEST_SIGNAL = 125


@dataclass(frozen=True, slots=True)
class Message:
    """One whole message: whether it was sent as text, and its bytes."""

    text: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class Ping:
    """The server asks for a pong with the same payload."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Close:
    """The server's last frame: its code and its reason, which it may leave out."""

    code: int
    reason: str


class Broken(Exception):
    """What came is no WebSocket, or too large. `code` is what to close with."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class _Dry(Exception):
    """All bytes that have come are taken; what they began is kept."""


class _Frames(frame_buffer):
    """websocket-client's reader of frames, fed instead of reading, and asking before it keeps a payload.

    A frame's parts are asked for in turn, and those that are there are kept, so a cut at any byte is harmless.
    """

    def __init__(self, allow: Callable[[int, bool, bool, int], None]) -> None:
        super().__init__(lambda _: b"", skip_utf8_validation=True)
        self._allow = allow
        self._data = b""
        self._at = 0
        self._begun = bytearray()

    def supply(self, data: bytes) -> None:
        """The next bytes; those before have all been taken."""
        self._data, self._at = data, 0

    def recv_strict(self, bufsize: int) -> bytes:
        """The next part of a frame. websocket-client's own counts every piece anew with each one that comes."""
        end = self._at + bufsize - len(self._begun)
        piece, self._at = self._data[self._at : end], min(end, len(self._data))
        if self._at < end:
            self._begun += piece
            raise _Dry
        if not self._begun:
            return piece
        whole = bytes(self._begun + piece)
        self._begun.clear()
        return whole

    def recv_length(self) -> None:
        """As in websocket-client, and then asks whether such a frame may come."""
        super().recv_length()
        assert self.header is not None and self.length is not None
        final, _, _, _, kind, masked, _ = self.header
        self._allow(kind, bool(final), bool(masked), self.length)


class Parser:
    """An incremental parser of what a server sends after the handshake.

    Args:
        largest: bytes of one message, over all of its frames.
    """

    def __init__(self, *, largest: int) -> None:
        self._largest = largest
        self._frames = _Frames(self._check)
        self._whole: bytes | bytearray = b""
        self._text: bool | None = None

    def feed(self, data: bytes) -> Iterator[Message | Ping | Close]:
        """The messages and signals that these bytes complete; pongs are passed over.

        Raises:
            Broken: against the protocol, or larger than the limit. What was complete before is given first.
        """
        self._frames.supply(bytes(data))
        while True:
            try:
                frame = self._frames.recv_frame()
            except _Dry:
                return
            except WebSocketProtocolException as error:
                raise Broken(PROTOCOL_ERROR, str(error)) from None
            yield from self._frame(frame.opcode, bool(frame.fin), cast(bytes, frame.data))

    def _check(self, kind: int, final: bool, masked: bool, length: int) -> None:
        if masked:
            raise Broken(PROTOCOL_ERROR, "a masked frame, which is what clients send")
        if kind & 0x08:
            if length > _LONGEST_SIGNAL or not final:
                raise Broken(PROTOCOL_ERROR, "a control frame that is too long, or in pieces")
            return
        if (kind == ABNF.OPCODE_CONT) == (self._text is None):
            raise Broken(PROTOCOL_ERROR, "a data frame out of turn")
        if len(self._whole) + length > self._largest:
            raise Broken(TOO_BIG, f"a message of more than {self._largest:,} bytes")

    def _frame(self, kind: int, final: bool, payload: bytes) -> Iterator[Message | Ping | Close]:
        if kind == ABNF.OPCODE_PING:
            yield Ping(payload)
        elif kind == ABNF.OPCODE_CLOSE:
            yield _closing(payload)
        elif kind != ABNF.OPCODE_PONG:
            if kind != ABNF.OPCODE_CONT:
                self._text = kind == ABNF.OPCODE_TEXT
            self._append(payload)
            if final:
                text, whole, self._text, self._whole = bool(self._text), bytes(self._whole), None, b""
                yield Message(text, whole)

    def _append(self, payload: bytes) -> None:
        """Joins in place: a list of parts would cost many times their size when each is a byte."""
        if not self._whole:
            # Many of Coder's messages are one frame and an empty last one: there is nothing to copy.
            self._whole = payload
        elif payload:
            if not isinstance(self._whole, bytearray):
                self._whole = bytearray(self._whole)
            self._whole += payload


def _closing(payload: bytes) -> Close:
    if not payload:
        return Close(NO_CODE, "")
    return Close(int.from_bytes(payload[:2], "big"), payload[2:].decode("utf-8", "replace"))


def binary_frame(data: bytes) -> bytes:
    """A whole message of bytes."""
    return _masked(data, ABNF.OPCODE_BINARY)


def ping_frame(data: bytes = b"") -> bytes:
    """A question whether the server is there; at most 125 bytes."""
    return _masked(data, ABNF.OPCODE_PING)


def pong_frame(data: bytes) -> bytes:
    """The answer to a ping."""
    return _masked(data, ABNF.OPCODE_PONG)


def close_frame(code: int) -> bytes:
    """The last frame. `NO_CODE` stands for one without a code, and cannot be sent itself."""
    return _masked(b"" if code == NO_CODE else code.to_bytes(2, "big"), ABNF.OPCODE_CLOSE)


def spoken(frame: bytes) -> Message | None:
    """What one of the frames above says; None for a signal. Recordings take down what is sent by it."""
    if frame[0] & 0x0F not in (ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY):
        return None
    start = {126: 4, 127: 10}.get(frame[1] & 0x7F, 2)
    return Message(frame[0] & 0x0F == ABNF.OPCODE_TEXT, ABNF.mask(frame[start : start + 4], frame[start + 4 :]))


def servers_frame(message: Message) -> bytes:
    """A whole message as a server sends it: replays are servers."""
    return _unmasked(message.data, ABNF.OPCODE_TEXT if message.text else ABNF.OPCODE_BINARY)


def servers_close_frame(code: int, reason: str) -> bytes:
    """A server's last frame; `NO_CODE` stands for one without a code."""
    return _unmasked(b"" if code == NO_CODE else code.to_bytes(2, "big") + reason.encode()[:123], ABNF.OPCODE_CLOSE)


def _masked(data: bytes, kind: int) -> bytes:
    return ABNF.create_frame(data, kind).format()


def _unmasked(data: bytes, kind: int) -> bytes:
    return ABNF(1, 0, 0, 0, kind, 0, data).format()
