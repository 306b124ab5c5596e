"""A terminal on this machine, with the shell a test names: what `api.pty` gives, without a deployment between."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from coder_nb.errors import TransportError
from coder_nb.remote import identity
from coder_nb.remote.line import Line, LineLimits
from coder_nb.remote.protocol import bootstrap, mark

_SHELLS = {"dash": ["dash"], "bash": ["bash", "--posix"], "busybox": ["busybox", "sh"]}
SHELLS = {name: words for name, words in _SHELLS.items() if shutil.which(words[0])}
"""The POSIX shells that are here, as /bin/sh would be one of them."""


class Terminal:
    """A program on a pseudo-terminal.

    Args:
        arguments: the program and its arguments.
    """

    def __init__(self, arguments: list[str]) -> None:
        self._master, slave = os.openpty()
        opening = 'exec <>"$0" >&0 2>&0; exec "$@"'
        self.program = subprocess.Popen(
            ["/bin/sh", "-c", opening, os.ttyname(slave), *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self._wake, self._waker = os.pipe()
        self._closed = False

    def read(self, timeout: float | None = None) -> bytes:
        """What it says next; b"" at its end."""
        ready, _, _ = select.select([self._master, self._wake], [], [], timeout)
        if not ready:
            raise TimeoutError
        if self._wake in ready:
            return b""
        with suppress(OSError):  # How Linux says that the terminal is no more.
            return os.read(self._master, 65536)
        return b""

    def write(self, text: str) -> None:
        """Types."""
        data = text.encode()
        while data:
            if self._closed:
                raise TransportError("closed")
            try:
                data = data[os.write(self._master, data[:4096]) :]
            except OSError:
                raise TransportError("it has ended") from None

    def hang_up(self) -> None:
        """Takes the terminal away, as a broken agent does."""
        self.program.kill()
        self.program.wait()

    def close(self) -> None:
        """Ends what waits; once."""
        if not self._closed:
            self._closed = True
            os.close(self._waker)

    def free(self) -> None:
        """Ends the program."""
        self.close()
        os.close(self._master)
        self.program.kill()
        self.program.wait()
        os.close(self._wake)


@contextmanager
def local_line(
    shell: str, *, signals: bool = True, limits: LineLimits | None = None
) -> Iterator[tuple[Line, Terminal]]:
    """A line to a shell of this name, and the terminal it is on."""
    nonce = identity.nonce()
    terminal = Terminal([*SHELLS[shell], "-c", bootstrap(nonce, signals=signals)])
    try:
        said, ready, deadline = b"", mark("R", nonce), time.monotonic() + 10
        while ready not in said:
            said += terminal.read(deadline - time.monotonic()) or b"[ended]"
            assert b"[ended]" not in said, said
        with Line(
            terminal,  # type: ignore[arg-type]
            nonce,
            signals=signals,
            alive=lambda: None,
            limits=limits or LineLimits(),
        ) as line:
            yield line, terminal
    finally:
        terminal.free()
