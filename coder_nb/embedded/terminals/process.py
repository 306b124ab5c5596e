"""One program on a pseudo-terminal, read and written in the running event loop without ever holding it up.

It is started by a shell that opens the terminal by its name, which makes it the program's controlling one: after a fork
in a process with threads no Python of ours runs, and the size is in force before the program begins.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from threading import Thread
from typing import Final

__all__ = ["Process", "end_all"]

_CHUNK: Final = 32 * 1024
_OPEN: Final = 'exec <>"$0" >&0 2>&0; exec "$@"'
_GRACE: Final = 1.0
"""Seconds a program may go on without its terminal."""
_LAST: Final = 0.05
"""Seconds for the last output of a program that has ended; more only where somebody else has the terminal open."""


class Process:
    """A running program.

    Args:
        arguments: its path and arguments.
        directory: where it begins.
        environ: all of its variables.
        size: columns and rows.
        output: takes what it writes, in the event loop.
        ended: called once, when all output has been given.
    Raises:
        OSError: no terminal or no program can be had.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        directory: str,
        environ: Mapping[str, str],
        size: tuple[int, int],
        *,
        output: Callable[[bytes], None],
        ended: Callable[[], None],
    ) -> None:
        self._output, self._ended = output, ended
        self._loop = asyncio.get_running_loop()
        self._room: asyncio.Future[None] | None = None
        self._open, self._paused, self._over = True, True, False
        self._master, slave = os.openpty()
        try:
            self.resize(size)
            os.set_blocking(self._master, False)
            self._popen = subprocess.Popen(  # noqa: S603 - running what the client asks for is the point
                ["/bin/sh", "-c", _OPEN, os.ttyname(slave), *arguments],
                cwd=directory,
                env=dict(environ),
                stdin=slave,
                stdout=slave,
                stderr=slave,
                start_new_session=True,
            )
        except BaseException:
            os.close(self._master)
            raise
        finally:
            os.close(slave)
        self._waiter = Thread(target=self._wait, name="coder-nb:terminal", daemon=True)
        self._waiter.start()
        self.resume()

    @property
    def pid(self) -> int:
        """The program's, which is its session's too."""
        return self._popen.pid

    def pause(self) -> None:
        """Reads no more until `resume`; the program waits when the terminal is full."""
        self._paused = True
        if self._open:
            self._loop.remove_reader(self._master)

    def resume(self) -> None:
        """Reads again."""
        if self._open and self._paused:
            self._paused = False
            self._loop.add_reader(self._master, self._read)
            if self._over:
                self._loop.call_soon(self._finish)

    def resize(self, size: tuple[int, int]) -> None:
        """Gives the terminal another size, in columns and rows; the program is told."""
        import termios

        if self._open:
            termios.tcsetwinsize(self._master, (size[1], size[0]))

    async def write(self, data: bytes) -> None:
        """Types; returns when the terminal has taken all of it, or has ended. One call at a time waits."""
        view = memoryview(data)
        while view and self._open:
            try:
                view = view[os.write(self._master, view) :]
            except BlockingIOError:
                await self._writable()
            except OSError:
                return

    def kill(self) -> None:
        """Ends the program; its children are told that the terminal has hung up."""
        with suppress(ProcessLookupError):
            self._popen.kill()
        self._close()

    def hang_up(self) -> None:
        """Takes the terminal away, as the kernel does when who holds its other side dies."""
        self._close()

    async def reap(self) -> None:
        """Returns when the program is gone, which one without a terminal soon is."""
        await asyncio.to_thread(self._insist)

    def _wait(self) -> None:
        self._popen.wait()
        # A server that stops may have closed its loop meanwhile.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._loop.call_later, _LAST, self._finish)

    def _insist(self) -> None:
        self._waiter.join(_GRACE)
        if self._waiter.is_alive():
            self._popen.kill()
            self._waiter.join()

    def _read(self) -> None:
        try:
            data = os.read(self._master, _CHUNK)
        except BlockingIOError:
            if self._over:
                self._close()
            return
        except OSError:
            # Linux' way to say that nobody has the terminal open any more.
            data = b""
        if data:
            self._output(data)
        else:
            self._close()

    def _finish(self) -> None:
        """Ends it although others may have the terminal open: it was the program's."""
        self._over = True
        while self._open and not self._paused:
            self._read()

    async def _writable(self) -> None:
        if self._room is None:
            self._room = self._loop.create_future()
            self._loop.add_writer(self._master, self._let_go)
        # Shared by all who wait, so that one who leaves does not take it away from the others.
        await asyncio.shield(self._room)

    def _let_go(self) -> None:
        self._loop.remove_writer(self._master)
        if self._room is not None:
            self._room.set_result(None)
            self._room = None

    def _close(self) -> None:
        if not self._open:
            return
        self._loop.remove_reader(self._master)
        self._let_go()
        self._open = False
        os.close(self._master)
        self._ended()


def end_all(living: Collection[int], ended: Collection[int]) -> None:
    """Kills what is left of terminals, in the background too. What has left its session stays, as anywhere.

    Args:
        living: sessions whose first process may still be there.
        ended: sessions whose first process is gone. One that is there again is somebody else's.
    """
    import psutil

    sessions = {*living, *(pid for pid in ended if not psutil.pid_exists(pid))}
    for pid in psutil.pids() if sessions else ():
        with suppress(ProcessLookupError, PermissionError):
            if os.getsid(pid) in sessions:
                os.kill(pid, signal.SIGKILL)
