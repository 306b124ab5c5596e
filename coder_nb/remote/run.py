"""Runs one script on a line that is ready, and waits for what becomes of it.

Never runs anything twice: where the line breaks in between, ConnectionLost has what came until then, and what became of
the script is unknown.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from coder_nb import look
from coder_nb.clock import Watch
from coder_nb.errors import AgentUnavailable, CoderError, ConnectionLost, Invalid, TransportError
from coder_nb.remote.interrupts import Interrupts
from coder_nb.remote.line import Line
from coder_nb.remote.reply import Reply
from coder_nb.remote.result import RunResult
from coder_nb.remote.script import Script
from coder_nb.remote.shown import Masks
from coder_nb.remote.sink import Sink

__all__ = ["KEPT", "Run", "Want"]

KEPT: Final = 64 * 1024 * 1024
"""Bytes of output that are kept in memory."""

_SLICE: Final = 0.1
"""Seconds until Ctrl-C is noticed at most."""
_AGAIN: Final = 2.0
"""Seconds within which a second Ctrl-C ends it."""
_LAST: Final = 1.0
"""Seconds for the end of what was ended by force."""
_INTERRUPT, _QUIT = "\x03", "\x1c"


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """How a script is to be run, beyond what it is.

    Args:
        where: the agent, for people.
        timeout: seconds until it is interrupted, and soon ended; None for as long as it takes.
        as_text: whether output is given as text; else as bytes.
        on_output: called with standard output as it comes, in the thread that waits.
        on_wait: called about ten times a second while nothing comes, with the seconds since something did.
        spool: a file that gets all of standard output, however much.
        streamed: whether somebody sees the output as it comes.
        kept: bytes of output that are kept.
        grace: seconds between interrupting and ending.
    """

    where: str = ""
    timeout: float | None = None
    as_text: bool = True
    on_output: Callable[[Any], object] | None = None
    on_wait: Callable[[float], object] | None = None
    spool: Path | None = None
    streamed: bool = False
    kept: int = KEPT
    grace: float = 5.0


class Run:
    """A script on a line, once.

    Args:
        line: ready, and with signals. It is closed where it cannot be used again.
        script: what to run.
        want: how.

    Attributes:
        reusable: whether the line is ready for another.
        left: the process group that may still be running there after it was ended by force; None where nothing is.
    """

    def __init__(self, line: Line, script: Script, want: Want) -> None:
        self._line, self._script, self._want = line, script, want
        self._reply = Reply(line.nonce)
        self._sink = Sink(kept=want.kept, spool=want.spool, tell=want.on_output, as_text=want.as_text)
        self._due: float | None = None
        self._heard = time.monotonic()
        self._waits_for_input = script.input is not None
        self._timed_out = self._interrupted = self._forced = False
        self._pressed = float("-inf")
        self.reusable = False
        self.left: int | None = None

    def wait(self) -> RunResult[Any]:
        """Sends it, and returns what became of it.

        Raises:
            Invalid: there is no such directory; nothing has run.
            AgentUnavailable: something it takes is missing there; nothing has run.
            ConnectionLost: the line broke, or the agent is gone.
            KeyboardInterrupt: Ctrl-C before it had begun, or twice within 2 s; it was ended.
        """
        watch = Watch(f"run at {self._want.where} {crc32(self._script.text.encode()):08x}")
        if self._want.timeout is not None:
            self._due = time.monotonic() + self._want.timeout
        try:
            self._line.send(self._script.program(self._line.nonce))
            with self._sink, Interrupts() as interrupts:
                while not self._reply.done:
                    self._step(interrupts)
                self._sink.finish()
        except TransportError as error:
            self._leave()
            raise self._lost(error) from None
        except BaseException:
            self._leave()
            raise
        if self._reply.failed:
            raise self._refused()
        self.reusable = not self._forced
        watch.stop()
        return self._result(watch)

    @property
    def _begun(self) -> bool:
        """Whether the script itself may be running."""
        return self._reply.pid is not None and not self._waits_for_input

    def _step(self, interrupts: Interrupts) -> None:
        for _ in range(interrupts.take()):
            self._press()
        now = time.monotonic()
        if self._due is not None and now >= self._due:
            self._time_is_up(now)
        try:
            data = self._line.read(_SLICE if self._due is None else min(_SLICE, max(0.0, self._due - now)))
        except TimeoutError:
            if self._want.on_wait is not None:
                self._want.on_wait(now - self._heard)
            return
        if not data:
            self._ended()
            return
        self._heard = now
        for stream, piece in self._reply.feed(data):
            self._sink.put(stream, piece)
        if self._reply.asks:
            self._answer(interrupts)

    def _answer(self, interrupts: Interrupts) -> None:
        asks, self._reply.asks = self._reply.asks, ""
        if asks == "J":
            self._waits_for_input = False
            self._line.write(f"{self._line.nonce}\n")
            return
        for piece in self._script.typed_input():
            self._line.write(piece)
            if interrupts.take():
                raise KeyboardInterrupt
            if self._due is not None and time.monotonic() >= self._due:
                return

    def _press(self) -> None:
        now = time.monotonic()
        if now - self._pressed < _AGAIN or not self._begun:
            raise KeyboardInterrupt
        self._pressed, self._interrupted = now, True
        self._line.write(_INTERRUPT)

    def _time_is_up(self, now: float) -> None:
        if not self._timed_out and self._begun:
            self._timed_out, self._due = True, now + self._want.grace
            self._line.write(_INTERRUPT)
        elif not self._forced:
            self._timed_out = self._forced = True
            self._due = now + _LAST
            self.left = self._reply.pid
            self._line.write(_QUIT)
        else:
            self._ended()

    def _ended(self) -> None:
        """The line is at its end, or given up."""
        for stream, piece in self._reply.rest():
            self._sink.put(stream, piece)
        if not self._forced:
            raise ConnectionLost("the line broke")
        self._reply.done = True
        self._line.close(wait=0.0)

    def _leave(self) -> None:
        """Ends what runs, as far as that can be done from here, without waiting for it."""
        with suppress(CoderError):
            self._line.write(_QUIT)
        self._line.close(wait=0.0)

    def _lost(self, error: TransportError) -> ConnectionLost:
        output = self._sink.taken("out") + self._sink.taken("err")
        known = isinstance(error, ConnectionLost) and error.hint
        what = f"the line to {self._want.where or 'the workspace'} broke while the command ran: {error.message}"
        return ConnectionLost(
            error.message if known else f"{what}; what became of it is unknown",
            output=output.decode("utf-8", "replace") if self._want.as_text else output,
            hint=error.hint if known else "it may still run, or have ended; nothing was run a second time",
        )

    def _refused(self) -> CoderError:
        if self._reply.failed != "missing":
            self.reusable = True
            why = "there is no directory" if self._reply.failed == "nowhere" else "it is not allowed to enter"
            return Invalid(
                f"nothing was run at {self._want.where or 'the workspace'}: {why} {self._script.cwd!r}",
                status=400,
                hint="cwd is a path there; without it a command begins in the agent's own directory",
            )
        self._line.close(wait=0.0)
        reason = look.visible(" ".join(self._sink.taken("out").decode("utf-8", "replace").split())[:300])
        return AgentUnavailable(
            f"nothing was run at {self._want.where or 'the workspace'}: {reason or 'something is missing there'}",
            hint="input and separate stderr need mktemp and base64 there, and room for a temporary file",
        )

    def _result(self, watch: Watch) -> RunResult[Any]:
        return RunResult(
            code=self._reply.code,
            seconds=watch.seconds,
            started_at=watch.started,
            truncated=self._sink.left_out,
            where=self._want.where,
            timed_out=self._timed_out,
            interrupted=self._interrupted,
            streamed=self._want.streamed,
            raw_stdout=self._sink.taken("out"),
            raw_stderr=self._sink.taken("err"),
            as_text=self._want.as_text,
            masks=Masks(self._script.secrets()),
        )
