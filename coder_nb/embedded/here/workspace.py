"""Workspace `here`: this machine as a workspace, with scripts that really run, real ports and real containers.

Its startup script only looks at the machine; a second script tells its load every 10 seconds. A stop build ends them
and everything they started, a start build runs them again. Nothing is installed, written or left behind by `close`.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Lock
from types import TracebackType
from typing import Final

from coder_nb.credentials.secret import Secret
from coder_nb.embedded.here.build import add_here, new_agent, new_resource
from coder_nb.embedded.here.containers import Containers
from coder_nb.embedded.here.life import Life
from coder_nb.embedded.here.ports import ListeningPorts
from coder_nb.embedded.here.scripts import environment
from coder_nb.embedded.state import Agent, Build, ContainerListing, Deployment, Resource, User, Workspace

__all__ = ["HEARTBEAT_SECONDS", "Here"]

HEARTBEAT_SECONDS: Final = 10.0


class Here:
    """Adds workspace `here` to a deployment; `start` brings its agent to life.

    Args:
        deployment: gets the workspace and its template; the workspace has the real clock.
        owner: whose it is.
        startup: shell source of the startup script; None for the one that describes the machine.
        heartbeat_seconds: the time between two lines on the machine's load.
        url: the deployment's address, for what runs here to ask it; None where nothing listens.
        token: the agent's token; a fresh one where it is None.
    """

    def __init__(
        self,
        deployment: Deployment,
        owner: User,
        *,
        startup: str | None = None,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        url: str | None = None,
        token: Secret | None = None,
    ) -> None:
        self.workspace: Workspace = add_here(deployment, owner, startup, token)
        self.workspace.runner = self
        self._deployment = deployment
        self._startup, self._url, self._token = startup, url, token
        self._heartbeat_seconds = heartbeat_seconds
        self._ports, self._containers = ListeningPorts(), Containers()
        self._life: Life | None = None
        self._live = Lock()
        self._closed = False
        self._furnish(self.agent)

    @property
    def agent(self) -> Agent:
        """The agent of the last start."""
        return next(agent for build in reversed(self.workspace.builds) for agent in build.agents)

    def __enter__(self) -> Here:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Runs the startup script; returns at once. Call it once."""
        self._bring_up(self.workspace.latest)

    def close(self) -> None:
        """Ends what runs, for good; may be called again."""
        self._closed = True
        self._take_down()

    def pattern(self, build: Build) -> Build | None:
        """The first start, for every start; there is none for a stop."""
        first = self.workspace.builds[0]
        return first if build.transition == "start" and build is not first else None

    def resources(self, build: Build) -> Sequence[Resource]:
        """This machine again, with a new agent; nothing where it is stopped."""
        if build.transition != "start":
            return ()
        agent = new_agent(self._deployment, self.workspace.clock.now(), self._startup, self._token)
        self._furnish(agent)
        return [new_resource(agent)]

    async def begin(self, build: Build) -> None:
        """Runs the scripts of a start build's agent."""
        await asyncio.to_thread(self._bring_up, build)

    async def end(self) -> None:
        """Ends the agent, its scripts, and everything they have started."""
        agent = self.agent
        if not agent.attached:
            return
        agent.lifecycle_state = "shutting_down"
        self.workspace.changes.tell()
        try:
            await asyncio.to_thread(self._take_down)
        finally:
            # A build that is cancelled meanwhile has ended the agent all the same.
            agent.attached = False
            agent.last_connected_at = agent.disconnected_at = datetime.now(UTC)
            agent.lifecycle_state = "off"

    def _furnish(self, agent: Agent) -> None:
        agent.ports = self._ports.read
        # An agent looks for containers only after its start scripts have ended.
        agent.containers = lambda: self._containers.read() if agent.ready_at else ContainerListing()

    def _bring_up(self, build: Build) -> None:
        with self._live:
            if self._closed:
                return
            [agent] = build.agents
            self._life = Life(
                agent,
                build,
                self._environ(agent),
                heartbeat_seconds=self._heartbeat_seconds,
                changed=self.workspace.changes.tell,
            )
            self._life.start()
        self.workspace.changes.tell()

    def _take_down(self) -> None:
        with self._live:
            if self._life is not None:
                self._life.close()
                self._life = None

    def _environ(self, agent: Agent) -> dict[str, str]:
        names = {
            "CODER": "true",
            "CODER_WORKSPACE_NAME": self.workspace.name,
            "CODER_WORKSPACE_AGENT_NAME": agent.name,
            "CODER_WORKSPACE_OWNER_NAME": self.workspace.owner.username,
            "PYTHON": sys.executable,
        }
        return environment(names | _own_side(agent, self._url))


def _own_side(agent: Agent, url: str | None) -> dict[str, str]:
    """What a process needs to ask the deployment as its agent does."""
    if url is None or agent.token is None:
        return {}
    # A bootstrap script leaves the slash at the end.
    return {
        "CODER_AGENT_URL": f"{url}/",
        "CODER_AGENT_AUTH": "token",
        "CODER_AGENT_TOKEN": agent.token.reveal(),
    }
