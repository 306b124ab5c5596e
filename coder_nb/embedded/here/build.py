"""Makes the data of workspace `here`: its template, its one build, and its agent, connected since a moment ago."""

from __future__ import annotations

import os
import platform
import sys
import uuid
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Final, Literal

from coder_nb.credentials.secret import Secret
from coder_nb.embedded.here.measures import items
from coder_nb.embedded.ids import uid
from coder_nb.embedded.state import (
    Agent,
    App,
    Build,
    Clock,
    Deployment,
    Job,
    JobLogLine,
    LogSource,
    ProvisionerTiming,
    Resource,
    Script,
    Template,
    TemplateVersion,
    User,
    Workspace,
)

__all__ = ["HEARTBEAT", "NOTEBOOK", "STARTUP", "add_here", "new_agent", "new_resource"]

STARTUP: Final = "Startup"
HEARTBEAT: Final = "Heartbeat"
NOTEBOOK: Final = "notebook"
AGENT_VERSION: Final = "v2.25.1+3f0c5d1"
_ARCHITECTURES: Final = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64"}
_DAEMON: Final = "provisioner_daemon"
_TERRAFORM: Final = "provisioner"


def add_here(deployment: Deployment, owner: User, startup: str | None = None, token: Secret | None = None) -> Workspace:
    """Adds the workspace, by the real clock, and its template `this-machine`.

    Args:
        deployment: gets both.
        owner: whose workspace it is.
        startup: shell source of the startup script; None for the one that comes with the package.
        token: the agent's; a fresh one where it is None.
    """
    clock = Clock()
    now = clock.now()
    template = Template(
        id=uid("template", "this-machine"),
        name="this-machine",
        organization=deployment.organization,
        created_by=owner,
        created_at=now,
        updated_at=now,
        active=TemplateVersion(uid("template", "this-machine", "1"), "1"),
        display_name="This machine",
        description="The machine the deployment runs on, as it is.",
        icon="/emojis/1f4bb.png",
    )
    agent = new_agent(deployment, now + timedelta(milliseconds=9), startup, token)
    workspace = Workspace(
        id=uid(owner.username, "here"),
        name="here",
        owner=owner,
        template=template,
        created_at=now,
        updated_at=now,
        last_used_at=now,
        clock=clock,
        builds=[_build(owner, template, now, agent)],
    )
    workspace.latest.job.logs = _log(deployment, now)
    deployment.templates.append(template)
    deployment.workspaces.append(workspace)
    return workspace


def _build(owner: User, template: Template, now: datetime, agent: Agent) -> Build:
    job = Job(
        id=str(uuid.uuid4()),
        created_at=now,
        started_at=now,
        completed_at=agent.created_at,
        worker_id=str(uuid.uuid4()),
        file_id=uid("template", "this-machine", "file"),
    )
    return Build(
        id=str(uuid.uuid4()),
        number=1,
        transition="start",
        created_at=now,
        updated_at=agent.created_at,
        initiator=owner,
        template_version=template.active,
        job=job,
        resources=[new_resource(agent)],
        provisioner_timings=[ProvisionerTiming(now, agent.created_at, "apply", "this", "create", "this_machine.here")],
    )


def _log(deployment: Deployment, now: datetime) -> list[JobLogLine]:
    log: list[tuple[Literal["provisioner_daemon", "provisioner"], str, str]] = [
        (_DAEMON, "Setting up", ""),
        (_TERRAFORM, "Planning infrastructure", "this_machine.here: it is there already"),
        (_DAEMON, "Starting workspace", ""),
        (_TERRAFORM, "Starting workspace", "this_machine.here: an agent is connected"),
        (_DAEMON, "Cleaning Up", ""),
    ]
    first = deployment.job_log_ids.take(len(log))
    return [
        JobLogLine(first + n, now + timedelta(milliseconds=2 * n), source, "info", stage, output)
        for n, (source, stage, output) in enumerate(log)
    ]


def new_resource(agent: Agent) -> Resource:
    """This machine, as a start build has made it."""
    return Resource(
        id=str(uuid.uuid4()),
        created_at=agent.created_at,
        type="this_machine",
        name="here",
        icon="/emojis/1f4bb.png",
        agents=[agent],
    )


def new_agent(deployment: Deployment, now: datetime, startup: str | None, token: Secret | None) -> Agent:
    """The agent a start build makes, connected a moment ago; the arguments are those of `add_here`."""
    agent = Agent(
        id=str(uuid.uuid4()),
        name="main",
        created_at=now,
        logs=deployment.new_log(),
        attached=True,
        first_connected_at=datetime.now(UTC),
        last_connected_at=datetime.now(UTC),
        architecture=_ARCHITECTURES.get(platform.machine(), platform.machine() or "amd64"),
        operating_system={"win32": "windows"}.get(sys.platform, sys.platform),
        directory="~",
        expanded_directory=os.path.expanduser("~"),  # noqa: PTH111 - Path.home raises where there is none
        version=AGENT_VERSION,
        api_version="2.6",
        token=token or Secret(str(uuid.uuid4())),
    )
    _add_script(agent, Script(str(uuid.uuid4()), str(uuid.uuid4()), STARTUP, startup or _source("startup.sh")))
    heartbeat = Script(str(uuid.uuid4()), str(uuid.uuid4()), HEARTBEAT, _source("heartbeat.sh"))
    heartbeat.run_on_start, heartbeat.cron = False, "*/10 * * * * *"
    _add_script(agent, heartbeat)
    # What a program here is doing is said of an app. It has no address, so it hides no port.
    app = App(str(uuid.uuid4()), NOTEBOOK, "Notebook", command="jupyter server list", icon="/icon/jupyter.svg")
    agent.apps.append(app)
    agent.metadata = items()
    return agent


def _add_script(agent: Agent, script: Script) -> None:
    icon = "/emojis/25b6.png" if script.run_on_start else "/emojis/1f493.png"
    agent.scripts.append(script)
    agent.log_sources.append(LogSource(script.log_source_id, agent.created_at, script.display_name, icon))


def _source(name: str) -> str:
    return (resources.files("coder_nb.embedded.here") / name).read_text("utf-8")
