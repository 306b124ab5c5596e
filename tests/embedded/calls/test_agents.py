"""One agent: its log, ports, containers, and who may ask."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest

from coder_nb.embedded.state import (
    AgentError,
    App,
    Clock,
    Container,
    ContainerListing,
    Devcontainer,
    ListeningPort,
)

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small

WAYS = ("", "/logs", "/startup-logs", "/listening-ports", "/containers", "/connection")


@pytest.mark.parametrize("way", WAYS)
def test_somebody_elses_agent_does_not_exist(client: Client, bob: Client, small: Small, way: str) -> None:
    """A member gets the same 404 for ada's agent as for none; the owner sees the member's."""
    adas = small.workspace("web").latest.agents[0].id
    bobs = small.workspace("dev", owner=small.bob).latest.agents[0].id
    assert bob.ask(f"/workspaceagents/{bobs}{way}").status == 200
    assert client.ask(f"/workspaceagents/{bobs}{way}").status == 200
    hidden = bob.ask(f"/workspaceagents/{adas}{way}")
    missing = bob.ask(f"/workspaceagents/00000000-0000-0000-0000-000000000001{way}")
    assert (hidden.status, hidden.body) == (missing.status, missing.body) == (404, hidden.body)


def test_an_answer_carries_the_time_of_the_thing_asked_for(client: Client, small: Small) -> None:
    """A live workspace answers with the real time, lists and the fleet with the frozen one."""
    live = small.workspace("here", small.build(small.agent(created_at=datetime.now(UTC))), clock=Clock())
    still = small.workspace("web")

    def date(path: str) -> datetime:
        return parsedate_to_datetime(client.ask(path).header("Date") or "")

    assert abs(date(f"/workspaces/{live.id}") - datetime.now(UTC)) < timedelta(seconds=5)
    for way in WAYS:
        assert abs(date(f"/workspaceagents/{live.latest.agents[0].id}{way}") - datetime.now(UTC)) < timedelta(seconds=5)
        assert date(f"/workspaceagents/{still.latest.agents[0].id}{way}") == small.now
    assert date("/workspaces") == date("/users/me") == small.now


def test_agents_of_old_builds_and_deleted_workspaces_are_found(client: Client, small: Small) -> None:
    """The log of a build that is long over can still be read."""
    old = small.agent()
    old.logs.append("s", [("info", "then")], at=small.now)
    small.workspace("gone", small.build(old), small.build(transition="delete", number=2))
    assert [line["output"] for line in client.ask(f"/workspaceagents/{old.id}/logs").json] == ["then"]


def test_a_log_starts_after_an_id_and_ignores_before(client: Client, small: Small) -> None:
    """`after` is exclusive, its first value counts, an empty one means 0; other parameters do nothing."""
    agent = small.workspace("web").latest.agents[0]
    agent.logs.append("s", [("info", text) for text in "abcd"], at=small.now)

    def outputs(query: str) -> str:
        return "".join(line["output"] for line in client.ask(f"/workspaceagents/{agent.id}/logs?{query}").json)

    assert [outputs(q) for q in ("", "after=2", "after=4", "after=", "after=3&after=1")] == [
        "abcd",
        "cd",
        "",
        "abcd",
        "d",
    ]
    assert outputs("before=2&limit=1&format=text&no_compression") == "abcd"


def test_following_over_plain_http_is_426(client: Client, small: Small) -> None:
    """Even `follow=false` asks for an upgrade; the answer is text with JSON behind it."""
    agent = small.workspace("web").latest.agents[0]
    got = client.ask(f"/workspaceagents/{agent.id}/logs?follow=false")
    assert (got.status, got.header("Upgrade"), got.header("Content-Type")) == (
        426,
        "websocket",
        "text/plain; charset=utf-8",
    )
    assert b'\n{"message":"Failed to accept websocket."' in got.body


def test_ports_are_asked_live_and_filtered(client: Client, small: Small) -> None:
    """Each request asks the agent again; services and ports of apps are left out."""
    agent = small.workspace("web").latest.agents[0]
    agent.apps.append(App(small.ada.id, "web", url="http://localhost:3000"))
    listening = [ListeningPort("node", "tcp", 3000), ListeningPort("postgres", "tcp", 5432)]
    agent.ports = lambda: listening
    path = f"/workspaceagents/{agent.id}/listening-ports"
    assert client.ask(path).json == {"ports": []}
    listening.append(ListeningPort("", "tcp", 8080))
    assert client.ask(path).json == {"ports": [{"process_name": "", "network": "tcp", "port": 8080}]}


def test_an_agent_that_is_not_connected_is_not_dialled(client: Client, small: Small) -> None:
    """400 with its state; but a bad label is noticed first."""
    agent = small.workspace("web", small.build(small.agent(attached=False, first_connected_at=None))).latest.agents[0]
    for way in ("listening-ports", "containers"):
        got = client.ask(f"/workspaceagents/{agent.id}/{way}")
        assert (got.status, got.message) == (400, 'Agent state is "timeout", it must be in the "connected" state.')
    assert client.ask(f"/workspaceagents/{agent.id}/containers?label=x").message == "Invalid label format"


def test_an_agents_own_error_is_passed_on(client: Client, small: Small) -> None:
    """Status, message and detail are the agent's."""
    agent = small.workspace("web").latest.agents[0]

    def fail() -> ContainerListing:
        raise AgentError("Could not get containers", detail="no docker", status=503)

    agent.containers = fail
    got = client.ask(f"/workspaceagents/{agent.id}/containers")
    assert (got.status, got.json) == (503, {"message": "Could not get containers", "detail": "no docker"})


def test_labels_are_anded_and_filter_containers_only(client: Client, small: Small) -> None:
    """All labels must match, an empty value matches any, the last of two for one key wins; the rest stays."""
    agent = small.workspace("web").latest.agents[0]

    def container(name: str, **labels: str) -> Container:
        return Container(name, name, "2026-03-12T09:00:00.123456789Z", "debian", True, "running", labels=labels)

    both = [container("one", a="1", b="2"), container("two", a="1"), container("three")]
    dev = Devcontainer("id", "dc", "/work", status="stopped")
    agent.containers = lambda: ContainerListing(both, [dev], ["careful"])

    def names(query: str) -> str:
        body = client.ask(f"/workspaceagents/{agent.id}/containers?{query}").json
        assert (len(body["devcontainers"]), body["warnings"]) == (1, ["careful"])
        return " ".join(one["name"] for one in body["containers"])

    assert names("") == "one two three"
    assert names("label=a=1") == "one two"
    assert names("label=a=1&label=b=2") == "one"
    assert names("label=b=") == "one"
    assert names("label=a=9&label=a=1") == "one two"
    assert names("label=a=9") == ""


def test_a_slow_agent_keeps_nobody_else_waiting(client: Client, small: Small) -> None:
    """While one request waits for an agent, others are answered."""
    asked, released = threading.Event(), threading.Event()
    agent = small.workspace("web").latest.agents[0]

    def slow() -> list[ListeningPort]:
        asked.set()
        released.wait(10)
        return []

    agent.ports = slow
    statuses: list[int] = []
    path = f"/workspaceagents/{agent.id}/listening-ports"
    waiting = threading.Thread(target=lambda: statuses.append(client.ask(path).status))
    waiting.start()
    assert asked.wait(10)
    assert client.ask("/users/me").status == 200
    assert statuses == []
    released.set()
    waiting.join(10)
    assert statuses == [200]
