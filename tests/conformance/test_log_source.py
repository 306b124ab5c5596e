"""POST /workspaceagents/me/log-source"""

from __future__ import annotations

import uuid

from coder_nb.client import Agent
from coder_nb.within import Inside

from .conftest import Target
from .me_routes import refuses_bodies_that_are_none, refuses_other_tokens, with_agent_token

PATH = "/workspaceagents/me/log-source"


def stored(agent: Agent, id: str) -> tuple[str, str]:
    """Name and icon of a source, as the agent shows it."""
    return next((one.display_name, one.icon) for one in agent.refresh().log_sources if one.id == id)


def test_a_source_is_registered(me: Inside, agent: Agent) -> None:
    """With its name and icon, for this agent."""
    id = str(uuid.uuid4())
    source = me.api.me.create_log_source(id=id, display_name="Notebook", icon="/emojis/1f4d3.png")
    assert (source.id, source.workspace_agent_id) == (id, agent.id)
    assert stored(agent, id) == ("Notebook", "/emojis/1f4d3.png")


def test_the_status_is_created(me: Inside, target: Target) -> None:
    """201, the second time too."""
    body = {"id": str(uuid.uuid4()), "display_name": "Notebook"}
    assert [with_agent_token(target, "POST", PATH, body).status for _ in range(2)] == [201, 201]


def test_a_source_that_is_there_stays_as_it_is(me: Inside, agent: Agent) -> None:
    """Though the answer repeats what was sent."""
    id = str(uuid.uuid4())
    me.api.me.create_log_source(id=id, display_name="First", icon="a")
    assert me.api.me.create_log_source(id=id, display_name="Second", icon="b").display_name == "Second"
    assert stored(agent, id) == ("First", "a")


def test_a_long_name_is_cut(me: Inside, agent: Agent) -> None:
    """At 127 characters, in what is stored."""
    id = str(uuid.uuid4())
    assert me.api.me.create_log_source(id=id, display_name="n" * 200).display_name == "n" * 200
    assert stored(agent, id)[0] == "n" * 127


def test_a_source_without_an_id_has_the_nil_one(me: Inside, target: Target) -> None:
    """Which is an id like any other."""
    got = with_agent_token(target, "POST", PATH, {"display_name": "NoId"})
    assert (got.status, got.body["id"]) == (201, "00000000-0000-0000-0000-000000000000")


def test_bodies_that_are_none_are_refused(me: Inside, target: Target) -> None:
    """With what is wrong with them."""
    refuses_bodies_that_are_none(target, "POST", PATH)
    assert with_agent_token(target, "POST", PATH, {"id": "xyz"}).detail == "invalid UUID length: 3"
    assert "display_name of type string" in with_agent_token(target, "POST", PATH, {"display_name": 5}).detail


def test_other_tokens_are_refused(me: Inside, target: Target) -> None:
    """It is for agents only."""
    refuses_other_tokens(target, "POST", PATH)
