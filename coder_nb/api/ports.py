"""TCP ports that something in the workspace listens on, as its agent sees them. `api.ports`.

Agents look at IPv4 sockets only, and the server hides ports of apps and a fixed list (22, 3306, 5432, 27017 ...).
"""

from __future__ import annotations

from coder_nb.api.resource import Record, Resource, segment

__all__ = ["ListeningPort", "Ports"]


class ListeningPort(Record, frozen=True, kw_only=True):
    """A listening port; `process_name` is "" where the agent may not look at the process."""

    port: int
    network: str = "tcp"
    process_name: str = ""


class _Listening(Record, frozen=True, kw_only=True):
    ports: list[ListeningPort] | None = None


class Ports(Resource):
    """Calls on listening ports."""

    def list(self, agent_id: str) -> list[ListeningPort]:
        """The ports, in ascending order. Asks the agent itself, which may take up to 30 s.

        Raises:
            Invalid: the agent is not connected.
            ServerError: the agent did not answer.
            NotFound: no such agent, or not visible to this user.
        Endpoint: GET /workspaceagents/{id}/listening-ports
        """
        path = f"/workspaceagents/{segment(agent_id)}/listening-ports"
        return sorted(self._get(_Listening, path, dials_agent=True).ports or [], key=lambda port: port.port)
