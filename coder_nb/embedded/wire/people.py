"""Users, organizations, keys and templates."""

from __future__ import annotations

from typing import cast

from coder_nb.embedded.state import ApiKey, Deployment, Organization, Template, User
from coder_nb.embedded.wire.text import NO_TIME, Json, time, without_unset

__all__ = ["api_key", "claims", "organization", "template", "user"]

_WEEK: list[Json] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def user(it: User, home: Organization) -> Json:
    """User; everybody belongs to the one organization there is."""
    return {
        "id": it.id,
        "username": it.username,
        **without_unset({"avatar_url": it.avatar_url, "name": it.name}),
        "email": it.email,
        "created_at": time(it.created_at),
        "updated_at": time(it.updated_at),
        "last_seen_at": time(it.last_seen_at),
        "status": it.status,
        "login_type": it.login_type,
        "organization_ids": [home.id],
        "roles": [{"name": "owner", "display_name": "Owner"}] if it.owner else [],
    }


def claims(it: User) -> Json:
    """What an identity provider said of a user; in the merged claims its user info wins over the id token."""
    # Whatever JSON the provider sent: no shape is promised.
    id_token, user_info = (cast("dict[str, Json]", dict(some)) for some in (it.id_token_claims, it.user_info_claims))
    return {
        "id_token_claims": id_token or None,
        "user_info_claims": user_info or None,
        "merged_claims": (id_token | user_info) or None,
    }


def api_key(it: ApiKey) -> dict[str, Json]:
    """APIKey, without anything of its secret."""
    return {
        "id": it.id,
        "user_id": it.user.id,
        "last_used": NO_TIME if it.last_used is None else time(it.last_used),
        "expires_at": time(it.expires_at),
        "created_at": time(it.created_at),
        "updated_at": time(it.updated_at),
        "login_type": it.login_type,
        "scope": it.scope,
        "token_name": it.token_name,
        "lifetime_seconds": it.lifetime,
    }


def organization(it: Organization) -> Json:
    """Organization."""
    return {
        "id": it.id,
        "name": it.name,
        "display_name": it.display_name,
        "icon": it.icon,
        "description": it.description,
        "created_at": time(it.created_at),
        "updated_at": time(it.created_at),
        "is_default": it.is_default,
    }


def template(it: Template, deployment: Deployment) -> Json:
    """Template; what this deployment does not do (schedules, quotas, statistics) has its default."""
    users = {workspace.owner.id for workspace in deployment.workspaces if workspace.template is it}
    no_statistics: dict[str, Json] = {"P50": None, "P95": None}
    return {
        "id": it.id,
        "created_at": time(it.created_at),
        "updated_at": time(it.updated_at),
        "organization_id": it.organization.id,
        "organization_name": it.organization.name,
        "organization_display_name": it.organization.display_name,
        "organization_icon": it.organization.icon,
        "name": it.name,
        "display_name": it.display_name,
        "provisioner": "terraform",
        "active_version_id": it.active.id,
        "active_user_count": len(users),
        "build_time_stats": {"delete": no_statistics, "start": no_statistics, "stop": no_statistics},
        "description": it.description,
        "deprecated": False,
        "deprecation_message": "",
        "icon": it.icon,
        "default_ttl_ms": 0,
        "activity_bump_ms": 3_600_000,
        "autostop_requirement": {"days_of_week": [], "weeks": 1},
        "autostart_requirement": {"days_of_week": _WEEK},
        "created_by_id": it.created_by.id,
        "created_by_name": it.created_by.username,
        "allow_user_autostart": True,
        "allow_user_autostop": True,
        "allow_user_cancel_workspace_jobs": it.allow_user_cancel_workspace_jobs,
        "failure_ttl_ms": 0,
        "time_til_dormant_ms": 0,
        "time_til_dormant_autodelete_ms": 0,
        "require_active_version": False,
        "max_port_share_level": "public",
        "cors_behavior": "simple",
        "use_classic_parameter_flow": False,
    }
