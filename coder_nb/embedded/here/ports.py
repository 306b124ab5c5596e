"""This machine's listening ports, as an agent sees them: TCP over IPv4, port 9 and above, each port once.

It leaves to the server what a server hides (its block list, the ports of apps), and it never fails for want of
permission: a process it may not see has the name "", and where the whole table is closed to it the list holds what its
own processes listen on.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Final

from coder_nb.embedded.state import ListeningPort

if TYPE_CHECKING:
    from psutil._ntuples import pconn, sconn

__all__ = ["ListeningPorts"]

# The agent's own profiling, metrics and debugging listeners.
AGENT_PORTS: Final = frozenset({6060, 2112, 2113})
LOWEST_PORT: Final = 9
CACHE_SECONDS: Final = 1.0


class ListeningPorts:
    """The table of listeners, read again at most once a second."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._read_at = float("-inf")
        self._ports: list[ListeningPort] = []

    def read(self) -> list[ListeningPort]:
        """What listens now, or at most a second ago, by port."""
        with self._lock:
            if time.monotonic() - self._read_at >= CACHE_SECONDS:
                self._ports = _read()
                self._read_at = time.monotonic()
            return self._ports.copy()


def _read() -> list[ListeningPort]:
    import psutil

    names: dict[int, str] = {}
    try:
        found = _listening((connection, connection.pid) for connection in psutil.net_connections(kind="tcp4"))
    except psutil.AccessDenied:
        # macOS shows the whole table to root only.
        found = _listening(_own_connections())
    for port, pid in found:
        names[port] = names.get(port) or _process_name(pid)
    return [ListeningPort(names[port], "tcp", port) for port in sorted(names)]


def _listening(connections: Iterable[tuple[sconn | pconn, int | None]]) -> list[tuple[int, int | None]]:
    found = []
    for connection, pid in connections:
        if connection.status == "LISTEN" and connection.laddr:
            port = connection.laddr.port
            if port >= LOWEST_PORT and port not in AGENT_PORTS:
                found.append((port, pid))
    return found


def _own_connections() -> list[tuple[pconn, int]]:
    import psutil

    found: list[tuple[pconn, int]] = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            found += [(connection, process.pid) for connection in process.net_connections(kind="tcp4")]
    return found


def _process_name(pid: int | None) -> str:
    import psutil

    if pid is None:
        return ""
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return ""
