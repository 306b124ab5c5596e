"""Workspace agents: the process in a workspace that runs its scripts, apps and commands. `api.agents`.

An agent's id changes with every start build; the agents of older builds can still be read.
"""

from __future__ import annotations

from datetime import datetime

from coder_nb.api.resource import Record, Resource, segment
from coder_nb.credentials import Hidden

__all__ = [
    "AgentHealth",
    "Agents",
    "AppStatus",
    "DerpLatency",
    "Healthcheck",
    "LogSource",
    "Script",
    "WorkspaceAgent",
    "WorkspaceApp",
]


class AgentHealth(Record, frozen=True, kw_only=True):
    """Whether the server calls the agent healthy, and if not, why. A connecting agent counts as healthy."""

    healthy: bool
    reason: str = ""


class LogSource(Record, frozen=True, kw_only=True):
    """Where log lines come from: a script, a dev container, "External". Logs join it by `id`."""

    id: str
    display_name: str
    created_at: datetime
    icon: str = ""


class Script(Record, frozen=True, kw_only=True):
    """A script the template declares. `timeout` is in nanoseconds, 0 means none; the text may hold secrets."""

    id: str
    log_source_id: str
    display_name: str = ""
    script: Hidden = Hidden("")
    log_path: str = ""
    cron: str = ""
    run_on_start: bool = False
    run_on_stop: bool = False
    start_blocks_login: bool = False
    timeout: int = 0


class AppStatus(Record, frozen=True, kw_only=True):
    """What a program in the workspace said of itself: `state` is working, idle, complete or failure."""

    id: str
    created_at: datetime
    app_id: str
    state: str
    message: str = ""
    uri: str = ""


class Healthcheck(Record, frozen=True, kw_only=True):
    """How the agent checks an app: `url` every `interval` seconds; empty where it does not."""

    url: str = ""
    interval: int = 0
    threshold: int = 0


class WorkspaceApp(Record, frozen=True, kw_only=True):
    """An app of an agent. `health` is disabled, initializing, healthy or unhealthy; `statuses` is not in order."""

    id: str
    slug: str
    display_name: str = ""
    url: str = ""
    external: bool = False
    command: str = ""
    icon: str = ""
    group: str = ""
    subdomain: bool = False
    subdomain_name: str = ""
    sharing_level: str = "owner"
    healthcheck: Healthcheck = Healthcheck()
    health: str = "disabled"
    hidden: bool = False
    open_in: str = ""
    statuses: list[AppStatus] = []


class DerpLatency(Record, frozen=True, kw_only=True):
    """The agent's own latency to a DERP region, in milliseconds; not the user's."""

    latency_ms: float
    preferred: bool = False


class WorkspaceAgent(Record, frozen=True, kw_only=True):
    """A workspace agent.

    `status` is connecting, connected, disconnected or timeout (the network); `lifecycle_state` is how far its scripts
    are, from created to off. `parent_id` is set for a dev container's agent. `logs_length` is in bytes.
    """

    id: str
    name: str
    status: str
    lifecycle_state: str
    created_at: datetime
    updated_at: datetime
    resource_id: str
    operating_system: str
    architecture: str
    parent_id: str | None = None
    instance_id: str = ""
    first_connected_at: datetime | None = None
    last_connected_at: datetime | None = None
    disconnected_at: datetime | None = None
    started_at: datetime | None = None
    ready_at: datetime | None = None
    environment_variables: dict[str, Hidden] | None = None
    logs_length: int = 0
    logs_overflowed: bool = False
    directory: str = ""
    expanded_directory: str = ""
    version: str = ""
    api_version: str = ""
    apps: list[WorkspaceApp] = []
    latency: dict[str, DerpLatency] = {}
    connection_timeout_seconds: int = 0
    troubleshooting_url: str = ""
    subsystems: list[str] = []
    health: AgentHealth = AgentHealth(healthy=True)
    display_apps: list[str] = []
    log_sources: list[LogSource] = []
    scripts: list[Script] = []


class Agents(Resource):
    """Calls on workspace agents."""

    def get(self, agent_id: str) -> WorkspaceAgent:
        """One agent, as the server computes its state now.

        Args:
            agent_id: its uuid; agents of older builds are found too.
        Raises:
            NotFound: no such agent, or not visible to this user.
            Invalid: not a uuid.
        Endpoint: GET /workspaceagents/{id}
        """
        return self._get(WorkspaceAgent, f"/workspaceagents/{segment(agent_id)}")
