"""Following a deployment: an owner's workspaces as frames, and how that ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coder_nb.client import Coder, connect
from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.errors import AgentUnavailable, Invalid


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
