"""Templates, and what builds make of them: jobs with their logs and timings, resources with their agents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from coder_nb.embedded.state.agents import Agent
from coder_nb.embedded.state.people import Organization, User

__all__ = [
    "Build",
    "Job",
    "JobLogLine",
    "ProvisionerTiming",
    "Resource",
    "ResourceMetadata",
    "ScriptTiming",
    "Template",
    "TemplateVersion",
]


class ResourceMetadata(NamedTuple):
    """A fact a template shows beside a resource."""

    key: str
    value: str
    sensitive: bool = False


@dataclass(eq=False)
class Resource:
    """Something a build made: a container, a volume, a virtual machine."""

    id: str
    created_at: datetime
    type: str
    name: str
    icon: str = ""
    hide: bool = False
    daily_cost: int = 0
    agents: list[Agent] = field(default_factory=list)
    metadata: Sequence[ResourceMetadata] = ()


class JobLogLine(NamedTuple):
    """A line of a build's log; an empty `output` only marks the start of a stage."""

    id: int
    created_at: datetime
    log_source: Literal["provisioner_daemon", "provisioner"]
    log_level: str
    stage: str
    output: str


@dataclass(eq=False)
class Job:
    """The provisioner job behind a build."""

    id: str
    created_at: datetime
    status: Literal["pending", "running", "succeeded", "canceling", "canceled", "failed", "unknown"] = "succeeded"
    started_at: datetime | None = None
    completed_at: datetime | None = None
    canceled_at: datetime | None = None
    error: str = ""
    error_code: str = ""
    worker_id: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    queue_position: int = 0
    queue_size: int = 0
    file_id: str = "00000000-0000-0000-0000-000000000000"
    logs: list[JobLogLine] = field(default_factory=list)
    logs_overflowed: bool = False


class ProvisionerTiming(NamedTuple):
    """How long one step of a provisioner took."""

    started_at: datetime
    ended_at: datetime
    stage: Literal["init", "plan", "graph", "apply"]
    source: str
    action: str
    resource: str


class ScriptTiming(NamedTuple):
    """One run of a script."""

    agent_id: str
    agent_name: str
    display_name: str
    started_at: datetime
    ended_at: datetime
    exit_code: int
    stage: Literal["start", "stop", "cron"] = "start"
    status: Literal["ok", "exit_failure", "timed_out", "pipes_left_open"] = "ok"


@dataclass(eq=False)
class TemplateVersion:
    """A version of a template; `import_status` is that of the job that reads it in."""

    id: str
    name: str
    import_status: Literal["pending", "running", "succeeded", "failed", "canceled"] = "succeeded"


@dataclass(eq=False)
class Template:
    """A template; `active` is the version new workspaces get, `versions` are those besides it."""

    id: str
    name: str
    organization: Organization
    created_by: User
    created_at: datetime
    updated_at: datetime
    active: TemplateVersion
    display_name: str = ""
    description: str = ""
    icon: str = ""
    allow_user_cancel_workspace_jobs: bool = True
    require_active_version: bool = False
    versions: list[TemplateVersion] = field(default_factory=list)


@dataclass(eq=False)
class Build:
    """One build of a workspace."""

    id: str
    number: int
    transition: Literal["start", "stop", "delete"]
    created_at: datetime
    updated_at: datetime
    initiator: User
    template_version: TemplateVersion
    job: Job
    reason: str = "initiator"
    resources: list[Resource] = field(default_factory=list)
    parameters: Mapping[str, str] = field(default_factory=dict)
    deadline: datetime | None = None
    max_deadline: datetime | None = None
    provisioner_timings: list[ProvisionerTiming] = field(default_factory=list)
    script_timings: list[ScriptTiming] = field(default_factory=list)
    has_ai_task: bool = False
    has_external_agent: bool = False

    @property
    def agents(self) -> list[Agent]:
        """Every agent of the build, in the order of its resources."""
        return [agent for resource in self.resources for agent in resource.agents]
