"""A relay that is lost, at any byte and for any reason: that is told, nothing is left, and the next one works."""

from __future__ import annotations

import random
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from coder_nb.client import Agent
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.server import Embedded
from tests.remote.tunnel.ends import (
    SECONDS,
    Told,
    dial,
    echo,
    ended,
    is_reset,
    listening,
    read,
    running,
    there_and_back,
    tunnel_to,
)

PTY = "/api/v2/workspaceagents/*/pty"
MIB = 1024 * 1024


def test_a_relay_that_hangs_does_not_hold_up_its_closing(agent: Agent, told: Told) -> None:
    """With more under way than it takes; it ends when it can."""
    with listening(echo) as port:
        tunnel = tunnel_to(agent, port, told, goodbye=0.3, patience=1)
        (relay,) = (it for it in running() if "The relay for workspaces" in " ".join(it.cmdline()))
        programs = running()
        with dial(tunnel.port) as sock:
            relay.suspend()
            sock.settimeout(1)
            with pytest.raises(TimeoutError):
                sock.sendall(bytes(64 * MIB))
            began = time.monotonic()
            tunnel.close()
            assert time.monotonic() - began < 10
        relay.resume()
        assert ended(programs)


def test_a_lost_terminal_fails_its_connections_and_the_next_one_opens_another(
    server: Embedded, agent: Agent, told: Told
) -> None:
    """At once, with the reason told and kept; what ran in the workspace for the lost one ends too."""
    server.faults.add(Fault("break", path=PTY, size=200_000))
    with listening(echo) as port, agent.forward(port) as tunnel:
        programs = running()
        with dial(tunnel.port) as idle:
            with pytest.raises(ConnectionResetError):
                assert there_and_back(tunnel.port, bytes(1_000_000)) == b"so much never comes back"
            with pytest.raises(ConnectionResetError):
                idle.recv(1)
        told.wait(1)
        assert "was cut off" in told[0] and "web.main" in told[0]
        assert tunnel.stats.drops == 1 and tunnel.stats.reason and tunnel.stats.state == "lost"
        assert ended(programs)
        assert there_and_back(tunnel.port, b"again") == b"again"
        assert tunnel.stats.sessions == 2 and tunnel.stats.state == "open"
        assert len(told) == 1


@pytest.mark.parametrize("kind", ["agent_killed", "agent_stopped"])
def test_a_dead_agent_is_noticed(server: Embedded, agent: Agent, told: Told, kind: str) -> None:
    """One that was killed says nothing: its socket stays open, and only asking tells."""
    with listening(echo) as port:
        with tunnel_to(agent, port, told, busy=0.1, answer=0.1) as before:
            assert there_and_back(before.port, b"abc") == b"abc"
        server.faults.add(Fault(kind, path=PTY, messages=4, seconds=0.05))  # type: ignore[arg-type]
        with tunnel_to(agent, port, told, busy=0.1, answer=0.1) as tunnel, dial(tunnel.port) as sock:
            sock.sendall(b"abc")
            with suppress(ConnectionResetError):
                while sock.recv(3):
                    sock.sendall(b"abc")
            told.wait(1)
            assert tunnel.stats.drops == 1
            until = time.monotonic() + SECONDS
            while is_reset(tunnel.port, b"x"):  # The new agent takes a moment.
                assert time.monotonic() < until
            assert there_and_back(tunnel.port, b"another") == b"another"


def test_a_line_that_has_gone_silent_is_given_up(server: Embedded, agent: Agent, told: Told) -> None:
    """Although the agent is there and the server answers."""
    server.faults.add(Fault("silent", path=PTY, messages=4))
    limits = {"busy": 0.1, "answer": 0.1, "dead": 0.5}
    with listening(echo) as port, tunnel_to(agent, port, told, **limits) as tunnel:
        with dial(tunnel.port) as sock, pytest.raises(ConnectionResetError):
            for _ in range(100):
                sock.sendall(b"abc")
                sock.recv(3)
        told.wait(1)
        assert "nothing came from the workspace" in told[0]
        assert there_and_back(tunnel.port, b"another") == b"another"
    assert ended(running())


def test_a_server_that_is_gone_is_told_and_so_is_that_none_begins(agent: Agent, server: Embedded, told: Told) -> None:
    """Its connections are reset; there is no second chance for what was lost."""
    with listening(echo) as port, agent.forward(port) as tunnel:
        assert there_and_back(tunnel.port, b"abc") == b"abc"
        server.close()
        told.wait(1)
        assert is_reset(tunnel.port)
        told.wait(2)
        assert "no tunnel to" in told[1]
        assert tunnel.stats.failed >= 1


def test_an_idle_tunnel_is_kept_alive(agent: Agent, told: Told) -> None:
    """The relay there ends when nothing is heard of us, so it is told that we are here."""
    with listening(echo) as port, tunnel_to(agent, port, told, busy=0.3, answer=0.3, patience=2.5) as tunnel:
        with dial(tunnel.port) as sock:
            sock.settimeout(4)
            with pytest.raises(TimeoutError):
                sock.recv(1)
            sock.settimeout(SECONDS)
            sock.sendall(b"abc")
            assert read(sock, 3) == b"abc"
        assert (tunnel.stats.sessions, told) == (1, [])


def test_a_relay_nobody_speaks_to_ends_by_itself(agent: Agent, told: Told) -> None:
    """Whatever became of us: nothing is left in the workspace, and here it is told."""
    with listening(echo) as port, tunnel_to(agent, port, told, idle=60, patience=0.5):
        programs = running()
        told.wait(1)
        assert "nothing was heard" in told[0]
        assert any(ended([program]) for program in programs)


def test_fifty_drops_lose_nothing_in_silence(server: Embedded, agent: Agent, told: Told) -> None:
    """At any byte in either direction: a connection is whole, or is reset; what came before is a beginning of it.

    Each drop is told once, and the tunnel goes on.
    """
    rng, whole, cut = random.Random(0), 0, 0
    data = rng.randbytes(150_000)
    with listening(echo) as port, agent.forward(port) as tunnel:

        def one(_: int) -> bool:
            got, sent = bytearray(), threading.Event()
            try:
                sock = dial(tunnel.port)
            except ConnectionResetError:
                return False
            with sock:
                sender = threading.Thread(target=lambda: _send(sock, data, sent), daemon=True)
                sender.start()
                with suppress(OSError):
                    while piece := sock.recv(65536):
                        got += piece
                    # A reset is told once: to whoever reads, or to whoever writes.
                    sender.join(SECONDS)
                    if sent.is_set():
                        assert bytes(got) == data
                        return True
                sender.join(SECONDS)
            assert data.startswith(bytes(got))
            return False

        with ThreadPoolExecutor(3) as pool:
            while tunnel.stats.drops < 50:
                kind = rng.choice(("break", "break_input"))
                # As long as the way to a relay that is ready, and beyond.
                server.faults.clear()
                server.faults.add(Fault(kind, path=PTY, size=rng.randrange(0, 400_000)))  # type: ignore[arg-type]
                if (relay := tunnel._relay) is not None:
                    relay._line._pty.close()  # type: ignore[attr-defined]
                for ok in pool.map(one, range(3)):
                    whole, cut = whole + ok, cut + (not ok)
        server.faults.clear()
        assert one(0)
        stats = tunnel.stats
    assert cut >= 25 and whole and stats.sessions == stats.drops + 1 > 50
    assert sum("was cut off" in line for line in told) == stats.drops
    assert all("was cut off" in line or "no tunnel to" in line for line in told)
    assert ended(running())


def _send(sock: socket.socket, data: bytes, sent: threading.Event) -> None:
    with suppress(OSError):
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        sent.set()
