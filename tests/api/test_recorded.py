"""Every recorded answer of a real server decodes: successes as their record, refusals as their error."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from coder_nb.api import agents, builds, connection, containers, deployment, logs, ports, resource, users, workspaces
from coder_nb.credentials import Secret
from coder_nb.errors import ProtocolError
from coder_nb.transport.http import Answer

Cases = Callable[[str], list[dict[str, Any]]]

SHAPES: dict[str, Any] = {
    "agent-connection": connection.AgentConnection,
    "agent-logs": list[logs.AgentLog],
    "agent-startup-logs": list[logs.AgentLog],
    "api-keys": users.ApiKey,
    "buildinfo": deployment.BuildInfo,
    "build-by-number": builds.WorkspaceBuild,
    "connection-generic": connection.AgentConnection,
    "containers": containers.ContainerListing,
    "devcontainer-recreate": containers.Accepted,
    "listening-ports": ports._Listening,
    "regions": deployment._Regions,
    "applications-host": deployment._Host,
    "users-me": users.User,
    "workspace-builds-create": builds.WorkspaceBuild,
    "workspace-builds-list": list[builds.WorkspaceBuild],
    "workspace-by-name": workspaces.Workspace,
    "workspace-get": workspaces.Workspace,
    "workspace-timings": builds.Timings,
    "workspaceagents-get": agents.WorkspaceAgent,
    "workspacebuild-get": builds.WorkspaceBuild,
    "workspacebuild-parameters": list[builds._Parameter],
    "workspacebuild-logs": list[builds.ProvisionerLog],
    "workspacebuild-timings": builds.Timings,
    "workspaces-list": workspaces.WorkspacePage,
}


def answer(body: object, status: int = 200) -> Answer:
    """An answer as the transport gives it."""
    return Answer(method="GET", path="/recorded", status=status, headers={}, body=json.dumps(body).encode())


@pytest.mark.parametrize("slug", SHAPES)
def test_every_success_decodes_and_keeps_what_it_said(slug: str, recorded: Cases) -> None:
    """A field we know holds the value that was on the wire."""
    # Creating a key answers with another shape than reading one.
    good = [
        c
        for c in recorded(slug)
        if c["response"]["status"] in (200, 201, 202) and not (slug == "api-keys" and "key" in c["response"]["body"])
    ]
    assert good
    for case in good:
        body = case["response"]["body"]
        record = resource.decode(answer(body), SHAPES[slug])
        agrees(record, body, f"{slug}/{case['case']}")


def agrees(record: Any, wire: Any, where: str) -> None:
    """Compares a record with the JSON it came from, field by field."""
    if isinstance(record, list):
        assert len(record) == len(wire), where
        for one, other in zip(record, wire, strict=True):
            agrees(one, other, f"{where}[]")
    elif isinstance(record, msgspec.Struct):
        for field in msgspec.structs.fields(record):
            if field.encode_name in wire:
                agrees(getattr(record, field.name), wire[field.encode_name], f"{where}.{field.name}")
    elif isinstance(record, datetime):
        # The wire may have nanoseconds, which become the nearest microsecond.
        assert abs(record - microseconds(wire)) <= timedelta(microseconds=1), where
    elif isinstance(record, Secret):
        assert record.reveal() == wire, where
    elif isinstance(record, dict):
        assert record.keys() == wire.keys(), where
        for key, value in record.items():
            agrees(value, wire[key], f"{where}.{key}")
    else:
        assert record == wire, where


def microseconds(wire: str) -> datetime:
    """An RFC 3339 time in UTC, cut to microseconds as our records are."""
    whole, _, fraction = wire.removesuffix("Z").partition(".")
    return datetime.fromisoformat(whole).replace(tzinfo=UTC, microsecond=int(fraction[:6].ljust(6, "0")))


def test_a_missing_field_names_the_endpoint_and_the_field() -> None:
    """Whoever reads the error can tell which call and which field."""
    with pytest.raises(ProtocolError, match=r"GET /api/v2/recorded .*`id`.*`\$\[0\]`"):
        resource.decode(answer([{"created_at": "2026-01-01T00:00:00Z", "output": ""}]), list[logs.AgentLog])


def test_unknown_keys_and_unknown_enum_values_survive() -> None:
    """A newer server must not break an older client."""
    line = {"id": 1, "created_at": "2026-01-01T00:00:00.123456789Z", "output": "x", "level": "fatal", "new": [1]}
    [record] = resource.decode(answer([line]), list[logs.AgentLog])
    assert record.level == "fatal"
    assert record.created_at == datetime(2026, 1, 1, 0, 0, 0, 123457, tzinfo=UTC)


def test_secrets_of_an_agent_never_show(recorded: Cases) -> None:
    """Environment values and script texts may hold secrets, so the record's repr has neither."""
    bodies = [case["response"]["body"] for case in recorded("workspaceagents-get")]
    rich = next(body for body in bodies if body["environment_variables"] and body["scripts"])
    shown = repr(resource.decode(answer(rich), agents.WorkspaceAgent))
    for name, value in rich["environment_variables"].items():
        assert f"'{name}': Secret" in shown and f"'{value}'" not in shown
    for script in rich["scripts"]:
        assert repr(script["script"]) not in shown
