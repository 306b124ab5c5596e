"""A snapshot of metadata is what a stream says first, over WebSocket or, on older servers, as server-sent events."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coder_nb.client import Coder, connect
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.scenario import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.errors import NotFound, ServerError

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def server() -> Iterator[Embedded]:
    """A fleet of its own, since it is made to misbehave."""
    with Embedded(load_scenario()) as running:
        yield running


def test_numbers_come_out_of_values(coder: Coder) -> None:
    """The frame of a workspace whose agent measures four things, three of them numbers."""
    df = coder.agent("web").metadata()
    assert df.attrs["frame"] == "metadata" and df.attrs["workspace"] == "web"
    assert df["value"].tolist() == ["0.7/4 cores (18%)", "3.4/8 GiB (42%)", "11.2/40 GiB (28%)", "checkout-redesign"]
    assert df["number"].tolist()[:3] == [0.7, 3.4, 11.2] and df["number"].isna()[3]
    assert df["age"].dt.total_seconds().tolist() == [4, 4, 31, 12]


def test_an_agent_that_is_away_or_measures_nothing_is_answered_too(coder: Coder) -> None:
    """Nobody asks the agent."""
    assert coder.agent("archive").metadata().empty
    assert len(coder.agent("api-broken").metadata()["error"].dropna()) == 1


def test_an_older_server_has_the_other_stream(server: Embedded) -> None:
    """404 for the WebSocket, and the same answer from the events."""
    with connect(server.url, token=server.token) as coder:
        agent = coder.agent("web")
        new = agent.metadata()
        server.faults.add(Fault("status", path="*/watch-metadata-ws", times=None, status=404, body=b"Route not found."))
        old = agent.metadata()
    assert old["value"].tolist() == new["value"].tolist()
    assert server.faults.struck == 1


def test_a_refusal_is_the_same_error_as_everywhere(server: Embedded) -> None:
    """No such agent; and a server in trouble."""
    with connect(server.url, token=server.token) as coder:
        with pytest.raises(NotFound, match="Agent doesn't exist"):
            coder.api.metadata.snapshot(NOBODY)
        server.faults.add(Fault("status", path="*/watch-metadata-ws", times=None, status=500))
        with pytest.raises(ServerError):
            coder.agent("web").metadata()
