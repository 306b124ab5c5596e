"""A job in somebody's hands: waited for, followed, interrupted, killed; and let go, which it does not notice.

Reading is asked for by the number of a byte, so a line that breaks is opened again and nothing is lost or repeated.
"""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from coder_nb.closing import Closing
from coder_nb.errors import ConnectionLost, Invalid, TransportError
from coder_nb.look import visible
from coder_nb.remote.failed import failed
from coder_nb.remote.jobs import Jobs, State
from coder_nb.remote.line import Line
from coder_nb.remote.result import RunResult
from coder_nb.remote.shown import Masks

__all__ = ["Job"]

T = TypeVar("T")

_KEPT: Final = 64 * 1024 * 1024
_LONG: Final = 5.0
"""Seconds of one question that waits for news."""
_GRACE: Final = 5.0
"""Seconds between asking a job to end and ending it."""
_ATTEMPTS: Final = 5
"""Broken lines one after another until they are an error."""


class Job(Closing):
    """A background job in a workspace. Leaving its `with` block lets it go on.

    Args:
        id: its id.
        where: the agent, for people.
        open_line: opens a line there.
        masks: hides secrets in what is shown.
        command: its first line, for people.

    Attributes:
        id: by which `agent.job(id)` finds it again, from another notebook too.
        command: as it was given.
    """

    def __init__(
        self, id: str, *, where: str, open_line: Callable[[], Line], masks: Masks | None = None, command: str = ""
    ) -> None:
        if not re.fullmatch(r"[0-9a-f]{8}", id):
            raise Invalid(f"not the id of a job: {id[:40]!r}", status=400, hint="agent.jobs() lists them")
        self.id, self.command = id, command
        self._where, self._open, self._masks = where, open_line, masks or Masks()
        self._jobs: Jobs | None = None
        self._state: State | None = None
        self._output = bytearray()
        self._taken = self._left_out = 0

    def __repr__(self) -> str:
        state = self._state
        how = "started" if state is None else state.status if state.code is None else f"exit code {state.code}"
        return visible(f"Job in {self._where}, {how}" + (f": {self._masks(self.command)}" if self.command else ""))

    def close(self) -> None:
        """Lets it go; it goes on."""
        jobs, self._jobs = self._jobs, None
        if jobs is not None:
            jobs.close()

    detach = close

    def poll(self) -> int | None:
        """Its exit code; None while it runs, and where it was lost.

        Endpoint: GET /workspaceagents/{id}/pty
        """
        return self._look(0.0).code

    def status(self) -> State:
        """How it is now: status (running, ok, failed, lost), code, started, ended, bytes.

        Endpoint: GET /workspaceagents/{id}/pty
        """
        return self._look(0.0)

    def wait(self, timeout: float | None = None) -> int | None:
        """Waits for its end.

        Args:
            timeout: seconds; None for as long as it takes.
        Returns:
            its exit code; None where it was lost.
        Raises:
            TransportError: time is up; it goes on.
        Endpoint: GET /workspaceagents/{id}/pty
        """
        for _ in self._news(timeout):
            pass
        return self._state.code if self._state else None

    def result(self, timeout: float | None = None, *, check: bool = True) -> RunResult[str]:
        """Waits for its end; then what became of it, with the last 64 MiB of its output at most.

        Args:
            timeout: as with `wait`.
            check: raise CommandFailed where its exit code is not 0.
        Endpoint: GET /workspaceagents/{id}/pty
        """
        self.wait(timeout)
        state = self._state
        assert state is not None
        result: RunResult[str] = RunResult(
            code=state.code,
            seconds=(state.ended - state.started).total_seconds() if state.ended else 0.0,
            started_at=state.started,
            truncated=self._left_out,
            where=self._where,
            raw_stdout=bytes(self._output),
            masks=self._masks,
        )
        if check and not result.ok:
            raise failed(result)
        return result

    def output_so_far(self) -> str:
        """All it has written until now; the last 64 MiB at most.

        Endpoint: GET /workspaceagents/{id}/pty
        """
        while self._look(0.0).bytes > self._taken:
            pass
        return self._output.decode("utf-8", "replace")

    def follow(self, timeout: float | None = None) -> Iterator[str]:
        """What it writes, as it comes, from its first byte to its end. Lines that break are opened again.

        Args:
            timeout: as with `wait`.
        Yields:
            pieces of text.
        Endpoint: GET /workspaceagents/{id}/pty
        """
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        if self._output:
            yield decoder.decode(bytes(self._output))
        for piece in self._news(timeout):
            if text := decoder.decode(piece):
                yield text
        if text := decoder.decode(b"", True):
            yield text

    def interrupt(self) -> None:
        """Ctrl-C, to it and all it has started; it may take it as it likes."""
        self._asked(lambda jobs: jobs.hit(self.id, "INT"))

    def kill(self) -> None:
        """Ends it and all it has started: it is asked to, and 5 s later made to."""
        self._asked(lambda jobs: jobs.hit(self.id, "TERM"))
        deadline = time.monotonic() + _GRACE
        while self._look(0.5).running:
            if time.monotonic() >= deadline:
                self._asked(lambda jobs: jobs.hit(self.id, "KILL"))
                return

    def remove(self) -> None:
        """Removes what is kept of it in the workspace. A week after its end the next job that starts does.

        Raises:
            Conflict: it still runs.
        """
        self._asked(lambda jobs: jobs.remove(self.id))
        self.close()

    def _news(self, timeout: float | None) -> Iterator[bytes]:
        """What it writes from where we are, to its end."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            before = self._taken
            left = _LONG if deadline is None else min(_LONG, max(0.0, deadline - time.monotonic()))
            state = self._look(left)
            if new := self._taken - before:
                yield bytes(self._output[-new:])
            elif not state.running:
                return
            elif deadline is not None and time.monotonic() >= deadline:
                raise TransportError(
                    f"the job in {self._where} has not ended after {timeout:g} s",
                    hint="it goes on; wait again",
                )

    def _look(self, wait: float) -> State:
        state, piece = self._asked(lambda jobs: jobs.follow(self.id, self._taken, wait=wait))
        self._state = state
        self._taken += len(piece)
        self._output += piece
        if len(self._output) > _KEPT:
            self._left_out += len(self._output) - _KEPT
            del self._output[: len(self._output) - _KEPT]
        return state

    def _asked(self, ask: Callable[[Jobs], T]) -> T:
        """The answer to a question that may be asked again."""
        for attempt in range(_ATTEMPTS):
            try:
                if self._jobs is None:
                    self._jobs = Jobs(self._open())
                return ask(self._jobs)
            except ConnectionLost:
                self.close()
                if attempt == _ATTEMPTS - 1:
                    raise
            except BaseException:
                self.close()
                raise
        raise AssertionError("not reached")
