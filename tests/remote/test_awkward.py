"""Commands over terminals that misbehave: exact, or said to be of unknown fate; never wrong, and never run twice."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coder_nb.client import Agent, connect
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.errors import AgentUnavailable, ConnectionLost
from coder_nb.remote.line import LineLimits

PTY = "/api/v2/workspaceagents/*/pty"
LIMITS = LineLimits(ready=0.5, silence=0.2, goodbye=0.05)


@pytest.fixture
def server() -> Iterator[Embedded]:
    """A deployment of this process."""
    with Embedded(load_scenario()) as server:
        yield server


@pytest.fixture
def agent(server: Embedded) -> Iterator[Agent]:
    """An agent that loses patience early, each of whose commands opens a terminal."""
    with connect(server.url, token=server.token) as coder:
        agent = coder.agent("web")
        agent._limits = LIMITS
        yield agent


def held(server: Embedded, agent: Agent) -> Any:
    """The server's side of an agent."""
    [found] = [
        one
        for workspace in server.deployment.workspaces
        for build in workspace.builds
        for resource in build.resources
        for one in resource.agents
        if str(one.id) == agent.id
    ]
    return found


def dies(server: Embedded, agent: Agent) -> None:
    """Its process is gone and nobody told: sockets stay open, pings go on."""
    one = held(server, agent)
    one.attached, one.last_connected_at, one.disconnected_at = False, None, one.first_connected_at


def outcome(agent: Agent, script: str, expected: bytes, code: int, **how: Any) -> str:
    """Runs it, and says how that went; whatever comes is compared."""
    try:
        got = agent.run(script, text=False, check=False, **how)
    except ConnectionLost as error:
        assert isinstance(error.output, bytes)
        assert expected.startswith(error.output), "what came until then is no beginning of what was written"
        return "unknown"
    except AgentUnavailable:
        return "not begun"  # And so it is said that nothing has run.
    if got.timed_out:
        assert expected.startswith(got.output)
        return "timed out"
    assert got.output == expected and got.code == code
    return "exact"


def test_wherever_it_breaks_nothing_is_wrong_and_nothing_runs_twice(
    server: Embedded, agent: Agent, tmp_path: Path
) -> None:
    """A hundred and twenty commands whose connection breaks at a point of chance, some while they are still sent."""
    chance = random.Random(11)
    seen: dict[str, int] = {}
    for number in range(120):
        ran = tmp_path / f"ran-{number}"
        body = chance.choice([10, 1_000, 60_000])
        padding = "#" * chance.choice([0, 0, 20_000]) + "\n"
        script = f"{padding}echo ran >> '{ran}'; head -c {body} /dev/zero | tr '\\0' x; exit {number}"
        kind = chance.choice(["hang_up", "break", "drop"])
        size = chance.choice([chance.randrange(1, 400), chance.randrange(1, 2 * body + 1)])
        server.faults.add(Fault(kind, path=PTY, messages=chance.randrange(6), size=size))  # type: ignore[arg-type]
        with connect(server.url, token=server.token) as coder:
            one = coder.agent("web")
            one._limits = LIMITS
            how = outcome(one, script, b"x" * body, number)
        server.faults.clear()
        seen[how] = seen.get(how, 0) + 1
        times = len(ran.read_text().split()) if ran.exists() else 0
        assert times == 1 if how == "exact" else times <= 1
    assert seen["exact"] > 10 and seen["unknown"] > 10, seen


@pytest.mark.parametrize("messages", [0, 1, 2, 3])
def test_an_agent_that_dies_silently_is_found_out_within_the_limit(
    server: Embedded, agent: Agent, tmp_path: Path, messages: int
) -> None:
    """However much had come; what had is kept, and that is all."""
    ran = tmp_path / "ran"
    server.faults.add(Fault("silent", path=PTY, messages=messages, times=None))
    timer = threading.Timer(0.3, dies, (server, agent))
    timer.start()
    script = f"echo ran >> '{ran}'; for n in 1 2 3 4 5 6; do echo $n; sleep 0.05; done"
    how = outcome(agent, script, b"1\n2\n3\n4\n5\n6\n", 0)
    timer.join()
    assert how in ("unknown", "not begun")
    assert not ran.exists() or ran.read_text() == "ran\n"


def test_output_that_stalls_for_good_ends_with_the_callers_patience(server: Embedded, agent: Agent) -> None:
    """The agent is there, so nothing else can tell."""
    server.faults.add(Fault("silent", path=PTY, messages=3, times=None))
    script = "for n in 1 2 3 4 5 6; do echo $n; sleep 0.05; done; sleep 30"
    assert outcome(agent, script, b"1\n2\n3\n4\n5\n6\n", 0, timeout=0.5) == "timed out"


def test_pieces_delays_and_missing_closes_make_no_difference(server: Embedded, agent: Agent) -> None:
    """A byte at a time, messages that are late, an end without a word."""
    for fault in (
        Fault("pieces", path=PTY, size=1),
        Fault("slow", path=PTY, seconds=0.02),
        Fault("no_close", path=PTY),
    ):
        server.faults.add(fault)
        assert outcome(agent, "printf 'a\\036b'; exit 3", b"a\x1eb", 3) == "exact"
        server.faults.clear()


def test_hung_openings_are_tried_again_and_run_it_once(server: Embedded, agent: Agent, tmp_path: Path) -> None:
    """The third one counts; the scripts of the first two were never sent."""
    ran = tmp_path / "ran"
    server.faults.add(Fault("silent", path=PTY, times=2))
    assert outcome(agent, f"echo ran >> '{ran}'; echo done", b"done\n", 0) == "exact"
    assert ran.read_text() == "ran\n"


def test_a_server_that_goes_away_is_told_at_once(server: Embedded, agent: Agent) -> None:
    """Not after a silence."""
    agent._limits = LineLimits(silence=3600)
    timer = threading.Timer(0.3, server.close)
    timer.start()
    assert outcome(agent, "echo begun; sleep 30", b"begun\n", 0) == "unknown"
    timer.join()
