"""Background jobs in a workspace: started, looked at, followed and ended, over a line. Speaks with jobs.sh.

A job belongs to no line and to nobody here: it goes on whatever becomes of us, and is found again by its id.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files as resources
from typing import Final

from coder_nb import clock
from coder_nb.closing import Closing
from coder_nb.errors import AgentUnavailable, CoderError, Conflict, Invalid, NotFound, ProtocolError
from coder_nb.look import visible
from coder_nb.remote.jobs_program import starting
from coder_nb.remote.line import Line
from coder_nb.remote.script import Script
from coder_nb.remote.talk import Talk

__all__ = ["PROGRAM", "JobRecord", "Jobs", "State"]

PROGRAM: Final = resources("coder_nb.remote").joinpath("jobs.sh").read_text(encoding="utf-8")
"""What a line is to run before `Jobs` can speak on it; it needs signals."""

_MOST: Final = 4 * 1024 * 1024
"""Bytes of output that are asked for at a time."""
_ROUNDS_A_SECOND: Final = 5


@dataclass(frozen=True, slots=True)
class State:
    """How a job is.

    Attributes:
        status: running, ok, failed, or lost: its process is gone and left no code, as after a restart.
        code: its exit code; None while there is none.
        started, ended: by the workspace's clock, whole seconds.
        bytes: of output so far.
    """

    status: str
    code: int | None
    started: datetime
    ended: datetime | None
    bytes: int

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self.status == "running"


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A row of the list of jobs."""

    id: str
    command: str
    status: str
    code: int | None
    started: datetime
    ended: datetime | None
    seconds: float | None
    bytes: int


class Jobs(Closing):
    """A workspace's background jobs, one question at a time.

    Args:
        line: a line with signals, on which nothing has run; closed with this.
        timeout: seconds for everything; None for as long as it takes.
    """

    def __init__(self, line: Line, *, timeout: float | None = None) -> None:
        self._line = line
        self._talk = Talk(line, refused=_refused, timeout=timeout, tell=None)
        try:
            line.send(PROGRAM)
        except BaseException:
            self._talk.close()
            raise

    def close(self) -> None:
        """Ends the conversation; jobs go on."""
        self._talk.close()

    def start(self, id: str, script: Script, *, label: str) -> None:
        """Starts a job; the line is of no use afterwards.

        Args:
            id: a fresh one.
            script: what it is.
            label: what the list of jobs shows of it.
        """
        self._talk.ask(f"forget\n{starting(id, script, self._line.nonce, label)}", id)
        # The shell waits for the job, which is in a session of its own by now.
        self._line.write("\x1c")

    def list(self) -> list[JobRecord]:
        """All jobs that are kept, oldest first."""
        text = self._talk.ask("list", "jobs").text.decode("utf-8", "replace")
        now = clock.now()
        try:
            rows = [_record(line.split("\t", 6), now) for line in text.splitlines()]
        except (ValueError, OverflowError, OSError):
            raise ProtocolError("the workspace answered no list of jobs") from None
        return sorted(rows, key=lambda row: (row.started, row.id))

    def follow(self, id: str, offset: int, *, wait: float = 0.0) -> tuple[State, bytes]:
        """How a job is, and what it wrote from a byte on.

        Args:
            id: the job's.
            offset: the byte's number.
            wait: seconds until there is any, or the job has ended.
        """
        rounds = round(wait * _ROUNDS_A_SECOND)
        answer = self._talk.ask(f"j={id} o={offset} m={_MOST} r={rounds}\nfollow", id)
        size, code, ended, alive, started = [*answer.said.split(" "), "", "", "", "", ""][:5]
        try:
            state = _state(started, code.strip("-"), ended.strip("-"), alive == "1", int(size))
        except (ValueError, OverflowError, OSError):
            raise ProtocolError(f"the workspace answered nothing about job {visible(id)}") from None
        return state, answer.text

    def hit(self, id: str, signal: str) -> None:
        """Sends a signal to a job and all it has started."""
        self._talk.ask(f"j={id} v={signal}\nhit", id)

    def remove(self, id: str) -> None:
        """Removes what is kept of a job.

        Raises:
            Conflict: it still runs.
        """
        self._talk.ask(f"j={id}\nremove", id)


def _record(fields: list[str], now: datetime) -> JobRecord:
    id, started, code, ended, alive, size, command = fields
    state = _state(started, code, ended, alive == "1", int(size))
    until = state.ended or (now if state.running else None)
    seconds = max(0.0, (until - state.started).total_seconds()) if until else None
    return JobRecord(id, command, state.status, state.code, state.started, state.ended, seconds, state.bytes)


def _state(started: str, code: str, ended: str, alive: bool, size: int) -> State:
    status = "running" if alive else "lost" if not code else "ok" if code == "0" else "failed"
    end = datetime.fromtimestamp(int(ended), UTC) if ended else None
    return State(status, int(code) if code else None, datetime.fromtimestamp(int(started), UTC), end, size)


def _refused(kind: str, text: str, about: str) -> CoderError:
    about, text = visible(about), visible(text.strip())[:300]
    match kind:
        case "missing":
            return NotFound(f"no job {about} in the workspace", status=404, hint="agent.jobs() lists them")
        case "running":
            return Conflict(f"job {about} still runs", status=409, hint="job.kill() first")
        case "cwd":
            return Invalid("the directory it shall begin in cannot be entered", status=400, hint="cwd=… of those there")
        case "temp":
            return AgentUnavailable(f"no place for jobs in the workspace: {text}", hint="see df -h ~, or who owns it")
        case _:
            return Conflict(f"job {about}: it failed in the workspace ({text})", status=409)
