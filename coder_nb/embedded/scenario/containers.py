"""What a scenario's agent answers when it is asked for its listening ports and its containers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, cast

from coder_nb.embedded.here.containers import port_warnings
from coder_nb.embedded.ids import container_id, uid
from coder_nb.embedded.scenario.read import Table
from coder_nb.embedded.state import (
    Agent,
    AgentError,
    Container,
    ContainerListing,
    ContainerPort,
    Devcontainer,
    DevcontainerAgent,
    ListeningPort,
)

__all__ = ["read_containers", "read_ports"]

DevcontainerStatus = Literal["running", "stopped", "starting", "error"]
UNDETECTED: Final = ("created", "starting")
"""The lifecycle states before the end of the start scripts, when an agent does not look for containers yet."""


def read_ports(table: Table) -> Callable[[], Sequence[ListeningPort]]:
    """What the agent's listening ports are, before the server's filter."""
    ports = []
    for entry in table.tables("ports", "port"):
        ports.append(ListeningPort(entry.text("process"), "tcp", entry.whole("port")))
        entry.done()
    return lambda: ports


def read_containers(
    table: Table, path: str, agent: Agent, sources: Mapping[str, str], now: datetime
) -> Callable[[], ContainerListing]:
    """What the agent says about containers: a list, nothing yet, or that it is not meant to.

    Args:
        table: the agent's table.
        path: the agent's names, for ids.
        agent: decides whether detection has begun.
        sources: the keys of the agent's scripts, for dev containers a template declares.
        now: the scenario's time.
    """
    disabled = table.flag("containers_disabled")
    containers = [_read_container(entry, path, now) for entry in table.tables("containers")]
    devcontainers = [_read_devcontainer(entry, path, containers, sources) for entry in table.tables("devcontainers")]
    devcontainers.sort(key=lambda devcontainer: devcontainer.workspace_folder)
    listing = ContainerListing(containers, devcontainers or None, port_warnings(containers))

    def listed() -> ContainerListing:
        if disabled:
            detail = "To enable this feature, set CODER_AGENT_DEVCONTAINERS_ENABLE=true in your template."
            raise AgentError("Dev Container feature not enabled.", detail=detail, status=403)
        return ContainerListing() if agent.lifecycle_state in UNDETECTED else listing

    return listed


def _read_container(table: Table, path: str, now: datetime) -> Container:
    name, exited = table.text("name"), table.has("exit")
    code = table.whole("exit", 0)
    identity = container_id(path, "container", name)
    # An engine's nine digits, three more than anything else on the wire has.
    created_at = f"{table.moment('created', now):%Y-%m-%dT%H:%M:%S}.{int(identity[:7], 16) % 10**9:09d}Z"
    container = Container(
        id=identity,
        name=name,
        created_at=created_at,
        image=table.text("image"),
        running=not exited,
        status="running" if not exited else f"exited with code {code}" if code else "exited successfully",
        labels=table.mapping("labels"),
        ports=[_read_port(table, text) for text in table.texts("ports")],
        volumes=table.mapping("volumes"),
    )
    table.done()
    return container


def _read_port(table: Table, text: str) -> ContainerPort:
    try:
        host_ip, host_port, port = text.split(":")
        return ContainerPort(int(port), "tcp", host_ip, int(host_port))
    except ValueError:
        raise table.wrong(
            f"{text!r} is no published port", "write 127.0.0.1:5432:5432 (host, its port, the port)"
        ) from None


def _read_devcontainer(
    table: Table, path: str, containers: Sequence[Container], sources: Mapping[str, str]
) -> Devcontainer:
    name, script = table.text("name"), table.text("script", "")
    if script and script not in sources:
        raise table.wrong(f"no script {script!r}", f"known: {', '.join(sources)}")
    inside = table.text("container", "")
    container = next((container for container in containers if container.name == inside), None)
    if inside and container is None:
        raise table.wrong(f"no container {inside!r}", f"known: {', '.join(one.name for one in containers)}")
    agent = table.text("agent", "")
    devcontainer = Devcontainer(
        # One that a template declares has the id of its script.
        id=uid(path, "script", script) if script else uid(path, "devcontainer", name),
        name=name,
        workspace_folder=table.text("folder"),
        config_path=table.text("config", ""),
        status=cast(
            "DevcontainerStatus", table.one_of("status", ("running", "stopped", "starting", "error"), "running")
        ),
        dirty=table.flag("dirty"),
        container=container,
        agent=DevcontainerAgent(uid(path.rpartition("/")[0], agent), agent, f"/workspaces/{name}") if agent else None,
        error=table.text("error", ""),
        rebuilt=table.text("rebuilt", ""),
    )
    table.done()
    return devcontainer
