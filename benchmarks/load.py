"""A small HTTP server and somebody who asks it, each in a process of its own, so that neither takes time from what is
measured between them: `python -m benchmarks.load serve`, `python -m benchmarks.load ask`.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import Final

__all__ = ["Asker", "asker", "server"]

_PIECE: Final = 256 * 1024
_ANSWER: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"


class Asker:
    """Asks on command; one question at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, what: str, port: int, *, connections: int, amount: int) -> float:
        """Seconds: of one request on average, or of everything.

        Args:
            what: "fresh": a connection for each request; "kept": one after another on open ones; "down", "up": bytes.
            connections: how many at once.
            amount: of requests on each connection, or of bytes on all together.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps([what, port, connections, amount]) + "\n")
        self._process.stdin.flush()
        return float(json.loads(self._process.stdout.readline()))


@contextmanager
def asker() -> Iterator[Asker]:
    """Somebody who asks."""
    command = [sys.executable, "-m", "benchmarks.load", "ask"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Asker(process)


@contextmanager
def server() -> Iterator[int]:
    """The port of a server on loopback."""
    with subprocess.Popen([sys.executable, "-m", "benchmarks.load", "serve"], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.terminate()


class _Server(asyncio.BufferedProtocol):
    """`GET /N` gives N bytes, at most a piece at a time; what a POST brings is thrown away."""

    def __init__(self) -> None:
        self._buffer = bytearray(_PIECE)
        self._head = b""
        self._body = self._left = 0
        self._writable = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._body:
            self._took(nbytes)
            return
        self._head += self._buffer[:nbytes]
        head, end, rest = self._head.partition(b"\r\n\r\n")
        if not end:
            return
        self._head = b""
        if length := re.search(rb"Content-Length: (\d+)", head):
            self._body = int(length[1])
            self._took(len(rest))
        elif size := int(head.split()[1][1:] or 0):
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            self._left = size
            self._give()
        else:
            self._transport.write(_ANSWER)

    def _took(self, count: int) -> None:
        self._body -= count
        if not self._body:
            self._transport.write(_ANSWER)

    def _give(self) -> None:
        while self._left and self._writable:
            piece = min(self._left, _PIECE)
            self._left -= piece
            self._transport.write(bytes(piece))

    def pause_writing(self) -> None:
        self._writable = False

    def resume_writing(self) -> None:
        self._writable = True
        self._give()


async def _serve() -> None:
    listener = await asyncio.get_running_loop().create_server(_Server, "127.0.0.1", 0, backlog=512)
    print(listener.sockets[0].getsockname()[1], flush=True)
    await listener.serve_forever()


async def _connected(port: int) -> socket.socket:
    connection = socket.socket()
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


async def _exchange(connection: socket.socket, head: str, size: int, body: int = 0) -> None:
    """Sends a request, and takes its answer's `size` bytes."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(connection, head.encode() + b"\r\n\r\n")
    piece = bytes(_PIECE)
    while body:
        await loop.sock_sendall(connection, piece[:body])
        body -= min(body, _PIECE)
    buffer, answer = bytearray(_PIECE), b""
    while b"\r\n\r\n" not in answer:
        got = await loop.sock_recv_into(connection, buffer)
        if not got:
            raise ConnectionError("the answer ended early")
        answer += buffer[:got]
    size -= len(answer) - answer.index(b"\r\n\r\n") - 4
    while size:
        got = await loop.sock_recv_into(connection, buffer)
        if not got:
            raise ConnectionError("the answer ended early")
        size -= got


async def _fresh(port: int, connections: int, count: int) -> float:
    async def one() -> float:
        start = time.perf_counter()
        for _ in range(count):
            with await _connected(port) as connection:
                await _exchange(connection, "GET / HTTP/1.1", 3)
        return (time.perf_counter() - start) / count

    return sum(await asyncio.gather(*(one() for _ in range(connections)))) / connections


async def _kept(port: int, connections: int, count: int) -> float:
    async def one(connection: socket.socket) -> float:
        start = time.perf_counter()
        for _ in range(count):
            await _exchange(connection, "GET / HTTP/1.1", 3)
        return (time.perf_counter() - start) / count

    async with _open(port, connections) as opened:
        return sum(await asyncio.gather(*map(one, opened))) / connections


async def _down(port: int, connections: int, size: int) -> float:
    part = size // connections
    return await _together(port, connections, lambda one: _exchange(one, f"GET /{part} HTTP/1.1", part))


async def _up(port: int, connections: int, size: int) -> float:
    part = size // connections
    head = f"POST / HTTP/1.1\r\nContent-Length: {part}"
    return await _together(port, connections, lambda one: _exchange(one, head, 3, body=part))


async def _together(port: int, connections: int, do: Callable[[socket.socket], Awaitable[None]]) -> float:
    """Seconds until it is done on each of several open connections."""
    async with _open(port, connections) as opened:
        start = time.perf_counter()
        await asyncio.gather(*map(do, opened))
        return time.perf_counter() - start


@asynccontextmanager
async def _open(port: int, connections: int) -> AsyncIterator[list[socket.socket]]:
    with ExitStack() as stack:
        opened = [stack.enter_context(await _connected(port)) for _ in range(connections)]
        for connection in opened:
            # A forwarder may accept a connection before it has one on the other side.
            await _exchange(connection, "GET / HTTP/1.1", 3)
        yield opened


_WHAT = {"fresh": _fresh, "kept": _kept, "down": _down, "up": _up}


def _answer() -> None:
    for line in sys.stdin:
        what, port, connections, amount = json.loads(line)
        print(json.dumps(asyncio.run(_WHAT[what](port, connections, amount))), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(_serve())
    else:
        _answer()
