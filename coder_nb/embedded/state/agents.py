"""An agent and what belongs to it: log sources, scripts, apps and their statuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from coder_nb.credentials.secret import Secret
from coder_nb.embedded.state.containers import ContainerListing, ListeningPort
from coder_nb.embedded.state.logs import LogStore

__all__ = ["Agent", "App", "AppStatus", "Disk", "Healthcheck", "LogSource", "MetadataItem", "Script", "State"]

State = Literal["working", "idle", "complete", "failure"]
"""What an app can say it is."""


@dataclass
class LogSource:
    """Where log lines come from: a script, or the agent itself."""

    id: str
    created_at: datetime
    display_name: str
    icon: str = ""


@dataclass
class Script:
    """A script of an agent; `timeout` in seconds, 0 for none."""

    id: str
    log_source_id: str
    display_name: str
    script: str
    log_path: str = ""
    cron: str = ""
    run_on_start: bool = True
    run_on_stop: bool = False
    start_blocks_login: bool = False
    timeout: float = 0


@dataclass
class AppStatus:
    """One entry of an app's history."""

    id: str
    created_at: datetime
    state: State
    message: str
    uri: str = ""


class Healthcheck(NamedTuple):
    """How an app's health is asked for; `interval` in seconds."""

    url: str = ""
    interval: int = 0
    threshold: int = 0


@dataclass
class App:
    """An app of an agent: a web page inside the workspace, a terminal command, or an external link."""

    id: str
    slug: str
    display_name: str = ""
    url: str = ""
    external: bool = False
    command: str = ""
    icon: str = ""
    group: str = ""
    subdomain: bool = False
    sharing_level: Literal["owner", "authenticated", "organization", "public"] = "owner"
    healthcheck: Healthcheck = field(default_factory=Healthcheck)
    health: Literal["disabled", "initializing", "healthy", "unhealthy"] = "disabled"
    hidden: bool = False
    open_in: Literal["slim-window", "tab"] = "slim-window"
    statuses: list[AppStatus] = field(default_factory=list)


@dataclass
class MetadataItem:
    """A fact an agent collects again and again by a script; `interval` and `timeout` in seconds, interval 0 for once.

    `collected_at` is None until the first run. `value` and `error` may both be set.
    """

    key: str
    display_name: str
    script: str
    interval: int = 10
    timeout: int = 0
    value: str = ""
    error: str = ""
    collected_at: datetime | None = None


class Disk(NamedTuple):
    """The disk a simulated home is on, in GiB, and large files on it by their paths below the home."""

    size: float
    used: float
    files: Mapping[str, float]


def _no_ports() -> Sequence[ListeningPort]:
    return ()


def _no_containers() -> ContainerListing:
    return ContainerListing(containers=())


@dataclass(eq=False)
class Agent:
    """One agent of one build.

    `attached` says that its process is there now: heartbeats every 15 s follow the workspace's clock, and the status is
    `connected`. Without it the status is worked out from the times below, as a server does.
    `ports` and `containers` are asked at each request; they may raise AgentError.
    `cut_at` is when somebody else who had taken its place left: it is away until its next heartbeat.
    `token` is what its processes authenticate with, None where nothing runs that could.
    """

    id: str
    name: str
    created_at: datetime
    logs: LogStore
    parent_id: str | None = None
    attached: bool = False
    first_connected_at: datetime | None = None
    last_connected_at: datetime | None = None
    disconnected_at: datetime | None = None
    cut_at: datetime | None = None
    started_at: datetime | None = None
    ready_at: datetime | None = None
    lifecycle_state: str = "created"
    architecture: str = "amd64"
    operating_system: str = "linux"
    environment_variables: Mapping[str, str] | None = None
    directory: str = ""
    expanded_directory: str = ""
    version: str = ""
    api_version: str = ""
    instance_id: str = ""
    token: Secret | None = field(default=None, repr=False)
    connection_timeout_seconds: int = 120
    troubleshooting_url: str = "https://coder.com/docs/admin/templates/troubleshooting"
    subsystems: Sequence[str] = ()
    display_apps: Sequence[str] = ("vscode", "web_terminal", "port_forwarding_helper", "ssh_helper")
    latency_ms: float | None = None
    disk: Disk | None = None
    apps: list[App] = field(default_factory=list)
    log_sources: list[LogSource] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)
    metadata: list[MetadataItem] = field(default_factory=list)
    ports: Callable[[], Sequence[ListeningPort]] = field(default=_no_ports, repr=False)
    containers: Callable[[], ContainerListing] = field(default=_no_containers, repr=False)
