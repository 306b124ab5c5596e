"""The kernels that run in workspaces, whoever began them: listed, and ended. Asks the workspaces, through commands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from coder_nb.errors import NotFound, ProtocolError
from coder_nb.look import visible

if TYPE_CHECKING:
    from coder_nb.client import Agent, Coder

__all__ = ["KernelRecord", "chosen", "everywhere", "of", "stop"]

_SECONDS: Final = 30.0
_LIST: Final = """\
for f in "${XDG_CACHE_HOME:-$HOME/.cache}"/coder-nb/kernels/*/about.json; do
  [ -f "$f" ] || continue
  p=$(sed -n 's/.*"keeper": \\([0-9][0-9]*\\).*/\\1/p' "$f")
  kill -0 "$p" 2>/dev/null || continue
  printf '%s\\t%s\\n' "$(cat "/proc/$p/stat" 2>/dev/null)" "$(cat "$f")"
done
:
"""
_STOP: Final = """\
d="${XDG_CACHE_HOME:-$HOME/.cache}/coder-nb/kernels/$ID"
kill -TERM "$PID"
n=100
while [ -d "$d" ] && [ $n -gt 0 ]; do sleep 0.1 2>/dev/null || sleep 1; n=$((n - 1)); done
[ ! -d "$d" ]
"""


@dataclass(frozen=True, slots=True)
class KernelRecord:
    """A kernel that runs in a workspace.

    Attributes:
        workspace, agent: where.
        id: what `stop` takes.
        python: what runs it.
        pid: the kernel's process there; None between two of them.
        started: when the place for it was made.
        state: starting, idle, busy or dead.
        connected: whether a Jupyter is connected to it.
        keeper: the process that keeps it.
    """

    workspace: str
    agent: str | None
    id: str
    python: str
    pid: int | None
    started: datetime
    state: str
    connected: bool
    keeper: int


def of(agent: Agent) -> list[KernelRecord]:
    """The kernels that run in one workspace, oldest first.

    Endpoint: GET /workspaceagents/{id}/pty
    """
    workspace = agent.workspace.title if agent.workspace else agent.title
    output = agent.run(_LIST, timeout=_SECONDS).output
    return sorted(_records(output, workspace, agent.name), key=lambda record: record.started)


def everywhere(coder: Coder) -> list[KernelRecord]:
    """The kernels that run in one's own workspaces; those that cannot be asked are left out.

    Endpoint: GET /workspaces, GET /workspaceagents/{id}/pty
    """
    rows = coder.run_all("owner:me status:running", _LIST, timeout=_SECONDS)
    asked = rows[rows["status"] == "ok"]
    return [
        record
        for workspace, agent, output in zip(asked["workspace"], asked["agent"], asked["output"], strict=True)
        for record in _records(output, workspace, agent)
    ]


def chosen(records: Iterable[KernelRecord], id: str) -> KernelRecord:
    """The one with an id.

    Raises:
        NotFound: there is none.
    """
    found = next((record for record in records if record.id == id), None)
    if found is None:
        raise NotFound(f"no kernel {visible(id)!r} runs", status=404, hint="%coder kernel lists them")
    return found


def stop(agent: Agent, record: KernelRecord) -> None:
    """Ends a kernel and what keeps it; whoever is connected to it sees it die.

    Args:
        agent: whose workspace.
        record: which one.
    Raises:
        CommandFailed: it did not end within 10 s.
    Endpoint: GET /workspaceagents/{id}/pty
    """
    agent.run(f"ID={record.id} PID={record.keeper}\n{_STOP}", timeout=_SECONDS)


def _records(output: str, workspace: str, agent: str | None) -> Iterator[KernelRecord]:
    for line in output.split("\n"):
        stat, tab, about = line.partition("\t")
        if not tab:
            continue
        try:
            said = json.loads(about)
            if _is_its(stat, said["born"]):
                yield _record(said, workspace, agent)
        except (ValueError, KeyError, TypeError, OverflowError, OSError):
            raise ProtocolError(f"{workspace} did not answer which kernels it has") from None


def _is_its(stat: str, born: str) -> bool:
    """Whether the process that has the keeper's number now is the keeper; systems without /proc do not tell."""
    fields = stat.rpartition(")")[2].split()
    return not born or (len(fields) > 19 and fields[19] == born)


def _record(said: dict[str, Any], workspace: str, agent: str | None) -> KernelRecord:
    id = str(said["id"])
    if not id.isalnum():
        raise ValueError("not an id")
    return KernelRecord(
        workspace,
        agent,
        id,
        visible(str(said["python"])),
        None if said["kernel"] is None else int(said["kernel"]),
        datetime.fromtimestamp(float(said["started"]), UTC),
        str(said["state"]),
        bool(said["connected"]),
        int(said["keeper"]),
    )
