"""Tunnels of agents: whose they are, what a restart of the workspace does to them, and their page in a notebook."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from coder_nb.client import Coder, connect
from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded
from tests.remote.tunnel.ends import listening, said


@pytest.fixture
def port() -> Iterator[int]:
    """A port of every workspace, since all are on this machine, whose server says hello."""
    with listening(lambda connection: connection.sendall(b"hello")) as port:
        yield port


def test_after_a_restart_it_leads_to_the_new_agent(port: int) -> None:
    """Of the same name, at the same port here; that the old one was lost is told."""
    with Embedded(load_scenario()) as server, connect(server.url, token=server.token) as coder:
        before = coder.agent("web")
        with before.forward(port) as tunnel:
            assert said(tunnel.port) == b"hello"
            coder.workspace("web").restart(wait=True)
            assert coder.agent("web").id != before.id
            assert said(tunnel.port) == b"hello"
            assert (tunnel.stats.sessions, tunnel.stats.drops) == (2, 1)


def _relays() -> list[psutil.Process]:
    """What relays in workspaces of this process."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if {"-I", "-S", "-c"} <= set(child.cmdline()):
                found.append(child)
    return found


def test_a_process_that_ends_leaves_nothing_there(port: int) -> None:
    """Though it closed nothing: a relay that is only left alone waits for minutes."""
    before = _relays()
    with Embedded(load_scenario()) as server:
        environment = os.environ | {"CODER_URL": server.url, "CODER_SESSION_TOKEN": server.token.reveal()}
        script = f"import coder_nb; tunnel = coder_nb.connect().agent('web').forward({port}); print(tunnel.stats.state)"
        command = [sys.executable, "-c", script + "; input()"]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
            assert process.stdout is not None and process.stdout.readline() == "open\n"
            relays = [relay for relay in _relays() if relay not in before]
            assert relays
            _, said = process.communicate("\n", timeout=60)
        assert psutil.wait_procs(relays, timeout=20)[1] == []
        assert (process.returncode, said) == (0, "")


def test_they_are_listed_as_long_as_they_are_open(coder: Coder, port: int) -> None:
    """Oldest first, with the container they lead into; none of another connection."""
    web = coder.agent("web")
    assert len(coder.tunnels()) == 0
    with web.forward(port) as one, web.forward(port, container="web-postgres-1") as other:
        listed = coder.tunnels()
        assert list(listed["local"]) == [one.url, other.url]
        assert list(listed["container"].fillna("")) == ["", "web-postgres-1"]
        assert set(listed["workspace"]) == {"web"} and set(listed["agent"]) == {"main"}
        assert "web-postgres-1 of web.main" in repr(other)
    assert len(coder.tunnels()) == 0


def test_only_the_agents_own_ports_have_an_address_here(coder: Coder) -> None:
    """Not those of a container, of another host, or of another agent; of several tunnels the newest counts."""
    web = coder.agent("web")

    def addresses() -> dict[int, str]:
        ports = web.ports()
        led = ports[ports["local"].notna()]
        return dict(zip(led["port"], led["local"], strict=True))

    others = [web.forward(5173, host="10.0.0.1"), web.forward(5173, container="web-postgres-1")]
    others += [coder.agent("docs").forward(5173), web.forward("/run/app.sock")]
    assert addresses() == {}
    with web.forward(5173), web.forward(5173, host="localhost") as newest, web.forward(8080) as app:
        assert addresses() == {5173: newest.url, 8080: app.url}
    assert addresses() == {}
    for other in others:
        other.close()


@pytest.mark.parametrize("path", ["docs/", "/docs/", "//docs/", "http://evil.example.com/"])
def test_the_page_it_shows_is_its_own(coder: Coder, port: int, path: str) -> None:
    """Whatever the path says; and it ends with the tunnel."""
    with coder.agent("web").forward(port) as tunnel:
        view = tunnel.show(path)
        assert view.url == f"{tunnel.url}/{path.lstrip('/')}"
        assert f"127.0.0.1:{port} of web.main" in repr(view)
    assert "ended: the tunnel is closed" in repr(view)
