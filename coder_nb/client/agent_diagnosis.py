"""Gathers the facts a diagnosis rests on: few requests, several at once. What cannot be had is said, and not fatal.

What follows from the facts is `diagnosis.rules`; here is only who is asked for what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from coder_nb.api.agents import WorkspaceAgent
from coder_nb.api.builds import Timings, WorkspaceBuild
from coder_nb.client.agent_core import AgentCore
from coder_nb.diagnosis import AgentFacts, Diagnosis, Facts
from coder_nb.errors import CoderError

if TYPE_CHECKING:
    from coder_nb.client.coder import Coder
    from coder_nb.client.workspace import Workspace

__all__ = ["AgentDiagnosis", "why"]

AT_ONCE = 8
"""Requests that are under way at the same time."""
_BUILDS = 20
"""How far back a start is looked for."""

Asks = dict[tuple[str, str], Callable[[], Any]]
"""What to ask for, by its name and whose it is."""


class AgentDiagnosis(AgentCore):
    """What is wrong with an agent."""

    def why(self) -> Diagnosis:
        """What is wrong with it and why, asked for now: ranked causes, each with evidence and the next line to type.

        Nothing is changed, and what cannot be asked for is left out and said.

        Returns:
            the diagnosis: `.causes`, `.healthy`, `.frame`.
        Endpoint: GET /workspaces/{id}, GET /workspacebuilds/{id}/timings, GET /workspaces/{id}/builds,
            GET /workspaceagents/{id}/logs, /watch-metadata-ws, /containers, /listening-ports
        """
        if self.workspace is not None:
            return why(self.workspace, self.record.name, self.record.id)
        asked, record = _Asked(), self.refresh()
        asked.ask(_about_agent(self._coder, record, self.title, live=True))
        version = self._coder.api.http.server_version or ""
        agents = [_facts(asked, record, self.title, "", True)]
        facts = Facts(self.title, self._now(), agents=agents, server_version=version, untold=asked.untold)
        return Diagnosis(self.title, facts, self._attrs())


def why(workspace: Workspace, agent: str = "", id: str = "") -> Diagnosis:
    """A diagnosis of a workspace; of a stopped one, and of one without an agent, too.

    Args:
        agent: the name of the only agent to look at; "" for all.
        id: its uuid, where it may belong to an older build.
    """
    fresh = workspace.refresh()
    coder, build = fresh._coder, fresh.record.latest_build
    now, asked, title = coder._now(), _Asked(), fresh.title
    live = _is_up(build) and (not id or any(one.id == id for one in build.agents))
    asked.ask(_about_build(fresh) | (_about_start(fresh, build, agent, live=True) if live else {}))
    builds: Sequence[WorkspaceBuild] = asked.get("the builds", title) or [build]
    start = build if live else _start_of(builds, build, id)
    before = _before(builds, start)
    asked.ask(
        (_about_start(fresh, start, agent, live=False) if start and not live else {})
        | ({("the timings before", title): lambda: coder.api.builds.timings(before.id)} if before else {})
    )
    facts = Facts(
        title,
        now,
        workspace=fresh.record,
        build=build,
        build_log=asked.get("the build's log", title) or (),
        agents=[_facts(asked, *one, title, live) for one in _agents(fresh, start, agent)],
        before=before,
        server_version=coder.api.http.server_version or "",
        untold=asked.untold,
    )
    return Diagnosis(f"{title}.{agent}" if agent else title, facts, fresh.attrs())


class _Asked:
    """Answers, by what was asked for and whose it is.

    Attributes:
        untold: what could not be had, and why.
    """

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], Any] = {}
        self.untold: list[str] = []

    def get(self, what: str, whose: str) -> Any:
        """The answer; None where there is none."""
        return self._answers.get((what, whose))

    def ask(self, asks: Asks) -> None:
        """Asks for everything at once. Ctrl-C does not wait for answers that are still to come."""
        from coder_nb.remote.many import Many

        if not asks:
            return
        names = list(asks)
        many = Many(names, lambda name: _answer(asks[name]), at_once=AT_ONCE)
        many.begin()
        came: dict[int, Any] = {}
        try:
            while (one := many.take()) is not None:
                came[one[0]] = one[1]
        except BaseException:
            many.stop()
            raise
        many.close()
        for number, (what, whose) in enumerate(names):
            answer = came[number]
            if isinstance(answer, CoderError):
                self.untold.append(f"{what} of {whose}: {answer.message.rstrip('.')}")
            else:
                self._answers[what, whose] = answer


def _answer(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except CoderError as error:
        return error


def _about_build(workspace: Workspace) -> Asks:
    """The builds before, where there are any, and the log of one that did not succeed."""
    api, build, title = workspace._coder.api.builds, workspace.record.latest_build, workspace.title
    asks: Asks = {}
    if build.build_number > 1:
        asks["the builds", title] = lambda: api.list(workspace.record.id, limit=_BUILDS)
    if build.job.status in ("failed", "canceled"):
        asks["the build's log", title] = lambda: api.logs(build.id)
    return asks


def _about_start(workspace: Workspace, start: WorkspaceBuild, agent: str, *, live: bool) -> Asks:
    """The timings of a start, and all about its agents."""
    coder = workspace._coder
    asks: Asks = {("the timings", workspace.title): lambda: coder.api.builds.timings(start.id)}
    for record, title in _agents(workspace, start, agent):
        asks |= _about_agent(coder, record, title, live=live)
    return asks


def _about_agent(coder: Coder, record: WorkspaceAgent, title: str, *, live: bool) -> Asks:
    """What an agent is asked for: of one that has ended its log, of one that is not connected no more than it left."""
    api, id = coder.api, record.id
    asks: Asks = {("the log", title): lambda: api.logs.list(id)}
    if live and record.first_connected_at:
        asks["the metadata", title] = lambda: api.metadata.snapshot(id)
    if live and record.status == "connected":
        asks["the ports", title] = lambda: frozenset(port.port for port in api.ports.list(id))
        # The agent in a dev container has no containers of its own.
        if record.parent_id is None:
            asks["the containers", title] = lambda: api.containers.list(id)
    return asks


def _agents(workspace: Workspace, start: WorkspaceBuild | None, agent: str) -> Iterator[tuple[WorkspaceAgent, str]]:
    """The agents to look at, and how each is typed: the workspace's name is enough for its only one."""
    found = start.agents if start else []
    hosts = [one for one in found if one.parent_id is None]
    for one in found:
        if not agent or one.name == agent:
            yield one, workspace.title if [one] == hosts else f"{workspace.title}.{one.name}"


def _facts(asked: _Asked, record: WorkspaceAgent, title: str, workspace: str, live: bool) -> AgentFacts:
    now: Timings | None = asked.get("the timings", workspace)
    then: Timings | None = asked.get("the timings before", workspace)
    return AgentFacts(
        title,
        record,
        live=live,
        timings=[run for run in now.agent_script_timings if run.workspace_agent_id == record.id] if now else (),
        before=[run for run in then.agent_script_timings if run.workspace_agent_name == record.name] if then else (),
        logs=asked.get("the log", title) or (),
        metadata=asked.get("the metadata", title) or (),
        listing=asked.get("the containers", title),
        ports=asked.get("the ports", title),
    )


def _is_up(build: WorkspaceBuild) -> bool:
    return build.transition == "start" and build.job.status == "succeeded"


def _start_of(builds: Sequence[WorkspaceBuild], latest: WorkspaceBuild, id: str) -> WorkspaceBuild | None:
    """The start whose agents tell: the one with that agent, or of a workspace that was stopped its last one."""
    if id:
        return next((build for build in builds if any(agent.id == id for agent in build.agents)), None)
    if latest.transition == "start":
        return None
    return next((build for build in builds if _is_up(build)), None)


def _before(builds: Sequence[WorkspaceBuild], start: WorkspaceBuild | None) -> WorkspaceBuild | None:
    """The start before one."""
    number = start.build_number if start else 0
    return next((build for build in builds if build.build_number < number and _is_up(build)), None)
