"""Many commands one after another over one line: a session. Each runs on its own, as if it had been run alone.

A line that is lost between two commands is opened again; one that is lost within a command is an error, and nothing is
run a second time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any, Literal, Protocol, TypedDict, Unpack, overload

from coder_nb.closing import Closing
from coder_nb.credentials import Secret
from coder_nb.errors import CoderError, Invalid
from coder_nb.remote.failed import failed
from coder_nb.remote.kept import KeptLines, answers
from coder_nb.remote.line import Line
from coder_nb.remote.result import RunResult
from coder_nb.remote.run import Run, Want
from coder_nb.remote.script import Script

__all__ = ["Borrowed", "How", "Owned", "Session"]


class How(TypedDict, total=False):
    """How a command is run; `Session.run` explains each."""

    shell: str | None
    cwd: str | None
    env: Mapping[str, str | Secret] | None
    input: str | bytes | Secret | None
    timeout: float | None
    check: bool
    stderr: Literal["merge", "separate"]
    on_output: Callable[[Any], object] | None
    on_wait: Callable[[float], object] | None
    spool: str | PathLike[str] | None


class Lines(Protocol):
    """Where a session has its lines from."""

    def take(self) -> Line: ...
    def give_back(self, line: Line) -> None: ...
    def close(self) -> None: ...


class Owned:
    """One line that belongs to a session for as long as that lasts.

    Args:
        open_line: opens one.
    """

    def __init__(self, open_line: Callable[[], Line]) -> None:
        self._open = open_line
        self._line: Line | None = None

    def take(self) -> Line:
        """The line, if it is there; else another one."""
        line, self._line = self._line, None
        if line is not None:
            if answers(line):
                return line
            line.close(wait=0.0)
        return self._open()

    def give_back(self, line: Line) -> None:
        """It can be used again."""
        self._line = line

    def close(self) -> None:
        """Ends it."""
        line, self._line = self._line, None
        if line is not None:
            line.close()


class Borrowed:
    """A line out of those that are kept for a moment.

    Args:
        kept: where they are.
        key: under which name.
        open_line: opens one where none is.
    """

    def __init__(self, kept: KeptLines, key: Hashable, open_line: Callable[[], Line]) -> None:
        self._kept, self._key, self._open = kept, key, open_line

    def take(self) -> Line:
        """One that was kept, or a new one."""
        return self._kept.take(self._key, self._open)

    def give_back(self, line: Line) -> None:
        """It can be used again."""
        self._kept.give_back(self._key, line)

    def close(self) -> None:
        """What was given back belongs to others."""


class Session(Closing):
    """Runs commands, one at a time; others wait for their turn.

    Args:
        lines: where its line comes from.
        where: the agent, for people.
        end_group: ends a process group there for good, after a command that would not end.
        shell, cwd, env: for each command that says nothing else.
    """

    def __init__(
        self,
        lines: Lines,
        *,
        where: str,
        end_group: Callable[[int], None],
        shell: str = "sh",
        cwd: str | None = None,
        env: Mapping[str, str | Secret] | None = None,
    ) -> None:
        self._lines, self._where, self._end_group = lines, where, end_group
        self._shell, self._cwd, self._env = shell, cwd, dict(env or {})
        self._turn = threading.Lock()
        self._closed = False

    def __repr__(self) -> str:
        return f"Session at {self._where}{', closed' if self._closed else ''}"

    @overload
    def run(self, script: str, *, text: Literal[True] = True, **how: Unpack[How]) -> RunResult[str]: ...

    @overload
    def run(self, script: str, *, text: Literal[False], **how: Unpack[How]) -> RunResult[bytes]: ...

    @overload
    def run(self, script: str, *, text: bool, **how: Unpack[How]) -> RunResult[Any]: ...

    def run(
        self,
        script: str,
        *,
        shell: str | None = None,
        cwd: str | None = None,
        env: Mapping[str, str | Secret] | None = None,
        input: str | bytes | Secret | None = None,
        timeout: float | None = None,
        check: bool = True,
        stderr: Literal["merge", "separate"] = "merge",
        on_output: Callable[[Any], object] | None = None,
        on_wait: Callable[[float], object] | None = None,
        spool: str | PathLike[str] | None = None,
        text: bool = True,
    ) -> RunResult[Any]:
        """Runs a script and returns what became of it; as `Agent.run`, which explains the arguments.

        Raises:
            Invalid: what was asked for cannot be; nothing was run.
            CommandFailed: it did not end with the exit code 0.
            ConnectionLost: what became of it is unknown.
        """
        asked = Script(
            script,
            shell=shell or self._shell,
            cwd=(self._cwd if cwd is None else cwd) or "",
            env=self._env | dict(env or {}),
            input=_bytes(input),
            separate=_separate(stderr),
        )
        want = Want(
            where=self._where,
            timeout=timeout,
            as_text=text,
            on_output=on_output,
            on_wait=on_wait,
            spool=None if spool is None else Path(spool),
            streamed=on_output is not None,
        )
        result = self._run(asked, want)
        # An interrupted notebook is not to go on as if nothing had been.
        if (check and not result.ok) or (result.interrupted and result.code != 0):
            raise failed(result)
        return result

    def close(self) -> None:
        """Ends it; a second time does nothing."""
        self._closed = True
        self._lines.close()

    def _run(self, script: Script, want: Want) -> RunResult[Any]:
        with self._turn:
            if self._closed:
                raise Invalid("the session is closed", status=400, hint="agent.session() opens another")
            line = self._lines.take()
            run = Run(line, script, want)
            try:
                return run.wait()
            finally:
                if run.reusable:
                    self._lines.give_back(line)
                if run.left is not None:
                    with suppress(CoderError):
                        self._end_group(run.left)


def _bytes(data: str | bytes | Secret | None) -> bytes | None:
    if isinstance(data, Secret):
        data = data.reveal()
    if not isinstance(data, str):
        return data
    try:
        return data.encode()
    except UnicodeEncodeError:
        raise Invalid("the input has a character that is none", status=400, hint="give bytes") from None


def _separate(stderr: str) -> bool:
    if stderr not in ("merge", "separate"):
        raise Invalid(f"stderr cannot be {stderr!r}", status=400, hint="'merge' or 'separate'")
    return stderr == "separate"
