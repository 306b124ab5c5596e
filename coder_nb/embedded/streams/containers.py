"""An agent's containers as it tells of them: only what happens to a dev container makes it speak, and not all of that.

Containers that start or stop, an edited configuration, a dev container that could not be built: of these it says
nothing, so whoever wants to know has to ask.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from coder_nb.embedded.state import Agent, AgentError, ContainerListing, Devcontainer, Workspace
from coder_nb.embedded.streams.wake import Wake
from coder_nb.embedded.wire import containers as wire
from coder_nb.embedded.wire.text import Json

__all__ = ["containers"]

REFRESH = 10


async def containers(
    workspace: Workspace, agent: Agent, *, first: ContainerListing | None, second: float
) -> AsyncGenerator[Json]:
    """Whole listings, until the agent's process has ended.

    Args:
        workspace: the agent's.
        agent: a connected one.
        first: what it has just said; None for an error, after which nothing comes.
        second: how long a second is.
    """
    if first is None:
        return
    with Wake(workspace.changes.listen) as wake:
        listing = first
        yield wire.listing(listing)
        while True:
            await wake.within(REFRESH * second)
            wake.clear()
            if _exited(agent):
                return
            before, listing = listing, await _ask(agent, listing)
            if _worth_telling(before, listing):
                yield wire.listing(listing)


def _exited(agent: Agent) -> bool:
    """A process that is frozen has not ended, and nobody notices."""
    return not agent.attached and agent.disconnected_at is not None


async def _ask(agent: Agent, known: ContainerListing) -> ContainerListing:
    try:
        return await asyncio.to_thread(agent.containers)
    except AgentError:
        return known


def _worth_telling(before: ContainerListing, now: ContainerListing) -> bool:
    old = {dev.id: dev for dev in before.devcontainers or ()}
    new = {dev.id: dev for dev in now.devcontainers or ()}
    return old.keys() != new.keys() or any(_differs(old[id], dev) for id, dev in new.items())


def _differs(old: Devcontainer, new: Devcontainer) -> bool:
    if new.status == "error" and new.container is None:
        return False
    return _facts(old) != _facts(new)


def _facts(dev: Devcontainer) -> tuple[object, ...]:
    return dev.name, dev.status, dev.container and dev.container.id, dev.agent
