"""Lines to shells in a workspace or one of its containers: that they can be, and that they are where they should be."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from coder_nb.client.agent_core import AgentCore
from coder_nb.client.names import suggest
from coder_nb.errors import AgentUnavailable, CoderError, ConnectionLost, Invalid, NotFound

if TYPE_CHECKING:
    from coder_nb.api.agents import WorkspaceAgent
    from coder_nb.api.containers import Container
    from coder_nb.remote.line import Line, LineLimits
    from coder_nb.remote.place import Place

__all__ = ["AgentLines"]

_FRESH = 30.0
"""Seconds for which it is taken as known which of its processes the agent is."""
_AT_ONCE = 2.0
"""The same for who opens a line: no other process has its place so soon, and one that has is not to pass for dead."""


class AgentLines(AgentCore):
    """What the commands and files of an agent rest on."""

    _known: tuple[float, WorkspaceAgent] | None = None
    _outside: tuple[object, Place] | None = None
    _limits: LineLimits | None = None

    def _place_line(self, container: str | None, user: str | None) -> Line:
        """A line for commands, which is where it should be."""
        from coder_nb.remote.place import is_inside, look_around

        if container is None:
            return self._line(signals=True)
        outside = self._outside_place()
        try:
            line = self._line(container=container, container_user=user, signals=True)
        except AgentUnavailable as error:
            raise AgentUnavailable(
                f"{error.message}: container {container[:12]} of {self.title}",
                hint="commands need /bin/sh and stty in it, and the user has to be there",
            ) from None
        try:
            if is_inside(container, look_around(line), outside):
                return line
        except BaseException:
            line.close()
            raise
        line.close()
        raise AgentUnavailable(
            f"nothing was run: {self.title} does not open shells in containers, but beside them",
            hint="the agent's container feature is turned off; leave the container out to run it in the workspace",
        )

    def _outside_place(self) -> Place:
        """What a shell beside the containers says of where it is."""
        from coder_nb.remote.place import look_around

        process = self._now_running().started_at
        if self._outside is None or self._outside[0] != process:
            with self._line(signals=True) as line:
                self._outside = process, look_around(line)
        return self._outside[1]

    def _checked_place(self, container: str | None, user: str | None) -> tuple[str | None, str | None]:
        """The container's id and the user, if they can be.

        Raises:
            NotFound: no such container.
            AgentUnavailable: it does not run.
        """
        if container is None:
            if user is not None:
                raise Invalid(
                    f"the user {user!r} can be chosen in a container only", status=400, hint="add container=…"
                )
            return None, None
        listed = self.listing().containers or []
        found = next((it for it in listed if container in (it.id, it.name)), None) or _by_prefix(container, listed)
        if found is None:
            raise NotFound(
                f"no container {container!r} beside {self.title}",
                status=404,
                hint=suggest(container, {it.name: it.name for it in listed}, "%coder containers lists them"),
            )
        if not found.running:
            raise AgentUnavailable(
                f"the container {found.name} does not run: {found.status or 'it is stopped'}",
                hint=f"%coder containers {self.title} shows them all",
            )
        return found.id, user

    def _line(
        self,
        program: str = "",
        *,
        container: str | None = None,
        container_user: str | None = None,
        signals: bool = False,
    ) -> Line:
        """A line to a shell in the workspace, as `remote.opening.open_line` gives it.

        Raises:
            AgentUnavailable: the agent is not connected, or cannot run commands like these.
        Endpoint: GET /workspaceagents/{id}/pty, GET /workspaceagents/{id}
        """
        from coder_nb.remote.opening import open_line

        agent = self._now_running(fresh=_AT_ONCE)
        if agent.operating_system == "windows":
            raise AgentUnavailable(
                f"{self.title} runs Windows: commands and files need a POSIX shell there",
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
                limits=self._limits,
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
            self._known = None
            raise ConnectionLost(
                f"the line to {self.title} is dead: its agent {how}; what became of what ran there is unknown",
                hint=f"%coder show {self.title.partition('.')[0]} says how it is; nothing was run a second time",
            )

    def _now_running(self, *, fresh: float = _FRESH) -> WorkspaceAgent:
        """The agent as it was seen lately; which process it is tells whether a silent line is dead."""
        if self._known is None or time.monotonic() - self._known[0] > fresh:
            self._known = time.monotonic(), self.refresh()
        return self._known[1]


def _by_prefix(text: str, listed: list[Container]) -> Container | None:
    """The only container whose id begins so, as engines shorten ids."""
    found = [it for it in listed if len(text) >= 12 and it.id.startswith(text)]
    return found[0] if len(found) == 1 else None
