"""GET /workspaceagents/{id}/containers"""

from __future__ import annotations

import pytest

from coder_nb.client import Agent, Coder
from coder_nb.errors import AgentUnavailable, ApiError, Invalid, PermissionDenied, ServerError
from coder_nb.transport.http import Http

from .agent_routes import refuses_bad_ids, refuses_strangers

ROUTE = "/workspaceagents/{id}/containers"


def test_it_answers_with_lists_or_says_why_not(coder: Coder, agent: Agent, target: object) -> None:
    """An agent has containers, none, the feature turned off (403), or no docker (500): each is told apart."""
    try:
        listing = coder.api.containers.list(agent.id)
    except (PermissionDenied, ServerError) as error:
        assert error.message
        return
    for container in listing.containers or []:
        assert container.id and container.name and container.image


@pytest.mark.parametrize("label", ["novalue", "a=b=c", ""])
def test_a_bad_label_is_refused(http: Http, agent: Agent, label: str) -> None:
    """A label is `key=value` with exactly one equals sign."""
    with pytest.raises(Invalid, match="Invalid label format"):
        http.request("GET", ROUTE.format(id=agent.id), query={"label": [label]})


def test_labels_filter_containers_only(fleet: Coder) -> None:
    """All labels must match; an empty value takes any; dev containers are never filtered."""
    agent = fleet.agent("web")
    every = fleet.api.containers.list(agent.id)
    assert every.containers and every.devcontainers
    labelled = next(c for c in every.containers if c.labels)
    key, value = next(iter((labelled.labels or {}).items()))
    same = fleet.api.containers.list(agent.id, label=[f"{key}={value}"])
    assert labelled in (same.containers or [])
    assert all((c.labels or {}).get(key) == value for c in same.containers or [])
    assert same.devcontainers == every.devcontainers
    anything = fleet.api.containers.list(agent.id, label=[f"{key}="])
    assert all(key in (c.labels or {}) for c in anything.containers or [])
    nothing = fleet.api.containers.list(agent.id, label=[f"{key}={value}", "no-such=label"])
    assert nothing.containers == []


def test_an_exited_container_is_listed(fleet: Coder) -> None:
    """What ended is told, with its exit."""
    listing = fleet.api.containers.list(fleet.agent("web").id)
    gone = [container for container in listing.containers or [] if not container.running]
    assert gone and all(container.status.startswith("exited") for container in gone)


def test_a_dev_containers_agent_has_none_of_its_own(fleet: Coder) -> None:
    """The agent inside a dev container refuses: the feature belongs to its parent."""
    sub = next(a for a in fleet.workspace("docs").agents() if a.record.parent_id)
    with pytest.raises(ApiError) as caught:
        fleet.api.containers.list(sub.id)
    assert caught.value.status == 403


def test_strangers_are_refused(agent: Agent, stranger: Http, forger: Http) -> None:
    """Without a good token there are no containers."""
    refuses_strangers(ROUTE, agent.id, stranger, forger)


def test_bad_ids_are_refused(http: Http, nobody: str) -> None:
    """Not a uuid, and nobody's uuid."""
    refuses_bad_ids(ROUTE, nobody, http)


def test_an_agent_that_is_not_connected_is_a_400(fleet: Coder) -> None:
    """The server names the state; the client says what to do about it."""
    agent = fleet.agent("laptop")
    with pytest.raises(Invalid, match='Agent state is "disconnected"'):
        fleet.api.containers.list(agent.id)
    with pytest.raises(AgentUnavailable):
        agent.containers()
