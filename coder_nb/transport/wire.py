"""One exchange with the deployment, with no second try: sends a `Call`, gives the `Answer` whatever its status.

Or, where a stream is asked for, the connection it comes on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar, cast
from urllib.parse import urlsplit
from weakref import WeakSet

import msgspec
from urllib3 import BaseHTTPResponse, HTTPHeaderDict
from urllib3.connection import HTTPConnection

from coder_nb.credentials.secret import Secret
from coder_nb.errors import ProtocolError, TransportError
from coder_nb.transport.adapter import Adapter
from coder_nb.transport.bodies import read_body
from coder_nb.transport.connections import Exchange
from coder_nb.transport.exchange import Answer, Call
from coder_nb.transport.failures import explain
from coder_nb.transport.headers import call_headers
from coder_nb.transport.limits import Limits
from coder_nb.transport.line import Closable, Duplex, Line, Socket
from coder_nb.transport.route import Route
from coder_nb.transport.upgrade import confirms, connection_to, new_key, offer

__all__ = ["Exchanges", "Wire"]

T = TypeVar("T")


class Exchanges(Protocol):
    """What carries an `Http`'s exchanges, as `Wire` explains it: a wire, one that is recorded, or a recording."""

    def send(self, call: Call, token: Secret | None) -> Answer:
        """One request and its answer."""

    def upgrade(self, call: Call, token: Secret | None) -> Duplex | Answer:
        """Ask for a WebSocket."""

    def stream(self, call: Call, token: Secret | None) -> tuple[Duplex, Mapping[str, str]] | Answer:
        """Ask for server-sent events."""

    def keep(self, stream: Closable) -> None:
        """Close this too on `close`."""

    def wait(self, seconds: float) -> float:
        """Wait; how many seconds were left out."""

    def close(self) -> None:
        """Close every connection and end what is under way."""


class Wire:
    """Connections to one deployment, for many threads.

    Args:
        route: the way there.
        limits: how long and how much.
    """

    def __init__(self, route: Route, limits: Limits) -> None:
        self._route = route
        self._limits = limits
        self._adapter = Adapter(route, limits)
        self._under_way: set[Exchange] = set()
        self._streams: WeakSet[Closable] = WeakSet()
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def send(self, call: Call, token: Secret | None) -> Answer:
        """One request and its answer.

        Args:
            call: what to send.
            token: the credential, None to send none.
        Returns:
            The answer, of any status. An error's body, and one that is not JSON, is cut at `Limits.refusal`.
        Raises:
            TransportError: no connection, no or no complete answer in time, closed.
            ProtocolError: not HTTP, or a body that is too large or cannot be decompressed.
        """
        return self._explained(call, lambda exchange: self._talk(call, token, exchange))

    def upgrade(self, call: Call, token: Secret | None) -> Line | Answer:
        """Ask for a WebSocket, over a connection of its own.

        Args:
            call: a GET.
            token: the credential, None to send none.
        Returns:
            The connection, the handshake done; or the answer of a server that did not take part in it.
        Raises:
            TransportError, ProtocolError: as with `send`.
        """
        return self._explained(call, lambda exchange: self._shake_hands(call, token, exchange))

    def stream(self, call: Call, token: Secret | None) -> tuple[Line, Mapping[str, str]] | Answer:
        """Ask for server-sent events.

        Returns:
            The connection, on which the answer's body comes next, and the answer's headers; or an answer that is none.
        Raises:
            TransportError, ProtocolError: as with `send`.
        """
        return self._explained(call, lambda exchange: self._begin_stream(call, token, exchange))

    def keep(self, stream: Closable) -> None:
        """Close this too on `close`, for as long as somebody uses it.

        Raises:
            TransportError: closed already; the stream is closed then.
        """
        with self._lock:
            self._streams.add(stream)
        if self._closed.is_set():
            stream.close()
            self._check_open()

    def wait(self, seconds: float) -> float:
        """Wait, waking at once on `close` and within 0.1 s of Ctrl-C; 0, as no second of it is left out.

        Raises:
            TransportError: closed meanwhile.
        """
        if self._limits.wait is not None:
            self._limits.wait(seconds)
            return 0.0
        # In slices: on Windows, Ctrl-C does not end a wait for a lock.
        while seconds > 0 and not self._closed.wait(min(0.1, seconds)):
            seconds -= 0.1
        self._check_open()
        return 0.0

    def close(self) -> None:
        """Close every connection and end what is under way. May be called twice, and from any thread."""
        self._closed.set()
        with self._lock:
            under_way, streams = list(self._under_way), list(self._streams)
        for exchange in under_way:
            exchange.cut_short()
        for stream in streams:
            stream.close()
        self._adapter.close()

    def _explained(self, call: Call, talk: Callable[[Exchange], T]) -> T:
        exchange = Exchange(call, self._limits)
        self._begin(exchange)
        try:
            with exchange:
                return talk(exchange)
        except BaseException as error:
            failure = explain(error, call, self._route, exchange)
        finally:
            self._end(exchange)
        # Outside of `except`, so that what was caught is not kept as this one's context.
        raise failure

    def _begin(self, exchange: Exchange) -> None:
        with self._lock:
            self._check_open()
            self._under_way.add(exchange)

    def _end(self, exchange: Exchange) -> None:
        with self._lock:
            self._under_way.discard(exchange)

    def _check_open(self) -> None:
        if self._closed.is_set():
            raise TransportError(
                f"the connection to {self._route.url} is closed", hint=f"%coder connect {self._route.url}"
            )

    def _talk(self, call: Call, token: Secret | None, exchange: Exchange) -> Answer:
        response = self._ask(call, call_headers(call, token), exchange)
        try:
            return self._take(call, response, exchange)
        except BaseException:
            response.close()
            raise

    def _begin_stream(
        self, call: Call, token: Secret | None, exchange: Exchange
    ) -> tuple[Line, Mapping[str, str]] | Answer:
        response = self._ask(call, {**call_headers(call, token), "Accept": "text/event-stream"}, exchange)
        try:
            heading = Answer(call.method, call.path, response.status, response.headers, b"")
            if response.status != 200 or heading.media_type != "text/event-stream":
                return self._take(call, response, exchange)
            return self._taken_over(response, cast(HTTPConnection, response.connection), exchange), heading.headers
        except BaseException:
            response.close()
            raise

    def _ask(self, call: Call, headers: Mapping[str, str], exchange: Exchange) -> BaseHTTPResponse:
        response = self._adapter.ask(
            call.method,
            self._route.url + call.target,
            headers=headers,
            body=None if call.body is None else msgspec.json.encode(call.body, enc_hook=_reveal),
            read=exchange.read,
        )
        exchange.phase = "reading"
        return response

    def _shake_hands(self, call: Call, token: Secret | None, exchange: Exchange) -> Line | Answer:
        conn = connection_to(self._route, self._limits)
        key = new_key()
        try:
            conn.connect()
            conn.timeout = exchange.read
            target = urlsplit(self._route.url).path + call.target
            headers = {**call_headers(call, token), **offer(key)}
            conn.request(call.method, target, headers=headers, preload_content=False, decode_content=False)
            response = conn.getresponse()
            exchange.phase = "reading"
            if response.status != 101:
                return self._take(call, response, exchange)
            if not confirms(response.headers, key):
                raise ProtocolError(
                    f"{call.endpoint}: {self._route.url} agreed to a WebSocket, but not to this one",
                    hint="something in front of Coder may not pass WebSockets on",
                )
            return self._taken_over(response, conn, exchange)
        finally:
            conn.close()

    def _taken_over(self, response: BaseHTTPResponse, conn: HTTPConnection, exchange: Exchange) -> Line:
        """What an answer's head came on, for what comes next."""
        sock, rest = exchange.take_over()
        # Without its socket it is as good as new, and goes back to its pool if it is of one.
        conn.sock = None
        conn.close()
        response.release_conn()
        # A connection that the server is going to close is the answer's alone.
        return Line(cast(Socket, sock), rest, limit=self._limits.read, owner=response)

    def _take(self, call: Call, response: BaseHTTPResponse, exchange: Exchange) -> Answer:
        headers = HTTPHeaderDict(response.headers)
        # A cookie may be a session token: POST /users/login sends it as one.
        headers.discard("Set-Cookie")
        heading = Answer(call.method, call.path, response.status, headers, b"")
        wanted = 200 <= response.status < 300 and heading.media_type == "application/json"
        most = self._limits.answer if wanted else self._limits.refusal
        if not wanted:
            exchange.hurry(self._limits.linger)
        body = read_body(response, most, cut=not wanted, endpoint=call.endpoint)
        return Answer(call.method, call.path, response.status, headers, body)


def _reveal(value: object) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    raise NotImplementedError(f"{type(value).__name__} has no JSON form")
