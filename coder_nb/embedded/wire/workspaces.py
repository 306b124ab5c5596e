"""Workspace, with its latest build and the health that follows from its agents."""

from __future__ import annotations

from coder_nb.embedded.liveness import presence, unhealthy_because
from coder_nb.embedded.state import User, Workspace
from coder_nb.embedded.wire.agents import newest_status
from coder_nb.embedded.wire.builds import build
from coder_nb.embedded.wire.text import Json, time, time_or_null, without_unset

__all__ = ["workspace"]


def workspace(it: Workspace, viewer: User) -> Json:
    """One workspace as `viewer` sees it: only its owner ever sees it as a favourite."""
    template = it.template
    return {
        "id": it.id,
        "created_at": time(it.created_at),
        "updated_at": time(it.updated_at),
        "owner_id": it.owner.id,
        "owner_name": it.owner.username,
        "owner_avatar_url": it.owner.avatar_url,
        "organization_id": template.organization.id,
        "organization_name": template.organization.name,
        "template_id": template.id,
        "template_name": template.name,
        "template_display_name": template.display_name,
        "template_icon": template.icon,
        "template_allow_user_cancel_workspace_jobs": template.allow_user_cancel_workspace_jobs,
        "template_active_version_id": template.active.id,
        "template_require_active_version": template.require_active_version,
        "template_use_classic_parameter_flow": False,
        "latest_build": build(it, it.latest),
        "latest_app_status": newest_status(it),
        "outdated": it.latest.template_version.id != template.active.id,
        "name": it.name,
        **without_unset({"autostart_schedule": it.autostart_schedule, "ttl_ms": it.ttl_ms}),
        "last_used_at": time(it.last_used_at),
        "deleting_at": time_or_null(it.deleting_at),
        "dormant_at": time_or_null(it.dormant_at),
        "health": _health(it),
        "automatic_updates": it.automatic_updates,
        "allow_renames": False,
        "favorite": it.favorite and viewer is it.owner,
        "next_start_at": time_or_null(it.next_start_at),
        "is_prebuild": False,
    }


def _health(it: Workspace) -> Json:
    now = it.clock.now()
    agents = it.latest.agents if it.latest.job.status == "succeeded" else []
    failing: list[Json] = [one.id for one in agents if unhealthy_because(one, presence(one, now).status)]
    return {"healthy": not failing, "failing_agents": failing}
