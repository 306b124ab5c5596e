"""Every relay, really run where nothing else is: it carries connections whole, both ways, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest

from coder_nb.client import Agent, connect
from coder_nb.embedded.scenario import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.errors import AgentUnavailable
from coder_nb.remote.tunnel.programs import KINDS
from tests.remote.tunnel.ends import (
    SECONDS,
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

NEEDED: dict[str, dict[str, str | None]] = {
    "python3": {"python3": str(Path(sys.executable).resolve())},
    "perl": {"perl": shutil.which("perl")},
    "socat": {name: shutil.which(name) for name in ("socat", "base64", "dd", "cat")},
    "busybox nc": {"busybox": shutil.which("busybox"), "grep": shutil.which("grep"), "cat": shutil.which("cat")},
}
"""What each needs beside a shell, `stty` and `head`."""
RANDOM = os.urandom(700_000)


def workspace(folder: Path, *programs: dict[str, str | None]) -> Iterator[Agent]:
    """The agent of a workspace that has these programs and no others."""
    wanted: dict[str, str | None] = {name: shutil.which(name) for name in ("sh", "stty", "head")}
    for one in programs:
        wanted |= one
    for name, path in wanted.items():
        if path is None:
            if os.environ.get("CODER_NB_REQUIRE_SHELLS"):
                pytest.fail(f"no {name} here")
            pytest.skip(f"no {name} here")
        (folder / name).symlink_to(path)
    deployment = load_scenario()
    for it in deployment.workspaces:
        for agent in it.builds[-1].agents:
            agent.environment_variables = {**(agent.environment_variables or {}), "PATH": str(folder)}
    with Embedded(deployment) as server, connect(server.url, token=server.token) as coder:
        yield coder.agent("web")


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Which relay."""
    return str(request.param)


@pytest.fixture
def agent(kind: str, tmp_path: Path) -> Iterator[Agent]:
    """The agent of a workspace where only this relay can be."""
    yield from workspace(tmp_path, NEEDED[kind])


def test_it_is_the_one_that_is_told(agent: Agent, kind: str) -> None:
    """By the tunnel and its stats."""
    with agent.forward(9) as tunnel:
        assert (tunnel.relay, tunnel.stats.relay) == (kind, kind)


def test_every_byte_goes_both_ways(agent: Agent) -> None:
    """To the end, which is told to either side."""
    data = bytes(range(256)) * 300 + RANDOM
    with listening(echo) as port, agent.forward(port) as tunnel:
        assert there_and_back(tunnel.port, data) == data
        assert there_and_back(tunnel.port, b"") == b""


def test_a_question_is_answered_before_the_end(agent: Agent) -> None:
    """Neither side holds small pieces back."""
    with listening(echo) as port, agent.forward(port) as tunnel, dial(tunnel.port) as sock:
        for number in range(20):
            said = f"question {number}\n".encode()
            sock.sendall(said)
            assert read(sock, len(said)) == said


def test_a_client_that_is_at_its_end_still_gets_the_answer(agent: Agent) -> None:
    """However late it comes."""
    asked = threading.Event()

    def late(sock: socket.socket) -> None:
        said = read_all(sock)
        asked.wait(20)
        sock.sendall(said[::-1])

    with listening(late) as port, agent.forward(port) as tunnel, dial(tunnel.port) as sock:
        sock.sendall(b"abc")
        sock.shutdown(socket.SHUT_WR)
        asked.set()
        assert read_all(sock) == b"cba"


def test_a_target_at_its_end_can_still_be_told_more(agent: Agent, kind: str) -> None:
    """Except by busybox's nc, which ends then."""
    if kind == "busybox nc":
        pytest.skip("nc ends when its target says no more")
    got: Queue[bytes] = Queue()

    def half(sock: socket.socket) -> None:
        sock.sendall(b"that is all")
        sock.shutdown(socket.SHUT_WR)
        got.put(read_all(sock))

    with listening(half) as port, agent.forward(port) as tunnel, dial(tunnel.port) as sock:
        assert read_all(sock) == b"that is all"
        sock.sendall(RANDOM)
        sock.shutdown(socket.SHUT_WR)
        sock.close()
        assert got.get(timeout=SECONDS) == RANDOM


def test_a_refused_port_is_a_reset_and_the_reason_is_kept(agent: Agent) -> None:
    """At once; the tunnel goes on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    with agent.forward(free) as tunnel:
        assert is_reset(tunnel.port)
        assert is_reset(tunnel.port)
        stats = tunnel.stats
    assert (stats.refused, stats.failed, stats.drops) == (2, 0, 0)
    assert "refused" in stats.reason


def test_a_name_is_looked_up_there(agent: Agent) -> None:
    """One that leads nowhere is refused, with a word about it."""
    with listening(echo) as port, agent.forward(port, host="localhost") as tunnel:
        assert there_and_back(tunnel.port, b"abc") == b"abc"
    with agent.forward(80, host="nowhere.invalid") as tunnel:
        assert is_reset(tunnel.port)
        assert tunnel.stats.refused == 1 and tunnel.stats.reason


def test_a_unix_socket_is_reached(agent: Agent, kind: str, tmp_path: Path) -> None:
    """By its path, blanks and commas in it; busybox's nc cannot, and says so."""
    path = str(tmp_path / "an app, or two.sock")
    with listening(echo, family=socket.AF_UNIX, at=path), agent.forward(path) as tunnel:
        if kind == "busybox nc":
            assert is_reset(tunnel.port)
            assert "unix" in tunnel.stats.reason
        else:
            assert there_and_back(tunnel.port, RANDOM) == RANDOM


def test_a_few_at_once_are_each_their_own(agent: Agent) -> None:
    """Side by side."""
    with listening(echo) as port, agent.forward(port) as tunnel:
        found: dict[int, bytes] = {}

        def one(number: int) -> None:
            found[number] = there_and_back(tunnel.port, bytes((number,)) * 50_000)

        threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert found == {number: bytes((number,)) * 50_000 for number in range(6)}


def test_nothing_is_left_running(agent: Agent) -> None:
    """With connections open, one of which nobody reads."""
    stuck = threading.Event()

    def deaf(sock: socket.socket) -> None:
        stuck.wait(30)

    with listening(deaf) as port:
        tunnel = agent.forward(port)
        first, second = dial(tunnel.port), dial(tunnel.port)
        with first, second:
            first.sendall(b"hello")
            second.setblocking(False)
            try:
                while second.send(bytes(65536)):
                    pass
            except BlockingIOError:
                programs = running()
            assert programs
            tunnel.close()
            stuck.set()
            assert ended(programs)
    assert not any(thread.name == "coder-nb:tunnel" for thread in threading.enumerate())


def test_the_best_that_is_there_is_taken(tmp_path: Path) -> None:
    """A python3 that does not work is passed over."""
    (tmp_path / "bin").mkdir()
    for agent in workspace(tmp_path / "bin", {"python3": shutil.which("false")}, NEEDED["perl"], NEEDED["socat"]):
        with agent.forward(9) as tunnel:
            assert tunnel.relay == "perl"


def test_where_there_is_none_that_is_said(tmp_path: Path) -> None:
    """And what would do."""
    for agent in workspace(tmp_path):
        with pytest.raises(AgentUnavailable, match="python3, perl, socat, busybox nc"):
            agent.forward(9)
