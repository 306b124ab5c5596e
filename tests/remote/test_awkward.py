"""Commands over terminals that misbehave: exact, or said to be of unknown fate; never wrong, and never run twice."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coder_nb.client import Agent, connect
from coder_nb.embedded.faults import Fault, Kind
from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.errors import AgentUnavailable, ConnectionLost, ServerError
from coder_nb.remote.line import LineLimits
from tests.conformance.waiting import until

PTY = "/api/v2/workspaceagents/*/pty"
ENDLESS = "while :; do echo x; sleep 0.02; done"
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


def outcome(agent: Agent, script: str, expected: bytes, code: int, **how: Any) -> str:
    """Runs it, and says how that went; whatever comes is compared."""
    try:
        got = agent.run(script, text=False, check=False, **how)
    except ConnectionLost as error:
        assert isinstance(error.output, bytes)
        assert expected.startswith(error.output), "what came until then is no beginning of what was written"
        return "unknown"
    except (AgentUnavailable, ServerError):
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
        kind: Kind = chance.choice(["hang_up", "break", "break_input", "drop"])
        size = chance.choice([chance.randrange(1, 400), chance.randrange(1, 2 * body + 1)])
        server.faults.add(Fault(kind, path=PTY, messages=chance.randrange(6), size=size))
        with connect(server.url, token=server.token) as coder:
            one = coder.agent("web")
            one._limits = LIMITS
            how = outcome(one, script, b"x" * body, number)
        server.faults.clear()
        seen[how] = seen.get(how, 0) + 1
        times = len(ran.read_text().split()) if ran.exists() else 0
        assert times == 1 if how == "exact" else times <= 1
    assert seen["exact"] > 10 and seen["unknown"] > 10, seen


@pytest.mark.parametrize("seconds", [0, 0.15])
@pytest.mark.parametrize("messages", [0, 1, 2, 4])
def test_an_agent_that_dies_silently_is_found_out_within_the_limit(
    server: Embedded, agent: Agent, tmp_path: Path, messages: int, seconds: float
) -> None:
    """However much had come, and though another may have its place; what had come is kept, and that is all."""
    ran = tmp_path / "ran"
    server.faults.add(Fault("agent_killed", path=PTY, messages=messages, seconds=seconds))
    script = f"echo ran >> '{ran}'; for n in 1 2 3 4 5 6; do echo $n; sleep 0.05; done"
    began = time.monotonic()
    how = outcome(agent, script, b"1\n2\n3\n4\n5\n6\n", 0)
    assert time.monotonic() - began < 5
    if messages or not seconds:
        assert how == ("unknown" if messages else "not begun")
    assert not ran.exists() or ran.read_text() == "ran\n"


def test_a_new_agent_is_used_after_the_old_one_was_lost(server: Embedded, agent: Agent, tmp_path: Path) -> None:
    """And a long silence there does not pass for the old one's."""
    server.faults.add(Fault("agent_killed", path=PTY, messages=3, seconds=0.05))
    assert outcome(agent, ENDLESS, b"x\n" * 10_000, 0) == "unknown"
    ran = tmp_path / "ran"
    assert outcome(agent, f"echo ran >> '{ran}'; sleep 0.6; echo two", b"two\n", 0) == "exact"
    assert ran.read_text() == "ran\n"


def test_an_agent_that_restarts_is_told_at_once(server: Embedded, agent: Agent) -> None:
    """Its terminals end with it; what comes next runs on the new one."""
    agent._limits = LineLimits(silence=3600)
    server.faults.add(Fault("agent_stopped", path=PTY, messages=3, seconds=0.05))
    assert outcome(agent, ENDLESS, b"x\n" * 10_000, 0) == "unknown"
    until(lambda: agent.refresh().status, lambda status: status == "connected")
    assert outcome(agent, "echo again", b"again\n", 0) == "exact"


def test_tails_that_get_lost_are_not_commands(server: Embedded, agent: Agent) -> None:
    """Whatever is said last waits for its reader."""
    server.faults.add(Fault("lost_tail", path=PTY, seconds=0.05, times=None))
    for size in (0, 1, 1_000, 70_000):
        assert outcome(agent, f"head -c {size} /dev/zero | tr '\\0' x; exit 5", b"x" * size, 5) == "exact"
    with agent.session() as session:
        assert [session.run(f"echo {n}").output for n in range(3)] == ["0\n", "1\n", "2\n"]


@pytest.mark.parametrize("kind", ["hang_up", "break_input", "agent_killed", "agent_stopped"])
def test_a_session_that_breaks_runs_nothing_twice(server: Embedded, agent: Agent, tmp_path: Path, kind: Kind) -> None:
    """Each command ran once or, the one that was lost, not at all."""
    ran, lost, done = tmp_path / "ran", 0, 0
    server.faults.add(Fault(kind, path=PTY, messages=15, size=2_000, seconds=0.05))
    for number in range(20):
        script = f"echo {number} >> '{ran}'; printf '%s' {number}"
        how = outcome(agent, script, str(number).encode(), 0)
        lost, done = lost + (how == "unknown"), done + (how == "exact")
    lines = ran.read_text().split()
    assert len(lines) == len(set(lines)) and done <= len(lines) <= done + lost
    assert lost <= 2 and done > 5


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


@pytest.mark.parametrize(("kind", "seconds"), [("hung", 0.1), ("hung", 30), ("silent", 0)])
def test_hung_openings_are_tried_again_and_run_it_once(
    server: Embedded, agent: Agent, tmp_path: Path, kind: Kind, seconds: float
) -> None:
    """The third one counts; the scripts of the first two were never sent."""
    ran = tmp_path / "ran"
    server.faults.add(Fault(kind, path=PTY, times=2, seconds=seconds))
    assert outcome(agent, f"echo ran >> '{ran}'; echo done", b"done\n", 0) == "exact"
    assert ran.read_text() == "ran\n"


def test_openings_that_always_hang_run_nothing(server: Embedded, agent: Agent, tmp_path: Path) -> None:
    """And it is said so."""
    ran = tmp_path / "ran"
    server.faults.add(Fault("hung", path=PTY, times=None, seconds=30))
    assert outcome(agent, f"echo ran >> '{ran}'", b"", 0) == "not begun"
    assert not ran.exists()


def test_a_server_that_goes_away_is_told_at_once(server: Embedded, agent: Agent) -> None:
    """Not after a silence."""
    agent._limits = LineLimits(silence=3600)
    timer = threading.Timer(0.3, server.close)
    timer.start()
    assert outcome(agent, "echo begun; sleep 30", b"begun\n", 0) == "unknown"
    timer.join()
