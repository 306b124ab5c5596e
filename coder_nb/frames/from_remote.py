"""What was seen and done in workspaces -> frames: files, background jobs, kernels, one script in many of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import pandas as pd

from coder_nb.frames import build
from coder_nb.frames.schema import Attrs

__all__ = ["files", "jobs", "kernels", "runs"]


class File(Protocol):
    """A name in a folder."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def size(self) -> int | None: ...
    @property
    def modified(self) -> datetime: ...
    @property
    def mode(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def target(self) -> str | None: ...


class Job(Protocol):
    """A background job, as it is now."""

    @property
    def id(self) -> str: ...
    @property
    def command(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def code(self) -> int | None: ...
    @property
    def started(self) -> datetime: ...
    @property
    def ended(self) -> datetime | None: ...
    @property
    def seconds(self) -> float | None: ...
    @property
    def bytes(self) -> int: ...


class Kernel(Protocol):
    """A notebook kernel that runs in a workspace."""

    @property
    def workspace(self) -> str: ...
    @property
    def agent(self) -> str | None: ...
    @property
    def id(self) -> str: ...
    @property
    def python(self) -> str: ...
    @property
    def pid(self) -> int | None: ...
    @property
    def started(self) -> datetime: ...
    @property
    def state(self) -> str: ...
    @property
    def connected(self) -> bool: ...


class Run(Protocol):
    """How a script went in one workspace."""

    @property
    def workspace(self) -> str: ...
    @property
    def agent(self) -> str | None: ...
    @property
    def status(self) -> str: ...
    @property
    def code(self) -> int | None: ...
    @property
    def seconds(self) -> float | None: ...
    @property
    def output(self) -> str | None: ...
    @property
    def error(self) -> str | None: ...


def files(entries: Sequence[File], *, attrs: Attrs) -> pd.DataFrame:
    """Files as a frame.

    Args:
        entries: in the order of rows.
        attrs: what the frame says of itself.
    Returns:
        a row a name: name, kind (category), size (Int64, of files), modified, mode, owner, target (of links). What of
        a name is no text is shown as `\\xff`.
    """
    columns: build.Columns = {
        "name": [_text(one.name) for one in entries],
        "kind": [one.kind for one in entries],
        "size": [one.size for one in entries],
        "modified": [one.modified for one in entries],
        "mode": [one.mode for one in entries],
        "owner": [_text(one.owner) for one in entries],
        "target": [None if one.target is None else _text(one.target) for one in entries],
    }
    return build.frame("files", columns, attrs=attrs)


def jobs(found: Sequence[Job], *, attrs: Attrs) -> pd.DataFrame:
    """Background jobs as a frame.

    Args:
        found: in the order of rows.
        attrs: what the frame says of itself.
    Returns:
        a row a job: id, command (its first line), status (category), code (Int64), started, ended, seconds (float64),
        bytes (int64, of output).
    """
    columns: build.Columns = {
        "id": [one.id for one in found],
        "command": [one.command for one in found],
        "status": [one.status for one in found],
        "code": [one.code for one in found],
        "started": [one.started for one in found],
        "ended": [one.ended for one in found],
        "seconds": [one.seconds for one in found],
        "bytes": [one.bytes for one in found],
    }
    return build.frame("jobs", columns, attrs=attrs)


def kernels(found: Sequence[Kernel], *, attrs: Attrs) -> pd.DataFrame:
    """Notebook kernels in workspaces as a frame.

    Args:
        found: in the order of rows.
        attrs: what the frame says of itself.
    Returns:
        a row a kernel: workspace, agent, id, python, pid (Int64), started, state (category), connected (boolean).
    """
    columns: build.Columns = {
        "workspace": [one.workspace for one in found],
        "agent": [one.agent for one in found],
        "id": [one.id for one in found],
        "python": [one.python for one in found],
        "pid": [one.pid for one in found],
        "started": [one.started for one in found],
        "state": [one.state for one in found],
        "connected": [one.connected for one in found],
    }
    return build.frame("kernels", columns, attrs=attrs)


def runs(rows: Sequence[Run], *, attrs: Attrs) -> pd.DataFrame:
    """One script's ways in many workspaces as a frame.

    Args:
        rows: in the order of rows.
        attrs: what the frame says of itself.
    Returns:
        a row a workspace: workspace, agent, status (category), code (Int64), seconds (float64), output, error.
    """
    columns: build.Columns = {
        "workspace": [one.workspace for one in rows],
        "agent": [one.agent for one in rows],
        "status": [one.status for one in rows],
        "code": [one.code for one in rows],
        "seconds": [one.seconds for one in rows],
        "output": [one.output for one in rows],
        "error": [one.error for one in rows],
    }
    return build.frame("runs", columns, attrs=attrs)


def _text(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
