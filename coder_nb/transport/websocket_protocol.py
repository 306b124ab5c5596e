"""WebSocket, the client's side, protocol only: bytes in, in pieces of any size, messages and signals out. No socket.

Sizes are checked when they are announced, before what they announce is kept. Text is given as it came, in UTF-8 or not:
whoever decodes it finds out, and looking twice is what makes receiving slow.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

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
]

PROTOCOL_ERROR: Final = 1002
NO_CODE: Final = 1005
"""Stands for a close frame that names no code."""
TOO_BIG: Final = 1009

_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0, 1, 2, 8, 9, 10
_FINAL = 0x80


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


class Parser:
    """An incremental parser of what a server sends after the handshake.

    Args:
        largest: bytes of one message, over all of its frames.
    """

    def __init__(self, *, largest: int) -> None:
        self._largest = largest
        self._rest = bytearray()
        self._needed = 2
        self._whole: bytes | bytearray = b""
        self._text: bool | None = None

    def feed(self, data: bytes) -> Iterator[Message | Ping | Close]:
        """The messages and signals that these bytes complete; pongs are passed over.

        Raises:
            Broken: against the protocol, or larger than the limit. What was complete before is given first.
        """
        rest = self._rest
        rest += data
        start, size = 0, len(rest)
        try:
            # The first look is cheap: a large message is not parsed again with each piece of it.
            while size - start >= self._needed:
                body, end = self._heading(start, size)
                if end > size:
                    self._needed = end - start
                    break
                head = rest[start]
                with memoryview(rest) as view:
                    payload = bytes(view[body:end])
                start, self._needed = end, 2
                if head == _FINAL | _TEXT or head == _FINAL | _BINARY:
                    yield Message(head == _FINAL | _TEXT, payload)
                else:
                    yield from self._frame(head, payload)
        finally:
            del rest[:start]

    def _heading(self, start: int, size: int) -> tuple[int, int]:
        """Where the frame's payload begins and ends. An end beyond what there is says how much is wanted."""
        rest = self._rest
        head, length = rest[start], rest[start + 1]
        body = start + 2
        if length > 125:
            if head & 0x08:
                raise Broken(PROTOCOL_ERROR, "a control frame that is too long, or masked")
            if length > 127:
                raise Broken(PROTOCOL_ERROR, "a masked frame, which is what clients send")
            body += 2 if length == 126 else 8
            if body > size:
                return body, body
            length = int.from_bytes(rest[start + 2 : body], "big")
        self._check(head, length)
        return body, body + length

    def _check(self, head: int, length: int) -> None:
        if head & 0x70:
            raise Broken(PROTOCOL_ERROR, "a frame with reserved bits, of an extension nobody asked for")
        kind = head & 0x0F
        if kind & 0x08:
            if kind > _PONG or not head & _FINAL:
                raise Broken(PROTOCOL_ERROR, "a control frame of no known kind, or in pieces")
            return
        if kind > _BINARY or (kind == _CONTINUATION) == (self._text is None):
            raise Broken(PROTOCOL_ERROR, "a data frame of no known kind, or out of turn")
        if len(self._whole) + length > self._largest:
            raise Broken(TOO_BIG, f"a message of more than {self._largest:,} bytes")

    def _frame(self, head: int, payload: bytes) -> Iterator[Message | Ping | Close]:
        kind = head & 0x0F
        if kind == _PING:
            yield Ping(payload)
        elif kind == _CLOSE:
            yield _closing(payload)
        elif kind != _PONG:
            if kind != _CONTINUATION:
                self._text = kind == _TEXT
            self._append(payload)
            if head & _FINAL:
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
    code = int.from_bytes(payload[:2], "big")
    if len(payload) == 1 or not (1000 <= code < 5000) or code in (1004, NO_CODE, 1006, 1015):
        raise Broken(PROTOCOL_ERROR, "a close frame with a code that may not be sent")
    return Close(code, payload[2:].decode("utf-8", "replace"))


def binary_frame(data: bytes) -> bytes:
    """A whole message of bytes."""
    return _frame(_BINARY, data)


def ping_frame(data: bytes = b"") -> bytes:
    """A question whether the server is there; at most 125 bytes."""
    return _frame(_PING, data)


def pong_frame(data: bytes) -> bytes:
    """The answer to a ping."""
    return _frame(_PONG, data)


def close_frame(code: int) -> bytes:
    """The last frame. `NO_CODE` stands for one without a code, and cannot be sent itself."""
    return _frame(_CLOSE, b"" if code == NO_CODE else code.to_bytes(2, "big"))


def _frame(kind: int, data: bytes) -> bytes:
    size = len(data)
    head = bytes((_FINAL | kind,))
    if size < 126:
        head += bytes((0x80 | size,))
    elif size < 1 << 16:
        head += bytes((0x80 | 126,)) + size.to_bytes(2, "big")
    else:
        head += bytes((0x80 | 127,)) + size.to_bytes(8, "big")
    mask = os.urandom(4)
    pad = (mask * (size // 4 + 1))[:size]
    # As two numbers: the one exclusive or is done in C.
    return head + mask + (int.from_bytes(data, "big") ^ int.from_bytes(pad, "big")).to_bytes(size, "big")
