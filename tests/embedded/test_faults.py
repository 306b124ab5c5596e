"""What goes wrong when a test has ordered it, and that nothing else does."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Callable
from http.client import BadStatusLine, IncompleteRead, RemoteDisconnected
from typing import TYPE_CHECKING, Any

import pytest

from coder_nb.embedded.faults import Fault, Faults
from coder_nb.embedded.state import LogStore
from tests.embedded.raw import RawEvents, RawSocket, connect

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small


def test_a_fault_strikes_what_it_matches_as_often_as_it_was_ordered() -> None:
    """Path and method patterns, requests let pass first, requests struck; then it is gone."""
    faults = Faults()
    faults.add(Fault("drop", path="/api/v2/workspaces*", method="GET", skip=1, times=2))
    assert faults.take("POST", "/api/v2/workspaces") is None
    assert faults.take("GET", "/api/v2/users/me") is None
    struck = [faults.take("GET", "/api/v2/workspaces/x") is not None for _ in range(5)]
    assert struck == [False, True, True, False, False]
    assert faults.struck == 2


def test_faults_strike_in_the_order_they_were_ordered_until_cleared() -> None:
    """The oldest that matches comes first; one without a count stays until all are cleared."""
    faults = Faults()
    faults.add(Fault("html"))
    faults.add(Fault("drop", times=None))
    kinds = [fault.kind for _ in range(3) if (fault := faults.take("GET", "/"))]
    assert kinds == ["html", "drop", "drop"]
    faults.clear()
    assert faults.take("GET", "/") is None


def test_an_unknown_fault_is_refused() -> None:
    """A typing error in a test is an error of the test."""
    with pytest.raises(ValueError, match="no such fault: lattency"):
        Fault("lattency")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "body"),
    [
        (Fault("status", status=502), 502, "application/json; charset=utf-8", b'{"message":"An internal'),
        (Fault("status", status=500, body=b"no"), 500, "application/json; charset=utf-8", b'{"message":"no"}\n'),
        (Fault("html"), 200, "text/html; charset=utf-8", b"<!DOCTYPE html>"),
        (Fault("replace", body=b'{"id": \xff'), 200, "application/json; charset=utf-8", b'{"id": \xff'),
        (Fault("large", status=502, size=200_000), 502, "text/html; charset=utf-8", b" " * 200_000),
    ],
)
def test_an_answer_is_replaced(client: Client, fault: Fault, status: int, content_type: str, body: bytes) -> None:
    """Errors, pages and nonsense come whole, once; the next answer is right again."""
    client.server.faults.add(fault)
    got = client.ask("/users/me")
    assert (got.status, got.header("Content-Type")) == (status, content_type)
    assert got.body.startswith(body)
    assert client.ask("/users/me").json["username"] == "ada"


def test_truncated_means_half_a_body_of_its_promised_length(client: Client) -> None:
    """HTTP is fine, the JSON is not."""
    whole = client.ask("/users/me").body
    client.server.faults.add(Fault("truncate"))
    got = client.ask("/users/me")
    assert got.body == whole[: len(whole) // 2]
    assert got.header("Content-Length") == str(len(got.body))
    with pytest.raises(ValueError):
        json.loads(got.body)


def test_cut_means_a_connection_that_ends_in_the_body(client: Client) -> None:
    """The promised length never comes."""
    whole = client.ask("/users/me").body
    client.server.faults.add(Fault("cut"))
    with pytest.raises(IncompleteRead) as cut:
        client.ask("/users/me")
    assert cut.value.partial == whole[: len(whole) // 2]


def test_dropped_means_not_a_byte(client: Client) -> None:
    """The connection ends before the status line, and other paths do not notice."""
    client.server.faults.add(Fault("drop", path="/api/v2/users/*"))
    assert client.ask("/buildinfo").status == 200
    with pytest.raises((RemoteDisconnected, BadStatusLine, ConnectionResetError)):
        client.ask("/users/me")


def test_late_means_right_but_late(client: Client) -> None:
    """Only its own request waits."""
    client.server.faults.add(Fault("latency", path="*/users/me", seconds=0.3))
    began = time.monotonic()
    assert client.ask("/users/me").json["username"] == "ada"
    assert time.monotonic() - began >= 0.3


def test_a_rate_limit_on_order_says_when_it_ends(client: Client) -> None:
    """429 with the limiter's headers, and the end in as many seconds as were asked for."""
    client.server.faults.add(Fault("rate_limit", seconds=7))
    got = client.ask("/users/me")
    assert (got.status, got.header("Retry-After"), got.header("X-Ratelimit-Remaining")) == (429, "60", "0")
    assert abs(int(got.header("X-Ratelimit-Reset") or 0) - time.time() - 7) < 3


def test_a_redirect_goes_where_it_was_told(client: Client) -> None:
    """307 and a Location."""
    client.server.faults.add(Fault("redirect", body=b"http://elsewhere.example/"))
    got = client.ask("/users/me")
    assert (got.status, got.header("Location")) == (307, "http://elsewhere.example/")


def test_a_gzip_bomb_is_small_on_the_wire(client: Client) -> None:
    """Megabytes of blanks in a few kilobytes."""
    client.server.faults.add(Fault("gzip_bomb", size=3_000_000))
    got = client.ask("/users/me")
    assert got.header("Content-Encoding") == "gzip"
    assert len(got.body) < 30_000
    assert len(gzip.decompress(got.body)) == 3_000_002


def test_an_endless_body_ends_with_the_client_and_leaves_the_server_well(client: Client) -> None:
    """The server writes no faster than it is read, and goes on serving others meanwhile and afterwards."""
    client.server.faults.add(Fault("endless", path="*/users/me"))
    with socket.create_connection(("127.0.0.1", client.server.port), timeout=10) as stream:
        stream.sendall(f"GET /api/v2/users/me HTTP/1.1\r\nHost: 127.0.0.1:{client.server.port}\r\n\r\n".encode())
        received = 0
        while received < 1_000_000:
            received += len(stream.recv(65536))
        assert client.ask("/buildinfo").status == 200
    assert client.ask("/users/me").status == 200


def switch(client: Client, method: str, body: Any = None) -> Any:
    """Uses the switchboard of a server that is reached over the network."""
    return client.ask("//_faults", method=method, json_body=body)


def test_the_owner_switches_faults_over_the_network(client: Client) -> None:
    """POST orders, DELETE clears, both tell how many requests were struck; the switchboard itself is never struck."""
    order = {"kind": "replace", "path": "*", "times": None, "body": "[]"}
    assert switch(client, "POST", order).json == {"struck": 0}
    assert client.ask("/users/me").body == b"[]"
    assert switch(client, "DELETE").json == {"struck": 1}
    assert client.ask("/users/me").json["username"] == "ada"


def test_nobody_else_switches_faults(client: Client, bob: Client) -> None:
    """A member is forbidden, a stranger unauthenticated, and a bad order refused."""
    assert switch(bob, "POST", {"kind": "drop"}).status == 403
    assert client.ask("//_faults", method="POST", json_body={"kind": "drop"}, token=None).status == 401
    bodies: tuple[object, ...] = ({"kind": "x"}, {"kind": "drop", "what": 1}, [], {"kind": "drop", "times": "x"})
    for body in bodies:
        assert switch(client, "POST", body).status == 400
    assert client.ask("/users/me").status == 200


Dial = Callable[..., RawSocket]


def followed(small: Small, *lines: str) -> tuple[LogStore, str]:
    """A log with lines, and the path to follow it at."""
    agent = small.workspace("dev").latest.agents[0]
    if lines:
        agent.logs.append("source", [("info", line) for line in lines], at=small.now)
    return agent.logs, f"/workspaceagents/{agent.id}/logs?follow"


def test_a_socket_hangs_up_after_some_messages(client: Client, small: Small, dial: Dial) -> None:
    """As many as were ordered come whole, then the connection ends without a close frame; the next one lives."""
    log, path = followed(small)
    client.server.faults.add(Fault("hang_up", path="*/logs", messages=2))
    raw = dial(path)
    assert raw.value() == []
    log.append("source", [("info", "one")], at=small.now)
    assert raw.value()[0]["output"] == "one"
    assert raw.next().close == (1006, "")
    again = dial(path)
    assert [line["output"] for line in again.value()] == ["one"]
    again.send("close")
    assert again.next().close == (1005, "")


def test_a_socket_can_hang_up_before_it_says_anything(client: Client, small: Small, dial: Dial) -> None:
    """Right after the 101."""
    client.server.faults.add(Fault("hang_up"))
    assert dial(followed(small)[1]).next().kind == "end"


def test_pings_are_no_messages(client: Client, small: Small, dial: Dial) -> None:
    """A quiet socket lives on."""
    client.server.site.ping_seconds = 0.02
    client.server.faults.add(Fault("hang_up", messages=2))
    log, path = followed(small)
    raw = dial(path)
    raw.next()
    for _ in range(3):
        raw.send("pong", raw.next().data)
    log.append("source", [("info", "one")], at=small.now)
    assert raw.next("text").kind == "text"
    assert raw.next("text").kind == "end"


@pytest.mark.parametrize("size", [0, 1, 2, 20, 150])
def test_a_socket_breaks_in_the_middle(client: Client, small: Small, size: int) -> None:
    """After so many bytes, of which some are a frame's head; none of it is a close frame."""
    _log, path = followed(small, "x" * 1000)
    client.server.faults.add(Fault("break", size=size))
    handshake, raw = connect(client, path)
    assert handshake.status == 101
    came = raw._read
    while block := raw.stream.recv(4096):
        came += block
    raw.close()
    assert len(came) == size
    assert came[:1] == b"\x01"[:size]


def test_a_socket_ends_without_its_close_frame(client: Client, small: Small, dial: Dial) -> None:
    """All messages come, the last word does not."""
    it = small.workspace("dev")
    path = f"/workspacebuilds/{it.latest.id}/logs?follow"
    assert dial(path).next().close == (1000, "done")
    client.server.faults.add(Fault("no_close"))
    assert dial(path).next().close == (1006, "")


@pytest.mark.parametrize("size", [1, 7])
def test_a_stream_in_pieces_is_the_same_stream(client: Client, small: Small, dial: Dial, size: int) -> None:
    """However small they are; pings and the end come between messages, never inside."""
    client.server.site.ping_seconds = 0.02
    client.server.faults.add(Fault("pieces", size=size, times=None))
    lines = [str(number) * 50 for number in range(100)]
    _log, path = followed(small, *lines)
    raw = dial(path)
    assert [line["output"] for line in raw.value()] == lines
    raw.send("close", b"\x03\xe8")
    assert raw.next("close").close == (1000, "")


def test_pings_do_not_come_between_the_pieces_of_a_message(client: Client, small: Small, dial: Dial) -> None:
    """Though they are due while a client does not take the rest of it."""
    client.server.site.ping_seconds = 0.02
    client.server.faults.add(Fault("pieces", size=100_000))
    log = LogStore(small.deployment.log_ids, quota=100_000_000)
    log.append("source", [("info", "x" * 1000)] * 15_000, at=small.now)
    it = small.workspace("dev", small.build(small.agent(logs=log)))
    raw = dial(f"/workspaceagents/{it.latest.agents[0].id}/logs?follow")
    other = dial("/derp-map")
    for _ in range(3):
        other.send("pong", other.next("ping").data)
    assert len(raw.value()) == 15_000
    assert raw.next().kind == "ping"


def test_a_slow_stream_is_late_and_right(client: Client, small: Small, dial: Dial) -> None:
    """Each message waits for a while."""
    client.server.faults.add(Fault("slow", seconds=0.05))
    raw = dial(followed(small, "one")[1])
    begun = time.monotonic()
    assert raw.value()[0]["output"] == "one"
    assert time.monotonic() - begun > 0.04


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        (Fault("html"), 200, b"<!DOCTYPE html>"),
        (Fault("status", status=502), 502, b'{"message"'),
        (Fault("drop"), 0, b""),
    ],
)
def test_an_upgrade_is_answered_with_something_else(
    client: Client, small: Small, fault: Fault, status: int, body: bytes
) -> None:
    """A page, an error, nothing at all."""
    client.server.faults.add(fault)
    got, raw = connect(client, followed(small)[1])
    raw.close()
    assert got.status == status
    assert got.body.startswith(body)


def test_events_hang_up_and_break_too(client: Client, small: Small) -> None:
    """The body ends without its last chunk: whole messages, or in the middle of one."""
    it = small.workspace("dev")
    client.server.faults.add(Fault("hang_up", messages=1))
    events = RawEvents(client, f"/workspaces/{it.id}/watch")
    assert events.next() == b"event: ping\n\n"
    assert events.value()["id"] == it.id
    with pytest.raises(IncompleteRead):
        events.answer.read()
    client.server.faults.add(Fault("break", size=20))
    events = RawEvents(client, f"/workspaces/{it.id}/watch")
    with pytest.raises(IncompleteRead) as caught:
        events.answer.read()
    assert caught.value.partial == b"event: ping\n\nevent: "


def test_a_piece_has_a_byte_at_least() -> None:
    """An order that could never be carried out is refused."""
    with pytest.raises(ValueError, match="a byte"):
        Fault("pieces", size=0)
