"""What goes wrong when a test has ordered it, and that nothing else does."""

from __future__ import annotations

import gzip
import json
import socket
import time
from http.client import BadStatusLine, IncompleteRead, RemoteDisconnected
from typing import TYPE_CHECKING, Any

import pytest

from coder_nb.embedded.faults import Fault, Faults

if TYPE_CHECKING:
    from tests.embedded.conftest import Client


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
