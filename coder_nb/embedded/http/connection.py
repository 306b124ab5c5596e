"""From a socket to a Request, and from a Reply to a socket, on tornado's HTTP/1.1 connection.

Adds the headers every answer has. It never compresses, and keeps no more of a body than `MAX_BODY`. An upgrade gets
the connection for itself, detached from tornado.
"""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from email.utils import format_datetime
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Final

from tornado.http1connection import HTTP1Connection
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPOutputError,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import IOStream, StreamClosedError

from coder_nb.embedded.http.exchange import Bare, Reply, Request, Write
from coder_nb.embedded.state import Clock

__all__ = ["MAX_BODY", "Connections"]

MAX_BODY: Final = 16 * 1024 * 1024
WHOLE: Final = 2048
"""Bodies up to this many bytes are sent with a Content-Length, longer ones in chunks."""
BLOCK: Final = 64 * 1024

Respond = Callable[[Request], Awaitable[Reply]]


class Connections(HTTPServerConnectionDelegate):
    """What tornado's server calls for each request.

    Args:
        respond: makes the answer.
        version: for the X-Coder-Build-Version header.
        clock: the time of answers that are about nothing in particular.
    """

    def __init__(self, respond: Respond, *, version: str, clock: Clock) -> None:
        self.respond = respond
        self.version = version
        self.clock = clock
        self._running: set[asyncio.Task[None]] = set()

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """A request begins."""
        return _Exchange(self, request_conn)

    def run(self, work: Awaitable[None]) -> asyncio.Task[None]:
        """Runs an exchange, and holds on to it until it ends."""
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task


class _Exchange(HTTPMessageDelegate):
    def __init__(self, server: Connections, connection: HTTPConnection) -> None:
        assert isinstance(connection, HTTP1Connection)
        self._server = server
        self._connection = connection
        self._line = RequestStartLine("", "", "")
        self._headers = HTTPHeaders()
        self._body = bytearray()
        self._task: asyncio.Task[None] | None = None

    def headers_received(self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders) -> None:
        assert isinstance(start_line, RequestStartLine)
        self._line, self._headers = start_line, headers

    def data_received(self, chunk: bytes) -> None:
        self._body += chunk

    def finish(self) -> None:
        self._task = self._server.run(self._exchange())
        # While an answer is being made, tornado tells only this callback that the client has left.
        self._connection.set_close_callback(self.on_connection_close)

    def on_connection_close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _exchange(self) -> None:
        path, _, query = self._line.path.partition("?")
        request = Request(
            method=self._line.method,
            path=_single_slashes(path),
            query_string=query,
            headers=self._headers,
            body=bytes(self._body),
            peer=str(getattr(self._connection.context, "remote_ip", "")),
            cookies=_cookies(self._headers.get("Cookie", "")),
        )
        reply = await self._server.respond(request)
        try:
            await self._write(reply)
        except (OSError, HTTPOutputError):
            # The client is gone, or a fault has ended the body early on purpose.
            self._connection.close()

    async def _write(self, reply: Reply) -> None:
        connection = self._connection
        if reply.drop:
            connection.close()
            return
        line = ResponseStartLine("", reply.status, HTTPStatus(reply.status).phrase)
        body = b"" if self._line.method == "HEAD" else reply.body
        if reply.upgrade is not None:
            await connection.write_headers(line, self._reply_headers(reply, b""))
            await reply.upgrade(_Detached(connection.detach(), reply))
            return
        if reply.stream is not None:
            await self._stream(line, reply, reply.stream)
            return
        await connection.write_headers(line, self._reply_headers(reply, body), body)
        for block in reply.rest or ():
            await connection.write(block)
        connection.finish()

    async def _stream(self, line: ResponseStartLine, reply: Reply, stream: AsyncGenerator[bytes]) -> None:
        # Closed here, not when it is collected: what makes the pieces lets go of its things as the client leaves.
        async with aclosing(stream):
            first = await anext(stream, b"")
            headers = self._reply_headers(reply, first)
            write: Write = self._chunk
            if reply.through is None:
                await self._connection.write_headers(line, headers, first)
            else:
                write = reply.through(write)
                await self._connection.write_headers(line, headers)
                await write(first)
            async for block in stream:
                await write(block)
        self._connection.finish()

    async def _chunk(self, data: bytes) -> None:
        await self._connection.write(data)

    def _reply_headers(self, reply: Reply, body: bytes) -> HTTPHeaders:
        clock = reply.clock or self._server.clock
        headers = HTTPHeaders()
        if reply.content_type:
            headers["Content-Type"] = reply.content_type
        headers["Date"] = format_datetime(clock.now(), usegmt=True)
        headers["X-Coder-Build-Version"] = self._server.version
        headers["X-Coder-Request-Id"] = str(uuid.uuid4())
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Vary"] = "Cookie"
        headers.add("Set-Cookie", f"csrf_token={secrets.token_urlsafe(32)}; Path=/; HttpOnly; SameSite=Lax")
        for name, value in reply.headers:
            headers.add(name, value)
        length = reply.claimed if reply.claimed is not None else len(body)
        whole = reply.claimed is not None or (
            reply.rest is None and reply.stream is None and (length <= WHOLE or self._line.version != "HTTP/1.1")
        )
        # 101, 204 and HEAD have no body to tell the length of.
        if whole and reply.status not in (101, 204) and self._line.method != "HEAD":
            headers["Content-Length"] = str(length)
        return headers


class _Detached(Bare):
    """A connection after its 101. A read that is given up loses nothing: the next one goes on with it."""

    def __init__(self, stream: IOStream, reply: Reply) -> None:
        self._stream = stream
        self._stream.set_nodelay(True)
        self._reading: asyncio.Future[bytes] | None = None
        self._write: Write = self._send if reply.through is None else reply.through(self._send)

    async def read(self) -> bytes:
        if self._reading is None:
            try:
                self._reading = asyncio.ensure_future(self._stream.read_bytes(BLOCK, partial=True))
            except StreamClosedError:
                return b""
        try:
            data = await asyncio.shield(self._reading)
        except StreamClosedError:
            return b""
        self._reading = None
        return data

    async def write(self, data: bytes) -> None:
        if data:
            await self._write(data)

    def close(self) -> None:
        self._stream.close()

    async def _send(self, data: bytes) -> None:
        # tornado does not expect that anybody stops waiting for it.
        await asyncio.shield(self._stream.write(data))


def _single_slashes(path: str) -> str:
    while "//" in path:
        path = path.replace("//", "/")
    return path


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}
