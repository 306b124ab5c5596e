"""GET /workspaceagents/{id}"""

from __future__ import annotations

import pytest

from coder_nb.client import Agent, Coder
from coder_nb.transport.http import Http

from .agent_routes import refuses_bad_ids, refuses_strangers, takes_every_form_of_uuid

ROUTE = "/workspaceagents/{id}"


def test_it_gives_the_agent_the_workspace_shows(coder: Coder, agent: Agent) -> None:
    """The agent by id is the one nested in its workspace."""
    record = coder.api.agents.get(agent.id)
    assert (record.id, record.name, record.status) == (agent.id, agent.name, "connected")
    assert record.resource_id and record.operating_system and record.architecture
    assert record.first_connected_at is not None


def test_log_sources_join_scripts(coder: Coder, agent: Agent) -> None:
    """Every script's log source is listed."""
    record = coder.api.agents.get(agent.id)
    listed = {source.id for source in record.log_sources}
    assert {script.log_source_id for script in record.scripts} <= listed


def test_strangers_are_refused(agent: Agent, stranger: Http, forger: Http) -> None:
    """Without a good token there is no agent."""
    refuses_strangers(ROUTE, agent.id, stranger, forger)


def test_bad_ids_are_refused(http: Http, nobody: str) -> None:
    """Not a uuid, and nobody's uuid."""
    refuses_bad_ids(ROUTE, nobody, http)


def test_every_form_of_uuid_is_taken(http: Http, agent: Agent) -> None:
    """The path parameter is read as leniently as a real server reads it."""
    takes_every_form_of_uuid(ROUTE, agent.id, http)


@pytest.mark.parametrize(
    ("name", "status", "healthy"),
    [("web", "connected", True), ("api-broken", "connected", False), ("laptop", "disconnected", False)],
)
def test_states(fleet: Coder, name: str, status: str, healthy: bool) -> None:
    """Status and health of agents in different states."""
    record = fleet.agent(name).record
    assert (record.status, record.health.healthy) == (status, healthy)
    assert healthy or record.health.reason
