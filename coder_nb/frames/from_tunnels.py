"""Tunnels -> a frame: where each leads, and what it has carried so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import pandas as pd

from coder_nb.frames import build
from coder_nb.frames.schema import Attrs

__all__ = ["tunnels"]


class Stats(Protocol):
    """How a tunnel is."""

    @property
    def state(self) -> str: ...
    @property
    def relay(self) -> str: ...
    @property
    def connections(self) -> int: ...
    @property
    def open(self) -> int: ...
    @property
    def refused(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def bytes_in(self) -> int: ...
    @property
    def bytes_out(self) -> int: ...
    @property
    def reason(self) -> str: ...


class Tunnel(Protocol):
    """A local port that leads into a workspace."""

    @property
    def workspace(self) -> str: ...
    @property
    def agent(self) -> str: ...
    @property
    def leads_to(self) -> str: ...
    @property
    def container(self) -> str | None: ...
    @property
    def url(self) -> str: ...
    @property
    def stats(self) -> Stats: ...


def tunnels(tunnels: Sequence[Tunnel], *, attrs: Attrs) -> pd.DataFrame:
    """Tunnels as a frame.

    Args:
        tunnels: in the order of the rows.
        attrs: what the frame says of itself.
    Returns:
        a row a tunnel: workspace, agent, target (there: host and port, or a socket's path), container, local (the
        address here), state (open, opening, lost or closed), relay, connections (so far), open (now), failed (refused
        or cut off), bytes_in, bytes_out, reason (of the last failure).
    """
    stats = [tunnel.stats for tunnel in tunnels]
    columns: build.Columns = {
        "workspace": [tunnel.workspace for tunnel in tunnels],
        "agent": [tunnel.agent for tunnel in tunnels],
        "target": [tunnel.leads_to for tunnel in tunnels],
        "container": [tunnel.container for tunnel in tunnels],
        "local": [tunnel.url for tunnel in tunnels],
        "state": [one.state for one in stats],
        "relay": [one.relay for one in stats],
        "connections": [one.connections for one in stats],
        "open": [one.open for one in stats],
        "failed": [one.refused + one.failed for one in stats],
        "bytes_in": [one.bytes_in for one in stats],
        "bytes_out": [one.bytes_out for one in stats],
        "reason": [one.reason or None for one in stats],
    }
    return build.frame("tunnels", columns, attrs=attrs)
