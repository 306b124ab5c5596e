"""Terminals from Python: what is sent to open one, what is read, how it ends, what refusals mean."""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from coder_nb.api import Api
from coder_nb.credentials import Secret
from coder_nb.errors import (
    ApiError,
    AuthenticationError,
    ConfirmationRequired,
    Invalid,
    NotFound,
    PermissionDenied,
    ProtocolError,
    RateLimited,
    ServerError,
    TransportError,
)
from coder_nb.transport.http import Http
from coder_nb.transport.limits import Limits
from tests.transport.hostile import (
    BINARY,
    CLOSE,
    TEXT,
    HostileServer,
    Script,
    answer,
    frame,
    json_answer,
    read_frame,
    upgraded,
)

AGENT = "0b1c8d4e-6f7a-4b2c-9d3e-5f6a7b8c9d0e"
NOBODY = "Resource not found or you do not have access to this resource"
ME = json.dumps(
    {
        "id": AGENT,
        "username": "ada",
        "email": "ada@example.com",
        "created_at": "2026-03-12T09:30:00Z",
        "updated_at": "2026-03-12T09:30:00Z",
        "last_seen_at": "2026-03-12T09:30:00Z",
        "status": "active",
    }
)
Serve = Callable[..., HostileServer]


def agent(status: str = "connected") -> Script:
    """An agent in some state."""
    record = {
        "id": AGENT,
        "name": "main",
        "status": status,
        "lifecycle_state": "ready",
        "created_at": "2026-03-12T09:30:00Z",
        "updated_at": "2026-03-12T09:30:00Z",
        "resource_id": AGENT,
        "operating_system": "linux",
        "architecture": "amd64",
    }
    return json_answer(json.dumps(record))


def page(status: str) -> Script:
    """A web page, which is how most refusals come."""
    return answer(b"<html>no</html>", status=status, kind="text/html; charset=utf-8")


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server with the scripts given, and closes it after the test."""
    started: list[HostileServer] = []

    def start(*scripts: Script) -> HostileServer:
        started.append(HostileServer(list(scripts)))
        return started[-1]

    yield start
    for server in started:
        server.close()


def api(server: HostileServer, *, dry_run: bool = False) -> Api:
    """Its API, with a token of the right form."""
    token = Secret("AbCdEfGhIj-0123456789abcdefghij01")
    return Api(Http(server.url, token, dry_run=dry_run, limits=Limits(wait=lambda seconds: None)))


def test_it_asks_for_a_buffered_terminal_of_its_own(serve: Serve) -> None:
    """A fresh id each time, and always the backend whose output is as it is."""
    server = serve(upgraded())
    with api(server).pty.open(AGENT) as first, api(server).pty.open(AGENT, command="echo é") as second:
        pass
    asked = [urlsplit(request.path) for request in server.requests]
    assert {url.path for url in asked} == {f"/api/v2/workspaceagents/{AGENT}/pty"}
    queries = [parse_qs(url.query) for url in asked]
    assert queries[0] == {
        "reconnect": [first.reconnect],
        "width": ["80"],
        "height": ["24"],
        "backend_type": ["buffered"],
    }
    assert queries[1]["command"] == ["echo é"]
    assert first.reconnect != second.reconnect
    assert uuid.UUID(first.reconnect).version == 4


def test_a_session_can_be_named(serve: Serve) -> None:
    """To attach to it again; containers and sizes go along."""
    server = serve(upgraded())
    known = uuid.uuid4()
    api(server).pty.open(
        AGENT, reconnect=known, width=132, height=50, container="web", container_user="node", shell="/bin/sh"
    ).close()
    assert parse_qs(urlsplit(server.requests[0].path).query) == {
        "reconnect": [str(known)],
        "width": ["132"],
        "height": ["50"],
        "command": ["#!/bin/sh\n"],
        "container": ["web"],
        "container_user": ["node"],
        "backend_type": ["buffered"],
    }


def test_output_is_bytes_as_they_come_until_the_end(serve: Serve) -> None:
    """Cut within characters, messages that came together as one; the usual end is no close frame."""
    pty = api(serve(upgraded(frame(BINARY, b"\xe2\x82"), frame(BINARY), frame(BINARY, b"\xac\r\n"), then=_nothing))).pty
    with pty.open(AGENT) as opened:
        assert b"".join(iter(lambda: opened.read(20), b"")) == b"\xe2\x82\xac\r\n"
        assert opened.read(20) == b""
        assert opened.ended is not None
        assert (opened.ended.code, opened.ended.clean, opened.ended.here) == (1006, False, False)


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (1001, "Ping failed"), (1003, "unexpected frame type")])
def test_an_end_is_told_as_it_was_said(serve: Serve, code: int, reason: str) -> None:
    """Code and reason of the close frame, after the last output."""
    last = frame(CLOSE, code.to_bytes(2, "big") + reason.encode())
    with api(serve(upgraded(frame(BINARY, b"bye"), last))).pty.open(AGENT) as pty:
        assert [pty.read(20), pty.read(20)] == [b"bye", b""]
        assert pty.ended is not None
        assert (pty.ended.code, pty.ended.reason, pty.ended.clean) == (code, reason, True)


def test_nothing_in_time_can_be_asked_for_again(serve: Serve) -> None:
    """A time-out loses nothing, and empty messages do not lengthen it."""

    def later(sock: socket.socket) -> None:
        read_frame(sock)
        sock.sendall(frame(BINARY, b"here"))
        sock.recv(1)

    with api(serve(upgraded(frame(BINARY), then=later))).pty.open(AGENT) as pty:
        with pytest.raises(TimeoutError):
            pty.read(0.01)
        pty.write("x")
        assert pty.read(20) == b"here"


def test_text_from_a_server_is_no_terminal(serve: Serve) -> None:
    """Said, and ended."""
    with api(serve(upgraded(frame(TEXT, b"hi")))).pty.open(AGENT) as pty:
        with pytest.raises(ProtocolError, match="output is bytes"):
            pty.read(20)
        assert pty.ended is not None


def test_what_is_typed_goes_out_in_messages_of_bytes(serve: Serve) -> None:
    """In order, with sizes between."""
    frames: list[tuple[int, bytes]] = []

    def listen(sock: socket.socket) -> None:
        while (got := read_frame(sock))[0] not in (0, CLOSE):
            frames.append(got)
            if got[1].startswith(b'{"width"'):
                sock.sendall(frame(BINARY, b"done"))

    with api(serve(upgraded(then=listen))).pty.open(AGENT) as pty:
        pty.write("ls -l\r")
        pty.write("y" * 100_000)
        pty.resize(120, 40)
        assert pty.read(20) == b"done"
    assert {kind for kind, _ in frames} == {BINARY}
    values = [json.loads(data) for _, data in frames]
    assert values[0] == {"data": "ls -l\r"}
    assert "".join(value["data"] for value in values[1:-1]) == "y" * 100_000
    assert values[-1] == {"width": 120, "height": 40}


def test_nothing_can_be_typed_after_the_end(serve: Serve) -> None:
    """The error says how it ended."""
    with api(serve(upgraded(frame(CLOSE, b"\x03\xe8")))).pty.open(AGENT) as pty:
        assert pty.read(20) == b""
        with pytest.raises(TransportError, match="has ended: 1000"):
            pty.write("x")


def test_a_closed_terminal_has_ended_here(serve: Serve) -> None:
    """And may be closed again; its repr names neither address nor id."""
    with api(serve(upgraded())).pty.open(AGENT) as pty:
        assert repr(pty) == "Pty(open)"
        pty.close()
        assert pty.read(20) == b""
    assert pty.ended is not None
    assert pty.ended.here
    assert pty.reconnect not in repr(pty)


@pytest.mark.parametrize(
    "wrong", [{"width": 0}, {"height": 65536}, {"command": "#!\n"}, {"command": "x" * 901}, {"reconnect": "abc"}]
)
def test_what_would_go_wrong_is_not_sent(serve: Serve, wrong: dict[str, object]) -> None:
    """The server is not even asked."""
    server = serve(upgraded())
    with pytest.raises(Invalid) as caught:
        api(server).pty.open(AGENT, **wrong)  # type: ignore[arg-type]
    assert caught.value.hint
    assert not server.requests


def test_a_dry_run_opens_nothing(serve: Serve) -> None:
    """Opening starts a process, so it is a change."""
    server = serve(upgraded())
    with pytest.raises(ConfirmationRequired):
        api(server, dry_run=True).pty.open(AGENT)
    assert not server.requests


@pytest.mark.parametrize(
    ("scripts", "kind", "text"),
    [
        (
            [
                json_answer(json.dumps({"message": NOBODY}), "404 Not Found"),
                json_answer('{"message":"signed out"}', "401 No"),
            ],
            AuthenticationError,
            "signed out",
        ),
        (
            [
                json_answer(json.dumps({"message": NOBODY}), "404 Not Found"),
                json_answer('{"message":"none"}', "404 No"),
            ],
            AuthenticationError,
            "only good for apps",
        ),
        (
            [page("404 Not Found"), json_answer(ME), json_answer('{"message":"no such agent"}', "404 No")],
            NotFound,
            "no such agent",
        ),
        ([page("404 Not Found"), json_answer(ME), agent()], PermissionDenied, "not open a terminal"),
        (
            [page("500 Internal Server Error"), json_answer(ME), json_answer('{"message":"Invalid UUID"}', "400 No")],
            Invalid,
            "Invalid UUID",
        ),
        ([page("502 Bad Gateway"), json_answer(ME), agent("timeout")], ServerError, "main is timeout, not connected"),
        ([page("502 Bad Gateway"), json_answer(ME), agent()], ServerError, "answered 502"),
        ([page("502 Bad Gateway"), page("500 Internal Server Error")], ServerError, "answered 502"),
    ],
    ids=["token", "app token", "agent", "permission", "id", "state", "connected again", "nobody answers"],
)
def test_a_refusal_is_explained(serve: Serve, scripts: list[Script], kind: type[ApiError], text: str) -> None:
    """The answer does not say why, so the user and the agent are asked."""
    server = serve(*scripts)
    with pytest.raises(kind, match=text) as caught:
        api(server).pty.open(AGENT)
    assert caught.value.hint or kind is Invalid
    asked = [request.path.partition("?")[0].removeprefix("/api/v2") for request in server.requests]
    assert asked == [f"/workspaceagents/{AGENT}/pty", "/users/me", f"/workspaceagents/{AGENT}"][: len(scripts)]


def test_bad_parameters_are_said_by_the_server(serve: Serve) -> None:
    """Nothing more is asked about them."""
    said = {"message": "Invalid query parameters.", "validations": [{"field": "width", "detail": "bad"}]}
    with pytest.raises(Invalid, match="width: bad"):
        api(serve(json_answer(json.dumps(said), "400 Bad Request"))).pty.open(AGENT)


def test_a_rate_limit_is_not_waited_for(serve: Serve) -> None:
    """An open is never tried again by itself."""
    server = serve(json_answer('{"message":"slow down"}', "429 Too Many Requests", Retry_After="60"))
    with pytest.raises(RateLimited):
        api(server).pty.open(AGENT)
    assert len(server.requests) == 1


def _nothing(sock: socket.socket) -> None:
    """The connection just ends."""
