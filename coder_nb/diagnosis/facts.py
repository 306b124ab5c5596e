"""What the rules are given: records of one workspace and its agents, as of one time. Plain data, and lines made plain.

What is None or empty was not there, or could not be had; rules say nothing about it then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlsplit

from coder_nb.api.agents import WorkspaceAgent
from coder_nb.api.builds import ProvisionerLog, ScriptTiming, WorkspaceBuild
from coder_nb.api.containers import ContainerListing
from coder_nb.api.logs import AgentLog
from coder_nb.api.metadata import MetadataItem
from coder_nb.api.workspaces import Workspace
from coder_nb.frames.escapes import plain

__all__ = ["AgentFacts", "Facts", "Line"]

LOUD = ("warn", "error")


class Line(NamedTuple):
    """A line of a log as a person reads it."""

    at: datetime
    level: str
    source: str
    text: str


@dataclass(frozen=True)
class AgentFacts:
    """What is known of one agent.

    Attributes:
        title: how it is typed.
        agent: the record.
        live: it belongs to the latest build, and that is up; else it is the last start's and has ended.
        timings: how its scripts' runs went.
        before: the same of the start before, by which slow ones are told.
        logs: all its lines.
        metadata: what it measures.
        listing: its containers; None where it could not be asked.
        ports: what listens, as far as the server tells; None where it could not be asked.
    """

    title: str
    agent: WorkspaceAgent
    live: bool = True
    timings: Sequence[ScriptTiming] = ()
    before: Sequence[ScriptTiming] = ()
    logs: Sequence[AgentLog] = field(default=(), repr=False)
    metadata: Sequence[MetadataItem] = ()
    listing: ContainerListing | None = None
    ports: frozenset[int] | None = None

    @property
    def connected(self) -> bool:
        """Whether it can be asked now."""
        return self.live and self.agent.status == "connected"

    @property
    def app_ports(self) -> frozenset[int]:
        """The ports of its apps, which the server leaves out of those that listen."""
        found = (_port(url) for app in self.agent.apps for url in (app.url, app.healthcheck.url))
        return frozenset(port for port in found if port)

    @cached_property
    def loud(self) -> list[Line]:
        """Its lines of level warn and error, in their order."""
        return [self._line(log) for log in self.logs if log.level in LOUD]

    def last(self, count: int) -> list[Line]:
        """Its last lines that are not empty, whatever their level."""
        found: list[Line] = []
        for log in reversed(self.logs):
            line = self._line(log)
            if line.text:
                found.append(line)
            if len(found) == count:
                break
        return found[::-1]

    @cached_property
    def _sources(self) -> dict[str, str]:
        return {source.id: source.display_name for source in self.agent.log_sources}

    def _line(self, log: AgentLog) -> Line:
        return Line(log.created_at, log.level, self._sources.get(log.source_id, ""), plain(log.output).rstrip())


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one workspace.

    Attributes:
        title: how it is typed.
        now: the server's time.
        workspace: None for an agent whose workspace is not visible.
        build: its latest build.
        build_log: what that build's provisioner wrote; asked for only where it did not succeed.
        agents: of the latest start; a build that failed has none.
        before: the start before that.
        server_version: of the deployment.
        untold: what could not be had, and why.
    """

    title: str
    now: datetime
    workspace: Workspace | None = None
    build: WorkspaceBuild | None = None
    build_log: Sequence[ProvisionerLog] = ()
    agents: Sequence[AgentFacts] = ()
    before: WorkspaceBuild | None = None
    server_version: str = ""
    untold: Sequence[str] = ()

    def live(self) -> Iterator[AgentFacts]:
        """The agents of a build that is up."""
        return (agent for agent in self.agents if agent.live)

    def connected(self) -> Iterator[AgentFacts]:
        """The agents that can be asked now."""
        return (agent for agent in self.agents if agent.connected)


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        return None
