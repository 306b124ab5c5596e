"""A server on a raw loopback socket that says exactly what a test tells it to, however wrong that is.

And a proxy, on the same footing: CONNECT and absolute-form, with or without a password.
"""

from __future__ import annotations

import contextlib
import io
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha1
from urllib.parse import urlsplit

__all__ = [
    "HostileServer",
    "Proxy",
    "Request",
    "Script",
    "answer",
    "drain",
    "frame",
    "json_answer",
    "pump",
    "read_frame",
    "switching",
    "upgraded",
]

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass(frozen=True)
class Request:
    """A request as it came in, byte for byte."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """What stands between the method and the version."""
        return self.line.split(" ")[1]


Script = Callable[[socket.socket, Request], None]
"""What to do with one request: sends what it likes. The connection is kept for the next one unless it is shut down."""


def answer(
    body: bytes = b"{}", *, status: str = "200 OK", kind: str = "application/json; charset=utf-8", **headers: str
) -> Script:
    """A well-formed answer. An underscore in a header's name stands for a dash."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"Content-Type: {kind}"] if kind else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    return lambda sock, request: sock.sendall(head + body)


def json_answer(text: str, status: str = "200 OK", **headers: str) -> Script:
    """An answer in JSON."""
    return answer(text.encode(), status=status, **headers)


@dataclass
class HostileServer:
    """Answers the n-th request with the n-th script, and all further ones with the last.

    Attributes:
        url: its address.
        requests: what it was asked, in order.
        connections: how many were opened.
    """

    scripts: list[Script]
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self.port = self._listener.getsockname()[1]
        self.url = f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}"
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def close(self) -> None:
        """Stop listening and drop every connection."""
        for sock in [self._listener, *self._open]:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        self._accepting.join(5)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
                self._open.append(sock)
            with sock, sock.makefile("rb") as stream:
                while request := read_request(stream):
                    with self._lock:
                        self.requests.append(request)
                        script = self.scripts[min(len(self.requests), len(self.scripts)) - 1]
                    script(sock, request)


def read_request(stream: io.BufferedReader) -> Request | None:
    """The next request of a connection, or None. A TLS greeting counts as one: it has no line to end."""
    if stream.peek(1)[:1] == b"\x16":
        return Request("TLS greeting", {}, stream.read1())
    line = stream.readline().decode("latin-1").strip()
    headers = {}
    while text := stream.readline().decode("latin-1").strip():
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", "0")))
    return Request(line, headers, body) if line else None


class Proxy:
    """An HTTP proxy for CONNECT and absolute-form requests.

    Args:
        user: the user name and password it wants, as `user:password`; None for none.
        tls: to be spoken to over TLS.

    Attributes:
        requests: the first request line of every connection it carried, refused ones included.
    """

    def __init__(self, user: str | None = None, tls: ssl.SSLContext | None = None) -> None:
        self._wanted = f"Basic {b64encode(user.encode()).decode()}" if user else None
        self._server = HostileServer([self._carry], tls)
        self.requests = self._server.requests
        self.port = self._server.port
        self.url = self._server.url

    def close(self) -> None:
        """Stop it."""
        self._server.close()

    def _carry(self, sock: socket.socket, request: Request) -> None:
        if self._wanted and request.headers.get("proxy-authorization") != self._wanted:
            sock.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        method, target, _ = request.line.split(" ")
        parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
        # Every host is this machine, so that a test can use any name.
        with socket.create_connection(("127.0.0.1", parts.port or 80)) as onward:
            if method == "CONNECT":
                sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                headers = {**request.headers, "connection": "close"}
                headers.pop("proxy-authorization", None)
                lines = [f"{method} {parts.path}?{parts.query} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
                onward.sendall("\r\n".join([*lines, "", ""]).encode() + request.body)
            back = threading.Thread(target=pump, args=(onward, sock), daemon=True)
            back.start()
            if method == "CONNECT":
                pump(sock, onward)
            back.join(5)


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Carry bytes one way until there are no more."""
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
"""Kinds of WebSocket frames; 0 is a continuation."""


def frame(kind: int, payload: bytes = b"", *, final: bool = True) -> bytes:
    """One WebSocket frame as a server sends it."""
    size = len(payload)
    length = bytes((size,)) if size < 126 else b"\x7f" + size.to_bytes(8, "big")
    if 126 <= size < 1 << 16:
        length = b"\x7e" + size.to_bytes(2, "big")
    return bytes((kind | 0x80 * final,)) + length + payload


def read_frame(sock: socket.socket) -> tuple[int, bytes]:
    """The kind and the payload of the next frame a client sends; kind 0 and nothing at the end."""
    head = _exactly(sock, 2)
    if not head:
        return 0, b""
    assert head[1] & 0x80, "a client's frames are masked"
    size = head[1] & 0x7F
    if size > 125:
        size = int.from_bytes(_exactly(sock, 2 if size == 126 else 8), "big")
    mask = _exactly(sock, 4)
    payload = _exactly(sock, size)
    return head[0] & 0x0F, bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def upgraded(*frames: bytes, then: Callable[[socket.socket], None] | None = None) -> Script:
    """Becomes a WebSocket, sends these frames at once with the handshake, and goes on with `then`.

    Without a `then` it takes in what the client sends, for as long as the client sends.
    """

    def script(sock: socket.socket, request: Request) -> None:
        sock.sendall(switching(request) + b"".join(frames))
        (then or drain)(sock)
        # Ends the connection: what the client still sends is no request.
        raise ConnectionAbortedError

    return script


def switching(request: Request) -> bytes:
    """The 101 that a request for a WebSocket is right to expect."""
    accept = b64encode(sha1((request.headers["sec-websocket-key"] + MAGIC).encode()).digest()).decode()
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n\r\n"
    ).encode()


def drain(sock: socket.socket) -> None:
    """Take in what comes, until there is no more."""
    while sock.recv(65536):
        pass


def _exactly(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (piece := sock.recv(size - len(data))):
        data += piece
    return data
