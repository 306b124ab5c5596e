"""Makes builds: one at a time a workspace, pending, then running, then at an end, with their log as it is written.

Lives in the server's event loop; each build is a task there, which a later build of the workspace, or the end of the
server, cancels.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine
from datetime import timedelta
from typing import Final, Literal

from coder_nb.embedded.building.order import Order
from coder_nb.embedded.building.retelling import job_log, provisioner_timings
from coder_nb.embedded.building.simulated import Simulated
from coder_nb.embedded.building.timing import own_clock, tick
from coder_nb.embedded.http.exchange import refuse
from coder_nb.embedded.ids import uid
from coder_nb.embedded.state import Build, Deployment, Job, Runner, User, Workspace

__all__ = ["ACTIVE", "Builder"]

ACTIVE: Final = ("pending", "running", "canceling")

QUEUED_SECONDS: Final = 0.1
PART_SECONDS: Final = 0.1
CANCEL_SECONDS: Final = 0.2
PARTS: Final = 4
"""Real time: how long a job waits, how long each part of it takes, and how long one takes to stop."""

BEFORE: Final = timedelta(seconds=1)
PICKED_UP: Final = timedelta(milliseconds=41)
USUAL: Final = timedelta(seconds=6)


class Builder:
    """Makes the builds of a deployment."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def create(self, workspace: Workspace, order: Order, initiator: User) -> Build:
        """Begins a build.

        Raises:
            Refusal: 409, another one is active.
        """
        if workspace.latest.job.status in ACTIVE:
            text = "A workspace build is already active."
            raise refuse(409, text, detail=text)
        runner = _runner(self._deployment, workspace)
        build = _new_build(workspace, order, initiator)
        workspace.builds.append(build)
        if order.transition == "start":
            workspace.last_used_at = build.created_at
        self._go_on(workspace, self._run(workspace, runner, build))
        workspace.changes.tell()
        return build

    def cancel(self, workspace: Workspace, build: Build) -> None:
        """Ends a build that is active: at once while it waits, soon while it runs."""
        _runner(self._deployment, workspace)
        job = build.job
        job.canceled_at = tick(workspace, BEFORE)
        if job.status == "pending":
            self._stop(workspace)
            _finish(workspace, build, "canceled")
        else:
            job.status = "canceling"
            self._go_on(workspace, self._give_up(workspace, build))
        workspace.changes.tell()

    def _go_on(self, workspace: Workspace, work: Coroutine[None, None, None]) -> None:
        self._stop(workspace)
        self._tasks[workspace.id] = asyncio.get_running_loop().create_task(work)

    def _stop(self, workspace: Workspace) -> None:
        task = self._tasks.pop(workspace.id, None)
        if task is not None:
            task.cancel()

    async def _give_up(self, workspace: Workspace, build: Build) -> None:
        await asyncio.sleep(CANCEL_SECONDS)
        build.job.error = "Canceled."
        tick(workspace, BEFORE)
        _finish(workspace, build, "canceled")
        workspace.changes.tell()

    async def _run(self, workspace: Workspace, runner: Runner, build: Build) -> None:
        pattern = runner.pattern(build)
        if pattern is not None and pattern.job.started_at is None:
            # No provisioner ever takes it up.
            build.job.tags = pattern.job.tags
            return
        await asyncio.sleep(QUEUED_SECONDS)
        build.job.status = "running"
        build.job.started_at = build.updated_at = tick(workspace, PICKED_UP)
        build.job.worker_id = uid("provisioner")
        workspace.changes.tell()
        await runner.end()
        await self._work(workspace, build, pattern)
        if pattern is not None and pattern.job.status == "failed":
            build.job.error, build.job.error_code = pattern.job.error, pattern.job.error_code
            _finish(workspace, build, "failed")
            workspace.changes.tell()
            return
        build.resources = list(runner.resources(build))
        _finish(workspace, build, "succeeded")
        build.provisioner_timings = provisioner_timings(build, pattern)
        workspace.changes.tell()
        if build.transition == "start":
            await runner.begin(build)

    async def _work(self, workspace: Workspace, build: Build, pattern: Build | None) -> None:
        """Writes the log, in parts, while time passes."""
        whole = _length(pattern)
        lines = job_log(build, pattern, whole)
        for part in range(1, PARTS + 1):
            await asyncio.sleep(PART_SECONDS)
            now = tick(workspace, build.created_at + whole * part / PARTS - workspace.clock.now())
            due = [one for one in lines if one[0] <= whole * part / PARTS or part == PARTS]
            lines = lines[len(due) :]
            first = self._deployment.job_log_ids.take(len(due))
            build.job.logs += [
                # On the real clock everything goes faster than in the build it goes like.
                line._replace(id=first + place, created_at=min(build.created_at + after, now))
                for place, (after, line) in enumerate(due)
            ]
            workspace.changes.tell()


def _runner(deployment: Deployment, workspace: Workspace) -> Runner:
    if workspace.runner is None:
        own_clock(workspace)
        workspace.runner = Simulated(deployment, workspace)
    return workspace.runner


def _new_build(workspace: Workspace, order: Order, initiator: User) -> Build:
    number = workspace.latest.number + 1
    simulated = workspace.clock.stands_still
    path = (workspace.owner.username, workspace.name, number)
    now = tick(workspace, BEFORE)
    job = Job(
        id=uid(*path, "job") if simulated else str(uuid.uuid4()),
        created_at=now,
        status="pending",
        file_id=workspace.latest.job.file_id,
    )
    return Build(
        id=uid(*path) if simulated else str(uuid.uuid4()),
        number=number,
        transition=order.transition,
        created_at=now,
        updated_at=now,
        initiator=initiator,
        template_version=order.version,
        job=job,
        reason=order.reason or "initiator",
        parameters=order.parameters,
    )


def _finish(workspace: Workspace, build: Build, status: Literal["succeeded", "failed", "canceled"]) -> None:
    now = workspace.clock.now()
    build.job.completed_at = build.updated_at = workspace.updated_at = now
    if status == "succeeded" and build.transition == "start" and workspace.ttl_ms:
        build.deadline = build.max_deadline = now + timedelta(milliseconds=workspace.ttl_ms)
    build.job.status = status


def _length(pattern: Build | None) -> timedelta:
    if pattern is None or pattern.job.completed_at is None:
        return USUAL
    return pattern.job.completed_at - pattern.created_at
