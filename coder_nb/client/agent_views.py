"""Live views of an agent: its log, ports, containers, metadata and a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from coder_nb.client.agent_core import AgentCore

if TYPE_CHECKING:
    from coder_nb.client.agent import Agent
    from coder_nb.widgets.log_view import LogView
    from coder_nb.widgets.metadata_view import MetadataView
    from coder_nb.widgets.table_view import TableView
    from coder_nb.widgets.terminal_view import TerminalView

__all__ = ["AgentViews"]


class AgentViews(AgentCore):
    """What can be watched about an agent, as a widget."""

    def watch_logs(self, *, level: str | None = None, source: str | None = None, grep: str | None = None) -> LogView:
        """Its log as a live view, across restarts of the workspace.

        It shows the lines there are, and begins to stream when a page shows it. The arguments are what it is filtered
        by at first; `.frame` has every line all the same.

        Args:
            level: at least this one of trace, debug, info, warn, error.
            source: only this log source, by name or id.
            grep: only lines whose text this regular expression finds.
        Returns:
            the view: `.frame`, `.selection`, `.state`, `.stop()`.
        Raises:
            InvalidCommand: no such level.
        Endpoint: GET /workspaceagents/{id}/logs
        """
        from coder_nb.client.log_view import log_view

        return log_view(cast("Agent", self), level, source, grep)

    def watch_ports(self) -> TableView:
        """Its ports as a live table, across restarts of the workspace; asked for every few seconds while looked at.

        Returns:
            the view: `.frame`, `.state`, `.stop()`.
        Raises:
            AgentUnavailable: the agent is not connected.
        Endpoint: GET /workspaceagents/{id}/listening-ports
        """
        from coder_nb.client.table_views import ports_view

        return ports_view(cast("Agent", self))

    def watch_containers(self) -> TableView:
        """Its containers as a live table; dev containers can be built anew from it.

        Returns:
            the view: `.frame`, `.state`, `.stop()`.
        Raises:
            AgentUnavailable: the agent is not connected.
            PermissionDenied: the feature is turned off for this agent.
        Endpoint: GET /workspaceagents/{id}/containers/watch, GET /workspaceagents/{id}/containers
        """
        from coder_nb.client.table_views import containers_view

        return containers_view(cast("Agent", self))

    def watch_metadata(self, *, warn_at: float = 90.0) -> MetadataView:
        """What it measures as a live panel, with the recent past of each value.

        Args:
            warn_at: per cent from which on a value is pointed out.
        Returns:
            the view: `.frame` with every value that was seen, `.state`, `.stop()`.
        Endpoint: GET /workspaceagents/{id}/watch-metadata-ws
        """
        from coder_nb.client.table_views import metadata_view

        return metadata_view(cast("Agent", self), warn_at)

    def terminal(
        self, *, container: str | None = None, user: str | None = None, reconnect: str | None = None
    ) -> TerminalView:
        """A terminal in the notebook: a login shell, on the screen of the page that shows it.

        It begins when a page shows it. It is met again by itself after a reload of the page and when the connection
        breaks; after a restart of the kernel with `reconnect`. The shell ends five minutes after everybody has left.

        Args:
            container: name or id of a container to run it in.
            user: the user in there; the container's own by default.
            reconnect: the id of a shell that runs already, as `.session` of its view and the page tell it. One that is
                over is not begun anew.
        Returns:
            the view: `.type(text)`, `.text`, `.session`, `.restart()`, `.stop()`.
        Raises:
            AgentUnavailable: the agent is not connected, or the container does not run.
            NotFound: no such container; the hint names the nearest.
            Invalid: not the id of a session.
            ConfirmationRequired: a dry run: a terminal counts as a change.
        Endpoint: GET /workspaceagents/{id}/pty, GET /workspaceagents/{id}, GET /workspaceagents/{id}/containers
        """
        from coder_nb.client.terminal import terminal

        return terminal(cast("Agent", self), container, user, reconnect)
