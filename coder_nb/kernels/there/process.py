"""The kernel's process: started, signalled, and its end noticed. Its connection file is only its owner's to read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["Process", "write_privately"]

_TAIL = 4000


class Process:
    """A kernel that runs.

    Args:
        arguments: its command line, with {connection_file} where that goes; a first word python or python3 means the
            Python that runs this.
        environ: variables beside those there are.
        connection: the connection file's content.
        folder: where the file is put, and what the kernel writes outside of any cell.
        number: tells this kernel's files from those of the ones before it.
    Raises:
        OSError: it cannot be started.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environ: Mapping[str, str],
        connection: Mapping[str, Any],
        folder: Path,
        number: int,
    ) -> None:
        self._file = folder / f"connection-{number}.json"
        self._log = folder / f"log-{number}"
        write_privately(self._file, json.dumps(dict(connection)).encode())
        command = [word.replace("{connection_file}", str(self._file)) for word in arguments]
        if command[0] in ("python", "python3"):
            command[0] = sys.executable
        # With this the kernel ends itself where this process does.
        variables = {**os.environ, **environ, "JPY_PARENT_PID": str(os.getpid())}
        try:
            write_privately(self._log, b"")
            with self._log.open("ab") as log:
                self._child = subprocess.Popen(  # noqa: S603 - what the notebook's owner has chosen to run
                    command, env=variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
                )
        except BaseException:
            self.forget()
            raise

    @property
    def pid(self) -> int:
        """Its number."""
        return self._child.pid

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._child.poll()

    def signal(self, number: int) -> None:
        """Sends a signal to it and what it has started, as Ctrl-C does."""
        if self.poll() is None:
            with suppress(OSError):
                os.killpg(self.pid, number)

    def kill(self) -> None:
        """Ends it now."""
        self.signal(signal.SIGKILL)
        self._child.wait()

    def said(self) -> str:
        """The last it wrote outside of any cell, such as why it could not start."""
        try:
            with self._log.open("rb") as log:
                log.seek(max(0, self._log.stat().st_size - _TAIL))
                return log.read().decode("utf-8", "replace")
        except OSError:
            return ""

    def forget(self) -> None:
        """Removes its files."""
        for path in (self._file, self._log):
            with suppress(OSError):
                path.unlink()


def write_privately(path: Path, content: bytes) -> None:
    """Writes a file nobody else may read, whole or not at all."""
    draft = path.with_name(path.name + ".draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)
