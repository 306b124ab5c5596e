"""The streams of events: an agent's metadata, and a workspace with everything in it. Neither ever ends by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from coder_nb.embedded.http.events import Event
from coder_nb.embedded.state import Agent, User, Workspace
from coder_nb.embedded.streams.wake import Wake
from coder_nb.embedded.wire.metadata import metadata as metadata_json
from coder_nb.embedded.wire.workspaces import workspace as workspace_json

__all__ = ["metadata", "workspace"]

STILL = 5
"""Seconds after which metadata that has not changed is told again, for its age has."""


async def metadata(workspace: Workspace, agent: Agent, *, second: float) -> AsyncGenerator[Event]:
    """All of an agent's metadata: at once, a second later, then at most every second and at least every five.

    Args:
        workspace: the agent's; its clock tells how old things are.
        agent: of any build, connected or not.
        second: how long a second is.
    """
    loop = asyncio.get_running_loop()
    due, silent, told = loop.time(), 0, None
    yield Event("data", metadata_json(agent.metadata, workspace.clock.now()))
    while True:
        due = max(due + second, loop.time())
        await asyncio.sleep(due - loop.time())
        silent += 1
        facts = [(item.value, item.error, item.collected_at) for item in agent.metadata]
        if facts != told or silent >= STILL:
            silent, told = 0, facts
            yield Event("data", metadata_json(agent.metadata, workspace.clock.now()))


async def workspace(it: Workspace, viewer: User) -> AsyncGenerator[Event]:
    """A ping, which says that nothing is missed from now on; then the workspace, at once and after each change."""
    with Wake(it.changes.listen) as wake:
        yield Event("ping")
        while True:
            wake.clear()
            yield Event("data", workspace_json(it, viewer))
            await wake.within()
