"""The keeper in a workspace: begun there, and connected to. What connects says when it is there no more."""

from __future__ import annotations

import json
import shlex
import threading
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from coder_nb.errors import AgentUnavailable, NotFound
from coder_nb.kernels import running
from coder_nb.kernels.archive import archive
from coder_nb.kernels.carrier import Lost
from coder_nb.look import visible
from coder_nb.remote import identity
from coder_nb.remote.tunnel.opening import begin as begin_relay

if TYPE_CHECKING:
    from coder_nb.client import Agent
    from coder_nb.kernels.pythons import Python
    from coder_nb.remote.line import Line
    from coder_nb.remote.tunnel.connection import Connection
    from coder_nb.remote.tunnel.opening import Way
    from coder_nb.remote.tunnel.relay import Relay

__all__ = ["Kept", "Tied", "begin", "connect"]

_SECONDS: Final = 60.0
_BEGIN: Final = """\
f=$(mktemp) || exit
trap 'rm -f "$f"' EXIT
cat >"$f"
"$PY" "$f" "$ID" "$IDLE"
"""


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


def connect(agent: Agent, kept: Kept) -> Tied:
    """A connection to a keeper, through a relay of its own.

    Raises:
        Lost: it is not there any more, and will not be again.
        AgentUnavailable: the workspace cannot be asked now.
        TransportError: the deployment cannot be reached now.
    Endpoint: GET /workspaceagents/{id}/pty
    """
    try:
        relay = begin_relay(_way(agent, kept))
    except AgentUnavailable:
        if _is_stopped(agent):
            raise Lost(
                f"the kernel is gone: {agent.title} was stopped", hint=f"%coder start {agent.title}, then restart it"
            ) from None
        raise
    try:
        return Tied(relay, relay.connect(kept.socket, timeout=_SECONDS))
    except BaseException as error:
        relay.close()
        if isinstance(error, AgentUnavailable) and all(record.id != kept.id for record in running.of(agent)):
            raise Lost(
                f"the kernel in {agent.title} is gone: it was ended there, or the workspace was built anew",
                hint="restart it",
            ) from None
        raise


class Tied:
    """A connection, and the relay that carries nothing else."""

    def __init__(self, relay: Relay, connection: Connection) -> None:
        self._relay, self._connection = relay, connection

    def read(self) -> bytes:
        """What has come, at least a byte; b"" at the end."""
        return self._connection.read()

    def write(self, data: bytes) -> None:
        """Sends all of it."""
        self._connection.write(data)

    def close(self) -> None:
        """Ends both."""
        self._connection.close()
        if self._relay.over:
            # What a lost line leaves there is ended over another one; the next connection need not wait for that.
            threading.Thread(target=self._relay.close, name="coder-nb:kernel-closing", daemon=True).start()
        else:
            self._relay.close()


def _way(agent: Agent, kept: Kept) -> Way:
    """To the workspace; the kernel's Python will do for the relay where there is no other."""
    way = agent._way(None, None)
    folder = shlex.quote(str(PurePosixPath(kept.python.path).parent))

    def open_line() -> Line:
        line = way.open_line()
        line.send(f"PATH=$PATH:{folder}")
        return line

    return replace(way, open_line=open_line)


def _is_stopped(agent: Agent) -> bool:
    """Whether the workspace was stopped or deleted, so that nothing of it runs any more."""
    if agent.workspace is None:
        return False
    try:
        build = agent.workspace.refresh().record.latest_build
    except NotFound:
        return True
    return build.transition in ("stop", "delete") and build.status not in ("failed", "canceled")
