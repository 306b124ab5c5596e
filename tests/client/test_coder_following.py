"""Following a deployment: an owner's workspaces as frames, and how that ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coder_nb.api.workspaces import Workspace
from coder_nb.client import Coder, connect
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.errors import AgentUnavailable, Invalid
from coder_nb.streams import workspaces
from coder_nb.streams.feed import Gap, Listener


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


def test_frames_come_now_and_with_each_change(server: Embedded, coder: Coder) -> None:
    """As `workspaces` gives them; the agent of a start is told once it is there."""
    changes = coder.follow_workspaces()
    first = next(changes)
    assert list(first.columns) == list(coder.workspaces().columns)
    with connect(server.url, token=server.token) as elsewhere:
        elsewhere.workspace("archive").start()
    for frame in changes:
        row = frame[frame["name"] == "archive"].iloc[0]
        if row["lifecycle"] == "ready":
            break
    assert row["status"] == "running" and row["agent_status"] == "connected"


def test_nobody_of_that_name_is_told_at_once(coder: Coder) -> None:
    """Before anything is followed."""
    with pytest.raises(Invalid):
        coder.follow_workspaces("nobody-there")


def test_a_token_that_is_no_good_any_more_ends_it(server: Embedded, coder: Coder) -> None:
    """With the reason."""
    changes = coder.follow_workspaces()
    server.deployment.keys.clear()
    with pytest.raises(AgentUnavailable, match="workspaces:"):
        next(changes)


def test_the_live_table_changes_without_being_asked_for(
    server: Embedded, coder: Coder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start elsewhere costs a look or two, and an idle table none."""
    # The fleet has an agent that is on its way for ever, which would be looked at now and then.
    monkeypatch.setattr(workspaces, "SOON", 60.0)
    view = coder.watch_workspaces()
    with coder.feed_workspaces().listen() as listener, connect(server.url, token=server.token) as elsewhere:
        view._looked_at(True)
        _until(listener, "stopped")
        server.faults.add(Fault("latency", path="/api/v2/workspaces", method="GET", times=None))
        assert not listener.wait(0.3) and server.faults.struck == 0
        elsewhere.workspace("archive").start()
        _until(listener, "running")
        [status] = view.frame.loc[view.frame["name"] == "archive", "status"]
        assert status == "running" and server.faults.struck <= 3
    view.stop()


def _until(listener: Listener[list[Workspace]], status: str) -> None:
    """Waits until the workspace archive has the status."""
    while True:
        for found in listener.take():
            if not isinstance(found, Gap) and any(
                one.name == "archive" and one.latest_build.status == status for one in found
            ):
                return
        assert listener.wait(20), listener.state.text
