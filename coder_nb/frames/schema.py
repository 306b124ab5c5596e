"""The columns and dtypes of every frame, declared once. Builders fill them, tests and the reference page read them.

A frame has all of its columns, in this order and in these dtypes, however many rows it has. Plain data: no pandas here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["LEVELS", "SCHEMAS", "Attrs", "Choice", "Kind"]

Attrs = Mapping[str, str | int | float | bool | None]
"""What a frame says of itself in `df.attrs`: JSON scalars only, so that Parquet and concat can keep it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A category column. `values`: what the server's contract names.

    A value beyond them becomes one more category; in an ordered column, where it would have no place, it becomes NA.
    """

    values: tuple[str, ...]
    ordered: bool = False


Kind = Literal["text", "time", "int", "int or NA", "float", "flag", "span"] | Choice
"""str, datetime64[us, UTC], int64, Int64, float64, boolean, timedelta64[us], or a category."""

LEVELS = ("trace", "debug", "info", "warn", "error")
_LEVEL = Choice(LEVELS, ordered=True)
_BUILD_STATUS = Choice(
    ("pending", "starting", "running", "stopping", "stopped", "failed", "canceling", "canceled", "deleting", "deleted")
)
_AGENT_STATUS = Choice(("connecting", "connected", "disconnected", "timeout"))
_LIFECYCLE = Choice(
    (
        *("created", "starting", "start_timeout", "start_error", "ready"),
        *("shutting_down", "shutdown_timeout", "shutdown_error", "off"),
    )
)
_APP_HEALTH = Choice(("disabled", "initializing", "healthy", "unhealthy"))

SCHEMAS: Mapping[str, Mapping[str, Kind]] = {
    "workspaces": {
        "name": "text",
        "owner": "text",
        "status": _BUILD_STATUS,
        "health": "flag",
        "outdated": "flag",
        "template": "text",
        "agent": "text",
        "agent_status": _AGENT_STATUS,
        "lifecycle": _LIFECYCLE,
        "build": "int or NA",
        "last_used": "time",
        "created": "time",
        "id": "text",
    },
    "logs": {
        "id": "int",
        "time": "time",
        "level": _LEVEL,
        "source": "text",
        "text": "text",
        "raw": "text",
        "source_id": "text",
    },
    "provisioner_logs": {
        "id": "int",
        "time": "time",
        "level": _LEVEL,
        "stage": "text",
        "source": "text",
        "text": "text",
    },
    "ports": {
        "port": "int",
        "network": "text",
        "process": "text",
        "via": Choice(("listening", "app")),
        "app": "text",
        "url": "text",
        "local": "text",
    },
    "containers": {
        "name": "text",
        "image": "text",
        "running": "flag",
        "status": "text",
        "ports": "text",
        "devcontainer": "text",
        "devcontainer_status": "text",
        "dirty": "flag",
        "created": "time",
        "id": "text",
        "labels": "text",
        "volumes": "text",
    },
    "container_ports": {
        "container": "text",
        "port": "int",
        "network": "text",
        "host_port": "int or NA",
        "host_ip": "text",
    },
    "apps": {
        "slug": "text",
        "name": "text",
        "health": _APP_HEALTH,
        "url": "text",
        "external": "flag",
        "hidden": "flag",
        "sharing": "text",
    },
    "scripts": {
        "name": "text",
        "when": "text",
        "status": "text",
        "exit_code": "int or NA",
        "started": "time",
        "ended": "time",
        "seconds": "float",
        "source_id": "text",
    },
    "metadata": {
        "key": "text",
        "name": "text",
        "value": "text",
        "number": "float",
        "unit": "text",
        "error": "text",
        "collected": "time",
        "age": "span",
    },
    "files": {
        "name": "text",
        "kind": Choice(("file", "folder", "link", "other")),
        "size": "int or NA",
        "modified": "time",
        "mode": "text",
        "owner": "text",
        "target": "text",
    },
    "jobs": {
        "id": "text",
        "command": "text",
        "status": Choice(("running", "ok", "failed", "lost")),
        "code": "int or NA",
        "started": "time",
        "ended": "time",
        "seconds": "float",
        "bytes": "int",
    },
    "kernels": {
        "workspace": "text",
        "agent": "text",
        "id": "text",
        "python": "text",
        "pid": "int or NA",
        "started": "time",
        "state": Choice(("starting", "idle", "busy", "dead")),
        "connected": "flag",
    },
    "runs": {
        "workspace": "text",
        "agent": "text",
        "status": Choice(("ok", "failed", "timed_out", "unavailable", "unknown", "not_run")),
        "code": "int or NA",
        "seconds": "float",
        "output": "text",
        "error": "text",
    },
    "causes": {
        "rank": "int",
        "level": Choice(("note", "warning", "problem"), ordered=True),
        "rule": "text",
        "where": "text",
        "cause": "text",
        "evidence": "text",
        "since": "time",
        "next": "text",
    },
    "tunnels": {
        "workspace": "text",
        "agent": "text",
        "target": "text",
        "container": "text",
        "local": "text",
        "state": Choice(("open", "opening", "lost", "closed")),
        "relay": "text",
        "connections": "int",
        "open": "int",
        "failed": "int",
        "bytes_in": "int",
        "bytes_out": "int",
        "reason": "text",
    },
    "derp_regions": {
        "region": "int",
        "code": "text",
        "name": "text",
        "embedded": "flag",
        "relay": "flag",
        "avoid": "flag",
        "nodes": "int",
        "latency_ms": "float",
        "preferred": "flag",
    },
    "derp_nodes": {
        "region": "int",
        "node": "text",
        "host": "text",
        "port": "int or NA",
        "stun_port": "int or NA",
        "tls": "flag",
        "ipv4": "text",
        "ipv6": "text",
    },
    "derp_latencies": {
        "region": "int",
        "name": "text",
        "family": Choice(("v4", "v6")),
        "latency_ms": "float",
        "preferred": "flag",
    },
    "endpoints": {
        "address": "text",
        "port": "int or NA",
        "family": Choice(("v4", "v6")),
        "reach": Choice(("public", "private", "link-local", "loopback")),
    },
}
"""The frames by kind; `df.attrs["frame"]` names the kind."""
