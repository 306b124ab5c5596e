"""The handshake of a WebSocket: what is asked, along which way, and how a refusal reads."""

from __future__ import annotations

import socket
import ssl
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest
import trustme

from coder_nb.credentials import Secret
from coder_nb.errors import (
    ApiError,
    AuthenticationError,
    ConfigurationError,
    ConfirmationRequired,
    Invalid,
    NotFound,
    PermissionDenied,
    ProtocolError,
    ServerError,
    TransportError,
)
from coder_nb.transport.http import Http, Limits
from coder_nb.transport.websocket import Message
from tests.transport.conftest import Serve, ServeProxy
from tests.transport.hostile import TEXT, Request, Script, answer, drain, frame, json_answer, switching, upgraded

AGENT = Secret("0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9")
GOOD = upgraded(frame(TEXT, b"good"))
ONCE = Limits(retries=0)


@pytest.fixture
def ca(authority: trustme.CA, tmp_path: Path) -> str:
    """The private CA as a file."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


def first(http: Http) -> Message | None:
    """The first message of a WebSocket."""
    with http.websocket("/workspaceagents/0b1c/logs", query={"follow": True}) as found:
        return found.receive(20)


def test_the_token_is_in_one_header_and_there_is_no_origin(serve: Serve, token: Secret) -> None:
    """No cookie and no origin either; nothing is offered that the server could agree to."""
    server = serve(GOOD)
    assert first(Http(f"{server.url}/base", token)) == Message(True, b"good")
    request = server.requests[0]
    assert request.line == "GET /base/api/v2/workspaceagents/0b1c/logs?follow=true HTTP/1.1"
    assert token.reveal() not in request.line
    assert [name for name, value in request.headers.items() if token.reveal() in value] == ["coder-session-token"]
    assert not {"origin", "cookie", "authorization", "sec-websocket-protocol", "sec-websocket-extensions"} & set(
        request.headers
    )
    assert request.headers["sec-websocket-version"] == "13"
    assert request.headers["connection"] == "Upgrade"
    assert len(b64decode(request.headers["sec-websocket-key"])) == 16


def test_cookies_of_a_handshake_are_not_kept(serve: Serve, token: Secret) -> None:
    """Coder sets some with every one."""

    def with_cookie(sock: Any, request: Request) -> None:
        head = switching(request).removesuffix(b"\r\n")
        sock.sendall(head + b"Set-Cookie: csrf_token=x; Domain=127.0.0.1\r\n\r\n" + frame(TEXT, b"good"))
        drain(sock)
        raise ConnectionAbortedError

    server = serve(with_cookie)
    http = Http(server.url, token)
    assert first(http) == first(http) == Message(True, b"good")
    assert "cookie" not in server.requests[1].headers


def test_each_handshake_has_a_connection_and_a_key_of_its_own(serve: Serve, token: Secret) -> None:
    """It is not one of those that requests share, and those live on."""
    server = serve(json_answer("{}"), GOOD, GOOD, json_answer("{}"))
    http = Http(server.url, token)
    http.request("GET", "/users/me")
    first(http)
    first(http)
    http.request("GET", "/users/me")
    assert server.connections == 3
    assert server.requests[1].headers["sec-websocket-key"] != server.requests[2].headers["sec-websocket-key"]


def test_what_needs_no_token_gets_none(serve: Serve, token: Secret) -> None:
    """As with requests."""
    server = serve(GOOD)
    Http(server.url, token).websocket("/derp-map", anonymous=True).close()
    assert "coder-session-token" not in server.requests[0].headers


@pytest.mark.parametrize(
    ("given", "arguments", "error"),
    [
        (AGENT, {}, ConfigurationError),
        (None, {}, ConfigurationError),
        (Secret("AbCdEfGhIj-0123456789abcdefghij01"), {"changes": True}, ConfirmationRequired),
    ],
    ids=["an agent's token", "no token", "a change in a dry run"],
)
def test_what_must_not_be_sent_is_not(
    serve: Serve, given: Secret | None, arguments: dict[str, bool], error: type[Exception]
) -> None:
    """The same rules as for requests, before anything is sent."""
    server = serve(GOOD)
    with pytest.raises(error):
        Http(server.url, given, dry_run=True).websocket("/workspaceagents/0b1c/pty", **arguments)  # type: ignore[arg-type]
    assert server.connections == 0


TEXT_AND_JSON = b'request Origin "x" is not authorized for Host "y"\n{"message":"Failed to accept websocket."}\n'


@pytest.mark.parametrize(
    ("script", "kind", "said"),
    [
        (json_answer('{"message":"Bad.","detail":"Why."}', "400 Bad Request"), Invalid, "400: Bad (Why)"),
        (answer(TEXT_AND_JSON, status="403 Forbidden", kind="text/plain"), PermissionDenied, 'request Origin "x" is'),
        (answer(TEXT_AND_JSON, status="426 Upgrade Required", kind="text/plain"), ApiError, "426: request Origin"),
        (answer(TEXT_AND_JSON, status="403 Forbidden"), PermissionDenied, "403: Forbidden"),
        (answer(b"<html>x", status="404 Not Found", kind="text/html"), NotFound, "404: Not Found, in text/html"),
        (answer(b"<html>x", status="502 Bad Gateway", kind="text/html"), ServerError, "502: Bad Gateway, in text/html"),
        (answer(b"", status="405 Method Not Allowed", kind=""), ApiError, "405: Method Not Allowed"),
        (answer(b"<html>x", kind="text/html"), ProtocolError, "a web page instead of JSON"),
        (json_answer("{}"), ProtocolError, "answered 200 instead of becoming a WebSocket"),
        (answer(b"", status="302 Found", Location="https://login.example.com/x"), ProtocolError, "never followed"),
        (lambda sock, request: sock.sendall(b"HTTP/1.1 101 Yes\r\n\r\n"), ProtocolError, "not to this one"),
        (
            lambda sock, request: sock.sendall(
                switching(request).replace(b"Accept: ", b"Accept: A") + frame(TEXT, b"good")
            ),
            ProtocolError,
            "not to this one",
        ),
        (
            lambda sock, request: sock.sendall(
                switching(request).replace(
                    b"Upgrade\r\n", b"Upgrade\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
                )
            ),
            ProtocolError,
            "not to this one",
        ),
        (
            lambda sock, request: sock.shutdown(socket.SHUT_RDWR),
            TransportError,
            "closed the connection without an answer",
        ),
        (lambda sock, request: sock.sendall(b"SSH-2.0\r\n"), ProtocolError, "is not HTTP"),
    ],
)
def test_a_refusal_is_the_error_it_is_over_http(
    serve: Serve, token: Secret, script: Script, kind: type[Exception], said: str
) -> None:
    """By its status, whatever its body is; and the same from `request`, but for what a request cannot be told."""
    server = serve(script)
    http = Http(server.url, token, limits=ONCE)
    with pytest.raises(kind) as raised:
        http.websocket("/workspaces/0b1c/watch-ws")
    assert type(raised.value) is kind
    assert "GET /api/v2/workspaces/0b1c/watch-ws" in str(raised.value)
    assert said in str(raised.value)
    assert server.connections == 1


def test_a_refusal_is_read_up_to_its_limit_only(serve: Serve, token: Secret) -> None:
    """A page without an end is not taken in; the status still tells."""

    def endless(sock: Any, request: Request) -> None:
        sock.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\n\r\nNo.\n")
        while True:
            sock.sendall(b"x" * 65536)

    with pytest.raises(PermissionDenied, match="403: No"):
        Http(serve(endless).url, token).websocket("/derp-map")


def test_a_refused_agent_route_asks_once_why(serve: Serve, token: Secret) -> None:
    """Its 401 never says; GET /users/me does."""
    refusal = json_answer('{"message":"none provided"}', "401 Unauthorized")
    reason = json_answer('{"message":"You are signed out.","detail":"API key expired"}', "401 Unauthorized")
    server = serve(refusal, reason)
    with pytest.raises(AuthenticationError, match=r"GET /api/v2/workspaceagents/0b1c/logs answered 401.*expired"):
        first(Http(server.url, token))
    assert [request.path for request in server.requests] == [
        "/api/v2/workspaceagents/0b1c/logs?follow=true",
        "/api/v2/users/me",
    ]


@pytest.mark.parametrize(("changes", "asked"), [(False, 2), (True, 1)])
def test_it_is_opened_again_where_a_request_would_be_sent_again(
    serve: Serve, token: Secret, changes: bool, asked: int
) -> None:
    """After a passing failure of the server, and never where it changes something."""
    waits: list[float] = []
    server = serve(json_answer("{}", "503 Service Unavailable"), GOOD)
    http = Http(server.url, token, limits=Limits(wait=waits.append))
    if changes:
        with pytest.raises(ServerError):
            http.websocket("/workspaceagents/0b1c/pty", changes=True)
    else:
        assert first(http) == Message(True, b"good")
    assert len(server.requests) == asked
    assert len(waits) == asked - 1


def test_silence_in_a_handshake_is_not_waited_out(serve: Serve, token: Secret) -> None:
    """It has the read limit of its call, the longer one where the server dials the agent first."""
    http = Http(serve(lambda sock, request: None).url, token, limits=Limits(read=0.1, dial=0.3))
    with pytest.raises(TransportError, match=r"sent nothing for 0\.1 s"):
        http.websocket("/derp-map")
    with pytest.raises(TransportError, match=r"sent nothing for 0\.3 s"):
        http.websocket("/workspaceagents/0b1c/containers/watch", dials_agent=True)


def test_a_private_ca_is_trusted_as_over_http(
    serve: Serve, token: Secret, private_tls: ssl.SSLContext, ca: str
) -> None:
    """With `ca` it opens, without it the error says what to do; never is TLS spoken as HTTP/2."""
    private_tls.set_alpn_protocols(["h2", "http/1.1"])
    server = serve(GOOD, tls=private_tls)
    assert first(Http(server.url, token, ca=ca)) == Message(True, b"good")
    with pytest.raises(TransportError, match="is not trusted") as raised:
        first(Http(server.url, token, limits=ONCE))
    assert "--ca FILE" in raised.value.hint
    assert first(Http(server.url, token, insecure=True)) == Message(True, b"good")


@pytest.mark.parametrize("proxy_over_tls", [False, True])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_proxy_is_asked_for_a_tunnel(
    serve: Serve,
    serve_proxy: ServeProxy,
    token: Secret,
    private_tls: ssl.SSLContext,
    ca: str,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    proxy_over_tls: bool,
) -> None:
    """It gets its password, and no header of ours; the deployment gets no password. Both ways work through it."""
    echo = upgraded(then=lambda sock: sock.sendall(frame(TEXT, str(len(sock.recv(200_000))).encode())))
    server = serve(echo, tls=private_tls if scheme == "https" else None)
    proxy = serve_proxy("ada:p@ss:wörd", private_tls if proxy_over_tls else None)
    address = f"{'https' if proxy_over_tls else 'http'}://ada:p%40ss%3Aw%C3%B6rd@127.0.0.1:{proxy.port}"
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", address)
    monkeypatch.setenv("SSL_CERT_FILE", ca)
    with Http(f"{scheme}://coder.test:{server.port}", token, ca=ca).websocket("/derp-map") as found:
        found.send(b"x" * 100)
        assert found.receive(20) == Message(True, b"106")
    assert proxy.requests[0].line.startswith(f"CONNECT coder.test:{server.port} HTTP/1.")
    assert proxy.requests[0].headers["proxy-authorization"] == f"Basic {b64encode('ada:p@ss:wörd'.encode()).decode()}"
    assert "coder-session-token" not in proxy.requests[0].headers
    assert "proxy-authorization" not in server.requests[0].headers
    assert server.requests[0].headers["host"] == f"coder.test:{server.port}"
    assert server.requests[0].path == "/api/v2/derp-map"


def test_a_wrong_proxy_password_is_explained(
    serve_proxy: ServeProxy, token: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For plain deployments too, since they are tunnelled as well."""
    proxy = serve_proxy("ada:right")
    monkeypatch.setenv("HTTP_PROXY", f"http://ada:s3cret@127.0.0.1:{proxy.port}")
    with pytest.raises(TransportError, match=r"does not connect to http://coder\.test: 407") as raised:
        Http("http://coder.test", token).websocket("/derp-map")
    assert "HTTP_PROXY" in raised.value.hint
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize("exempt", [True, False])
def test_no_proxy_counts(
    serve: Serve, serve_proxy: ServeProxy, token: Secret, monkeypatch: pytest.MonkeyPatch, exempt: bool
) -> None:
    """What it names is not sent through the proxy: it is looked up here, where there is no such host."""
    server, proxy = serve(GOOD), serve_proxy()
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", "coder.invalid" if exempt else "other.invalid")
    http = Http(f"http://coder.invalid:{server.port}", token, limits=ONCE)
    if exempt:
        with pytest.raises(TransportError, match=r"there is no host coder\.invalid"):
            first(http)
        assert not proxy.requests
    else:
        assert first(http) == Message(True, b"good")


def test_loopback_needs_no_proxy(serve: Serve, token: Secret, monkeypatch: pytest.MonkeyPatch) -> None:
    """As over HTTP."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert first(Http(serve(GOOD).url, token)) == Message(True, b"good")
