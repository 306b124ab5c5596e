"""Many connections through one terminal: each whole and its own, none held up by another, and every loss is told."""

from __future__ import annotations

import hashlib
import os
import random
import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import psutil
import pytest

from coder_nb.client import Agent, Coder, connect
from coder_nb.embedded import launch
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.server import Embedded
from coder_nb.errors import Conflict, Invalid
from coder_nb.remote.tunnel.opening import begin
from coder_nb.remote.tunnel.protocol import WINDOW
from coder_nb.remote.tunnel.shared import RelayLimits
from coder_nb.remote.tunnel.tunnel import Tunnel
from tests.remote.tunnel.ends import (
    SECONDS,
    Told,
    dial,
    echo,
    ended,
    is_reset,
    listening,
    read,
    read_all,
    running,
    there_and_back,
)

PTY = "/api/v2/workspaceagents/*/pty"
MIB = 1024 * 1024
LARGE = int(os.environ.get("CODER_NB_TEST_TUNNEL_MIB", "64")) * MIB


def tunnel_to(agent: Agent, port: int, told: Told, **limits: float) -> Tunnel:
    """A tunnel with limits of its own."""
    way = agent._way(None, None)
    return Tunnel(
        lambda over: begin(way, limits=RelayLimits(**limits), over=over),
        ("127.0.0.1", port),
        title=way.title,
        tell=told.append,
    )


def test_a_hundred_at_once_are_each_their_own(agent: Agent) -> None:
    """Over one terminal, and two threads of ours beside the one that reads it."""
    random_bytes = random.Random(1).randbytes
    said = [random_bytes(20_000 + number) for number in range(100)]
    with listening(echo) as port, agent.forward(port) as tunnel, ThreadPoolExecutor(100) as pool:
        assert list(pool.map(lambda data: there_and_back(tunnel.port, data), said)) == said
        stats = tunnel.stats
        assert (stats.connections, stats.sessions, stats.refused, stats.failed) == (100, 1, 0, 0)
        assert stats.bytes_in == stats.bytes_out == sum(map(len, said))
        assert sum(thread.name in ("coder-nb:tunnel", "coder-nb:pty") for thread in threading.enumerate()) == 3


def test_a_slow_reader_holds_nobody_up(agent: Agent) -> None:
    """Neither does a target that does not read; what was held back comes when it is wanted."""
    data = random.Random(2).randbytes(16 * WINDOW)
    go = threading.Event()

    def flood(sock: socket.socket) -> None:
        sock.sendall(data)

    def deaf(sock: socket.socket) -> None:
        go.wait(SECONDS)
        sock.sendall(hashlib.sha256(read_all(sock)).digest())

    def write() -> None:
        told_late.write(data)
        told_late.end()

    with ExitStack() as stack:
        flooding, unheard, lively = (stack.enter_context(listening(one)) for one in (flood, deaf, echo))
        slow = stack.enter_context(agent.forward(flooding))
        reader, relay = stack.enter_context(dial(slow.port)), slow._relay
        assert relay is not None
        told_late = stack.enter_context(relay.connect(("127.0.0.1", unheard)))
        sender = threading.Thread(target=write, daemon=True)
        sender.start()
        for number in range(50):
            with relay.connect(("127.0.0.1", lively)) as quick:
                quick.write(b"%d" % number)
                assert quick.read(SECONDS) == b"%d" % number
        assert sender.is_alive()
        go.set()
        assert read(reader, len(data)) == data
        answer = b""
        while piece := told_late.read(SECONDS):
            answer += piece
        assert answer == hashlib.sha256(data).digest()
        sender.join(SECONDS)


def test_what_nobody_reads_is_not_kept_here(agent: Agent) -> None:
    """No more than a window of it."""
    with listening(lambda sock: sock.sendall(bytes(200 * MIB))) as port, agent.forward(port) as tunnel:
        relay = tunnel._relay
        assert relay is not None
        with relay.connect(("127.0.0.1", port)) as connection, relay.connect(("127.0.0.1", port)) as other:
            for _ in range(100):
                other.read(SECONDS)
            assert len(connection._held) <= WINDOW


def test_a_reset_here_is_a_reset_there(agent: Agent) -> None:
    """And not an end."""
    seen: list[str] = []
    done = threading.Event()

    def watch(sock: socket.socket) -> None:
        sock.sendall(b"x")
        try:
            seen.append("end" if sock.recv(1) == b"" else "data")
        except ConnectionResetError:
            seen.append("reset")
        done.set()

    with listening(watch) as port, agent.forward(port) as tunnel:
        sock = dial(tunnel.port)
        assert sock.recv(1) == b"x"
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
        assert done.wait(SECONDS)
    assert seen == ["reset"]


def test_a_reset_there_is_a_reset_here(agent: Agent) -> None:
    """After what was said before."""

    def rude(sock: socket.socket) -> None:
        sock.sendall(b"x")
        sock.recv(1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with listening(rude) as port, agent.forward(port) as tunnel, dial(tunnel.port) as sock:
        assert sock.recv(1) == b"x"
        sock.sendall(b"y")
        with pytest.raises(ConnectionResetError):
            sock.recv(1)


def test_a_taken_port_is_refused_with_the_next_free_one(agent: Agent) -> None:
    """Before anything is opened in the workspace; and what is no port is refused too."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Conflict, match="is taken here") as caught:
            agent.forward(80, local_port=port)
    free = int(caught.value.hint.partition("local_port=")[2].partition(" ")[0])
    assert port < free < port + 100
    assert not running()
    for wrong in (0, 65536, -1):
        with pytest.raises(Invalid, match="not a port"):
            agent.forward(wrong)
    with pytest.raises(Invalid, match="not a port"):
        agent.forward(80, local_port=70000)


def test_it_listens_on_loopback_alone(agent: Agent) -> None:
    """And no more once it is closed, which may be done twice."""
    with agent.forward(9) as tunnel:
        assert tunnel._listener.getsockname() == ("127.0.0.1", tunnel.port)
        port = tunnel.port
    tunnel.close()
    with pytest.raises(ConnectionRefusedError):
        dial(port)
    assert tunnel.closed and tunnel.stats.state == "closed"


def test_closing_it_ends_its_connections_and_what_runs_there(agent: Agent) -> None:
    """At once."""
    with listening(echo) as port:
        tunnel = agent.forward(port)
        programs = running()
        with dial(tunnel.port) as sock:
            sock.sendall(b"abc")
            assert read(sock, 3) == b"abc"
            tunnel.close()
            with suppress(ConnectionResetError):
                assert sock.recv(1) == b""
        assert programs and ended(programs)


def test_a_relay_that_hangs_does_not_hold_up_its_closing(agent: Agent, told: Told) -> None:
    """With more under way than it takes; it ends when it can."""
    with listening(echo) as port:
        tunnel = tunnel_to(agent, port, told, goodbye=0.3, patience=1)
        (relay,) = (it for it in running() if "The relay for workspaces" in " ".join(it.cmdline()))
        programs = running()
        with dial(tunnel.port) as sock:
            relay.suspend()
            sock.setblocking(False)
            until = time.monotonic() + 1
            while time.monotonic() < until:
                with suppress(BlockingIOError):
                    sock.send(bytes(MIB))
            began = time.monotonic()
            tunnel.close()
            assert time.monotonic() - began < 10
        relay.resume()
        assert ended(programs)


def test_closing_the_deployment_closes_its_tunnels(coder: Coder) -> None:
    """Like everything else that hangs on it."""
    tunnel = coder.agent("web").forward(9)
    programs = running()
    coder.close()
    assert tunnel.closed and ended(programs)


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
            with dial(tunnel.port) as sock:
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


def test_a_great_deal_goes_through_one_connection() -> None:
    """Both ways, whole, with no more memory than before."""

    def digest(sock: socket.socket) -> None:
        block, known, left = random.Random(3).randbytes(MIB), hashlib.sha256(), LARGE
        for _ in range(LARGE // MIB):
            sock.sendall(block)
        while left and (data := sock.recv(min(left, 262144))):
            known.update(data)
            left -= len(data)
        sock.sendall(known.digest())

    with (
        launch.start() as demo,
        connect(demo.url, token=demo.token) as coder,
        listening(digest) as port,
        coder.agent("web").forward(port) as tunnel,
        dial(tunnel.port) as sock,
    ):
        block, there, here = random.Random(3).randbytes(MIB), hashlib.sha256(), hashlib.sha256()
        before, most = psutil.Process().memory_info().rss, 0
        for _ in range(LARGE // MIB):
            here.update(read(sock, MIB))
            there.update(block)
            most = max(most, psutil.Process().memory_info().rss)
        assert here.digest() == there.digest()
        for _ in range(LARGE // MIB):
            sock.sendall(block)
            most = max(most, psutil.Process().memory_info().rss)
        assert read(sock, 32) == there.digest()
        assert most - before < 40 * MIB
