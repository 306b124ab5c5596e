"""Writing the journal of a run: after each change all of it in one step, so that a kill leaves it whole.

Refuses to write what others could read: its folder is 0700, its files 0600.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from coder_nb.credentials.seen import mask
from coder_nb.errors import RunbookError
from coder_nb.replacing import replace
from coder_nb.runbooks.forms import ENDINGS, Piece
from coder_nb.runbooks.journal import FILE, Evidence, Kernel, Run, StepRecord, Value, read, runs
from coder_nb.runbooks.values import store

__all__ = ["Journal", "prune", "this_kernel", "this_user"]

_FOLDERS: Final = ("values", "evidence")
_RUNS: Final = 30
"""Runs of one book that are kept."""


class Journal:
    """The journal of a run that goes on.

    Args:
        folder: where it is kept; made where it is not there.
        run: how it stands.
    """

    def __init__(self, folder: Path, run: Run) -> None:
        self.folder = folder
        self.run = run
        run.folder = str(folder)
        try:
            for path in (folder, *(folder / name for name in _FOLDERS)):
                path.mkdir(mode=0o700, parents=True, exist_ok=True)
                path.chmod(0o700)
        except OSError as error:
            raise _unwritable(folder, error) from None
        self.write()

    @classmethod
    def reopen(cls, folder: Path) -> Journal:
        """The journal of a run that is gone on with.

        Raises:
            RunbookError: there is none, or its kernel still runs it.
        """
        run = read(folder)
        if run.kernel is not None and run.kernel != this_kernel() and run.outcome == "running":
            raise RunbookError(
                f"this run is still going on, in process {run.kernel.pid} of {run.kernel.host}",
                hint="wait until it has ended, or begin a new run",
            )
        return cls(folder, run)

    def write(self) -> None:
        """Writes how the run stands."""
        text = msgspec.json.format(msgspec.json.encode(self.run), indent=1).decode()
        self._put(self.folder / FILE, mask(text).encode())

    def keep_value(self, step: StepRecord, value: object) -> None:
        """Keeps what a step hands on.

        Raises:
            RunbookError: it cannot be stored.
        """
        stored = store(value)
        file = self.keep("values", step, f"value.{stored.ending}", stored.data) if stored.ending else ""
        step.value = Value(kind=stored.kind, text=stored.text, file=file)

    def keep_evidence(self, step: StepRecord, pieces: Iterable[Piece]) -> None:
        """Keeps what a step has shown."""
        for number, piece in enumerate(pieces, 1):
            files = {
                mime: self.keep("evidence", step, f"{number:03}.{ENDINGS[mime]}", form)
                for mime, form in piece.forms.items()
                if form
            }
            step.evidence.append(Evidence(kind=piece.kind, title=piece.title, files=files, cut=piece.cut))

    def keep(self, folder: str, step: StepRecord, name: str, data: bytes) -> str:
        """Writes a value or a piece of evidence, and gives its path relative to the run's folder.

        Args:
            folder: values or evidence.
            name: what it is called, with its ending.
        """
        slug = re.sub(r"\W+", "-", step.title.lower()).strip("-")[:30]
        # Steps are known by their titles: numbers change when a step is put before another.
        mark = hashlib.sha256(step.title.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        relative = f"{folder}/{slug}-{mark}-{step.call}-{name}"
        self._put(self.folder / relative, data)
        return relative

    def drop(self, step: StepRecord) -> None:
        """Removes what an earlier attempt of a step has left."""
        kept = [name for piece in step.evidence for name in piece.files.values()]
        kept += [step.value.file] if step.value and step.value.file else []
        step.evidence, step.value = [], None
        for name in kept:
            (self.folder / name).unlink(missing_ok=True)

    def _put(self, path: Path, data: bytes) -> None:
        try:
            replace(path, data)
        except OSError as error:
            raise _unwritable(path, error) from None


def prune(book: Path | None) -> None:
    """Removes the oldest runs of a book, so that what they keep does not grow for ever. The newest 30 stay."""
    for folder in runs(book)[_RUNS:]:
        shutil.rmtree(folder, ignore_errors=True)


def this_kernel() -> Kernel:
    """This process."""
    import socket

    import psutil

    return Kernel(host=socket.gethostname(), pid=os.getpid(), began=psutil.Process().create_time())


def this_user() -> str:
    """Who runs this process, on this machine; "" where that cannot be told."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def _unwritable(path: Path, error: OSError) -> RunbookError:
    return RunbookError(
        f"the journal of this run cannot be written: {path}: {error.strerror}",
        hint="make that folder one you can write to, or name another one: CODER_NB_RUN",
    )
