"""GET /workspaceagents/{id}/listening-ports"""

from __future__ import annotations

import socket

import pytest

from coder_nb.client import Agent, Coder
from coder_nb.errors import AgentUnavailable, Invalid
from coder_nb.transport.http import Http

from .agent_routes import refuses_bad_ids, refuses_strangers
from .waiting import until

ROUTE = "/workspaceagents/{id}/listening-ports"
HIDDEN = {20, 21, 22, 23, 25, 53, 110, 143, 179, 389, 465, 587, 636, 989, 990, 993, 995, 3306, 3389, 5432, 27017}


def test_ports_are_tcp_and_none_is_on_the_block_list(coder: Coder, agent: Agent) -> None:
    """Only ports from 9 on that the server does not hide."""
    ports = coder.api.ports.list(agent.id)
    assert all(port.network == "tcp" and 9 <= port.port <= 65535 for port in ports)
    assert not HIDDEN & {port.port for port in ports}
    assert [port.port for port in ports] == sorted({port.port for port in ports})


def test_ports_of_apps_are_left_out(coder: Coder, agent: Agent) -> None:
    """An app's own port is reached through the app."""
    of_apps = {port for app in agent.record.apps if (port := _port(app.url)) is not None}
    assert not of_apps & {port.port for port in coder.api.ports.list(agent.id)}


def _port(url: str) -> int | None:
    from urllib.parse import urlsplit

    return urlsplit(url).port if "://" in url else None


def test_strangers_are_refused(agent: Agent, stranger: Http, forger: Http) -> None:
    """Without a good token there are no ports."""
    refuses_strangers(ROUTE, agent.id, stranger, forger)


def test_bad_ids_are_refused(http: Http, nobody: str) -> None:
    """Not a uuid, and nobody's uuid."""
    refuses_bad_ids(ROUTE, nobody, http)


@pytest.mark.parametrize(("name", "state"), [("laptop", "disconnected"), ("archive", "disconnected")])
def test_an_agent_that_is_not_connected_is_a_400(fleet: Coder, name: str, state: str) -> None:
    """The server names the state; the client says what to do about it."""
    agent = fleet.agent(name)
    with pytest.raises(Invalid, match=f'Agent state is "{state}", it must be in the "connected" state'):
        fleet.api.ports.list(agent.id)
    with pytest.raises(AgentUnavailable) as caught:
        agent.ports()
    assert caught.value.hint


def test_a_port_opened_on_this_machine_appears(fleet: Coder) -> None:
    """`here` reports what really listens on this machine, by the name of the process."""
    here = fleet.agent("here")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        # The agent may answer from a cache that is 1 s old.
        ports = until(lambda: fleet.api.ports.list(here.id), lambda ports: any(p.port == port for p in ports))
    [found] = [p for p in ports if p.port == port]
    assert found.process_name
