"""Logs as they are written: an agent's, in batches, until a later build replaces it; a build's until its job ends."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from coder_nb.embedded.state import Agent, Build, Workspace
from coder_nb.embedded.streams.wake import Wake
from coder_nb.embedded.wire.agents import log_lines
from coder_nb.embedded.wire.builds import job_log_lines
from coder_nb.embedded.wire.text import Json

__all__ = ["agent_log", "job_log"]

RECHECK = 60
"""Seconds after which both look again although nobody has told them anything."""
BATCH = 1000
"""Lines in an array that is not the first, so that a client that was slow does not hold up the others afterwards."""


async def agent_log(workspace: Workspace, agent: Agent, *, after: int, second: float) -> AsyncGenerator[Json]:
    """Arrays of an agent's lines.

    Args:
        workspace: the agent's.
        agent: of any build.
        after: only lines with a greater id. The first array may be empty, later ones are not.
        second: how long a second is.
    """
    most: int | None = None
    with Wake(agent.logs.listen, workspace.changes.listen) as wake:
        while True:
            wake.clear()
            # Looked at before the lines are fetched, so that the last fetch misses none.
            replaced = agent not in workspace.latest.agents
            lines = agent.logs.after(after)[:most]
            if lines or most is None:
                after = lines[-1].id if lines else after
                yield log_lines(lines)
            if len(lines) == most:
                continue
            most = BATCH
            if replaced:
                return
            await wake.within(RECHECK * second)


async def job_log(workspace: Workspace, build: Build, *, after: int, second: float) -> AsyncGenerator[Json]:
    """The lines of a build, each on its own.

    Args:
        workspace: the build's.
        build: whether its job has ended or not.
        after: only lines with a greater id.
        second: how long a second is.
    """
    with Wake(workspace.changes.listen) as wake:
        while True:
            wake.clear()
            ended = build.job.completed_at is not None
            lines = [line for line in build.job.logs if line.id > after]
            for value in job_log_lines(lines):
                yield value
            after = lines[-1].id if lines else after
            if ended:
                return
            await wake.within(RECHECK * second)
