"""This machine's containers, from a docker or podman CLI: `ps -a`, then one `inspect`, read again after 10 seconds.

A CLI that has never answered (not installed, no daemon) means an empty list, with its words as a warning where it is
installed; one that answered before and now fails is an AgentError with the text an agent would give. It changes
nothing: no other command is ever run.
"""

from __future__ import annotations

import ipaddress
import json
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Final

from coder_nb.embedded.state import AgentError, Container, ContainerListing, ContainerPort

__all__ = ["Containers", "from_inspect", "port_warnings"]

CACHE_SECONDS: Final = 10.0
CALL_SECONDS: Final = 15.0
ENGINES: Final = ("docker", "podman")


class Containers:
    """All containers of this machine, the exited ones too.

    Args:
        engines: command names or paths, tried in order.
    """

    def __init__(self, engines: Sequence[str] = ENGINES) -> None:
        self._engines = engines
        self._lock = Lock()
        self._answered: str | None = None
        self._read_at = float("-inf")
        self._listing = ContainerListing()

    def read(self) -> ContainerListing:
        """The containers by name, and warnings; at most 10 seconds old.

        Raises:
            AgentError: the engine answered before and fails now.
        """
        with self._lock:
            if time.monotonic() - self._read_at >= CACHE_SECONDS:
                self._listing = self._ask_any()
                self._read_at = time.monotonic()
            return self._listing

    def _ask_any(self) -> ContainerListing:
        if self._answered:
            return _ask(self._answered)
        warnings = []
        for engine in filter(shutil.which, self._engines):
            try:
                listing = _ask(engine)
            except AgentError as error:
                warnings.append(error.detail)
            else:
                self._answered = engine
                return listing
        return ContainerListing([], None, warnings)


def _ask(engine: str) -> ContainerListing:
    ids = _run([engine, "ps", "--all", "--quiet", "--no-trunc"]).split()
    if not ids:
        return ContainerListing([])
    containers = [from_inspect(entry) for entry in json.loads(_run([engine, "inspect", *ids]))]
    containers.sort(key=lambda container: container.name)
    return ContainerListing(containers, None, port_warnings(containers))


def _run(command: list[str]) -> str:
    what = f"run {Path(command[0]).name} {command[1]}"
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command line
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=CALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise _failed(f"{what}: signal: killed: context deadline exceeded") from None
    except OSError as error:
        raise _failed(f"{what}: {error}") from None
    # A container removed between ps and inspect makes inspect fail although it prints the others.
    if done.returncode and not done.stdout.lstrip().startswith("[{"):
        ending = f"exit status {done.returncode}"
        raise _failed(f'{what}: {ending}: "{done.stderr.strip()}": {ending}')
    return done.stdout


def _failed(detail: str) -> AgentError:
    return AgentError("Could not get containers", detail=detail)


def from_inspect(entry: Mapping[str, Any]) -> Container:
    """One container, from its object in the output of `docker inspect`."""
    state, config = entry["State"], entry["Config"]
    published = (entry.get("NetworkSettings") or {}).get("Ports") or {}
    return Container(
        id=entry["Id"],
        name=entry["Name"].removeprefix("/"),
        created_at=entry["Created"],
        image=config["Image"],
        labels=config.get("Labels") or {},
        running=state["Running"],
        status=_status(state),
        ports=_ports(published),
        volumes={mount.get("Source", ""): mount["Destination"] for mount in entry.get("Mounts") or ()},
    )


def _status(state: Mapping[str, Any]) -> str:
    if state["Running"]:
        return "running"
    code = state.get("ExitCode", 0)
    text = f"exited with code {code}" if code else "exited successfully"
    return f"{text}: {state['Error']}" if state.get("Error") else text


def _ports(published: Mapping[str, Any]) -> list[ContainerPort]:
    ports: list[ContainerPort] = []
    seen: set[tuple[int, str, int]] = set()
    for name, bindings in published.items():
        port, _, network = name.partition("/")
        for binding in bindings or ():
            one = ContainerPort(int(port), network or "tcp", binding.get("HostIp", ""), int(binding["HostPort"]))
            # An engine publishes on IPv4 and IPv6 alike; that is one port to whoever reads the list.
            if _everywhere_or_loopback(one.host_ip):
                if (one.port, one.network, one.host_port) in seen:
                    continue
                seen.add((one.port, one.network, one.host_port))
            ports.append(one)
    return ports


def _everywhere_or_loopback(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text or "0.0.0.0")  # noqa: S104 - read, not bound
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def port_warnings(containers: Sequence[Container]) -> list[str]:
    """A line for each host port that more than one container claims."""
    owners: dict[int, set[str]] = {}
    for container in containers:
        for port in container.ports:
            owners.setdefault(port.host_port, set()).add(container.id)
    return [
        f"host port {port} is mapped to multiple containers on different interfaces: {', '.join(sorted(ids))}"
        for port, ids in sorted(owners.items())
        if len(ids) > 1
    ]
