"""Ports of a workspace through one terminal: exact on any deployment.

The workspace needs /bin/sh, and python3 for what connections lead to; the relay takes what it finds.
"""

from __future__ import annotations

import hashlib
import random
import shlex
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psutil
import pytest

from coder_nb.client import Agent
from coder_nb.errors import AgentUnavailable
from coder_nb.remote.tunnel.relay import Relay

from .conftest import Target

SECONDS = 60.0
MIB = 1024 * 1024
ECHO = """
import socket, sys, threading
def one(sock):
    with sock:
        while data := sock.recv(65536):
            sock.sendall(data)
with socket.create_server(("127.0.0.1", 0), backlog=256) as server:
    print(server.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=one, args=(server.accept()[0],), daemon=True).start()
"""


@pytest.fixture
def echoing(agent: Agent) -> Iterator[int]:
    """The port in the workspace of a server that says everything back; Ctrl-C ends it."""
    if agent.run("command -v python3", check=False).code:
        pytest.skip("no python3 in this workspace")
    with agent._place_line(None, None) as line:
        line.send(f"python3 -c {shlex.quote(ECHO)}")
        said = b""
        while b"\n" not in said:
            said += line.read(SECONDS)
        yield int(said.split()[0])
        line.write("\x03")


def back(port: int, data: bytes) -> bytes:
    """What comes back of data that is sent while it comes."""
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as sock:

        def send() -> None:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        got = b"".join(iter(lambda: sock.recv(262144), b""))
        sender.join(SECONDS)
        return got


def test_every_byte_goes_there_and_back(agent: Agent, echoing: int) -> None:
    """And the end of either direction is passed on."""
    data = bytes(range(256)) * 1000 + random.Random(0).randbytes(2 * MIB)
    with agent.forward(echoing) as tunnel:
        assert back(tunnel.port, data) == data
        assert back(tunnel.port, b"") == b""
        stats = tunnel.stats
    assert (stats.connections, stats.sessions, stats.bytes_in, stats.bytes_out) == (2, 1, len(data), len(data))


def test_a_hundred_at_once_are_each_their_own(agent: Agent, echoing: int) -> None:
    """Over one terminal."""
    said = [random.Random(number).randbytes(10_000 + number) for number in range(100)]
    with agent.forward(echoing) as tunnel, ThreadPoolExecutor(100) as pool:
        assert list(pool.map(lambda data: back(tunnel.port, data), said)) == said
        assert (tunnel.stats.connections, tunnel.stats.sessions) == (100, 1)


def test_a_refused_port_is_a_reset(agent: Agent) -> None:
    """At once, with the reason kept."""
    with agent.forward(1) as tunnel, socket.create_connection(("127.0.0.1", tunnel.port), timeout=SECONDS) as sock:
        with pytest.raises(ConnectionResetError):
            sock.recv(1)
        assert tunnel.stats.refused == 1 and "refused" in tunnel.stats.reason


def test_a_lot_arrives_as_it_was_sent(agent: Agent, echoing: int, target: Target) -> None:
    """By its digest."""
    size = (32 if target.destructive else 4) * MIB
    block, sent, got = random.Random(1).randbytes(MIB), hashlib.sha256(), hashlib.sha256()
    with agent.relay() as relay, relay.connect(("127.0.0.1", echoing)) as connection:

        def write() -> None:
            for _ in range(size // MIB):
                sent.update(block)
                connection.write(block)
            connection.end()

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        while data := connection.read(SECONDS):
            got.update(data)
        writer.join(SECONDS)
        assert got.digest() == sent.digest()


def test_a_relay_is_used_without_a_port(agent: Agent, echoing: int) -> None:
    """And says what was refused."""
    with agent.relay() as relay:
        with relay.connect(("127.0.0.1", echoing)) as connection:
            connection.write(b"abc")
            assert connection.read(SECONDS) == b"abc"
        with pytest.raises(AgentUnavailable, match="refused"):
            relay.connect(("127.0.0.1", 1))


def test_what_is_asked_over_http_is_answered(agent: Agent) -> None:
    """By what listens there; Coder's token does not go along."""
    program = "python3 -m http.server --bind 127.0.0.1 --directory / 0"
    if agent.run("command -v python3", check=False).code:
        pytest.skip("no python3 in this workspace")
    with agent._place_line(None, None) as line:
        line.send(f"PYTHONUNBUFFERED=1 {program}")
        said = b""
        while b"http://" not in said:
            said += line.read(SECONDS)
        port = int(said.split(b"port ")[1].split()[0])
        with agent.http(port) as app:
            answer = app.get("/")
            assert answer.status_code == 200 and "Directory listing" in answer.text
            assert not {name for name in answer.request.headers if "coder" in name.lower()}
        line.write("\x03")


def left() -> set[psutil.Process]:
    """The relays that run in workspaces of the deployment this process has started, and of no other."""
    found = set()
    for program in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "The relay for workspaces" in " ".join(program.cmdline()):
                found.add(program)
    return found


def test_nothing_is_left_running(agent: Agent, target: Target) -> None:
    """Neither of a tunnel that was closed, nor of one whose line was lost."""
    if target.foreign:
        pytest.skip("others may have tunnels there")
    before = left()
    with agent.forward(1):
        assert left() != before
    assert left() == before
    relay: Relay
    with agent.relay() as relay:
        relay._line._pty.close()  # type: ignore[attr-defined]
        relay._writer.join(SECONDS)  # type: ignore[attr-defined]
    assert left() == before
