"""Who ran which step of which runbook, when, where, and what became of it: a line of JSON each, only ever appended.

A failure to write it is told once and stops nothing, unless CODER_NB_AUDIT_REQUIRED=1: then no step runs unrecorded.
Neither values nor secrets are in it.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from coder_nb.credentials.seen import mask
from coder_nb.errors import RunbookError
from coder_nb.look import visible
from coder_nb.runbooks import audit_inside

if TYPE_CHECKING:
    from coder_nb.runbooks.journal import Run, StepRecord

__all__ = ["FILE", "REQUIRED", "Entry", "entries", "place", "record"]

FILE: Final = "CODER_NB_AUDIT"
REQUIRED: Final = "CODER_NB_AUDIT_REQUIRED"
_LONGEST: Final = 500
"""Characters of a title or a reason."""
_told = False


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line.

    Attributes:
        time: when it was written, by this machine's clock, in UTC.
        user: who ran it, on this machine.
        host: this machine.
        workspace: `owner/name` where it ran inside a Coder workspace, else "".
        deployment: what the runbook was connected to: host and port, `demo`, or `replay:NAME`.
        book: path of the runbook; "" where it is not known.
        book_hash: digest of the text of its cells.
        run: the run's id, the same for all its lines.
        step: its number from 1; None where the line is about the run.
        outcome: of a step its status, `running` when its body begins; of a run how it came out.
        reason: why it was skipped, declined or failed.
        seconds: how long its body ran.
        dry_run: no step's body ran.
    """

    time: datetime
    user: str
    host: str
    workspace: str = ""
    deployment: str = ""
    book: str = ""
    book_hash: str = ""
    run: str = ""
    step: int | None = None
    title: str = ""
    outcome: str
    reason: str = ""
    seconds: float | None = None
    dry_run: bool = False

    def __str__(self) -> str:
        what = f"step {self.step}, {self.title}: {self.outcome}" if self.step is not None else f"run: {self.outcome}"
        took = f" after {self.seconds:.1f} s" if self.seconds is not None else ""
        why = f" ({self.reason})" if self.reason else ""
        where = f" at {self.deployment}" if self.deployment else ""
        book = f"{Path(self.book).name or 'a notebook'}{', dry run' if self.dry_run else ''}"
        return visible(f"{self.time:%Y-%m-%d %H:%M:%S}Z {self.user}@{self.host}{where}: {book}: {what}{took}{why}")


def place() -> Path:
    """The file: CODER_NB_AUDIT, else audit.jsonl among this user's state of coder_nb."""
    from platformdirs import user_state_path

    named = os.environ.get(FILE)
    return Path(named).expanduser() if named else user_state_path("coder-nb", appauthor=False) / "audit.jsonl"


def record(run: Run, step: StepRecord | None, outcome: str) -> None:
    """Writes one line, and inside a workspace tells Coder: a line of the log source `runbook`, and the app's status.

    Args:
        run: the run it belongs to.
        step: the step it is about; None for the run itself.
        outcome: the step's status, or how the run came out.
    Raises:
        RunbookError: it cannot be written, and CODER_NB_AUDIT_REQUIRED=1.
    Endpoint: inside a workspace POST /workspaceagents/me/log-source, PATCH /workspaceagents/me/logs, and with
        CODER_NB_AUDIT_APP PATCH /workspaceagents/me/app-status
    """
    entry = _entry(run, step, outcome)
    try:
        _append(place(), mask(msgspec.json.encode(entry).decode()))
    except OSError as error:
        _failed(error)
    audit_inside.tell(run, entry.title, entry.step, outcome, entry.reason)


def entries(path: Path | None = None) -> Iterator[Entry]:
    """The lines, the oldest first. One that was cut off, or that a newer version wrote otherwise, is passed over.

    Args:
        path: the file; None for this user's own.
    Raises:
        RunbookError: it is there and cannot be read.
    """
    path = path or place()
    try:
        with path.open("rb") as file:
            for line in file:
                try:
                    yield msgspec.json.decode(line, type=Entry)
                except msgspec.DecodeError:
                    continue
    except FileNotFoundError:
        return
    except OSError as error:
        raise RunbookError(
            f"the audit cannot be read: {path}: {error.strerror}", hint=f"make it a file you can read, or set {FILE}"
        ) from None


def _entry(run: Run, step: StepRecord | None, outcome: str) -> Entry:
    owner, name = (os.environ.get(f"CODER_WORKSPACE_{what}", "") for what in ("OWNER_NAME", "NAME"))
    about = {} if step is None else {"step": step.number, "title": _short(step.title), "seconds": step.seconds}
    return Entry(
        time=datetime.now(UTC),
        user=run.user,
        host=socket.gethostname(),
        workspace=f"{owner}/{name}" if owner and name else "",
        deployment=(step.deployment if step else "") or run.deployment,
        book=run.book,
        book_hash=run.book_hash,
        run=run.id,
        outcome=outcome,
        reason=_short((step.error or step.why) if step else run.error),
        dry_run=run.dry_run,
        **about,  # type: ignore[arg-type]
    )


def _short(text: str) -> str:
    # Masked before it is cut, so that no secret is cut in two.
    text = visible(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _append(path: Path, line: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # In one write to a file open for appending, which keeps lines of several processes apart.
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        data = f"{line}\n".encode("utf-8", "replace")
        if os.write(handle, data) != len(data):
            raise OSError(None, "only a part of the line could be written")
    finally:
        os.close(handle)


def _failed(error: OSError) -> None:
    global _told
    why = f"the audit cannot be written: {place()}: {error.strerror or type(error).__name__}"
    hint = f"make it a file you can append to, or name another one: {FILE}"
    if os.environ.get(REQUIRED) == "1":
        raise RunbookError(f"{why}, and {REQUIRED}=1 requires it", hint=hint) from None
    if not _told:
        _told = True
        print(f"coder-nb: {visible(why)}. Nothing is stopped by it. {hint}", file=sys.stderr)
