"""Ports of a workspace here: through one terminal, with nothing installed on either side.

The listener is on loopback only, and no request that goes through it carries Coder's token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.client.agent_commands import AgentCommands
from coder_nb.errors import CoderError

if TYPE_CHECKING:
    from coder_nb.api.pty import Pty
    from coder_nb.client.forwarded import Forwarded
    from coder_nb.remote.line import Line
    from coder_nb.remote.tunnel.opening import Way
    from coder_nb.remote.tunnel.relay import Relay
    from coder_nb.transport.base_session import BaseSession

__all__ = ["AgentTunnels"]


class AgentTunnels(AgentCommands):
    """What leads to ports and sockets that an agent can reach."""

    def forward(
        self,
        port: int | str,
        *,
        host: str = "127.0.0.1",
        local_port: int = 0,
        container: str | None = None,
        container_user: str | None = None,
    ) -> Forwarded:
        """A port here that leads to one of the workspace, for as long as it is open.

        Any number of connections share one terminal of the workspace. It counts as somebody at work there. A
        connection that is refused there is reset here. Where the terminal is lost, by a restart of the workspace for
        example, its connections fail at once, that is told, and the next connection opens another one.

        >>> with agent.forward(5432) as db:  # doctest: +SKIP
        ...     pandas.read_sql("select 1", f"postgresql://me@127.0.0.1:{db.port}/app")

        Args:
            port: there; or the path of a unix socket.
            host: as the workspace sees it; `localhost` tries IPv4 and IPv6, a name is looked up there.
            local_port: where to listen here, on 127.0.0.1; 0 for any free port.
            container: name or id of a container: as it sees ports and hosts.
            container_user: the user in there; the image's own by default.
        Returns:
            the tunnel, to be closed: `.port`, `.url`, `.stats`, `.relay`, `.show()`.
        Raises:
            Conflict: `local_port` is taken here; the hint names the next free one.
            Invalid: not a port.
            NotFound: no such container; the hint names the nearest.
            AgentUnavailable: the agent cannot be asked, or has nothing that could relay.
            ConfirmationRequired: a dry run.
        Endpoint: GET /workspaceagents/{id}/pty, GET /workspaceagents/{id}, GET /workspaceagents/{id}/containers
        """
        from coder_nb.client.forwarded import Forwarded
        from coder_nb.remote.tunnel.opening import begin

        target = port if isinstance(port, str) else (host, checked_port(port))
        way = self._way(container, container_user)
        made = Forwarded(
            self,
            lambda over: begin(way, over=over),
            target,
            container=container,
            title=way.title,
            local_port=local_port,
            tell=self._coder.api.http.notify,
        )
        self._coder._tunnels.add(made)
        return made

    def http(
        self,
        port: int | str,
        *,
        host: str = "127.0.0.1",
        container: str | None = None,
        container_user: str | None = None,
    ) -> BaseSession:
        """A requests session whose addresses begin at a port of the workspace; it never carries Coder's token.

        >>> with agent.http(8000) as app:  # doctest: +SKIP
        ...     app.get("/health").json()

        Args:
            port, host, container, container_user: as with `forward`.
        Returns:
            the session; closing it closes its tunnel, which is `.tunnel`.
        Raises:
            CoderError: as with `forward`.
        Endpoint: GET /workspaceagents/{id}/pty
        """
        from coder_nb.transport.base_session import BaseSession

        tunnel = self.forward(port, host=host, container=container, container_user=container_user)
        return BaseSession(tunnel.url, tunnel)

    def relay(self, *, container: str | None = None, container_user: str | None = None) -> Relay:
        """A relay of its own, whose connections are used from here without a local port.

        Args:
            container, container_user: as with `forward`.
        Returns:
            the relay, to be closed: `connect` gives connections. When its line is lost it is over for good.
        Raises:
            CoderError: as with `forward`.
        Endpoint: GET /workspaceagents/{id}/pty
        """
        from coder_nb.remote.tunnel.opening import begin

        made = begin(self._way(container, container_user))
        self._coder._relays.add(made)
        return made

    def _way(self, container: str | None, user: str | None) -> Way:
        from coder_nb.client.agent_following import Now
        from coder_nb.remote.tunnel.opening import Way

        place, now = self._checked_place(container, user), Now(self)

        def open_line() -> Line:
            known = now.agent()
            try:
                return known._place_line(*place)
            except CoderError:
                # After a restart of the workspace its name leads to another agent.
                if now.agent(anew=True).id == known.id:
                    raise
                return now.agent()._place_line(*place)

        return Way(
            open_line=open_line,
            attach=self._attached,
            title=f"{container} of {self.title}" if container else self.title,
        )

    def _attached(self, session: str, command: str) -> Pty:
        """A terminal's session again; where it has ended, one that runs a command."""
        return self._coder.api.pty.open(self.id, reconnect=session, shell="/bin/sh", command=command)  # noqa: S604


def checked_port(port: int) -> int:
    """A port, if it is one.

    Raises:
        Invalid: it is none.
    """
    from coder_nb.errors import Invalid

    if not 1 <= port <= 65535:
        raise Invalid(f"not a port: {port}", status=400, hint="1 to 65535")
    return port
