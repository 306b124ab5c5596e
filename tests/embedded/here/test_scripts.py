"""Scripts that really run: their lines, their ends, and that nothing of them is left."""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Timer
from threading import enumerate as threads

import psutil
import pytest

from coder_nb.embedded.here import scripts as module
from coder_nb.embedded.here.scripts import Batcher, ScriptEnd, ScriptRun, environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts need a POSIX shell")

LIMIT = 20.0
"""Seconds after which a wait has failed; nothing takes nearly as long."""


class Running:
    """A script under test, what it said, and how it ended."""

    def __init__(self, script: str, environ: dict[str, str] | None = None) -> None:
        self.lines: list[tuple[str, str]] = []
        self.end: ScriptEnd | None = None
        self.said = Event()
        self.over = Event()
        self.run = ScriptRun(script, environ or environment({}), line=self._line, ended=self._ended)

    def _line(self, level: str, output: str) -> None:
        self.lines.append((level, output))
        self.said.set()

    def _ended(self, end: ScriptEnd) -> None:
        self.end = end
        self.over.set()


@contextmanager
def running(script: str, environ: dict[str, str] | None = None) -> Iterator[Running]:
    """Starts a script, and stops it at the end whatever happens."""
    it = Running(script, environ)
    try:
        yield it
    finally:
        it.run.stop()


def ended(script: str, environ: dict[str, str] | None = None) -> Running:
    """Runs a script to its end."""
    with running(script, environ) as it:
        assert it.over.wait(LIMIT)
        it.run.join()
    return it


def ends(pid: int) -> bool:
    """Waits until a process has ended; one that nobody has collected yet has ended too."""
    try:
        if sys.platform == "linux":
            with os.fdopen(os.pidfd_open(pid)) as process:
                return bool(select.select([process], [], [], LIMIT)[0])
        psutil.Process(pid).wait(LIMIT)
    except (ProcessLookupError, psutil.NoSuchProcess):
        pass
    return True


def test_stdout_is_info_and_stderr_is_error() -> None:
    """The two outputs of a script have a level each; the end tells when it began and ended."""
    before = datetime.now(UTC)
    it = ended("echo one; echo two; echo three >&2")
    assert [output for level, output in it.lines if level == "info"] == ["one", "two"]
    assert [output for level, output in it.lines if level == "error"] == ["three"]
    assert it.end is not None
    assert (it.end.exit_code, it.end.status) == (0, "ok")
    assert before <= it.end.started_at <= it.end.ended_at <= datetime.now(UTC)


def test_a_failing_script_tells_its_exit_code() -> None:
    """The shell's exit code comes back as it is."""
    end = ended("echo about to fail; exit 7").end
    assert end is not None
    assert (end.exit_code, end.status) == (7, "exit_failure")


def test_odd_output_becomes_lines() -> None:
    """No final newline, empty lines, bad UTF-8, NUL, carriage returns and over-long lines."""
    script = r"printf 'a\n\nb\rc\n'; printf '\377x\000y\n'; head -c 3000 /dev/zero | tr '\0' z; printf '\nend'"
    lines = [output for _, output in ended(script).lines]
    assert lines == ["a", "", "b\rc", "\ufffdx\ufffdy", "z" * 1024, "end"]


def test_a_script_sees_its_workspace_and_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """CODER_* variables of the deployment's own process do not reach it, the ones given do."""
    monkeypatch.setenv("CODER_SESSION_TOKEN", "secret")
    monkeypatch.setenv("UNRELATED", "kept")
    it = ended('echo "[$CODER_SESSION_TOKEN][$CODER][$UNRELATED]"', environment({"CODER": "true"}))
    assert it.lines == [("info", "[][true][kept]")]


def test_standard_input_is_empty() -> None:
    """A script that reads gets the end at once instead of the deployment's terminal."""
    assert ended("cat; echo done").lines == [("info", "done")]


def test_stop_ends_the_whole_group() -> None:
    """A child that runs in the background goes too, and the end of a stopped run is not told."""
    with running("sleep 600 & echo $!; wait") as it:
        assert it.said.wait(LIMIT)
        child = int(it.lines[0][1])
        assert psutil.pid_exists(child)
    assert ends(child) and ends(it.run.pid)
    assert it.end is None


def test_stop_insists(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script that ignores the first signal is killed."""
    monkeypatch.setattr(module, "KILL_SECONDS", 0.1)
    with running("trap '' TERM; echo deaf; while :; do sleep 600; done") as it:
        assert it.said.wait(LIMIT)
    assert ends(it.run.pid)


def test_what_a_script_leaves_behind_ends_with_it() -> None:
    """A background child in the script's group does not outlive it, nor hold its output open."""
    it = ended("sleep 600 & echo $!")
    assert it.end is not None and it.end.status == "ok"
    assert ends(int(it.lines[0][1]))


@pytest.mark.skipif(not shutil.which("setsid"), reason="needs setsid to leave the process group")
def test_output_held_open_from_outside_the_group_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something that left the group and keeps the output: the run ends after a while, and says so."""
    monkeypatch.setattr(module, "DRAIN_SECONDS", 0.1)
    it = ended("setsid sh -c 'echo $$; exec sleep 600' & sleep 0.2")
    os.kill(int(it.lines[0][1]), signal.SIGKILL)
    assert it.end is not None
    assert (it.end.exit_code, it.end.status) == (0, "pipes_left_open")
    assert it.lines[-1][0] == "error"


def test_a_system_without_a_shell_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run does not begin, and no thread is left."""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(OSError, match="sh"):
        Running("echo never")
    assert not [thread for thread in threads() if thread.name.startswith("coder-nb:here")]


def test_a_batch_is_sent_by_itself() -> None:
    """Lines that came together are sent together, without anybody asking."""
    sent: list[tuple[str, list[tuple[str, str]]]] = []
    arrived = Event()

    def send(source_id: str, lines: list[tuple[str, str]]) -> None:
        sent.append((source_id, lines))
        arrived.set()

    batcher = Batcher(send)
    for n in range(100):
        batcher.add("a", "info", str(n))
    assert arrived.wait(LIMIT)
    batcher.close()
    assert sent == [("a", [("info", str(n)) for n in range(100)])]


def test_closing_sends_the_rest_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost, and nobody waits for the second to be over."""
    monkeypatch.setattr(module, "FLUSH_SECONDS", 600.0)
    sent: list[str] = []
    batcher = Batcher(lambda source_id, lines: sent.append(source_id))
    batcher.add("a", "info", "x")
    batcher.add("b", "info", "y")
    watchdog = Timer(LIMIT, os._exit, [70])
    watchdog.start()
    batcher.close()
    watchdog.cancel()
    assert sent == ["a", "b"]
