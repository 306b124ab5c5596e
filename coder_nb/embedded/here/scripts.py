"""Runs an agent's scripts on this machine: a real shell, lines as they come, batches once a second, an exit status.

stdout lines are level `info`, stderr lines `error`. Each script has a process group of its own, which `stop` ends
whole. It passes no CODER_* variable of its own process on to a script.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from selectors import EVENT_READ, DefaultSelector
from threading import Event, Lock, Thread
from typing import Final, Literal

__all__ = ["Batcher", "ScriptEnd", "ScriptRun", "environment"]

FLUSH_SECONDS: Final = 1.0
DRAIN_SECONDS: Final = 10.0
"""How long a script's children may hold its output open after its end."""
KILL_SECONDS: Final = 2.0
MAX_LINE: Final = 1024

ScriptStatus = Literal["ok", "exit_failure", "pipes_left_open"]
Send = Callable[[str, list[tuple[str, str]]], None]
"""Takes a source id and its (level, output) lines."""


def environment(names: Mapping[str, str]) -> dict[str, str]:
    """The variables a script gets: this process's without any CODER_*, then `names`."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("CODER")}
    return inherited | dict(names)


class Batcher:
    """Collects lines and hands them on about once a second, each source's in one batch."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._lock = Lock()
        self._waiting: dict[str, list[tuple[str, str]]] = {}
        self._some = Event()
        self._closing = Event()
        self._thread = Thread(target=self._run, name="coder-nb:here-logs", daemon=True)
        self._thread.start()

    def add(self, source_id: str, level: str, output: str) -> None:
        """Keeps a line for the next batch."""
        with self._lock:
            self._waiting.setdefault(source_id, []).append((level, output))
        self._some.set()

    def flush(self) -> None:
        """Hands on what has come so far."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
            self._some.clear()
            # Inside the lock, so that a batch never overtakes an earlier one of its source.
            for source_id, lines in waiting.items():
                self._send(source_id, lines)

    def close(self) -> None:
        """Hands on the rest and ends the thread."""
        self._closing.set()
        self._some.set()
        self._thread.join()
        self.flush()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._some.wait()
            self._closing.wait(FLUSH_SECONDS)
            self.flush()


@dataclass(frozen=True, slots=True)
class ScriptEnd:
    """How a script ended."""

    started_at: datetime
    ended_at: datetime
    exit_code: int
    status: ScriptStatus


class ScriptRun:
    """One run of one script, from its start to its end. What it leaves running in its group ends with it.

    Args:
        script: shell source text.
        environ: the variables the script sees.
        line: called with each (level, line), from a thread.
        ended: called once, from a thread, with the end; not called for a run that `stop` ended.

    Raises:
        OSError: there is no `sh` to run it, or this is no POSIX system.
    """

    def __init__(
        self,
        script: str,
        environ: Mapping[str, str],
        *,
        line: Callable[[str, str], None],
        ended: Callable[[ScriptEnd], None],
    ) -> None:
        if os.name != "posix":
            raise OSError("scripts need a POSIX shell and process groups")
        self._line = line
        self._ended = ended
        self._stopping = False
        self._started_at = datetime.now(UTC)
        self._process = subprocess.Popen(  # noqa: S603 - running the workspace's own script is the point
            ["sh", "-c", script],  # noqa: S607 - the shell of this machine, wherever it is
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._exited, self._exited_end = socket.socketpair()
        self._waiter = Thread(target=self._wait, name="coder-nb:here-wait", daemon=True)
        self._reader = Thread(target=self._read, name="coder-nb:here-read", daemon=True)
        self._waiter.start()
        self._reader.start()

    @property
    def pid(self) -> int:
        """The shell's process id, which is its process group's too."""
        return self._process.pid

    def _wait(self) -> None:
        self._process.wait()
        self._ended_at = datetime.now(UTC)
        self._signal(signal.SIGKILL)
        self._exited_end.close()

    def _read(self) -> None:
        left_open = self._pump()
        self._waiter.join()
        if left_open:
            self._line("error", f"the script ended, but something kept its output open for {DRAIN_SECONDS:.0f} s more")
        if not self._stopping:
            code = self._process.returncode
            status: ScriptStatus = "pipes_left_open" if left_open else "exit_failure" if code else "ok"
            self._ended(ScriptEnd(self._started_at, self._ended_at, code, status))

    def _pump(self) -> bool:
        """Reads until both outputs are closed; True if they still were open long after the script's end."""
        assert self._process.stdout
        assert self._process.stderr
        with self._process.stdout as out, self._process.stderr as err, self._exited, DefaultSelector() as selector:
            for pipe, level in ((out, "info"), (err, "error")):
                selector.register(pipe, EVENT_READ, _Lines(pipe.fileno(), level, self._line))
            selector.register(self._exited, EVENT_READ)
            until = float("inf")
            while any(key.data for key in selector.get_map().values()):
                ready = selector.select(None if until == float("inf") else max(0.0, until - time.monotonic()))
                if not ready and time.monotonic() >= until:
                    return True
                for key, _ in ready:
                    if key.data is None:
                        until = time.monotonic() + (KILL_SECONDS if self._stopping else DRAIN_SECONDS)
                        selector.unregister(self._exited)
                    elif not key.data.read():
                        selector.unregister(key.fileobj)
        return False

    def join(self) -> None:
        """Waits until the script has ended and its end was told."""
        self._reader.join()

    def stop(self) -> None:
        """Ends the script and everything in its group; asks first, insists after 2 seconds."""
        self._stopping = True
        if self._waiter.is_alive():
            self._signal(signal.SIGTERM)
            self._waiter.join(KILL_SECONDS)
            if self._waiter.is_alive():
                self._signal(signal.SIGKILL)
        self._waiter.join()
        self._reader.join()

    def _signal(self, number: int) -> None:
        # macOS answers PermissionError for a group of which only zombies are left.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


class _Lines:
    """One output of a script, cut into lines."""

    def __init__(self, fd: int, level: str, line: Callable[[str, str], None]) -> None:
        self._fd, self._level, self._line = fd, level, line
        self._rest = b""

    def read(self) -> bool:
        """Takes what is there; False at the end of the output."""
        data = os.read(self._fd, 65536)
        *lines, self._rest = (self._rest + data).split(b"\n")
        if not data and self._rest:
            lines, self._rest = [self._rest], b""
        for raw in lines:
            self._line(self._level, raw.decode("utf-8", "replace").replace("\0", "\ufffd")[:MAX_LINE])
        return bool(data)
