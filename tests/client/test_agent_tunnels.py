"""Ports of an agent here: of the workspace and of its containers, over HTTP, and never in a dry run."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from coder_nb.client import Agent, Coder, connect
from coder_nb.embedded.scenario import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.errors import AgentUnavailable, ConfirmationRequired, Invalid, NotFound
from tests.remote.tunnel.ends import dial, echo, listening, read, there_and_back


@pytest.fixture
def coder() -> Iterator[Coder]:
    """A connection to a deployment of its own, in this process."""
    with Embedded(load_scenario()) as server, connect(server.url, token=server.token) as coder:
        yield coder


@pytest.fixture
def agent(coder: Coder) -> Agent:
    """The agent of the workspace `web`."""
    return coder.agent("web")


def test_a_port_of_a_container_is_reached_from_in_there(agent: Agent) -> None:
    """The relay runs in it; a container that is not there, or a user without one, is refused."""
    container = next(it for it in agent.listing().containers or [] if it.running)
    with listening(echo) as port, agent.forward(port, container=container.name) as tunnel:
        assert there_and_back(tunnel.port, b"abc") == b"abc"
        assert container.id[:12] in repr(tunnel) or container.name in repr(tunnel)
    with pytest.raises(NotFound, match="no container"):
        agent.forward(80, container="no-such-container")
    with pytest.raises(Invalid, match="in a container only"):
        agent.forward(80, container_user="root")


def test_an_answer_comes_over_http(agent: Agent) -> None:
    """Paths are the port's, and the tunnel ends with the session."""

    def answer(sock: object) -> None:
        assert hasattr(sock, "recv") and hasattr(sock, "sendall")
        head = sock.recv(65536)
        line = head.split(b"\r\n")[0]
        sock.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(line), line))

    with listening(answer) as port, agent.http(port) as app:
        assert app.get("/a/b?c=d").text == "GET /a/b?c=d HTTP/1.1"
        tunnel = app.tunnel
    assert tunnel.closed  # type: ignore[attr-defined]


def test_a_dry_run_opens_nothing(coder: Coder, agent: Agent) -> None:
    """Neither a terminal there nor a port here."""
    coder.api.http.dry_run = True
    with pytest.raises(ConfirmationRequired):
        agent.forward(80)
    coder.api.http.dry_run = False


def test_a_stopped_workspace_says_so(coder: Coder) -> None:
    """Rather than that something could not be opened."""
    frame = coder.workspaces("status:stopped")
    with pytest.raises(AgentUnavailable):
        coder.agent(f"{frame.owner[0]}/{frame.name[0]}").forward(80)
    assert not any(thread.name == "coder-nb:tunnel" for thread in threading.enumerate())


def test_several_tunnels_are_side_by_side(agent: Agent) -> None:
    """Each with a port of its own, to the same place or another."""
    with listening(echo) as port, agent.forward(port) as one, agent.forward(port) as two:
        assert one.port != two.port
        with dial(one.port) as first, dial(two.port) as second:
            first.sendall(b"1")
            second.sendall(b"2")
            assert (read(second, 1), read(first, 1)) == (b"2", b"1")


def test_a_relay_of_ones_own_needs_no_port(agent: Agent) -> None:
    """What it leads to can be another on each connection."""
    with listening(echo) as one, listening(lambda sock: sock.sendall(b"hi")) as two, agent.relay() as relay:
        with relay.connect(("127.0.0.1", two)) as greeting:
            assert greeting.read(20) == b"hi"
        with relay.connect(("localhost", one)) as connection:
            connection.write(b"abc")
            assert connection.read(20) == b"abc"


def test_closing_the_connection_to_coder_closes_all_of_them(coder: Coder, agent: Agent) -> None:
    """Tunnels and relays alike."""
    tunnel, relay = agent.forward(9), agent.relay()
    coder.close()
    assert tunnel.closed and relay.over == ""
