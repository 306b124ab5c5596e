"""Live views of an agent: its log, ports, containers, metadata and a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from coder_nb.client.agent_core import AgentCore

if TYPE_CHECKING:
    from coder_nb.client.agent import Agent
    from coder_nb.widgets.log_view import LogView

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
