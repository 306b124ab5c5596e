"""Diagnoses of the fleet: every rule has its workspace, few requests are made, and what is refused is said."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from coder_nb.client import Coder, connect
from coder_nb.diagnosis import RULES, Rule
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded


@pytest.fixture(scope="module")
def server() -> Iterator[Embedded]:
    """The simulated fleet, in this process: what it is asked can be counted."""
    with Embedded(load_scenario()) as server:
        yield server


@pytest.fixture(scope="module")
def coder(server: Embedded) -> Iterator[Coder]:
    """A connection to it."""
    with connect(server.url, token=server.token) as coder:
        yield coder


@pytest.fixture
def faults(server: Embedded) -> Iterator[Embedded]:
    """The server, whose faults are over after the test."""
    yield server
    server.faults.clear()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_fleet_has_a_workspace_for_every_rule(coder: Coder, rule: Rule) -> None:
    """The one the rule names."""
    causes = coder.workspace(rule.shown).why().causes
    assert rule.name in [cause.rule for cause in causes]


@pytest.mark.parametrize("name", ["docs", "grace/compiler", "linus/kernel"])
def test_workspaces_that_are_well_have_no_causes(coder: Coder, name: str) -> None:
    """Not even notes, although their logs warn and a container has ended."""
    why = coder.workspace(name).why()
    assert why.healthy and why.causes == () and list(why.facts.untold) == []


def test_the_cause_comes_before_what_follows_from_it(coder: Coder) -> None:
    """Nobody listens on the port, so the script fails, so the app answers 503."""
    why = coder.workspace("api-broken").why()
    assert [cause.rule for cause in why.causes] == [
        *("refused", "script-failed", "app-unhealthy"),
        "metadata-error",
        "error-lines",
    ]
    first = why.causes[0]
    assert first.what == "nothing listens on 127.0.0.1:5433"
    assert "postgres:16.2-alpine publishes 5432" in [one.text for one in first.evidence]


def test_the_same_is_said_each_time(coder: Coder) -> None:
    """The order of answers is chance; the diagnosis is not."""
    workspace = coder.workspace("notebook")
    assert repr(workspace.why()) == repr(workspace.why())


@pytest.mark.parametrize(
    ("name", "requests"), [("grace/compiler", 6), ("web", 8), ("archive", 4), ("grace/cobol-port", 2), ("laptop", 4)]
)
def test_few_requests_are_made(coder: Coder, faults: Embedded, name: str, requests: int) -> None:
    """One for the workspace, then one for each thing that can be known."""
    workspace = coder.workspace(name)
    faults.faults.clear()
    before = faults.faults.struck
    faults.faults.add(Fault("latency", times=None))
    workspace.why()
    assert faults.faults.struck - before == requests


def test_they_are_made_at_the_same_time(coder: Coder, faults: Embedded) -> None:
    """Each takes 0.3 s, all of them less than a second."""
    workspace = coder.workspace("grace/compiler")
    faults.faults.add(Fault("latency", path="/api/v2/workspace*s/*/*", seconds=0.3, times=None))
    began = time.monotonic()
    workspace.why()
    assert 0.3 <= time.monotonic() - began < 0.9


def test_what_cannot_be_had_is_said_and_not_fatal(coder: Coder, faults: Embedded) -> None:
    """The rest is diagnosed."""
    workspace = coder.workspace("notebook")
    for path in ("*/logs", "*/containers"):
        faults.faults.add(Fault("status", path=path, status=403, times=None))
    why = workspace.why()
    assert [text.partition(":")[0] for text in why.facts.untold] == [
        "the log of notebook",
        "the containers of notebook",
    ]
    assert "not looked at: the log of notebook" in repr(why)
    rules = [cause.rule for cause in why.causes]
    assert "disk-full" in rules and "disk-out" not in rules


def test_an_agent_alone_is_looked_at_alone(coder: Coder) -> None:
    """Of a workspace with two, and the workspace around it."""
    why = coder.agent("linus/kernel.test").why()
    assert why.title == "linus/kernel.test"
    assert [it.agent.name for it in why.facts.agents] == ["test"]
    assert [cause.rule for cause in coder.agent("notebook").why().causes][:2] == ["disk-full", "disk-out"]


def test_an_agent_of_an_older_build_has_ended(coder: Coder) -> None:
    """Its log and its scripts tell; nobody asks it."""
    why = coder.agent("shop", build=-1).why()
    (it,) = why.facts.agents
    assert not it.live and it.listing is None and it.logs
    assert [run.display_name for run in it.timings] == [
        *("Prepare home", "Install dependencies", "Generate code", "Start shop")
    ]
    assert "agent-disconnected" not in [cause.rule for cause in why.causes]


def test_a_start_is_measured_by_the_one_before(coder: Coder) -> None:
    """Stops between them do not count."""
    why = coder.workspace("shop").why()
    assert why.facts.before is not None and why.facts.before.build_number == 1
    (slow,) = [cause for cause in why.causes if cause.rule == "startup-slower"]
    assert slow.what == "start script Install dependencies took 4 min 11 s, 48.6 s in the start before"


def test_ctrl_c_does_not_wait_for_answers(coder: Coder, faults: Embedded) -> None:
    """What is under way comes to its end by itself."""
    workspace = coder.workspace("web")
    faults.faults.add(Fault("latency", path="*/logs", seconds=2, times=None))
    pressed: list[float] = []

    def press() -> None:
        pressed.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.4, press)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        workspace.why()
    assert time.monotonic() - pressed[0] < 0.2
    timer.join()
