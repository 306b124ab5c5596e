"""GET /tailnet, over WebSocket: calls"""

from __future__ import annotations

import http.client
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from coder_nb.client import Agent, Coder
from coder_nb.errors import AuthenticationError, Invalid, NotFound, TransportError
from coder_nb.rpc.dialling import Rpc
from coder_nb.rpc.records import WorkspaceUpdate
from coder_nb.rpc.tailnet import Tailnet
from coder_nb.transport.http import Http

from .conftest import Target

SECONDS = 20.0


@pytest.fixture
def tailnet(coder: Coder) -> Iterator[Tailnet]:
    """A session."""
    with coder.rpc.tailnet() as session:
        yield session


def first(tailnet: Tailnet, owner_id: str) -> WorkspaceUpdate:
    """All workspaces of an owner."""
    with tailnet.workspace_updates(owner_id) as updates:
        update = updates.receive(SECONDS)
    assert update is not None
    return update


def test_the_first_update_is_all_there_is(tailnet: Tailnet, coder: Coder) -> None:
    """As the list has it: names, statuses, agents; nothing is deleted."""
    update = first(tailnet, coder.user().id)
    listed = list(coder.api.workspaces.iterate("owner:me"))
    told = {(one.id, one.name, one.status) for one in update.upserted_workspaces}
    assert told == {(one.id, one.name, one.latest_build.status) for one in listed}
    agents = {(agent.id, agent.name, one.id) for one in listed for agent in one.latest_build.agents}
    assert {(one.id, one.name, one.workspace_id) for one in update.upserted_agents} == agents
    assert not update.deleted_workspaces and not update.deleted_agents


def test_an_owner_who_is_nobody_has_no_workspaces(tailnet: Tailnet, nobody: str) -> None:
    """An empty message, not an error."""
    assert first(tailnet, nobody) == WorkspaceUpdate()


def test_what_is_no_id_is_refused_before_it_is_sent(tailnet: Tailnet) -> None:
    """The server would just end the call."""
    with pytest.raises(Invalid, match="not a uuid"):
        tailnet.workspace_updates("me")


def test_a_stop_and_a_start_are_told_as_they_happen(tailnet: Tailnet, fleet: Coder) -> None:
    """What differs each time, and nothing else; the agents are others afterwards."""
    workspace = fleet.workspace("docs")
    with tailnet.workspace_updates(fleet.user().id) as updates:
        known = updates.receive(SECONDS)
        assert known is not None
        before = {one.id for one in known.upserted_agents if one.workspace_id == workspace.record.id}
        seen: list[str] = []
        gone: set[str] = set()
        workspace.stop()
        while "stopped" not in seen:
            update = updates.receive(SECONDS)
            assert update is not None
            seen += [one.status for one in update.upserted_workspaces]
            gone |= {one.id for one in update.deleted_agents}
        assert gone == before
        fleet.workspace("docs").start()
        came: set[str] = set()
        while "running" not in seen:
            update = updates.receive(SECONDS)
            assert update is not None
            seen += [one.status for one in update.upserted_workspaces]
            came |= {one.id for one in update.upserted_agents}
        assert came and not came & before
        assert seen.index("stopping") < seen.index("stopped") < seen.index("starting") < seen.index("running")


def test_the_relays_are_those_of_the_connection(tailnet: Tailnet, coder: Coder) -> None:
    """At once, and then silence."""
    with tailnet.derp_maps() as maps:
        relays = maps.receive(SECONDS)
        assert relays is not None
        with pytest.raises(TimeoutError):
            maps.receive(0.2)
    known = coder.api.connection.generic().derp_map.regions or {}
    assert {(one.id, one.code, one.name) for one in relays.regions} == {
        (one.region_id, one.region_code, one.region_name) for one in known.values() if one
    }


def test_several_agents_on_one_stream(tailnet: Tailnet, agent: Agent) -> None:
    """Where one can be reached comes at once; an agent that may not be asked about ends it."""
    with tailnet.coordinate() as coordination:
        node = coordination.node(agent.id, timeout=SECONDS)
        assert node is not None and node.addresses
        coordination.add(str(uuid.uuid4()))
        with pytest.raises(NotFound, match="workspace agent not found"):
            coordination.receive(SECONDS)
        assert coordination.receive(SECONDS) is None


def test_calls_do_not_disturb_each_other(tailnet: Tailnet, coder: Coder, nobody: str) -> None:
    """Many on one session, one after another and at the same time."""
    with tailnet.derp_maps() as maps, tailnet.workspace_updates(nobody) as updates:
        for _ in range(20):
            assert first(tailnet, nobody) == WorkspaceUpdate()
        assert maps.receive(SECONDS) is not None and updates.receive(SECONDS) is not None


@pytest.mark.parametrize("version", ["2.0", "2.3"])
def test_versions_that_are_spoken(http: Http, version: str) -> None:
    """Any of the second kind up to the server's own."""
    http.websocket("/tailnet", query={"version": version}).close()


@pytest.mark.parametrize("version", ["1.0", "3.0", "2.99", "abc", "2", "2.x", "2.0.1"])
def test_versions_that_are_not(http: Http, version: str) -> None:
    """With the reason, and before the upgrade."""
    with pytest.raises(Invalid, match="Unknown or unsupported API version") as caught:
        http.websocket("/tailnet", query={"version": version})
    assert [refused.field for refused in caught.value.validations] == ["version"]


def test_a_bad_resume_token_is_no_bad_session(http: Http) -> None:
    """The field tells them apart."""
    with pytest.raises(AuthenticationError) as caught:
        http.websocket("/tailnet", query={"version": "2.3", "resume_token": "x"})
    assert "resume token" in str(caught.value).lower()


def test_strangers_are_refused(forger: Http) -> None:
    """A token that is none."""
    with pytest.raises(AuthenticationError):
        Rpc(forger).tailnet()


def test_a_plain_request_is_no_session(target: Target) -> None:
    """It asks for an upgrade."""
    url = urlsplit(target.url)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.hostname or "", url.port, timeout=SECONDS)
    connection.request("GET", "/api/v2/tailnet?version=2.0", headers={"Coder-Session-Token": target.token.reveal()})
    assert connection.getresponse().status == 426
    connection.close()


def test_leaving_ends_what_waits(coder: Coder, nobody: str) -> None:
    """A closed session's calls are told so."""
    session = coder.rpc.tailnet()
    updates = session.workspace_updates(nobody)
    assert updates.receive(SECONDS) is not None
    session.close()
    with pytest.raises(TransportError, match="closed here"):
        updates.receive(SECONDS)
