"""A stream of server-sent events: how it opens, what is received, and every way it can come to its end."""

from __future__ import annotations

import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from coder_nb.credentials import Secret
from coder_nb.errors import (
    AuthenticationError,
    ConfigurationError,
    NotFound,
    ProtocolError,
    ServerError,
    TransportError,
)
from coder_nb.transport.events import Event, EventStream
from coder_nb.transport.http import Http, Limits
from coder_nb.transport.incoming import Ended
from tests.transport.conftest import Serve, ServeProxy
from tests.transport.hostile import Request, Script, answer, drain, json_answer

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
SILENT = Limits(silence=0.2)


def chunk(data: bytes) -> bytes:
    """One chunk of a body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def events(*data: bytes, then: Callable[[socket.socket], None] | None = None) -> Script:
    """Begins a stream with these bytes at once, and goes on with `then`, or listens while the client is there."""

    def script(sock: socket.socket, request: Request) -> None:
        sock.sendall(HEAD + b"".join(data))
        (then or drain)(sock)
        raise ConnectionAbortedError

    return script


@pytest.fixture
def open_stream(serve: Serve, token: Secret) -> Callable[..., EventStream]:
    """Opens a stream to a server that sends these bytes."""

    def start(
        *data: bytes,
        then: Callable[[socket.socket], None] | None = None,
        limits: Limits = Limits(),  # noqa: B008
    ) -> EventStream:
        return Http(serve(events(*data, then=then)).url, token, limits=limits).events("/workspaceagents/0b1c/x")

    return start


Open = Callable[..., EventStream]


def test_events_come_in_order_and_the_end_is_told(open_stream: Open) -> None:
    """Pings too, whatever the chunks are; the last chunk is a proper end."""
    big = b"z" * 1_000_000
    sent = chunk(b"event: data\nda") + chunk(b"ta: [1]\n\nevent: ping\n\n") + chunk(b"data: " + big + b"\n\n")
    with open_stream(sent + b"0\r\n\r\n") as stream:
        assert list(stream) == [Event("data", "[1]"), Event("ping", ""), Event("message", big.decode())]
    assert stream.ended == Ended(1000)


@pytest.mark.parametrize("rest", [b"", chunk(b"event: data\n")[:5]], ids=["between", "within"])
def test_a_connection_that_just_ends_is_no_proper_end(open_stream: Open, rest: bytes) -> None:
    """What was whole comes first."""
    stream = open_stream(chunk(b"data: 1\n\n") + rest, then=lambda sock: None)
    assert list(stream) == [Event("message", "1")]
    assert stream.ended is not None and (stream.ended.code, stream.ended.clean) == (1006, False)


def test_a_stream_without_chunks_is_read_to_its_end(serve: Serve, token: Secret) -> None:
    """As something in front that speaks HTTP/1.0 passes it on."""

    def old(sock: socket.socket, request: Request) -> None:
        sock.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        raise ConnectionAbortedError

    assert list(Http(serve(old).url, token).events("/x")) == [Event("message", "1")]


def test_the_token_is_in_one_header_and_events_are_asked_for(serve: Serve, token: Secret) -> None:
    """No cookie, nothing compressed."""
    server = serve(events())
    Http(server.url, token).events("/workspaces/0b1c/watch", query={"a": 1}).close()
    request = server.requests[0]
    assert request.line == "GET /api/v2/workspaces/0b1c/watch?a=1 HTTP/1.1"
    assert [name for name, value in request.headers.items() if token.reveal() in value] == ["coder-session-token"]
    assert request.headers["accept"] == "text/event-stream"
    assert request.headers["accept-encoding"] == "identity"
    assert "cookie" not in request.headers


@pytest.mark.parametrize(
    ("script", "kind", "said"),
    [
        (json_answer('{"message":"No such agent."}', "404 Not Found"), NotFound, "404: No such agent"),
        (json_answer('{"message":"Oops."}', "500 Internal Server Error"), ServerError, "500: Oops"),
        (answer(b"<html>x", status="502 Bad Gateway", kind="text/html"), ServerError, "502: Bad Gateway, in text/html"),
        (answer(b"<html>x", kind="text/html"), ProtocolError, "a web page instead of JSON"),
        (json_answer("{}"), ProtocolError, "answered 200 instead of becoming a stream of events"),
        (answer(b"", status="307 Temporary Redirect", Location="/"), ProtocolError, "never followed"),
        (answer(b"", kind="text/event-stream", Content_Encoding="gzip"), ProtocolError, "gzip"),
        (lambda sock, request: sock.shutdown(socket.SHUT_RDWR), TransportError, "without an answer"),
    ],
)
def test_a_refusal_is_the_error_it_is_over_http(
    serve: Serve, token: Secret, script: Script, kind: type[Exception], said: str
) -> None:
    """By its status, whatever its body is."""
    with pytest.raises(kind, match=said):
        Http(serve(script).url, token, limits=Limits(retries=0)).events("/workspaces/0b1c/watch")


def test_an_error_that_events_follow_is_told_all_the_same(serve: Serve, token: Secret) -> None:
    """Coder may begin with an error and go on as if there was none: the body has no end."""

    def both(sock: socket.socket, request: Request) -> None:
        head = HEAD.replace(b"200 OK", b"500 Internal Server Error").replace(b"text/event-stream", b"application/json")
        sock.sendall(head + chunk(b'{"message":"Cannot subscribe."}\n') + chunk(b"event: ping\n\n"))
        drain(sock)

    with pytest.raises(ServerError, match="500: Cannot subscribe"):
        Http(serve(both).url, token, limits=Limits(linger=0.2)).events("/workspaceagents/0b1c/x")


def test_a_refused_agent_route_asks_once_why(serve: Serve, token: Secret) -> None:
    """Its 401 never says; GET /users/me does."""
    reason = json_answer('{"message":"You are signed out.","detail":"API key expired"}', "401 Unauthorized")
    server = serve(json_answer("{}", "401 Unauthorized"), reason)
    with pytest.raises(AuthenticationError, match="expired"):
        Http(server.url, token).events("/workspaceagents/0b1c/watch-metadata")
    assert len(server.requests) == 2


def test_a_token_of_the_wrong_kind_is_not_sent(serve: Serve, token: Secret) -> None:
    """An agent's route does not get a user's token."""
    server = serve(events())
    with pytest.raises(ConfigurationError):
        Http(server.url, token).events("/workspaceagents/me/reinit")
    assert server.connections == 0


@pytest.mark.parametrize(
    ("sent", "said"),
    [(b"event: data\n\n", "no HTTP"), (chunk(b"data: " + b"x" * (17 << 20)), "an event of more than")],
    ids=["no chunks", "a huge event"],
)
def test_what_must_not_be_kept_closes_it(open_stream: Open, sent: bytes, said: str) -> None:
    """What was good before it comes first; the error names the endpoint."""
    stream = open_stream(chunk(b"data: good\n\n"), sent)
    assert stream.receive(20) == Event("message", "good")
    with pytest.raises(ProtocolError, match=f"GET /api/v2/workspaceagents/0b1c/x sent .*{said}"):
        stream.receive(20)
    assert stream.receive(20) is None
    assert stream.ended is not None and (stream.ended.code, stream.ended.here) == (1002, True)


def test_close_wakes_a_blocked_receive_at_once(open_stream: Open) -> None:
    """From another thread."""
    waiting = threading.Event()

    def then(sock: socket.socket) -> None:
        waiting.set()
        drain(sock)

    stream = open_stream(then=then)
    got: list[Event | None] = []
    reader = threading.Thread(target=lambda: got.append(stream.receive()), daemon=True)
    reader.start()
    assert waiting.wait(20)
    started = time.monotonic()
    stream.close()
    stream.close()
    reader.join(20)
    assert got == [None]
    assert time.monotonic() - started < 1
    assert stream.ended == Ended(1000, "closed here", here=True)


def test_closing_the_http_closes_its_streams(serve: Serve, token: Secret) -> None:
    """None outlives what it was opened from."""
    http = Http(serve(events()).url, token)
    stream = http.events("/x")
    http.close()
    assert stream.receive(20) is None


def test_its_connection_goes_nowhere_else(serve: Serve, token: Secret) -> None:
    """A request beside it and one after it have connections of their own, and the stream goes on."""
    server = serve(events(chunk(b"data: 1\n\n")), json_answer("{}"))
    http = Http(server.url, token)
    stream = http.events("/x")
    http.request("GET", "/users/me")
    http.request("GET", "/users/me")
    assert server.connections == 2
    assert stream.receive(20) == Event("message", "1")
    stream.close()
    http.request("GET", "/users/me")
    assert server.connections == 2


def test_ctrl_c_ends_a_wait_at_once(open_stream: Open) -> None:
    """And leaves the stream open."""
    stream = open_stream()
    main = threading.get_ident()
    threading.Timer(0.1, lambda: signal.pthread_kill(main, signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        stream.receive(30)
    assert stream.ended is None


def test_silence_is_an_end(open_stream: Open) -> None:
    """Pings come every 15 s: without a byte for three times that the connection is dead."""
    stream = open_stream(limits=SILENT)
    assert stream.receive() is None
    assert stream.ended == Ended(1006, "nothing came for 0.2 s")


def test_a_stream_outlives_the_time_of_an_exchange(open_stream: Open) -> None:
    """It ends by silence only."""

    def late(sock: socket.socket) -> None:
        for _ in range(4):
            threading.Event().wait(0.1)
            sock.sendall(chunk(b"event: ping\n\n"))
        sock.sendall(b"0\r\n\r\n")

    stream = open_stream(then=late, limits=Limits(exchange=0.1, read=0.1, silence=20))
    assert [event.name for event in stream] == ["ping"] * 4
    assert stream.ended == Ended(1000)


def test_a_timeout_loses_nothing(open_stream: Open) -> None:
    """An event that is half there is whole the next time."""
    go = threading.Event()

    def then(sock: socket.socket) -> None:
        go.wait(20)
        sock.sendall(b"\r\n4\r\n: 1\n\r\n1\r\n\n\r\n")

    stream = open_stream(b"4\r\ndata", then=then)
    with pytest.raises(TimeoutError):
        stream.receive(0.05)
    go.set()
    assert stream.receive(20) == Event("message", "1")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_way_is_that_of_requests(
    serve: Serve,
    serve_proxy: ServeProxy,
    token: Secret,
    private_tls: ssl.SSLContext,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
) -> None:
    """Proxy with a password, private CA: for a plain deployment the proxy gets the whole address, else a tunnel."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    server = serve(events(chunk(b"data: 1\n\n")), tls=private_tls if scheme == "https" else None)
    proxy = serve_proxy("ada:s3cret")
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://ada:s3cret@127.0.0.1:{proxy.port}")
    with Http(f"{scheme}://coder.test:{server.port}", token, ca=str(tmp_path / "ca.pem")).events("/x") as stream:
        assert stream.receive(20) == Event("message", "1")
    how = "CONNECT coder.test" if scheme == "https" else f"GET http://coder.test:{server.port}/api/v2/x"
    assert proxy.requests[0].line.startswith(how)
    assert "proxy-authorization" not in server.requests[0].headers
