"""Every recorded stream of a real server, played again over a real socket, decodes and keeps what it said."""

from __future__ import annotations

import json
import socket
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from coder_nb.api import Api
from coder_nb.api.stream import Stream
from coder_nb.credentials import Secret
from coder_nb.transport.http import Http
from tests.api.test_recorded import agrees
from tests.transport.hostile import (
    BINARY,
    CLOSE,
    PING,
    TEXT,
    HostileServer,
    Request,
    Script,
    drain,
    frame,
    json_answer,
    upgraded,
)

STREAMS = Path(__file__).resolve().parents[3] / "shared" / "recorded" / "streams"
USER = Secret("AbCdEfGhIj-0123456789abcdefghij01")
AGENT = Secret("0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9")
CALLS: dict[str, Callable[[Api], Stream[Any]]] = {
    "build-logs-follow": lambda api: api.builds.follow_logs("0b1c"),
    "containers-watch": lambda api: api.containers.watch("0b1c"),
    "derp-map": lambda api: api.connection.watch_derp_map(),
    "logs-follow": lambda api: api.logs.follow("0b1c"),
    "reinit": lambda api: api.me.watch_reinit(),
    "startup-logs-follow": lambda api: api.logs.follow("0b1c"),
    "watch-metadata": lambda api: api.metadata.watch_sse("0b1c"),
    "watch-metadata-ws": lambda api: api.metadata.watch("0b1c"),
    "workspace-watch": lambda api: api.workspaces.watch_sse("0b1c"),
    "workspace-watch-ws": lambda api: api.workspaces.watch("0b1c"),
}
ENVELOPES = ("watch-metadata-ws", "workspace-watch-ws")
RAW = ("coordinate", "rpc", "tailnet")
"""Streams of bytes that are no JSON: not records."""
NAMES = sorted(path.stem for path in STREAMS.glob("*.jsonl") if not path.stem.startswith(RAW))


@pytest.fixture(params=NAMES or ["none"])
def name(request: pytest.FixtureRequest) -> str:
    """One recording after the other."""
    if not NAMES:
        pytest.skip("no recorded streams beside this checkout")
    return str(request.param)


def kind_of(name: str) -> str:
    """The stream a recording is of: the longest name it begins with."""
    return max((kind for kind in CALLS if name.startswith(kind)), key=len)


def received(name: str) -> list[dict[str, Any]]:
    """What the server sent, in order."""
    lines = (STREAMS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [event for event in map(json.loads, lines[1:]) if event["dir"] == "recv"]


def sent(event: dict[str, Any]) -> bytes:
    """A recorded event as the frames it came in."""
    kind, data = event["kind"], event["data"]
    if kind == "close":
        code = data["code"]
        return frame(CLOSE, code.to_bytes(2, "big") + data["reason"].encode()) if code != 1006 else b""
    if kind in ("ping", "pong"):
        return frame(PING, data.encode())
    payload, opcode = (b64decode(data), BINARY) if kind == "binary" else (data.encode(), TEXT)
    return frame(opcode, payload, final=False) + frame(0) if event.get("frames", 1) > 1 else frame(opcode, payload)


def replay(events: list[dict[str, Any]]) -> Script:
    """Sends a recording again, without its pauses."""
    if any(event["kind"] == "sse" for event in events):
        body = "".join(event["data"] for event in events).encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

        def script(sock: socket.socket, request: Request) -> None:
            sock.sendall(head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))

        return script
    return upgraded(*map(sent, events), then=finish)


def finish(sock: socket.socket) -> None:
    """Ends its side, and takes in the pongs: a reset for what nobody reads would swallow what was sent."""
    sock.shutdown(socket.SHUT_WR)
    drain(sock)


def wire(name: str, events: list[dict[str, Any]]) -> Iterator[Any]:
    """The JSON of each record in a recording."""
    for event in events:
        if event["kind"] == "sse" and event["data"].startswith("event: data\n"):
            yield json.loads(event["data"].split("data: ", 1)[1])
        elif event["kind"] in ("text", "binary"):
            said = json.loads(b64decode(event["data"]) if event["kind"] == "binary" else event["data"])
            if kind_of(name) not in ENVELOPES:
                yield said
            elif said["type"] == "data":
                yield said["data"]


def test_a_recorded_stream_decodes(name: str) -> None:
    """Each record has what was on the wire, there are as many, and the end is the one that was recorded."""
    events = received(name)
    # A followed log is read once more after its end.
    server = HostileServer([replay(events), json_answer("[]")])
    api = Api(Http(server.url, AGENT if kind_of(name) == "reinit" else USER))
    stream = CALLS[kind_of(name)](api)
    records = list(stream)
    server.close()
    expected = list(wire(name, events))
    for record, said in zip(records, expected, strict=True):
        agrees(record, said, name)
    assert stream.ended is not None
    ends = [(event["data"]["code"], event["data"]["reason"]) for event in events if event["kind"] == "close"]
    assert (stream.ended.code, stream.ended.reason) == (ends[0] if ends else (1000, ""))


@pytest.mark.skipif(not NAMES, reason="no recorded streams beside this checkout")
def test_the_recordings_are_of_every_kind() -> None:
    """So that the test above is one of each call, and records come out of each that has any."""
    assert {kind_of(name) for name in NAMES} == set(CALLS)
    silent = {kind for kind in CALLS if not any(list(wire(n, received(n))) for n in NAMES if kind_of(n) == kind)}
    assert silent == {"reinit"}
