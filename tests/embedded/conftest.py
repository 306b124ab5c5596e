"""Shared by the tests of the embedded deployment: a small deployment, and a client that hides nothing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any

import pytest

from coder_nb.credentials import Secret
from coder_nb.embedded.server import Embedded
from coder_nb.embedded.state import (
    Agent,
    Build,
    Clock,
    Deployment,
    Job,
    Organization,
    Resource,
    Template,
    TemplateVersion,
    User,
    Workspace,
)
from tests.embedded.raw import RawSocket, connect

NOW = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)


def new_id() -> str:
    """A fresh id."""
    return str(uuid.uuid4())


class Small:
    """Makes small deployments: ada the owner, bob the member, and workspaces as a test needs them."""

    def __init__(self, now: datetime = NOW) -> None:
        organization = Organization(new_id(), "coder", now, display_name="Coder")
        self.deployment = Deployment(new_id(), organization, Clock(now))
        self.now = now
        self.ada = self.user("ada", owner=True)
        self.bob = self.user("bob")
        self.template = Template(
            new_id(), "docker", organization, self.ada, now, now, active=TemplateVersion(new_id(), "v1")
        )
        self.deployment.templates.append(self.template)

    def user(self, name: str, *, owner: bool = False) -> User:
        """Adds a user with the password `pw-<name>`."""
        it = User(
            id=new_id(),
            username=name,
            email=f"{name}@example.com",
            created_at=self.now,
            updated_at=self.now,
            last_seen_at=self.now,
            name=name.title(),
            owner=owner,
            password=f"pw-{name}",
        )
        self.deployment.users.append(it)
        return it

    def agent(self, name: str = "main", **changes: Any) -> Agent:
        """A connected agent that belongs to no workspace yet."""
        values: dict[str, Any] = {
            "id": new_id(),
            "name": name,
            "created_at": self.now - timedelta(minutes=10),
            "logs": self.deployment.new_log(),
            "attached": True,
            "first_connected_at": self.now - timedelta(minutes=9),
            "lifecycle_state": "ready",
        }
        return Agent(**(values | changes))

    def build(self, *agents: Agent, number: int = 1, **changes: Any) -> Build:
        """A build with one resource that has the agents."""
        created = self.now - timedelta(minutes=11)
        job = Job(new_id(), created, changes.pop("job_status", "succeeded"), started_at=created, completed_at=created)
        values: dict[str, Any] = {
            "id": new_id(),
            "number": number,
            "transition": "start",
            "created_at": created + timedelta(seconds=number),
            "updated_at": created,
            "initiator": self.ada,
            "template_version": self.template.active,
            "job": job,
            "resources": [Resource(new_id(), created, "docker_container", "dev", agents=list(agents))],
        }
        return Build(**(values | changes))

    def workspace(self, name: str, *builds: Build, owner: User | None = None, **changes: Any) -> Workspace:
        """Adds a workspace; without builds it gets one with the connected agent `main`."""
        values: dict[str, Any] = {
            "id": new_id(),
            "name": name,
            "owner": owner or self.ada,
            "template": self.template,
            "created_at": self.now,
            "updated_at": self.now,
            "last_used_at": self.now,
            "clock": self.deployment.clock,
            "builds": list(builds) or [self.build(self.agent())],
        }
        it = Workspace(**(values | changes))
        self.deployment.workspaces.append(it)
        return it


@dataclass
class Got:
    """An answer as it came."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """A header's first value."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def json(self) -> Any:
        """The body's JSON value."""
        return json.loads(self.body)

    @property
    def message(self) -> str:
        """The message of an error."""
        text: str = self.json["message"]
        return text


@dataclass
class Client:
    """Asks one server; nothing is followed, kept or retried."""

    server: Embedded
    token: Secret | None = None
    connections: list[HTTPConnection] = field(default_factory=list)

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        json_body: object = None,
        token: Secret | str | None = "",
    ) -> Got:
        """One request. `path` is under /api/v2 unless it begins there, or with //; token None sends none."""
        target = path[1:] if path.startswith("//") else path if path.startswith("/api") else f"/api/v2{path}"
        sent = {"Host": f"127.0.0.1:{self.server.port}"} | dict(headers or {})
        chosen = self.token if token == "" else token
        if chosen is not None:
            sent["Coder-Session-Token"] = chosen if isinstance(chosen, str) else chosen.reveal()
        if json_body is not None:
            body = json.dumps(json_body).encode()
        with closing(HTTPConnection("127.0.0.1", self.server.port, timeout=10)) as connection:
            connection.request(method, target, body=body, headers=sent)
            answer = connection.getresponse()
            return Got(answer.status, answer.getheaders(), answer.read())


@pytest.fixture
def small() -> Small:
    """A deployment with two people and no workspace."""
    return Small()


@pytest.fixture
def serve() -> Iterator[Callable[[Deployment], Client]]:
    """Serves a deployment on a thread, until the end of the test; gives its owner's client."""
    servers: list[Embedded] = []

    def start(deployment: Deployment) -> Client:
        server = Embedded(deployment).start()
        servers.append(server)
        return Client(server, server.token)

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def dial(client: Client) -> Iterator[Callable[..., RawSocket]]:
    """Opens WebSockets of the small deployment's owner, until the end of the test; `server` for those of another."""
    opened: list[RawSocket] = []

    def open(path: str, *, server: Client = client, **more: Any) -> RawSocket:
        handshake, raw = connect(server, path, **more)
        opened.append(raw)
        assert handshake.status == 101, handshake
        return raw

    yield open
    for raw in opened:
        raw.close()


@pytest.fixture
def client(small: Small, serve: Callable[[Deployment], Client]) -> Client:
    """The owner's client of the small deployment."""
    return serve(small.deployment)


@pytest.fixture
def bob(client: Client) -> Client:
    """The member's client of the same server."""
    return Client(client.server, client.server.token_for("bob"))
