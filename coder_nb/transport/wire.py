"""One exchange with the deployment, with no second try: sends a `Call`, gives the `Answer` whatever its status.

requests stays behind this module, and of it only the adapter is used: a Session would keep cookies, read ~/.netrc and
follow redirects, reading the whole of each.
"""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import TypeVar, cast
from urllib.parse import urlsplit
from weakref import WeakSet

import msgspec
from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPHeaderDict, PoolManager, ProxyManager, Retry
from urllib3.connection import HTTPConnection

from coder_nb.credentials.secret import Secret
from coder_nb.errors import ProtocolError, TransportError
from coder_nb.transport.bodies import read_body
from coder_nb.transport.connections import POOLS, Exchange
from coder_nb.transport.exchange import Answer, Call
from coder_nb.transport.failures import explain
from coder_nb.transport.limits import Limits
from coder_nb.transport.line import Closable, Line, Socket
from coder_nb.transport.route import Proxy, Route
from coder_nb.transport.upgrade import confirms, connection_to, new_key, offer

__all__ = ["Wire"]

T = TypeVar("T")


class Wire:
    """Connections to one deployment, for many threads.

    Args:
        route: the way there.
        limits: how long and how much.
    """

    def __init__(self, route: Route, limits: Limits) -> None:
        self._route = route
        self._limits = limits
        self._adapter = _Adapter(route, limits)
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

    def wait(self, seconds: float) -> None:
        """Wait, waking at once on `close` and within 0.1 s of Ctrl-C.

        Raises:
            TransportError: closed meanwhile.
        """
        if self._limits.wait is not None:
            self._limits.wait(seconds)
            return
        # In slices: on Windows, Ctrl-C does not end a wait for a lock.
        while seconds > 0 and not self._closed.wait(min(0.1, seconds)):
            seconds -= 0.1
        self._check_open()

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
        response = self._ask(call, _headers(call, token), exchange)
        try:
            return self._take(call, response, exchange)
        except BaseException:
            response.close()
            raise

    def _begin_stream(
        self, call: Call, token: Secret | None, exchange: Exchange
    ) -> tuple[Line, Mapping[str, str]] | Answer:
        response = self._ask(call, {**_headers(call, token), "Accept": "text/event-stream"}, exchange)
        try:
            heading = Answer(call.method, call.path, response.status, response.headers, b"")
            if response.status != 200 or heading.media_type != "text/event-stream":
                return self._take(call, response, exchange)
            return self._taken_over(response, cast(HTTPConnection, response.connection), exchange), heading.headers
        except BaseException:
            response.close()
            raise

    def _ask(self, call: Call, headers: Mapping[str, str], exchange: Exchange) -> BaseHTTPResponse:
        request = PreparedRequest()
        request.method, request.url = call.method, self._route.url + call.target
        request.headers = CaseInsensitiveDict(headers)
        if call.body is not None:
            request.body = msgspec.json.encode(call.body, enc_hook=_reveal)
            request.headers["Content-Length"] = str(len(request.body))
        response: BaseHTTPResponse = self._adapter.send(
            request, stream=True, timeout=(self._limits.connect, exchange.read)
        ).raw
        exchange.phase = "reading"
        return response

    def _shake_hands(self, call: Call, token: Secret | None, exchange: Exchange) -> Line | Answer:
        conn = connection_to(self._route, self._limits, _proxy_headers(self._route.proxy))
        key = new_key()
        try:
            conn.connect()
            conn.timeout = exchange.read
            target = urlsplit(self._route.url).path + call.target
            headers = {**_headers(call, token), **offer(key)}
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


class _Adapter(HTTPAdapter):
    """requests' adapter over pools of our own, whose way, certificates and deadlines are those of a Route."""

    def __init__(self, route: Route, limits: Limits) -> None:
        self._route = route
        self._limits = limits
        super().__init__()
        # Which calls are sent again is decided in one place, `Retries`.
        self.max_retries = Retry(False)

    def init_poolmanager(self, *_: object, **__: object) -> None:
        self.poolmanager = _manager(self._route, self._limits)

    def get_connection_with_tls_context(self, request: PreparedRequest, *_: object, **__: object) -> HTTPConnectionPool:
        pool: HTTPConnectionPool = self.poolmanager.connection_from_url(self._route.url)
        return pool

    def request_url(self, request: PreparedRequest, proxies: object) -> str:
        # A proxy without a tunnel wants the whole address.
        whole = self._route.proxy is not None and self._route.url.startswith("http:")
        return str(request.url) if whole else request.path_url

    def cert_verify(self, *_: object, **__: object) -> None:
        """Leaves the pools' own TLS context as it is."""


class _Hidden(str):
    """A header's value that shows in no repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'****'"


def _headers(call: Call, token: Secret | None) -> Mapping[str, str]:
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "coder-nb"}
    if call.body is not None:
        headers["Content-Type"] = "application/json"
    if token is not None:
        headers["Coder-Session-Token"] = _Hidden(token.reveal())
    return headers


def _reveal(value: object) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    raise NotImplementedError(f"{type(value).__name__} has no JSON form")


def _manager(route: Route, limits: Limits) -> PoolManager:
    manager: PoolManager
    if route.proxy is None:
        manager = PoolManager(num_pools=1, maxsize=limits.connections, ssl_context=route.tls)
    else:
        manager = ProxyManager(
            route.proxy.url,
            num_pools=1,
            maxsize=limits.connections,
            ssl_context=route.tls,
            proxy_ssl_context=route.tls,
            proxy_headers=_proxy_headers(route.proxy),
        )
    manager.pool_classes_by_scheme = POOLS
    return manager


def _proxy_headers(proxy: Proxy | None) -> Mapping[str, str]:
    if proxy is None or (not proxy.user and proxy.password is None):
        return {}
    password = proxy.password or Secret("")
    credential = b64encode(f"{proxy.user}:{password.reveal()}".encode()).decode("ascii")
    return {"Proxy-Authorization": _Hidden(f"Basic {credential}")}
