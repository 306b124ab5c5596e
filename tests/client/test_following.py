"""What can be followed about an agent, as people use it: iterators that end with their connection."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from coder_nb.client import Agent, Coder, connect
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.embedded.state.agents import Agent as HeldAgent
from coder_nb.errors import AgentUnavailable, InvalidCommand
from coder_nb.streams.feed import Feed

NOW = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[Embedded]:
    """A deployment of this process; a second is a thousandth of one."""
    with Embedded(load_scenario()) as server:
        server.site.second = 0.001
        yield server


@pytest.fixture
def coder(server: Embedded) -> Iterator[Coder]:
    """A connection to it."""
    with connect(server.url, token=server.token) as coder:
        yield coder


@pytest.fixture
def agent(coder: Coder) -> Agent:
    """An agent with a log, metadata, containers and ports."""
    return coder.agent("web")


def held(server: Embedded, agent: Agent) -> HeldAgent:
    """The deployment's own side of it."""
    return next(
        held
        for workspace in server.deployment.workspaces
        for build in workspace.builds
        for resource in build.resources
        for held in resource.agents
        if str(held.id) == agent.id
    )


def test_followed_logs_begin_with_what_there_is(agent: Agent) -> None:
    """The same lines as `logs` gives, each once."""
    plain = agent.logs()
    followed = agent.follow_logs()
    assert [next(followed).id for _ in range(len(plain))] == plain["id"].tolist()


@pytest.mark.parametrize(
    "conditions",
    [{"level": "warn"}, {"grep": "(?i)error|ready"}, {"source": "start web service"}, {"since": "2020-01-01"}],
    ids=lambda conditions: next(iter(conditions)),
)
def test_conditions_mean_what_they_mean_for_logs(agent: Agent, conditions: dict[str, str]) -> None:
    """The two must not differ in what a level, a source, a pattern or a time is."""
    plain = agent.logs(**conditions)  # type: ignore[arg-type]
    assert len(plain)
    followed = agent.follow_logs(**conditions)  # type: ignore[arg-type]
    assert [next(followed).id for _ in range(len(plain))] == plain["id"].tolist()


def test_a_source_may_be_registered_later(server: Embedded, agent: Agent) -> None:
    """By its id; the name of a source nobody has registered cannot be meant."""
    with pytest.raises(InvalidCommand, match="no log source 'start web servce'") as caught:
        agent.follow_logs(source="start web servce")
    assert "Start web service" in str(caught.value.hint)
    last = int(agent.logs()["id"].max())
    source = agent.record.log_sources[0]
    followed = agent.follow_logs(source=source.display_name, after=last)
    held(server, agent).logs.append("another", [("info", "not this")], at=NOW)
    held(server, agent).logs.append(source.id, [("info", "this")], at=NOW)
    assert next(followed).output == "this"


@pytest.mark.parametrize("wrong", [{"level": "loud"}, {"grep": "("}, {"since": "soon"}])
def test_what_cannot_be_meant_is_said_at_once(agent: Agent, wrong: dict[str, str]) -> None:
    """Not when the first line is asked for."""
    with pytest.raises(InvalidCommand):
        agent.follow_logs(**wrong)  # type: ignore[arg-type]


def test_metadata_and_ports_are_frames_as_they_are_read(agent: Agent) -> None:
    """The first is how it is now."""
    assert next(agent.follow_metadata())["key"].equals(agent.metadata()["key"])
    assert next(agent.follow_ports()).equals(agent.ports())


def test_ports_come_again_when_they_have_changed(server: Embedded, agent: Agent) -> None:
    """And not before."""
    followed = agent.follow_ports(every=0.01)
    assert len(next(followed))
    held(server, agent).ports = list
    assert not (next(followed)["via"] == "listening").any()


def test_an_agent_that_is_not_connected_cannot_be_followed(coder: Coder) -> None:
    """Which state it is in is said when the first one is asked for."""
    with pytest.raises(AgentUnavailable, match="disconnected"):
        next(coder.agent("laptop").follow_ports())


def test_closing_the_connection_ends_every_wait(coder: Coder, agent: Agent) -> None:
    """What follows in other threads comes to its end, and no thread of ours is left."""
    before = set(threading.enumerate())
    ended: list[Iterator[object]] = []

    def follow(lines: Iterator[object]) -> None:
        for _ in lines:
            begun.release()
        ended.append(lines)

    begun = threading.Semaphore(0)
    waits = [agent.follow_logs(), agent.follow_metadata(), agent.follow_containers(), agent.follow_ports()]
    threads = [threading.Thread(target=follow, args=(wait,)) for wait in waits]
    for thread in threads:
        thread.start()
        assert begun.acquire(timeout=10)
    coder.close()
    for thread in threads:
        thread.join(5)
    assert len(ended) == 4
    assert not [thread for thread in set(threading.enumerate()) - before if thread.name.startswith("coder-nb:")]


def test_who_stops_iterating_stops_the_stream(agent: Agent) -> None:
    """The last one to leave ends it: no thread goes on for nobody."""
    for _ in agent.follow_logs():
        break
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("coder-nb:logs")]


@pytest.mark.parametrize("path", ["*/listening-ports", "*/logs", "*/watch-metadata-ws"])
def test_closing_the_connection_ends_what_is_under_way(server: Embedded, coder: Coder, agent: Agent, path: str) -> None:
    """A question without an answer yet, or a stream that is being opened: no thread waits for the server."""
    server.faults.add(Fault("latency", path=path, seconds=20, times=None))
    feeds: dict[str, Feed[Any]] = {
        "*/listening-ports": agent.feed_ports(),
        "*/logs": agent.feed_logs(),
        "*/watch-metadata-ws": agent.feed_metadata(),
    }
    listener = feeds[path].listen()
    while not server.faults.struck:
        listener.wait(0.01)
    coder.close()
    assert listener.closed
    mine = [thread.name for thread in threading.enumerate() if thread.name.endswith("web.main")]
    assert mine == []
