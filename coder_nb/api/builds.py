"""Workspace builds: each start, stop or delete, with its job, resources, logs and timings. `api.builds`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from coder_nb.api.agents import WorkspaceAgent
from coder_nb.api.resource import Record, Resource, decode, segment
from coder_nb.api.stream import Stream
from coder_nb.transport.exchange import QueryValue

__all__ = [
    "Builds",
    "ConnectionTiming",
    "MatchedProvisioners",
    "ProvisionerJob",
    "ProvisionerLog",
    "ProvisionerTiming",
    "ScriptTiming",
    "Timings",
    "Transition",
    "WorkspaceBuild",
    "WorkspaceResource",
]

Transition = Literal["start", "stop", "delete"]
"""What a build does to its workspace."""


class ProvisionerJob(Record, frozen=True, kw_only=True):
    """The work behind a build. `status` is pending, running, succeeded, canceling, canceled or failed."""

    id: str
    created_at: datetime
    status: str
    started_at: datetime | None = None
    completed_at: datetime | None = None
    canceled_at: datetime | None = None
    error: str = ""
    error_code: str = ""
    worker_name: str = ""
    queue_position: int = 0
    queue_size: int = 0
    logs_overflowed: bool = False


class WorkspaceResource(Record, frozen=True, kw_only=True):
    """Something the template made, such as a virtual machine or a volume; it may carry agents."""

    id: str
    type: str
    name: str
    agents: list[WorkspaceAgent] | None = None
    hide: bool = False
    icon: str = ""
    daily_cost: int = 0


class MatchedProvisioners(Record, frozen=True, kw_only=True):
    """How many provisioners could run the job; 0 while pending means that nobody can."""

    count: int = 0
    available: int = 0
    most_recently_seen: datetime | None = None


class WorkspaceBuild(Record, frozen=True, kw_only=True):
    """One build. `status` running says that the build is done and up, not that the agent is usable."""

    id: str
    workspace_id: str
    build_number: int
    transition: str
    status: str
    job: ProvisionerJob
    created_at: datetime
    updated_at: datetime
    workspace_name: str = ""
    workspace_owner_name: str = ""
    template_version_id: str = ""
    template_version_name: str = ""
    initiator_name: str = ""
    reason: str = ""
    resources: list[WorkspaceResource] = []
    deadline: datetime | None = None
    max_deadline: datetime | None = None
    daily_cost: int = 0
    matched_provisioners: MatchedProvisioners | None = None

    @property
    def agents(self) -> list[WorkspaceAgent]:
        """The build's agents in the server's order, dev containers' agents included; none until its job is done."""
        return [agent for resource in self.resources for agent in resource.agents or []]


class ProvisionerLog(Record, frozen=True, kw_only=True):
    """A line of a build's own log. One with `output` "" marks the start of a stage."""

    id: int
    created_at: datetime
    log_source: str
    log_level: str
    stage: str
    output: str


class ProvisionerTiming(Record, frozen=True, kw_only=True):
    """How long one resource took in one stage of a build."""

    started_at: datetime
    ended_at: datetime
    stage: str
    source: str = ""
    action: str = ""
    resource: str = ""


class ScriptTiming(Record, frozen=True, kw_only=True):
    """One run of a script. `stage` is start, stop or cron; `status` ok, exit_failure, timed_out or pipes_left_open."""

    started_at: datetime
    ended_at: datetime
    exit_code: int
    stage: str
    status: str
    display_name: str
    workspace_agent_id: str
    workspace_agent_name: str = ""


class ConnectionTiming(Record, frozen=True, kw_only=True):
    """How long an agent took to connect for the first time."""

    started_at: datetime
    ended_at: datetime
    stage: str
    workspace_agent_id: str
    workspace_agent_name: str = ""


class Timings(Record, frozen=True, kw_only=True):
    """Where a build's time went. Rows without both times are left out by the server."""

    provisioner_timings: list[ProvisionerTiming] = []
    agent_script_timings: list[ScriptTiming] = []
    agent_connection_timings: list[ConnectionTiming] = []


class _Parameter(Record, frozen=True, kw_only=True):
    name: str
    value: str


# Inside the class below, `list` is its method.
_Parameters = list[_Parameter]
_Builds = list[WorkspaceBuild]
_Lines = list[ProvisionerLog]


class Builds(Resource):
    """Calls on builds."""

    def list(self, workspace_id: str, *, limit: int = 0, offset: int = 0) -> _Builds:
        """A workspace's builds, newest first.

        Args:
            limit: at most so many; 0 means all.
            offset: leave out so many of the newest.
        Raises:
            NotFound: no such workspace, or not visible to this user.
            Invalid: a negative number.
        Endpoint: GET /workspaces/{id}/builds
        """
        query = {"limit": limit or None, "offset": offset or None}
        return self._get(_Builds, f"/workspaces/{segment(workspace_id)}/builds", query=query)

    def get(self, build_id: str) -> WorkspaceBuild:
        """One build.

        Endpoint: GET /workspacebuilds/{id}
        """
        return self._get(WorkspaceBuild, f"/workspacebuilds/{segment(build_id)}")

    def by_number(self, owner: str, workspace: str, number: int) -> WorkspaceBuild:
        """A workspace's build with that number, counted from 1.

        Args:
            owner: user name, uuid or `me`.
        Raises:
            NotFound: no such build or workspace.
            Invalid: no such user.
        Endpoint: GET /users/{user}/workspace/{name}/builds/{number}
        """
        path = f"/users/{segment(owner)}/workspace/{segment(workspace)}/builds/{segment(number)}"
        return self._get(WorkspaceBuild, path)

    def create(
        self,
        workspace_id: str,
        *,
        transition: Transition,
        template_version_id: str | None = None,
        parameters: Mapping[str, str] | None = None,
        preset_id: str | None = None,
        reason: str | None = None,
        log_level: str | None = None,
        orphan: bool = False,
    ) -> WorkspaceBuild:
        """Starts, stops or deletes a workspace: begins a build, and answers before it has done anything.

        Starting one that runs is no error: it gets new agents. Neither is a build of a deleted one, so look first.

        Args:
            transition: what to do.
            template_version_id: build by this version of the template; None means the one of the build before, even
                where the template has a newer one.
            parameters: values that differ from those of the build before, by name.
            preset_id: the template version's preset to take values from.
            reason: dashboard, cli, ssh_connection, vscode_connection or jetbrains_connection; for a start only.
            log_level: debug, where the deployment allows it to administrators.
            orphan: delete the workspace and leave what it is made of behind.
        Returns:
            the build, pending; it has neither resources nor the name of its template version yet.
        Raises:
            Conflict: another build of this workspace is pending or running.
            PermissionDenied: this user may not do that, or has to use the template's active version.
            Invalid: a parameter is missing or wrong, or there is no such version; `validations` may say which.
            ApiError: 406, the template version is still being imported.
        Endpoint: POST /workspaces/{id}/builds
        """
        values = [{"name": name, "value": value} for name, value in (parameters or {}).items()]
        wanted = {
            "transition": transition,
            "template_version_id": template_version_id,
            "rich_parameter_values": values,
            "template_version_preset_id": preset_id,
            "reason": reason,
            "log_level": log_level,
            "orphan": orphan,
        }
        body = {key: value for key, value in wanted.items() if value}
        answer = self._http.request("POST", f"/workspaces/{segment(workspace_id)}/builds", body=body, changes=True)
        return decode(answer, WorkspaceBuild)

    def cancel(self, build_id: str, *, expect_status: Literal["pending", "running"] | None = None) -> None:
        """Cancels a build; one that runs needs a while to end.

        Args:
            expect_status: cancel it only while it is in this state.
        Raises:
            Invalid: it has ended, or is being cancelled already.
            PermissionDenied: the template does not let users cancel a running build.
            ApiError: 412, it is not in the state expected.
        Endpoint: PATCH /workspacebuilds/{id}/cancel
        """
        path = f"/workspacebuilds/{segment(build_id)}/cancel"
        self._http.request("PATCH", path, query={"expect_status": expect_status}, changes=True)

    def parameters(self, build_id: str) -> dict[str, str]:
        """The values of the template's parameters a build was made with, by name.

        Endpoint: GET /workspacebuilds/{id}/parameters
        """
        found = self._get(_Parameters, f"/workspacebuilds/{segment(build_id)}/parameters")
        return {parameter.name: parameter.value for parameter in found}

    def logs(self, build_id: str, *, after: int | None = None) -> _Lines:
        """What the provisioner wrote while it built.

        Args:
            after: only lines with a greater id.
        Endpoint: GET /workspacebuilds/{id}/logs
        """
        return self._get(_Lines, f"/workspacebuilds/{segment(build_id)}/logs", query={"after": after})

    def follow_logs(self, build_id: str, *, after: int | None = None) -> Stream[ProvisionerLog]:
        """What the provisioner writes, line by line: first what there is, then what comes.

        It ends, with code 1000, when the build's job has finished and all its lines are out.

        Args:
            after: only lines with a greater id; of the last one received, to go on after a break.
        Endpoint: GET /workspacebuilds/{id}/logs
        """
        query: dict[str, QueryValue] = {"follow": True, "after": after}
        return self._follow(ProvisionerLog, f"/workspacebuilds/{segment(build_id)}/logs", query=query)

    def timings(self, build_id: str) -> Timings:
        """Where one build's time went.

        Endpoint: GET /workspacebuilds/{id}/timings
        """
        return self._get(Timings, f"/workspacebuilds/{segment(build_id)}/timings")
