"""What an agent tells about ports and containers. Absent, empty and null each mean something else here."""

from __future__ import annotations

from collections.abc import Sequence

from coder_nb.embedded.state import Container, ContainerListing, ContainerPort, Devcontainer, ListeningPort
from coder_nb.embedded.wire.text import Json, sorted_map, without_unset

__all__ = ["listing", "ports"]


def ports(listening: Sequence[ListeningPort]) -> Json:
    """The listening ports."""
    return {
        "ports": [{"process_name": port.process_name, "network": port.network, "port": port.port} for port in listening]
    }


def listing(it: ContainerListing) -> Json:
    """The container listing; `warnings` is left out when there are none."""
    body: dict[str, Json] = {
        "devcontainers": None if it.devcontainers is None else [_devcontainer(dev) for dev in it.devcontainers],
        "containers": None if it.containers is None else [_container(container) for container in it.containers],
    }
    return body | ({"warnings": list(it.warnings)} if it.warnings else {})


def _devcontainer(dev: Devcontainer) -> Json:
    agent = dev.agent
    return {
        "id": dev.id,
        "name": dev.name,
        "workspace_folder": dev.workspace_folder,
        **without_unset({"config_path": dev.config_path}),
        "status": dev.status,
        "dirty": dev.dirty,
        **without_unset(
            {
                "container": None if dev.container is None else _container(dev.container),
                "agent": None if agent is None else {"id": agent.id, "name": agent.name, "directory": agent.directory},
                "error": dev.error,
            }
        ),
    }


def _container(container: Container) -> Json:
    return {
        "created_at": container.created_at,
        "id": container.id,
        "name": container.name,
        "image": container.image,
        "labels": None if container.labels is None else sorted_map(container.labels),
        "running": container.running,
        "ports": [_port(port) for port in container.ports],
        "status": container.status,
        "volumes": sorted_map(container.volumes),
    }


def _port(port: ContainerPort) -> Json:
    host: dict[str, Json] = {}
    if port.host_ip:
        host["host_ip"] = port.host_ip
    if port.host_port:
        host["host_port"] = port.host_port
    return {"port": port.port, "network": port.network, **host}
