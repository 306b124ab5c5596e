"""GET /workspaceagents/{id}/connection and GET /workspaceagents/connection"""

from __future__ import annotations

import pytest

from coder_nb.client import Agent, Coder
from coder_nb.errors import AuthenticationError
from coder_nb.transport.http import Http

from .agent_routes import refuses_bad_ids, refuses_strangers, takes_every_form_of_uuid

ROUTE = "/workspaceagents/{id}/connection"


def test_there_is_a_relay_and_its_nodes_belong_to_it(coder: Coder, agent: Agent) -> None:
    """Every region is under its own number, and so are its nodes."""
    regions = coder.api.connection.agent(agent.id).derp_map.regions or {}
    assert regions
    for number, region in regions.items():
        assert region is not None and region.region_id == int(number)
        assert region.region_code and region.region_name
        assert all(node.region_id == region.region_id and node.name for node in region.nodes or [])
        assert all(node.stun_port >= -1 and 0 <= node.derp_port <= 65535 for node in region.nodes or [])


def test_every_agent_is_reached_alike(coder: Coder, agent: Agent, http: Http) -> None:
    """Without an agent the answer is the same, to the byte."""
    assert coder.api.connection.generic() == coder.api.connection.agent(agent.id)
    bodies = {http.request("GET", path).body for path in ("/workspaceagents/connection", ROUTE.format(id=agent.id))}
    assert len(bodies) == 1


@pytest.mark.parametrize("name", ["laptop", "archive", "linus/git-mirror"])
def test_it_never_asks_the_agent(fleet: Coder, name: str) -> None:
    """Disconnected, stopped, never connected: it answers all the same."""
    assert fleet.api.connection.agent(fleet.agent(name).id).derp_map.regions


def test_strangers_are_refused(agent: Agent, stranger: Http, forger: Http) -> None:
    """Without a good token there is no map."""
    refuses_strangers(ROUTE, agent.id, stranger, forger)
    for http in (stranger, forger):
        with pytest.raises(AuthenticationError):
            http.request("GET", "/workspaceagents/connection", anonymous=http is stranger)


def test_bad_ids_are_refused_and_every_form_of_a_good_one_is_taken(http: Http, agent: Agent, nobody: str) -> None:
    """As on every route of an agent."""
    refuses_bad_ids(ROUTE, nobody, http)
    takes_every_form_of_uuid(ROUTE, agent.id, http)
