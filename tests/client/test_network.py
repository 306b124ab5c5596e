"""How an agent is reached: what the server knows, and what the agent told the coordinator."""

from __future__ import annotations

import pytest

from coder_nb.api.agents import WorkspaceAgent
from coder_nb.client import Coder
from coder_nb.client.network import Told, ask, network
from coder_nb.errors import NotFound
from coder_nb.rpc.coordinate import Coordination
from coder_nb.rpc.records import Latency, PeerNode

NODE = PeerNode(
    as_of=None,
    preferred_region=999,
    latencies=(Latency(999, "v4", 4.0), Latency(999, "v6", 2.5)),
    endpoints=("10.0.0.5:41641", "8.8.8.8:41641"),
    addresses=("fd7a:115c:a1e0::1/128",),
    websocket_because={999: "<b>a proxy</b>"},
)


def test_a_connected_agent_has_a_home_and_latencies(coder: Coder) -> None:
    """As it told the coordinator; each as a frame, and all at a glance."""
    seen = coder.agent("here").network()
    assert seen.node is not None and seen.preferred == "Coder Embedded Relay"
    assert list(seen.latencies["region"]) == [999] and seen.latencies["preferred"].all()
    assert seen.endpoints.empty and not seen.direct
    text = repr(seen)
    assert "home       Coder Embedded Relay, quickest" in text and "last seen" in text and "1 measurement" in text


def test_nothing_is_asked_about_an_agent_that_is_away(coder: Coder) -> None:
    """The reason stands where its node would."""
    record = coder.agent("laptop").refresh()
    assert record.status == "disconnected"

    def never(agent_id: str) -> Coordination:
        raise AssertionError(agent_id)

    assert ask(never, record) == Told(why="the agent is disconnected")
    assert ("node", "the agent is disconnected") in coder.agent("laptop").network().rows()


def test_a_coordinator_that_refuses_hides_nothing_else(coder: Coder) -> None:
    """Its reason is shown; what the server knows is there."""
    record = coder.agent("here").refresh()

    def refuses(agent_id: str) -> Coordination:
        raise NotFound("no such route", status=404)

    told = ask(refuses, record)
    assert told == Told(why="not told: no such route")


@pytest.fixture
def record(coder: Coder) -> WorkspaceAgent:
    """A connected agent's."""
    return coder.agent("here").refresh()


def test_direct_connections_are_possible_where_it_has_addresses(coder: Coder, record: WorkspaceAgent) -> None:
    """And where the deployment allows them; what it said is escaped."""
    from msgspec.structs import replace

    connection = replace(coder.api.connection.generic(), disable_direct_connections=False)
    seen = network("dev.main", connection, record, attrs={}, told=Told(NODE))
    assert seen.direct and dict(seen.rows())["direct"] == "possible: 2 endpoints"
    assert list(seen.endpoints["reach"]) == ["private", "public"]
    assert list(seen.latencies["latency_ms"]) == [2.5, 4.0]
    assert "<b>a proxy</b>" not in seen._repr_html_() and "a proxy" in seen._repr_html_()
    alone = network("dev.main", connection, record, attrs={}, told=Told(PeerNode(None, 0, (), (), ())))
    assert not alone.direct and alone.preferred is None and dict(alone.rows())["home"] == "none yet"
