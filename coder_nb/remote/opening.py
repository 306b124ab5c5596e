"""Opens a line to a shell in a workspace. What was opened and has not run anything is opened again.

Once a program was sent nothing is sent a second time.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from coder_nb import look
from coder_nb.errors import AgentUnavailable, TransportError
from coder_nb.remote import identity
from coder_nb.remote.line import Alive, Line, LineLimits
from coder_nb.remote.protocol import bootstrap, mark

if TYPE_CHECKING:
    from coder_nb.api.pty import Pty, Ptys

__all__ = ["open_line"]


def open_line(
    ptys: Ptys,
    agent_id: str,
    program: str = "",
    *,
    container: str | None = None,
    container_user: str | None = None,
    signals: bool = False,
    alive: Alive,
    limits: LineLimits | None = None,
) -> Line:
    """Open a line to a workspace and have it run a program. Counts as a change.

    Args:
        ptys: the calls on terminals.
        agent_id: the agent's uuid.
        program: text for a POSIX shell, of any size, run with the line as its raw standard input and output; "" for
            none yet. `Line.send` gives it more of them.
        container, container_user: as with `Ptys.open`; whoever asks for them checks what they lead to.
        signals: whether "\\x03" and "\\x1c" written to it are signals to what runs; else they are bytes.
        alive: see `Alive`.
        limits: how long and how much.
    Returns:
        The open line, to be closed.
    Raises:
        AgentUnavailable: no terminal began, however often one was opened; nothing has run.
        ApiError: the server refused; nothing has run.
        TransportError: the server could not be reached, however often it was tried; nothing has run.
        ConnectionLost: the line broke while the program was sent: nobody knows whether it runs.
    Endpoint: GET /workspaceagents/{id}/pty
    """
    limits = limits or LineLimits()
    said, failure = b"", None
    for _ in range(limits.attempts):
        nonce = identity.nonce()
        try:
            pty = ptys.open(  # noqa: S604 - the name of an interpreter there
                agent_id,
                reconnect=identity.session(),
                shell="/bin/sh",
                command=bootstrap(nonce, signals=signals),
                container=container,
                container_user=container_user,
            )
        except TransportError as error:
            # Whether a shell began or not: it was given nothing to run.
            failure = error
            continue
        failure, said = None, _until_ready(pty, mark("R", nonce), limits.ready)
        if mark("R", nonce) in said:
            return _running(Line(pty, nonce, signals=signals, alive=alive, limits=limits), program)
        pty.close()
        if said.strip():
            break
    raise failure or _not_begun(said, limits)


def _until_ready(pty: Pty, ready: bytes, seconds: float) -> bytes:
    """What is said until the shell is ready; to its end, or till time is up, where it does not come to that."""
    said, deadline = b"", time.monotonic() + seconds
    try:
        with suppress(TimeoutError):
            while ready not in said and (data := pty.read(max(0.0, deadline - time.monotonic()))):
                said += data
    except BaseException:
        pty.close()
        raise
    return said


def _running(line: Line, program: str) -> Line:
    try:
        if program:
            line.send(program)
    except BaseException:
        line.close(wait=0.0)
        raise
    return line


def _not_begun(said: bytes, limits: LineLimits) -> AgentUnavailable:
    text = " ".join(said.decode("utf-8", "replace").split())[:300]
    if text:
        return AgentUnavailable(
            f"no shell began in the workspace, and nothing has run: {look.visible(text)}",
            hint="commands need /bin/sh and stty there",
        )
    return AgentUnavailable(
        f"no shell began in the workspace in {limits.attempts} attempts, and nothing has run",
        hint="commands need /bin/sh and stty there; %coder show says how the agent is",
    )
