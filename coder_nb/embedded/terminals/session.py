"""One terminal session: a program, what it has said last, and all who are attached to it.

All see all output and all may type. Nothing is dropped: whoever does not take it holds up the program and the others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from coder_nb.embedded.terminals.process import Process

__all__ = ["REPLAY", "Attachment", "Session"]

REPLAY: Final = 65536
"""Bytes of output that who comes later is told."""
LEFT: Final = 300
"""Seconds a program lives on after everybody has left."""
NEVER_MET: Final = 30
"""Seconds it lives when nobody has come at all."""
_FULL: Final = 1024 * 1024
_MESSAGE: Final = 32 * 1024

Start = Callable[[Callable[[bytes], None], Callable[[], None]], Process]


class Session:
    """A session, from the start of its program to its end.

    Args:
        start: starts the program, given what takes its output and what is told of its end.
        over: called once, at the end.
        second: how long a second is.
    Raises:
        OSError: the program cannot be started.
    """

    def __init__(self, start: Start, over: Callable[[Session], None], *, second: float) -> None:
        self._over = over
        self._said = bytearray()
        self._attached: set[Attachment] = set()
        self._ended = False
        self._loop = asyncio.get_running_loop()
        self.process = start(self._output, self._end)
        self._timer = self._loop.call_later(NEVER_MET * second, self.process.kill)

    def attach(self, size: tuple[int, int], *, second: float) -> Attachment:
        """Another attachment, which begins with the last output; the terminal takes its size."""
        self._timer.cancel()
        self.process.resize(size)
        it = Attachment(self, bytes(self._said[-REPLAY:]), second)
        self._attached.add(it)
        return it

    def leave(self, it: Attachment) -> None:
        """Forgets an attachment; after the last one the time to the end begins anew."""
        if it in self._attached:
            self._attached.remove(it)
            self.flow()
            if not self._attached and not self._ended:
                self._timer = self._loop.call_later(LEFT * it.second, self.process.kill)

    def flow(self) -> None:
        """Reads on where everybody has room."""
        if not self._ended and not any(it.full for it in self._attached):
            self.process.resume()

    def orphan(self) -> None:
        """The agent dies without a word: the program has no terminal any more, and who is attached is not told."""
        self._attached.clear()
        self.process.hang_up()

    def _output(self, data: bytes) -> None:
        self._said += data
        if len(self._said) > 2 * REPLAY:
            del self._said[:-REPLAY]
        for it in self._attached:
            it.put(data)
        if any(it.full for it in self._attached):
            self.process.pause()

    def _end(self) -> None:
        self._ended = True
        self._timer.cancel()
        for it in self._attached:
            it.put(b"")
        self._over(self)


class Attachment:
    """One client's part in a session; to be left.

    Args:
        session: the session.
        said: what it has said before.
        second: how long a second is.
    """

    def __init__(self, session: Session, said: bytes, second: float) -> None:
        self.second = second
        self._session = session
        self._waiting = deque([said] if said else [])
        self._size = len(said)
        self._news = asyncio.Event()
        self._over = False

    @property
    def full(self) -> bool:
        """Whether too much waits to be taken."""
        return self._size >= _FULL

    def put(self, data: bytes) -> None:
        """More output; b"" for the end."""
        if data:
            self._waiting.append(data)
            self._size += len(data)
        else:
            self._over = True
        self._news.set()

    async def take(self) -> bytes:
        """The next output; b"" at the end."""
        while not self._waiting:
            if self._over:
                return b""
            self._news.clear()
            await self._news.wait()
        taken = self._waiting.popleft()
        while self._waiting and len(taken) + len(self._waiting[0]) <= _MESSAGE:
            taken += self._waiting.popleft()
        was_full = self.full
        self._size -= len(taken)
        if was_full:
            self._session.flow()
        return taken

    async def write(self, data: bytes) -> None:
        """Types; returns when the terminal has taken it."""
        await self._session.process.write(data)

    def resize(self, size: tuple[int, int]) -> None:
        """Gives the terminal another size, in columns and rows."""
        self._session.process.resize(size)

    def leave(self) -> None:
        """Leaves; may be called again."""
        self._session.leave(self)
