"""One WebSocket of a server as a value: bytes of the client in, bytes for it out. No sockets, no time.

Knows how an endpoint keeps its sockets: what its frames look like and how it ends one whose client sends data. It takes
no messages from clients.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage

__all__ = ["MAX_MESSAGE", "Ending", "Heard", "Manners", "WebSocket"]

MAX_MESSAGE: Final = 32 * 1024
"""Bytes a client may send in one message where it may send one at all."""


class Ending(NamedTuple):
    """The code and the reason in a close frame."""

    code: int = 1000
    reason: str = ""


_UNEXPECTED: Final = Ending(1008, "unexpected data message")
_NORMAL: Final = Ending()
_TOO_BIG: Final = Ending(1009, f"read limited at {MAX_MESSAGE + 1} bytes")


@dataclass(frozen=True)
class Manners:
    """How an endpoint keeps its sockets.

    Args:
        binary: messages are binary, not text.
        split: a message is a frame that is not its last, and an empty one that is.
        unwanted: the end of a socket whose client sends data.
        reads: that end comes after the client's message, not with its first byte.
        done: the end when all has been said.
        unanswered: the end when a pong is overdue; None where nobody minds.
        gives_up: a client that takes nothing any more is left after a while.
    """

    binary: bool = False
    split: bool = False
    unwanted: Ending = _UNEXPECTED
    reads: bool = False
    done: Ending = _NORMAL
    unanswered: Ending | None = None
    gives_up: bool = False


class Heard(NamedTuple):
    """What has come of some bytes: what to send back, whether the last ping was answered, and how it ends, if it does.

    `theirs` says that the client has said its last word, so nothing more is to be read.
    """

    answer: bytes = b""
    pong: bool = False
    ending: Ending | None = None
    theirs: bool = False


class WebSocket:
    """The state of one connection after its handshake."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._frames = Connection(ConnectionType.SERVER)
        self._pings = 0
        self._size = 0

    def message(self, data: bytes) -> bytes:
        """One message; text has to be UTF-8."""
        content: bytes | str = data if self._manners.binary else data.decode()
        if not self._manners.split:
            return self._frames.send(_piece(content, last=True))
        return self._frames.send(_piece(content, last=False)) + self._frames.send(_piece(content[:0], last=True))

    def ping(self) -> bytes:
        """The next ping; its payload is its number."""
        self._pings += 1
        return self._frames.send(Ping(str(self._pings).encode()))

    def close(self, ending: Ending) -> bytes:
        """A close frame, or b"" after the first."""
        if self._frames.state not in (ConnectionState.OPEN, ConnectionState.REMOTE_CLOSING):
            return b""
        return self._frames.send(CloseConnection(ending.code, ending.reason))

    def receive(self, data: bytes) -> Heard:
        """Takes bytes of the client.

        Args:
            data: as they came; b"" for the end of the connection.
        """
        if not data:
            return Heard(ending=Ending(1006), theirs=True)
        self._frames.receive_data(data)
        answer, pong = b"", False
        for event in self._frames.events():
            if isinstance(event, Ping) and self._frames.state is ConnectionState.OPEN:
                answer += self._frames.send(event.response())
            elif isinstance(event, Pong):
                pong = pong or bytes(event.payload) == str(self._pings).encode()
            elif isinstance(event, CloseConnection):
                return Heard(answer, pong, Ending(event.code, event.reason or ""), theirs=True)
            elif isinstance(event, TextMessage | BytesMessage) and self._frames.state is ConnectionState.OPEN:
                ending = self._unwanted(event)
                if ending is not None:
                    return Heard(answer, pong, ending)
        return Heard(answer, pong)

    def _unwanted(self, message: TextMessage | BytesMessage) -> Ending | None:
        """The end that data of a client brings about, now or after more of it."""
        if not self._manners.reads:
            return self._manners.unwanted
        data = message.data
        self._size += len(data.encode() if isinstance(data, str) else data)
        if self._size > MAX_MESSAGE:
            return _TOO_BIG
        return self._manners.unwanted if message.message_finished else None


def _piece(content: bytes | str, *, last: bool) -> TextMessage | BytesMessage:
    if isinstance(content, str):
        return TextMessage(content, message_finished=last)
    return BytesMessage(content, message_finished=last)
