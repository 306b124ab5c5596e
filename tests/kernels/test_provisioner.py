"""A kernel in a workspace does what a kernel here does, for a client that knows nothing of workspaces."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from coder_nb.embedded import launch
from coder_nb.embedded.server import Embedded
from coder_nb.errors import AgentUnavailable, ConfigurationError, NotFound
from tests.kernels.conftest import Begin, Running, kernel


def wait_until_dead(running: Running, seconds: float = 20.0) -> int:
    """The exit code, once Jupyter would see it."""
    deadline = time.monotonic() + seconds
    while running.manager.is_alive():
        assert time.monotonic() < deadline, "the kernel's end was not noticed"
        threading.Event().wait(0.05)
    code: int = running.hosted.poll()
    return code


def test_it_runs_in_the_workspace(begin: Begin) -> None:
    """Its home, its variables, and none of ours."""
    os.environ["OF_THIS_PROCESS"] = "1"
    try:
        status, said = begin().run(
            "import os; print(os.environ['CODER_WORKSPACE_NAME'], os.getcwd() == os.environ['HOME'],"
            " 'OF_THIS_PROCESS' in os.environ, os.path.basename(os.getcwd())[:13])"
        )
    finally:
        del os.environ["OF_THIS_PROCESS"]
    assert (status, said) == ("ok", "web True False coder-nb-web-\n")


def test_here_is_a_workspace_too(server: Embedded) -> None:
    """That of the demo, in a process of its own."""
    with launch.start(scenario=None) as demo:
        os.environ["CODER_URL"], os.environ["CODER_SESSION_TOKEN"] = demo.url, demo.token.reveal()
        with kernel("here", demo.url) as running:
            assert running.run("6 * 7") == ("ok", "42")


def test_it_asks_for_input(begin: Begin) -> None:
    """The first cell may ask, and the first after a restart."""
    running = begin()
    assert running.run("input('who? ')", answer="ada") == ("ok", "'ada'")
    running.manager.restart_kernel()
    running.client.wait_for_ready(60)
    assert running.run("input('who? ')", answer="bob") == ("ok", "'bob'")


def test_large_and_many_outputs_are_whole(begin: Begin) -> None:
    """Ten megabytes at once, and hundreds of small ones in their order.

    A kernel holds a thousand of them for a listener that is slow, wherever it runs, and drops the next.
    """
    running = begin()
    assert running.run("print('x' * 10_000_000, end='')")[1] == "x" * 10_000_000
    _, said = running.run("for n in range(900): print(n, flush=True)")
    assert said.split() == [str(n) for n in range(900)]
    code = f"len({'y' * 5_000_000!r})"
    assert running.run(code) == ("ok", "5000000")


def test_an_interrupt_reaches_the_cell(begin: Begin) -> None:
    """And the kernel goes on with its variables."""
    running = begin()
    running.run("x = 1")
    threading.Timer(0.3, running.manager.interrupt_kernel).start()
    began = time.monotonic()
    status, said = running.run("import time\ntime.sleep(50)")
    assert (status, said) == ("error", "KeyboardInterrupt: ")
    assert time.monotonic() - began < 10
    assert running.run("x") == ("ok", "1")


def test_a_restart_forgets_and_keeps_its_ports(begin: Begin) -> None:
    """Those who are connected go on without connecting anew."""
    running = begin()
    running.run("x = 1")
    before, kept = running.manager.ports, running.hosted.kept
    running.manager.restart_kernel()
    running.client.wait_for_ready(60)
    assert (running.manager.ports, running.hosted.kept) == (before, kept)
    assert running.run("x") == ("error", "NameError: name 'x' is not defined")


def test_a_death_is_reported_with_its_code(begin: Begin) -> None:
    """As that of a kernel here; a new one takes its place."""
    running = begin()
    running.client.execute("import os; os._exit(3)")
    assert wait_until_dead(running) == 3
    running.manager.restart_kernel(now=True)
    running.client.wait_for_ready(60)
    running.client.execute("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert wait_until_dead(running) == -signal.SIGKILL


def test_the_last_words_of_a_kernel_come(begin: Begin) -> None:
    """Output just before its end is not lost with it."""
    running = begin()
    running.client.execute("import os; print('last words', flush=True); import sys; sys.stdout.flush(); os._exit(0)")
    said = ""
    while "last words" not in said:
        message = running.client.get_iopub_msg(timeout=20)
        said += message["content"].get("text", "")
    assert wait_until_dead(running) == 0


def test_nothing_is_left_after_a_shutdown(begin: Begin, tmp_path: Path) -> None:
    """Neither files nor processes, here or there."""
    running = begin()
    home = Path(running.run("import os; print(os.environ['HOME'])")[1].strip())
    pids = [int(word) for word in running.run("import os; print(os.getpid(), os.getppid())")[1].split()]
    (about,) = (home / ".cache/coder-nb/kernels").iterdir()
    connection = Path(running.run("import ipykernel.connect as c; print(c.get_connection_file())")[1].strip())
    assert connection.parent == about
    assert [path.stat().st_mode & 0o77 for path in (about, connection)] == [0, 0]
    assert Path(running.manager.connection_file).stat().st_mode & 0o77 == 0
    running.client.stop_channels()
    running.manager.shutdown_kernel()
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in pids) or about.exists():
        assert time.monotonic() < deadline, "something is left"
        threading.Event().wait(0.05)
    assert not list((home / ".cache/coder-nb/kernels").iterdir())
    assert not list((tmp_path / "runtime").glob("*.json"))
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("coder-nb:kernel")]


def test_no_python_with_ipykernel_is_said(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jupyter shows the error's text, so it says what to type."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    with pytest.raises(ConfigurationError, match=r"no kernel can run in web\.main.*ipykernel\nhint: coder-nb kernel"):
        begin(python="")
    with pytest.raises(ConfigurationError, match=r"/no/python does not run there"):
        begin(python="/no/python")


def test_a_workspace_that_cannot_be_asked_is_said(begin: Begin) -> None:
    """Stopped, or not there at all."""
    with pytest.raises(AgentUnavailable, match="stopped"):
        begin("archive")
    with pytest.raises(NotFound, match="no workspace 'wep'"):
        begin("wep")


def test_a_debugger_and_completion_are_served(begin: Begin) -> None:
    """On the control channel, and on that of cells."""
    running = begin()
    client = running.client
    said = client.session.msg("debug_request", {"type": "request", "seq": 1, "command": "debugInfo", "arguments": {}})
    client.control_channel.send(said)
    reply = client.get_control_msg(timeout=30)
    assert (reply["msg_type"], reply["content"]["success"]) == ("debug_reply", True)
    client.complete("import collections; collections.Order", reply=True)
    matches = client.complete("impor", reply=True, timeout=30)["content"]["matches"]
    assert "import" in matches
