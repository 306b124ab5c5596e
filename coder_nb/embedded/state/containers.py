"""What an agent tells when it is asked: listening ports, containers, dev containers, or an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

__all__ = [
    "AgentError",
    "Container",
    "ContainerListing",
    "ContainerPort",
    "Devcontainer",
    "DevcontainerAgent",
    "ListeningPort",
]


class AgentError(Exception):
    """An agent answered a request with an error; the server passes it on as it is."""

    def __init__(self, message: str, *, detail: str = "", status: int = 500) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.status = status


class ListeningPort(NamedTuple):
    """A TCP port something in the workspace listens on, before the server's own filter."""

    process_name: str
    network: str
    port: int


class ContainerPort(NamedTuple):
    """A published port of a container; "" and 0 stand for a host side that is not known."""

    port: int
    network: str
    host_ip: str = ""
    host_port: int = 0


@dataclass(frozen=True)
class Container:
    """A container as its engine describes it; `created_at` is RFC 3339 text with up to nine digits."""

    id: str
    name: str
    created_at: str
    image: str
    running: bool
    status: str
    labels: Mapping[str, str] | None = None
    ports: Sequence[ContainerPort] = ()
    volumes: Mapping[str, str] = field(default_factory=dict)


class DevcontainerAgent(NamedTuple):
    """The sub-agent inside a dev container; `directory` is inside the container."""

    id: str
    name: str
    directory: str


@dataclass(frozen=True)
class Devcontainer:
    """A dev container an agent knows about; `rebuilt` is the image it has once it is built anew, where that differs."""

    id: str
    name: str
    workspace_folder: str
    config_path: str = ""
    status: Literal["running", "stopped", "starting", "error"] = "running"
    dirty: bool = False
    container: Container | None = None
    agent: DevcontainerAgent | None = None
    error: str = ""
    rebuilt: str = ""


@dataclass(frozen=True)
class ContainerListing:
    """What an agent says about containers; None where its detection has not begun, or it has no dev containers."""

    containers: Sequence[Container] | None = None
    devcontainers: Sequence[Devcontainer] | None = None
    warnings: Sequence[str] = ()
