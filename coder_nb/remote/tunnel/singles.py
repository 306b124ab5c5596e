"""A relay where nothing can carry many connections: a terminal for each, with socat or busybox's nc at its end.

It costs a terminal, and two threads here, for each connection; nc ends the whole connection when its target says no
more. Where a workspace has python3 or perl this is never used.
"""

from __future__ import annotations

import threading
from binascii import b2a_base64
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from coder_nb.errors import CoderError, ConnectionLost
from coder_nb.remote.kept import KeptLines
from coder_nb.remote.line import Line
from coder_nb.remote.protocol import Marks
from coder_nb.remote.tunnel.channel import Channel, Receiver
from coder_nb.remote.tunnel.programs import STOP, UNIT, carrying
from coder_nb.remote.tunnel.protocol import BLOCK, LONGEST, WINDOW, Frame, Frames, Kind, Target, credited
from coder_nb.remote.tunnel.relay import Relay

__all__ = ["Singles"]

_END: Final = 5.0
"""Seconds for a program that was told to end."""
_TRIES: Final = 5
_PAUSE: Final = 0.2


class Singles(Relay):
    """Carries each connection over a terminal of its own. Any thread may begin one and close.

    Args:
        kind: "socat" or "busybox nc".
        open_line: opens a line to a shell in the workspace.
        line: one that is open already, for the first connection.
        lost: called, by any thread, with the reason when a connection's line is lost, or none could be opened.
    """

    def __init__(self, kind: str, open_line: Callable[[], Line], line: Line, *, lost: Callable[[str], None]) -> None:
        self.kind, self.lost = kind, lost
        self._open_line = open_line
        self._lines = KeptLines()
        self._lines.give_back(kind, line)
        self._lock = threading.Lock()
        self._carried: set[_Carried] = set()
        self._last = 0
        self._closed = False

    @property
    def open(self) -> int:
        return len(self._carried)

    @property
    def over(self) -> str | None:
        """ "" once it was closed, else None: each connection has a line of its own that may be lost."""
        return "" if self._closed else None

    def channel(self, target: Target, receiver: Callable[[Channel], Receiver]) -> Channel:
        with self._lock:
            if self._closed:
                raise ConnectionLost("the tunnel was closed")
            self._last += 1
            it = _Carried(self._last, self, target, receiver)
            self._carried.add(it)
        it.begin()
        return it.channel

    def close(self) -> None:
        """Ends all connections and what runs for them in the workspace. A second time: nothing."""
        with self._lock:
            self._closed = True
            carried = list(self._carried)
        for it in carried:
            it.abort()
        for it in carried:
            it.join()
        self._lines.close()

    def take(self) -> Line:
        """A line on which nothing runs."""
        return self._lines.take(self.kind, self._open_line)

    def give_back(self, line: Line) -> None:
        """A line on which nothing runs any more."""
        self._lines.give_back(self.kind, line)

    def forget(self, it: _Carried) -> None:
        """A connection that is over."""
        with self._lock:
            self._carried.discard(it)


class _Carried:
    """One connection. One thread reads its terminal, the other writes to it."""

    def __init__(self, id: int, singles: Singles, target: Target, receiver: Callable[[Channel], Receiver]) -> None:
        self._singles, self._target = singles, target
        self._news = threading.Condition()
        self._frames = Frames()
        self._queue: deque[bytes | None] = deque()
        self._waiting = 0
        self._allowed = WINDOW
        self._aborted = self._over = False
        self._heard_any = False
        self._line: Line | None = None
        self._shell = ""
        self.channel = Channel(id, receiver, self._say, lambda: WINDOW // 2 - self._waiting, lambda _: None)
        self._reader = threading.Thread(target=self._carry, name="coder-nb:tunnel", daemon=True)
        self._writer = threading.Thread(target=self._write, name="coder-nb:tunnel", daemon=True)
        self._killer = threading.Thread(target=self._kill, name="coder-nb:tunnel", daemon=True)

    def begin(self) -> None:
        """Opens its terminal and carries it, in the background."""
        self._reader.start()

    def abort(self) -> None:
        """Ends it, whatever is on its way."""
        with self._news:
            if not self._aborted:
                self._aborted = True
                self._news.notify_all()
                if self._shell and not self._over:
                    self._killer.start()

    def join(self) -> None:
        """Returns when it is over, or takes too long for that."""
        self._reader.join(_END)

    def _say(self, said: bytes) -> None:
        """What the channel says, as frames; none of them travels."""
        with self._news:
            for it in self._frames.feed(said):
                if it.kind == Kind.DATA:
                    self._queue.append(it.payload)
                    self._waiting += len(it.payload)
                elif it.kind == Kind.END:
                    self._queue.append(None)
                elif it.kind == Kind.RESET:
                    self.abort()
                elif it.kind == Kind.CREDIT:
                    self._allowed += credited(it.payload)
            self._news.notify_all()

    def _carry(self) -> None:
        line, whole = None, False
        try:
            line = self._singles.take()
            whole = self._talk(line)
        except ValueError as error:
            self.channel.lose(str(error), refused=True)
        except CoderError as error:
            if not self._aborted:
                self.channel.lose(error.message)
                self._singles.lost(error.message)
        if self._aborted:
            self.channel.lose("the tunnel was closed")
        with self._news:
            self._over = True
            self._news.notify_all()
        if self._writer.ident is not None:
            self._writer.join(_END)
        if line is not None and whole:
            self._singles.give_back(line)
        elif line is not None:
            line.close(wait=0.0)
            if not self._aborted:
                self._kill()
        if self._killer.ident is not None:
            self._killer.join(_END)
        self._singles.forget(self)

    def _talk(self, line: Line) -> bool:
        """Passes on what the target says; whether its program came to its end by itself."""
        line.send(carrying(self._singles.kind, self._target))
        marks = Marks(line.nonce)
        while data := line.read():
            for part in marks.feed(data):
                if isinstance(part, bytes):
                    self._deliver(part)
                elif part[0] == "T":
                    self._begun(line, part[1])
                elif part[0] == "H":
                    self._target_ended()
                elif part[0] == "E":
                    self._ended(part[1])
                    return not self._aborted
        raise ConnectionLost(line.ending or "the line ended")

    def _begun(self, line: Line, shell: str) -> None:
        self._line = line
        with self._news:
            self._shell = shell if shell.isdecimal() else ""
            if self._aborted and self._shell:
                self._killer.start()
        self._writer.start()
        self.channel.hear(Frame(Kind.OPENED, self.channel.id))

    def _target_ended(self) -> None:
        """The target says no more, or was never reached: that is only told once all is over."""
        if self._heard_any:
            self.channel.hear(Frame(Kind.END, self.channel.id))
        if not self._heard_any or self._singles.kind != "socat":
            with self._news:
                self._queue.append(None)
                self._news.notify_all()

    def _ended(self, why: str) -> None:
        if why:
            kind = Kind.RESET if self._heard_any else Kind.REFUSED
            self.channel.hear(Frame(kind, self.channel.id, why.encode()))
        elif not self._heard_any:
            self.channel.hear(Frame(Kind.END, self.channel.id))

    def _deliver(self, data: bytes) -> None:
        """Gives on what was said, as far as the receiver takes it; until then the terminal is not read."""
        self._heard_any = True
        while data:
            with self._news:
                self._news.wait_for(lambda: self._allowed > 0 or self._aborted)
                if self._aborted:
                    return
                size = min(self._allowed, LONGEST)
                self._allowed -= min(size, len(data))
            self.channel.hear(Frame(Kind.DATA, self.channel.id, data[:size]))
            data = data[size:]

    def _write(self) -> None:
        """Types what is sent; returns at its end."""
        with suppress(CoderError):  # Who reads finds out, and why.
            while (block := self._next()) is not None:
                assert self._line is not None
                self._line.write(_typed(block) if block else STOP)
                if not block:
                    return
                self.channel.hear(Frame(Kind.CREDIT, self.channel.id, len(block).to_bytes(4, "big")))
                self.channel.recall()

    def _next(self) -> bytes | None:
        """The next data; b"" at its end, None when all is over."""
        with self._news:
            self._news.wait_for(lambda: self._queue or self._over or self._aborted)
            block = b""
            while self._queue and (it := self._queue[0]) is not None and (not block or len(block) + len(it) <= BLOCK):
                block += it
                self._queue.popleft()
            self._waiting -= len(block)
            return None if self._over or self._aborted else block

    def _kill(self) -> None:
        """Ends what runs for it in the workspace, over another line: its own is lost, or full of what nobody reads."""
        for _ in range(_TRIES if self._shell else 0):
            with suppress(CoderError):
                line = self._singles.take()
                line.send(f"kill -KILL -{self._shell}")
                self._singles.give_back(line)
                return
            threading.Event().wait(_PAUSE)


def _typed(data: bytes) -> str:
    """Data as the program reads it: a number of units, and so many."""
    text = b2a_base64(data, newline=False).decode("ascii")
    units = -(-len(text) // UNIT)
    return f"{units}\n{text.ljust(units * UNIT, chr(10))}"
