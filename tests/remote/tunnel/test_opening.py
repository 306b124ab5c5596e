"""A relay begins, or it is said why not; what was begun for nothing does not stay."""

from __future__ import annotations

import pytest

from coder_nb.client import Agent
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.server import Embedded
from coder_nb.errors import AgentUnavailable, ConnectionLost
from coder_nb.remote.tunnel.opening import begin
from tests.remote.tunnel.ends import ended, running

PTY = "/api/v2/workspaceagents/*/pty"


@pytest.mark.parametrize("size", [600, 3_000, 12_000])
def test_a_line_that_breaks_while_it_begins_leaves_nothing(server: Embedded, agent: Agent, size: int) -> None:
    """In the middle of the program, or behind it."""
    server.faults.add(Fault("break_input", path=PTY, size=size))
    with pytest.raises(ConnectionLost):
        begin(agent._way(None, None))
    assert ended(running())


def test_what_is_not_there_is_named(agent: Agent) -> None:
    """And nothing stays."""
    with pytest.raises(AgentUnavailable, match=r"no tunnel into web\.main") as caught:
        begin(agent._way(None, None), kinds=())
    assert caught.value.hint.startswith("it needs one of")
    assert ended(running())
