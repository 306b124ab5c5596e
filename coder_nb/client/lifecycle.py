"""Starting, stopping and waiting for workspaces: which build to make, whose to join, and when it is done.

It never makes a build where one is under way that does the same, nor where there is nothing left to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from coder_nb import look
from coder_nb.api import workspaces as records
from coder_nb.api.agents import WorkspaceAgent
from coder_nb.api.builds import Transition, WorkspaceBuild
from coder_nb.client.failed import build_failed
from coder_nb.client.told import Told
from coder_nb.client.waiting import Going, Tell, until
from coder_nb.clock import Watch
from coder_nb.errors import AgentUnavailable, Conflict, NotFound, PermissionDenied

if TYPE_CHECKING:
    from coder_nb.client.workspace import Workspace

__all__ = ["Goal", "Status", "begin", "restart", "wait"]

Goal = Literal["ready", "connected", "stopped"]

_ACTIVE = ("pending", "running", "canceling")
_DOES = {"start": "started", "stop": "stopped", "delete": "deleted"}
_IS = {"start": "is running", "stop": "is stopped", "delete": "is deleted"}


@dataclass(frozen=True, slots=True)
class Status:
    """How a workspace is after it was started, stopped or waited for.

    Attributes:
        title: what a person calls it.
        workspace: the record, as of then.
        notes: what else there is to know, such as a start script that failed.
        seconds: how long it was waited for.
    """

    title: str
    workspace: records.Workspace
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def build(self) -> WorkspaceBuild:
        """The latest build."""
        return self.workspace.latest_build

    @property
    def agents(self) -> Sequence[WorkspaceAgent]:
        """Its agents; none until it has succeeded."""
        return self.build.agents

    def rows(self) -> list[tuple[str, str]]:
        """Label and text of each line a person sees."""
        build = self.build
        said = [("build", f"{build.build_number}, {build.transition}, {build.job.status}")]
        if build.transition == "start":
            said += [(f"agent {agent.name}", f"{agent.status}, {agent.lifecycle_state}") for agent in self.agents]
        return said + [("note", note) for note in self.notes]

    def __repr__(self) -> str:
        rows = [f"  {label:<14} {text}" for label, text in self.rows()]
        return "\n".join(look.visible(line) for line in [f"{self.title}: {self.build.status}", *rows])

    def _repr_html_(self) -> str:
        head = f"<div><b>{look.safe(self.title)}</b>&ensp;{look.state(self.build.status)}</div>"
        return head + look.pairs(self.rows())


def begin(
    workspace: Workspace,
    transition: Transition,
    *,
    patient: bool,
    parameters: Mapping[str, str] | None = None,
    template_version_id: str | None = None,
    tell: Tell | None = None,
) -> Status:
    """Makes the build a transition takes, or joins the one that does it already.

    Args:
        patient: first wait for a build that does something else; otherwise that is a Conflict.
    """
    fresh = _fresh(workspace)
    latest = fresh.record.latest_build
    if latest.job.status in _ACTIVE:
        if latest.transition == transition:
            return _joined(fresh)
        if not patient:
            raise _busy(fresh, transition)
        _wait_for_job(fresh, tell)
        return begin(
            fresh,
            transition,
            patient=True,
            parameters=parameters,
            template_version_id=template_version_id,
            tell=tell,
        )
    changes = parameters or template_version_id
    if latest.transition == transition and latest.job.status == "succeeded" and not changes:
        return Status(fresh.title, fresh.record, (f"it {_IS[transition]} already", *_away(latest, fresh.title)))
    try:
        build = _create(fresh, transition, parameters, template_version_id)
    except Conflict:
        # Somebody else was faster.
        fresh = fresh.refresh()
        if fresh.record.latest_build.transition == transition:
            return _joined(fresh)
        raise _busy(fresh, transition) from None
    fresh.forget()
    return Status(fresh.title, _with(fresh.record, build))


def restart(workspace: Workspace, *, timeout: float | None, tell: Tell | None) -> Status:
    """Stops a workspace, waits until it is, and begins to start it."""
    stopping = begin(workspace, "stop", patient=True, tell=tell)
    if stopping.build.job.status != "succeeded":
        wait(workspace, "stopped", timeout=timeout, tell=tell)
    return begin(workspace, "start", patient=True, tell=tell)


def wait(
    workspace: Workspace, goal: Goal, *, agent: str | None = None, timeout: float | None, tell: Tell | None
) -> Status:
    """Looks at a workspace until it is as wished.

    Args:
        agent: only this agent counts; None means all that are not dev containers'.
    """
    id, title = workspace.record.id, workspace.title
    watch = Watch(f"wait until {title} is {goal}")
    api = workspace._coder.api.workspaces

    def see() -> Status | Going:
        record = told.record()
        if record.latest_build.job.status in ("failed", "canceled"):
            raise build_failed(workspace._coder.api, title, record.latest_build)
        return _seen(title, record, goal, agent)

    try:
        with Told(api, id, pause=workspace._coder.api.http.pause) as told:
            done = until(
                see,
                what=f"{title} is not {goal}",
                hint=f"%coder show {title}; %coder wait {title} waits on",
                timeout=timeout,
                tell=tell,
                rest=told.rest,
            )
    finally:
        workspace.forget()
    watch.stop()
    return replace(done, seconds=watch.seconds)


def _seen(title: str, record: records.Workspace, goal: Goal, agent: str | None) -> Status | Going:
    """Whether a workspace is as wished. Its latest build has not failed.

    Raises:
        AgentUnavailable: it never will be unless somebody does something.
    """
    build = record.latest_build
    if build.job.status in _ACTIVE:
        return _under_way(build)
    if goal == "stopped":
        if build.transition != "start":
            return Status(title, record)
        raise AgentUnavailable(f"{title} is running and nothing stops it", hint=f"%coder stop {title}")
    if build.transition != "start":
        raise AgentUnavailable(f"{title} {_IS[build.transition]} and nothing starts it", hint=f"%coder start {title}")
    waited_for = [one for one in build.agents if (one.name == agent if agent else one.parent_id is None)]
    if agent and not waited_for:
        return Going(f"there is no agent {agent} yet")
    for one in waited_for:
        going = _not_there(title, one, goal)
        if going:
            return going
    return Status(title, record, tuple(_notes(title, waited_for)))


def _not_there(title: str, agent: WorkspaceAgent, goal: Goal) -> Going | None:
    if agent.status == "timeout":
        page = agent.troubleshooting_url
        see = f"; see {page}" if page.startswith("https://") else ""
        raise AgentUnavailable(
            f"the agent {agent.name} of {title} did not connect within {agent.connection_timeout_seconds} s",
            hint=f"%coder logs {title} --provisioner{see}",
        )
    if agent.status != "connected":
        return Going(f"agent {agent.name}: {agent.status}")
    if goal == "ready" and agent.lifecycle_state not in ("ready", "start_timeout", "start_error"):
        return Going(f"agent {agent.name}: {agent.lifecycle_state}")
    return None


def _notes(title: str, agents: Sequence[WorkspaceAgent]) -> Iterator[str]:
    for agent in agents:
        if agent.lifecycle_state == "start_error":
            yield f"a start script of {agent.name} failed: %coder logs {title}.{agent.name} --level error"
        elif agent.lifecycle_state == "start_timeout":
            yield f"the start scripts of {agent.name} take longer than expected: %coder logs {title}.{agent.name}"


def _away(build: WorkspaceBuild, title: str) -> Iterator[str]:
    for agent in build.agents if build.transition == "start" else ():
        if agent.status in ("disconnected", "timeout"):
            yield f"its agent {agent.name} is not connected ({agent.status}): %coder restart {title}"


def _under_way(build: WorkspaceBuild) -> Going:
    if build.job.status == "pending" and build.job.queue_size:
        return Going(f"build {build.build_number}: {build.job.queue_position} of {build.job.queue_size} in the queue")
    return Going(f"build {build.build_number}: {build.status}")


def _wait_for_job(workspace: Workspace, tell: Tell | None) -> None:
    """Waits for a build's end, whatever that is."""
    build = workspace.record.latest_build
    builds = workspace._coder.api.builds

    def see() -> bool | Going:
        now = builds.get(build.id)
        return _under_way(now) if now.job.status in _ACTIVE else True

    pause = workspace._coder.api.http.pause
    what = f"build {build.build_number} has not ended"
    until(see, what=what, hint="", timeout=None, tell=tell, rest=lambda seconds, left: pause(seconds))


def _fresh(workspace: Workspace) -> Workspace:
    """The workspace as it is now. One that is deleted would be built all the same, so this is asked first."""
    try:
        return workspace.refresh()
    except NotFound as error:
        if error.status != 410:
            raise
        raise NotFound(f"{workspace.title} is deleted", status=410, hint="%coder ls lists those there are") from None


def _create(
    workspace: Workspace, transition: Transition, parameters: Mapping[str, str] | None, version: str | None
) -> WorkspaceBuild:
    create = workspace._coder.api.builds.create
    id, active = workspace.record.id, workspace.record.template_active_version_id
    try:
        return create(id, transition=transition, parameters=parameters, template_version_id=version)
    except PermissionDenied:
        # The default is the version of the build before; some templates allow the active one only.
        if version or not active or active == workspace.record.latest_build.template_version_id:
            raise
        return create(id, transition=transition, parameters=parameters, template_version_id=active)


def _joined(workspace: Workspace) -> Status:
    build = workspace.record.latest_build
    note = f"it was being {_DOES[build.transition]} already, so no other build was made"
    return Status(workspace.title, workspace.record, (note,))


def _busy(workspace: Workspace, transition: Transition) -> Conflict:
    build = workspace.record.latest_build
    return Conflict(
        f"{workspace.title} is being {_DOES[build.transition]}: build {build.build_number} is {build.job.status}",
        status=409,
        hint=f"%coder {transition} {workspace.title} --wait waits for that first",
    )


def _with(record: records.Workspace, build: WorkspaceBuild) -> records.Workspace:
    import msgspec

    return msgspec.structs.replace(record, latest_build=build)
