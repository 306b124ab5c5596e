"""A container listing -> frames: containers joined with their dev containers, and published ports."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pandas as pd

from coder_nb.api.containers import Container, ContainerListing, ContainerPort, Devcontainer
from coder_nb.frames import build
from coder_nb.frames.schema import Attrs

__all__ = ["container_ports", "containers"]


def containers(listing: ContainerListing, *, attrs: Attrs) -> pd.DataFrame:
    """Containers as a frame.

    Args:
        listing: what the agent knows.
        attrs: what the frame says of itself; `warnings`, the server's, is added where there are any.
    Returns:
        name, image, running (boolean), status, ports (such as `127.0.0.1:8080→80/tcp`), devcontainer,
        devcontainer_status, dirty (boolean), created, id, labels and volumes (JSON objects as text). A dev container
        that has no container now is a row without a name; what went wrong with it is its `status`.
    """
    known = listing.devcontainers or []
    by_container = {dev.container.id: dev for dev in known if dev.container is not None}
    rows: list[tuple[Container | None, Devcontainer | None]] = [
        (container, by_container.get(container.id)) for container in listing.containers or []
    ]
    rows += [(None, dev) for dev in known if dev.container is None]
    said = {"warnings": "; ".join(listing.warnings)} if listing.warnings else {}
    columns: build.Columns = {
        **_container_columns([box for box, _ in rows], rows),
        **_devcontainer_columns([dev for _, dev in rows]),
    }
    return build.frame("containers", columns, attrs={**attrs, **said})


def container_ports(listing: ContainerListing, *, attrs: Attrs) -> pd.DataFrame:
    """Published ports of containers as a frame.

    Args:
        listing: what the agent knows.
        attrs: what the frame says of itself.
    Returns:
        a row a port: container, port (int64, inside), network, host_port (Int64), host_ip.
    """
    rows = [(box, port) for box in listing.containers or [] for port in box.ports or []]
    columns: build.Columns = {
        "container": [box.name for box, _ in rows],
        "port": [port.port for _, port in rows],
        "network": [port.network for _, port in rows],
        "host_port": [port.host_port or None for _, port in rows],
        "host_ip": [port.host_ip or None for _, port in rows],
    }
    return build.frame("container_ports", columns, attrs=attrs)


def _container_columns(
    boxes: Sequence[Container | None], rows: Sequence[tuple[Container | None, Devcontainer | None]]
) -> dict[str, Sequence[object]]:
    return {
        "name": [box.name if box else None for box in boxes],
        "image": [box.image if box else None for box in boxes],
        "running": [box.running if box else False for box in boxes],
        "status": [(box.status if box else dev.error if dev else "") or None for box, dev in rows],
        "ports": [", ".join(map(_published, (box.ports if box else None) or [])) or None for box in boxes],
        "created": [box.created_at if box else None for box in boxes],
        "id": [box.id if box else None for box in boxes],
        "labels": [_object(box.labels) if box else None for box in boxes],
        "volumes": [_object(box.volumes) if box else None for box in boxes],
    }


def _devcontainer_columns(devs: Sequence[Devcontainer | None]) -> dict[str, Sequence[object]]:
    return {
        "devcontainer": [dev.name if dev else None for dev in devs],
        "devcontainer_status": [dev.status or None if dev else None for dev in devs],
        "dirty": [dev.dirty if dev else None for dev in devs],
    }


def _published(port: ContainerPort) -> str:
    inside = f"{port.port}/{port.network}"
    if not port.host_port:
        return inside
    host = f"[{port.host_ip}]" if ":" in port.host_ip else port.host_ip
    return f"{host}:{port.host_port}→{inside}" if host else f"{port.host_port}→{inside}"


def _object(pairs: Mapping[str, str] | None) -> str:
    return json.dumps(pairs or {}, ensure_ascii=False, sort_keys=True)
