"""An agent: the process in a workspace that logs, ports, containers, apps and scripts belong to.

Every method asks the server; where the agent itself cannot be asked, AgentUnavailable says which state it is in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from coder_nb import frames
from coder_nb.api.builds import ScriptTiming
from coder_nb.api.containers import ContainerListing
from coder_nb.api.logs import AgentLog
from coder_nb.client.agent_commands import AgentCommands
from coder_nb.client.agent_diagnosis import AgentDiagnosis
from coder_nb.client.agent_files import AgentFiles
from coder_nb.client.agent_following import AgentFollowing
from coder_nb.client.agent_tunnels import AgentTunnels
from coder_nb.client.agent_views import AgentViews
from coder_nb.client.devcontainers import Recreated, recreate
from coder_nb.client.network import Network, ask, network
from coder_nb.client.show import AgentPart
from coder_nb.client.waiting import Tell
from coder_nb.errors import CoderError, NotFound

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Agent"]


class Agent(AgentFiles, AgentTunnels, AgentFollowing, AgentViews, AgentCommands, AgentDiagnosis):
    """One agent of one build.

    Attributes:
        record: what the server said of it when its name was looked up; `refresh()` asks again.
        workspace: the workspace it belongs to; None for an agent known by its uuid only that no visible one has.
    """

    def logs(
        self,
        *,
        level: str | None = None,
        source: str | None = None,
        grep: str | None = None,
        since: str | datetime | None = None,
        until: str | datetime | None = None,
        tail: int | None = None,
        after: int = 0,
        before: int | None = None,
    ) -> DataFrame:
        """What the agent's scripts wrote.

        Args:
            level: at least this one of trace, debug, info, warn, error.
            source: only this log source, by name or id.
            grep: a regular expression the text must match somewhere.
            since: only from then on: `10m`, `2h`, `1d` before the server's now, a date, or a datetime.
            until: only until then.
            tail: only the last so many, counted after all other filters.
            after: only lines with a greater id, which costs the server less: cheap polling.
            before: only lines with a smaller id.
        Returns:
            a frame, a row a line: id, time, level, source, text, raw, source_id. `text` is free of ANSI escapes.
        Raises:
            InvalidCommand: a level, time or pattern that cannot be understood.
        Endpoint: GET /workspaceagents/{id}/logs
        """
        lines = self._lines(after, before)
        sources = self._sources(lines)
        frame = frames.logs(lines, sources=sources, attrs=self._attrs())
        return frames.filter_logs(
            frame,
            level=level,
            source=source,
            grep=grep,
            since=since,
            until=until,
            tail=tail,
            now=self._now(),
            sources=[*sources.values(), *sources],
        )

    def ports(self) -> DataFrame:
        """Ports something listens on, joined with the ports of apps.

        Returns:
            a frame, a row a port: port, network, process, via (listening or app), app, url, local (of a tunnel that
            this connection has open to it).
        Raises:
            AgentUnavailable: the agent is not connected.
        Endpoint: GET /workspaceagents/{id}/listening-ports, GET /workspaceagents/{id}
        """
        listening = self._dialled(lambda: self._coder.api.ports.list(self.id))
        links = self._links()
        return frames.ports(
            listening,
            self.refresh().apps,
            link=links.port if links else _no_link,
            app_link=links.app if links else _no_link,
            attrs=self._attrs(),
            local=self._coder._local_addresses(self.title),
        )

    def containers(self, *, label: Sequence[str] = ()) -> DataFrame:
        """Containers and dev containers beside the agent.

        Args:
            label: `key=value` each; a container must have all.
        Returns:
            a frame, a row a container: name, image, running, status, ports, devcontainer, devcontainer_status, dirty,
            created, id, labels, volumes. The server's warnings are in `attrs["warnings"]`.
        Raises:
            AgentUnavailable: the agent is not connected.
            PermissionDenied: the feature is turned off for this agent.
        Endpoint: GET /workspaceagents/{id}/containers
        """
        return frames.containers(self.listing(label=label), attrs=self._attrs())

    def container_ports(self, *, label: Sequence[str] = ()) -> DataFrame:
        """Published ports of containers.

        Returns:
            a frame, a row a port: container, port, network, host_port, host_ip.
        Endpoint: GET /workspaceagents/{id}/containers
        """
        return frames.container_ports(self.listing(label=label), attrs=self._attrs())

    def apps(self) -> DataFrame:
        """The agent's apps as they are now.

        Returns:
            a frame, a row an app: slug, name, health, url, external, hidden, sharing.
        Endpoint: GET /workspaceagents/{id}
        """
        links = self._links()
        return frames.apps(self.refresh().apps, link=links.app if links else _no_link, attrs=self._attrs())

    def scripts(self) -> DataFrame:
        """The scripts the template declares, and how their last run went.

        Returns:
            a frame, a row a script: name, when, status, exit_code, started, ended, seconds, source_id.
        Endpoint: GET /workspaces/{id}/timings or GET /workspacebuilds/{id}/timings
        """
        return frames.scripts(self.record.scripts, self._script_timings(), attrs=self._attrs())

    def metadata(self) -> DataFrame:
        """What the agent measures, as the server has it now; the agent itself is not asked.

        Returns:
            a frame, a row an item: key, name, value, number, unit, error, collected, age. `number` and `unit` are read
            out of `value` as `coder_nb.frames.measured` says.
        Endpoint: GET /workspaceagents/{id}/watch-metadata-ws
        """
        return frames.metadata(self._coder.api.metadata.snapshot(self.id), attrs=self._attrs())

    def recreate(
        self, devcontainer: str, *, wait: bool = False, timeout: float | None = None, tell: Tell | None = None
    ) -> Recreated:
        """Builds a dev container anew; what runs in it ends. A build that is under way is joined.

        Args:
            devcontainer: its name, or its id.
            wait: until it is built; else it returns once the build is begun.
            timeout: seconds to wait at most; None for as long as it takes. The build goes on anyhow.
            tell: is told how far it is.
        Raises:
            NotFound: there is no such dev container; the hint names the nearest.
            AgentUnavailable: the agent is not connected, the build failed, or time is up.
        Endpoint: POST /workspaceagents/{id}/containers/devcontainers/{devcontainer}/recreate
        """
        return recreate(self, devcontainer, wait=wait, timeout=timeout, tell=tell)

    def ask_to_recreate(self, devcontainer_id: str) -> None:
        """Begins to build a dev container anew, by its id, and asks nothing else.

        Raises:
            Conflict: it is being built already.
        Endpoint: POST /workspaceagents/{id}/containers/devcontainers/{devcontainer}/recreate
        """
        self._dialled(lambda: self._coder.api.containers.recreate(self.id, devcontainer_id))

    def network(self) -> Network:
        """How it is reached: relays with its own latency to them, its home among them, its addresses, when it was seen.

        Its node is what it told the coordinator, which is only asked: the agent does not notice. `why_no_node` says why
        there is none.

        Endpoint: GET /workspaceagents/{id}/connection, GET /workspaceagents/{id}, GET /workspaceagents/{id}/coordinate
        """
        connection, record = self._coder.api.connection.agent(self.id), self.refresh()
        told = ask(self._coder.rpc.coordinate, record)
        return network(self.title, connection, record, attrs=self._attrs(), told=told, now=self._now())

    def part(self, timings: Sequence[ScriptTiming]) -> AgentPart:
        """This agent as a part of `Workspace.show()`; containers are left out where the agent cannot be asked."""
        listing: ContainerListing | None = None
        if self.record.status == "connected":
            try:
                listing = self._coder.api.containers.list(self.id)
            except CoderError:
                listing = None
        links = self._links()
        urls = {app.slug: links.app(app) for app in self.record.apps} if links else {}
        own = [timing for timing in timings if timing.workspace_agent_id == self.id]
        return AgentPart(self.record, own, listing, urls)

    def _lines(self, after: int, before: int | None) -> list[AgentLog]:
        logs = self._coder.api.logs
        try:
            return logs.list(self.id, after=after, before=before)
        except NotFound as error:
            # A server that lacks the route says so in other words than one that lacks the agent.
            if "route" not in error.message.lower():
                raise
            return logs.startup(self.id, after=after, before=before)

    def _sources(self, lines: Sequence[AgentLog]) -> dict[str, str]:
        named = {source.id: source.display_name for source in self.record.log_sources}
        if any(line.source_id not in named for line in lines):
            # A source may have been registered since the agent was looked up.
            named = {source.id: source.display_name for source in self.refresh().log_sources}
        return named

    def _script_timings(self) -> list[ScriptTiming]:
        if self.workspace is None:
            return []
        start = self.workspace._last_start()
        if start is None or all(agent.id != self.id for agent in start.agents):
            start = next((b for b in self.workspace.builds() if any(a.id == self.id for a in b.agents)), None)
        timings = self._coder.api.builds.timings(start.id).agent_script_timings if start else []
        return [timing for timing in timings if timing.workspace_agent_id == self.id]


def _no_link(_: object) -> None:
    return None
