"""Containers that are watched: what makes an agent speak, what does not, and what ends it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from threading import Event, Semaphore
from typing import TYPE_CHECKING, Any

import pytest

from coder_nb.embedded.calls import dial as dialling
from coder_nb.embedded.state import Agent, AgentError, Container, ContainerListing, Devcontainer, DevcontainerAgent
from coder_nb.embedded.wire import containers as containers_wire
from tests.embedded.raw import RawSocket, connect

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small

Dial = Callable[..., RawSocket]
BOX = Container("c1", "box", "2026-03-12T09:00:00Z", "debian", running=True, status="running")
DEV = Devcontainer("d1", "dev", "/work", container=BOX)


class Told:
    """An agent that says of its containers what a test tells it to."""

    def __init__(self, client: Client, small: Small) -> None:
        client.server.site.second = 0.001
        self.listing = ContainerListing([BOX], [DEV])
        self.agent = small.agent(containers=lambda: self.listing)
        self.workspace = small.workspace("dev", small.build(self.agent))
        self.path = f"/workspaceagents/{self.agent.id}/containers/watch"

    def show(self, *devcontainers: Devcontainer, containers: tuple[Container, ...] = (BOX,)) -> None:
        """From now on it says this."""
        self.listing = ContainerListing(containers, devcontainers)


@pytest.fixture
def told(client: Client, small: Small) -> Told:
    """An agent with one dev container, asked again every 10 ms."""
    return Told(client, small)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "starting", "container": None},
        {"name": "other"},
        {"container": replace(BOX, id="c2")},
        {"agent": DevcontainerAgent("a1", "dev", "/work")},
    ],
)
def test_an_agent_tells_what_happens_to_a_dev_container(dial: Dial, told: Told, change: dict[str, Any]) -> None:
    """Its status, its name, its container, its agent: within one refresh, and the whole listing."""
    raw = dial(told.path)
    assert raw.value()["devcontainers"][0]["status"] == "running"
    told.show(replace(DEV, **change))
    said = raw.next()
    assert (said.kind, said.frames) == ("text", 1)
    assert said.json == containers_wire.listing(told.listing)


def test_an_agent_tells_of_new_and_vanished_dev_containers(dial: Dial, told: Told) -> None:
    """Each at the next refresh."""
    raw = dial(told.path)
    raw.next()
    told.show(DEV, replace(DEV, id="d2"))
    assert len(raw.value()["devcontainers"]) == 2
    told.show()
    assert raw.value()["devcontainers"] == []


@pytest.mark.parametrize(
    ("devcontainer", "containers"),
    [
        (DEV, (replace(BOX, running=False, status="exited"),)),
        (DEV, (BOX, replace(BOX, id="c9"))),
        (replace(DEV, dirty=True), (BOX,)),
        (replace(DEV, status="error", container=None, error="no such image"), (BOX,)),
    ],
)
def test_an_agent_is_silent_on_the_rest(
    dial: Dial, told: Told, devcontainer: Devcontainer, containers: tuple[Container, ...]
) -> None:
    """Plain containers, an edited configuration, a build that failed: the next message is about the next thing."""
    raw = dial(told.path)
    raw.next()
    told.show(devcontainer, containers=containers)
    asked = _Asked(told)
    asked.twice()
    told.show(devcontainer, replace(DEV, id="d2"), containers=containers)
    assert [dev["id"] for dev in raw.value()["devcontainers"]] == ["d1", "d2"]


class _Asked:
    """Tells when the agent has been asked again."""

    def __init__(self, told: Told, *, fails: bool = False) -> None:
        self._times = Semaphore(0)
        self._told = told
        self._fails = fails
        told.agent.containers = self._answer

    def _answer(self) -> ContainerListing:
        self._times.release()
        if self._fails:
            raise AgentError("Could not get containers")
        return self._told.listing

    def twice(self) -> None:
        """Returns when two refreshes have begun, so that one is over."""
        for _ in range(2):
            assert self._times.acquire(timeout=10)


def test_a_recreated_dev_container_is_told_twice(client: Client, dial: Dial, told: Told) -> None:
    """Starting, without its container; then running, with a new one; no refresh is waited for."""
    client.server.site.second = 60
    raw = dial(told.path)
    raw.next()
    got = client.ask(f"/workspaceagents/{told.agent.id}/containers/devcontainers/d1/recreate", method="POST")
    assert got.status == 202
    first, second = (raw.value()["devcontainers"][0] for _ in range(2))
    assert (first["status"], "container" in first) == ("starting", False)
    assert second["status"] == "running"
    assert second["container"]["id"] != "c1"


def test_the_end_of_the_agent_is_the_end(small: Small, dial: Dial, told: Told) -> None:
    """Its process is gone: 1000 without a reason."""
    raw = dial(told.path)
    raw.next()
    told.agent.attached = False
    told.agent.disconnected_at = small.now
    assert raw.ended() == (1000, "")


def test_a_frozen_agent_and_one_whose_engine_fails_are_waited_for(dial: Dial, told: Told) -> None:
    """Nothing is said meanwhile; then it goes on."""
    raw = dial(told.path)
    raw.next()
    told.agent.attached = False
    _Asked(told, fails=True).twice()
    _Asked(told).twice()
    told.show(replace(DEV, name="thawed"))
    assert raw.value()["devcontainers"][0]["name"] == "thawed"


def test_a_refusal_comes_before_the_handshake_as_recorded(
    client: Client, small: Small, recorded: Callable[[str], list[dict[str, Any]]]
) -> None:
    """400 for an agent that is not connected, 500 for one that cannot be reached or has the feature turned off."""
    cases = {case["case"]: case for case in recorded("containers-watch-handshake")}

    def off() -> ContainerListing:
        raise AgentError("Dev Container feature not enabled.", status=403)

    agents = {
        "disabled-on-agent": small.agent(containers=off),
        "agent-timeout": small.agent(attached=False, disconnected_at=small.now),
    }
    for name, agent in agents.items():
        agent.id = cases[name]["request"]["path"].split("/")[4]
        small.workspace(name, small.build(agent))
        _is_refused(client, agent, cases[name])


def test_an_agent_that_says_nothing_is_not_waited_for(
    client: Client, small: Small, recorded: Callable[[str], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """500 after the time a server gives it."""
    monkeypatch.setattr(dialling, "DIAL_SECONDS", 0.02)
    [case] = [case for case in recorded("containers-watch-handshake") if case["case"] == "agent-hung"]
    thawed = Event()

    def frozen() -> ContainerListing:
        thawed.wait(10)
        return ContainerListing()

    agent = small.agent(containers=frozen)
    small.workspace("dev", small.build(agent))
    try:
        _is_refused(client, agent, case)
    finally:
        thawed.set()


def _is_refused(client: Client, agent: Agent, case: dict[str, Any]) -> None:
    got, raw = connect(client, f"/workspaceagents/{agent.id}/containers/watch")
    raw.close()
    assert got.status == case["response"]["status"]
    assert json.loads(got.body) == case["response"]["body"]
