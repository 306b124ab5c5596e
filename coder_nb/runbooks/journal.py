"""The journal of one run of a runbook: what the steps write, and what a resume, the report and the audit read.

A folder only its owner can enter: journal.json, values/ and evidence/. This module reads; keeping.py writes. No secret
is in it: parameters that are secret are `****`, and every text is masked before it is written.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from coder_nb.errors import RunbookError

__all__ = [
    "FILE",
    "HIDDEN",
    "Evidence",
    "Kernel",
    "Outcome",
    "Run",
    "Status",
    "StepRecord",
    "Value",
    "fresh",
    "home",
    "read",
    "recent",
    "runs",
]

Status = Literal["pending", "running", "done", "skipped", "declined", "failed"]
Outcome = Literal["running", "broken off", "failed", "declined", "unfinished", "done"]

FILE: Final = "journal.json"
HIDDEN: Final = "****"
"""What stands for a secret parameter's value."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a step showed, as it was at that moment.

    Attributes:
        kind: output (what was printed), frame, run (a command's result), figure, or display (anything else).
        title: what it is, in a few words; "" where there is nothing to say.
        files: by MIME type, relative to the run's folder: text/plain, text/html, image/png, image/svg+xml,
            application/vnd.apache.parquet, …
        cut: it was too large, and this is its beginning or its end.
    """

    kind: Literal["output", "frame", "run", "figure", "display"]
    title: str = ""
    files: dict[str, str] = {}
    cut: bool = False


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """What a step handed on.

    Attributes:
        kind: how it is stored.
        text: what it is, for people: `DataFrame, 3 rows × 4 columns`.
        file: relative to the run's folder; "" for none, which needs no file.
    """

    kind: Literal["none", "json", "frame", "series", "run"]
    text: str = ""
    file: str = ""


class Kernel(msgspec.Struct, frozen=True, kw_only=True):
    """The process that writes a journal, so that a reader can tell whether it still lives."""

    host: str
    pid: int
    began: float

    def lives(self) -> bool | None:
        """Whether it does; None where that cannot be told, which is on another machine."""
        import socket

        import psutil

        if socket.gethostname() != self.host:
            return None
        try:
            return abs(psutil.Process(self.pid).create_time() - self.began) < 1
        except psutil.Error:
            return False


class StepRecord(msgspec.Struct, kw_only=True):
    """One step of a run.

    Attributes:
        number: its place in the book, from 1.
        call: which of several runs of a step of that title, from 0: a function may be called in a loop.
        why: why it was skipped, declined, or given back; what a dry run would have done.
        seconds: how long its body ran.
        before: digests of the cells that ran before it and of its own, last.
        deployment: where it was done: `demo`, host and port, or `replay:NAME`.
        error: the failure in a line, without its traceback.
    """

    number: int
    title: str
    call: int = 0
    status: Status = "pending"
    why: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    seconds: float | None = None
    value: Value | None = None
    evidence: list[Evidence] = []
    before: list[str] = []
    deployment: str = ""
    error: str = ""


class Run(msgspec.Struct, kw_only=True):
    """One run of one book.

    Attributes:
        folder: where it is kept.
        book: path of the notebook; "" where it is not known.
        book_hash: digest of the text of the book's cells; its outputs do not count. "" where it is not known.
        ended: when its last step ended, or what ended it; None while there are more.
        resumed: when it was gone on with.
        user: who runs it, on this machine.
        deployment: as of its latest step.
        parameters: by name, as they would be typed; secrets are `****`.
        dry_run: no step's body ran.
        yes: every confirmation was answered in advance.
        kernel: the process that runs it.
        error: a failure outside the steps, in a line; "" for none.
        cells: first lines of the cells it ran, by digest.
    """

    id: str
    folder: str = ""
    book: str = ""
    book_hash: str = ""
    started: datetime
    ended: datetime | None = None
    resumed: list[datetime] = []
    user: str = ""
    deployment: str = ""
    parameters: dict[str, str] = {}
    dry_run: bool = False
    yes: bool = False
    kernel: Kernel | None = None
    error: str = ""
    steps: list[StepRecord] = []
    cells: dict[str, str] = {}

    @property
    def outcome(self) -> Outcome:
        """How it stands. `broken off`: a step was running when its kernel ended."""
        states = {step.status for step in self.steps}
        if "running" in states:
            return "broken off" if self.kernel is None or self.kernel.lives() is False else "running"
        if "failed" in states or self.error:
            return "failed"
        if "declined" in states:
            return "declined"
        return "unfinished" if "pending" in states else "done"


def read(folder: Path | str) -> Run:
    """The run kept in a folder.

    Raises:
        RunbookError: there is none, or it cannot be understood.
    """
    path = Path(folder) / FILE
    try:
        run = msgspec.json.decode(path.read_bytes(), type=Run)
    except OSError as error:
        raise RunbookError(
            f"no run of a runbook can be read here: {path}: {error.strerror}", hint="%coder runbook lists what there is"
        ) from None
    except msgspec.DecodeError as error:
        raise RunbookError(
            f"the journal of this run cannot be understood: {path}: {error}", hint="run the book from its beginning"
        ) from None
    run.folder = str(Path(folder))
    return run


def runs(book: Path | str | None) -> list[Path]:
    """The folders of a book's runs, the newest first. None: of notebooks whose path was not known."""
    found = home(book)
    return sorted((path.parent for path in found.glob(f"*/{FILE}")), key=lambda path: path.name, reverse=True)


def recent(book: Path | str | None) -> Iterator[Run]:
    """The latest twenty runs of a book, the newest first; one that is damaged is left out."""
    for folder in runs(book)[:20]:
        with suppress(RunbookError):
            yield read(folder)


def fresh(book: Path | str | None) -> Path:
    """A folder for a new run of a book; nothing is made yet. Its name is the run's id."""
    # Not of the one source of random names: a replay repeats that, and two runs must not share a folder.
    return home(book) / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(3)}"


def home(book: Path | str | None) -> Path:
    """The folder that holds the runs of a book."""
    from platformdirs import user_state_path

    path = Path(book).resolve() if book else None
    digest = hashlib.sha256(os.fsencode(path or Path.cwd())).hexdigest()[:12]
    stem = re.sub(r"[^\w.-]+", "-", path.stem if path else "notebook")[:60]
    return user_state_path("coder-nb", appauthor=False) / "runs" / f"{stem}-{digest}"
