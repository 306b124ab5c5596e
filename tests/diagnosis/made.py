"""Facts for tests: a workspace that is well, and what to change of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from coder_nb.api.agents import AgentHealth, AppStatus, Healthcheck, LogSource, Script, WorkspaceAgent, WorkspaceApp
from coder_nb.api.builds import MatchedProvisioners, ProvisionerJob, ProvisionerLog, ScriptTiming, WorkspaceBuild
from coder_nb.api.containers import Container, ContainerListing, ContainerPort, Devcontainer
from coder_nb.api.logs import AgentLog
from coder_nb.api.metadata import MetadataDescription, MetadataItem, MetadataResult
from coder_nb.api.workspaces import Workspace
from coder_nb.diagnosis import AgentFacts, Facts

NOW = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
SOURCE = "00000000-0000-4000-8000-000000000001"


def ago(**length: float) -> datetime:
    """So long before now."""
    return NOW - timedelta(**length)


def build(status: str = "succeeded", transition: str = "start", **more: Any) -> WorkspaceBuild:
    """A build whose job has that status."""
    job: dict[str, Any] = {
        "error": more.pop("error", ""),
        "queue_position": more.pop("queue", 0),
        "queue_size": more.pop("size", 0),
    }
    done = status in ("succeeded", "failed", "canceled")
    word = {"start": "running", "stop": "stopped"}[transition] if status == "succeeded" else status
    made: dict[str, Any] = {
        "id": "b",
        "workspace_id": "w",
        "build_number": 2,
        "transition": transition,
        "status": word,
        "created_at": ago(hours=2),
        "updated_at": ago(hours=2),
        "initiator_name": "ada",
        "reason": "cli",
        "template_version_name": "v1",
        "job": ProvisionerJob(
            id="j", created_at=ago(hours=2), status=status, completed_at=ago(hours=1) if done else None, **job
        ),
    }
    return WorkspaceBuild(**(made | more))


def workspace(latest: WorkspaceBuild, **more: Any) -> Workspace:
    """A workspace with that build."""
    made: dict[str, Any] = {
        "id": "w",
        "name": "dev",
        "owner_id": "u",
        "owner_name": "ada",
        "template_id": "t",
        "template_name": "plain",
        "latest_build": latest,
        "created_at": ago(days=9),
        "updated_at": ago(hours=2),
        "last_used_at": ago(minutes=3),
    }
    return Workspace(**(made | more))


def agent(**more: Any) -> WorkspaceAgent:
    """An agent that is connected and ready."""
    made: dict[str, Any] = {
        "id": "a",
        "name": "main",
        "status": "connected",
        "lifecycle_state": "ready",
        "created_at": ago(hours=2),
        "updated_at": ago(hours=2),
        "resource_id": "r",
        "operating_system": "linux",
        "architecture": "amd64",
        "started_at": ago(hours=2),
        "connection_timeout_seconds": 120,
        "version": "v2.25.0",
        "log_sources": [LogSource(id=SOURCE, display_name="Startup", created_at=ago(hours=2))],
        "scripts": [Script(id="s", log_source_id=SOURCE, display_name="Startup", run_on_start=True)],
    }
    return WorkspaceAgent(**(made | more))


def facts(latest: WorkspaceBuild | None = None, **more: Any) -> Facts:
    """Facts of a workspace; `agent` are changes of its agent's record, `it` of what is known of that."""
    record, known = more.pop("agent", {}), more.pop("it", {})
    around = more.pop("workspace", {})
    latest = latest or build()
    up = latest.transition == "start" and latest.job.status == "succeeded"
    ended = up or latest.transition == "stop"
    known = {"timings": [run()]} | known
    agents = [AgentFacts("dev", agent(**record), **({"live": up} | known))] if ended else []
    made: dict[str, Any] = {
        "workspace": workspace(latest, **around),
        "build": latest,
        "agents": agents,
        "server_version": "v2.25.1",
    }
    return Facts("dev", NOW, **(made | more))


def run(name: str = "Startup", *, seconds: float = 10, **more: Any) -> ScriptTiming:
    """A run of a script that went well."""
    started = more.pop("started_at", ago(hours=2))
    made: dict[str, Any] = {
        "display_name": name,
        "started_at": started,
        "ended_at": started + timedelta(seconds=seconds),
        "exit_code": 0,
        "stage": "start",
        "status": "ok",
        "workspace_agent_id": "a",
    }
    return ScriptTiming(**(made | more))


def lines(*texts: str, level: str = "error", source: str = SOURCE) -> list[AgentLog]:
    """Lines of a log, a second apart, written as the script began."""
    first = ago(hours=2)
    return [
        AgentLog(id=n, created_at=first + timedelta(seconds=n), output=text, level=level, source_id=source)
        for n, text in enumerate(texts)
    ]


def build_lines(*texts: str, level: str = "error") -> list[ProvisionerLog]:
    """Lines of a build's log."""
    return [
        ProvisionerLog(
            id=n, created_at=ago(hours=1), log_source="provisioner", log_level=level, stage="Starting", output=text
        )
        for n, text in enumerate(texts)
    ]


def item(name: str, value: str = "", *, age: int = 5, interval: int = 10, error: str = "") -> MetadataItem:
    """Something measured."""
    return MetadataItem(
        description=MetadataDescription(key=name.lower(), display_name=name, interval=interval),
        result=MetadataResult(collected_at=ago(seconds=age), age=age, value=value, error=error),
    )


def app(health: str = "healthy", **more: Any) -> WorkspaceApp:
    """An app that is checked."""
    check = Healthcheck(url="http://localhost:8080/healthz", interval=5, threshold=6)
    return WorkspaceApp(id="p", slug="api", display_name="API", health=health, healthcheck=check, **more)


def said(state: str, message: str = "", *, minutes: float = 5) -> AppStatus:
    """What an app said of itself."""
    return AppStatus(id="x", app_id="p", created_at=ago(minutes=minutes), state=state, message=message)


def container(name: str = "db", *, status: str = "running", ports: tuple[int, ...] = ()) -> Container:
    """A container."""
    published = [ContainerPort(port=port, host_port=port) for port in ports]
    running = status == "running"
    return Container(
        id="c", name=name, image="postgres:16", created_at=ago(days=1), running=running, status=status, ports=published
    )


def listing(
    *containers: Container, devs: tuple[Devcontainer, ...] = (), warnings: tuple[str, ...] = ()
) -> ContainerListing:
    """What an agent says of containers."""
    return ContainerListing(containers=list(containers), devcontainers=list(devs), warnings=list(warnings))


def dev(status: str = "running", **more: Any) -> Devcontainer:
    """A dev container."""
    made: dict[str, Any] = {"id": "d", "name": "app", "workspace_folder": "/home/ada/app", "status": status}
    return Devcontainer(**(made | more))


def provisioners(available: int) -> MatchedProvisioners:
    """How many could run a job."""
    return MatchedProvisioners(count=available, available=available)


def health(reason: str) -> AgentHealth:
    """An agent's health as the server has it."""
    return AgentHealth(healthy=False, reason=reason)
