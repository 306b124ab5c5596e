"""Builds, from a recorded answer, the deployment that would have given it: JSON back to state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coder_nb.embedded.state import (
    Agent,
    App,
    AppStatus,
    Build,
    Clock,
    Container,
    ContainerListing,
    ContainerPort,
    Deployment,
    Devcontainer,
    DevcontainerAgent,
    Healthcheck,
    IdSequence,
    Job,
    JobLogLine,
    LogSource,
    Organization,
    Resource,
    ResourceMetadata,
    Script,
    ScriptTiming,
    Template,
    TemplateVersion,
    User,
    Workspace,
)

Body = Mapping[str, Any]
ADA, BOB = "2720dda0-814e-4586-a229-48c15398964a", "8e47ab41-0d65-4fe5-af3a-6b5b30cbe5e4"
START = datetime(2026, 11, 23, 22, 50, tzinfo=UTC)


def moment(text: str | None) -> datetime | None:
    """A time of the wire."""
    return None if text is None else datetime.fromisoformat(text)


def needed(text: str) -> datetime:
    """A time that is there."""
    return datetime.fromisoformat(text)


class Rebuilt:
    """A deployment to which recorded things are added as they are met."""

    def __init__(self) -> None:
        home = Organization(
            "3c508727-8cee-4a35-a552-982467187886", "coder", START, "Coder", "Builtin default organization."
        )
        self.deployment = Deployment("d6196634-c76d-4149-b66c-d6d8f893c84c", home, Clock(START))
        self.ada = User(ADA, "ada", "ada@example.com", START, START, START, "Ada", owner=True, password="<password>")
        self.bob = User(BOB, "bob", "bob@example.com", START, START, START, "Bob", password="<password>")
        self.deployment.users += [self.ada, self.bob]
        version = TemplateVersion("9a70bcef-35a5-4e64-8cda-a487abcd3bbd", "v")
        self.template = Template(
            "f44d5f5a-47cb-4d37-9d34-e4f04d6ae28d", "alpha", home, self.ada, START, START, active=version
        )
        self.deployment.templates.append(self.template)

    def workspace(self, body: Body | None = None, *, id: str = "", owner: User | None = None) -> Workspace:
        """A recorded workspace, or an empty one with this id."""
        owner = owner or self.ada
        if body is None:
            it = self._workspace(id or "00000000-0000-0000-0000-00000000aaaa", "some", owner)
        else:
            owner = self.bob if body["owner_id"] == BOB else self.ada
            it = self._workspace(body["id"], body["name"], owner)
            it.autostart_schedule = body.get("autostart_schedule", "")
            it.ttl_ms = body.get("ttl_ms")
            it.favorite = body["favorite"]
            it.builds = [self.build(body["latest_build"])]
            it.clock = Clock(when(_agents(body["latest_build"])))
        self.deployment.workspaces.append(it)
        return it

    def _workspace(self, id: str, name: str, owner: User) -> Workspace:
        job = Job("00000000-0000-0000-0000-00000000bbbb", START, started_at=START, completed_at=START)
        build = Build(
            "00000000-0000-0000-0000-00000000cccc", 1, "start", START, START, owner, self.template.active, job
        )
        return Workspace(id, name, owner, self.template, START, START, START, Clock(START), [build])

    def build(self, body: Body) -> Build:
        """A recorded build."""
        job = body["job"]
        return Build(
            id=body["id"],
            number=body["build_number"],
            transition=body["transition"],
            created_at=needed(body["created_at"]),
            updated_at=needed(body["updated_at"]),
            initiator=self.ada,
            template_version=TemplateVersion(body["template_version_id"], body["template_version_name"]),
            job=Job(
                id=job["id"],
                created_at=needed(job["created_at"]),
                status=job["status"],
                started_at=moment(job.get("started_at")),
                completed_at=moment(job.get("completed_at")),
                error=job.get("error", ""),
                worker_id=job.get("worker_id", ""),
                file_id=job["file_id"],
            ),
            resources=[self.resource(one) for one in body["resources"]],
        )

    def resource(self, body: Body) -> Resource:
        """A recorded resource."""
        return Resource(
            id=body["id"],
            created_at=needed(body["created_at"]),
            type=body["type"],
            name=body["name"],
            icon=body["icon"],
            hide=body["hide"],
            daily_cost=body["daily_cost"],
            agents=[self.agent(one) for one in body.get("agents", ())],
            metadata=[ResourceMetadata(**one) for one in body.get("metadata", ())],
        )

    def agent(self, body: Body) -> Agent:
        """A recorded agent, with as much log as it says."""
        log = self.deployment.new_log()
        log.length, log.overflowed = body["logs_length"], body["logs_overflowed"]
        latency = next(iter(body.get("latency", {}).values()), None)
        plain = ("name", "parent_id", "lifecycle_state", "architecture", "operating_system", "environment_variables")
        more = (
            "version",
            "api_version",
            "connection_timeout_seconds",
            "troubleshooting_url",
            "subsystems",
            "display_apps",
        )
        optional = ("directory", "expanded_directory", "instance_id")
        times = ("first_connected_at", "last_connected_at", "disconnected_at", "started_at", "ready_at")
        agent = Agent(
            id=body["id"],
            created_at=needed(body["created_at"]),
            logs=log,
            attached=body["status"] == "connected",
            latency_ms=latency and latency["latency_ms"],
            apps=[_app(one) for one in body["apps"]],
            log_sources=[
                LogSource(one["id"], needed(one["created_at"]), one["display_name"], one["icon"])
                for one in body["log_sources"]
            ],
            scripts=[Script(**{**one, "timeout": one["timeout"] / 1e9}) for one in body["scripts"]],
            **{name: body[name] for name in plain + more},
            **{name: body.get(name, "") for name in optional},
        )
        for name in times:
            setattr(agent, name, moment(body.get(name)))
        return agent

    def place(self, agent: Agent, *, owner: User | None = None, workspace: str = "") -> Workspace:
        """Puts an agent into a workspace of its own, at the time at which it is what it was recorded as."""
        it = self.workspace(id=workspace, owner=owner)
        resource = Resource("00000000-0000-0000-0000-00000000dddd", START, "docker_container", "dev", agents=[agent])
        it.latest.resources.append(resource)
        return it

    def plain_agent(self, id: str, status: str = "connected") -> Agent:
        """An agent that is nothing but in this state at START."""
        it = Agent(id, "main", START - timedelta(minutes=5), self.deployment.new_log(), connection_timeout_seconds=60)
        if status == "connecting":
            it.connection_timeout_seconds = 0
        elif status != "timeout":
            it.first_connected_at = START - timedelta(minutes=4)
            it.attached = status == "connected"
        return it

    def at(self, *agents: Body) -> Clock:
        """A clock that stands at a moment at which these agents have the states they were recorded in."""
        return Clock(when(agents))

    def fill_log(self, agent: Agent, lines: Sequence[Body]) -> None:
        """Stores recorded lines under their recorded ids."""
        for line in lines:
            agent.logs.ids = IdSequence(line["id"])
            agent.logs.append(line["source_id"], [(line["level"], line["output"])], at=needed(line["created_at"]))

    def job_log(self, lines: Sequence[Body]) -> list[JobLogLine]:
        """Recorded lines of a provisioner."""
        return [JobLogLine(**{**line, "created_at": needed(line["created_at"])}) for line in lines]

    def script_timings(self, rows: Sequence[Body]) -> list[ScriptTiming]:
        """Recorded runs of scripts."""
        return [
            ScriptTiming(
                agent_id=row["workspace_agent_id"],
                agent_name=row["workspace_agent_name"],
                display_name=row["display_name"],
                started_at=needed(row["started_at"]),
                ended_at=needed(row["ended_at"]),
                exit_code=row["exit_code"],
                stage=row["stage"],
                status=row["status"],
            )
            for row in rows
        ]

    def listing(self, body: Body) -> ContainerListing:
        """A recorded container listing."""
        return ContainerListing(
            None if body["containers"] is None else [_container(one) for one in body["containers"]],
            None if body["devcontainers"] is None else [_devcontainer(one) for one in body["devcontainers"]],
            body.get("warnings", ()),
        )


def _agents(build: Body) -> list[Body]:
    return [agent for resource in build["resources"] for agent in resource.get("agents", ())]


def when(agents: Sequence[Body]) -> datetime:
    """A moment at which agents have the states they were recorded in."""
    latest = START - timedelta(days=1)
    for agent in agents:
        known = [needed(agent[key]) for key in ("created_at", "last_connected_at", "disconnected_at") if key in agent]
        wait = agent["connection_timeout_seconds"] if agent["status"] == "timeout" else 0
        latest = max(latest, *known, needed(agent["created_at"]) + timedelta(seconds=wait))
    return latest + timedelta(milliseconds=1)


def _app(body: Body) -> App:
    optional = ("url", "display_name", "command", "icon", "group")
    plain = ("id", "slug", "external", "subdomain", "sharing_level", "health", "hidden", "open_in")
    return App(
        healthcheck=Healthcheck(**body["healthcheck"]),
        statuses=[
            AppStatus(one["id"], needed(one["created_at"]), one["state"], one["message"], one["uri"])
            for one in body["statuses"]
        ],
        **{name: body[name] for name in plain},
        **{name: body.get(name, "") for name in optional},
    )


def _container(body: Body) -> Container:
    return Container(**{**body, "ports": [ContainerPort(**port) for port in body["ports"]]})


def _devcontainer(body: Body) -> Devcontainer:
    values = dict(body)
    if "container" in values:
        values["container"] = _container(values["container"])
    if "agent" in values:
        values["agent"] = DevcontainerAgent(**values["agent"])
    return Devcontainer(**values)


@pytest.fixture
def rebuild() -> type[Rebuilt]:
    """Makes deployments with ada and bob in them."""
    return Rebuilt
