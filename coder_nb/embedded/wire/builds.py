"""WorkspaceBuild, its job and resources, the provisioner's log, timings and parameters."""

from __future__ import annotations

from collections.abc import Iterable

from coder_nb.embedded.state import Build, Job, JobLogLine, Resource, Workspace
from coder_nb.embedded.wire.agents import agent
from coder_nb.embedded.wire.text import NO_ID, Json, time, time_or_null, without_unset

__all__ = ["build", "build_status", "job_log_lines", "new_build", "parameters", "resources", "timings"]

_IN_PROGRESS = {"start": "starting", "stop": "stopping", "delete": "deleting"}
_DONE = {"start": "running", "stop": "stopped", "delete": "deleted"}


def build_status(it: Build) -> str:
    """A build's status, which follows from its transition and its job."""
    match it.job.status:
        case "pending" | "canceling" | "canceled":
            return it.job.status
        case "running":
            return _IN_PROGRESS[it.transition]
        case "succeeded":
            return _DONE[it.transition]
        case _:
            return "failed"


def build(workspace: Workspace, it: Build) -> dict[str, Json]:
    """One build. Its resources show only once the job has succeeded."""
    succeeded = it.job.status == "succeeded"
    return {
        "id": it.id,
        "created_at": time(it.created_at),
        "updated_at": time(it.updated_at),
        "workspace_id": workspace.id,
        "workspace_name": workspace.name,
        "workspace_owner_id": workspace.owner.id,
        "workspace_owner_name": workspace.owner.username,
        **without_unset({"workspace_owner_avatar_url": workspace.owner.avatar_url}),
        "template_version_id": it.template_version.id,
        "template_version_name": it.template_version.name,
        "build_number": it.number,
        "transition": it.transition,
        "initiator_id": it.initiator.id,
        "initiator_name": it.initiator.username,
        "job": _job(workspace, it, it.job),
        "reason": it.reason,
        "resources": resources(workspace, it) if succeeded else [],
        "deadline": time_or_null(it.deadline),
        "max_deadline": time_or_null(it.max_deadline),
        "status": build_status(it),
        "daily_cost": 0,
        "matched_provisioners": {"count": 0, "available": 0, "most_recently_seen": None},
        "template_version_preset_id": None,
        **({"has_ai_task": it.has_ai_task, "has_external_agent": it.has_external_agent} if succeeded else {}),
    }


def new_build(workspace: Workspace, it: Build) -> dict[str, Json]:
    """A build as its creation is answered: whoever could run it has been counted, its version has no name yet."""
    ready: dict[str, Json] = {"count": 1, "available": 1, "most_recently_seen": time(it.created_at)}
    return build(workspace, it) | {"template_version_name": "", "matched_provisioners": ready}


def resources(workspace: Workspace, it: Build) -> list[Json]:
    """WorkspaceResource[]: `agents` and `metadata` are left out where there are none."""
    return [_resource(workspace, it, resource) for resource in it.resources]


def job_log_lines(lines: Iterable[JobLogLine]) -> list[Json]:
    """ProvisionerJobLog[], whose keys differ from those of an agent's log."""
    return [
        {
            "id": line.id,
            "created_at": time(line.created_at),
            "log_source": line.log_source,
            "log_level": line.log_level,
            "stage": line.stage,
            "output": line.output,
        }
        for line in lines
    ]


def parameters(it: Build) -> list[Json]:
    """WorkspaceBuildParameter[]."""
    return [{"name": name, "value": value} for name, value in it.parameters.items()]


def timings(it: Build) -> Json:
    """How long each part of a build took; an agent that has never connected has no row."""
    return {
        "provisioner_timings": [
            {
                "job_id": it.job.id,
                "started_at": time(step.started_at),
                "ended_at": time(step.ended_at),
                "stage": step.stage,
                "source": step.source,
                "action": step.action,
                "resource": step.resource,
            }
            for step in it.provisioner_timings
        ],
        "agent_script_timings": [
            {
                "started_at": time(run.started_at),
                "ended_at": time(run.ended_at),
                "exit_code": run.exit_code,
                "stage": run.stage,
                "status": run.status,
                "display_name": run.display_name,
                "workspace_agent_id": run.agent_id,
                "workspace_agent_name": run.agent_name,
            }
            for run in tuple(it.script_timings)
        ],
        "agent_connection_timings": [
            {
                "started_at": time(one.created_at),
                "ended_at": time(one.first_connected_at),
                "stage": "connect",
                "workspace_agent_id": one.id,
                "workspace_agent_name": one.name,
            }
            for one in it.agents
            if one.first_connected_at is not None
        ],
    }


def _resource(workspace: Workspace, it: Build, resource: Resource) -> Json:
    return {
        "id": resource.id,
        "created_at": time(resource.created_at),
        "job_id": it.job.id,
        "workspace_transition": it.transition,
        "type": resource.type,
        "name": resource.name,
        "hide": resource.hide,
        "icon": resource.icon,
        **({"agents": [agent(workspace, resource, one) for one in resource.agents]} if resource.agents else {}),
        **({"metadata": [entry._asdict() for entry in resource.metadata]} if resource.metadata else {}),
        "daily_cost": resource.daily_cost,
    }


def _job(workspace: Workspace, it: Build, job: Job) -> Json:
    tags: dict[str, Json] = {"owner": "", "scope": "organization", **job.tags}
    return {
        "id": job.id,
        "created_at": time(job.created_at),
        **without_unset(
            {
                "started_at": time_or_null(job.started_at),
                "completed_at": time_or_null(job.completed_at),
                "canceled_at": time_or_null(job.canceled_at),
                "error": job.error,
                "error_code": job.error_code,
            }
        ),
        "status": job.status,
        **without_unset({"worker_id": job.worker_id}),
        "file_id": job.file_id,
        "tags": tags,
        "queue_position": job.queue_position,
        "queue_size": job.queue_size,
        "organization_id": workspace.template.organization.id,
        "input": {"workspace_build_id": it.id},
        "type": "workspace_build",
        # A server fills these only outside of builds.
        "metadata": {
            "template_version_name": "",
            "template_id": NO_ID,
            "template_name": "",
            "template_display_name": "",
            "template_icon": "",
        },
        "logs_overflowed": job.logs_overflowed,
    }
