"""Following an owner's workspaces: what changes is told, and nothing is asked for meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from coder_nb.api.workspaces import Workspace
from coder_nb.client import Coder, connect
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.streams import workspaces
from coder_nb.streams.feed import Gap, Listener

SECONDS = 20.0


@pytest.fixture
def server() -> Iterator[Embedded]:
    """The simulated fleet, in this process: what it is asked can be counted."""
    with Embedded(load_scenario()) as server:
        yield server


@pytest.fixture
def coder(server: Embedded) -> Iterator[Coder]:
    """A connection to it."""
    with connect(server.url, token=server.token) as coder:
        yield coder


def until(listener: Listener[list[Workspace]], name: str, status: str) -> None:
    """Waits until the workspace has the status."""
    while True:
        for found in listener.take():
            assert not isinstance(found, Gap)
            if any(one.name == name and one.latest_build.status == status for one in found):
                return
        assert listener.state.name != "ended", listener.state.text
        assert listener.wait(SECONDS), listener.state.text


def test_a_start_elsewhere_is_told_without_being_asked_for(
    server: Embedded, coder: Coder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists are asked for once at first and once a change, however long nothing happens."""
    # The fleet has an agent that is on its way for ever, which would be looked at now and then.
    monkeypatch.setattr(workspaces, "SOON", 60.0)
    with coder.feed_workspaces().listen() as listener, connect(server.url, token=server.token) as elsewhere:
        until(listener, "archive", "stopped")
        server.faults.add(Fault("latency", path="/api/v2/workspaces", method="GET", times=None))
        assert not listener.wait(0.5) and server.faults.struck == 0
        elsewhere.workspace("archive").start()
        until(listener, "archive", "running")
        # Pending, starting and running: one look each at most.
        assert 1 <= server.faults.struck <= 3


def test_a_broken_session_is_opened_again(server: Embedded, coder: Coder) -> None:
    """What changed meanwhile is told."""
    server.faults.add(Fault("hang_up", path="/api/v2/tailnet", messages=4))
    with coder.feed_workspaces().listen() as listener, connect(server.url, token=server.token) as elsewhere:
        until(listener, "archive", "stopped")
        elsewhere.workspace("archive").start()
        until(listener, "archive", "running")


@pytest.mark.parametrize("status", [404, 409])
def test_without_the_endpoint_it_is_asked_for(server: Embedded, coder: Coder, status: int) -> None:
    """A server that is older, or lets only browsers connect."""
    server.faults.add(Fault("status", path="/api/v2/tailnet", status=status, times=None))
    with coder.feed_workspaces().listen() as listener:
        until(listener, "archive", "stopped")
        assert listener.state.name == "live"


def test_all_who_follow_share_one_session(server: Embedded, coder: Coder) -> None:
    """And it ends with the last of them."""
    server.faults.add(Fault("latency", path="/api/v2/tailnet", times=None))
    with coder.feed_workspaces().listen() as one, coder.feed_workspaces("me").listen() as two:
        until(one, "archive", "stopped")
        until(two, "archive", "stopped")
        assert server.faults.struck == 1
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith(("coder-nb:rpc", "coder-nb:workspaces"))]
