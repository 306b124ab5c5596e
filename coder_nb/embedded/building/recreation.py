"""Dev containers built anew: starting for a moment, then running with a fresh container, or in error as before.

A failure is not told to anybody, as on a real agent: whoever wants to know looks at the list again. The output goes to
the agent's log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from coder_nb.embedded.building.timing import own_clock, tick
from coder_nb.embedded.http.exchange import refuse
from coder_nb.embedded.ids import container_id
from coder_nb.embedded.state import Agent, Container, ContainerListing, Devcontainer, LogSource, Workspace
from coder_nb.embedded.wire.text import quote

__all__ = ["Recreations"]

EXTERNAL: Final = "3b579bf4-1ed8-4b99-87a8-e9a1e3410410"
PART_SECONDS: Final = 0.15
PARTS: Final = 3
"""Real time: how long each part of a build takes, and how many there are."""
PART: Final = timedelta(seconds=9)
DONE: Final = "Outcome: success"


class Recreations:
    """The builds of dev containers that are under way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, workspace: Workspace, agent: Agent, listing: ContainerListing, id: str) -> Devcontainer:
        """Starts to build one.

        Args:
            listing: what the agent says of its containers now.
            id: the dev container's, to the letter.

        Raises:
            Refusal: 404 for an unknown one, 409 for one that is being built.
        """
        dev = next((one for one in listing.devcontainers or () if one.id == id), None)
        if dev is None:
            detail = f"Could not find devcontainer with ID: {quote(id)}"
            raise refuse(404, "Devcontainer not found.", detail=detail)
        if dev.status == "starting":
            detail = f"Recreation for devcontainer {quote(dev.name)} is already underway."
            raise refuse(409, "Devcontainer recreation already in progress", detail=detail)
        own_clock(workspace)
        overlay = _overlay(agent)
        overlay.devcontainers[id] = replace(dev, status="starting", container=None, error="")
        workspace.changes.tell()
        task = asyncio.get_running_loop().create_task(self._build(workspace, agent, overlay, dev))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return dev

    async def _build(self, workspace: Workspace, agent: Agent, overlay: _Overlay, dev: Devcontainer) -> None:
        source = _log_source(agent, dev)
        said = [
            [("info", f"Start: Run: devcontainer up --workspace-folder {dev.workspace_folder}")],
            [("info", "#1 [internal] load build definition from Dockerfile"), ("info", "#2 building with buildkit")],
            [("error", dev.error)] if dev.error else [("info", DONE)],
        ]
        for lines in said:
            await asyncio.sleep(PART_SECONDS)
            agent.logs.append(source, lines, at=tick(workspace, PART))
        if dev.error:
            overlay.devcontainers[dev.id] = replace(dev, status="error", container=None, error=dev.error)
            return
        fresh = _fresh(workspace, agent, dev)
        if dev.container is not None:
            overlay.containers[dev.container.id] = fresh
        else:
            overlay.added[dev.id] = fresh
        overlay.devcontainers[dev.id] = replace(dev, status="running", dirty=False, container=fresh, error="")
        workspace.changes.tell()


class _Overlay:
    """An agent's listing with what has been built since laid over it."""

    def __init__(self, below: Callable[[], ContainerListing]) -> None:
        self._below = below
        self.devcontainers: dict[str, Devcontainer] = {}
        self.containers: dict[str, Container] = {}
        self.added: dict[str, Container] = {}

    def __call__(self) -> ContainerListing:
        listing = self._below()
        if listing.devcontainers is None:
            return listing
        return replace(
            listing,
            devcontainers=[self.devcontainers.get(dev.id, dev) for dev in listing.devcontainers],
            containers=[*map(self._newest, listing.containers or ()), *self.added.values()],
        )

    def _newest(self, container: Container) -> Container:
        while container.id in self.containers:
            container = self.containers[container.id]
        return container


def _overlay(agent: Agent) -> _Overlay:
    if not isinstance(agent.containers, _Overlay):
        agent.containers = _Overlay(agent.containers)
    return agent.containers


def _log_source(agent: Agent, dev: Devcontainer) -> str:
    """A dev container that a template declares has a script's id and log source; the others write to "External"."""
    for script in agent.scripts:
        if script.id == dev.id:
            return script.log_source_id
    if all(source.id != EXTERNAL for source in agent.log_sources):
        agent.log_sources.append(LogSource(EXTERNAL, agent.created_at, "External", "/emojis/1f310.png"))
    return EXTERNAL


def _fresh(workspace: Workspace, agent: Agent, dev: Devcontainer) -> Container:
    now = workspace.clock.now()
    id, at = container_id(agent.id, dev.id, now.isoformat()), f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond:06d}001Z"
    if dev.container is not None:
        image = dev.rebuilt or dev.container.image
        return replace(dev.container, id=id, created_at=at, image=image, running=True, status="running")
    labels = {"devcontainer.local_folder": dev.workspace_folder, "devcontainer.config_file": dev.config_path}
    return Container(id, f"{dev.name}-1", at, f"vsc-{dev.name}", running=True, status="running", labels=labels)
