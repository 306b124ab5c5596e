"""Clients of streams that hide nothing: a WebSocket frame by frame, server-sent events block by block.

Neither answers a ping or a close by itself.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPResponse
from typing import TYPE_CHECKING, Any, NamedTuple

from coder_nb.credentials import Secret

if TYPE_CHECKING:
    from tests.embedded.conftest import Client

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
KINDS = {1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}
OPCODES = {name: code for code, name in KINDS.items()}
UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": KEY}


class Frame(NamedTuple):
    """One frame; opcode 0 goes on with the message before."""

    last: bool
    opcode: int
    data: bytes


class Said(NamedTuple):
    """One message or control frame, or the `end` of the connection; `frames` is how many it came in."""

    kind: str
    data: bytes = b""
    frames: int = 1

    @property
    def json(self) -> Any:
        """The message as JSON; each ends with a newline."""
        assert self.data.endswith(b"\n")
        return json.loads(self.data)

    @property
    def close(self) -> tuple[int, str]:
        """Code and reason of a close frame; 1005 for one that has none, 1006 for an end without one."""
        if self.kind == "end":
            return 1006, ""
        assert self.kind == "close", self
        return (struct.unpack("!H", self.data[:2])[0], self.data[2:].decode()) if self.data else (1005, "")


class Handshake(NamedTuple):
    """The server's answer to the request for an upgrade."""

    status: int
    headers: dict[str, str]
    body: bytes


def connect(
    client: Client, path: str, *, headers: Mapping[str, str | None] | None = None, token: Secret | None = None
) -> tuple[Handshake, RawSocket]:
    """Asks for an upgrade; a header of None is left out. `path` is under /api/v2."""
    chosen = token or client.token
    sent: dict[str, str | None] = {"Host": f"127.0.0.1:{client.server.port}", **UPGRADE}
    sent |= {"Coder-Session-Token": chosen.reveal()} if chosen else {}
    sent |= dict(headers or {})
    lines = [f"GET /api/v2{path} HTTP/1.1", *(f"{key}: {value}" for key, value in sent.items() if value is not None)]
    stream = socket.create_connection(("127.0.0.1", client.server.port), timeout=10)
    stream.sendall("\r\n".join([*lines, "", ""]).encode())
    raw = RawSocket(stream)
    return raw.handshake(), raw


class RawSocket:
    """The client's side of a connection."""

    def __init__(self, stream: socket.socket) -> None:
        self.stream = stream
        self._read = b""

    def handshake(self) -> Handshake:
        """Reads the head, and the body of what is no 101."""
        while b"\r\n\r\n" not in self._read:
            if not self._more():
                return Handshake(0, {}, self._read)
        head, _, self._read = self._read.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        body = b"" if " 101 " in first else self._take(int(headers["content-length"]))
        return Handshake(int(first.split()[1]), headers, body or b"")

    def frame(self) -> Frame | None:
        """The next frame, None at the end of the connection."""
        head = self._take(2)
        if head is None:
            return None
        assert not head[0] & 0x70, "an extension"
        assert not head[1] & 0x80, "a mask"
        length = head[1]
        if length >= 126:
            size = 2 if length == 126 else 8
            length = int.from_bytes(self._take(size) or b"", "big")
        data = self._take(length)
        return None if data is None else Frame(bool(head[0] & 0x80), head[0] & 0x0F, data)

    def next(self, *kinds: str) -> Said:
        """What comes next, of these kinds if any are named; the end of the connection is of every kind."""
        data, frames, opcode = b"", 0, 0
        while (frame := self.frame()) is not None:
            if frame.opcode >= 8:
                said = Said(KINDS[frame.opcode], frame.data)
            else:
                data, frames, opcode = data + frame.data, frames + 1, frame.opcode or opcode
                if not frame.last:
                    continue
                said, data, frames = Said(KINDS[opcode], data, frames), b"", 0
            if not kinds or said.kind in kinds:
                return said
        return Said("end")

    def value(self) -> Any:
        """The JSON of the next message."""
        return self.next("text", "binary").json

    def ended(self) -> tuple[int, str]:
        """How it ends: code and reason, whatever else comes before. Answers a close frame."""
        said = self.next("close")
        if said.kind == "close":
            self.send("close", said.data)
        return said.close

    def send(self, kind: str, data: bytes = b"", *, last: bool = True) -> None:
        """Sends one frame, with a mask that changes nothing."""
        size = len(data)
        if size < 126:
            length = bytes([0x80 | size])
        else:
            length = b"\xfe" + size.to_bytes(2, "big") if size < 65536 else b"\xff" + size.to_bytes(8, "big")
        self.stream.sendall(bytes([(0x80 if last else 0) | OPCODES[kind]]) + length + bytes(4) + data)

    def close(self) -> None:
        """Leaves without a word."""
        self.stream.close()

    def _take(self, count: int) -> bytes | None:
        while len(self._read) < count:
            if not self._more():
                return None
        taken, self._read = self._read[:count], self._read[count:]
        return taken

    def _more(self) -> bool:
        try:
            data = self.stream.recv(65536)
        except ConnectionResetError:
            return False
        self._read += data
        return bool(data)


class RawEvents:
    """A stream of server-sent events. `path` is under /api/v2."""

    def __init__(self, client: Client, path: str) -> None:
        self.connection = HTTPConnection("127.0.0.1", client.server.port, timeout=10)
        token = client.token.reveal() if client.token else ""
        self.connection.request("GET", f"/api/v2{path}", headers={"Coder-Session-Token": token})
        self.answer: HTTPResponse = self.connection.getresponse()

    def next(self) -> bytes:
        """One event with its blank line."""
        block = b""
        while not block.endswith(b"\n\n"):
            line = self.answer.readline()
            if not line:
                return block
            block += line
        return block

    def value(self) -> Any:
        """The JSON of the next event that has data."""
        while (block := self.next()) == b"event: ping\n\n":
            pass
        first, _, rest = block.partition(b"\n")
        assert first == b"event: data", block
        return json.loads(rest.removeprefix(b"data: "))

    def close(self) -> None:
        """Leaves."""
        self.answer.close()
        self.connection.close()
