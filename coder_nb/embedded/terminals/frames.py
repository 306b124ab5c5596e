"""The frames of a terminal's WebSocket, the server's side: bytes of the client in, what to do about them out.

No socket. Messages of the client are binary and their borders mean nothing; text ends the socket.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage

from coder_nb.embedded.http.websocket import Ending

__all__ = ["PING_FAILED", "Frames", "Heard"]

PING_FAILED: Final = Ending(1001, "Ping failed")
_TEXT: Final = Ending(1003, "unexpected frame type read (expected MessageBinary): MessageText")


class Heard(NamedTuple):
    """What has come of some bytes: what was typed, what to answer, how it ends if it does.

    `theirs` says that the client has said its last word.
    """

    typed: bytes = b""
    answer: bytes = b""
    pong: bool = False
    ending: Ending | None = None
    theirs: bool = False


class Frames:
    """The state of one connection after its handshake."""

    def __init__(self) -> None:
        self._frames = Connection(ConnectionType.SERVER)
        self._pings = 0

    def message(self, data: bytes) -> bytes:
        """One message."""
        return self._frames.send(BytesMessage(data))

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
        """Takes bytes of the client; b"" for the end of the connection."""
        if not data:
            return Heard(ending=Ending(1006), theirs=True)
        self._frames.receive_data(data)
        typed, answer, pong = bytearray(), b"", False
        for event in self._frames.events():
            if isinstance(event, BytesMessage):
                typed += event.data
            elif isinstance(event, Ping) and self._frames.state is ConnectionState.OPEN:
                answer += self._frames.send(event.response())
            elif isinstance(event, Pong):
                pong = pong or bytes(event.payload) == str(self._pings).encode()
            elif isinstance(event, CloseConnection):
                return Heard(bytes(typed), answer, pong, Ending(event.code, event.reason or ""), theirs=True)
            elif isinstance(event, TextMessage):
                return Heard(bytes(typed), answer, pong, _TEXT)
        return Heard(bytes(typed), answer, pong)
