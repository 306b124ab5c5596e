"""GET /workspaceagents/{id}/coordinate, over WebSocket: calls"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from coder_nb.client import Agent, Coder
from coder_nb.errors import AuthenticationError, Invalid, NotFound
from coder_nb.rpc.dialling import Rpc
from coder_nb.transport.http import Http

SECONDS = 20.0


def test_a_connected_agent_has_told_where_it_can_be_reached(coder: Coder, agent: Agent) -> None:
    """Its home, its latencies, its address; by its own clock, a while ago at most."""
    with coder.rpc.coordinate(agent.id) as coordination:
        node = coordination.node(agent.id, timeout=SECONDS)
    assert node is not None and node.preferred_region and node.latencies and node.key.startswith(b"np".hex())
    assert any(one.region == node.preferred_region and one.ms >= 0 for one in node.latencies)
    # Made of the last ten bytes of its uuid.
    tail = uuid.UUID(agent.id).hex[12:]
    assert any(address.replace(":", "").removesuffix("/128").endswith(tail) for address in node.addresses)
    assert node.as_of is None or abs(datetime.now(UTC) - node.as_of) < timedelta(days=1)


def test_an_agent_that_is_not_asked_about_is_not_told_of(coder: Coder, agent: Agent) -> None:
    """The last word about it is that it is disconnected, in the coordinator's own words."""
    with coder.rpc.coordinate(agent.id) as coordination:
        assert coordination.node(agent.id, timeout=SECONDS) is not None
        coordination.remove(agent.id)
        update = coordination.receive(SECONDS)
        assert update is not None and (update.agent_id, update.kind) == (agent.id, "disconnected")
        # Asked anew, it is told anew.
        assert coordination.node(agent.id, timeout=SECONDS) is not None


def test_a_node_that_has_been_told_is_not_told_again(coder: Coder, agent: Agent) -> None:
    """Asking twice is harmless, and answered once."""
    with coder.rpc.coordinate(agent.id) as coordination:
        assert coordination.node(agent.id, timeout=SECONDS) is not None
        coordination.add(agent.id)
        with pytest.raises(TimeoutError):
            coordination.receive(0.5)


def test_any_other_agent_ends_it(coder: Coder, agent: Agent, nobody: str) -> None:
    """This endpoint is for one."""
    with coder.rpc.coordinate(agent.id) as coordination:
        coordination.add(nobody)
        with pytest.raises(NotFound, match="invalid agent id"):
            coordination.receive(SECONDS)
        assert coordination.receive(SECONDS) is None


def test_leaving_is_said_and_answered(coder: Coder, agent: Agent) -> None:
    """Twice is once; nothing waits any more."""
    coordination = coder.rpc.coordinate(agent.id)
    assert coordination.node(agent.id, timeout=SECONDS) is not None
    coordination.close()
    coordination.close()
    assert coordination._answers.ended


def test_silence_about_an_agent_that_is_away(fleet: Coder) -> None:
    """There is no word for it."""
    away = fleet.agent("laptop")
    assert away.record.status == "disconnected"
    with fleet.rpc.coordinate(away.id) as coordination:
        assert coordination.node(away.id, timeout=0.3) is None


def test_an_agent_that_is_stopped_and_started_is_told_of(fleet: Coder) -> None:
    """Gone in words that are no loss; the new start's agent is another."""
    agent = fleet.agent("notebook")
    with fleet.rpc.coordinate(agent.id) as coordination:
        assert coordination.node(agent.id, timeout=SECONDS) is not None
        fleet.workspace("notebook").stop(wait=True, timeout=SECONDS)
        update = coordination.receive(SECONDS)
        assert update is not None and update.kind == "disconnected" and update.node is None
    fleet.workspace("notebook").start(wait=True, timeout=SECONDS)
    again = fleet.workspace("notebook").refresh().agent()
    assert again.id != agent.id
    with fleet.rpc.coordinate(again.id) as coordination:
        assert coordination.node(again.id, timeout=SECONDS) is not None


def test_unknown_agents_and_strangers_are_refused(coder: Coder, forger: Http, agent: Agent, nobody: str) -> None:
    """Before the upgrade; what is no uuid is not even asked about."""
    with pytest.raises(NotFound, match="Agent doesn't exist"):
        coder.rpc.coordinate(nobody)
    with pytest.raises(AuthenticationError):
        Rpc(forger).coordinate(agent.id)
    with pytest.raises(Invalid, match="not a uuid"):
        coder.rpc.coordinate("zz")


def test_a_version_must_be_asked_for(http: Http, agent: Agent) -> None:
    """What counts where none is, is too old to be spoken."""
    path = f"/workspaceagents/{agent.id}/coordinate"
    with pytest.raises(Invalid, match="Unknown or unsupported API version"):
        http.websocket(path)
    http.websocket(path, query={"version": "2.0"}).close()


def test_an_agent_at_a_glance_has_its_home(agent: Agent) -> None:
    """As `%coder network` shows it."""
    seen = agent.network()
    assert seen.node is not None and seen.preferred and not seen.why_no_node
    assert len(seen.latencies) == len(seen.node.latencies) and len(seen.endpoints) == len(seen.node.endpoints)
