"""A deployment in this process with workspace `here`'s like, and this process as its agent."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from coder_nb.credentials import Secret
from coder_nb.embedded.server import Embedded
from coder_nb.embedded.state import (
    Agent,
    App,
    Build,
    Clock,
    Deployment,
    Job,
    Link,
    LogLine,
    Organization,
    Provider,
    Resource,
    Template,
    TemplateVersion,
    User,
    Workspace,
)
from coder_nb.within import Inside, inside


@dataclass
class Home:
    """A workspace of ada's with one agent, and the server that knows it."""

    server: Embedded
    workspace: Workspace
    agent: Agent
    provider: Provider
    told: list[str] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        """What a process in the workspace has in its environment."""
        token = self.agent.token
        assert token
        return {"CODER_AGENT_URL": f"{self.server.url}/", "CODER_AGENT_TOKEN": token.reveal()}

    def log_in(self, token: str = "gho_0123456789") -> None:
        """Ada logs in at the provider."""
        self.provider.links[self.workspace.owner.id] = Link(Secret(token))

    def lines(self) -> list[LogLine]:
        """The agent's whole log."""
        return self.agent.logs.after()


@pytest.fixture
def home() -> Iterator[Home]:
    """A workspace, served on a thread; streams are quick and so are looks at whether somebody has logged in."""
    now = datetime.now(UTC)
    organization = Organization(str(uuid.uuid4()), "coder", now)
    deployment = Deployment(str(uuid.uuid4()), organization, Clock())
    ada = User(str(uuid.uuid4()), "ada", "ada@example.com", now, now, now, owner=True)
    version = TemplateVersion(str(uuid.uuid4()), "v1")
    template = Template(str(uuid.uuid4()), "docker", organization, ada, now, now, active=version)
    agent = Agent(
        str(uuid.uuid4()),
        "main",
        now,
        deployment.new_log(),
        attached=True,
        first_connected_at=now,
        token=Secret(str(uuid.uuid4())),
        apps=[App(str(uuid.uuid4()), "trainer")],
    )
    build = Build(
        str(uuid.uuid4()),
        1,
        "start",
        now,
        now,
        ada,
        version,
        Job(str(uuid.uuid4()), now, started_at=now, completed_at=now),
        resources=[Resource(str(uuid.uuid4()), now, "docker_container", "dev", agents=[agent])],
    )
    workspace = Workspace(str(uuid.uuid4()), "dev", ada, template, now, now, now, deployment.clock, [build])
    provider = Provider("gh", "github", r"github\.com")
    deployment.users.append(ada)
    deployment.templates.append(template)
    deployment.workspaces.append(workspace)
    deployment.providers.append(provider)
    with Embedded(deployment) as server:
        server.site.ping_seconds = server.site.poll_seconds = 0.02
        yield Home(server, workspace, agent, provider)


@pytest.fixture
def me(home: Home) -> Iterator[Inside]:
    """This process as the agent; what people would be told is in `home.told`."""
    with inside(environ=home.environ, notify=home.told.append) as me:
        yield me
