"""The WebSocket handshake: what is refused, in which words, and what is never agreed on."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.embedded.raw import KEY, connect

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small

PATHS = {
    "agent-logs-follow-handshake": "/workspaceagents/{agent}/logs?follow",
    "containers-watch-handshake": "/workspaceagents/{agent}/containers/watch",
    "derp-map-handshake": "/derp-map",
    "watch-metadata-ws-handshake": "/workspaceagents/{agent}/watch-metadata-ws",
    "workspace-watch-ws-handshake": "/workspaces/{workspace}/watch-ws",
    "workspacebuild-logs-ws-handshake": "/workspacebuilds/{build}/logs?follow",
}
WRONG = ("not-a-websocket", "bad-ws-version", "no-ws-key", "bad-ws-key", "cross-origin")
CHANGED: dict[str, dict[str, str | None]] = {
    "no-ws-key": {"Sec-WebSocket-Key": None},
    "bad-ws-key": {"Sec-WebSocket-Key": "abc"},
}


@pytest.mark.parametrize("slug", PATHS)
def test_a_handshake_is_refused_in_the_recorded_words(
    client: Client, small: Small, recorded: Callable[[str], list[dict[str, Any]]], slug: str
) -> None:
    """Status, headers and both halves of the body, on every endpoint that was recorded."""
    it = small.workspace("dev")
    path = PATHS[slug].format(agent=it.latest.agents[0].id, workspace=it.id, build=it.latest.id)
    cases = [case for case in recorded(slug) if case["case"] in WRONG]
    assert cases
    for case in cases:
        sent = {name: case["request"]["headers"].get(name) for name in ("Connection", "Upgrade", "Origin")}
        sent["Sec-WebSocket-Version"] = case["request"]["headers"].get("Sec-WebSocket-Version")
        got, raw = connect(client, path, headers=sent | CHANGED.get(case["case"], {}))
        raw.close()
        wanted = case["response"]
        assert got.status == wanted["status"], case["case"]
        assert got.body.decode() == wanted["body"].replace("127.0.0.1:7080", f"127.0.0.1:{client.server.port}")
        for name in ("Content-Type", "Connection", "Upgrade", "Sec-Websocket-Version"):
            assert got.headers.get(name.lower()) == wanted["headers"].get(name), case["case"]


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        ("null", 'request Origin "null" is not a valid URL with a host'),
        ("http://127.0.0.1:1", 'request Origin "127.0.0.1:1" is not authorized for Host "127.0.0.1:{port}"'),
        ("http://[x", 'failed to parse Origin header "http://[x"'),
    ],
)
def test_a_page_of_another_site_is_refused(client: Client, origin: str, said: str) -> None:
    """Host and port of an Origin must be ours; what has none is refused too."""
    got, raw = connect(client, "/derp-map", headers={"Origin": origin})
    raw.close()
    assert got.status == 403
    assert got.body.decode().split("\n")[0] == said.format(port=client.server.port)


def test_our_own_pages_are_let_in_whatever_their_scheme(client: Client) -> None:
    """Only host and port count."""
    got, raw = connect(client, "/derp-map", headers={"Origin": f"https://127.0.0.1:{client.server.port}"})
    raw.close()
    assert got.status == 101


def test_the_answer_has_the_headers_of_every_answer_and_agrees_on_nothing(client: Client) -> None:
    """Rate limit, version, request id; neither a subprotocol nor compression; the key is answered."""
    asked = {"Sec-WebSocket-Protocol": "coder", "Sec-WebSocket-Extensions": "permessage-deflate"}
    got, raw = connect(client, "/derp-map", headers=asked)
    raw.close()
    answer = base64.b64encode(hashlib.sha1(f"{KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
    assert got.headers["sec-websocket-accept"] == answer
    assert (got.headers["upgrade"], got.headers["connection"]) == ("websocket", "Upgrade")
    assert {"x-coder-build-version", "x-coder-request-id", "x-ratelimit-limit", "date"} <= got.headers.keys()
    unwanted = {"sec-websocket-protocol", "sec-websocket-extensions", "content-length", "content-type"}
    assert not unwanted & got.headers.keys()


def test_a_socket_costs_one_request(client: Client) -> None:
    """Counted at the handshake, in the budget of its path."""
    left = []
    for _ in range(2):
        got, raw = connect(client, "/derp-map")
        raw.next()
        raw.close()
        left.append(int(got.headers["x-ratelimit-remaining"]))
    assert left == [511, 510]


def test_who_may_not_ask_is_told_so_before_the_handshake(client: Client, small: Small) -> None:
    """401, 404 and 400 are JSON, with or without the handshake's own faults."""
    it = small.workspace("dev")
    nobody = {"Coder-Session-Token": None, "Sec-WebSocket-Key": None}
    path = f"/workspaceagents/{it.latest.agents[0].id}/watch-metadata-ws"
    assert connect(client, path, headers=nobody)[0].status == 401
    assert connect(client, "/workspaceagents/x/watch-metadata-ws")[0].status == 400
    assert connect(client, f"/workspaces/{small.ada.id}/watch-ws")[0].status == 404
    assert client.ask("/derp-map", method="POST").status == 405
