"""What a real server and agent were seen to do is done alike: where the same is sent, the same comes."""

from __future__ import annotations

import base64
import json
import os
import pwd
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.conftest import RECORDED
from tests.embedded.raw import RawSocket, connect

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded exchanges beside this checkout")
Dial = Callable[..., RawSocket]


def recording(name: str) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """The query of a recorded terminal, and what was said."""
    lines = (RECORDED / "pty" / f"{name}.jsonl").read_text("utf-8").splitlines()
    first, *said = map(json.loads, lines)
    return first["request"]["query"], said


@pytest.mark.parametrize(
    "name",
    [
        "echo",
        "exit7",
        "not-found",
        "ctrl-c",
        "json-stream",
        "text-frame",
        "malformed-json",
        "client-close",
        "reconnect-after-exit",
        "long-command-silent-end",
    ],
)
def test_a_terminal_goes_as_recorded(name: str, dial: Dial, small: Small) -> None:
    """Output joined between two messages of the client, and how it ends."""
    query, said = recording(name)
    if name == "not-found" and pwd.getpwuid(os.getuid()).pw_shell != "/bin/bash":
        pytest.skip("the words are bash's")
    agent = small.workspace("dev").latest.agents[0]
    raw = dial(f"/workspaceagents/{agent.id}/pty?{urlencode(query)}")
    expected, seen = b"", b""
    for event in said:
        data = base64.b64decode(event.get("data", ""))
        if event["dir"] == "send":
            seen += _output(raw, len(expected) - len(seen))
            assert seen == expected
            kind = event["kind"]
            raw.send(kind, event["code"].to_bytes(2, "big") if kind == "close" else data)
        elif event["kind"] == "binary":
            expected += data
    seen += _output(raw, len(expected) - len(seen))
    assert seen == expected
    last = said[-1]
    assert raw.next().close == ((last["code"], last["reason"]) if last["kind"] == "close" else (1006, ""))


def _output(raw: RawSocket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        said = raw.next()
        assert said.kind == "binary", (said, data)
        assert said.frames == 1
        data += said.data
    return data


def test_handshakes_are_refused_as_recorded(client: Client, small: Small) -> None:
    """Status, type and body, of all but a page; who asks is left to other tests, for whom the token is one of ours."""
    agent = small.workspace("dev").latest.agents[0]
    away = small.workspace("away", small.build(small.agent(attached=False, first_connected_at=None)))
    lines = (RECORDED / "pty" / "handshake-errors.jsonl").read_text("utf-8").splitlines()
    seen = set()
    for case in map(json.loads, lines):
        name, wanted = case["case"], case["response"]
        if name in ("no token", "unknown token", "agent token used", "command of 1.1 MB"):
            continue
        it = {"agent not connected": away.latest.agents[0].id, "unknown agent": small.ada.id}.get(name, agent.id)
        path = case["request"]["path"].removeprefix("/api/v2").replace("<AGENT_ID>", it)
        origin = {"Origin": "http://evil.example"} if name == "foreign origin" else {}
        answer, raw = connect(client, path, headers=origin)
        raw.close()
        seen.add(name)
        assert (answer.status, answer.headers["content-type"]) == (wanted["status"], wanted["content_type"]), name
        if wanted["body"] != "<HTML page>":
            host = f"127.0.0.1:{client.server.port}"
            assert answer.body.decode().replace(host, "coder.example.com") == wanted["body"], name
    assert len(seen) == 9
