"""WorkspaceAgent and what it carries: apps, statuses, log sources, scripts, log lines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from coder_nb.embedded.liveness import presence, unhealthy_because
from coder_nb.embedded.state import Agent, App, AppStatus, LogLine, LogSource, Resource, Script, Workspace
from coder_nb.embedded.wire.text import Json, sorted_map, time, without_unset

__all__ = ["RELAY", "agent", "log_lines", "log_source", "newest_status"]

RELAY = "Coder Embedded Relay"


def agent(workspace: Workspace, resource: Resource, it: Agent) -> dict[str, Json]:
    """One agent, as nested in a workspace and as answered on its own."""
    seen = presence(it, workspace.clock.now())
    return {
        "id": it.id,
        "parent_id": it.parent_id,
        "created_at": time(it.created_at),
        "updated_at": time(seen.updated_at),
        **_times(
            first_connected_at=it.first_connected_at,
            last_connected_at=seen.last_connected_at,
            disconnected_at=seen.disconnected_at,
            started_at=it.started_at,
            ready_at=it.ready_at,
        ),
        "status": seen.status,
        "lifecycle_state": it.lifecycle_state,
        "name": it.name,
        "resource_id": resource.id,
        **without_unset({"instance_id": it.instance_id}),
        "architecture": it.architecture,
        "environment_variables": None if it.environment_variables is None else sorted_map(it.environment_variables),
        "operating_system": it.operating_system,
        "logs_length": it.logs.length,
        "logs_overflowed": it.logs.overflowed,
        **without_unset({"directory": it.directory, "expanded_directory": it.expanded_directory}),
        "version": it.version,
        "api_version": it.api_version,
        "apps": [_app(workspace, it, app) for app in it.apps],
        **_latency(it, seen.status),
        "connection_timeout_seconds": it.connection_timeout_seconds,
        "troubleshooting_url": it.troubleshooting_url,
        "subsystems": list(it.subsystems),
        "health": _health(unhealthy_because(it, seen.status)),
        "display_apps": list(it.display_apps),
        "log_sources": [log_source(it, source) for source in it.log_sources],
        "scripts": [_script(script) for script in it.scripts],
        "startup_script_behavior": "blocking" if any(s.start_blocks_login for s in it.scripts) else "non-blocking",
    }


def log_lines(lines: Iterable[LogLine]) -> list[Json]:
    """WorkspaceAgentLog[]."""
    return [
        {
            "id": line.id,
            "created_at": time(line.created_at),
            "output": line.output,
            "level": line.level,
            "source_id": line.source_id,
        }
        for line in lines
    ]


def newest_status(workspace: Workspace) -> Json:
    """The newest status over all apps of the latest build, or null."""
    statuses = [
        (status.created_at, it, app, status)
        for it in workspace.latest.agents
        for app in it.apps
        for status in app.statuses
    ]
    if not statuses:
        return None
    _when, it, app, status = max(statuses, key=lambda entry: entry[0])
    return _status(workspace, it, app, status)


def _times(**moments: datetime | None) -> dict[str, Json]:
    return {key: time(moment) for key, moment in moments.items() if moment is not None}


def _latency(it: Agent, status: str) -> dict[str, Json]:
    if it.latency_ms is None or status != "connected":
        return {}
    return {"latency": {RELAY: {"preferred": True, "latency_ms": it.latency_ms}}}


def _health(reason: str) -> Json:
    return {"healthy": False, "reason": reason} if reason else {"healthy": True}


def _app(workspace: Workspace, it: Agent, app: App) -> Json:
    label = f"{app.slug}--{it.name}--{workspace.name}--{workspace.owner.username}" if app.subdomain else ""
    return {
        "id": app.id,
        **without_unset({"url": app.url}),
        "external": app.external,
        "slug": app.slug,
        **without_unset({"display_name": app.display_name, "command": app.command, "icon": app.icon}),
        "subdomain": app.subdomain,
        **without_unset({"subdomain_name": label}),
        "sharing_level": app.sharing_level,
        "healthcheck": {
            "url": app.healthcheck.url,
            "interval": app.healthcheck.interval,
            "threshold": app.healthcheck.threshold,
        },
        "health": app.health,
        **without_unset({"group": app.group}),
        "hidden": app.hidden,
        "open_in": app.open_in,
        "statuses": [_status(workspace, it, app, status) for status in app.statuses],
    }


def _status(workspace: Workspace, it: Agent, app: App, status: AppStatus) -> Json:
    return {
        "id": status.id,
        "created_at": time(status.created_at),
        "workspace_id": workspace.id,
        "agent_id": it.id,
        "app_id": app.id,
        "state": status.state,
        "message": status.message,
        "uri": status.uri,
        "icon": "",
        "needs_user_attention": False,
    }


def log_source(it: Agent, source: LogSource) -> Json:
    """WorkspaceAgentLogSource."""
    return {
        "workspace_agent_id": it.id,
        "id": source.id,
        "created_at": time(source.created_at),
        "display_name": source.display_name,
        "icon": source.icon,
    }


def _script(script: Script) -> Json:
    return {
        "id": script.id,
        "log_source_id": script.log_source_id,
        "log_path": script.log_path,
        "script": script.script,
        "cron": script.cron,
        "run_on_start": script.run_on_start,
        "run_on_stop": script.run_on_stop,
        "start_blocks_login": script.start_blocks_login,
        "timeout": int(script.timeout * 1_000_000_000),
        "display_name": script.display_name,
    }
