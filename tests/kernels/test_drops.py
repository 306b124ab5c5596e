"""Connections to a kernel that break at any byte: nothing is lost and nothing comes twice, and the kernel goes on."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import threading
import time

import pytest

from coder_nb.client import Coder
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.server import Embedded
from coder_nb.errors import AgentUnavailable
from tests.kernels.conftest import Begin, Running

PTY = "/api/v2/workspaceagents/*/pty"


def wait_for(true: object, seconds: float = 30.0) -> None:
    """Returns once it is true."""
    deadline = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not come to that"
        threading.Event().wait(0.02)


def drop(running: Running) -> None:
    """Ends the connection there is, as a network does."""
    connection = running.hosted._carrier._connection
    assert connection is not None
    connection.close()


@pytest.mark.parametrize("seed", range(2))
def test_output_is_whole_however_often_it_breaks(server: Embedded, begin: Begin, seed: int) -> None:
    """Six megabytes in 600 messages, over connections of which each breaks at another byte."""
    numbers = random.Random(seed)
    running = begin()
    for _ in range(25):
        server.faults.add(Fault("break", PTY, size=numbers.randrange(2_000, 400_000)))
    drop(running)
    code = "import random; r = random.Random(1)\nfor n in range(600): print(n, r.randbytes(5000).hex(), flush=True)"
    status, said = running.run(code)
    source = random.Random(1)
    expected = "".join(f"{n} {source.randbytes(5000).hex()}\n" for n in range(600))
    assert status == "ok"
    assert hashlib.sha256(said.encode()).digest() == hashlib.sha256(expected.encode()).digest()
    assert server.faults.struck >= 10


def test_input_is_whole_however_often_it_breaks(server: Embedded, begin: Begin) -> None:
    """A cell of two megabytes, on connections that break while it is sent."""
    running = begin()
    for size in (3_000, 70_000, 500, 300_000, 1_000_000):
        server.faults.add(Fault("break_input", PTY, size=size))
    drop(running)
    text = random.Random(2).randbytes(1_000_000).hex()
    status, said = running.run(f"import hashlib; print(hashlib.sha256({text!r}.encode()).hexdigest())")
    assert (status, said.strip()) == ("ok", hashlib.sha256(text.encode()).hexdigest())
    assert server.faults.struck == 5


def test_what_is_said_while_nobody_is_there_comes_later(server: Embedded, begin: Begin) -> None:
    """The cell runs on, and its output and its reply come with the next connection."""
    running = begin()
    running.run("x = 0")
    message = running.client.execute("import time\nfor x in range(20): print(x, flush=True); time.sleep(0.01)")
    server.faults.add(Fault("status", PTY, times=3))
    drop(running)
    said, status = "", ""
    while status != "idle":
        got = running.client.get_iopub_msg(timeout=30)
        if got["parent_header"].get("msg_id") == message:
            said += got["content"].get("text", "")
            status = got["content"].get("execution_state", status)
    assert said.split() == [str(n) for n in range(20)]
    assert running.client.get_shell_msg(timeout=10)["parent_header"]["msg_id"] == message
    assert server.faults.struck >= 1


def test_an_interrupt_is_kept_for_the_next_connection(server: Embedded, begin: Begin) -> None:
    """It is sent once, when it can be."""
    running = begin()
    server.faults.add(Fault("status", PTY, times=2))
    running.client.execute("import time\ntry: time.sleep(60)\nexcept KeyboardInterrupt: print('once')")
    wait_for(lambda: running.client.get_iopub_msg(timeout=20)["msg_type"] == "execute_input")
    drop(running)
    running.manager.interrupt_kernel()
    wait_for(lambda: running.client.get_iopub_msg(timeout=30)["content"].get("text") == "once\n")
    assert running.run("1") == ("ok", "1")


def test_a_silent_connection_is_replaced(server: Embedded, begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """One on which nothing comes any more, though nobody has ended it."""
    monkeypatch.setattr("coder_nb.kernels.carrier._SILENCE", 1.0)
    monkeypatch.setattr("coder_nb.kernels.carrier._TICK", 0.2)
    running = begin()
    server.faults.add(Fault("silent", PTY, messages=6))
    drop(running)
    assert running.run("'x' * 10") == ("ok", "'xxxxxxxxxx'")
    wait_for(lambda: server.faults.struck)
    for n in range(20):
        assert running.run(f"{n}") == ("ok", str(n))


def test_a_kernel_that_died_meanwhile_is_dead(server: Embedded, begin: Begin) -> None:
    """Its keeper says so as soon as there is a connection."""
    running = begin()
    pid = running.hosted.pid
    server.faults.add(Fault("status", PTY, times=3))
    drop(running)
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not running.manager.is_alive())
    assert running.hosted.poll() == -signal.SIGKILL


def test_a_kernel_whose_keeper_is_gone_is_dead(begin: Begin) -> None:
    """It cannot be come back to."""
    running = begin()
    keeper = int(running.run("import os; os.getppid()")[1])
    os.kill(keeper, signal.SIGKILL)
    wait_for(lambda: not running.manager.is_alive())
    assert running.hosted.poll() == 1
    running.manager.restart_kernel(now=True)
    running.client.wait_for_ready(60)
    assert running.run("2") == ("ok", "2")


def test_a_restart_of_the_agent_leaves_the_kernel(server: Embedded, begin: Begin) -> None:
    """Its variables too: the keeper belongs to no agent."""
    running = begin()
    running.run("x = 1")
    server.faults.add(Fault("agent_stopped", PTY, messages=3, seconds=1.0))
    drop(running)
    wait_for(lambda: server.faults.struck)
    assert running.run("x") == ("ok", "1")


def test_a_kernel_of_a_workspace_that_was_stopped_is_dead(server: Embedded, begin: Begin, coder: Coder) -> None:
    """Nobody waits for it, and a restart says what to do."""
    # Simulated workspaces run on this machine, which does not stop with them.
    running = begin(idle=2.0)
    coder.workspace("web").stop(wait=True)
    wait_for(lambda: not running.manager.is_alive(), 60)
    assert running.hosted.poll() == 1
    with pytest.raises(AgentUnavailable, match=r"web.*stopped"):
        running.manager.restart_kernel(now=True)


def test_a_restart_of_the_deployment_leaves_the_kernel(server: Embedded, begin: Begin) -> None:
    """It is met again at the same address."""
    running = begin(idle=60.0)
    running.run("x = 'still here'")
    port = server.port
    server.close()
    with Embedded(server.deployment, token=server.token, port=port):
        # The homes of a demo go with it, and a kernel's history was in one.
        status, said = running.run("x", seconds=90)
        running.manager.shutdown_kernel(now=True)
    assert (status, "still here" in said) == ("ok", True)
