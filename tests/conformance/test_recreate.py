"""POST /workspaceagents/{id}/containers/devcontainers/{devcontainer}/recreate"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coder_nb.api.containers import Devcontainer
from coder_nb.client import Agent, Coder
from coder_nb.errors import ApiError, AuthenticationError, Conflict, Invalid, NotFound
from coder_nb.transport.http import Http

from .waiting import until

if TYPE_CHECKING:
    from .conftest import Target

ROUTE = "/workspaceagents/{id}/containers/devcontainers/{dev}/recreate"


def listed(coder: Coder, agent: Agent, id: str = "") -> Devcontainer:
    """A dev container of an agent, the first where none is named."""
    known = coder.api.containers.list(agent.id).devcontainers or []
    return next(dev for dev in known if id in ("", dev.id))


def test_an_unknown_one_is_a_404(coder: Coder, agent: Agent, nobody: str) -> None:
    """Any text is taken for an id; nobody's is not found, also where the feature is off."""
    for id in (nobody, "dc"):
        with pytest.raises(NotFound) as caught:
            coder.api.containers.recreate(agent.id, id)
        assert caught.value.message.startswith(("Devcontainer not found", "unexpected non-JSON response"))


def test_strangers_and_bad_ids_are_refused(http: Http, forger: Http, agent: Agent, nobody: str) -> None:
    """As on every route of an agent; and a GET is not what this takes."""
    with pytest.raises(AuthenticationError):
        forger.request("POST", ROUTE.format(id=agent.id, dev=nobody))
    with pytest.raises(Invalid, match="not-a-uuid"):
        http.request("POST", ROUTE.format(id="not-a-uuid", dev=nobody))
    with pytest.raises(NotFound, match="Agent doesn't exist"):
        http.request("POST", ROUTE.format(id=nobody, dev=nobody))
    with pytest.raises(ApiError) as caught:
        http.request("GET", ROUTE.format(id=agent.id, dev=nobody))
    assert caught.value.status == 405


def test_an_agent_that_is_not_connected_is_a_400(fleet: Coder, nobody: str) -> None:
    """It cannot be asked to."""
    with pytest.raises(Invalid, match='Agent state is "disconnected"'):
        fleet.api.containers.recreate(fleet.agent("laptop").id, nobody)


def test_a_dev_containers_agent_has_no_such_path(fleet: Coder, nobody: str) -> None:
    """It answers in text, which the server passes on as a 404."""
    sub = next(a for a in fleet.workspace("docs").agents() if a.record.parent_id)
    with pytest.raises(NotFound, match="unexpected non-JSON response") as caught:
        fleet.api.containers.recreate(sub.id, nobody)
    assert caught.value.detail.strip() == "404 page not found"


def test_an_id_counts_to_the_letter(fleet: Coder) -> None:
    """Upper case is another id."""
    agent = fleet.agent("web")
    with pytest.raises(NotFound, match="Devcontainer not found"):
        fleet.api.containers.recreate(agent.id, listed(fleet, agent).id.upper())


def test_it_is_built_anew(coder: Coder, target: Target, fleet: Coder) -> None:
    """202, starting at once and without a container, 409 meanwhile, then running with another; and its log has more."""
    agent = fleet.agent("web")
    before, logged = listed(fleet, agent), fleet.api.logs.list(agent.id)[-1].id
    accepted = fleet.api.containers.recreate(agent.id, before.id)
    assert accepted.message == "Devcontainer recreation initiated" and before.name in accepted.detail
    starting = listed(fleet, agent, before.id)
    assert (starting.status, starting.container, starting.error) == ("starting", None, "")
    with pytest.raises(Conflict, match="already in progress"):
        fleet.api.containers.recreate(agent.id, before.id)
    done = until(lambda: listed(fleet, agent, before.id), lambda dev: dev.status != "starting", seconds=300)
    assert (done.status, done.dirty) == ("running", False)
    assert done.container is not None and before.container is not None
    assert done.container.id != before.container.id
    assert fleet.api.logs.list(agent.id, after=logged)
