"""The keeper in a workspace: begun there, and connected to. What connects says when it is there no more."""

from __future__ import annotations

import base64
import json
import shlex
from dataclasses import dataclass
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Final

from coder_nb.errors import AgentUnavailable, CoderError, NotFound, TransportError
from coder_nb.kernels.archive import archive
from coder_nb.kernels.carrier import Lost
from coder_nb.look import visible
from coder_nb.remote import identity

if TYPE_CHECKING:
    from coder_nb.client import Agent
    from coder_nb.kernels.pythons import Python
    from coder_nb.remote.line import Line

__all__ = ["Kept", "LineConnection", "begin", "connect"]

_SECONDS: Final = 60.0
_BEGIN: Final = """\
f=$(mktemp) || exit
trap 'rm -f "$f"' EXIT
cat >"$f"
"$PY" "$f" "$ID" "$IDLE"
"""
_ATTACH: Final = resources("coder_nb.kernels").joinpath("there/attach.py").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Kept:
    """A keeper that was begun.

    Attributes:
        name: the name of the stream to it, 16 bytes.
        socket: where it listens there.
        python: what runs it.
    """

    name: bytes
    socket: str
    python: Python

    @property
    def id(self) -> str:
        """What people know it by."""
        return self.name.hex()[:8]


def begin(agent: Agent, python: Python, *, idle: float) -> Kept:
    """Leaves a keeper in a workspace.

    Args:
        agent: whose workspace.
        python: what is to run it, and the kernel.
        idle: seconds without a connection after which it ends itself and the kernel.
    Raises:
        AgentUnavailable: it could not begin; nothing is left of it.
    Endpoint: GET /workspaceagents/{id}/pty
    """
    id = identity.nonce()
    names = f"PY={shlex.quote(python.path)} ID={id} IDLE={idle:g}\n"
    result = agent.run(names + _BEGIN, input=archive(), timeout=_SECONDS, check=False)
    try:
        socket = json.loads(result.output.splitlines()[-1])["socket"]
        return Kept(bytes.fromhex(id), str(socket), python)
    except (ValueError, KeyError, TypeError, IndexError):
        said = " ".join(result.output.split())[-300:]
        raise AgentUnavailable(
            f"no kernel could begin in {agent.title}: {visible(said) or 'nothing was said'}",
            hint=f"%coder run {agent.title} -- df -h ~ /tmp",
        ) from None


def connect(agent: Agent, kept: Kept) -> LineConnection:
    """A connection to a keeper.

    Raises:
        Lost: it is not there any more, and will not be again.
        AgentUnavailable: the workspace cannot be asked now.
        TransportError: the deployment cannot be reached now.
    Endpoint: GET /workspaceagents/{id}/pty
    """
    program = f"exec {shlex.quote(kept.python.path)} -c {shlex.quote(_ATTACH)} {shlex.quote(kept.socket)}"
    try:
        line = agent._line(program)
    except AgentUnavailable:
        if _is_stopped(agent):
            raise Lost(
                f"the kernel is gone: {agent.title} was stopped", hint=f"%coder start {agent.title}, then restart it"
            ) from None
        raise
    return LineConnection(line, agent.title)


class LineConnection:
    """A line on which a program joins it to a keeper's socket.

    Args:
        line: the line.
        where: the agent, for people.
    Raises:
        Lost: the keeper is not there.
        TransportError: nothing was heard of it.
    """

    def __init__(self, line: Line, where: str) -> None:
        self._line = line
        self._first = b""
        try:
            said = line.read(_SECONDS)
        except (CoderError, TimeoutError):
            line.close(wait=0.0)
            raise TransportError(f"nothing answers for the kernel in {where}") from None
        if said[:1] != b"+":
            line.close(wait=0.0)
            raise Lost(
                f"the kernel in {where} is gone: it was ended there, or the workspace was built anew",
                hint="restart it",
            )
        self._first = said[1:]

    def read(self) -> bytes:
        """What has come, at least a byte; b"" at the end."""
        first, self._first = self._first, b""
        return first or self._line.read()

    def write(self, data: bytes) -> None:
        """Sends all of it."""
        self._line.write(base64.b64encode(data).decode() + "\n")

    def close(self) -> None:
        """Ends it."""
        self._line.close(wait=0.0)


def _is_stopped(agent: Agent) -> bool:
    """Whether the workspace was stopped or deleted, so that nothing of it runs any more."""
    if agent.workspace is None:
        return False
    try:
        build = agent.workspace.refresh().record.latest_build
    except NotFound:
        return True
    return build.transition in ("stop", "delete") and build.status not in ("failed", "canceled")
