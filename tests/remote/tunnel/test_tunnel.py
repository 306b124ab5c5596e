"""Many connections through one terminal: each whole and its own, none held up by another, and every loss is told."""

from __future__ import annotations

import hashlib
import os
import random
import socket
import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import psutil
import pytest

from coder_nb.client import Agent, Coder, connect
from coder_nb.embedded import launch
from coder_nb.errors import Conflict, Invalid
from coder_nb.remote.tunnel.protocol import WINDOW
from tests.remote.tunnel.ends import (
    SECONDS,
    dial,
    echo,
    ended,
    listening,
    read,
    read_all,
    running,
    there_and_back,
)

MIB = 1024 * 1024
LARGE = int(os.environ.get("CODER_NB_TEST_TUNNEL_MIB", "64")) * MIB


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


def test_closing_the_deployment_closes_its_tunnels(coder: Coder) -> None:
    """Like everything else that hangs on it."""
    tunnel = coder.agent("web").forward(9)
    programs = running()
    coder.close()
    assert tunnel.closed and ended(programs)


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
