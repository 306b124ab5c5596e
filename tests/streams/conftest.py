"""A deployment of this process whose logs and faults a test can reach, and calls on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from coder_nb.client import Coder, connect
from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.embedded.state.agents import Agent as HeldAgent
from coder_nb.embedded.state.logs import LogStore

Log = Callable[[str], LogStore]
Held = Callable[[str], HeldAgent]


@pytest.fixture
def server() -> Iterator[Embedded]:
    """The fleet, in this process; a second is a thousandth of one."""
    with Embedded(load_scenario()) as server:
        server.site.second = 0.001
        yield server


@pytest.fixture
def coder(server: Embedded) -> Iterator[Coder]:
    """A connection to it."""
    with connect(server.url, token=server.token) as coder:
        yield coder


@pytest.fixture
def held(server: Embedded) -> Held:
    """The deployment's own side of an agent, by its id: to change it under those who follow."""

    def find(agent_id: str) -> HeldAgent:
        [held] = [
            held
            for workspace in server.deployment.workspaces
            for build in workspace.builds
            for resource in build.resources
            for held in resource.agents
            if str(held.id) == agent_id
        ]
        return held

    return find


@pytest.fixture
def log(held: Held) -> Log:
    """The log an agent's id leads to, to write to."""
    return lambda agent_id: held(agent_id).logs
