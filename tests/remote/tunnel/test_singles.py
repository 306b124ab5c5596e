"""Where each connection has a terminal of its own: one that is lost is told and is no loss for the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from coder_nb.client import Agent
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.server import Embedded
from coder_nb.errors import ConnectionLost
from coder_nb.remote.tunnel.opening import begin
from coder_nb.remote.tunnel.singles import Singles
from tests.remote.tunnel.ends import SECONDS, Told, echo, ended, listening, running

PTY = "/api/v2/workspaceagents/*/pty"


@pytest.fixture
def singles(agent: Agent, told: Told) -> Iterator[Singles]:
    """A relay with a terminal for each connection."""
    with begin(agent._way(None, None), kinds=("busybox nc",), over=told.append) as made:
        assert isinstance(made, Singles)
        yield made


def test_one_that_is_lost_is_told(server: Embedded, singles: Singles, told: Told) -> None:
    """As lost and not as ended; the others go on, and new ones are made."""
    with listening(echo) as port, ExitStack() as stack:
        first = stack.enter_context(singles.connect(("127.0.0.1", port)))
        server.faults.add(Fault("break", path=PTY, size=100_000))
        first.write(b"so that all of it runs")
        assert first.read(SECONDS)
        others = running()
        second = singles.connect(("127.0.0.1", port))
        programs = [program for program in running() if program not in others]
        with pytest.raises(ConnectionLost):
            second.write(bytes(200_000))
            while second.read(SECONDS):
                pass
        told.wait(1)
        for connection in (first, stack.enter_context(singles.connect(("127.0.0.1", port)))):
            connection.write(b"abc")
            assert connection.read(SECONDS) == b"abc"
        assert len(told) == 1
        assert programs and ended(programs)


def test_a_terminal_is_used_again(singles: Singles) -> None:
    """By the next connection, as opening one takes longer."""
    shells = set()
    with listening(echo) as port:
        for _ in range(3):
            with singles.connect(("127.0.0.1", port)) as connection:
                (carried,) = singles._carried
                shells.add(carried._shell)
                connection.end()
                assert connection.read(SECONDS) == b""
                carried.join()
    assert len(shells) == 1


def test_closing_leaves_nothing_running(singles: Singles) -> None:
    """Whatever is on its way."""
    with listening(echo) as port:
        connection = singles.connect(("127.0.0.1", port))
        programs = running()
        singles.close()
        assert programs and ended(programs)
        with pytest.raises(ConnectionLost):
            connection.read(SECONDS)
        with pytest.raises(ConnectionLost, match="closed"):
            singles.connect(("127.0.0.1", port))
