"""How fast text messages are received beside websocket-client as it comes: megabytes a second, and the ratio.

The server is a thread that sends bytes made up before: nearly all of its time is in the system, beside ours.
"""

from __future__ import annotations

import socket
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha1

import websocket

from benchmarks.measure import fastest
from coder_nb.credentials import Secret
from coder_nb.transport.http import Http

SIZES = {200: 20_000, 20_000: 2_000}
TURNS = 5
TARGET = 5.0
OURS = "coder_nb"
DEFAULT = "websocket-client as it comes"
TOKEN = Secret("AbCdEfGhIj-0123456789abcdefghij01")


def frame(payload: bytes) -> bytes:
    """A text message in one frame."""
    size = len(payload)
    return b"\x81" + (b"\x7e" + size.to_bytes(2, "big") if size > 125 else bytes((size,))) + payload


@contextmanager
def serving(data: bytes) -> Iterator[str]:
    """A server that sends these bytes to whoever opens a WebSocket, and then waits for them to hang up."""

    def serve(sock: socket.socket) -> None:
        with sock, suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                head += sock.recv(65536)
            key = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
            magic = key.split(b": ")[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            accept = b64encode(sha1(magic, usedforsecurity=False).digest())
            start = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            sock.sendall(start + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + data)
            sock.recv(65536)

    def accept_all() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept_all, daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def ways(address: str, messages: int) -> dict[str, Callable[[], None]]:
    """Each receives so many messages over a connection of its own."""
    http = Http(f"http://{address}", TOKEN)

    def ours() -> None:
        with http.websocket("/derp-map") as found:
            for _ in range(messages):
                found.receive()

    def theirs(unchecked: bool = False) -> None:
        found = websocket.create_connection(f"ws://{address}/", skip_utf8_validation=unchecked)
        for _ in range(messages):
            found.recv()
        found.close(timeout=0)

    return {OURS: ours, DEFAULT: theirs, "  without checking UTF-8": lambda: theirs(unchecked=True)}


def run() -> None:
    """Prints a table for each size of message."""
    for size, messages in SIZES.items():
        with serving(frame(b"x" * size) * messages) as address:
            times = fastest(ways(address, messages), turns=TURNS)
        print(f"websocket, receiving {messages:,} text messages of {size:,} bytes")
        for name, seconds in times.items():
            print(f"  {name:<30}{size * messages / seconds / 1e6:>9.1f} MB/s{times[DEFAULT] / seconds:>9.1f}x")
    print(f"target: at least {TARGET:g}x for messages of 200 bytes")


if __name__ == "__main__":
    run()
