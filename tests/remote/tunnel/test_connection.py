"""A connection without a local port: read, written, ended and closed like a socket, and never ended in silence."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from queue import Queue

import pytest

from coder_nb.client import Agent
from coder_nb.errors import AgentUnavailable, ConnectionLost
from coder_nb.remote.tunnel.protocol import WINDOW
from coder_nb.remote.tunnel.shared import Shared
from tests.remote.tunnel.ends import SECONDS, echo, listening, read_all


@pytest.fixture
def relay(agent: Agent) -> Iterator[Shared]:
    """A relay in a workspace."""
    with agent.relay() as relay:
        assert isinstance(relay, Shared)
        yield relay


def test_it_speaks_and_hears(relay: Shared) -> None:
    """And a wait that is too long ends."""
    with listening(echo) as port, relay.connect(("127.0.0.1", port)) as connection:
        connection.write(b"abc")
        assert connection.read(SECONDS) == b"abc"
        with pytest.raises(TimeoutError):
            connection.read(0.05)
        connection.end()
        assert connection.read(SECONDS) == b"" == connection.read(SECONDS)
        assert "open" in repr(connection)
    assert relay.open == 0


def test_a_target_that_does_not_read_is_waited_for(relay: Shared) -> None:
    """As long as one likes."""
    go: Queue[bytes] = Queue()
    got: Queue[bytes] = Queue()

    def late(sock: socket.socket) -> None:
        go.get(timeout=SECONDS)
        got.put(read_all(sock))

    data = bytes(range(256)) * (64 * WINDOW // 256)
    with listening(late) as port, relay.connect(("127.0.0.1", port)) as connection:
        with pytest.raises(TimeoutError):
            connection.write(data, timeout=2)
        go.put(b"")
        connection.end()
        arrived = got.get(timeout=SECONDS)
    assert 0 < len(arrived) < len(data) and data.startswith(arrived)


def test_a_refusal_is_an_error_with_the_reason(relay: Shared) -> None:
    """Of a port nobody listens on, and of a socket that is not there."""
    with pytest.raises(AgentUnavailable, match=r"127\.0\.0\.1:1 in the workspace: Connection refused"):
        relay.connect(("127.0.0.1", 1))
    with pytest.raises(AgentUnavailable, match="No such file"):
        relay.connect("/no/such.sock")
    assert relay.open == 0 and relay.over is None


def test_a_lost_relay_is_not_an_end(relay: Shared) -> None:
    """Neither for who reads nor for who writes; none can be made any more."""
    with listening(echo) as port:
        connection = relay.connect(("127.0.0.1", port))
        connection.write(b"abc")
        assert connection.read(SECONDS) == b"abc"
        relay._line._pty.close()
        with pytest.raises(ConnectionLost, match="is lost"):
            connection.read(SECONDS)
        with pytest.raises(ConnectionLost):
            connection.write(b"more")
        with pytest.raises(ConnectionLost, match="gone"):
            relay.connect(("127.0.0.1", port))
    assert relay.over


def test_closing_wakes_who_reads(relay: Shared) -> None:
    """From another thread, at once."""
    with listening(echo) as port:
        connection = relay.connect(("127.0.0.1", port))
        found: list[bytes] = []
        reader = threading.Thread(target=lambda: found.append(connection.read()))
        reader.start()
        connection.close()
        connection.close()
        reader.join(SECONDS)
        assert found == [b""]
        with pytest.raises(ConnectionLost, match="closed"):
            connection.write(b"x")


def test_closing_the_relay_ends_its_connections(relay: Shared) -> None:
    """They are lost, which is said."""
    with listening(echo) as port:
        connection = relay.connect(("127.0.0.1", port))
        relay.close()
        relay.close()
        with pytest.raises(ConnectionLost):
            connection.read(SECONDS)
        assert relay.over == ""
