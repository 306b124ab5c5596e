"""`Rpc`: the three endpoints of the multiplexed protocol as typed calls. Opens sessions, and none again by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from coder_nb.rpc import endpoints
from coder_nb.rpc.agent import AgentCalls, check_disturbance
from coder_nb.rpc.call import Calls
from coder_nb.rpc.coordinate import Coordination
from coder_nb.rpc.endpoints import Endpoint, dial
from coder_nb.rpc.records import uuid16, uuid_text
from coder_nb.rpc.session import Session
from coder_nb.rpc.tailnet import Tailnet

if TYPE_CHECKING:
    from coder_nb.transport.http import Http

__all__ = ["Rpc"]

C = TypeVar("C", bound=Calls)


class Rpc:
    """The multiplexed endpoints of one deployment, over one `Http`.

    Args:
        http: where they are dialled. Closing it closes the sessions.
    """

    def __init__(self, http: Http) -> None:
        self._http = http

    def tailnet(self) -> Tailnet:
        """Whose workspaces change, the relays, and where agents can be reached.

        Returns:
            The open session, to be closed.
        Raises:
            AuthenticationError: the token is no good.
            Conflict: the deployment lets nobody but browsers connect.
            Invalid: the server is too old.
        Endpoint: GET /tailnet
        """
        return self._open(Tailnet, endpoints.TAILNET, endpoints.TAILNET.path)

    def coordinate(self, agent_id: str) -> Coordination:
        """Where one agent can be reached, and whether it is there: `Coordination.node`.

        Args:
            agent_id: the agent's uuid.
        Returns:
            The coordinator's stream, to be closed.
        Raises:
            NotFound: no such agent, or its terminal is not for this user.
            AuthenticationError, Conflict, Invalid: as in `tailnet`.
        Endpoint: GET /workspaceagents/{id}/coordinate
        """
        path = endpoints.COORDINATE.path.format(agent=uuid_text(uuid16(agent_id)))
        calls = self._open(Calls, endpoints.COORDINATE, path)
        try:
            return Coordination(calls, own=True)
        except BaseException:
            calls.close()
            raise

    def agent(self, *, disturb_agent: bool = False) -> AgentCalls:
        """What an agent is told of itself, by its own token. Counts as a change: see below.

        The server takes the connection for the agent's: when it closes, the agent looks disconnected for up to 15 s,
        and terminals and ports are refused meanwhile.

        Args:
            disturb_agent: do that to the agent this process runs under, too.
        Returns:
            The open session, to be closed soon.
        Raises:
            ConfigurationError: the token is that of this process's own agent, or no agent's; nothing was sent.
            ConfirmationRequired: a dry run.
            AuthenticationError: no agent of a latest build has this token.
        Endpoint: GET /workspaceagents/me/rpc
        """
        if not disturb_agent:
            check_disturbance(self._http)
        return self._open(AgentCalls, endpoints.ME, endpoints.ME.path)

    def _open(self, kind: type[C], endpoint: Endpoint, path: str) -> C:
        return kind(Session(dial(self._http, endpoint, path)), endpoint)
