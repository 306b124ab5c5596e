"""Containers and dev containers that run beside the agent, from its cache (10 s old at most). `api.containers`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from coder_nb.api.resource import Record, Resource, decode, segment
from coder_nb.api.stream import Stream

__all__ = [
    "Accepted",
    "Container",
    "ContainerListing",
    "ContainerPort",
    "Containers",
    "Devcontainer",
    "DevcontainerAgent",
]


class ContainerPort(Record, frozen=True, kw_only=True):
    """A published port: `port` inside, `host_ip`:`host_port` outside."""

    port: int
    network: str = "tcp"
    host_ip: str = ""
    host_port: int | None = None


class Container(Record, frozen=True, kw_only=True):
    """A container, running or not. `volumes` maps a host source to its place inside."""

    id: str
    name: str
    image: str
    created_at: datetime
    running: bool
    status: str = ""
    labels: dict[str, str] | None = None
    ports: list[ContainerPort] | None = None
    volumes: dict[str, str] | None = None


class DevcontainerAgent(Record, frozen=True, kw_only=True):
    """The agent that runs inside a dev container; `directory` is a path in there."""

    id: str
    name: str
    directory: str = ""


class Devcontainer(Record, frozen=True, kw_only=True):
    """A dev container. `status` is running, stopped, starting or error; `dirty`: its config changed since the build."""

    id: str
    name: str
    workspace_folder: str
    status: str = ""
    dirty: bool = False
    config_path: str = ""
    container: Container | None = None
    agent: DevcontainerAgent | None = None
    error: str = ""


class ContainerListing(Record, frozen=True, kw_only=True):
    """What the agent knows. Both lists are None until its start scripts have finished, and where it has none."""

    devcontainers: list[Devcontainer] | None = None
    containers: list[Container] | None = None
    warnings: list[str] | None = None


class Accepted(Record, frozen=True, kw_only=True):
    """Something was begun; how it goes has to be asked for."""

    message: str
    detail: str = ""


class Containers(Resource):
    """Calls on containers."""

    def list(self, agent_id: str, *, label: Sequence[str] = ()) -> ContainerListing:
        """The containers beside an agent. Asks the agent itself, which may take up to 30 s.

        Args:
            label: `key=value` each; a container must have all. `key=` takes any value. Dev containers are not filtered.
        Raises:
            Invalid: the agent is not connected, or a label is not `key=value`.
            PermissionDenied: the feature is turned off for this agent, or it is a dev container's own agent.
            ServerError: docker is missing or refuses, or the agent did not answer.
        Endpoint: GET /workspaceagents/{id}/containers
        """
        path = f"/workspaceagents/{segment(agent_id)}/containers"
        return self._get(ContainerListing, path, query={"label": list(label)}, dials_agent=True)

    def watch(self, agent_id: str) -> Stream[ContainerListing]:
        """The whole listing, at once and then when a dev container changes.

        Much is silent: containers that start or stop, a failed rebuild, `dirty` turning true. `list` tells, asked
        slowly. An agent that hangs does not end it; one whose docker fails ends it at once, with 1000 and no record.

        Raises:
            Invalid: the agent is not connected.
            ServerError: the agent did not answer, or has the feature turned off.
        Endpoint: GET /workspaceagents/{id}/containers/watch
        """
        return self._follow(
            ContainerListing, f"/workspaceagents/{segment(agent_id)}/containers/watch", dials_agent=True
        )

    def recreate(self, agent_id: str, devcontainer: str) -> Accepted:
        """Begins to build a dev container anew; nothing can stop that. It shows as starting until it is done.

        A failure is told in its listing only, and what the build prints goes to the agent's log.

        Args:
            devcontainer: the dev container's id, in lower case; no name, and no container's id.
        Raises:
            Invalid: the agent is not connected.
            NotFound: no such dev container, or the feature is turned off for this agent.
            Conflict: it is being built already.
            ServerError: the agent did not answer.
        Endpoint: POST /workspaceagents/{id}/containers/devcontainers/{devcontainer}/recreate
        """
        path = f"/workspaceagents/{segment(agent_id)}/containers/devcontainers/{segment(devcontainer)}/recreate"
        return decode(self._http.request("POST", path, changes=True, dials_agent=True), Accepted)
