"""What a real server was seen to do is done alike: where the same is sent, the same comes, frame by frame."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import RECORDED
from tests.embedded.raw import RawSocket

if TYPE_CHECKING:
    from tests.embedded.conftest import Small

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded exchanges beside this checkout")
Dial = Callable[..., RawSocket]
Shape = tuple[str, bytes]


def recording(name: str) -> list[dict[str, Any]]:
    """What was said in a recorded session."""
    lines = (RECORDED / "rpc" / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines[1:]]


def shape(data: bytes) -> Shape:
    """What a message is: all of a head but a body's size, and of a body what its packet is.

    Sizes and contents differ, since names, keys and times do.
    """
    if len(data) == 12 and data[0] == 0:
        return "head", data[:8] + (b"" if data[1] == 0 else data[8:])
    return "body", data[:3]


def replay(raw: RawSocket, said: list[dict[str, Any]], ids: dict[bytes, bytes]) -> tuple[list[Shape], list[Shape]]:
    """Sends what was sent, each time after as much has come as had then; what should have come, and what has."""
    expected: list[Shape] = []
    seen: list[Shape] = []
    for event in said:
        data = base64.b64decode(event.get("data") or "")
        if event["dir"] == "send" and event["kind"] == "binary":
            for theirs, ours in ids.items():
                data = data.replace(theirs, ours)
            raw.send("binary", data)
        elif event["kind"] == "binary":
            expected.append(shape(data))
            seen.append(shape(raw.next("binary").data))
    return expected, seen


def tunnels(said: list[dict[str, Any]]) -> list[bytes]:
    """The ids that were asked about, in order, each once."""
    sent = b"".join(base64.b64decode(one["data"]) for one in said if (one["dir"], one["kind"]) == ("send", "binary"))
    return list(dict.fromkeys(re.findall(rb"\x1a\x12\x0a\x10(.{16})", sent, re.DOTALL)))


def test_coordination_goes_as_recorded(small: Small, dial: Dial) -> None:
    """A node, no longer asked about, a node again, goodbye; then an agent that may not be asked about."""
    said = recording("coordinate-agent")
    agent = small.workspace("dev").latest.agents[0]
    theirs, *_ = tunnels(said)
    expected, seen = replay(
        dial(f"/workspaceagents/{agent.id}/coordinate?version=2.0"), said, {theirs: uuid.UUID(agent.id).bytes}
    )
    assert seen == expected and len(seen) > 10


def test_many_agents_go_as_recorded(small: Small, dial: Dial) -> None:
    """Two that are connected, one that is away: silence; and one that is unknown."""
    said = recording("tailnet-coordinate-many")
    away = small.build(small.agent(attached=False, first_connected_at=None))
    known = [small.workspace("a"), small.workspace("b"), small.workspace("c", away)]
    ours = [uuid.UUID(one.latest.agents[0].id).bytes for one in known]
    theirs = tunnels(said)
    assert len(theirs) == 4
    expected, seen = replay(dial("/tailnet?version=2.0"), said, dict(zip(theirs, ours, strict=False)))
    assert seen == expected and len(seen) > 6


@pytest.mark.parametrize("name", ["violation-yamux-version", "violation-text-frame"])
def test_a_session_that_breaks_the_rules_ends_as_recorded(name: str, dial: Dial) -> None:
    """With the same code."""
    raw, said = dial("/tailnet?version=2.0"), recording(name)
    for event in said[:-1]:
        raw.send(event["kind"], base64.b64decode(event["data"]))
    assert raw.ended()[0] == said[-1]["code"]


def test_a_client_that_answers_no_pings_is_dropped_as_recorded(small: Small, dial: Dial, client: Any) -> None:
    """By one of the session's, without a close frame, whatever of the WebSocket's it answers; here much faster."""
    client.server.site.ping_seconds = 0.15
    raw = dial("/tailnet?version=2.0")
    expected = [event for event in recording("violation-no-yamux-pong") if event["dir"] == "recv"]
    assert [event["kind"] for event in expected] == ["ping", "ping", "binary", "eof"]
    seen: list[tuple[str, bytes]] = []
    while (said := raw.next()).kind != "end":
        seen.append((said.kind, said.data))
        if said.kind == "ping":
            raw.send("pong", said.data)
    # Which of the two kinds comes first at the same moment is not said.
    assert [data for kind, data in seen if kind == "ping"][:2] == [b"1", b"2"]
    assert [data for kind, data in seen if kind == "binary"] == [base64.b64decode(expected[2]["data"])]
    assert said.close == (1006, "")
