"""A workspace as it was when its name was looked up: its agents, its builds, and what it looks like at a glance."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from coder_nb import frames
from coder_nb.api import workspaces as records
from coder_nb.api.agents import WorkspaceAgent
from coder_nb.api.builds import WorkspaceBuild
from coder_nb.client import lifecycle
from coder_nb.client.agent import Agent
from coder_nb.client.lifecycle import Goal, Status
from coder_nb.client.names import suggest
from coder_nb.client.show import Show
from coder_nb.client.waiting import Tell
from coder_nb.errors import AgentUnavailable, NotFound

if TYPE_CHECKING:
    from pandas import DataFrame

    from coder_nb.client.coder import Coder
    from coder_nb.diagnosis import Diagnosis

__all__ = ["Workspace"]


class Workspace:
    """One workspace.

    Attributes:
        record: what the server said of it, at most 30 s ago.
    """

    def __init__(self, coder: Coder, record: records.Workspace) -> None:
        self._coder = coder
        self.record = record

    @property
    def name(self) -> str:
        """Its name, without the owner."""
        return self.record.name

    @property
    def owner(self) -> str:
        """Its owner's user name."""
        return self.record.owner_name

    @property
    def title(self) -> str:
        """The shortest name that leads here: `dev`, or `ada/dev` for somebody else's."""
        return self.name if self.owner == self._coder.user().username else f"{self.owner}/{self.name}"

    def __repr__(self) -> str:
        return f"Workspace {self.owner}/{self.name}: {self.record.latest_build.status}"

    def refresh(self) -> Workspace:
        """The same workspace, asked for again.

        Endpoint: GET /workspaces/{id}
        """
        self.forget()
        return Workspace(self._coder, self._coder.api.workspaces.get(self.record.id))

    def forget(self) -> None:
        """Drops what is kept of it, so that its name will cost a request again."""
        self._coder._forget(self.record)

    def start(
        self,
        *,
        wait: bool = False,
        timeout: float | None = None,
        parameters: Mapping[str, str] | None = None,
        template_version_id: str | None = None,
        tell: Tell | None = None,
    ) -> Status:
        """Starts it. A start that is under way is joined, and one that runs stays as it is.

        Args:
            wait: until its agents are ready; else it returns once the build is begun.
            timeout: seconds to wait at most; None for as long as it takes.
            parameters: values of the template's parameters that shall be others from now on. These, or a version,
                build a workspace anew that runs already.
            template_version_id: the template's version to build by; None for the one it has, or the active one where
                the template demands that.
            tell: is told how far it is.
        Returns:
            how it is; `notes` has what else to know, such as a start script that failed.
        Raises:
            AgentUnavailable: the build failed or was cancelled, the agent did not connect, or time is up.
            Conflict: it is being stopped, and `wait` is off.
            PermissionDenied: this user may not start it.
            NotFound: it is deleted.
        Endpoint: POST /workspaces/{id}/builds
        """
        begun = lifecycle.begin(
            self, "start", patient=wait, parameters=parameters, template_version_id=template_version_id, tell=tell
        )
        return self._then("ready", begun, wait, timeout, tell)

    def stop(self, *, wait: bool = False, timeout: float | None = None, tell: Tell | None = None) -> Status:
        """Stops it; what its agents run ends. The arguments and errors are those of `start`.

        Endpoint: POST /workspaces/{id}/builds
        """
        begun = lifecycle.begin(self, "stop", patient=wait, tell=tell)
        return self._then("stopped", begun, wait, timeout, tell)

    def restart(self, *, wait: bool = False, timeout: float | None = None, tell: Tell | None = None) -> Status:
        """Stops it, waits until it is stopped, and starts it; `wait` is for the start. It gets new agents.

        Endpoint: POST /workspaces/{id}/builds
        """
        begun = lifecycle.restart(self, timeout=timeout, tell=tell)
        return self._then("ready", begun, wait, timeout, tell)

    def wait(
        self,
        for_: Goal = "ready",
        *,
        agent: str | None = None,
        timeout: float | None = None,
        tell: Tell | None = None,
    ) -> Status:
        """Waits for what is under way; begins nothing.

        Args:
            for_: ready (connected, and the start scripts have ended, well or not), connected, or stopped.
            agent: only this agent; None means all that are not dev containers'.
            timeout: seconds at most; None for as long as it takes.
            tell: is told how far it is.
        Raises:
            AgentUnavailable: nothing is under way that would lead there, it failed, or time is up.
        Endpoint: GET /workspaces/{id}
        """
        return lifecycle.wait(self, for_, agent=agent, timeout=timeout, tell=tell)

    def _then(self, goal: Goal, begun: Status, wait: bool, timeout: float | None, tell: Tell | None) -> Status:
        if not wait:
            return begun
        done = lifecycle.wait(self, goal, timeout=timeout, tell=tell)
        return dataclasses.replace(done, notes=(*begun.notes, *done.notes))

    def agents(self) -> list[Agent]:
        """All agents of the latest start, dev containers' agents included.

        Raises:
            AgentUnavailable: there is none yet.
        """
        return [Agent(self._coder, record, self) for record in self._agents(self._last_start())]

    def agent(self, name: str | None = None, *, build: int | None = None) -> Agent:
        """One agent.

        Args:
            name: its name; None means the only one that is not a dev container's.
            build: see `Coder.agent`.
        Raises:
            NotFound: no agent of that name, or several and none named.
            AgentUnavailable: that build has no agents.
        """
        found = self._agents(self._last_start() if build is None else self.build(build))
        if name is not None:
            return Agent(self._coder, self._named(name, found), self)
        hosts = [record for record in found if record.parent_id is None] or found
        if len(hosts) > 1:
            choices = ", ".join(f"{self.title}.{record.name}" for record in hosts)
            raise NotFound(
                f"{self.title} has {len(hosts)} agents and none was named", status=404, hint=f"one of: {choices}"
            )
        return Agent(self._coder, hosts[0], self)

    def _named(self, name: str, found: list[WorkspaceAgent]) -> WorkspaceAgent:
        exact = [record for record in found if record.name == name]
        for record in exact or [record for record in found if record.name.lower() == name.lower()]:
            return record
        typed = {record.name: f"{self.title}.{record.name}" for record in found}
        hint = suggest(name, typed, "its agents: " + ", ".join(typed))
        raise NotFound(f"{self.title} has no agent {name!r}", status=404, hint=hint)

    def builds(self) -> list[WorkspaceBuild]:
        """All builds, newest first.

        Endpoint: GET /workspaces/{id}/builds
        """
        return self._coder.api.builds.list(self.record.id)

    def build(self, number: int) -> WorkspaceBuild:
        """One build.

        Args:
            number: its number; a negative one counts starts back from the latest, so -1 is the one before it.
        Raises:
            NotFound: no such build; the hint names those there are.
        Endpoint: GET /users/{user}/workspace/{name}/builds/{number}, or GET /workspaces/{id}/builds
        """
        if number > 0:
            try:
                return self._coder.api.builds.by_number(self.owner, self.name, number)
            except NotFound as error:
                raise NotFound(
                    f"{self.title} has no build {number}",
                    status=error.status,
                    hint=f"its latest is {self.record.latest_build.build_number}",
                ) from None
        starts = [build for build in self.builds() if build.transition == "start"]
        if number == 0 or -number >= len(starts):
            raise NotFound(
                f"{self.title} has no build {number}: {len(starts)} starts are known",
                status=404,
                hint="by number: " + ", ".join(str(build.build_number) for build in starts[:10]),
            )
        return starts[-number]

    def build_logs(self, build: int | None = None) -> DataFrame:
        """What the provisioner wrote while it built.

        Args:
            build: a build's number, or negative as in `build`; None means the latest of all.
        Returns:
            a frame: id, time, level, stage, source, text.
        Endpoint: GET /workspacebuilds/{id}/logs
        """
        chosen = self.record.latest_build if build is None else self.build(build)
        lines = self._coder.api.builds.logs(chosen.id)
        return frames.provisioner_logs(lines, attrs=self.attrs(build=chosen.build_number))

    def show(self) -> Show:
        """The workspace at a glance, asked for again: state, agents, apps, scripts, dev containers, versions.

        Endpoint: GET /workspaces/{id}, GET /workspaces/{id}/timings, GET /workspaceagents/{id}/containers
        """
        fresh = self.refresh()
        shown = fresh._last_start()
        timings = self._coder.api.builds.timings(shown.id).agent_script_timings if shown else []
        agents = [Agent(self._coder, record, fresh) for record in shown.agents] if shown else []
        return Show(
            fresh.record, fresh.title, [agent.part(timings) for agent in agents], self._coder.api.http.server_time
        )

    def why(self) -> Diagnosis:
        """What is wrong with it and why, asked for now: ranked causes, each with evidence and the next line to type.

        Of a stopped workspace and of a failed build too. Nothing is changed.

        Returns:
            the diagnosis: `.causes`, `.healthy`, `.frame`.
        Endpoint: GET /workspaces/{id}, GET /workspaces/{id}/builds, GET /workspacebuilds/{id}/timings,
            GET /workspacebuilds/{id}/logs, and of its agents what `Agent.why` asks for
        """
        from coder_nb.client.agent_diagnosis import why

        return why(self)

    def attrs(self, **more: str | int) -> dict[str, str | int]:
        """What a frame of this workspace says of itself."""
        return self._coder._attrs(workspace=self.title, **more)

    def _last_start(self) -> WorkspaceBuild | None:
        """The build whose agents count: the latest, or where that is a stop, the last start before it."""
        latest = self.record.latest_build
        if latest.transition == "start":
            return latest
        return next((build for build in self.builds() if build.transition == "start"), None)

    def _agents(self, build: WorkspaceBuild | None) -> list[WorkspaceAgent]:
        if build is not None and build.agents:
            return build.agents
        raise no_agents(self.title, build)


def no_agents(title: str, build: WorkspaceBuild | None) -> AgentUnavailable:
    """The error for a workspace, or a build of it, without agents: why, and what to type."""
    if build is None:
        return AgentUnavailable(f"{title} was never started", hint=f"%coder start {title} --wait")
    number, state = build.build_number, build.job.status
    if state in ("failed", "canceled"):
        why = f"build {number} {state}" + (f": {build.job.error}" if build.job.error else "")
        return AgentUnavailable(f"{title} has no agent, since {why}", hint=f"%coder logs {title} --provisioner")
    if state in ("pending", "running"):
        queued = f", {build.job.queue_position} of {build.job.queue_size} in the queue" if build.job.queue_size else ""
        return AgentUnavailable(
            f"{title} has no agent yet: build {number} is {state}{queued}", hint=f"%coder logs {title} --provisioner"
        )
    return AgentUnavailable(f"build {number} of {title} has no agents", hint=f"%coder show {title}")
