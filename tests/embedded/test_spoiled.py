"""Terminals that misbehave on order, as real ones were seen to."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from coder_nb.embedded.faults import Fault
from tests.conformance.waiting import until
from tests.embedded.raw import RawSocket, connect

if TYPE_CHECKING:
    from pathlib import Path

    from tests.embedded.conftest import Client, Small

Dial = Callable[..., RawSocket]
Path_ = Callable[..., str]


@pytest.fixture
def path(small: Small) -> Path_:
    """The path of a terminal in workspace `dev`."""
    started = small.now
    agent = small.workspace("dev", small.build(small.agent(started_at=started))).latest.agents[0]

    def make(command: str, reconnect: str | None = None) -> str:
        query = {"reconnect": reconnect or str(uuid.uuid4()), "command": f"#!/bin/sh\n{command}"}
        return f"/workspaceagents/{agent.id}/pty?{urlencode(query)}"

    return make


def typed(raw: RawSocket, data: str) -> None:
    """One object in one message."""
    raw.send("binary", json.dumps({"data": data}).encode())


def state(client: Client, path: str) -> tuple[str, str]:
    """Status and start of the agent that a terminal is of."""
    got = client.ask(path.partition("/pty")[0]).json
    return got["status"], got["started_at"]


def test_a_hung_terminal_says_nothing_runs_nothing_and_is_given_up(
    client: Client, dial: Dial, path: Path_, tmp_path: Path
) -> None:
    """The same id then begins with its own command."""
    ran, reconnect = tmp_path / "ran", str(uuid.uuid4())
    client.server.faults.add(Fault("hung", seconds=0.3))
    raw = dial(path(f"echo ran >>'{ran}'", reconnect))
    typed(raw, "x")
    assert raw.next().close == (1001, "Ping failed")
    assert not ran.exists()
    again = dial(path("echo well; read x", reconnect))
    assert again.next("binary").data == b"well\r\n"


def test_a_tail_is_lost_unless_the_program_waits_for_its_reader(client: Client, dial: Dial, path: Path_) -> None:
    """What is said and followed by the end at once never comes; with an answer awaited between, all does."""
    client.server.faults.add(Fault("lost_tail", seconds=0.2, times=2))
    raw = dial(path("echo begin; read x; echo lost"))
    assert raw.next().data == b"begin\r\n"
    typed(raw, "\r")
    assert raw.next().kind == "end"
    raw = dial(path("stty -echo; echo all; read x"))
    assert raw.next().data == b"all\r\n"
    typed(raw, "\r")
    assert raw.next().kind == "end"


@pytest.mark.parametrize("size", [0, 1, 30])
def test_input_breaks_off_and_the_program_lives(client: Client, dial: Dial, path: Path_, size: int) -> None:
    """After so many bytes of frames; who comes back finds what it is at."""
    reconnect = str(uuid.uuid4())
    client.server.faults.add(Fault("break_input", size=size))
    raw = dial(path("stty -echo; echo here; read x; echo got $x; read y", reconnect))
    raw.send("binary", b'{"data":"' + b"y" * 50 + b'"}')
    assert raw.next("close").kind == "end"
    again = dial(path("echo OTHER", reconnect))
    assert again.next().data == b"here\r\n"
    typed(again, "z\r")
    assert again.next().data == b"got z\r\n"


def test_a_killed_agent_leaves_its_sockets_open_and_silent(client: Client, dial: Dial, path: Path_) -> None:
    """Pings go on, others of its terminals are silent too, and no new one opens; what ran has no terminal any more."""
    client.server.site.ping_seconds = 1.0
    bystander = dial(path("echo other; cat"))
    assert bystander.next("binary").data == b"other\r\n"
    client.server.faults.add(Fault("agent_killed", messages=1))
    one = path("echo one; sleep 0.05; echo two; cat")
    raw = dial(one)
    assert raw.next("binary").data == b"one\r\n"
    until(lambda: state(client, one)[0], lambda status: status == "disconnected")
    for socket in (raw, bystander):
        typed(socket, "hello\r")
    for socket in (raw, bystander):
        assert socket.next().kind == "ping"
    answer, refused = connect(client, one)
    refused.close()
    assert answer.status == 502


def test_a_new_agent_takes_over_and_the_old_sockets_stay_silent(client: Client, dial: Dial, path: Path_) -> None:
    """It is connected, has started later, and knows nothing of the sessions before it."""
    client.server.site.ping_seconds = 1.0
    reconnect = str(uuid.uuid4())
    one = path("echo one; cat", reconnect)
    before = state(client, one)
    client.server.faults.add(Fault("agent_killed", messages=1, seconds=0.1))
    raw = dial(one)
    assert raw.next("binary").data == b"one\r\n"
    after = until(lambda: state(client, one), lambda now: now[0] == "connected" and now != before)
    assert after[1] > before[1]
    fresh = dial(path("echo new; cat", reconnect))
    assert fresh.next("binary").data == b"new\r\n"
    assert raw.next().kind == "ping"


@pytest.mark.parametrize("seconds", [0, 0.1])
def test_a_stopped_agent_ends_its_terminals(client: Client, dial: Dial, path: Path_, seconds: float) -> None:
    """At once and without a close frame, whether a new one takes its place or none."""
    one = path("echo one; cat")
    before = state(client, one)
    bystander = dial(path("echo other; cat"))
    assert bystander.next("binary").data == b"other\r\n"
    client.server.faults.add(Fault("agent_stopped", messages=1, seconds=seconds))
    raw = dial(one)
    assert raw.next().data == b"one\r\n"
    assert raw.next().close == bystander.next().close == (1006, "")
    if seconds:
        until(lambda: state(client, one), lambda now: now[0] == "connected" and now != before)
        assert dial(path("echo new; read x")).next().data == b"new\r\n"
    else:
        assert state(client, one)[0] == "disconnected"


def test_what_is_no_upgrade_is_answered_as_ever(client: Client) -> None:
    """There is no terminal to spoil."""
    client.server.faults.add(Fault("agent_killed"))
    assert client.ask("/users/me").status == 200
