"""What the bytes of a stream say, beside whoever reads them: messages for a recording. Protocol only, and refuses none.

What is against the protocol is not taken down; whoever reads the stream finds out by itself.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Protocol

from coder_nb.errors import ProtocolError
from coder_nb.transport.chunks import Chunks
from coder_nb.transport.incoming import NORMAL
from coder_nb.transport.sse import LARGEST
from coder_nb.transport.websocket_protocol import Broken, Close, Message, Parser, spoken

__all__ = ["EventsTap", "Tap", "WebSocketTap"]


class Tap(Protocol):
    """Listens to one stream.

    Attributes:
        closed: the code and the reason with which it was ended properly; None before that.
    """

    closed: tuple[int, str] | None

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that these bytes complete; none bytes are the end."""

    def sent(self, frame: bytes) -> Message | None:
        """What is sent; None for what is no message."""


class WebSocketTap:
    """Listens to a WebSocket."""

    def __init__(self) -> None:
        self.closed: tuple[int, str] | None = None
        self._parser: Parser | None = Parser(largest=1 << 30)

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that these bytes complete."""
        try:
            for event in self._parser.feed(data) if data and self._parser else ():
                if isinstance(event, Message):
                    yield event
                elif isinstance(event, Close):
                    self.closed = event.code, event.reason
        except Broken:
            self._parser = None

    def sent(self, frame: bytes) -> Message | None:
        """What a frame of ours says."""
        return spoken(frame)


class EventsTap:
    """Listens to server-sent events; a message is a whole one, with its empty line.

    Args:
        headers: of the answer.
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.closed: tuple[int, str] | None = None
        self._chunks: Chunks | None = None
        with contextlib.suppress(ProtocolError):
            self._chunks = Chunks(headers)
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Message]:
        """The events that these bytes complete; at the end also what is left."""
        try:
            for piece in self._chunks.feed(data) if data and self._chunks else ():
                self._rest += piece
        except ProtocolError:
            self._chunks = None
        while (end := self._rest.find(b"\n\n")) >= 0:
            yield Message(True, self._rest[: end + 2])
            self._rest = self._rest[end + 2 :]
        over = self._chunks is not None and self._chunks.done
        if self._rest and (over or not data or len(self._rest) > LARGEST):
            yield Message(True, self._rest)
            self._rest = b""
        if over:
            self.closed = NORMAL, ""

    def sent(self, frame: bytes) -> Message | None:
        """Nothing is sent."""
        return None
