"""Containers followed: what the server pushes, and what only asking again shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from coder_nb.client import Agent, connect
from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.embedded.state.containers import ContainerListing
from coder_nb.errors import AgentUnavailable


@pytest.fixture
def server() -> Iterator[Embedded]:
    """A deployment of this process, so that its containers can be changed under it."""
    with Embedded(load_scenario()) as server:
        yield server


@pytest.fixture
def agent(server: Embedded) -> Iterator[Agent]:
    """An agent with containers."""
    with connect(server.url, token=server.token) as coder:
        yield coder.agent("web")


def test_a_change_that_is_not_pushed_is_seen_by_asking(server: Embedded, agent: Agent) -> None:
    """A plain container that stops is such a change; lists that say the same are given once."""
    followed = agent.follow_containers(every=0.05)
    before = next(followed)
    assert before.equals(agent.containers())
    [held] = [
        held
        for workspace in server.deployment.workspaces
        for build in workspace.builds
        for resource in build.resources
        for held in resource.agents
        if str(held.id) == agent.id
    ]
    listing = held.containers()
    stopped = [replace(one, running=False, status="exited successfully") for one in listing.containers or ()]
    held.containers = lambda: ContainerListing(containers=stopped, devcontainers=listing.devcontainers)
    after = next(followed)
    assert before["running"].any() and not after["running"].any()
    followed.close()  # type: ignore[attr-defined]


def test_an_agent_that_is_not_connected_cannot_be_followed(server: Embedded) -> None:
    """Which state it is in is said when the first frame is asked for."""
    with connect(server.url, token=server.token) as coder, pytest.raises(AgentUnavailable, match="disconnected"):
        next(coder.agent("laptop").follow_containers())
