"""Running commands in a workspace: once, many over one session, in the background."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from coder_nb.client.agent_core import AgentCore
from coder_nb.errors import AgentUnavailable, CoderError, ConnectionLost, NotFound

if TYPE_CHECKING:
    from coder_nb.api.agents import WorkspaceAgent
    from coder_nb.remote.line import Line, LineLimits

__all__ = ["AgentCommands"]

_FRESH = 30.0
"""Seconds for which it is taken as known which of its processes the agent is."""


class AgentCommands(AgentCore):
    """What can be run through an agent."""

    _known: tuple[float, WorkspaceAgent] | None = None

    def _line(
        self,
        program: str = "",
        *,
        container: str | None = None,
        container_user: str | None = None,
        signals: bool = False,
        limits: LineLimits | None = None,
    ) -> Line:
        """A line to a shell in the workspace, as `remote.line.open_line` gives it.

        Raises:
            AgentUnavailable: the agent is not connected, or cannot run commands like these.
        Endpoint: GET /workspaceagents/{id}/pty, GET /workspaceagents/{id}
        """
        from coder_nb.remote.line import open_line

        agent = self._now_running()
        if agent.operating_system == "windows":
            raise AgentUnavailable(
                f"{self.title} runs Windows: commands, files and tunnels need a POSIX shell there",
                hint="%coder terminal works with it",
            )
        return self._dialled(
            lambda: open_line(
                self._coder.api.pty,
                self.id,
                program,
                container=container,
                container_user=container_user,
                signals=signals,
                alive=lambda: self._check_alive(agent),
                limits=limits,
            )
        )

    def _check_alive(self, then: WorkspaceAgent) -> None:
        """Raises ConnectionLost where the agent is gone, or another process than it was."""
        try:
            now = self.refresh()
        except NotFound:
            how = "is gone"
        except CoderError:
            return  # That the server cannot be asked says nothing about the agent.
        else:
            restarted = then.started_at is not None and now.started_at != then.started_at
            how = f"is {now.status}" if now.status != "connected" else "was restarted" if restarted else ""
        if how:
            raise ConnectionLost(
                f"the line to {self.title} is dead: its agent {how}; what became of what ran there is unknown",
                hint=f"%coder show {self.title.partition('.')[0]} says how it is; nothing was run a second time",
            )

    def _now_running(self) -> WorkspaceAgent:
        """The agent as it was seen lately; which process it is tells whether a silent line is dead."""
        if self._known is None or time.monotonic() - self._known[0] > _FRESH:
            self._known = time.monotonic(), self.refresh()
        return self._known[1]
