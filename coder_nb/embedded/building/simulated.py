"""A simulated workspace's builds: each goes like the last of its kind, and its agents like those of the last start.

A start that failed fails again, one that nobody took up waits for ever, a failing script fails; what has no pattern
goes well. Its clock stands still between events and each event moves it on, so that the same orders in the same order
always give the same times. Real time passes too, a second or so.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from coder_nb.credentials.secret import Secret
from coder_nb.embedded.building.retelling import batches, later, script_timings
from coder_nb.embedded.ids import uid
from coder_nb.embedded.state import (
    Agent,
    App,
    Build,
    ContainerListing,
    Deployment,
    Resource,
    Workspace,
)

__all__ = ["Simulated"]

CONNECT_SECONDS: Final = 0.15
SCRIPT_SECONDS: Final = 0.1
"""How long, in real time, agents take to connect, and each of the three parts of their scripts."""
PARTS: Final = 3
SHUTDOWN: Final = timedelta(seconds=1)
_UNDETECTED: Final = ("created", "starting")


class Simulated:
    """What a workspace of the fleet is made of."""

    def __init__(self, deployment: Deployment, workspace: Workspace) -> None:
        self._deployment = deployment
        self._workspace = workspace

    def pattern(self, build: Build) -> Build | None:
        """The last build of its kind that has come to an end, or has waited for ever."""
        for made in reversed(self._workspace.builds):
            if made is build or made.transition != build.transition:
                continue
            if made.job.status == "succeeded" or made.template_version is build.template_version:
                waiting = made.job.status in ("pending", "canceled") and made.job.started_at is None
                if waiting or made.job.status in ("succeeded", "failed"):
                    return made
        return None

    def resources(self, build: Build) -> Sequence[Resource]:
        """A start's are those of the last start, with new agents; a stop keeps the ones that carry none."""
        start = self._last_start(build)
        if build.transition == "delete":
            return ()
        made = [] if start is None else start.resources
        if build.transition == "stop":
            made = [resource for resource in made if not resource.agents]
        twins = self._twins(build, start)
        return [
            replace(
                one,
                id=uid(*self._path(build), "resource", one.type, one.name),
                created_at=self._workspace.clock.now(),
                daily_cost=one.daily_cost if build.transition == "start" else 0,
                agents=[twins[agent.id] for agent in one.agents],
            )
            for one in made
        ] or self._plain(build)

    async def begin(self, build: Build) -> None:
        """Lets the agents connect and run their scripts, as their predecessors did."""
        start = self._last_start(build)
        pairs = list(zip(start.agents if start else (), build.agents, strict=False))
        pairs = pairs or [(agent, agent) for agent in build.agents]
        await asyncio.sleep(CONNECT_SECONDS)
        lives = [_Life(source, agent, start) for source, agent in pairs]
        for life in lives:
            self._move_to(life.connects_at)
            life.connect()
        self._workspace.changes.tell()
        for part in range(PARTS):
            await asyncio.sleep(SCRIPT_SECONDS)
            for life in lives:
                self._move_to(life.write(part))
            self._workspace.changes.tell()
        for life in lives:
            self._move_to(life.ready_at)
            life.settle(build)
        self._workspace.changes.tell()

    async def end(self) -> None:
        """Ends the agents that are attached."""
        living = [agent for build in self._workspace.builds for agent in build.agents if agent.attached]
        for agent in living:
            agent.lifecycle_state = "shutting_down"
        if living:
            self._workspace.changes.tell()
            await asyncio.sleep(SCRIPT_SECONDS)
            self._workspace.clock.advance(SHUTDOWN)
        for agent in living:
            agent.attached = False
            agent.last_connected_at = agent.disconnected_at = self._workspace.clock.now()
            agent.lifecycle_state = "off"
        if living:
            self._workspace.changes.tell()

    def _move_to(self, moment: datetime | None) -> None:
        if moment is not None:
            self._workspace.clock.advance(later(moment, self._workspace.clock.now()))

    def _path(self, build: Build) -> tuple[str, str, int]:
        return self._workspace.owner.username, self._workspace.name, build.number

    def _last_start(self, build: Build) -> Build | None:
        before = [one for one in self._workspace.builds if one.number < build.number and one.transition == "start"]
        return next((one for one in reversed(before) if one.agents), None)

    def _twins(self, build: Build, start: Build | None) -> dict[str, Agent]:
        """New agents by the ids of those they take after."""
        if start is None or build.transition != "start":
            return {}
        ids = {source.id: uid(*self._path(build), source.name) for source in start.agents}
        return {source.id: self._twin(source, ids) for source in start.agents}

    def _twin(self, source: Agent, ids: Mapping[str, str]) -> Agent:
        now = self._workspace.clock.now()
        agent = replace(
            source,
            id=ids[source.id],
            parent_id=ids.get(source.parent_id or ""),
            created_at=now,
            logs=self._deployment.new_log(),
            attached=False,
            first_connected_at=None,
            last_connected_at=None,
            disconnected_at=None,
            started_at=None,
            ready_at=None,
            lifecycle_state="created",
            version="",
            api_version="",
            token=Secret(str(uuid.uuid4())) if source.token else None,
            apps=[_new_app(app, ids[source.id]) for app in source.apps],
            log_sources=[replace(one, created_at=now) for one in source.log_sources],
            metadata=[replace(item, value="", error="", collected_at=None) for item in source.metadata],
        )
        agent.containers = _listing(source.containers, agent, ids)
        return agent

    def _plain(self, build: Build) -> list[Resource]:
        if build.transition != "start":
            return []
        now, path = self._workspace.clock.now(), self._path(build)
        agent = Agent(uid(*path, "main"), "main", now, self._deployment.new_log(), directory="~")
        return [Resource(uid(*path, "resource"), now, "coder_agent", "main", agents=[agent])]


class _Life:
    """An agent from its first contact to the end of its start scripts, after the model of another."""

    def __init__(self, source: Agent, agent: Agent, start: Build | None) -> None:
        self._source, self._agent, self._start = source, agent, start
        self._never = source is not agent and source.first_connected_at is None
        took = timedelta(seconds=2)
        if source.first_connected_at is not None:
            took = source.first_connected_at - source.created_at
        if self._never:
            took = timedelta(seconds=source.connection_timeout_seconds + 1)
        self.connects_at: datetime = agent.created_at + took
        self.ready_at: datetime | None = None
        self._batches = batches(source)
        self._per_part = -(-len(self._batches) // PARTS)

    def connect(self) -> None:
        """The agent is there, if its model ever was."""
        agent, source = self._agent, self._source
        if self._never:
            return
        agent.first_connected_at = agent.last_connected_at = self.connects_at
        agent.attached = True
        agent.version, agent.api_version = source.version or "v2.25.1+3f0c5d1", source.api_version or "2.6"
        agent.started_at = self.connects_at + timedelta(milliseconds=49)
        agent.lifecycle_state = "starting"

    def write(self, part: int) -> datetime | None:
        """Writes one part of the log; when its last line came."""
        at: datetime | None = None
        for batch in self._batches[part * self._per_part : (part + 1) * self._per_part]:
            at = self.connects_at + batch.after
            self._agent.logs.append(batch.source_id, batch.lines, at=at)
        if part == PARTS - 1 and not self._never:
            self.ready_at = max(at or self.connects_at, self.connects_at) + timedelta(milliseconds=12)
        return at

    def settle(self, build: Build) -> None:
        """The scripts have ended: well, or as they did before."""
        agent, source = self._agent, self._source
        if self.ready_at is None:
            return
        build.script_timings += script_timings(self._start.script_timings if self._start else (), source, agent)
        agent.ready_at = self.ready_at
        # The model may be off by now, so its scripts tell.
        failed = any(run.status != "ok" for run in build.script_timings if run.agent_id == agent.id)
        agent.lifecycle_state = "start_error" if failed else "ready"
        for app, before in zip(agent.apps, source.apps, strict=False):
            app.health = before.health
        for item, known in zip(agent.metadata, source.metadata, strict=False):
            item.value, item.error = known.value, known.error
            item.collected_at = self.ready_at if known.collected_at or known.value else None


def _new_app(app: App, agent_id: str) -> App:
    health = app.health if app.health == "disabled" else "initializing"
    return replace(app, id=uid(agent_id, "app", app.slug), statuses=[], health=health)


def _listing(
    before: Callable[[], ContainerListing], agent: Agent, ids: Mapping[str, str]
) -> Callable[[], ContainerListing]:
    """What an agent's predecessor said of containers, once detection has begun; sub-agents have their new ids."""

    def listed() -> ContainerListing:
        listing = before()
        if agent.lifecycle_state in _UNDETECTED:
            return ContainerListing()
        devcontainers = listing.devcontainers and [
            replace(dev, agent=dev.agent and dev.agent._replace(id=ids.get(dev.agent.id, dev.agent.id)))
            for dev in listing.devcontainers
        ]
        return replace(listing, devcontainers=devcontainers)

    return listed
