"""Listening ports as they really are on this machine."""

from __future__ import annotations

import socket

import psutil
import pytest

from coder_nb.embedded.here import ports as module
from coder_nb.embedded.here.ports import ListeningPorts


def listener(family: socket.AddressFamily, address: str) -> socket.socket:
    """A socket that listens on a free port."""
    server = socket.socket(family)
    server.bind((address, 0))
    server.listen()
    return server


def test_an_opened_port_shows_with_its_process() -> None:
    """The port is there once, with the name of this very process."""
    with listener(socket.AF_INET, "127.0.0.1") as server:
        port = server.getsockname()[1]
        found = [one for one in ListeningPorts().read() if one.port == port]
    assert [(one.process_name, one.network) for one in found] == [(psutil.Process().name(), "tcp")]


def test_a_closed_port_is_gone() -> None:
    """A socket that no longer listens does not show."""
    server = listener(socket.AF_INET, "127.0.0.1")
    port = server.getsockname()[1]
    server.close()
    assert port not in [one.port for one in ListeningPorts().read()]


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 on this machine")
def test_an_ipv6_listener_is_not_seen() -> None:
    """As on a real agent, which reads the IPv4 table only."""
    try:
        server = listener(socket.AF_INET6, "::1")
    except OSError:
        pytest.skip("no IPv6 loopback on this machine")
    with server:
        assert server.getsockname()[1] not in [one.port for one in ListeningPorts().read()]


def test_a_connection_is_no_listener() -> None:
    """The ports of established connections stay out."""
    with listener(socket.AF_INET, "127.0.0.1") as server, socket.create_connection(server.getsockname()) as client:
        assert client.getsockname()[1] not in [one.port for one in ListeningPorts().read()]


def test_ports_are_sorted_and_kept_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second look soon after does not see a new port, and each list is its caller's own."""
    monkeypatch.setattr(module, "CACHE_SECONDS", 600.0)
    ports = ListeningPorts()
    with listener(socket.AF_INET, "127.0.0.1"):
        first = ports.read()
        assert [one.port for one in first] == sorted({one.port for one in first}) != []
        with listener(socket.AF_INET, "127.0.0.1") as later:
            assert later.getsockname()[1] not in [one.port for one in ports.read()]
        again = ports.read()
        first.clear()
        assert ports.read() == again != []


def test_without_permission_the_own_ports_remain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the whole table is closed to it, what its own processes listen on is still listed."""

    def refuse(kind: str = "inet") -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "net_connections", refuse)
    with listener(socket.AF_INET, "127.0.0.1") as server:
        port = server.getsockname()[1]
        assert port in [one.port for one in ListeningPorts().read()]
