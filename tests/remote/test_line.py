"""A line reads always, waits for whoever is slow, and is opened again only before anything has run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from coder_nb.client import Coder, connect
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.scenario import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.errors import AgentUnavailable, ConnectionLost
from coder_nb.remote.line import Line, LineLimits
from coder_nb.remote.opening import open_line
from tests.remote.local import local_line

PTY = "/api/v2/workspaceagents/*/pty"
END = "printf '\\036Z%s\\036' $_N"


@pytest.fixture
def server() -> Iterator[Embedded]:
    """A deployment with the simulated fleet, in this process."""
    with Embedded(load_scenario()) as server:
        yield server


@pytest.fixture
def coder(server: Embedded) -> Iterator[Coder]:
    """A connection to it."""
    with connect(server.url, token=server.token) as coder:
        yield coder


def opened(coder: Coder, program: str = "", **limits: float) -> Line:
    """A line to the workspace `web`."""
    agent = coder.agent("web")
    return open_line(
        coder.api.pty,
        agent.id,
        program,
        alive=lambda: None,
        limits=LineLimits(**limits),  # type: ignore[arg-type]
    )


def until(line: Line, end: bytes) -> bytes:
    """What is said up to this, and with it."""
    said = b""
    while end not in said:
        data = line.read(20)
        assert data, said
        said += data
    return said


def test_an_open_that_hangs_is_tried_again(server: Embedded, coder: Coder) -> None:
    """With another id, as nothing has run; the third attempt counts too."""
    server.faults.add(Fault("silent", path=PTY, times=2))
    with opened(coder, "printf hello", ready=0.2) as line:
        assert until(line, b"hello") == b"hello"
    assert server.faults.struck == 2


def test_what_never_begins_is_said_to_have_run_nothing(server: Embedded, coder: Coder) -> None:
    """After three attempts."""
    server.faults.add(Fault("silent", path=PTY, times=None))
    with pytest.raises(AgentUnavailable, match="3 attempts, and nothing has run"):
        opened(coder, ready=0.1)
    assert server.faults.struck == 3


def test_a_line_that_breaks_gives_what_came_and_then_its_end(server: Embedded, coder: Coder) -> None:
    """It is not opened again."""
    server.faults.add(Fault("hang_up", path=PTY, messages=2))
    with opened(coder) as line:
        line.send("printf hello")
        said = b""
        while data := line.read(10):
            said += data
        assert (said, line.ended) == (b"hello", True)


def test_silence_is_looked_into(coder: Coder) -> None:
    """Again and again, until the agent is found to be gone; a caller's own patience may end before."""
    asked = []

    def alive() -> None:
        asked.append(time.monotonic())
        if len(asked) == 3:
            raise ConnectionLost("gone")

    line = open_line(coder.api.pty, coder.agent("web").id, alive=alive, limits=LineLimits(silence=0.05))
    with line:
        with pytest.raises(TimeoutError):
            line.read(0.08)
        with pytest.raises(ConnectionLost, match="gone"):
            line.read()
    assert len(asked) == 3


def test_who_reads_late_loses_nothing() -> None:
    """Beyond a certain amount reading pauses, and goes on where that has lasted."""
    size = 3_000_000
    with local_line("dash", limits=LineLimits(waiting=100_000, pause=0.05)) as (line, _):
        line.send(f"head -c {size} /dev/zero;{END}")
        with line._news:
            while line._size <= 400_000:
                line._wanted = True
                assert line._news.wait(20)
        end = b"\x1eZ" + line.nonce.encode() + b"\x1e"
        assert until(line, end) == bytes(size) + end


def test_a_pause_ends_when_something_is_taken() -> None:
    """Not only when it has lasted."""
    with local_line("dash", limits=LineLimits(waiting=50_000, pause=60)) as (line, _):
        line.send(f"head -c 5000000 /dev/zero;{END}")
        assert len(until(line, b"\x1eZ")) > 5_000_000


def test_closing_wakes_who_waits(coder: Coder) -> None:
    """From another thread, at once, and leaves no thread."""
    line = opened(coder)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(line.read()))
    reader.start()
    line.close()
    reader.join(10)
    line.close()
    assert found == [b""]
    assert not any(thread.name == "coder-nb:pty" for thread in threading.enumerate())


def test_closing_ends_the_shell() -> None:
    """The program there ends by itself, as it is told to."""
    with local_line("dash") as (line, terminal):
        line.close(wait=10)
        assert terminal.program.wait(10) == 0


def test_what_comes_can_be_handed_over() -> None:
    """What was held first, then all else, and its end: to one who is told in the thread that reads."""
    with local_line("dash") as (line, terminal):
        line.send("printf one")
        said, ended = bytearray(), threading.Event()

        def take(data: bytes) -> None:
            said.extend(data)
            if not data:
                ended.set()

        until(line, b"o")
        line.hand_over(take)
        line.send("printf two")
        line.send("printf three; exit")
        assert ended.wait(20)
        assert bytes(said).endswith(b"twothree")
        line.hand_over(take)
        assert line.ended
        terminal.program.wait(10)


def test_a_line_is_cut_without_a_word(coder: Coder) -> None:
    """However much waits to be written; reading it is at its end."""
    line = opened(coder, "sleep 30")
    line.cut()
    line.cut()
    assert line.read() == b"" and line.ending
    line.close()
    assert not any(thread.name == "coder-nb:pty" for thread in threading.enumerate())
