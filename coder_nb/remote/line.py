"""A raw line to a shell of ours in a workspace. Nothing else in this package opens a terminal by hand.

A thread reads always, so that the server is answered whatever the caller does. Nothing is ever sent twice; `opening`
opens one.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from coder_nb.closing import Closing
from coder_nb.errors import CoderError, ConnectionLost, TransportError
from coder_nb.remote.protocol import END, mark, typed_program

if TYPE_CHECKING:
    from coder_nb.api.pty import Pty

__all__ = ["Alive", "Line", "LineLimits", "Take"]

Take = Callable[[bytes], None]
"""Is given what comes, and b"" at the end. It must not wait: while it does, nothing is read."""
Alive = Callable[[], None]
"""Asked after a silence; raises ConnectionLost where the agent is gone, or is another process by now."""

_SLICE: Final = 0.1 if sys.platform == "win32" else None
"""Longest wait in one go: where locks cannot be interrupted, Ctrl-C is seen between two waits."""


@dataclass(frozen=True, slots=True)
class LineLimits:
    """Times in seconds, sizes in bytes.

    Attributes:
        ready: until an opened terminal must have begun; a new agent's first takes 5 s.
        attempts: how often one is opened at most.
        silence: without output until the agent is asked for.
        waiting: output kept for who does not take it; beyond that reading pauses, and so does the program.
        pause: of reading at most: a server cuts off who does not answer within 15 s.
        most: output kept at most, whatever it leads to.
        goodbye: for the shell's end when the line is closed.
    """

    ready: float = 10.0
    attempts: int = 3
    silence: float = 20.0
    waiting: int = 16 * 1024 * 1024
    pause: float = 8.0
    most: int = 256 * 1024 * 1024
    goodbye: float = 0.5


class Line(Closing):
    """An open line whose shell waits for programs. One thread reads; any may write and close.

    Args:
        pty: the terminal, its mark of being ready read.
        nonce: what tells its marks from output; in the shell it is the variable _N.
        signals: whether Ctrl-C written to it is a signal.
        alive: asked for when nothing has come for long.
        limits: how long and how much.

    Attributes:
        nonce: as it was given.
    """

    def __init__(self, pty: Pty, nonce: str, *, signals: bool, alive: Alive, limits: LineLimits) -> None:
        self.nonce = nonce
        self._pty, self._signals, self._alive, self._limits = pty, signals, alive, limits
        self._held: deque[bytes] = deque()
        self._size = 0
        self._allowed = limits.waiting
        self._news = threading.Condition()
        self._wanted = False
        self._ended = False
        self._closed = False
        self._fault: CoderError | None = None
        self._taker: Take | None = None
        self._heard = self._asked = time.monotonic()
        self._reader = threading.Thread(target=self._listen, name="coder-nb:pty", daemon=True)
        self._reader.start()

    @property
    def ended(self) -> bool:
        """Whether nothing more will come, beyond what can still be read."""
        return self._ended

    @property
    def heard(self) -> float:
        """When something came last, on `time.monotonic`'s clock."""
        return self._heard

    @property
    def session(self) -> str:
        """The id by which one can attach to its terminal again."""
        return self._pty.reconnect

    @property
    def ending(self) -> str:
        """How it ended, in words; "" while it has not."""
        if self._fault is not None:
            return self._fault.message
        how = self._pty.ended
        if not self._ended or how is None:
            return ""
        return how.reason or f"it ended with {how.code}"

    def hand_over(self, take: Take) -> None:
        """From now on `take` is given what comes, by the thread that reads; `read` is of no use any more."""
        with self._news:
            self._taker = take
            if self._held:
                take(self._take())
            if self._ended:
                take(b"")

    def ask(self) -> None:
        """Asks whether the agent is there.

        Raises:
            ConnectionLost: it is gone, or another process than when the line was opened.
        """
        self._alive()

    def send(self, program: str) -> None:
        """Have the shell run a program, with this line as its standard input and output, once it is there whole.

        The shell waits after each program, so what the last one writes is never lost. A program says by itself that it
        is at its end, best with a mark (`protocol.mark`), and that it waits for input: shells read ahead, so what is
        typed before it has said anything may be lost. One that is sent while another runs must be short.

        Raises:
            Invalid: lone surrogates; nothing was sent.
            ConnectionLost: the line has ended; it is unknown whether the program was received whole.
        """
        first, rest = typed_program(program, self.nonce, signals=self._signals)
        try:
            self.write(first)
            if rest:
                self._hear(mark("L", self.nonce))
                self.write(rest)
        except ConnectionLost:
            raise
        except TransportError as error:
            raise ConnectionLost(
                f"the line broke while a program was sent: {error.message}; whether it runs is unknown",
                hint="nothing was run a second time",
            ) from None

    def write(self, text: str) -> None:
        """Input for the program that runs; raw, so "\\n" ends a line.

        Raises:
            Invalid: lone surrogates; nothing was sent.
            TransportError: the line has ended; some of it may have been received.
        """
        self._asked = time.monotonic()
        self._pty.write(text)

    def read(self, timeout: float | None = None) -> bytes:
        """All that has come, waiting for the first of it; cut anywhere.

        Args:
            timeout: seconds to wait, None for as long as it takes. Ctrl-C and `close` end the wait at once.
        Returns:
            At least one byte; b"" once the line has ended. Before a program's own last word that is a lost connection.
        Raises:
            TimeoutError: nothing came in time.
            ConnectionLost: nothing came for long, and the agent is gone.
            ProtocolError: what came is no terminal's output.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            with self._news:
                if self._held:
                    return self._take()
                if self._ended:
                    if self._fault is not None:
                        raise self._fault
                    return b""
                now = time.monotonic()
                due = max(self._heard, self._asked) + self._limits.silence
                until = due if deadline is None else min(due, deadline)
                self._wanted = True
                if until > now:
                    self._news.wait(until - now if _SLICE is None else min(until - now, _SLICE))
                    continue
            if deadline is not None and now >= deadline:
                raise TimeoutError("nothing came in time")
            # Not within the lock, and not by the reader, which has pings to answer meanwhile.
            self._alive()
            self._asked = time.monotonic()

    def close(self, *, wait: float | None = None) -> None:
        """Have the shell end, and leave; a second time does nothing. A program that still runs goes on to its end.

        Args:
            wait: seconds for the shell's end; None for the usual.
        """
        with self._news:
            closed, self._closed = self._closed, True
        try:
            if not closed:
                self._say_goodbye(self._limits.goodbye if wait is None else wait)
        finally:
            self._pty.close()
        if threading.current_thread() is not self._reader:
            self._reader.join()

    def cut(self) -> None:
        """Leave without a word to the shell, whatever waits to be written; a second time does nothing."""
        with self._news:
            self._closed = True
        self._pty.close()
        if threading.current_thread() is not self._reader:
            self._reader.join()

    def _hear(self, wanted: bytes) -> None:
        """Waits for a mark; what came before it belongs to nobody."""
        said = b""
        while wanted not in said:
            data = self.read()
            if not data:
                raise TransportError("it has ended")
            said = said[-len(wanted) :] + data

    def _say_goodbye(self, wait: float) -> None:
        with suppress(CoderError):
            self.send(END)
        with self._news:
            self._held.clear()
            self._size = 0
            self._news.notify_all()
            self._news.wait_for(lambda: self._ended, wait)

    def _take(self) -> bytes:
        data = self._held.popleft() if len(self._held) == 1 else b"".join(self._held)
        self._held.clear()
        self._size = 0
        self._news.notify_all()
        return data

    def _listen(self) -> None:
        try:
            while data := self._pty.read():
                self._keep(data)
        except CoderError as error:
            self._fault = error
        with self._news:
            self._ended = True
            self._news.notify_all()
            taker = self._taker
        if taker is not None:
            taker(b"")
        self._pty.close()

    def _keep(self, data: bytes) -> None:
        limits = self._limits
        with self._news:
            self._heard = time.monotonic()
            if self._closed:
                return
            taker = self._taker
            if taker is None:
                self._hold(data, limits)
        if taker is not None:
            taker(data)

    def _hold(self, data: bytes, limits: LineLimits) -> None:
        """Keeps what came until it is read; not without limit."""
        self._held.append(data)
        self._size += len(data)
        if self._wanted:
            self._wanted = False
            self._news.notify_all()
        if self._size < self._allowed:
            return
        # Read on after a pause, as far as the next ping can be behind what is on its way.
        room = self._news.wait_for(lambda: self._size < limits.waiting or self._closed, limits.pause)
        self._allowed = limits.waiting if room else min(self._size + limits.waiting, limits.most)
