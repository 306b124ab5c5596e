"""Terminals in workspaces: a process on a pseudo-terminal, its output as bytes, its input as text. `api.pty`.

The wire has no exit code and no acknowledgements, and nothing here makes up for that. Nothing is opened again by
itself: an id whose process has ended would run the command a second time.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

from coder_nb.api.agents import Agents
from coder_nb.api.pty_protocol import check_size, command_line, resized, typed
from coder_nb.api.resource import Resource, segment
from coder_nb.api.users import Users
from coder_nb.closing import Closing
from coder_nb.errors import (
    ApiError,
    AuthenticationError,
    CoderError,
    Invalid,
    NotFound,
    PermissionDenied,
    ProtocolError,
    ServerError,
)

if TYPE_CHECKING:
    from coder_nb.transport.http import QueryValue
    from coder_nb.transport.incoming import Ended
    from coder_nb.transport.websocket import WebSocket

__all__ = ["Pty", "Ptys"]


class Pty(Closing):
    """An attachment to a terminal. One thread at a time reads; any thread may write, resize and close.

    The server's pings are answered while something reads: after some 30 s without a read it ends the attachment.

    Args:
        socket: the open WebSocket.
        reconnect: the session's id, by which one can attach again.
    Attributes:
        reconnect: as it was given.
    """

    def __init__(self, socket: WebSocket, reconnect: str) -> None:
        self._socket = socket
        self.reconnect = reconnect

    def __repr__(self) -> str:
        return f"Pty({'open' if self.ended is None else self.ended})"

    @property
    def ended(self) -> Ended | None:
        """How it came to its end; None while it is open.

        A process that has ended, however, gives 1006 and now and then 1000: neither proves success, nor that all of
        the output came. 1001 means that nobody read for too long, or that the agent could not be reached.
        """
        return self._socket.ended

    def read(self, timeout: float | None = None) -> bytes:
        """What the terminal shows next, as soon as it comes. Cut anywhere, within a character too.

        Args:
            timeout: seconds to wait, None for as long as it takes. Ctrl-C and `close` end the wait at once.
        Returns:
            At least one byte; b"" at the end, which `ended` then explains.
        Raises:
            TimeoutError: nothing came in time.
            ProtocolError: what came is no terminal's output.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            message = self._socket.receive(None if deadline is None else max(0.0, deadline - time.monotonic()))
            if message is None:
                return b""
            if message.text:
                self._socket.close()
                raise ProtocolError(
                    f"{self._socket.endpoint} sent text, where a terminal's output is bytes",
                    hint="is something in front of Coder?",
                )
            if data := message.data + self._socket.more():
                return data

    def write(self, text: str) -> None:
        """Type text: Enter is "\\r", Ctrl-C "\\x03", Ctrl-D "\\x04". Returns when it is on its way.

        Two threads' texts may come mixed, in pieces of up to 64 KiB. A terminal that is not raw drops what is beyond
        4,095 characters of a line.

        Raises:
            Invalid: lone surrogates; nothing was sent.
            TransportError: it has ended, or takes nothing any more; some of it may have been sent.
        """
        for piece in typed(text):
            self._socket.send(piece)

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size, in columns and rows, for everybody attached to it.

        Raises:
            Invalid: a side below 1 or above 65,535.
            TransportError: it has ended.
        """
        self._socket.send(resized(width, height))

    def close(self) -> None:
        """Leave; may be called twice. The process runs on, and is killed five minutes after the last one left."""
        self._socket.close()


class Ptys(Resource):
    """Calls on terminals."""

    def open(
        self,
        agent_id: str,
        *,
        reconnect: str | uuid.UUID | None = None,
        width: int = 80,
        height: int = 24,
        command: str = "",
        shell: str | None = None,
        container: str | None = None,
        container_user: str | None = None,
        backend_type: str = "buffered",
    ) -> Pty:
        """Attach to a terminal session, which begins if there is none by that id. Counts as a change.

        That it opens says nothing about the agent: the server dials it afterwards.

        Args:
            agent_id: the agent's uuid.
            reconnect: the session's id; None for a new one. A live session takes the size and ignores the rest.
            width, height: columns and rows, 1 to 65,535.
            command: shell text, at most 900 bytes encoded; "" for an interactive login shell. It is part of the
                address, so it is in the logs of what is on the way: secrets go through `Pty.write`.
            shell: the interpreter for the command, such as "/bin/sh", instead of the login shell with `-c`.
            container: id or name of a container to run it in. Agents without the container feature ignore it.
            container_user: the user in the container.
            backend_type: "buffered" gives the output as it is, "screen" that of GNU screen.
        Returns:
            The open attachment, to be closed.
        Raises:
            Invalid: a bad command, size or id; nothing was opened.
            AuthenticationError: the token is no good.
            NotFound: no such agent, or not visible to this user.
            PermissionDenied: visible, but its terminals are not for this user.
            ServerError: the agent is not connected.
            ConfirmationRequired: a dry run.
        Endpoint: GET /workspaceagents/{id}/pty
        """
        check_size(width, height)
        session = str(_session(reconnect))
        path = f"/workspaceagents/{segment(agent_id)}/pty"
        query: dict[str, QueryValue] = {
            "reconnect": session,
            "width": width,
            "height": height,
            "command": command_line(command, shell) or None,
            "container": container,
            "container_user": container_user,
            "backend_type": backend_type,
        }
        try:
            return Pty(self._http.websocket(path, query=query, changes=True), session)
        except (NotFound, ServerError) as error:
            raise self._reason(error, agent_id) from None

    def _reason(self, error: ApiError, agent_id: str) -> ApiError:
        """What a refusal means: the answer is the same for many causes, or a web page, so the things are asked."""
        try:
            Users(self._http).me()
            agent = Agents(self._http).get(agent_id)
        except AuthenticationError as reason:
            return reason
        except (NotFound, Invalid) as reason:
            return _app_token(reason, self._http.url) if reason.endpoint.endswith("/users/me") else reason
        except CoderError:
            return error
        if agent.status != "connected":
            return ServerError(
                f"no terminal: the agent {agent.name} is {agent.status}, not connected",
                status=error.status,
                hint="%coder show says why, %coder logs what it last wrote",
            )
        if isinstance(error, NotFound):
            return PermissionDenied(
                f"no terminal: this user may see the agent {agent.name}, but not open a terminal in it",
                status=error.status,
                hint="ask the workspace's owner, or an owner of the deployment",
            )
        return error


def _session(reconnect: str | uuid.UUID | None) -> uuid.UUID:
    try:
        return uuid.uuid4() if reconnect is None else uuid.UUID(str(reconnect))
    except ValueError:
        raise Invalid(
            f"not the id of a terminal session: {str(reconnect)[:80]!r}", status=400, hint="leave it out for a new one"
        ) from None


def _app_token(error: ApiError, url: str) -> AuthenticationError:
    return AuthenticationError(
        "the token opens no terminal: it is only good for apps",
        status=error.status,
        hint=f"sign in with a whole one: %coder connect {url}",
    )
