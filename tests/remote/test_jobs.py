"""Background jobs: started by any shell, deaf to our end, found again, followed without loss, ended when asked."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from coder_nb.client import Coder, connect
from coder_nb.credentials import Secret
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.scenario import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.errors import CommandFailed, Conflict, Invalid, NotFound, TransportError
from coder_nb.remote import identity
from coder_nb.remote.jobs import Jobs
from coder_nb.remote.jobs_program import summary
from coder_nb.remote.script import Script
from tests.remote.local import SHELLS, Terminal, local_line

PTY = "/api/v2/workspaceagents/*/pty"


@contextmanager
def talking(shell: str) -> Iterator[tuple[Jobs, Terminal]]:
    """The jobs of this machine, through a shell of this name."""
    with local_line(shell) as (line, terminal), Jobs(line, timeout=30) as jobs:
        yield jobs, terminal


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    """Each shell there is here."""
    return str(request.param)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home jobs are kept in."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    return tmp_path


@pytest.fixture(scope="module")
def server() -> Iterator[Embedded]:
    """A deployment with the simulated fleet, in this process."""
    with Embedded(load_scenario()) as server:
        yield server


@pytest.fixture(scope="module")
def coder(server: Embedded) -> Iterator[Coder]:
    """A connection to it."""
    with connect(server.url, token=server.token) as coder:
        yield coder


def test_a_job_outlives_the_line_it_was_started_on(shell: str, home: Path) -> None:
    """Its shell is killed at once; its output and code are there later, whole."""
    id, fifo = identity.job("here"), home / "go"
    os.mkfifo(fifo)
    with talking(shell) as (jobs, terminal):
        jobs.start(id, Script(f"echo one; read x <{fifo}; echo $x; exit 7"), label="two lines")
        terminal.hang_up()
    with talking(shell) as (jobs, _):
        state, piece = jobs.follow(id, 0, wait=10)
        assert (state.status, state.code, piece) == ("running", None, b"one\n")
        with pytest.raises(Conflict, match="still runs"):
            jobs.remove(id)
        fifo.write_text("two\n")
        state, piece = jobs.follow(id, 4, wait=10)
        while state.running:
            state, _ = jobs.follow(id, 8, wait=10)
        assert (state.status, state.code, piece, state.bytes) == ("failed", 7, b"two\n", 8)
        (row,) = jobs.list()
        assert (row.id, row.command, row.status, row.code, row.bytes) == (id, "two lines", "failed", 7, 8)
        jobs.remove(id)
        assert jobs.list() == []
        with pytest.raises(NotFound, match=id):
            jobs.follow(id, 0)


def test_secrets_are_neither_on_a_command_line_nor_in_a_file(shell: str, home: Path) -> None:
    """Variables arrive, and the folder is its user's alone."""
    id = identity.job("here")
    script = Script(
        "echo ${#TOKEN}; grep -rl s3cret ~/.cache; tr '\\0' ' ' </proc/$PPID/cmdline",
        env={"TOKEN": Secret("s3cret'\n$x")},
    )
    with talking(shell) as (jobs, _):
        jobs.start(id, script, label="")
    with talking(shell) as (jobs, _):
        state, said = jobs.follow(id, 0)
        while state.running:
            state, said = jobs.follow(id, 0, wait=5)
    assert said.startswith(b"10\n") and b"s3cret" not in said
    folder = home / ".cache/coder-nb/jobs"
    assert {path.stat().st_mode & 0o777 for path in (folder, folder / id)} == {0o700}


def test_signals_reach_the_job_and_its_children(shell: str, home: Path) -> None:
    """INT as from a keyboard; KILL what ignores all else, and its code is known."""
    for signal, code in (("INT", 5), ("KILL", 137)):
        id = identity.job("here")
        with talking(shell) as (jobs, _):
            jobs.start(id, Script("trap 'exit 5' INT; trap '' TERM; echo go; while :; do sleep 0.05; done"), label="")
        with talking(shell) as (jobs, _):
            assert jobs.follow(id, 0, wait=10)[1] == b"go\n"
            jobs.hit(id, "TERM")
            jobs.hit(id, signal)
            state, _ = jobs.follow(id, 3, wait=10)
            assert (state.status, state.code) == ("failed", code)


def test_a_job_whose_process_is_gone_is_lost(shell: str, home: Path) -> None:
    """As after a restart; that its number is another process's by now does not matter."""
    id = identity.job("here")
    with talking(shell) as (jobs, _):
        jobs.start(id, Script("exit 0"), label="")
    folder = home / ".cache/coder-nb/jobs" / id
    with talking(shell) as (jobs, _):
        while jobs.follow(id, 0, wait=5)[0].running:
            pass
        (folder / "code").unlink()
        (folder / "pid").write_text(f"{os.getpid()} 1 group\n")
        assert [row.status for row in jobs.list()] == ["lost"]


def test_what_ended_a_week_ago_is_forgotten(home: Path) -> None:
    """By the next job that starts."""
    ids = [identity.job("here"), identity.job("here")]
    with talking("dash") as (jobs, _):
        jobs.start(ids[0], Script("exit 0"), label="")
    with talking("dash") as (jobs, _):
        while jobs.follow(ids[0], 0, wait=5)[0].running:
            pass
    long_ago = time.time() - 9 * 86400
    os.utime(home / ".cache/coder-nb/jobs" / ids[0], (long_ago, long_ago))
    with talking("dash") as (jobs, _):
        jobs.start(ids[1], Script("exit 0"), label="")
    with talking("dash") as (jobs, _):
        assert [row.id for row in jobs.list()] == [ids[1]]


def test_a_handle_follows_across_broken_lines(server: Embedded, coder: Coder) -> None:
    """Each byte once, in order, whatever breaks; the result is a RunResult."""
    agent = coder.agent("web")
    job = agent.run("for i in 1 2 3 4 5 6; do echo line $i; sleep 0.1; done; exit 3", background=True)
    assert repr(job) == "Job in web.main, started: for i in 1 2 3 4 5 6; do echo line $i; sleep 0.1; done; exit 3"
    server.faults.add(Fault("hang_up", path=PTY, messages=3, times=2))
    with job:
        assert "".join(job.follow(30)) == "".join(f"line {i}\n" for i in range(1, 7))
        assert server.faults.struck >= 1
        assert (job.poll(), job.status().status) == (3, "failed")
        with pytest.raises(CommandFailed) as caught:
            job.result()
    assert caught.value.result is not None and caught.value.result.code == 3
    again = agent.job(job.id)
    assert again.output_so_far() == job.output_so_far() and repr(again) == "Job in web.main, exit code 3"
    again.remove()
    with pytest.raises(NotFound, match=job.id):
        agent.job(job.id)


def test_jobs_are_a_frame_and_can_be_ended(coder: Coder) -> None:
    """Interrupted, killed; waiting for one that goes on is an error, and does it no harm."""
    agent = coder.agent("web")
    job = agent.run("# a comment\nset -e\nsleep 600", background=True)
    with pytest.raises(TransportError, match="has not ended after"):
        job.wait(0.1)
    row = agent.jobs().set_index("id").loc[job.id]
    assert (row["command"], row["status"]) == ("sleep 600", "running")
    job.kill()
    assert job.wait(10) == 143 and agent.jobs().set_index("id").loc[job.id, "status"] == "failed"


def test_secrets_are_masked_in_what_is_shown(coder: Coder) -> None:
    """In its result and in its name."""
    job = coder.agent("web").run("echo $T hunter2", background=True, env={"T": Secret("hunter2")})
    assert "hunter2" not in repr(job)
    result = job.result(10)
    assert result.output == "hunter2 hunter2\n" and "hunter2" not in repr(result)
    assert not coder.agent("web").jobs()["command"].str.contains("hunter2").any()


def test_what_cannot_be_is_told(coder: Coder) -> None:
    """A directory that is none, an id that is none, input; and nothing was started."""
    agent = coder.agent("web")
    before = len(agent.jobs())
    with pytest.raises(Invalid, match="cannot be entered"):
        agent.run("true", background=True, cwd="no/where")
    with pytest.raises(Invalid, match="not the id of a job"):
        agent.job("../../x")
    with pytest.raises(Invalid, match="neither input nor a time limit"):
        agent.run("true", background=True, input="x")  # type: ignore[call-overload]
    assert len(agent.jobs()) == before


def test_a_scripts_first_line_that_does_something() -> None:
    """Comments and settings are none."""
    assert summary("#!/bin/sh\nset -eu\n\n  make   all\n") == "make all"
    assert len(summary("x" * 200)) == 80 and summary("# nothing") == ""
