"""GET /workspaceagents/{id}/containers/watch, over WebSocket"""

from __future__ import annotations

import pytest

from coder_nb.client import Agent, Coder
from coder_nb.errors import ApiError, AuthenticationError, Invalid, NotFound
from coder_nb.transport.http import Http

ROUTE = "/workspaceagents/{id}/containers/watch"


def test_the_first_message_is_the_whole_list(coder: Coder, agent: Agent) -> None:
    """At once, like the plain call's; where that is refused, this is too."""
    try:
        plain = coder.api.containers.list(agent.id)
    except ApiError:
        with pytest.raises((ApiError, StopIteration)):
            next(coder.api.containers.watch(agent.id))
        return
    with coder.api.containers.watch(agent.id) as stream:
        first = next(stream)
    assert {c.id for c in first.containers or []} == {c.id for c in plain.containers or []}
    assert {d.id for d in first.devcontainers or []} == {d.id for d in plain.devcontainers or []}


def test_dev_containers_come_along(fleet: Coder) -> None:
    """The same object as the plain call's."""
    agent = fleet.agent("web")
    with fleet.api.containers.watch(agent.id) as stream:
        assert next(stream) == fleet.api.containers.list(agent.id)


def test_an_agent_that_is_not_connected_is_a_400(fleet: Coder) -> None:
    """Before the upgrade."""
    with pytest.raises(Invalid, match='Agent state is "disconnected"'):
        fleet.api.containers.watch(fleet.agent("laptop").id)


def test_refusals(coder: Coder, stranger: Http, forger: Http, agent: Agent, nobody: str) -> None:
    """The same error class, whatever the transport."""
    for client, anonymous in ((stranger, True), (forger, False)):
        with pytest.raises(AuthenticationError):
            client.websocket(ROUTE.format(id=agent.id), anonymous=anonymous)
    with pytest.raises(NotFound):
        coder.api.containers.watch(nobody)
    with pytest.raises(Invalid):
        coder.api.containers.watch("not-a-uuid")
